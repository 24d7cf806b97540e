//! CloudEvents' consent: before events are sent to a receiver, it is asked with OPTIONS whether it takes them from
//! us, so that nobody can be flooded by a wrong or a wicked URL.
//!
//! <https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md>, section 4. The answer must come with
//! the reply (we offer no callback); the rate that a receiver allows is the operator's to set, as the account's quota.

use std::time::Duration;

use balefire_core::secret::Secret;
use balefire_core::time::Time;
use http::Method;

use crate::error::{ErrorKind, SendError};
use crate::http::{Endpoint, Http, HttpReply, classify_http, excerpt, transport_error};
use crate::token::Tokens;

/// How long a consent holds unless something fails: as good as for ever.
const HOLDS: Duration = Duration::from_hours(24 * 365);
const FIX: &str = "have the receiver answer OPTIONS with our origin in WebHook-Allowed-Origin, or remove origin here";

/// The question, and where the answer is kept: with the account's tokens, so that one asks for all who wait.
#[derive(Debug)]
pub(super) struct Consent {
    origin: String,
    endpoint: Endpoint,
    slot: String,
}

impl Consent {
    /// For a receiver at this endpoint, which has no headers of its own but [`Consent::header`].
    pub(super) fn new(origin: &str, endpoint: Endpoint, target: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            endpoint,
            slot: format!("consent:{target}"),
        }
    }

    /// The header that asks.
    pub(super) fn header(origin: &str) -> crate::http::Header {
        ("webhook-request-origin".into(), origin.to_owned())
    }

    /// Whether a text can be our origin: a DNS name.
    pub(super) fn is_origin(text: &str) -> bool {
        let wordy = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        !text.is_empty() && text.len() <= 253 && text.chars().all(wordy)
    }

    /// The consent that is held, else a new one.
    pub(super) async fn obtain(
        &self,
        tokens: &Tokens,
        http: &Http,
        limit: Duration,
        now: Time,
    ) -> Result<Secret, SendError> {
        let ask = || async {
            let reply = http
                .call(Method::OPTIONS, &self.endpoint, &[], "", limit)
                .await
                .map_err(|e| transport_error(&e))?;
            self.judge(&reply, now)?;
            Ok((Secret::new(self.origin.as_str()), HOLDS))
        };
        tokens.get(&self.slot, now, ask).await
    }

    /// Asks again before the next event: what failed may have been the receiver's change of mind.
    pub(super) async fn forget(&self, tokens: &Tokens, held: &Secret) {
        tokens.invalidate(&self.slot, held).await;
    }

    fn judge(&self, reply: &HttpReply, now: Time) -> Result<(), SendError> {
        let refused = |detail: String| {
            Err(SendError::new(ErrorKind::Misconfigured, excerpt(&detail)).fix(FIX))
        };
        if matches!(reply.status, 400..=499 | 501) && !matches!(reply.status, 408 | 429) {
            return refused(format!("OPTIONS: status {}", reply.status));
        }
        classify_http(reply, now)?;
        match reply.header("webhook-allowed-origin") {
            Some(allowed) if allowed == "*" || allowed.eq_ignore_ascii_case(&self.origin) => Ok(()),
            Some(other) => refused(format!(
                "OPTIONS: events are taken from {other}, not from {}",
                self.origin
            )),
            None => refused("OPTIONS: no WebHook-Allowed-Origin in the answer".to_owned()),
        }
    }
}
