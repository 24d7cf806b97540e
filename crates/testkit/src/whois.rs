//! A whois service on the loopback (RFC 3912): one line is asked, a text is the answer, then it hangs up.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Longest question that is read, in bytes.
const LONGEST: u64 = 512;
/// What is said of names that nobody has.
const NOBODY: &str = "No matching record.\r\n";

/// A whois service; it ends when it is dropped.
#[derive(Debug)]
pub struct WhoisSim {
    port: u16,
    task: JoinHandle<()>,
}

impl WhoisSim {
    /// Starts one that answers these questions, and says of all others that nobody has the name.
    pub async fn start<'a>(
        answers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> io::Result<Self> {
        let own = |(asked, said): (&str, &str)| (asked.to_owned(), said.to_owned());
        let answers: Arc<BTreeMap<String, String>> =
            Arc::new(answers.into_iter().map(own).collect());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Whoever hangs up early needs no answer.
                let _ = answer(stream, &answers).await;
            }
        });
        Ok(Self { port, task })
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for WhoisSim {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers in two pieces, as services under load do.
async fn answer(mut stream: TcpStream, answers: &BTreeMap<String, String>) -> io::Result<()> {
    let mut asked = String::new();
    let (read, mut write) = stream.split();
    BufReader::new(read.take(LONGEST))
        .read_line(&mut asked)
        .await?;
    let said = answers.get(asked.trim_end()).map_or(NOBODY, String::as_str);
    let (one, other) = said.as_bytes().split_at(said.len() / 2);
    write.write_all(one).await?;
    write.flush().await?;
    write.write_all(other).await?;
    write.shutdown().await
}
