//! One signed call of the RPC API, and its answer.

use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use serde_json::Value;
use tokio::time::Instant;

use super::codes;
use super::sign::{Request, joined, v1, v3};
use crate::channel::Outcome;
use crate::chat::{base, exchange, hide};
use crate::cloud::{Refusal, left, word};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, excerpt, status_error};
use crate::options::Options;
use crate::sign::sha256_hex;
use crate::spec::Build;

/// The version of both products' API.
const VERSION: &str = "2017-05-25";
/// Parameters travel in the body, so that no log of a proxy holds people's numbers.
const FORM: &str = "application/x-www-form-urlencoded";

/// The keys that accounts of both products have.
pub(super) const FIELDS: [Field; 6] = [
    Field::required(
        "access_key_id",
        Kind::Secret,
        "The AccessKey ID of a RAM user that may send.",
    ),
    Field::required("access_key_secret", Kind::Secret, "Its AccessKey Secret."),
    Field::optional(
        "security_token",
        Kind::Secret,
        "The token that belongs to a temporary key (STS).",
    ),
    Field::optional(
        "region",
        Kind::Text,
        "The region, which decides the address; all of the mainland share one.",
    )
    .or("cn-hangzhou"),
    Field::optional(
        "api_url",
        Kind::Url,
        "The address of the API, or of a private gateway; by default that of the region.",
    ),
    Field::optional(
        "signature",
        Kind::OneOf(&["v3", "v1"]),
        "How calls are signed; v1 (HMAC-SHA1) for gateways that know no other.",
    )
    .or("v3"),
];

/// Where an account's calls go, and its key.
#[derive(Debug)]
pub(super) struct Client {
    http: Http,
    url: String,
    /// As the `Host` header is sent.
    host: String,
    path: String,
    key_id: Secret,
    key_secret: Secret,
    token: Option<Secret>,
    region: String,
    old_signature: bool,
}

/// What both products of an account have in common; problems are noted. `product` is the first part of the host's
/// name.
pub(super) fn client(
    options: &mut Options<'_>,
    build: &Build<'_>,
    product: &str,
) -> Option<Client> {
    let region = options.text("region").unwrap_or("cn-hangzhou").to_owned();
    let key_id = word(options, "access_key_id", "访问控制 RAM → 用户 → AccessKey");
    let key_secret = word(
        options,
        "access_key_secret",
        "访问控制 RAM → 用户 → AccessKey",
    );
    let default = default_url(product, &region);
    let url = base(options, &build.http, &["api_url"], &default)?;
    let parsed = url::Url::parse(&url).ok()?;
    let host = parsed.host_str()?;
    Some(Client {
        http: build.http.clone(),
        host: match parsed.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        },
        path: parsed.path().to_owned(),
        url,
        key_id: Secret::new(key_id?),
        key_secret: Secret::new(key_secret?),
        token: options.secret("security_token"),
        region,
        old_signature: options.text("signature") == Some("v1"),
    })
}

/// The mainland's regions share one address; the others have one each.
fn default_url(product: &str, region: &str) -> String {
    if region.starts_with("cn-") {
        format!("https://{product}.aliyuncs.com")
    } else {
        format!("https://{product}.{region}.aliyuncs.com")
    }
}

