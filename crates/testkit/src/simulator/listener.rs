//! The listener: connections, the request's bytes, and the misbehaviour that the script asks for.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::{Stage, control};
use crate::mode::Mode;
use crate::provider::{Call, Desk, Fault, Judged};
use crate::received::{Received, Verdict};
use crate::reply::{Reply, ReplyBody};

/// Largest request body that is read.
const MAX_REQUEST_BYTES: usize = 64 << 20;

/// The connection is given up without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut")]
pub(super) struct CutOff;

/// Accepts connections until the simulator stops.
pub(super) async fn accept(listener: TcpListener, stage: Arc<Stage>) {
    let stop = stage.stop.clone();
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of file handles or a connection that is gone already: the next may do.
                Err(error) => {
                    tracing::debug!(%error, "accept failed");
                    tokio::task::yield_now().await;
                    continue;
                }
            },
        };
        tokio::spawn(serve(stream, Arc::clone(&stage)));
    }
}

async fn serve(stream: TcpStream, stage: Arc<Stage>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let reset = Arc::new(AtomicBool::new(false));
    let line = Line {
        stream,
        reset: Arc::clone(&reset),
    };
    let stop = stage.stop.clone();
    let service = service_fn(|request| answer(request, &stage, &reset));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(line), service);
    tokio::select! {
        () = stop.cancelled() => {}
        // A connection that ends badly is either what the script asked for or the client's doing.
        _ended = connection => {}
    }
}

async fn answer(
    request: Request<Incoming>,
    stage: &Stage,
    reset: &AtomicBool,
) -> Result<Response<ReplyBody>, CutOff> {
    let (parts, body) = request.into_parts();
    if control::owns(&parts) {
        let Ok(body) = read(body).await else {
            return Ok(Reply::text(413, "too large").whole());
        };
        return Ok(control::answer(stage, &parts, &body).whole());
    }
    let at_root = stage.at_root(&parts);
    let desk = at_root.unwrap_or_else(|| stage.desk(parts.uri.path()));
    let mode = desk.book().next_mode();
    if mode == Mode::ResetBeforeReply {
        let judged = Judged::new(Verdict::Cut, "", Reply::text(500, ""));
        write_down(stage, desk, call(parts, Bytes::new()), &judged);
        reset.store(true, Ordering::SeqCst);
        return Err(CutOff);
    }
    let Ok(body) = read(body).await else {
        return Ok(Reply::text(413, "too large").whole());
    };
    let call = call(parts, body);
    let judged = judge(stage, desk, &call, &mode);
    write_down(stage, desk, call, &judged);
    match mode {
        Mode::Hang => {
            stage.stop.cancelled().await;
            Err(CutOff)
        }
        Mode::ResetAfterBody | Mode::ResetBeforeReply => {
            reset.store(true, Ordering::SeqCst);
            Err(CutOff)
        }
        Mode::Drip { bytes_per_sec } => Ok(judged.reply.dripping(bytes_per_sec)),
        Mode::HalfReply => Ok(judged.reply.halved()),
        Mode::EndlessBody => Ok(judged.reply.endless()),
        Mode::HugeBody => Ok(judged.reply.huge()),
        Mode::Ok
        | Mode::ErrCode(..)
        | Mode::Status(..)
        | Mode::RateLimited(_)
        | Mode::ExpiredToken
        | Mode::Redirect(_) => Ok(judged.reply.whole()),
    }
}

/// What the provider makes of a call in this mode.
fn judge(stage: &Stage, desk: &dyn Desk, call: &Call, mode: &Mode) -> Judged {
    let rules = desk.rules();
    let reply = match mode {
        Mode::ErrCode(code, words) => rules.fault(&Fault::Code(*code, words.clone())),
        Mode::RateLimited(seconds) => rules.fault(&Fault::RateLimited(*seconds)),
        Mode::ExpiredToken => rules.fault(&Fault::ExpiredToken),
        Mode::Redirect(url) => Reply::text(302, "").header("location", url.clone()),
        Mode::Status(status, headers, body) => Reply {
            status: *status,
            headers: headers.clone(),
            body: Bytes::from(body.clone()),
        },
        _ => return rules.judge(call, stage.clock.now()),
    };
    Judged::new(
        Verdict::Refused(format!("as scripted: {mode:?}")),
        "",
        reply,
    )
}

fn call(parts: Parts, body: Bytes) -> Call {
    Call {
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        body,
    }
}

fn write_down(stage: &Stage, desk: &dyn Desk, call: Call, judged: &Judged) {
    desk.book().record(Received {
        seq: 0,
        provider: "",
        account: judged.account.clone(),
        at: stage.clock.now(),
        method: call.method.to_string(),
        target: call.uri.to_string(),
        headers: call.headers,
        body: call.body,
        verdict: judged.verdict.clone(),
        notes: judged.notes.clone(),
    });
}

async fn read(body: Incoming) -> Result<Bytes, CutOff> {
    let whole = Limited::new(body, MAX_REQUEST_BYTES).collect().await;
    whole
        .map(http_body_util::Collected::to_bytes)
        .map_err(|_| CutOff)
}

/// A connection that can be ended with a reset instead of a farewell.
struct Line {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.reset.load(Ordering::SeqCst) {
            // Without lingering, closing sends RST.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.load(Ordering::SeqCst) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
