//! Mails that come in: an SMTP listener (RFC 5321) for sources of kind `mail` and answers to our own mails.
//!
//! It relays nothing and knows no recipient but sources (`{source}[+{token}]@…`) and what our mails ask to be answered to
//! (`ack+{token}@` the document's `reply_domain`). `250` after the content is given only
//! once the alert is on disk in every source that it was for; what cannot be stored is answered 4xx, so that the
//! sender's queue keeps it. Lines end with CRLF and content with CRLF `.` CRLF alone: with laxer ends a mail can smuggle
//! another (CVE-2023-51764 and its kin). SPF, DKIM and DMARC are not looked at; networks and tokens decide.

mod answers;
mod content;
mod dialogue;
mod door;
mod hops;
mod keep;
mod line;
mod recipient;
mod repeats;
mod reply;
mod session;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use balefire_engine::engine::Engine;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::door::Door;
use crate::listener::{Seats, entrance};
use crate::tls::Certificate;

/// Connections in all: mails are few, and each may hold a body.
const IN_ALL: usize = 256;
/// Connections from one address that is not this machine.
const PER_ADDRESS: usize = 32;
/// Sessions under way get this long at the end.
const END_WITHIN: Duration = Duration::from_secs(5);

/// What to serve mails on.
pub struct MailListener {
    /// The bound socket.
    pub socket: TcpListener,
    /// What STARTTLS shows; without one it is not offered.
    pub tls: Option<Certificate>,
    /// Where mails go.
    pub engine: Engine,
}

/// Serves until `stop`, then lets sessions under way end.
pub async fn serve(listener: MailListener, stop: CancellationToken) -> io::Result<()> {
    let MailListener {
        socket,
        tls,
        engine,
    } = listener;
    let seats = Arc::new(Seats::of(IN_ALL, PER_ADDRESS));
    let door = Arc::new(Door::new(engine, tls, stop.clone()));
    let sessions = TaskTracker::new();
    while let Some((stream, peer, seat)) = entrance::next(&socket, &seats, &stop).await {
        let door = Arc::clone(&door);
        sessions.spawn(async move {
            let _seat = seat;
            session::hold(&door, peer.ip(), Box::new(stream)).await;
        });
    }
    drop(socket);
    sessions.close();
    if tokio::time::timeout(END_WITHIN, sessions.wait())
        .await
        .is_err()
    {
        tracing::info!("mail sessions were still open at the end");
    }
    Ok(())
}