impl Client {
    /// Calls an action, the answer to come before `end`; a yes is the answer whose `Code` is `OK`.
    pub(super) async fn call(
        &self,
        action: &str,
        parameters: Vec<(&'static str, String)>,
        now: Time,
        end: Instant,
    ) -> Result<Value, Refusal> {
        let left = left(end)?;
        let nonce = nonce()?;
        let request = if self.old_signature {
            self.v1(action, parameters, &nonce, now)
        } else {
            self.v3(action, &parameters, &nonce, now)
        };
        // The time of all calls of a try, not of each.
        let http = self.http.clone().within(left);
        let reply = exchange(&http, request, left).await?;
        read(&reply, now)
    }

    fn v3(
        &self,
        action: &str,
        parameters: &[(&str, String)],
        nonce: &str,
        now: Time,
    ) -> HttpRequest {
        let body = joined(parameters);
        let (date, hash) = (date(now), sha256_hex(body.as_bytes()));
        let mut headers = vec![
            ("content-type", FORM),
            ("x-acs-action", action),
            ("x-acs-version", VERSION),
            ("x-acs-date", &date),
            ("x-acs-signature-nonce", nonce),
            ("x-acs-content-sha256", &hash),
        ];
        if let Some(token) = &self.token {
            headers.push(("x-acs-security-token", token.reveal()));
        }
        let sent = headers.clone();
        // The connection writes this one itself.
        headers.push(("host", &self.host));
        let signature = v3(
            &Request {
                method: "POST",
                path: &self.path,
                query: "",
                headers: &headers,
                body: &body,
            },
            self.key_id.reveal(),
            self.key_secret.reveal(),
        );
        let mut request = HttpRequest::new(http::Method::POST, self.url.as_str());
        for (name, value) in sent {
            request = request.header(name.to_owned(), value);
        }
        request.body = body.into();
        request.header("authorization", signature)
    }

    fn v1(
        &self,
        action: &str,
        mut parameters: Vec<(&'static str, String)>,
        nonce: &str,
        now: Time,
    ) -> HttpRequest {
        for (name, value) in [
            ("AccessKeyId", self.key_id.reveal()),
            ("Action", action),
            ("Format", "JSON"),
            ("RegionId", &self.region),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", nonce),
            ("SignatureVersion", "1.0"),
            ("Timestamp", &date(now)),
            ("Version", VERSION),
        ] {
            parameters.push((name, value.to_owned()));
        }
        if let Some(token) = &self.token {
            parameters.push(("SecurityToken", token.reveal().to_owned()));
        }
        let signature = v1("POST", &parameters, self.key_secret.reveal());
        parameters.push(("Signature", signature));
        HttpRequest::post(self.url.as_str(), FORM, joined(&parameters))
    }

    /// When a try that begins now is over; `usual` unless the account says otherwise.
    pub(super) fn end(&self, usual: Duration) -> Instant {
        Instant::now() + self.http.limit(usual)
    }

    /// The outcome without the account's keys.
    pub(super) fn hide(&self, outcome: Outcome) -> Outcome {
        let mut secrets = vec![&self.key_id, &self.key_secret];
        secrets.extend(&self.token);
        hide(outcome, &secrets)
    }
}

/// A word that is used once: a second request with the same is refused.
fn nonce() -> Result<String, SendError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| SendError::new(ErrorKind::Transient, "the system gives no random numbers"))?;
    Ok(hex::encode(bytes))
}

fn date(now: Time) -> String {
    now.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The answer by its `Code`, whatever the status; an answer without one is judged by its status.
fn read(reply: &HttpReply, now: Time) -> Result<Value, Refusal> {
    let body: Value = match reply.json() {
        Ok(body) => body,
        Err(unreadable) if reply.is_success() => return Err(unreadable.into()),
        Err(_) => return Err(status_error(reply, now).into()),
    };
    match body["Code"].as_str() {
        Some("OK") if reply.is_success() => Ok(body),
        Some(code) if code != "OK" => {
            let words = body["Message"].as_str().unwrap_or_default();
            Err(codes::refusal(code, words, reply, now))
        }
        _ if !reply.is_success() => Err(status_error(reply, now).into()),
        _ => {
            let detail = format!("the answer has no code: {}", reply.excerpt());
            Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)).into())
        }
    }
}

/// What the provider took; `id` names the field with its own id.
pub(super) fn receipt(body: &Value, id: &str) -> Receipt {
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    Receipt {
        provider_id: excerpt(&text(id)),
        answer: excerpt(&format!("{} {}", text("Code"), text("RequestId"))),
    }
}
