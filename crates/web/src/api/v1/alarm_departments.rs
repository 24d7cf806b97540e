//! `/api/v1/alarm-departments`: the departments of `/alarm_v2`, their limits and secrets. What is set here stands before
//! the document; a secret is taken and never shown.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use balefire_config::legacy::{
    AlarmV2, Department, LONGEST_REPLAY_WINDOW, PUBLISHED_SALT, SigningKey,
};
use balefire_core::duration;
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use balefire_store::{AlarmDepartmentRow, DepartmentPut, Store};
use http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::alarm_groups::service;
use super::body::{self, Fields};
use super::query::Query;
use crate::access::Who;
use crate::error::Problem;
use crate::legacy::alarm_v2::department::{self, DepartmentBody};
use crate::state::WebState;

/// Longest label and secret, in characters.
const LONGEST_TEXT: usize = 200;
/// Highest threshold, as in the document.
const HIGHEST_THRESHOLD: u32 = 1_000_000;

/// A department as it is set. What is left out is as the document says; a secret that is left out stays as it was set
/// here, and `null` takes it back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct DepartmentRequest {
    /// Its name in messages.
    label: Option<String>,
    /// Repeats that are told after the first and one more; 0 tells all.
    threshold: Option<u32>,
    /// How long a text must be silent to be told again, as `60s`.
    window: Option<String>,
    /// Whether texts that differ in `alert_time` alone are the same.
    ignore_time: Option<bool>,
    /// For how long a signature in `sign` is taken once; `0s` takes it always.
    replay_window: Option<String>,
    /// The salt of its signatures.
    #[serde(default)]
    #[schema(value_type = Option<String>, write_only)]
    salt: Named,
    /// The secret of its Standard Webhooks signatures.
    #[serde(default)]
    #[schema(value_type = Option<String>, write_only)]
    signing_secret: Named,
}

/// What a request says of a secret.
#[derive(Clone, Debug, Default)]
enum Named {
    /// Nothing: it stays as it was set here.
    #[default]
    LeftOut,
    /// `null`: it is taken back.
    TakenBack,
    /// Another one.
    Set(Secret),
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
        let named = Option::deserialize(given)?;
        Ok(named.map_or(Self::TakenBack, Self::Set))
    }
}

impl Named {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Set(secret) => Some(secret.reveal()),
            Self::LeftOut | Self::TakenBack => None,
        }
    }

    fn is_left_out(&self) -> bool {
        matches!(self, Self::LeftOut)
    }

    /// The secret as it will be.
    fn or(self, before: Option<&Secret>) -> Option<Secret> {
        match self {
            Self::LeftOut => before.cloned(),
            Self::TakenBack => None,
            Self::Set(secret) => Some(secret),
        }
    }
}

impl Fields for DepartmentRequest {
    const FIELDS: &'static [&'static str] = &[
        "label",
        "threshold",
        "window",
        "ignoreTime",
        "replayWindow",
        "salt",
        "signingSecret",
    ];
}

/// A department, its limits, and where its secrets come from; they are not shown.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DepartmentView {
    dep: String,
    label: String,
    /// Repeats that are told after the first and one more; 0 tells all.
    threshold: u32,
    window: String,
    ignore_time: bool,
    /// For how long a signature is taken once; `null` takes it always.
    replay_window: Option<String>,
    /// How its requests may be signed: `md5`, `standard_webhooks`.
    signatures: Vec<&'static str>,
    /// Where its salt is from: `api`, `document` (its own there), `common`; `null` where there is none.
    salt: Option<&'static str>,
    /// The same of its signing secret.
    signing_secret: Option<&'static str>,
    /// `api` or `document`.
    from: &'static str,
    /// When it was set by API.
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Time>,
}

/// All departments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DepartmentList {
    departments: Vec<DepartmentView>,
}

/// Where a secret is from.
fn origin(api: bool, document: bool, common: bool) -> Option<&'static str> {
    let known = [(api, "api"), (document, "document"), (common, "common")];
    known
        .into_iter()
        .find_map(|(there, word)| there.then_some(word))
}

