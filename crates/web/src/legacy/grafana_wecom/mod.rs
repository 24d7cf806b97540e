//! Grafana to WeCom: `POST /api/model/send_sms/` and `/check_service`, a news card for everybody who is named.
//!
//! The answer to an alert is the four bytes `None`, that to a `GET` is `{"status": "OK"}`, neither with a content type.

mod card;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use balefire_config::legacy::GrafanaWecom;
use balefire_config::legacy::paths;
use balefire_config::plan::Plan;
use futures_util::future::join_all;
use http::{StatusCode, header};
use serde_json::json;

use self::card::Card;
use super::off;
use super::request::read;
use super::send::{Told, store};
use crate::state::WebState;

pub(super) fn routes() -> Router<WebState> {
    let mut router = Router::new();
    for path in paths::GRAFANA_WECOM {
        router = router.route(path, get(health).post(alert));
    }
    router
}

async fn health(State(state): State<WebState>) -> Response {
    if state.engine.plan().legacy.grafana_wecom.is_none() {
        return off("grafana_wecom");
    }
    bare(r#"{"status": "OK"}"#)
}

async fn alert(State(state): State<WebState>, request: Request) -> Response {
    let plan: Arc<Plan> = state.engine.plan();
    let Some(service) = &plan.legacy.grafana_wecom else {
        return off("grafana_wecom");
    };
    let asked = match read(&state, request).await {
        Ok(asked) => asked,
        Err(unread) => return (unread.status, unread.why).into_response(),
    };
    let card = match asked.object() {
        Ok(fields) => Card::of(&fields),
        Err(why) => {
            state
                .engine
                .reject("grafana_wecom", &why, &asked.body)
                .await;
            return (StatusCode::BAD_REQUEST, why).into_response();
        }
    };
    let people = match people(service).await {
        Ok(people) => people,
        Err(why) => {
            tracing::error!(%why, "the list of people cannot be read");
            state
                .engine
                .reject("grafana_wecom", &why, &asked.body)
                .await;
            return (StatusCode::INTERNAL_SERVER_ERROR, why).into_response();
        }
    };
    let message = card.message(&plan.server.external_url);
    let mut ways: Vec<_> = people
        .into_iter()
        .map(|person| {
            (
                &service.account,
                json!({"message_type": "news", "to_user": person}),
            )
        })
        .collect();
    ways.extend(
        service
            .group_chat
            .iter()
            .map(|(chat, id)| (chat, json!({"message_type": "news", "chat_id": id}))),
    );
    // Nobody's trouble is another's; all are stored before the answer, in one commit if it can be.
    let stored = ways
        .into_iter()
        .map(|(account, options)| store(&state, account, options, message.clone()));
    let stored = join_all(stored).await;
    let mut troubles: Vec<String> = stored.iter().filter_map(Told::trouble).collect();
    if stored.is_empty() {
        troubles.push("the list of people is empty".to_owned());
    }
    if troubles.is_empty() {
        return bare("None");
    }
    let why = troubles.join("; ");
    state
        .engine
        .reject("grafana_wecom", &why, &asked.body)
        .await;
    if stored.iter().any(|told| matches!(told, Told::Unstored(_))) {
        return (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    }
    // Who sends it again would tell those twice for whom it is stored.
    if troubles.len() < stored.len() {
        return bare("None");
    }
    (StatusCode::INTERNAL_SERVER_ERROR, why).into_response()
}

/// Everybody who gets a card: the document's, and those of the file as it is now.
async fn people(service: &GrafanaWecom) -> Result<Vec<String>, String> {
    let mut people = service.people.clone();
    if let Some(path) = &service.people_from {
        let text = tokio::fs::read_to_string(path)
            .await
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        people.extend(lines.map(ToOwned::to_owned));
    }
    let mut seen = std::collections::BTreeSet::new();
    people.retain(|person| seen.insert(person.clone()));
    Ok(people)
}

/// An answer without a content type.
fn bare(text: &'static str) -> Response {
    let mut answer = text.into_response();
    answer.headers_mut().remove(header::CONTENT_TYPE);
    answer
}
