//! `/api/v1/alarm-groups`: who is told for an owner and level of `/alarm_v2`. What is set here stands before the document.

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use balefire_config::legacy::{AlarmGroup, AlarmV2};
use balefire_config::plan::Plan;
use balefire_core::time::Time;
use balefire_store::AlarmGroupRow;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::alarm_departments::{DepartmentView, views};
use super::body::{self, Fields};
use super::query::Query;
use crate::error::Problem;
use crate::legacy::alarm_v2::group::{self, DINGTALK, EMAIL, GroupBody, WECOM};
use crate::state::WebState;

/// Longest title or name of a chat group, in characters.
const LONGEST_NAME: usize = 200;
/// Most people of a way.
const MOST_PEOPLE: usize = 1_000;
/// Highest level, as in the document.
const HIGHEST_LEVEL: u32 = 1_000_000;

impl Fields for GroupBody {
    const FIELDS: &'static [&'static str] = &[
        "title",
        "conversationId",
        "chatName",
        "dingtalkPeople",
        "wecomPeople",
        "emailPeople",
    ];
}

/// A group and where it comes from.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupView {
    owner: String,
    level: u32,
    #[serde(flatten)]
    body: GroupBody,
    /// `api` or `document`.
    from: &'static str,
    /// Whether it is the one that counts: one of the document does not where one of the API stands before it.
    counts: bool,
    /// When it was set by API.
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Time>,
    /// Who of it cannot be told, and why.
    warnings: Vec<String>,
}

/// All groups and departments.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupList {
    groups: Vec<GroupView>,
    departments: Vec<DepartmentView>,
}

pub(super) fn service(plan: &Plan) -> Result<&AlarmV2, Problem> {
    let off = || {
        Problem::not_found(
            "this service is off; name it under legacy.alarm_v2 in the configuration",
        )
    };
    plan.legacy.alarm_v2.as_ref().ok_or_else(off)
}

/// What keeps somebody from being told.
fn warnings(plan: &Plan, service: &AlarmV2, group: &AlarmGroup) -> Vec<String> {
    let ways = [
        (&group.dingtalk_people, DINGTALK, service.dingtalk.is_some()),
        (&group.wecom_people, WECOM, service.wecom.is_some()),
        (&group.email_people, EMAIL, service.mail.is_some()),
    ];
    let mut warnings = Vec::new();
    for (names, platform, has_account) in ways {
        let (_, missing) = group::addresses(plan, names, platform);
        let at = platform.0;
        warnings.extend(
            missing
                .into_iter()
                .map(|place| format!("{place}: nobody under people has this key or name and {at}")),
        );
        if !names.is_empty() && !has_account {
            let key = if at == "email" { "mail" } else { at };
            warnings.push(format!(
                "{at}_people: legacy.alarm_v2.{key} names no account"
            ));
        }
    }
    warnings
}

fn view(
    plan: &Plan,
    service: &AlarmV2,
    group: &AlarmGroup,
    (changed_at, counts): (Option<Time>, bool),
) -> GroupView {
    GroupView {
        owner: group.owner.clone(),
        level: group.level,
        body: GroupBody::of(group),
        from: if changed_at.is_some() {
            "api"
        } else {
            "document"
        },
        counts,
        changed_at,
        warnings: warnings(plan, service, group),
    }
}

/// All groups: those set by API, then the document's; and the departments.
#[utoipa::path(
    get, path = "/api/v1/alarm-groups", tag = "alarms",
    responses(
        (status = 200, body = GroupList),
        (status = 404, body = Problem, description = "The service is off"),
    )
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<GroupList>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let plan = state.engine.plan();
    let service = service(&plan)?;
    let rows = state.engine.store().alarm_groups().await;
    let rows = rows.map_err(|error| Problem::of_store(&error))?;
    let mut groups: Vec<GroupView> = Vec::with_capacity(rows.len() + service.groups.len());
    for row in rows {
        let stands = (Some(row.changed_at), true);
        groups.push(view(&plan, service, &group::read(&row), stands));
    }
    for group in &service.groups {
        let same = |other: &GroupView| other.owner == group.owner && other.level == group.level;
        let counts = !groups.iter().any(same);
        groups.push(view(&plan, service, group, (None, counts)));
    }
    let departments = views(state.engine.store(), service).await?;
    Ok(Json(GroupList {
        groups,
        departments,
    }))
}