fn view(service: &AlarmV2, dep: &str, row: Option<&AlarmDepartmentRow>) -> DepartmentView {
    let written = service.departments.get(dep);
    let set = row.map(|row| department::read(row, service));
    let none = Department::default();
    let shown = set.as_ref().or(written).unwrap_or(&none);
    let salt = origin(
        row.is_some_and(|row| row.salt.is_some()),
        written.is_some_and(|written| written.salt.is_some()),
        service.salt.is_some(),
    );
    let signing_secret = origin(
        row.is_some_and(|row| row.signing_secret.is_some()),
        written.is_some_and(|written| written.signing_key.is_some()),
        service.signing_key.is_some(),
    );
    let ways = [(salt, "md5"), (signing_secret, "standard_webhooks")];
    DepartmentView {
        dep: dep.to_owned(),
        label: shown.label.clone(),
        threshold: shown.threshold,
        window: duration::format(shown.window),
        ignore_time: shown.ignore_time,
        replay_window: shown.replay_window.map(duration::format),
        signatures: ways
            .into_iter()
            .filter_map(|(secret, word)| secret.map(|_| word))
            .collect(),
        salt,
        signing_secret,
        from: if row.is_some() { "api" } else { "document" },
        changed_at: row.map(|row| row.changed_at),
    }
}

/// All departments, each as it counts.
pub(super) async fn views(
    store: &Store,
    service: &AlarmV2,
) -> Result<Vec<DepartmentView>, Problem> {
    let rows = store.alarm_departments().await;
    let rows = rows.map_err(|error| Problem::of_store(&error))?;
    let written = service.departments.keys().map(|dep| (&**dep, None));
    let set = rows.iter().map(|row| (&*row.dep, Some(row)));
    let all: BTreeMap<&str, _> = written.chain(set).collect();
    let views = all.into_iter();
    Ok(views.map(|(dep, row)| view(service, dep, row)).collect())
}

/// All departments: those set by API, and those of the document that are not.
#[utoipa::path(
    get, path = "/api/v1/alarm-departments", tag = "alarms",
    responses(
        (status = 200, body = DepartmentList),
        (status = 404, body = Problem, description = "The service is off"),
    )
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<DepartmentList>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let plan = state.engine.plan();
    let departments = views(state.engine.store(), service(&plan)?).await?;
    Ok(Json(DepartmentList { departments }))
}

fn check(service: &AlarmV2, dep: &str, asked: &DepartmentRequest) -> Result<(), Problem> {
    let refuse = |detail: String| Err(Problem::unprocessable(&detail));
    let most = AlarmDepartmentRow::LONGEST_DEP;
    if dep.is_empty() || dep.chars().count() > most || dep.chars().any(char::is_control) {
        return refuse(format!(
            "dep has 1 to {most} characters and no control characters"
        ));
    }
    let (salt, secret) = (asked.salt.text(), asked.signing_secret.text());
    let texts = [
        ("label", asked.label.as_deref()),
        ("salt", salt),
        ("signingSecret", secret),
    ];
    for (key, text) in texts
        .into_iter()
        .filter_map(|(key, text)| Some((key, text?)))
    {
        if text.is_empty() || text.chars().count() > LONGEST_TEXT || text.contains('\0') {
            return refuse(format!(
                "{key} has 1 to {LONGEST_TEXT} characters and no NUL"
            ));
        }
    }
    if asked.threshold.is_some_and(|most| most > HIGHEST_THRESHOLD) {
        return refuse(format!(
            "threshold is a number from 0 to {HIGHEST_THRESHOLD}"
        ));
    }
    let spans = [
        ("window", &asked.window),
        ("replayWindow", &asked.replay_window),
    ];
    for (key, text) in spans
        .into_iter()
        .filter_map(|(key, text)| Some((key, text.as_ref()?)))
    {
        let span = duration::parse(text);
        if !span.is_ok_and(|span| key == "window" || span <= LONGEST_REPLAY_WINDOW) {
            return refuse(format!(
                "{key} is a duration such as 60s, at most 30d for replayWindow"
            ));
        }
    }
    if salt == Some(PUBLISHED_SALT) && !service.allow_published_salt {
        return refuse("salt: this one is printed in the original's documentation, so that everybody can sign; give callers a salt of your own, or set legacy.alarm_v2.allow_published_salt".to_owned());
    }
    if let Some(Err(why)) = secret.map(SigningKey::read) {
        return refuse(format!("signingSecret: {why}; {}", SigningKey::HINT));
    }
    Ok(())
}

