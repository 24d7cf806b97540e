//! The operations tool box: `/sendmail`, `/sendsms`, `/send_dingtalk`, `/send_wechat`, `/fault`.
//!
//! Requests are JSON whatever their content type; answers have status 200 and say in `status` how it went.
//! That `status` is a number in some answers and a text in others is what its clients compare with.

mod datetime;
mod dingtalk;
mod fault;
mod mail;
mod sms;
mod wechat;

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, Request, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use balefire_config::legacy::{AccountName, AppTools};
use balefire_config::plan::Plan;
use http::{HeaderMap, StatusCode, header};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::off;
use super::python::{Style, dumps};
use super::request::{is_empty, read};
use crate::access::Who;
use crate::state::WebState;

/// The name of it all in the record.
const SERVICE: &str = "apptools";
const EMPTY: &str = "参数不能为空";
const SENT: &str = "OK";
/// What stands for nothing in its requests.
const NONE: &str = "None";

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/sendmail", get(hello_mail).post(mail))
        .route("/sendsms", get(hello_sms).post(sms))
        .route("/send_dingtalk", get(hello_dingtalk).post(dingtalk))
        .route("/send_wechat", get(hello_wechat).post(wechat))
        .route(
            "/fault",
            get(faults).post(fault).put(fault_edit).delete(fault_delete),
        )
}

/// A request that was read.
struct Call<'r> {
    state: &'r WebState,
    plan: &'r Plan,
    tools: &'r AppTools,
    fields: Map<String, Value>,
    /// Who does it, for the record.
    actor: Arc<str>,
}

impl Call<'_> {
    /// The text of a field; `None` when it is missing or empty.
    fn text(&self, name: &str) -> Option<String> {
        let value = self.fields.get(name);
        super::request::text(value).filter(|_| !is_empty(value))
    }

    /// `{"status": …, "data": {the request}, "datetime": …, "msg": …}`.
    fn answer(&self, status: impl Into<Value>, message: impl Into<String>) -> Value {
        json!({
            "status": status.into(),
            "data": self.fields,
            "datetime": self.time(),
            "msg": message.into(),
        })
    }

    /// The time of the request in the server's zone.
    fn time(&self) -> String {
        datetime::written(self.state.engine.now(), &zone(self.plan))
    }
}

/// The zone in which its clients write and read times: the server's.
fn zone(plan: &Plan) -> TimeZone {
    TimeZone::get(&plan.server.reader.zone).unwrap_or(TimeZone::UTC)
}

/// The account of a way, or why there is none.
fn account<'t>(account: Option<&'t AccountName>, key: &str) -> Result<&'t AccountName, String> {
    account.ok_or_else(|| format!("legacy.apptools.{key} names no account"))
}

/// Eleven characters each, or none at all.
fn numbers(text: &str) -> Option<Vec<String>> {
    let all: Vec<String> = text.split(',').map(ToOwned::to_owned).collect();
    let fits = |number: &String| {
        number.chars().count() == 11 && number.chars().all(|c| c.is_ascii_digit())
    };
    all.iter().all(fits).then_some(all)
}

async fn serve(
    state: &WebState,
    request: Request,
    answer: impl AsyncFnOnce(Call<'_>) -> Value,
) -> Response {
    let plan: Arc<Plan> = state.engine.plan();
    let Some(tools) = &plan.legacy.apptools else {
        return off("apptools");
    };
    let actor = Who::of(&request).unwrap_or_else(|| SERVICE.into());
    let asked = match read(state, request).await {
        Ok(asked) => asked,
        Err(unread) => return (unread.status, unread.why).into_response(),
    };
    let fields = match asked.object() {
        Ok(fields) => fields,
        Err(why) => {
            state.engine.reject(SERVICE, &why, &asked.body).await;
            return (
                StatusCode::BAD_REQUEST,
                json_answer(&json!({"status": -1, "msg": why})),
            )
                .into_response();
        }
    };
    let call = Call {
        state,
        plan: &plan,
        tools,
        fields,
        actor,
    };
    json_answer(&answer(call).await)
}

/// As Tornado writes it.
fn json_answer(value: &Value) -> Response {
    let text = dumps(value, Style::Spaced).replace("</", "<\\/");
    let kind = (header::CONTENT_TYPE, "application/json; charset=UTF-8");
    ([kind], text).into_response()
}

async fn mail(State(state): State<WebState>, request: Request) -> Response {
    serve(&state, request, mail::send).await
}

async fn sms(State(state): State<WebState>, request: Request) -> Response {
    serve(&state, request, sms::send).await
}

async fn dingtalk(State(state): State<WebState>, request: Request) -> Response {
    serve(&state, request, dingtalk::send).await
}

async fn wechat(State(state): State<WebState>, request: Request) -> Response {
    serve(&state, request, wechat::send).await
}

async fn fault(State(state): State<WebState>, request: Request) -> Response {
    serve(&state, request, fault::add).await
}

async fn fault_edit(State(state): State<WebState>, request: Request) -> Response {
    serve(&state, request, fault::edit).await
}

async fn fault_delete(State(state): State<WebState>, request: Request) -> Response {
    serve(&state, request, fault::delete).await
}

async fn faults(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if state.engine.plan().legacy.apptools.is_none() {
        return off("apptools");
    }
    fault::list(&state, query.as_deref(), &headers).await
}

fn hello(state: &WebState, text: &'static str) -> Response {
    if state.engine.plan().legacy.apptools.is_none() {
        return off("apptools");
    }
    Html(text).into_response()
}

async fn hello_mail(State(state): State<WebState>) -> Response {
    hello(&state, "Hello, SendMail, Please use POST SendMail!")
}

async fn hello_sms(State(state): State<WebState>) -> Response {
    hello(&state, "Hello, SendSMS, Please use POST SendSMS!")
}

async fn hello_dingtalk(State(state): State<WebState>) -> Response {
    hello(&state, "Hello, SendDingTalk, Please use POST SendDingTalk!")
}

async fn hello_wechat(State(state): State<WebState>) -> Response {
    hello(&state, "Hello, SendWechat, Please use POST SendWechat!")
}
