//! `/callback/{account}/{token}`: what providers say afterwards about what they took, in their own formats.
//!
//! The account's token in the path is the leave, and where the provider signs, its signature besides. Whatever
//! comes with the right token is answered as the provider expects, so that it does not say the same for ever; what
//! cannot be read is recorded as rejected.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use balefire_channels::callback::{
    Callback, CallbackAnswer, CallbackError, CallbackRequest, Heard,
};
use balefire_channels::click::{Clicks, Reaction};
use balefire_channels::registry;
use balefire_config::plan::{Account, Plan};
use balefire_store::StoreError;
use http::{HeaderMap, StatusCode, Uri, header};

use crate::access::same;
use crate::error::Problem;
use crate::ingest::body;
use crate::ingest::receive::text_headers;
use crate::state::WebState;

/// Largest body, in bytes: a thousand reports.
const MOST_BYTES: usize = 512 * 1024;
/// Of a body that cannot be read, so many bytes are recorded.
const HEAD: usize = 512;

pub(crate) fn routes() -> Router<WebState> {
    let all = post(take).get(greet);
    Router::new().route("/callback/{account}/{token}", all)
}

async fn take(
    State(state): State<WebState>,
    Path((name, token)): Path<(String, String)>,
    request: Request,
) -> Response {
    let plan = state.engine.plan();
    let Some(account) = guarded(&plan, &name, &token) else {
        // An account that has none is told from a wrong token by nobody.
        return Problem::unauthorized("no account has this callback").into_response();
    };
    let (head, stream) = request.into_parts();
    let read = body::read(&state.engine, &head.headers, stream, MOST_BYTES).await;
    let whole = match read {
        Ok(whole) => whole,
        Err(error) => {
            note(&state, &name, &error.to_string(), &[]).await;
            return Problem::new(error.status(), "body", &error.to_string()).into_response();
        }
    };
    let headers = text_headers(&head.headers);
    let asked = CallbackRequest {
        url: &address(&plan, &name, &token, head.uri.query()),
        headers: &headers,
        body: whole.bytes(),
        account: &account.value,
        now: state.engine.now(),
    };
    match (
        registry::callback_of(account.spec),
        registry::clicks_of(account.spec),
    ) {
        (Some(kind), _) => taken(&state, &name, kind, &asked).await,
        (None, Some(kind)) => pressed(&state, account, kind, &asked).await,
        (None, None) => answered(CallbackAnswer::default()),
    }
}

/// Some platforms ask with GET whether the address is ours before they use it; some providers say with it what they have to say.
async fn greet(
    State(state): State<WebState>,
    Path((name, token)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let plan = state.engine.plan();
    let Some(account) = guarded(&plan, &name, &token) else {
        return Problem::unauthorized("no account has this callback").into_response();
    };
    let headers = text_headers(&headers);
    let asked = CallbackRequest {
        url: &address(&plan, &name, &token, uri.query()),
        headers: &headers,
        body: &[],
        account: &account.value,
        now: state.engine.now(),
    };
    let said = uri.query().is_some_and(|query| !query.is_empty());
    let by_query = registry::callback_of(account.spec).filter(|kind| kind.reads_queries && said);
    if let Some(kind) = by_query {
        return taken(&state, &name, kind, &asked).await;
    }
    let kind = registry::clicks_of(account.spec);
    match kind.map(|kind| (kind.greet)(&asked)) {
        Some(Ok(Some(answer))) => answered(answer),
        Some(Err(error)) => {
            note(&state, &name, &error.to_string(), &[]).await;
            Problem::forbidden(&error.to_string()).into_response()
        }
        None | Some(Ok(None)) => {
            let why = "this account's provider calls with POST";
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", why).into_response()
        }
    }
}

/// The account whose callback this is, if the token in the path is its own.
fn guarded<'p>(plan: &'p Plan, name: &str, token: &str) -> Option<&'p Account> {
    let account = plan.accounts.get(name)?;
    same(account.callback_token.as_ref()?, token).then_some(account)
}

