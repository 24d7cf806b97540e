//! The workspace's members: `users.lookupByEmail` and `users.info`, both with their arguments in the query.
//!
//! Vendor pages: <https://docs.slack.dev/reference/methods/users.lookupByEmail> and `…/users.info`; about 50 calls a
//! minute. Members who leave stay there as `deleted`. A member whom the token may not see says nothing of them.

use std::sync::Arc;

use balefire_core::identity::Standing;
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::Value;

use super::bot::{self, SPEC};
use super::codes::classify;
use crate::chat::{base, exchange, hide};
use crate::directory::{By, Directory, Opened, Stands, harmless};
use crate::error::{ErrorKind, SendError};
use crate::http::{Http, HttpRequest};
use crate::options::Options;
use crate::spec::Build;

const RIGHTS: &str =
    "give the app the scopes users:read and users:read.email, then install it anew";
const HIDDEN: &str = "the token does not see this member: ask with one of their workspace";

/// The members of one bot's workspace.
struct Book {
    http: Http,
    base: String,
    token: Secret,
}

/// Opens it for an account.
pub(crate) fn open(build: &Build<'_>) -> Opened {
    let mut options = Options::of(build);
    let base = base(&mut options, &build.http, &["base_url"], bot::BASE)
        .map(|base| base.trim_end_matches("/chat.postMessage").to_owned());
    let token = options.secret("token");
    if token.is_none() {
        let fix = "give the Bot User OAuth Token of the app's page (xoxb-…)";
        options.problem("token", "is missing", fix);
    }
    let book = base.zip(token).map(|(base, token)| {
        Arc::new(Book {
            http: build.http.clone(),
            base,
            token,
        }) as Arc<dyn Directory>
    });
    options.finish(book)
}

/// The name of Slack's error, which begins its detail.
fn name(error: &SendError) -> &str {
    error.detail.split(':').next().unwrap_or_default()
}

/// Right for questions what is said of messages.
fn of_question(mut error: SendError) -> SendError {
    match name(&error) {
        "missing_scope" | "no_permission" | "not_allowed_token_type" => {
            error.kind = ErrorKind::Misconfigured;
            error.fix = RIGHTS;
        }
        "user_not_visible" | "users_not_visible" => {
            error.kind = ErrorKind::Misconfigured;
            error.fix = HIDDEN;
        }
        _ => {}
    }
    error
}

impl Book {
    async fn get(&self, method: &str, pair: (&str, &str), now: Time) -> Result<Value, SendError> {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(pair.0, pair.1)
            .finish();
        let bearer = format!("Bearer {}", self.token.reveal());
        let url = format!("{}/{method}?{query}", self.base);
        let request = HttpRequest::get(url).header("authorization", bearer);
        let reply = exchange(&self.http, request, SPEC.timeout).await;
        let answer = reply.and_then(|reply| classify(&reply, now));
        answer.map_err(|error| of_question(self.hidden(harmless(error))))
    }

    async fn find(&self, email: &str, now: Time) -> Result<Option<String>, SendError> {
        match self.get("users.lookupByEmail", ("email", email), now).await {
            Ok(answer) => Ok(answer["user"]["id"].as_str().map(ToOwned::to_owned)),
            Err(error) if name(&error) == "users_not_found" => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn stands(&self, id: &str, now: Time) -> Result<Stands, SendError> {
        let answer = match self.get("users.info", ("user", id), now).await {
            Ok(answer) => answer,
            Err(error) if name(&error) == "user_not_found" => {
                return Ok(Stands::new(Standing::Gone, error.detail));
            }
            Err(error) => return Err(error),
        };
        Ok(match answer["user"]["deleted"].as_bool() {
            Some(true) => Stands::new(Standing::Left, "deleted: true"),
            _ => Stands::new(Standing::Active, "deleted: false"),
        })
    }

    fn hidden(&self, error: SendError) -> SendError {
        hide(Err(error.clone()), &[&self.token])
            .err()
            .unwrap_or(error)
    }
}

impl Directory for Book {
    fn find<'a>(
        &'a self,
        by: By<'a>,
        now: Time,
    ) -> BoxFuture<'a, Result<Option<String>, SendError>> {
        async move {
            match by {
                By::Email(email) => self.find(email, now).await,
                By::Phone(_) => {
                    let error = "Slack's members are not asked for by number";
                    Err(SendError::new(ErrorKind::Unsupported, error))
                }
            }
        }
        .boxed()
    }

    fn standing<'a>(&'a self, id: &'a str, now: Time) -> BoxFuture<'a, Result<Stands, SendError>> {
        self.stands(id, now).boxed()
    }
}
