//! Our own accept loop: TLS, time limits, a cap on connections, a graceful end.

mod deadline;
pub(crate) mod entrance;
mod seats;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use self::deadline::Deadline;
use crate::tls::Certificate;

pub(crate) use self::deadline::TooSlow;
pub(crate) use self::seats::{Seats, neighbourhood};

/// A client has this long to send its headers; hyper counts a kept connection's wait for the next
/// request as well. Ten seconds and a bit: with ten, a sender that comes every ten seconds would
/// meet its connection just as it closes.
const HEADERS_WITHIN: Duration = Duration::from_secs(11);
/// And this long for the TLS handshake.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// Connections under way get this long at the end.
const END_WITHIN: Duration = Duration::from_secs(5);
/// Bytes of headers that are read.
const HEADER_BYTES: u32 = 64 * 1024;
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 256;
/// Connections that may wait to be accepted, as far as the system allows (`net.core.somaxconn`). Whoever comes while these
/// are full waits a second for the next try, and with 128, as usual, a storm of senders fills them at once.
const WAITING: u32 = 4096;
/// An HTTP/2 connection is asked this often whether it is still there.
const PING_EVERY: Duration = Duration::from_secs(20);

/// What to serve, and how.
pub struct Listener {
    /// The bound socket.
    pub socket: TcpListener,
    /// What clients are shown, which may change; `None` for plain HTTP.
    pub tls: Option<Certificate>,
    /// The site.
    pub router: Router,
}

/// A socket that listens at `address`. Errors are the system's, such as an address that is taken.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A node that starts anew must not wait for connections of the last one to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// Serves until `stop`, then lets requests under way end.
pub async fn serve(listener: Listener, stop: CancellationToken) -> io::Result<()> {
    let Listener {
        socket,
        tls,
        router,
    } = listener;
    let graceful = GracefulShutdown::new();
    let seats = Arc::new(Seats::default());
    let tasks = tokio_util::task::TaskTracker::new();
    while let Some((stream, peer, seat)) = entrance::next(&socket, &seats, &stop).await {
        let (router, watcher) = (router.clone(), graceful.watcher());
        let tls = tls.as_ref().map(|tls| TlsAcceptor::from(tls.shown()));
        tasks.spawn(async move {
            let _seat = seat;
            if let Some(stream) = secured(tls, stream).await {
                connection(stream, peer, router, watcher).await;
            }
        });
    }
    drop(socket);
    if tokio::time::timeout(END_WITHIN, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::info!("connections were still open at the end");
    }
    Ok(())
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

async fn secured(tls: Option<TlsAcceptor>, stream: TcpStream) -> Option<Box<dyn Stream>> {
    let Some(tls) = tls else {
        return Some(Box::new(stream));
    };
    match tokio::time::timeout(HANDSHAKE_WITHIN, tls.accept(stream)).await {
        Ok(Ok(stream)) => Some(Box::new(stream)),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a TLS handshake failed");
            None
        }
        Err(_) => None,
    }
}

async fn connection(stream: Box<dyn Stream>, peer: SocketAddr, router: Router, watcher: Watcher) {
    let spoke = CancellationToken::new();
    let service = {
        let spoke = spoke.clone();
        hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
            spoke.cancel();
            request.extensions_mut().insert(ConnectInfo(peer));
            let request = request.map(|body| Body::new(Deadline::new(body)));
            router.clone().oneshot(request)
        })
    };
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(HEADER_BYTES as usize)
        .keep_alive(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADER_BYTES)
        .keep_alive_interval(Some(PING_EVERY));
    let served = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    let ended = tokio::select! {
        ended = watcher.watch(served) => ended,
        () = silence(&spoke) => return,
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection ended badly");
    }
}

/// Ends when the time for the first request is over and none has come. Neither finding out the
/// version of HTTP nor HTTP/2's first bytes have a time limit of their own.
async fn silence(spoke: &CancellationToken) {
    if tokio::time::timeout(HEADERS_WITHIN, spoke.cancelled())
        .await
        .is_ok()
    {
        std::future::pending::<()>().await;
    }
}
