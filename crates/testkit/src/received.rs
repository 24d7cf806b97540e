//! What a simulated provider got, and what it made of it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use balefire_core::time::Time;
use bytes::Bytes;
use http::HeaderMap;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::watch;

use crate::mode::{Mode, Script};

/// What the provider made of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A message that people see.
    Accepted,
    /// A message that was seen before (idempotency key, duplicate check): answered well, shown once.
    Repeated,
    /// Answered well and shown to nobody, as some providers do over a limit.
    Dropped,
    /// A good call that is no message: a token, an upload, a check.
    Answered,
    /// Refused, with the provider's code and words.
    Refused(String),
    /// The connection was cut before the request was read.
    Cut,
}

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// Number in order of arrival over all providers of one simulator, from 1.
    pub seq: u64,
    /// The provider, by its account kind: `dingtalk_robot`, `wecom_app` …
    pub provider: &'static str,
    /// Which account of it: a robot's token, an app's agent id, a hook's name; empty if unknown.
    pub account: String,
    /// When it had been read, on the simulator's clock.
    pub at: Time,
    /// The HTTP method.
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// The request's headers.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: Bytes,
    /// What the provider made of it.
    pub verdict: Verdict,
    /// What a vendor would not refuse and a reader would still miss: a mention that will not light
    /// up, a text that is cut.
    pub notes: Vec<String>,
}

impl Received {
    /// The body as JSON; `Null` if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The body as text, with replacement characters where it is no UTF-8.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The value of a header, if there is one and it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// How much has arrived since the start or the last reset, also of what is no longer kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests of every kind.
    pub requests: u64,
    /// Messages that people see.
    pub accepted: u64,
}

/// How much of what arrived is kept for looking at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keep {
    pub(crate) requests: usize,
    pub(crate) bytes: usize,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            requests: 10_000,
            bytes: 64 << 20,
        }
    }
}

#[derive(Debug, Default)]
struct Shelf {
    kept: VecDeque<Received>,
    bytes: usize,
}

/// One provider's record and its script.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) name: &'static str,
    keep: Keep,
    seq: Arc<AtomicU64>,
    shelf: Mutex<Shelf>,
    counts: watch::Sender<Counts>,
    script: Mutex<Script<Mode>>,
}

impl Book {
    pub(crate) fn new(name: &'static str, keep: Keep, seq: Arc<AtomicU64>) -> Self {
        let counts = watch::Sender::new(Counts::default());
        Self {
            name,
            keep,
            seq,
            shelf: Mutex::default(),
            counts,
            script: Mutex::default(),
        }
    }

    /// Writes a request down; its number and provider are filled in here.
    pub(crate) fn record(&self, mut received: Received) {
        received.provider = self.name;
        let accepted = received.verdict == Verdict::Accepted;
        {
            let mut held = self.shelf.lock();
            received.seq = self.seq.fetch_add(1, Ordering::Relaxed) + 1;
            held.bytes += received.body.len();
            held.kept.push_back(received);
            while held.kept.len() > self.keep.requests || held.bytes > self.keep.bytes {
                let Some(oldest) = held.kept.pop_front() else {
                    break;
                };
                held.bytes -= oldest.body.len();
            }
        }
        self.counts.send_modify(|counts| {
            counts.requests += 1;
            counts.accepted += u64::from(accepted);
        });
    }

    pub(crate) fn next_mode(&self) -> Mode {
        self.script.lock().next().unwrap_or(Mode::Ok)
    }

    pub(crate) fn plan(&self, mode: Mode, times: Option<u32>) {
        self.script.lock().add(mode, times);
    }

    pub(crate) fn heal(&self) {
        self.script.lock().clear();
    }

    /// Forgets what arrived; the script stays.
    pub(crate) fn clear(&self) {
        *self.shelf.lock() = Shelf::default();
        self.counts.send_replace(Counts::default());
    }

    pub(crate) fn counts(&self) -> Counts {
        *self.counts.borrow()
    }

    pub(crate) fn kept(&self, wanted: impl Fn(&Received) -> bool) -> Vec<Received> {
        self.shelf
            .lock()
            .kept
            .iter()
            .filter(|received| wanted(received))
            .cloned()
            .collect()
    }

    pub(crate) async fn wait(&self, enough: impl FnMut(&Counts) -> bool) {
        let mut counts = self.counts.subscribe();
        // The sender lives in `self`, so that the wait can only end well.
        let _ = counts.wait_for(enough).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &'static str, verdict: Verdict) -> Received {
        Received {
            seq: 0,
            provider: "",
            account: String::new(),
            at: Time::EPOCH,
            method: "POST".into(),
            target: "/".into(),
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
            verdict,
            notes: Vec::new(),
        }
    }

    #[test]
    fn the_oldest_is_forgotten_first_by_number_and_by_bytes_and_still_counted() {
        let book = Book::new(
            "x",
            Keep {
                requests: 2,
                bytes: 7,
            },
            Arc::default(),
        );
        for body in ["aaa", "bbb", "ccc"] {
            book.record(request(body, Verdict::Accepted));
        }
        let bodies = |book: &Book| {
            book.kept(|_| true)
                .iter()
                .map(Received::text)
                .collect::<Vec<_>>()
        };
        assert_eq!(bodies(&book), ["bbb", "ccc"]);
        book.record(request("ddddd", Verdict::Refused("no".into())));
        assert_eq!(bodies(&book), ["ddddd"]);
        assert_eq!(
            book.counts(),
            Counts {
                requests: 4,
                accepted: 3
            }
        );
        assert_eq!(book.kept(|_| true)[0].seq, 4);
        book.clear();
        assert_eq!(book.counts(), Counts::default());
    }
}
