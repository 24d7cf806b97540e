//! A TCP relay between a node and its database that can be cut and restored.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

/// How the relay treats connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Carries what is said.
    Up,
    /// Breaks connections and takes no new ones, as a server that is down.
    Down,
    /// Keeps connections and carries nothing, as a network that drops every packet.
    Silent,
}

/// The relay; it ends when it is dropped.
pub(crate) struct Relay {
    pub(crate) port: u16,
    line: watch::Sender<Line>,
    swallow: Arc<AtomicBool>,
    _serving: AbortOnDropHandle<()>,
}

impl Relay {
    /// A relay to this address.
    pub(crate) async fn start(to: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let (line, swallow) = (watch::Sender::new(Line::Up), Arc::default());
        let serving = serve(listener, to, line.clone(), Arc::clone(&swallow));
        let serving = AbortOnDropHandle::new(tokio::spawn(serving));
        Self {
            port,
            line,
            swallow,
            _serving: serving,
        }
    }

    pub(crate) fn set(&self, line: Line) {
        self.line.send_replace(line);
    }

    /// Lets the next COMMIT through and breaks the connection in place of its answer.
    pub(crate) fn swallow_next_answer_to_commit(&self) {
        self.swallow.store(true, Ordering::SeqCst);
    }

    /// Whether that has not happened yet.
    pub(crate) fn is_waiting_for_commit(&self) -> bool {
        self.swallow.load(Ordering::SeqCst)
    }
}

async fn serve(
    listener: TcpListener,
    to: String,
    line: watch::Sender<Line>,
    swallow: Arc<AtomicBool>,
) {
    let mut carried = tokio::task::JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        let (to, line, swallow) = (to.clone(), line.subscribe(), Arc::clone(&swallow));
        carried.spawn(carry(near, to, line, swallow));
    }
}

/// One connection, for as long as the line lets it live.
async fn carry(
    mut near: TcpStream,
    to: String,
    mut line: watch::Receiver<Line>,
    swallow: Arc<AtomicBool>,
) {
    let carried = async {
        let mut far = TcpStream::connect(to).await?;
        listen_in(&mut near, &mut far, &swallow).await
    };
    tokio::select! {
        // However it ends, both sides see it end.
        _ = carried, if *line.borrow() == Line::Up => return,
        _ = line.wait_for(|line| *line != Line::Up) => {}
    }
    // A connection that fell silent stays so until it is broken: the network has forgotten it.
    let _ = line.wait_for(|line| *line == Line::Down).await;
}

/// Carries both ways until the answer to a COMMIT is to be swallowed.
async fn listen_in(
    near: &mut TcpStream,
    far: &mut TcpStream,
    swallow: &AtomicBool,
) -> std::io::Result<()> {
    let mut said = vec![0; 64 << 10];
    let mut answered = vec![0; 64 << 10];
    loop {
        tokio::select! {
            read = near.read(&mut said) => {
                let heard = &said[..read?];
                if heard.is_empty() {
                    return Ok(());
                }
                far.write_all(heard).await?;
                let commits = heard.windows(6).any(|bytes| bytes == b"COMMIT");
                if commits && swallow.swap(false, Ordering::SeqCst) {
                    // The server has answered, so it has committed.
                    return far.read(&mut answered).await.map(drop);
                }
            }
            read = far.read(&mut answered) => {
                let heard = &answered[..read?];
                if heard.is_empty() {
                    return Ok(());
                }
                near.write_all(heard).await?;
            }
        }
    }
}
