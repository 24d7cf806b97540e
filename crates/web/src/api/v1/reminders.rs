//! `/api/v1/reminders`: what will expire, and who is told of it in advance.

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use balefire_core::reminder::{Edit, Handled, Reminder};
use balefire_core::time::Time;
use balefire_engine::engine::Engine;
use balefire_store::{ReminderFilter, ReminderKey, ReminderOrder, ReminderPut};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{self, Fields};
use super::messages::SentView;
use super::query::Query;
use super::reminder::{ReminderBody, ReminderTold, ReminderView, refused};
use crate::error::Problem;
use crate::state::WebState;

/// Longest text that is searched for, and longest name of who saw to it, in characters.
const LONGEST: usize = 200;

/// A page of reminders.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReminderPage {
    reminders: Vec<ReminderView>,
    /// How many there are on all pages.
    total: u64,
    /// What to give as `offset` for the next page; absent at the end.
    next: Option<u64>,
}

/// A reminder, what was told of it, and when more is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReminderDetail {
    #[serde(flatten)]
    reminder: ReminderView,
    /// When it is told next, if nothing changes.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_told_at: Option<Time>,
    /// The last hundred stages that were told, the newest first.
    told: Vec<ReminderTold>,
}

/// Who saw to it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct HandledBody {
    /// Their name.
    #[serde(default)]
    by: String,
}

impl Fields for HandledBody {
    const FIELDS: &'static [&'static str] = &["by"];
}

/// What a test came to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReminderTest {
    /// One for each way; none when it has none.
    ways: Vec<ReminderTested>,
}

/// What a test came to by one way.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReminderTested {
    /// The account or receiver.
    way: String,
    /// One for each target.
    notifications: Vec<SentView>,
    /// Why nothing was sent; absent when something was.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

async fn find(engine: &Engine, id: u64) -> Result<Reminder, Problem> {
    let found = engine.store().reminder(&ReminderKey::Id(id)).await;
    found
        .map_err(|error| Problem::of_store(&error))?
        .ok_or_else(|| missing(id))
}

fn missing(id: u64) -> Problem {
    Problem::not_found(&format!("there is no reminder {id}"))
}

async fn detail(engine: &Engine, reminder: &Reminder) -> Result<ReminderDetail, Problem> {
    let next = engine
        .next_reminding(reminder)
        .await
        .map_err(|error| Problem::of_store(&error))?;
    let told = engine
        .store()
        .told_lately(reminder.id)
        .await
        .map_err(|error| Problem::of_store(&error))?;
    Ok(ReminderDetail {
        reminder: ReminderView::of(reminder),
        next_told_at: next,
        told: ReminderTold::all(reminder, told),
    })
}

async fn stored(engine: &Engine, id: u64, put: ReminderPut) -> Result<ReminderDetail, Problem> {
    match put {
        ReminderPut::Stored(reminder) => detail(engine, &reminder).await,
        ReminderPut::Missing => Err(missing(id)),
        ReminderPut::Taken => Err(Problem::new(
            StatusCode::CONFLICT,
            "name_taken",
            "another reminder has this name",
        )),
        ReminderPut::Refused(fault) => Err(refused(&fault)),
    }
}

/// Reminders, what expires first at the top.
#[utoipa::path(
    get, path = "/api/v1/reminders", tag = "reminders",
    params(
        ("search" = Option<String>, Query, description = "In name, content or addresses, upper and lower case alike"),
        ("handled" = Option<bool>, Query, description = "Only those somebody has seen to, or nobody has"),
        ("sort" = Option<String>, Query, description = "expires, name or made; with - before it the other way round"),
        ("offset" = Option<u64>, Query, description = "How many to leave out"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"),
    ),
    responses((status = 200, body = ReminderPage), (status = 400, body = Problem))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<ReminderPage>, Problem> {
    let keys = ["search", "handled", "sort", "offset", "limit"];
    let query = Query::read(query.as_deref(), &keys, &[])?;
    let orders = [
        ("expires", ReminderOrder::Expires),
        ("-expires", ReminderOrder::ExpiresLast),
        ("name", ReminderOrder::Name),
        ("-name", ReminderOrder::NameLast),
        ("made", ReminderOrder::Made),
        ("-made", ReminderOrder::MadeLast),
    ];
    let search = query.text("search").map(ToOwned::to_owned);
    if search
        .as_ref()
        .is_some_and(|text| text.chars().count() > LONGEST)
    {
        let detail = format!("search is at most {LONGEST} characters");
        return Err(Problem::bad_request(&detail));
    }
    let filter = ReminderFilter {
        any: search,
        handled: query.one_of("handled", &[("true", true), ("false", false)])?,
        order: query.one_of("sort", &orders)?.unwrap_or_default(),
        offset: query.number("offset")?.unwrap_or(0),
        limit: query.limit()?,
        ..ReminderFilter::default()
    };
    let (found, total) = state
        .engine
        .store()
        .reminders(&filter)
        .await
        .map_err(|error| Problem::of_store(&error))?;
    let end = filter.offset.saturating_add(found.len() as u64);
    Ok(Json(ReminderPage {
        next: (end < total && !found.is_empty()).then_some(end),
        reminders: found.iter().map(ReminderView::of).collect(),
        total,
    }))
}

/// One reminder.
#[utoipa::path(
    get, path = "/api/v1/reminders/{id}", tag = "reminders",
    params(("id" = u64, Path)),
    responses((status = 200, body = ReminderDetail), (status = 404, body = Problem))
)]
pub(crate) async fn one(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    RawQuery(query): RawQuery,
) -> Result<Json<ReminderDetail>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let reminder = find(&state.engine, id).await?;
    Ok(Json(detail(&state.engine, &reminder).await?))
}