/// The row as it will be, and which secrets stay as they were.
fn row(
    dep: &str,
    asked: DepartmentRequest,
    before: Option<&AlarmDepartmentRow>,
    now: Time,
) -> (AlarmDepartmentRow, [bool; 2]) {
    let kept = [asked.salt.is_left_out(), asked.signing_secret.is_left_out()];
    let body = DepartmentBody {
        label: asked.label,
        threshold: asked.threshold,
        window: asked.window,
        ignore_time: asked.ignore_time,
        replay_window: asked.replay_window,
    };
    let row = AlarmDepartmentRow {
        dep: dep.into(),
        salt: asked
            .salt
            .or(before.and_then(|before| before.salt.as_ref())),
        signing_secret: asked
            .signing_secret
            .or(before.and_then(|before| before.signing_secret.as_ref())),
        body: serde_json::to_string(&body).unwrap_or_default().into(),
        changed_at: now,
    };
    (row, kept)
}

/// Sets a department, in place of the one before and of the document's. Its secrets are stored readable, because
/// signatures are made from them, and never shown.
#[utoipa::path(
    put, path = "/api/v1/alarm-departments/{dep}", tag = "alarms",
    request_body = DepartmentRequest,
    params(("dep" = String, Path)),
    responses(
        (status = 200, body = DepartmentView, description = "Changed"),
        (status = 201, body = DepartmentView, description = "New"),
        (status = 400, body = Problem),
        (status = 404, body = Problem, description = "The service is off"),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn put(
    State(state): State<WebState>,
    Path(dep): Path<String>,
    request: Request,
) -> Result<(StatusCode, Json<DepartmentView>), Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let who = Who::of(&request);
    let plan = state.engine.plan();
    let service = service(&plan)?;
    let (headers, bytes) = body::bytes(&state.engine, request).await?;
    let asked: DepartmentRequest = body::json(&headers, &bytes)?;
    check(service, &dep, &asked)?;
    let store = state.engine.store();
    let before = store.alarm_department(&dep).await;
    let before = before.map_err(|error| Problem::of_store(&error))?;
    let (row, kept) = row(&dep, asked, before.as_ref(), state.engine.now());
    let shown = view(service, &dep, Some(&row));
    if shown.signatures.is_empty() {
        let detail = "nobody could sign: give it a salt or a signingSecret, or set a common one in the document";
        return Err(Problem::unprocessable(detail));
    }
    let set = store.writer().set_alarm_department(row, kept).await;
    let status = match set.map_err(|error| Problem::of_store(&error))? {
        DepartmentPut::New => StatusCode::CREATED,
        DepartmentPut::Changed => StatusCode::OK,
        DepartmentPut::TooMany => {
            let detail = format!(
                "there are {} departments already: take some back, or name them in the document",
                AlarmDepartmentRow::MOST
            );
            return Err(Problem::unprocessable(&detail));
        }
    };
    let who = who.as_deref().unwrap_or("somebody without a token");
    tracing::info!(dep, who, "a department of alarm_v2 was set by API");
    Ok((status, Json(shown)))
}

/// Takes a department back that was set here, with its secrets; the document's counts again.
#[utoipa::path(
    delete, path = "/api/v1/alarm-departments/{dep}", tag = "alarms",
    params(("dep" = String, Path)),
    responses(
        (status = 204, description = "Taken back"),
        (status = 404, body = Problem, description = "None was set here"),
    )
)]
pub(crate) async fn take_back(
    State(state): State<WebState>,
    Path(dep): Path<String>,
    request: Request,
) -> Result<StatusCode, Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let gone = state
        .engine
        .store()
        .writer()
        .drop_alarm_department(&dep)
        .await;
    if !gone.map_err(|error| Problem::of_store(&error))? {
        let detail = format!(
            "no department {dep:.100?} was set here; those of the document are changed there"
        );
        return Err(Problem::not_found(&detail));
    }
    let who = Who::of(&request);
    let who = who.as_deref().unwrap_or("somebody without a token");
    tracing::info!(dep, who, "a department of alarm_v2 was taken back by API");
    Ok(StatusCode::NO_CONTENT)
}
