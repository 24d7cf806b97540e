//! The stream that tells open pages that something has changed.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::error::Problem;
use crate::state::WebState;

/// Streams at once.
pub(super) const STREAMS: usize = 256;
/// Ticks are this far apart at least.
const APART: Duration = Duration::from_millis(500);
/// An alert comes, is decided on and is delivered within a few milliseconds: one tick tells it all.
const TOGETHER: Duration = Duration::from_millis(50);
/// A page that hears nothing for twice as long says that it has lost the connection.
const ALIVE: Duration = Duration::from_secs(2);
/// A stream ends after this long and the browser opens another, so that who may no longer look is let go.
const LIFE: Duration = Duration::from_mins(10);

/// One page's stream.
struct Listener {
    changes: watch::Receiver<u64>,
    stopping: CancellationToken,
    until: Instant,
    /// No tick before this.
    not_before: Instant,
    _seat: OwnedSemaphorePermit,
}

/// `GET /console/events`: `changed` when a page should look again, `alive` when nothing happens.
pub(super) async fn events(
    State(state): State<WebState>,
    Extension(seats): Extension<Arc<Semaphore>>,
) -> Response {
    let Ok(seat) = seats.try_acquire_owned() else {
        return Problem::busy("too many pages are open; this one still works by reloading")
            .into_response();
    };
    let listener = Listener {
        changes: state.engine.changes(),
        stopping: state.engine.stopping().clone(),
        until: Instant::now() + LIFE,
        not_before: Instant::now(),
        _seat: seat,
    };
    Sse::new(stream::unfold(listener, next)).into_response()
}

async fn next(mut listener: Listener) -> Option<(Result<Event, Infallible>, Listener)> {
    if listener.stopping.is_cancelled() || Instant::now() >= listener.until {
        return None;
    }
    let stopping = listener.stopping.clone();
    let name = tokio::select! {
        () = stopping.cancelled() => return None,
        heard = timeout(ALIVE, listener.changes.changed()) => match heard {
            Err(_) => "alive",
            Ok(Err(_)) => return None,
            Ok(Ok(())) => {
                let at = listener.not_before.max(Instant::now() + TOGETHER);
                sleep_until(at).await;
                listener.changes.mark_unchanged();
                listener.not_before = at + APART;
                "changed"
            }
        },
    };
    // Browsers pass over an event without data.
    Some((Ok(Event::default().event(name).data(name)), listener))
}
