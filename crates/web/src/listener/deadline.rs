//! A request body that must arrive in time: a byte every ten seconds would hold its room for ever. A large one
//! (an upload) gets longer, as long as it keeps coming.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

/// A body has this long to arrive, from when it is first read.
pub(super) const BODY_WITHIN: Duration = Duration::from_secs(30);
/// And a second more for each of so many bytes that came: half a megabit per second, which any office has.
const BYTES_A_SECOND: u64 = 64 * 1024;

/// The body did not arrive in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the body did not arrive within {} s and a second for each {BYTES_A_SECOND} bytes of it",
    BODY_WITHIN.as_secs()
)]
pub(crate) struct TooSlow;

/// A body with a time limit.
pub(super) struct Deadline<B> {
    body: B,
    came: u64,
    timer: Option<Timer>,
}

struct Timer {
    began: Instant,
    sleep: Pin<Box<Sleep>>,
}

impl<B> Deadline<B> {
    pub(super) fn new(body: B) -> Self {
        Self {
            body,
            came: 0,
            timer: None,
        }
    }

    /// Whether the time is over for what has come by now; else the timer is set for it.
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        let timer = self.timer.get_or_insert_with(|| Timer {
            began: Instant::now(),
            sleep: Box::pin(sleep(BODY_WITHIN)),
        });
        let more = Duration::from_secs(self.came / BYTES_A_SECOND);
        let until = timer.began + BODY_WITHIN + more;
        while timer.sleep.as_mut().poll(context).is_ready() {
            if until <= Instant::now() {
                return true;
            }
            timer.sleep.as_mut().reset(until);
        }
        false
    }
}

impl<B> Body for Deadline<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            self.came += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        // Most bodies are here with their headers and never need a timer.
        if polled.is_ready() && self.timer.is_none() {
            return polled.map_err(Into::into);
        }
        if self.is_over(context) {
            return Poll::Ready(Some(Err(TooSlow.into())));
        }
        polled.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use futures_util::stream;
    use http_body_util::{BodyExt, Full, StreamBody};

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_in_is_cut_after_thirty_seconds() {
        let trickle = stream::unfold((), |()| async {
            sleep(Duration::from_secs(10)).await;
            Some((
                Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"x"))),
                (),
            ))
        });
        let began = Instant::now();
        let body = Deadline::new(StreamBody::new(Box::pin(trickle)));
        let error = body.collect().await.expect_err("cut");
        assert!(error.is::<TooSlow>());
        assert_eq!(began.elapsed().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_body_has_time_as_long_as_it_keeps_coming() {
        let every_second = |bytes: usize| {
            stream::unfold(0, move |seconds| async move {
                sleep(Duration::from_secs(1)).await;
                let data = Frame::data(Bytes::from(vec![0; bytes]));
                (seconds < 300).then_some((Ok::<_, Infallible>(data), seconds + 1))
            })
        };
        let steady = StreamBody::new(Box::pin(every_second(64 * 1024)));
        let body = Deadline::new(steady).collect().await.expect("all of it");
        assert_eq!(body.to_bytes().len(), 300 * 64 * 1024);
        let began = Instant::now();
        let half = StreamBody::new(Box::pin(every_second(32 * 1024)));
        let error = Deadline::new(half).collect().await.expect_err("cut");
        assert!(error.is::<TooSlow>());
        assert!((58..=61).contains(&began.elapsed().as_secs()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_is_there_is_read_without_a_timer() {
        let mut body = Deadline::new(Full::new(Bytes::from_static(b"all of it")));
        assert_eq!(body.size_hint().exact(), Some(9));
        let frame = body.frame().await.expect("a frame").expect("data");
        assert_eq!(
            frame.into_data().ok(),
            Some(Bytes::from_static(b"all of it"))
        );
        assert!(body.is_end_stream() && body.timer.is_none());
    }
}
