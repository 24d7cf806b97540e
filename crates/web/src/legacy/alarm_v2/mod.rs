//! `POST /alarm_v2` and its forerunner `/alarm`: signed texts for the people of an owner and level.
//!
//! The answer is `{"code": N}` with status 200 and the type `text/html`: its clients evaluate it as Python, so
//! nothing that is not Python may stand there.

mod checks;
mod code;
pub(crate) mod department;
mod dingtalk;
mod filter;
pub(crate) mod group;
mod people;
mod reused;
mod signature;
mod taken;
mod ways;
mod webhook;
mod words;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::any;
use axum::{Extension, Router};
use balefire_config::plan::Plan;
use http::{HeaderName, HeaderValue, Method};
use serde_json::Value;

use self::checks::{Alarm, Signing};
use self::code::Code;
use self::department::Known;
use self::filter::Filter;
use self::reused::Reused;
use self::webhook::Signed;
use super::off;
use super::request::read;
use crate::state::WebState;

pub(crate) use self::taken::take_up;

/// The environments and their names.
pub(crate) const ENVIRONMENTS: [(&str, &str); 3] =
    [("prod", "生产环境"), ("pre", "预发布"), ("dev", "测试环境")];
/// Since when MD5 signatures are deprecated: 2026-11-28, as RFC 9745 writes a date.
const DEPRECATED: (HeaderName, HeaderValue) = (
    HeaderName::from_static("deprecation"),
    HeaderValue::from_static("@1795824000"),
);

/// What is remembered from one request to the next.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    filter: Filter,
    reused: Reused,
}

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/alarm_v2", any(alarm_v2))
        .route("/alarm", any(alarm))
        .layer(Extension(Arc::new(Memory::default())))
}

fn answer(code: Code) -> Response {
    Html(format!("{{\"code\": {}}}", code.number())).into_response()
}

async fn alarm_v2(
    State(state): State<WebState>,
    Extension(memory): Extension<Arc<Memory>>,
    request: Request,
) -> Response {
    let plan: Arc<Plan> = state.engine.plan();
    let Some(service) = &plan.legacy.alarm_v2 else {
        return off("alarm_v2");
    };
    if request.method() != Method::POST {
        return answer(Code::WrongMethod);
    }
    let signed = Signed::of(request.headers());
    let asked = match read(&state, request).await {
        Ok(asked) => asked,
        Err(unread) => return (unread.status, unread.why).into_response(),
    };
    let checked = match checks::fields(&asked.body) {
        Ok(fields) => {
            let known = Known::of(&state, service, &fields).await;
            let at = (&*asked.body, state.engine.now());
            match signed {
                Some(signed) => checks::webhook(&known, fields, &signed, at),
                None => checks::by_values(&known, fields),
            }
        }
        Err(code) => Err(code),
    };
    judged(&state, &memory, "alarm_v2", checked, &asked.body).await
}

/// Takes what has passed the checks, and records what has not.
async fn judged(
    state: &WebState,
    memory: &Arc<Memory>,
    source: &'static str,
    checked: Result<Alarm, Code>,
    body: &[u8],
) -> Response {
    let alarm = match checked {
        Ok(alarm) => alarm,
        Err(code) => {
            state.engine.reject(source, code.reason(), body).await;
            return answer(code);
        }
    };
    let signing = alarm.signing;
    if signing == Signing::Md5 && memory.reused.is_news(&alarm.sent) {
        let why = "this signature came with other fields before: values are signed without their names and borders; sign by Standard Webhooks";
        state.engine.note(source, why, body).await;
    }
    // A caller that hangs up does not end what it has begun.
    let task = taken::take(state.clone(), Arc::clone(memory), alarm);
    let carried = state.engine.carry_on(task).await;
    let code = carried.unwrap_or(Code::NotStored);
    if !matches!(code, Code::Done) {
        state.engine.note(source, code.reason(), body).await;
    }
    let mut response = answer(code);
    if signing == Signing::Md5 {
        let (name, value) = DEPRECATED;
        response.headers_mut().insert(name, value);
    }
    response
}

/// The forerunner: `id`, `level`, `data` and `sign`, by query or as JSON.
async fn alarm(
    State(state): State<WebState>,
    Extension(memory): Extension<Arc<Memory>>,
    request: Request,
) -> Response {
    let plan: Arc<Plan> = state.engine.plan();
    let Some(service) = &plan.legacy.alarm_v2 else {
        return off("alarm_v2");
    };
    let by_query = match *request.method() {
        Method::GET => true,
        Method::POST => false,
        _ => return answer(Code::OldWrongMethod),
    };
    let query = request.uri().query().unwrap_or_default().to_owned();
    let asked = match read(&state, request).await {
        Ok(asked) => asked,
        Err(unread) => return (unread.status, unread.why).into_response(),
    };
    let given = if by_query {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        Ok(pairs
            .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
            .collect())
    } else {
        checks::fields(&asked.body)
    };
    let checked = given.and_then(|fields| checks::old(service, &fields));
    judged(&state, &memory, "alarm", checked, &asked.body).await
}
