//! The push service: `/email/send/message`, `/slack/send/message`, `/dingding/send/message`, `/wx/apps/send`, and
//! `/dingding/call`, `/sms/send`, `/vms/send`, which it only planned.
//!
//! Requests are JSON whatever their content type; answers are `{"code":0}` or `{"code":1,"message":…}` with
//! status 200.

mod dingding;
mod email;
mod phones;
mod slack;
mod wx;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use balefire_config::legacy::{AccountName, Push};
use balefire_config::plan::Plan;
use http::{StatusCode, header};
use serde_json::{Map, Value, json};

use super::off;
use super::python::{Style, dumps};
use super::request::{Unread, read};
use super::send::Told;
use crate::state::WebState;

const MISSING: &str = "参数缺失，请检查";

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/email/send/message", post(email))
        // The original took GET alone, its documentation names no method.
        .route("/slack/send/message", get(slack).post(slack))
        .route("/dingding/send/message", post(dingding))
        .route("/wx/apps/send", post(wx))
        .route("/dingding/call", post(call))
        .route("/sms/send", post(sms))
        .route("/vms/send", post(vms))
}

/// What a request is answered with.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    code: u8,
    message: Option<String>,
}

impl Answer {
    const fn done() -> Self {
        Self {
            code: 0,
            message: None,
        }
    }

    fn failed(message: impl Into<String>) -> Self {
        Self {
            code: 1,
            message: Some(message.into()),
        }
    }

    fn missing() -> Self {
        Self::failed(MISSING)
    }

    /// As Flask writes it: keys sorted, compact, a line break at the end.
    fn into_response(self) -> Response {
        let mut body = json!({"code": self.code});
        if let Some(message) = self.message {
            body["message"] = message.into();
        }
        let text = dumps(&body, Style::Compact) + "\n";
        ([(header::CONTENT_TYPE, "application/json")], text).into_response()
    }
}

impl From<&Told> for Answer {
    fn from(told: &Told) -> Self {
        told.trouble().map_or_else(Self::done, Self::failed)
    }
}

/// A request that was read, and what it may be answered with.
struct Call<'r> {
    state: &'r WebState,
    push: &'r Push,
    fields: Map<String, Value>,
}

impl Call<'_> {
    /// The text of a field that must be there.
    fn text(&self, name: &str) -> Result<String, Answer> {
        let value = self.fields.get(name);
        super::request::text(value)
            .filter(|text| !text.is_empty())
            .ok_or_else(Answer::missing)
    }

    /// Several texts of a field that must be there.
    fn texts(&self, name: &str) -> Result<Vec<String>, Answer> {
        super::request::texts(self.fields.get(name))
            .filter(|texts| !texts.is_empty())
            .ok_or_else(Answer::missing)
    }
}

/// The account of a way, or that there is none.
fn account<'p>(account: Option<&'p AccountName>, key: &str) -> Result<&'p AccountName, Answer> {
    account.ok_or_else(|| Answer::failed(format!("legacy.push.{key} names no account")))
}

/// Reads a request and has it answered, unless the service or this path of it is off.
async fn serve(
    state: &WebState,
    request: Request,
    planned: Option<fn(&Push) -> bool>,
    answer: impl AsyncFnOnce(Call<'_>) -> Result<Answer, Answer>,
) -> Response {
    let plan: std::sync::Arc<Plan> = state.engine.plan();
    let Some(push) = &plan.legacy.push else {
        return off("push");
    };
    // What the original never had is not there until somebody wants it.
    if planned.is_some_and(|is_on| !is_on(push)) {
        return off("push");
    }
    let asked = match read(state, request).await {
        Ok(asked) => asked,
        Err(Unread { status, why }) => return (status, why).into_response(),
    };
    // Nothing at all is a request whose fields are missing.
    let fields = if asked.body.is_empty() {
        Ok(Map::new())
    } else {
        asked.object()
    };
    let fields = match fields {
        Ok(fields) => fields,
        Err(why) => {
            state.engine.reject("push", &why, &asked.body).await;
            let mut answer = Answer::failed(why).into_response();
            *answer.status_mut() = StatusCode::BAD_REQUEST;
            return answer;
        }
    };
    let call = Call {
        state,
        push,
        fields,
    };
    answer(call)
        .await
        .unwrap_or_else(|answer| answer)
        .into_response()
}

async fn email(State(state): State<WebState>, request: Request) -> Response {
    serve(&state, request, None, email::send).await
}

async fn slack(State(state): State<WebState>, request: Request) -> Response {
    serve(&state, request, None, slack::send).await
}

async fn dingding(State(state): State<WebState>, request: Request) -> Response {
    serve(&state, request, None, dingding::send).await
}

async fn wx(State(state): State<WebState>, request: Request) -> Response {
    serve(&state, request, None, wx::send).await
}

async fn call(State(state): State<WebState>, request: Request) -> Response {
    let is_on: fn(&Push) -> bool = |push| push.ding.is_some();
    serve(&state, request, Some(is_on), dingding::call).await
}

async fn sms(State(state): State<WebState>, request: Request) -> Response {
    let is_on: fn(&Push) -> bool = |push| push.sms.is_some();
    serve(&state, request, Some(is_on), phones::sms).await
}

async fn vms(State(state): State<WebState>, request: Request) -> Response {
    let is_on: fn(&Push) -> bool = |push| push.voice.is_some();
    serve(&state, request, Some(is_on), phones::voice).await
}
