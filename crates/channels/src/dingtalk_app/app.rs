//! The application: its id and secret, the access token that the two bring, and calls of both APIs with it.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::secret::Secret;
use balefire_core::time::Time;
use http::Method;
use serde_json::{Value, json};

use super::codes;
use super::fields::{API, OAPI};
use super::names;
use super::people::harmless;
use crate::channel::Outcome;
use crate::chat::{Answer, base, exchange, hide, is_template};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest};
use crate::options::Options;
use crate::spec::Build;
use crate::token::Tokens;

/// The token's name in the account's cache.
const TOKEN: &str = "access_token";

/// What an application's calls are made with.
#[derive(Debug)]
pub(super) struct App {
    http: Http,
    tokens: Arc<Tokens>,
    api: String,
    oapi: String,
    client_id: String,
    secret: Secret,
    corp_id: Option<String>,
    timeout: Duration,
}

impl App {
    /// Reads id, secret and addresses.
    pub(super) fn of(
        options: &mut Options<'_>,
        build: &Build<'_>,
        timeout: Duration,
    ) -> Option<Self> {
        let api = base(options, &build.http, &["api_url", "base_url"], API);
        let oapi = base(options, &build.http, &["oapi_url", "base_url"], OAPI);
        let client_id = plain(
            options,
            "client_id",
            "开发者后台 → 应用 → 凭证与基础信息 → Client ID",
        );
        let secret = options.secret("client_secret");
        if secret.is_none() {
            let fix = "give the Client Secret (开发者后台 → 应用 → 凭证与基础信息)";
            options.problem("client_secret", "is missing", fix);
        }
        Some(Self {
            http: build.http.clone(),
            tokens: Arc::clone(&build.tokens),
            api: api?,
            oapi: oapi?,
            client_id: client_id?,
            secret: secret?,
            corp_id: options.text("corp_id").map(ToOwned::to_owned),
            timeout,
        })
    }

    /// A call of the older API below `/topapi`; an answer that is a yes.
    pub(super) async fn topapi(
        &self,
        path: &str,
        body: &Value,
        now: Time,
    ) -> Result<Answer, SendError> {
        let request = |token: &Secret| {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("access_token", token.reveal())
                .finish();
            HttpRequest::post_json(format!("{}/topapi/{path}?{query}", self.oapi), body)
        };
        self.call(request, |reply| codes::read(reply, now), now)
            .await
    }

    /// A call of the current API below `/v1.0`; an answer that is a yes.
    pub(super) async fn v1(&self, path: &str, body: &Value, now: Time) -> Result<Value, SendError> {
        self.v1_by(Method::POST, path, body, now).await
    }

    /// The same by another method.
    pub(super) async fn v1_by(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        now: Time,
    ) -> Result<Value, SendError> {
        let request = |token: &Secret| HttpRequest {
            method,
            ..HttpRequest::post_json(format!("{}/v1.0/{path}", self.api), body)
                .header("x-acs-dingtalk-access-token", token.reveal())
        };
        self.call(request, |reply| names::read(reply, now), now)
            .await
    }

    /// A call with the token.
    async fn call<T>(
        &self,
        request: impl FnOnce(&Secret) -> HttpRequest,
        read: impl FnOnce(&HttpReply) -> Result<T, SendError>,
        now: Time,
    ) -> Result<T, SendError> {
        let call = async |token: &Secret| {
            let reply = exchange(&self.http, request(token), self.timeout).await?;
            read(&reply)
        };
        self.tokens.call(TOKEN, now, || self.fetch(now), call).await
    }

    /// Outcomes without the secret.
    pub(super) fn hide(&self, outcome: Outcome) -> Outcome {
        hide(outcome, &[&self.secret])
    }

    /// An error without the secret.
    pub(super) fn hide_in(&self, error: SendError) -> SendError {
        match self.hide(Err(error)) {
            Err(hidden) => hidden,
            Ok(_) => SendError::new(ErrorKind::Transient, "no error"),
        }
    }

    /// Asks for a token, which tells whether id, secret and address are good.
    pub(super) async fn check(&self, now: Time) -> Outcome {
        let brought = self.fetch(now).await;
        self.hide(brought.map(|_| Receipt {
            provider_id: String::new(),
            answer: "DingTalk gives a token".to_owned(),
        }))
    }

    /// The two calls that give a token spell their fields differently.
    async fn fetch(&self, now: Time) -> Result<(Secret, Duration), SendError> {
        let (path, body, token, life) = if let Some(corp) = &self.corp_id {
            let corp: String = url::form_urlencoded::byte_serialize(corp.as_bytes()).collect();
            let body = json!({
                "client_id": self.client_id,
                "client_secret": self.secret.reveal(),
                "grant_type": "client_credentials",
            });
            let path = format!("oauth2/{corp}/token");
            (path, body, "access_token", "expires_in")
        } else {
            let body = json!({"appKey": self.client_id, "appSecret": self.secret.reveal()});
            let path = "oauth2/accessToken".to_owned();
            (path, body, "accessToken", "expireIn")
        };
        let request = HttpRequest::post_json(format!("{}/v1.0/{path}", self.api), &body);
        let reply = exchange(&self.http, request, self.timeout).await?;
        let answer = names::read(&reply, now).map_err(harmless)?;
        let token = answer[token].as_str().unwrap_or_default();
        if token.is_empty() {
            let detail = "the answer holds no access token";
            return Err(SendError::new(ErrorKind::Transient, detail));
        }
        let life = answer[life].as_u64().unwrap_or(7_200);
        Ok((Secret::new(token), Duration::from_secs(life)))
    }
}

/// A text that must be there and be no template.
pub(super) fn plain(options: &mut Options<'_>, key: &str, place: &str) -> Option<String> {
    match options.text(key).map(ToOwned::to_owned) {
        None => {
            options.problem(key, "is missing", format!("find it there: {place}"));
            None
        }
        Some(text) if is_template(&text) => {
            let fix = "write the value itself";
            options.problem(key, "is a Go template, which is not run here", fix);
            None
        }
        Some(text) => Some(text),
    }
}
