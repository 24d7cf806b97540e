//! One call of the REST API, and its answer.

use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::time::Instant;

use super::codes::refused;
use crate::channel::Outcome;
use crate::chat::{base, exchange, hide, secret};
use crate::cloud::{left, word};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, excerpt};
use crate::options::Options;
use crate::spec::Build;

const BASE: &str = "https://api.twilio.com";

/// The keys that accounts of both kinds have.
pub(super) const FIELDS: [Field; 7] = [
    Field::required(
        "account_sid",
        Kind::Text,
        "The account's SID, AC and 32 digits.",
    ),
    Field::optional(
        "auth_token",
        Kind::Secret,
        "The account's auth token; or the secret of an API key, with api_key_sid.",
    ),
    Field::optional(
        "auth_token_file",
        Kind::Text,
        "A file with the token or secret.",
    ),
    Field::optional(
        "api_key_sid",
        Kind::Text,
        "The SID of an API key (SK…), whose secret then stands in auth_token.",
    ),
    Field::optional(
        "base_url",
        Kind::Url,
        "The API's address; https://api.EDGE.REGION.twilio.com for a region.",
    )
    .or(BASE),
    Field::optional(
        "from",
        Kind::Text,
        "The number (or, for texts, the sender's name) that it comes from.",
    ),
    Field::optional(
        "webhook_auth_token",
        Kind::Secret,
        "The account's auth token, with which Twilio signs its callbacks; auth_token when absent, which has it unless api_key_sid is given.",
    ),
];

/// Where Twilio is to say what became of it, when the account has callbacks.
pub(super) fn reports(build: &Build<'_>) -> Option<Secret> {
    build.account["callback_url"].as_str().map(Secret::new)
}

/// Where an account's calls go, and its key.
#[derive(Debug)]
pub(super) struct Client {
    http: Http,
    /// Up to the account's SID.
    url: String,
    user: String,
    password: Secret,
}

/// What both kinds of an account have in common; problems are noted.
pub(super) fn client(options: &mut Options<'_>, build: &Build<'_>) -> Option<Client> {
    let place = "copy it from the console's first page";
    let sid = word(options, "account_sid", place);
    if sid.as_deref().is_some_and(|sid| !is_sid(sid)) {
        let fix = "copy it from the console's first page: AC and 32 digits";
        options.problem("account_sid", "is no SID of an account", fix);
    }
    let password = secret(options, &["auth_token"], "the console's first page");
    let base = base(options, &build.http, &["base_url"], BASE);
    let user = options.text("api_key_sid").map(ToOwned::to_owned);
    let sid = sid?;
    Some(Client {
        http: build.http.clone(),
        url: format!("{}/2010-04-01/Accounts/{sid}", base?),
        user: user.unwrap_or(sid),
        password: password?,
    })
}

fn is_sid(text: &str) -> bool {
    let rest = text.strip_prefix("AC").unwrap_or_default();
    rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Client {
    /// When a try that begins now is over; `usual` unless the account says otherwise.
    pub(super) fn end(&self, usual: Duration) -> Instant {
        Instant::now() + self.http.limit(usual)
    }

    /// Posts a form below the account, the answer to come before `end`.
    pub(super) async fn post(
        &self,
        path: &str,
        pairs: &[(&str, String)],
        now: Time,
        end: Instant,
    ) -> Outcome {
        let left = left(end)?;
        let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
        let request = HttpRequest::post_form(format!("{}{path}", self.url), pairs);
        let reply = self.exchange(request, left).await?;
        receipt(&reply, now)
    }

    /// Asks for the account itself.
    pub(super) async fn ask(&self, now: Time, usual: Duration) -> Outcome {
        let request = HttpRequest::get(format!("{}.json", self.url));
        let reply = self.exchange(request, self.http.limit(usual)).await?;
        receipt(&reply, now)
    }

    async fn exchange(&self, request: HttpRequest, left: Duration) -> Result<HttpReply, SendError> {
        let pair = format!("{}:{}", self.user, self.password.reveal());
        let basic = format!("Basic {}", STANDARD.encode(pair));
        // The time of all calls of a try, not of each.
        let http = self.http.clone().within(left);
        exchange(&http, request.header("authorization", basic), left).await
    }

    /// The outcome without the account's secret.
    pub(super) fn hide(&self, outcome: Outcome) -> Outcome {
        hide(outcome, &[&self.password])
    }
}

/// A success names what was made, and how far it is.
pub(super) fn receipt(reply: &HttpReply, now: Time) -> Outcome {
    if !reply.is_success() {
        return Err(refused(reply, now));
    }
    let answer: Value = reply.json()?;
    let word = |key: &str| answer[key].as_str().map(excerpt);
    let Some(sid) = word("sid") else {
        let detail = format!("the answer has no sid: {}", reply.excerpt());
        return Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)));
    };
    Ok(Receipt {
        provider_id: sid,
        answer: word("status").unwrap_or_default(),
    })
}
