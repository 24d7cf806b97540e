//! What came back, and what it means where the provider has no words of its own.

use std::time::Duration;

use balefire_core::time::Time;
use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;

use crate::error::{ErrorKind, SendError};

/// Longest wish of a provider that is honoured.
pub const MAX_RETRY_AFTER: Duration = Duration::from_hours(1);

/// An answer with its status; the body up to [`super::MAX_BODY`].
#[derive(Debug, Clone)]
pub struct HttpReply {
    /// The status code.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The first part of the body.
    pub body: Bytes,
    /// Whether that is all of it: false when it was longer, broke off, or took too long.
    pub whole: bool,
}

impl HttpReply {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header's value where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The first 256 bytes of the body as one line of text without control characters.
    pub fn excerpt(&self) -> String {
        excerpt(&String::from_utf8_lossy(
            &self.body[..self.body.len().min(1024)],
        ))
    }

    /// The body as JSON. A 2xx that cannot be read is an unknown outcome: the provider took something,
    /// but did not say what became of it. Call [`classify_http`] first for the other statuses.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, SendError> {
        serde_json::from_slice(&self.body).map_err(|e| {
            let what = if self.whole {
                "cannot be read"
            } else {
                "broke off"
            };
            SendError::new(
                ErrorKind::UnknownOutcome,
                excerpt(&format!(
                    "the answer (status {}) {what}: {e}: {}",
                    self.status,
                    self.excerpt()
                )),
            )
        })
    }

    /// `Retry-After` in seconds or as an HTTP date, at most [`MAX_RETRY_AFTER`]; `None` when absent or
    /// unreadable, zero for a date that has passed.
    pub fn retry_after(&self, now: Time) -> Option<Duration> {
        let text = self.header("retry-after")?.trim();
        let wait = if let Ok(seconds) = text.parse::<u64>() {
            Duration::from_secs(seconds)
        } else if let Ok(seconds) = text.parse::<f64>() {
            // Slack and others send fractions now and then.
            Duration::try_from_secs_f64(seconds.ceil()).ok()?
        } else {
            let date = jiff::fmt::rfc2822::DateTimeParser::new()
                .parse_timestamp(text)
                .ok()?;
            Time::from(date).since(now)
        };
        Some(wait.min(MAX_RETRY_AFTER))
    }
}

/// Text for a delivery record: one line, control and direction-changing characters dropped, at most 256
/// bytes, cut at a character.
pub fn excerpt(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(256));
    for c in text.chars() {
        let c = if c.is_whitespace() { ' ' } else { c };
        if c == ' ' && line.ends_with(' ') || crate::markup::is_hidden(c) {
            continue;
        }
        if line.len() + c.len_utf8() > 256 {
            break;
        }
        line.push(c);
    }
    line.trim().to_owned()
}

/// `Ok` for 2xx, else [`status_error`].
pub fn classify_http(reply: &HttpReply, now: Time) -> Result<(), SendError> {
    if reply.is_success() {
        Ok(())
    } else {
        Err(status_error(reply, now))
    }
}

/// What a status other than 2xx means (wire/webhook.md): overload and server errors are transient, 429
/// is the quota, 401/403/404 the configuration, every other 4xx a refusal. Redirects are not followed:
/// the permanent ones are a configuration error that names the new place.
pub fn status_error(reply: &HttpReply, now: Time) -> SendError {
    let status = reply.status;
    let said = reply.excerpt();
    let detail = if said.is_empty() {
        format!("status {status}")
    } else {
        format!("status {status}: {said}")
    };
    let detail = excerpt(&detail);
    match status {
        429 => {
            let error = SendError::new(ErrorKind::RateLimited, detail)
                .fix("the receiver takes fewer messages: set the account's quotas, or group more");
            with_wish(error, reply, now)
        }
        408 | 425 | 500..=599 => {
            with_wish(SendError::new(ErrorKind::Transient, detail), reply, now)
        }
        301 | 308 => {
            let place = reply
                .header("location")
                .map(super::redact::shown_url)
                .unwrap_or_default();
            SendError::new(
                ErrorKind::Misconfigured,
                format!("status {status}: moved to {place}"),
            )
            .fix("redirects are not followed: put the new URL into the configuration")
        }
        401 | 407 => SendError::new(ErrorKind::Misconfigured, detail)
            .fix("the credential is missing or wrong: check the secret of the account"),
        403 => SendError::new(ErrorKind::Misconfigured, detail).fix(
            "the credential may not do this: check its permissions and the allowed IP addresses",
        ),
        404 => SendError::new(ErrorKind::Misconfigured, detail)
            .fix("check the URL: nothing answers there"),
        410 => SendError::new(ErrorKind::Rejected, detail)
            .fix("the receiver asks for no more messages: remove or disable this integration"),
        402 => SendError::new(ErrorKind::Rejected, detail)
            .fix("the account's money or plan does not cover this: look at it at the provider"),
        405 => SendError::new(ErrorKind::Rejected, detail)
            .fix("check the URL: what is there takes no messages"),
        413 => SendError::new(ErrorKind::Rejected, detail)
            .fix("the receiver takes no message of this size: shorten the template"),
        400..=499 => SendError::new(ErrorKind::Rejected, detail)
            .fix("the receiver does not take this message: its answer says why"),
        _ => SendError::new(ErrorKind::Transient, detail),
    }
}

fn with_wish(error: SendError, reply: &HttpReply, now: Time) -> SendError {
    match reply.retry_after(now) {
        Some(wait) => error.after(wait),
        None => error,
    }
}