/// Makes a reminder.
#[utoipa::path(
    post, path = "/api/v1/reminders", tag = "reminders",
    request_body = ReminderBody,
    responses(
        (status = 201, body = ReminderDetail),
        (status = 409, body = Problem, description = "Another one has this name"),
        (status = 422, body = Problem, description = "A value does not fit, or nobody has such an account, receiver or key"),
    )
)]
pub(crate) async fn add(
    State(state): State<WebState>,
    request: Request,
) -> Result<(StatusCode, Json<ReminderDetail>), Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let engine = &state.engine;
    let (headers, bytes) = body::bytes(engine, request).await?;
    let asked: ReminderBody = body::json(&headers, &bytes)?;
    let new = asked.made(&engine.plan())?;
    let put = engine
        .store()
        .writer()
        .add_reminder(new, engine.now())
        .await;
    let made = stored(engine, 0, put.map_err(|error| Problem::of_store(&error))?).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Changes a reminder; what is left out stays. Another time of expiry is told anew.
#[utoipa::path(
    patch, path = "/api/v1/reminders/{id}", tag = "reminders",
    params(("id" = u64, Path)),
    request_body = ReminderBody,
    responses(
        (status = 200, body = ReminderDetail),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "Another one has this name"),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn edit(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    request: Request,
) -> Result<Json<ReminderDetail>, Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let engine = &state.engine;
    let (headers, bytes) = body::bytes(engine, request).await?;
    let asked: ReminderBody = body::json(&headers, &bytes)?;
    let before = find(engine, id).await?;
    let edit = asked.edit(&engine.plan(), Some(&before))?;
    change(engine, id, edit).await.map(Json)
}

/// Notes that somebody has seen to it: nothing more is told of it, until its time of expiry is changed.
#[utoipa::path(
    post, path = "/api/v1/reminders/{id}/handled", tag = "reminders",
    params(("id" = u64, Path)),
    request_body = HandledBody,
    responses((status = 200, body = ReminderDetail), (status = 404, body = Problem))
)]
pub(crate) async fn handled(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    request: Request,
) -> Result<Json<ReminderDetail>, Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let engine = &state.engine;
    let (headers, bytes) = body::bytes(engine, request).await?;
    let asked: HandledBody = body::json(&headers, &bytes)?;
    if asked.by.chars().count() > LONGEST {
        let detail = format!("by is at most {LONGEST} characters");
        return Err(Problem::unprocessable(&detail));
    }
    let handled = Handled {
        at: engine.now(),
        by: asked.by,
    };
    let edit = Edit {
        handled: Some(Some(handled)),
        ..Edit::default()
    };
    change(engine, id, edit).await.map(Json)
}

/// Takes that back: it is told again.
#[utoipa::path(
    delete, path = "/api/v1/reminders/{id}/handled", tag = "reminders",
    params(("id" = u64, Path)),
    responses((status = 200, body = ReminderDetail), (status = 404, body = Problem))
)]
pub(crate) async fn unhandled(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    RawQuery(query): RawQuery,
) -> Result<Json<ReminderDetail>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let edit = Edit {
        handled: Some(None),
        ..Edit::default()
    };
    change(&state.engine, id, edit).await.map(Json)
}

async fn change(engine: &Engine, id: u64, edit: Edit) -> Result<ReminderDetail, Problem> {
    let writer = engine.store().writer();
    let put = writer
        .edit_reminder(ReminderKey::Id(id), edit, engine.now())
        .await;
    stored(engine, id, put.map_err(|error| Problem::of_store(&error))?).await
}

/// Removes a reminder.
#[utoipa::path(
    delete, path = "/api/v1/reminders/{id}", tag = "reminders",
    params(("id" = u64, Path)),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(crate) async fn remove(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let writer = state.engine.store().writer();
    let removed = writer.remove_reminder(ReminderKey::Id(id)).await;
    if removed.map_err(|error| Problem::of_store(&error))? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(missing(id))
    }
}

/// Tells it now by all its ways, as a test: each is tried once, and no stage counts as told.
#[utoipa::path(
    post, path = "/api/v1/reminders/{id}/test", tag = "reminders",
    params(("id" = u64, Path)),
    responses((status = 200, body = ReminderTest), (status = 404, body = Problem))
)]
pub(crate) async fn test(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    RawQuery(query): RawQuery,
) -> Result<Json<ReminderTest>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let reminder = find(&state.engine, id).await?;
    let tested = state.engine.test_reminder(&reminder).await;
    let ways = tested
        .into_iter()
        .map(|tested| {
            let (notifications, error) = match tested.sent {
                Ok(sent) => (sent.into_iter().map(SentView::of).collect(), None),
                Err(error) => (Vec::new(), Some(error.to_string())),
            };
            ReminderTested {
                way: tested.way,
                notifications,
                error,
            }
        })
        .collect();
    Ok(Json(ReminderTest { ways }))
}
