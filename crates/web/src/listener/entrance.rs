//! Who comes in: the next connection that there is a seat for.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::seats::{Seat, Seats};

/// How long after a connection could not be accepted the next one is: out of file descriptors, mostly, and the others
/// need time to end.
const AGAIN: Duration = Duration::from_millis(50);

/// The next connection with its seat, which is given back when it is dropped; `None` once `stop` is cancelled. One for
/// which there is no seat is closed.
pub(crate) async fn next(
    socket: &TcpListener,
    seats: &Arc<Seats>,
    stop: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, Seat)> {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return None,
            accepted = socket.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Some(seat) = seats.take(peer.ip()) {
                    // Small answers must not wait for the other side's acknowledgement.
                    let _ = stream.set_nodelay(true);
                    return Some((stream, peer, seat));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}
