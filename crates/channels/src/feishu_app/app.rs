//! The application: its id and secret, the tenant's token that the two bring, and calls with it.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::secret::Secret;
use balefire_core::time::Time;
use http::Method;
use serde_json::{Value, json};

use super::codes;
use super::fields::BASE;
use super::people::harmless;
use crate::channel::Outcome;
use crate::chat::{base, exchange, hide, secret};
use crate::cloud::word;
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpRequest};
use crate::options::Options;
use crate::spec::Build;
use crate::token::Tokens;

/// The token's name in the account's cache.
const TOKEN: &str = "tenant_access_token";

/// What an application's calls are made with.
#[derive(Debug)]
pub(super) struct App {
    http: Http,
    tokens: Arc<Tokens>,
    base: String,
    id: String,
    secret: Secret,
    timeout: Duration,
}

impl App {
    /// Reads id, secret and address.
    pub(super) fn of(
        options: &mut Options<'_>,
        build: &Build<'_>,
        timeout: Duration,
    ) -> Option<Self> {
        let place = "开发者后台 → 应用 → 凭证与基础信息";
        let base = base(options, &build.http, &["base_url"], BASE);
        let id = word(options, "app_id", place);
        let secret = secret(options, &["app_secret"], place);
        Some(Self {
            http: build.http.clone(),
            tokens: Arc::clone(&build.tokens),
            base: base?,
            id: id?,
            secret: secret?,
            timeout,
        })
    }

    /// A call below `/open-apis` with the token; an answer whose code is 0. `null` is no body.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        now: Time,
    ) -> Result<Value, SendError> {
        let mut request = HttpRequest::new(method, format!("{}/open-apis/{path}", self.base))
            .header("content-type", "application/json; charset=utf-8");
        if !body.is_null() {
            request.body = body.to_string().into();
        }
        self.send(request, now).await
    }

    /// The same for a form.
    pub(super) async fn upload(
        &self,
        path: &str,
        (kind, form): (String, Vec<u8>),
        now: Time,
    ) -> Result<Value, SendError> {
        let url = format!("{}/open-apis/{path}", self.base);
        self.send(HttpRequest::post(url, &kind, form), now).await
    }

    async fn send(&self, request: HttpRequest, now: Time) -> Result<Value, SendError> {
        let call = async |token: &Secret| {
            let bearer = format!("Bearer {}", token.reveal());
            let request = request.header("authorization", bearer);
            let reply = exchange(&self.http, request, self.timeout).await?;
            codes::read(&reply, now)
        };
        self.tokens.call(TOKEN, now, || self.fetch(now), call).await
    }

    /// Outcomes without the secret.
    pub(super) fn hide(&self, outcome: Outcome) -> Outcome {
        hide(outcome, &[&self.secret])
    }

    /// Asks for a token, which tells whether id, secret and address are good.
    pub(super) async fn check(&self, now: Time) -> Outcome {
        let brought = self.fetch(now).await;
        self.hide(brought.map(|_| Receipt {
            provider_id: String::new(),
            answer: "Feishu gives a token".to_owned(),
        }))
    }

    async fn fetch(&self, now: Time) -> Result<(Secret, Duration), SendError> {
        let url = format!(
            "{}/open-apis/auth/v3/tenant_access_token/internal",
            self.base
        );
        let body = json!({"app_id": self.id, "app_secret": self.secret.reveal()});
        let reply = exchange(&self.http, HttpRequest::post_json(url, &body), self.timeout).await?;
        let answer = codes::read(&reply, now).map_err(harmless)?;
        let token = answer[TOKEN].as_str().unwrap_or_default();
        if token.is_empty() {
            let detail = "the answer holds no token";
            return Err(SendError::new(ErrorKind::Transient, detail));
        }
        let life = answer["expire"].as_u64().unwrap_or(7_200);
        Ok((Secret::new(token), Duration::from_secs(life)))
    }
}
