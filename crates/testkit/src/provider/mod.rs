//! The simulated providers: each checks a call the way its wire contract says the vendor does.
//!
//! The checks are written from the vendors' pages alone and share nothing with the channels, so
//! that a misreading in one of the two shows.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use balefire_core::time::Time;
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};
use serde_json::Value;

use crate::mode::Mode;
use crate::received::{Book, Counts, Received, Verdict};
use crate::reply::{Reply, header};

pub mod aliyun;
pub mod chats;
pub mod dingtalk;
pub mod dingtalk_app;
pub mod feishu;
pub mod incidents;
mod multipart;
pub mod personal;
pub mod phones;
pub mod push;
mod sealed;
pub mod slack;
pub mod tencent;
pub mod webhook;
pub mod wecom;

/// A request that has been read.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    /// The value of a query parameter, if it is there exactly once.
    pub(crate) fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut values = url::form_urlencoded::parse(self.uri.query().unwrap_or("").as_bytes())
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value);
        let first = values.next()?;
        if values.next().is_some() {
            None
        } else {
            Some(first)
        }
    }

    /// The value of a header, if it is there exactly once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Whether the content type is this one, whatever its parameters.
    pub(crate) fn is_type(&self, media_type: &str) -> bool {
        let sent = self.header("content-type").unwrap_or("");
        let sent = sent.split(';').next().unwrap_or("").trim();
        sent.eq_ignore_ascii_case(media_type)
    }

    /// The parts of the path.
    pub(crate) fn segments(&self) -> impl Iterator<Item = &str> {
        self.uri.path().split('/').filter(|part| !part.is_empty())
    }
}

/// What a provider makes of a call.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) reply: Reply,
    pub(crate) account: String,
    pub(crate) notes: Vec<String>,
}

impl Judged {
    /// A call whose outcome needs no further words.
    pub(crate) fn new(verdict: Verdict, account: impl Into<String>, reply: Reply) -> Self {
        Self {
            verdict,
            reply,
            account: account.into(),
            notes: Vec::new(),
        }
    }
}

/// A refusal that the script asks for.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    Code(i64, String),
    RateLimited(u64),
    ExpiredToken,
}

/// What a provider of one kind does with a call.
pub(crate) trait Rules: Send + Sync + 'static {
    /// Checks a call and answers it.
    fn judge(&self, call: &Call, now: Time) -> Judged;

    /// The provider's own form of a refusal.
    fn fault(&self, fault: &Fault) -> Reply;

    /// What people see of a message.
    fn shown(&self, body: &Value) -> String;
}

/// What all providers of a simulator share.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// `http://127.0.0.1:port`, without a slash at the end.
    pub(crate) base: Arc<str>,
    /// Whether the vendors' rate limits are left out, for benchmarks.
    pub(crate) unlimited: bool,
}

/// One simulated provider: its record, its script and its rules.
pub struct Sim<P> {
    pub(crate) book: Book,
    pub(crate) rules: P,
}

impl<P> Sim<P> {
    pub(crate) fn new(book: Book, rules: P) -> Self {
        Self { book, rules }
    }

    /// The messages that people see, oldest first, as far as they are kept.
    pub fn received(&self) -> Vec<Received> {
        self.book
            .kept(|received| received.verdict == Verdict::Accepted)
    }

    /// Everything that arrived, refused or not, oldest first, as far as it is kept.
    pub fn requests(&self) -> Vec<Received> {
        self.book.kept(|_| true)
    }

    /// How much has arrived.
    pub fn counts(&self) -> Counts {
        self.book.counts()
    }

    /// Waits until people have seen `n` messages, counted from the start or the last
    /// [`Sim::clear`]. Put a time limit around it.
    pub async fn wait_for(&self, n: u64) -> Vec<Received> {
        self.book.wait(|counts| counts.accepted >= n).await;
        self.received()
    }

    /// Waits until `n` requests of any kind have arrived. Put a time limit around it.
    pub async fn wait_for_requests(&self, n: u64) -> Vec<Received> {
        self.book.wait(|counts| counts.requests >= n).await;
        self.requests()
    }

    /// Answers every call this way from now on; whatever was planned is forgotten.
    pub fn fail_with(&self, mode: Mode) {
        self.book.heal();
        self.book.plan(mode, None);
    }

    /// Answers the next `times` calls this way, after what is already planned.
    pub fn fail_times(&self, mode: Mode, times: u32) {
        self.book.plan(mode, Some(times));
    }

    /// Answers well again.
    pub fn heal(&self) {
        self.book.heal();
    }

    /// Forgets what arrived; plans, tokens and quotas stay.
    pub fn clear(&self) {
        self.book.clear();
    }
}

impl<P> fmt::Debug for Sim<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sim")
            .field("provider", &self.book.name)
            .field("counts", &self.book.counts())
            .finish_non_exhaustive()
    }
}

/// A provider without its type: what the listener, the control endpoints and the page work with.
pub(crate) trait Desk: Send + Sync {
    fn book(&self) -> &Book;
    fn rules(&self) -> &dyn Rules;
}

impl<P: Rules> Desk for Sim<P> {
    fn book(&self) -> &Book {
        &self.book
    }

    fn rules(&self) -> &dyn Rules {
        &self.rules
    }
}
