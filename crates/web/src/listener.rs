//! Our own accept loop: TLS, header time-outs, a cap on connections, a graceful end.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// A client has this long to send its headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// And this long for the TLS handshake.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// Connections in all.
const CONNECTIONS: usize = 8192;
/// Connections from one address that is not this machine.
const PER_ADDRESS: usize = 512;
/// Connections under way get this long at the end.
const END_WITHIN: Duration = Duration::from_secs(5);

/// What to serve, and how.
pub struct Listener {
    /// The bound socket.
    pub socket: TcpListener,
    /// TLS, swapped whole when the certificate files change; `None` for plain HTTP.
    pub tls: Option<Arc<arc_swap::ArcSwap<tokio_rustls::rustls::ServerConfig>>>,
    /// The site.
    pub router: Router,
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
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = socket.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, mostly: give the others time to end.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(seat) = seats.take(peer.ip()) else {
            continue;
        };
        let (router, watcher) = (router.clone(), graceful.watcher());
        let tls = tls.as_ref().map(|tls| TlsAcceptor::from(tls.load_full()));
        tasks.spawn(async move {
            let _seat = seat;
            // Small answers must not wait for the other side's acknowledgement.
            let _ = stream.set_nodelay(true);
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

async fn connection(
    stream: Box<dyn Stream>,
    peer: SocketAddr,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request.map(axum::body::Body::new))
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(64 * 1024)
        .keep_alive(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(256)
        .max_header_list_size(64 * 1024)
        .keep_alive_interval(Some(Duration::from_secs(20)));
    let served = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!(%error, %peer, "a connection ended badly");
    }
}

/// How many connections each address has.
#[derive(Default)]
struct Seats {
    taken: Mutex<(usize, std::collections::HashMap<IpAddr, usize>)>,
}

/// A taken seat; given back when the connection ends.
struct Seat {
    seats: Arc<Seats>,
    address: IpAddr,
}

impl Seats {
    fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let mut taken = self.taken.lock();
        let here = taken.1.get(&address).copied().unwrap_or(0);
        if taken.0 >= CONNECTIONS || (here >= PER_ADDRESS && !address.is_loopback()) {
            return None;
        }
        taken.0 += 1;
        *taken.1.entry(address).or_default() += 1;
        drop(taken);
        Some(Seat {
            seats: Arc::clone(self),
            address,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock();
        taken.0 = taken.0.saturating_sub(1);
        if let Some(here) = taken.1.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                taken.1.remove(&self.address);
            }
        }
    }
}
