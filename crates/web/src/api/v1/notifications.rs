//! `/api/v1/notifications`: what was (to be) told to whom, with every attempt.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::{Extension, Json};
use balefire_core::message::Block;
use balefire_core::time::Time;
use balefire_engine::history::{self, Recall};
use balefire_store::{Attempt, NotificationFilter, NotificationState, Receipt, ReceiptState};
use balefire_template::compose::Reader;
use serde::Serialize;
use utoipa::ToSchema;

use super::decision::DecisionView;
use super::groups::group_id;
use super::history_problem;
use super::notification::NotificationView;
use super::query::Query;
use crate::error::Problem;
use crate::state::WebState;

/// How many fallbacks may follow one another; the configuration forbids circles.
const CHAIN: usize = 16;

/// A page of notifications.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotificationPage {
    /// Newest first.
    notifications: Vec<NotificationView>,
    /// What to give as `before` for the next page; absent at the end.
    next: Option<u64>,
}

/// A notification with everything about it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotificationDetail {
    #[serde(flatten)]
    notification: NotificationView,
    /// The running text of the default message, in reading order.
    text: String,
    /// Every try, in order.
    tries: Vec<AttemptView>,
    /// What the provider said afterwards, in the order in which it was heard.
    receipts: Vec<ReceiptView>,
    /// The notifications it is the fallback of, the nearest first.
    instead_of: Vec<NotificationView>,
    /// The decision it follows from, as far as its group goes; absent when retention has taken it.
    decided: Option<DecisionView>,
}

/// One try.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AttemptView {
    /// Which, from 1.
    number: u32,
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    took_micros: u64,
    /// `ok` or the kind of error.
    #[schema(value_type = String)]
    kind: Arc<str>,
    /// The beginning of the provider's answer.
    #[schema(value_type = Option<String>)]
    answer: Option<Arc<str>>,
    /// What a person can do about a failure, in words.
    #[schema(value_type = Option<String>)]
    fix: Option<Arc<str>>,
    /// The provider's id of the message.
    #[schema(value_type = Option<String>)]
    provider_id: Option<Arc<str>>,
}

/// What a provider said of it after it had taken it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReceiptView {
    /// When it was heard.
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// `delivered`, `failed`, `answered` (somebody picked up), `pressed` (a key), `read` or `refused` (kept from the person).
    #[schema(value_type = String)]
    state: ReceiptState,
    /// In the provider's words.
    #[schema(value_type = String)]
    detail: Arc<str>,
    /// The provider's id of the message.
    #[schema(value_type = String)]
    provider_id: Arc<str>,
}

impl ReceiptView {
    fn of(receipt: Receipt) -> Self {
        Self {
            at: receipt.at,
            state: receipt.state,
            detail: receipt.detail,
            provider_id: receipt.provider_id,
        }
    }
}

impl AttemptView {
    fn of(attempt: Attempt) -> Self {
        Self {
            number: attempt.number,
            at: attempt.at,
            took_micros: attempt.took_micros,
            kind: attempt.kind,
            answer: attempt.answer,
            fix: attempt.fix,
            provider_id: attempt.provider_id,
        }
    }
}

fn filter(query: Option<&str>) -> Result<NotificationFilter, Problem> {
    let keys = [
        "state", "account", "receiver", "group", "since", "before", "limit",
    ];
    let query = Query::read(query, &keys, &[])?;
    let words = NotificationState::ALL.map(|state| (state.as_str(), state));
    Ok(NotificationFilter {
        state: query.one_of("state", &words)?,
        account: query.text("account").map(Into::into),
        receiver: query.text("receiver").map(Into::into),
        group: query.text("group").map(group_id).transpose()?,
        since: query.time("since")?,
        before_seq: query.number("before")?,
        limit: query.limit()?,
    })
}

/// The language and zone of titles in this interface: the server's.
pub(crate) fn reader(state: &WebState) -> Reader {
    let plan = state.engine.plan();
    Reader {
        locale: plan.server.reader.locale,
        zone: plan.server.reader.zone.clone(),
    }
}

