//! `POST /alarm_v2` and its forerunner `/alarm`: signed texts for the people of an owner and level.
//!
//! The answer is `{"code": N}` with status 200 and the type `text/html`: its clients evaluate it as Python, so
//! nothing that is not Python may stand there.

mod code;
mod filter;
mod people;
mod signature;
mod words;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::any;
use axum::{Extension, Router};
use balefire_config::legacy::AlarmV2;
use balefire_config::plan::Plan;
use http::Method;
use serde_json::{Map, Value};

use self::code::Code;
use self::filter::Filter;
use super::off;
use super::request::{is_empty, read, text};
use crate::state::WebState;

/// What must be there, in the order in which it is asked for.
const REQUIRED: [&str; 5] = ["id", "level", "dep", "env", "sign"];
/// The environments and their names.
const ENVIRONMENTS: [(&str, &str); 3] =
    [("prod", "生产环境"), ("pre", "预发布"), ("dev", "测试环境")];

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/alarm_v2", any(alarm_v2))
        .route("/alarm", any(alarm))
        .layer(Extension(Arc::new(Filter::default())))
}

fn answer(code: Code) -> Response {
    Html(format!("{{\"code\": {}}}", code.number())).into_response()
}

async fn alarm_v2(
    State(state): State<WebState>,
    Extension(filter): Extension<Arc<Filter>>,
    request: Request,
) -> Response {
    let plan: Arc<Plan> = state.engine.plan();
    let Some(service) = &plan.legacy.alarm_v2 else {
        return off("alarm_v2");
    };
    if request.method() != Method::POST {
        return answer(Code::WrongMethod);
    }
    let asked = match read(&state, request).await {
        Ok(asked) => asked,
        Err(unread) => return (unread.status, unread.why).into_response(),
    };
    let code = match fields(&asked.body).and_then(|fields| checked(service, fields)) {
        Ok(alarm) => take(&state, &plan, service, &filter, &alarm, &asked.body).await,
        Err(code) => {
            state
                .engine
                .reject("alarm_v2", code.reason(), &asked.body)
                .await;
            code
        }
    };
    answer(code)
}

/// The request's values, all of them texts.
struct Alarm {
    fields: Map<String, Value>,
}

impl Alarm {
    fn text(&self, name: &str) -> &str {
        self.fields
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

fn fields(body: &[u8]) -> Result<Map<String, Value>, Code> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Code::NotAnObject),
        Err(_) => Err(Code::NotJson),
    }
}

/// The checks in the order that callers know.
fn checked(service: &AlarmV2, fields: Map<String, Value>) -> Result<Alarm, Code> {
    if REQUIRED.iter().any(|name| is_empty(fields.get(*name))) {
        return Err(Code::Missing);
    }
    if !fields.values().all(Value::is_string) {
        return Err(Code::NotAText);
    }
    let alarm = Alarm { fields };
    let department = service.departments.get(alarm.text("dep"));
    let department = department.ok_or(Code::UnknownDepartment)?;
    let salt = department.salt.as_ref().or(service.salt.as_ref());
    if !salt.is_some_and(|salt| signature::is_signed(&alarm.fields, salt)) {
        return Err(Code::WrongSignature);
    }
    if !ENVIRONMENTS
        .iter()
        .any(|(name, _)| *name == alarm.text("env"))
    {
        return Err(Code::UnknownEnvironment);
    }
    Ok(alarm)
}

/// Tells a checked alarm, unless its text was told often enough.
async fn take(
    state: &WebState,
    plan: &Plan,
    service: &AlarmV2,
    filter: &Filter,
    alarm: &Alarm,
    body: &[u8],
) -> Code {
    let text = words::text(service, &alarm.fields);
    if let Some(department) = service.departments.get(alarm.text("dep")) {
        let key = if department.ignore_time {
            let mut fields = alarm.fields.clone();
            fields.remove("alert_time");
            words::text(service, &fields)
        } else {
            text.clone()
        };
        if !filter.lets_through(&key, department, state.engine.now()) {
            let code = Code::Suppressed;
            state.engine.note("alarm_v2", code.reason(), body).await;
            return code;
        }
    }
    people::tell(
        state,
        plan,
        service,
        (alarm.text("id"), alarm.text("level")),
        &text,
    )
    .await
}

/// The forerunner: `id`, `level`, `data` and `sign`, by query or as JSON.
async fn alarm(State(state): State<WebState>, request: Request) -> Response {
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
        fields(&asked.body)
    };
    let code = match given.and_then(|fields| old(service, &fields)) {
        Ok([id, level, data]) => people::tell(&state, &plan, service, (&id, &level), &data).await,
        Err(code) => {
            state
                .engine
                .reject("alarm", code.reason(), &asked.body)
                .await;
            code
        }
    };
    answer(code)
}

fn old(service: &AlarmV2, fields: &Map<String, Value>) -> Result<[String; 3], Code> {
    let values = ["id", "level", "data", "sign"]
        .map(|name| text(fields.get(name)).filter(|text| !text.is_empty()));
    let [Some(id), Some(level), Some(data), Some(sign)] = values else {
        return Err(Code::Missing);
    };
    let salt = service.salt.as_ref().ok_or(Code::WrongSignature)?;
    if !signature::is_sign_of(&format!("{id}{level}{data}"), salt, &sign) {
        return Err(Code::WrongSignature);
    }
    Ok([id, level, data])
}
