//! One signed call of API 3.0, and its answer.

use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use serde_json::Value;
use tokio::time::Instant;

use super::codes::TABLE;
use super::sign::{Request, tc3};
use crate::channel::Outcome;
use crate::chat::{base, exchange, hide};
use crate::cloud::{left, refusal, word};
use crate::error::{ErrorKind, SendError};
use crate::http::{Http, HttpReply, HttpRequest, excerpt, status_error};
use crate::options::Options;
use crate::spec::Build;

/// Signed with the body, so it is written in one place.
const JSON: &str = "application/json";

/// The keys that accounts of both products have.
pub(super) const FIELDS: [Field; 6] = [
    Field::required(
        "secret_id",
        Kind::Secret,
        "The SecretId of a user that may send.",
    ),
    Field::required("secret_key", Kind::Secret, "Its SecretKey."),
    Field::optional(
        "token",
        Kind::Secret,
        "The token that belongs to a temporary key (STS).",
    ),
    Field::optional(
        "region",
        Kind::Text,
        "The region that the product is used in.",
    )
    .or("ap-guangzhou"),
    Field::required(
        "sdk_app_id",
        Kind::Text,
        "The application's SdkAppId, 1400 and a number.",
    ),
    Field::optional(
        "api_url",
        Kind::Url,
        "The address of the API, or of a private gateway; by default the vendor's own.",
    ),
];

/// One of the two products.
#[derive(Debug)]
pub(super) struct Product {
    /// In the host's name and in the signature.
    pub(super) service: &'static str,
    pub(super) version: &'static str,
}

/// Where an account's calls go, and its key.
#[derive(Debug)]
pub(super) struct Client {
    http: Http,
    product: &'static Product,
    url: String,
    /// As the `Host` header is sent.
    host: String,
    path: String,
    secret_id: Secret,
    secret_key: Secret,
    token: Option<Secret>,
    region: String,
}

/// What both products of an account have in common; problems are noted.
pub(super) fn client(
    options: &mut Options<'_>,
    build: &Build<'_>,
    product: &'static Product,
) -> Option<Client> {
    let place = "访问管理 → API 密钥管理";
    let secret_id = word(options, "secret_id", place);
    let secret_key = word(options, "secret_key", place);
    let default = format!("https://{}.tencentcloudapi.com", product.service);
    let url = base(options, &build.http, &["api_url"], &default)?;
    let parsed = url::Url::parse(&url).ok()?;
    let host = parsed.host_str()?;
    Some(Client {
        http: build.http.clone(),
        product,
        host: match parsed.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        },
        path: parsed.path().to_owned(),
        url,
        secret_id: Secret::new(secret_id?),
        secret_key: Secret::new(secret_key?),
        token: options.secret("token"),
        region: options.text("region").unwrap_or("ap-guangzhou").to_owned(),
    })
}

impl Client {
    /// Calls an action, the answer to come before `end`; answers what is inside `Response` when there is no error in it.
    pub(super) async fn call(
        &self,
        action: &str,
        body: &Value,
        now: Time,
        end: Instant,
    ) -> Result<Value, SendError> {
        let left = left(end)?;
        let body = body.to_string();
        let signature = tc3(
            &Request {
                service: self.product.service,
                host: &self.host,
                path: &self.path,
                content_type: JSON,
                body: &body,
                now,
            },
            self.secret_id.reveal(),
            self.secret_key.reveal(),
        );
        let mut request = HttpRequest::post(self.url.as_str(), JSON, body)
            .header("x-tc-action", action)
            .header("x-tc-version", self.product.version)
            .header("x-tc-timestamp", now.secs().to_string())
            .header("x-tc-region", self.region.as_str())
            .header("authorization", signature);
        if let Some(token) = &self.token {
            request = request.header("x-tc-token", token.reveal());
        }
        // The time of all calls of a try, not of each.
        let http = self.http.clone().within(left);
        let reply = exchange(&http, request, left).await?;
        read(&reply, now)
    }

    /// When a try that begins now is over; `usual` unless the account says otherwise.
    pub(super) fn end(&self, usual: Duration) -> Instant {
        Instant::now() + self.http.limit(usual)
    }

    /// The outcome without the account's keys.
    pub(super) fn hide(&self, outcome: Outcome) -> Outcome {
        let mut secrets = vec![&self.secret_id, &self.secret_key];
        secrets.extend(&self.token);
        hide(outcome, &secrets)
    }
}

/// The answer by `Response.Error`, whatever the status; an answer of another form is judged by its status.
fn read(reply: &HttpReply, now: Time) -> Result<Value, SendError> {
    let body: Value = match reply.json() {
        Ok(body) => body,
        Err(unreadable) if reply.is_success() => return Err(unreadable),
        Err(_) => return Err(status_error(reply, now)),
    };
    let response = &body["Response"];
    if let Some(code) = response["Error"]["Code"].as_str() {
        let words = response["Error"]["Message"].as_str().unwrap_or_default();
        return Err(refusal(code, words, reply, now, TABLE).error);
    }
    if !reply.is_success() {
        return Err(status_error(reply, now));
    }
    if response.is_object() {
        return Ok(response.clone());
    }
    let detail = format!("the answer has no response: {}", reply.excerpt());
    Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)))
}