/// Notifications, newest first.
#[utoipa::path(
    get, path = "/api/v1/notifications", tag = "notifications",
    params(
        ("state" = Option<String>, Query, description = "pending, delivered, dead_lettered, handed_over, superseded or cancelled"),
        ("account" = Option<String>, Query, description = "Only of this account"),
        ("receiver" = Option<String>, Query, description = "Only of this receiver"),
        ("group" = Option<String>, Query, description = "Only of the group of this id"),
        ("since" = Option<String>, Query, description = "Made at or after this time, RFC 3339"),
        ("before" = Option<u64>, Query, description = "Notifications before this number"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"),
    ),
    responses((status = 200, body = NotificationPage), (status = 400, body = Problem))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<NotificationPage>, Problem> {
    let filter = filter(query.as_deref())?;
    let rows = state
        .engine
        .store()
        .notifications(&filter)
        .await
        .map_err(|error| Problem::of_store(&error))?;
    let full = rows.len() == filter.limit;
    let next = rows.last().filter(|_| full).map(|row| row.seq);
    let titles = history::titles(&state.engine, &rows, &reader(&state));
    let notifications = rows
        .iter()
        .zip(titles)
        .map(|(row, title)| NotificationView::of(row, title))
        .collect();
    Ok(Json(NotificationPage {
        notifications,
        next,
    }))
}

/// One notification: what it says, every try, what it is the fallback of, why it was made.
#[utoipa::path(
    get, path = "/api/v1/notifications/{seq}", tag = "notifications",
    params(("seq" = u64, Path, description = "The notification's number")),
    responses((status = 200, body = NotificationDetail), (status = 404, body = Problem))
)]
pub(crate) async fn one(
    State(state): State<WebState>,
    Extension(recall): Extension<Arc<Recall>>,
    Path(seq): Path<u64>,
    RawQuery(query): RawQuery,
) -> Result<Json<NotificationDetail>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let kept = state.engine.store();
    let of_store = |error| Problem::of_store(&error);
    let row = kept.notification(seq).await.map_err(of_store)?;
    let mut chain = vec![row.ok_or_else(|| {
        Problem::not_found(&format!(
            "there is no notification {seq}, or retention has taken it"
        ))
    })?];
    while let Some(earlier) = chain.last().and_then(|row| row.fallback_of) {
        match kept.notification(earlier).await.map_err(of_store)? {
            Some(row) if chain.len() < CHAIN => chain.push(row),
            _ => break,
        }
    }
    let tries = kept.attempts(seq).await.map_err(of_store)?;
    let receipts = kept.receipts(seq).await.map_err(of_store)?;
    let stories = recall
        .stories(&state.engine, &chain, &reader(&state))
        .await
        .map_err(|error| history_problem(&error))?;
    let mut views = chain.iter().zip(&stories).map(|(row, story)| {
        let title = story.message.as_ref().map(|m| m.title.clone());
        NotificationView::of(row, title.unwrap_or_default())
    });
    let (Some(notification), Some(story), Some(first)) =
        (views.next(), stories.first(), chain.first())
    else {
        return Err(Problem::not_found("the notification is gone"));
    };
    Ok(Json(NotificationDetail {
        text: story
            .message
            .as_ref()
            .map(|message| text_of(&message.body))
            .unwrap_or_default(),
        tries: tries.into_iter().map(AttemptView::of).collect(),
        receipts: receipts.into_iter().map(ReceiptView::of).collect(),
        instead_of: views.collect(),
        decided: story
            .decided
            .as_ref()
            .map(|decided| DecisionView::of(decided, |flush| flush.group.0 == first.group)),
        notification,
    }))
}

/// A message's body as plain lines.
fn text_of(body: &[Block]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for block in body {
        match block {
            Block::Heading(text) | Block::Text(text) => lines.push(text.clone()),
            Block::Facts(facts) => {
                lines.extend(facts.iter().map(|(name, value)| format!("{name}: {value}")));
            }
            Block::List(points) => lines.extend(points.iter().map(|point| format!("- {point}"))),
            Block::Link(link) => lines.push(format!("{}: {}", link.text, link.url)),
            Block::Image(url) => lines.push(url.clone()),
            Block::Rule => lines.push(String::new()),
        }
    }
    lines.join("\n")
}