/// The level of a path, as callers may send it.
fn level(text: &str) -> Result<u32, Problem> {
    let level = group::level(text).filter(|level| *level <= HIGHEST_LEVEL);
    level.ok_or_else(|| {
        let detail = format!("level is a number from 0 to {HIGHEST_LEVEL}, not {text:.40?}");
        Problem::bad_request(&detail)
    })
}

fn check(owner: &str, body: &GroupBody) -> Result<(), Problem> {
    let most = AlarmGroupRow::LONGEST_OWNER;
    if owner.chars().count() > most || owner.contains('\0') {
        let detail = format!("owner has at most {most} characters and no NUL");
        return Err(Problem::unprocessable(&detail));
    }
    let names = [
        ("title", body.title.as_deref().unwrap_or_default()),
        ("conversationId", &body.conversation_id),
        ("chatName", &body.chat_name),
    ];
    for (key, text) in names {
        if text.chars().count() > LONGEST_NAME || text.contains('\0') {
            let detail = format!("{key} has at most {LONGEST_NAME} characters and no NUL");
            return Err(Problem::unprocessable(&detail));
        }
    }
    let people = [
        ("dingtalkPeople", &body.dingtalk_people),
        ("wecomPeople", &body.wecom_people),
        ("emailPeople", &body.email_people),
    ];
    for (key, names) in people {
        if names.len() > MOST_PEOPLE {
            let detail = format!(
                "{key} names at most {MOST_PEOPLE} people, not {}",
                names.len()
            );
            return Err(Problem::unprocessable(&detail));
        }
        if let Some(place) = names.iter().position(|name| name.trim().is_empty()) {
            let detail = format!("{key}[{place}] is empty: write a key or name of people");
            return Err(Problem::unprocessable(&detail));
        }
    }
    if body.conversation_id.is_empty() && people.iter().all(|(_, names)| names.is_empty()) {
        let detail = "the group tells nobody: name dingtalkPeople, wecomPeople, emailPeople or a conversationId";
        return Err(Problem::unprocessable(detail));
    }
    Ok(())
}

/// Sets the group of an owner and level, in place of the one before and of the document's. People that cannot be
/// told are named in `warnings`.
#[utoipa::path(
    put, path = "/api/v1/alarm-groups/{owner}/{level}", tag = "alarms",
    request_body = GroupBody,
    params(("owner" = String, Path), ("level" = String, Path)),
    responses(
        (status = 200, body = GroupView, description = "Changed"),
        (status = 201, body = GroupView, description = "New"),
        (status = 400, body = Problem),
        (status = 404, body = Problem, description = "The service is off"),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn put(
    State(state): State<WebState>,
    Path((owner, level_text)): Path<(String, String)>,
    request: Request,
) -> Result<(StatusCode, Json<GroupView>), Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let plan = state.engine.plan();
    let service = service(&plan)?;
    let level = level(&level_text)?;
    let (headers, bytes) = body::bytes(&state.engine, request).await?;
    let asked: GroupBody = body::json(&headers, &bytes)?;
    check(&owner, &asked)?;
    let row = AlarmGroupRow {
        owner: owner.as_str().into(),
        level,
        body: serde_json::to_string(&asked).unwrap_or_default().into(),
        changed_at: state.engine.now(),
    };
    let writer = state.engine.store().writer();
    let set = writer.set_alarm_group(row.clone()).await;
    let is_new = set.map_err(|error| Problem::of_store(&error))?;
    let Some(is_new) = is_new else {
        let detail = format!(
            "there are {} groups already: take some back, or name them in the document",
            AlarmGroupRow::MOST
        );
        return Err(Problem::unprocessable(&detail));
    };
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let stands = (Some(row.changed_at), true);
    let shown = view(&plan, service, &asked.group(&owner, level), stands);
    Ok((status, Json(shown)))
}

/// Takes a group back that was set here; the document's counts again.
#[utoipa::path(
    delete, path = "/api/v1/alarm-groups/{owner}/{level}", tag = "alarms",
    params(("owner" = String, Path), ("level" = String, Path)),
    responses(
        (status = 204, description = "Taken back"),
        (status = 404, body = Problem, description = "None was set here"),
    )
)]
pub(crate) async fn take_back(
    State(state): State<WebState>,
    Path((owner, level_text)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let level = level(&level_text)?;
    let writer = state.engine.store().writer();
    let gone = writer.drop_alarm_group(&owner, level).await;
    if gone.map_err(|error| Problem::of_store(&error))? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let detail = format!(
        "no group of {owner:.100?} and level {level} was set here; those of the document are changed there"
    );
    Err(Problem::not_found(&detail))
}