/// The address under which the provider knows us, with the query it came with.
fn address(plan: &Plan, name: &str, token: &str, query: Option<&str>) -> String {
    let base = plan.server.external_url.trim_end_matches('/');
    let mark = query.map_or_else(String::new, |query| format!("?{query}"));
    format!("{base}/callback/{name}/{token}{mark}")
}

/// A button below a chat message.
async fn pressed(
    state: &WebState,
    account: &Account,
    kind: &'static Clicks,
    asked: &CallbackRequest<'_>,
) -> Response {
    match (kind.greet)(asked) {
        Ok(None) => {}
        Ok(Some(answer)) => return answered(answer),
        Err(error) => return refused(state, &account.name, &error, asked.body).await,
    }
    let click = match (kind.read)(asked) {
        Ok(Some(click)) => click,
        Ok(None) => return answered(CallbackAnswer::default()),
        Err(error) => return refused(state, &account.name, &error, asked.body).await,
    };
    let clicked = match state.engine.take_click(account, kind, &click).await {
        Ok(clicked) => clicked,
        Err(error) => return Problem::of_store(&error).into_response(),
    };
    let reaction = Reaction {
        words: &clicked.words,
        is_done: clicked.is_done,
    };
    let answer = (kind.answer)(&click, &reaction);
    if !clicked.is_repeated {
        // The platform waits for our answer, not for its own.
        let (engine, name) = (state.engine.clone(), Arc::clone(&account.name));
        state.engine.carry_on(async move {
            if let Some(account) = engine.plan().accounts.get(&*name) {
                engine.show_click(account, &click, &clicked).await;
            }
        });
    }
    answered(answer)
}

async fn taken(
    state: &WebState,
    name: &str,
    kind: &Callback,
    asked: &CallbackRequest<'_>,
) -> Response {
    let query = asked.url.split_once('?').map_or("", |(_, query)| query);
    let said = if asked.body.is_empty() {
        query.as_bytes()
    } else {
        asked.body
    };
    let heard = match (kind.read)(asked) {
        Ok(heard) => heard,
        Err(CallbackError::Forged(why)) => {
            note(state, name, why, said).await;
            return Problem::forbidden(why).into_response();
        }
        Err(CallbackError::Unreadable(why)) => {
            note(state, name, &why, said).await;
            return answered((kind.answer)(&Heard::default(), &[]));
        }
    };
    match listen(state, name, &heard, said).await {
        Ok(words) => answered((kind.answer)(&heard, &words)),
        // The provider says it again.
        Err(error) => Problem::of_store(&error).into_response(),
    }
}

async fn refused(state: &WebState, name: &str, error: &CallbackError, body: &[u8]) -> Response {
    note(state, name, &error.to_string(), body).await;
    Problem::forbidden(&error.to_string()).into_response()
}

/// Takes in all that a callback holds; the answer is what those who wrote hear.
async fn listen(
    state: &WebState,
    name: &str,
    heard: &Heard,
    body: &[u8],
) -> Result<Vec<String>, StoreError> {
    let reported = state.engine.take_reports(name, &heard.reports).await?;
    if reported.strange > 0 {
        let why = format!("{} report(s) of nothing that went out", reported.strange);
        note(state, name, &why, body).await;
    }
    let mut words = Vec::new();
    for text in &heard.texts {
        let replied = state.engine.take_text(name, text).await?;
        if let Some(why) = replied.refused {
            note(state, name, why, body).await;
        }
        words.push(replied.words);
    }
    Ok(words)
}

async fn note(state: &WebState, name: &str, why: &str, body: &[u8]) {
    let head = &body[..body.len().min(HEAD)];
    let source = format!("callback {name}");
    state.engine.reject(&source, why, head).await;
}

fn answered(answer: CallbackAnswer) -> Response {
    if answer.media_type.is_empty() {
        return ().into_response();
    }
    ([(header::CONTENT_TYPE, answer.media_type)], answer.body).into_response()
}
