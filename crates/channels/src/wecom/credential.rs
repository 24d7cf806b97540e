//! A self-built application: its corp id, its secret, and the access token that the two bring.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::secret::Secret;
use balefire_core::time::Time;
use serde_json::Value;

use super::codes::{CODES, TOKEN_CODES};
use super::{BASE, accepted};
use crate::channel::Outcome;
use crate::chat::{Answer, base, exchange, hide, is_template, refusal};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpRequest};
use crate::options::Options;
use crate::spec::Build;
use crate::token::Tokens;

/// The token's name in the account's cache.
const TOKEN: &str = "access_token";

/// What an application's calls are made with.
#[derive(Debug)]
pub(super) struct Credential {
    http: Http,
    tokens: Arc<Tokens>,
    base: String,
    corp_id: String,
    secret: Secret,
    timeout: Duration,
}

/// Reads the credential; `api_secret` and `api_url` are Alertmanager's words for `secret` and `base_url`.
pub(super) fn credential(
    options: &mut Options<'_>,
    build: &Build<'_>,
    timeout: Duration,
) -> Option<Credential> {
    let base = base(options, &build.http, &["api_url", "base_url"], BASE)
        .map(|base| base.trim_end_matches("/cgi-bin").to_owned());
    let corp_id = plain(options, "corp_id", "我的企业 → 企业ID");
    let secret = options
        .secret("api_secret")
        .or_else(|| options.secret("secret"));
    if secret.is_none() {
        let fix = "give the application's secret (应用管理 → Secret)";
        options.problem("secret", "is missing", fix);
    }
    Some(Credential {
        http: build.http.clone(),
        tokens: Arc::clone(&build.tokens),
        base: base?,
        corp_id: corp_id?,
        secret: secret?,
        timeout,
    })
}

/// A text that must be there and be no template.
pub(super) fn plain(options: &mut Options<'_>, key: &str, place: &str) -> Option<String> {
    match options.text(key).map(ToOwned::to_owned) {
        None => {
            options.problem(
                key,
                "is missing",
                format!("find it in the admin console: {place}"),
            );
            None
        }
        Some(text) if is_template(&text) => {
            options.problem(
                key,
                "is a Go template, which is not run here",
                "write the value itself",
            );
            None
        }
        Some(text) => Some(text),
    }
}

impl Credential {
    /// A call below `/cgi-bin` with the token; an answer that is a yes. A token that WeCom calls stale
    /// is forgotten, so that the next try brings a new one.
    pub(super) async fn call(
        &self,
        path: &str,
        body: &Value,
        now: Time,
    ) -> Result<Answer, SendError> {
        let call = async |token: &Secret| {
            let url = self.url(path, &[("access_token", token.reveal())]);
            let request = HttpRequest::post_json(url, body);
            let reply = exchange(&self.http, request, self.timeout).await?;
            accepted(&reply, now)
        };
        self.tokens.call(TOKEN, now, || self.fetch(now), call).await
    }

    /// Uploads a picture from a form; its `media_id`.
    pub(super) async fn upload(
        &self,
        (kind, form): (String, Vec<u8>),
        now: Time,
    ) -> Result<String, SendError> {
        let call = async |token: &Secret| {
            let pairs = [("access_token", token.reveal()), ("type", "image")];
            let request = HttpRequest::post(self.url("media/upload", &pairs), &kind, form);
            let reply = exchange(&self.http, request, self.timeout).await?;
            // Some answers to an upload that was taken have no code.
            let body: Value = reply.json().unwrap_or_default();
            let is_bare = reply.is_success() && body.get("errcode").is_none();
            match body["media_id"].as_str() {
                Some(id) if is_bare => Ok(id.to_owned()),
                _ => {
                    let answer = accepted(&reply, now)?;
                    let id = answer.body["media_id"].as_str().unwrap_or_default();
                    Ok(id.to_owned())
                }
            }
        };
        self.tokens.call(TOKEN, now, || self.fetch(now), call).await
    }

    /// The same for a question that is asked with `GET`; the pair follows the token in the query.
    pub(super) async fn get(
        &self,
        path: &str,
        (key, value): (&str, &str),
        now: Time,
    ) -> Result<Answer, SendError> {
        let call = async |token: &Secret| {
            let pairs = [("access_token", token.reveal()), (key, value)];
            let request = HttpRequest::get(self.url(path, &pairs));
            let reply = exchange(&self.http, request, self.timeout).await?;
            accepted(&reply, now)
        };
        self.tokens.call(TOKEN, now, || self.fetch(now), call).await
    }

    /// An error without the secret.
    pub(super) fn hidden(&self, error: SendError) -> SendError {
        self.hide(Err(error.clone())).err().unwrap_or(error)
    }

    /// Outcomes without the secret.
    pub(super) fn hide(&self, outcome: Outcome) -> Outcome {
        hide(outcome, &[&self.secret])
    }

    /// Asks for a token, which tells whether corp id, secret and address are good.
    pub(super) async fn check(&self, now: Time) -> Outcome {
        let brought = self.fetch(now).await;
        self.hide(brought.map(|_| Receipt {
            provider_id: String::new(),
            answer: "WeCom gives a token".to_owned(),
        }))
    }

    async fn fetch(&self, now: Time) -> Result<(Secret, Duration), SendError> {
        let pairs = [
            ("corpid", self.corp_id.as_str()),
            ("corpsecret", self.secret.reveal()),
        ];
        let request = HttpRequest::get(self.url("gettoken", &pairs));
        let reply = exchange(&self.http, request, self.timeout).await?;
        // Nothing was sent to anybody yet, so that an answer that cannot be read is only a failed try.
        let harmless = |mut error: SendError| {
            if error.kind == ErrorKind::UnknownOutcome {
                error.kind = ErrorKind::Transient;
            }
            error
        };
        let answer = Answer::read(&reply, now, &["errcode"], &["errmsg"]).map_err(harmless)?;
        if answer.code != 0 {
            let own = refusal(&answer, &reply, now, TOKEN_CODES);
            let known = TOKEN_CODES.iter().any(|meaning| meaning.is(answer.code));
            return Err(if known {
                own
            } else {
                refusal(&answer, &reply, now, CODES)
            });
        }
        let token = answer.body["access_token"].as_str().unwrap_or_default();
        if token.is_empty() {
            let error = SendError::new(ErrorKind::Transient, "the answer holds no access_token");
            return Err(error);
        }
        let life = answer.body["expires_in"].as_u64().unwrap_or(7_200);
        Ok((Secret::new(token), Duration::from_secs(life)))
    }

    fn url(&self, path: &str, pairs: &[(&str, &str)]) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        format!("{}/cgi-bin/{path}?{query}", self.base)
    }
}
