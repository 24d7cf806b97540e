//! What is said in clear before TLS begins, for servers that ask for it: mail, directories, databases, files, chat.
//!
//! No more is said than it takes, and nothing of it is secret. What the server says is bounded in lines and bytes, and read
//! byte by byte up to the word that lets TLS begin: what follows it belongs to the handshake, so whoever slips something
//! in between gets no hearing.

mod binary;
mod lines;
#[cfg(test)]
mod tests;

use balefire_core::monitor::StartTls;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::shown;

/// Bytes that a server may say before TLS begins.
const MOST: usize = 16 * 1024;

/// Brings a connection to where TLS begins, or says why it does not: what the server said is in the words.
pub(super) async fn begin<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    protocol: StartTls,
    name: &str,
) -> Result<S, String> {
    let mut talk = Talk { stream, left: MOST };
    match protocol {
        StartTls::Smtp => lines::smtp(&mut talk).await,
        StartTls::Imap => lines::imap(&mut talk).await,
        StartTls::Pop3 => lines::pop3(&mut talk).await,
        StartTls::Ftp => lines::ftp(&mut talk).await,
        StartTls::Xmpp => lines::xmpp(&mut talk, name).await,
        StartTls::Ldap => binary::ldap(&mut talk).await,
        StartTls::Postgres => binary::postgres(&mut talk).await,
        StartTls::Mysql => binary::mysql(&mut talk).await,
    }?;
    Ok(talk.stream)
}

/// A dialogue under way.
struct Talk<S> {
    stream: S,
    /// Bytes that the server may still say.
    left: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<S> {
    async fn say(&mut self, bytes: &[u8]) -> Result<(), String> {
        let said = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        said.await
            .map_err(|error| format!("the connection broke off: {error}"))
    }

    async fn byte(&mut self) -> Result<u8, String> {
        self.left = self
            .left
            .checked_sub(1)
            .ok_or_else(|| format!("it says more than {MOST} bytes before TLS begins"))?;
        let read = self.stream.read_u8().await;
        read.map_err(|error| format!("the connection broke off before TLS began: {error}"))
    }

    async fn bytes(&mut self, count: usize) -> Result<Vec<u8>, String> {
        if count > self.left {
            return Err(format!("it says more than {MOST} bytes before TLS begins"));
        }
        self.left -= count;
        let mut bytes = vec![0; count];
        let read = self.stream.read_exact(&mut bytes).await;
        read.map_err(|error| format!("the connection broke off before TLS began: {error}"))?;
        Ok(bytes)
    }
}

/// What a server said in place of what was waited for.
fn other(wanted: &str, said: &str) -> String {
    match shown(said.trim()).as_str() {
        "" => format!("{wanted}: it said nothing"),
        said => format!("{wanted}: it said {said:?}"),
    }
}
