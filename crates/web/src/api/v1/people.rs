//! `/api/v1/people`: the people of the document, and whether their ways are known to reach them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use balefire_core::identity::Standing;
use balefire_core::time::Time;
use balefire_core::verification::Refused;
use balefire_engine::direct::DirectError;
use balefire_engine::engine::{
    ContactFailure, ContactStanding, IdentityStanding, Origin, PersonStanding,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{self, Fields};
use super::query::Query;
use crate::error::Problem;
use crate::state::WebState;

/// The people of the document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonList {
    /// By key.
    people: Vec<PersonView>,
}

/// A person, and how their ways stand.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersonView {
    /// The key in the document.
    key: String,
    /// The name people know.
    name: String,
    /// The ways by which they can be paged, by name.
    contacts: Vec<ContactView>,
    /// Who they are at the platforms that can be asked.
    identities: Vec<IdentityView>,
    /// Where somebody is still named whom a platform does not know any more.
    named_in: Vec<String>,
}

/// A way of a person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContactView {
    /// Its name, as in `by`.
    #[schema(value_type = String)]
    way: Arc<str>,
    /// The account it goes through.
    #[schema(value_type = String)]
    account: Arc<str>,
    /// Where it leads.
    address: String,
    /// Whether somebody has said a code that was sent to this address.
    verified: bool,
    /// When they did.
    #[schema(value_type = Option<String>, format = DateTime)]
    verified_at: Option<Time>,
    /// When a code was sent that nobody has said yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    sent_at: Option<Time>,
    /// Whether its address was looked up at the platform; else it stands in the document.
    looked_up: bool,
}

/// Who somebody is at a platform.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IdentityView {
    /// `wecom`, `dingtalk`, `feishu` or `slack`.
    platform: &'static str,
    /// The account whose address book is asked.
    #[schema(value_type = Option<String>)]
    account: Option<Arc<str>>,
    /// Their id; empty where none is known.
    id: String,
    /// Where it comes from: `document`, `lookup`, or `none`.
    source: &'static str,
    /// Since when an id that was looked up is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    found_at: Option<Time>,
    /// When the platform was asked last.
    #[schema(value_type = Option<String>, format = DateTime)]
    asked_at: Option<Time>,
    /// How they stand there: `active`, `inactive`, `disabled`, `left`, `gone`, or `nobody` where no one has their number
    /// or address; absent before it was asked.
    standing: Option<&'static str>,
    /// Whether they are not reached there any more.
    lost: bool,
    /// What the platform said to it.
    said: String,
    /// Why it did not answer last, and what to do about it; empty when it did.
    failure: String,
}

impl IdentityView {
    fn of(one: IdentityStanding) -> Self {
        Self {
            platform: one.platform.as_str(),
            source: match one.origin {
                Origin::Document => "document",
                Origin::LookedUp => "lookup",
                Origin::Nowhere => "none",
            },
            found_at: one.found_at,
            asked_at: one.asked_at,
            standing: one.standing.map(Standing::as_str),
            lost: one.is_lost(),
            account: one.account,
            id: one.id,
            said: one.said,
            failure: one.failure,
        }
    }
}

/// A code on its way.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CodeSent {
    /// The notification's number.
    notification: u64,
    /// `code` is to be said; a telephone of one's own is verified by an `answer` to the call that is placed.
    confirmed_by: &'static str,
}

/// The code that came.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CodeBody {
    /// Six digits.
    code: String,
}

impl Fields for CodeBody {
    const FIELDS: &'static [&'static str] = &["code"];
}

impl ContactView {
    fn of(contact: ContactStanding) -> Self {
        Self {
            way: contact.way,
            account: contact.account,
            address: contact.address,
            verified: contact.verified_at.is_some(),
            verified_at: contact.verified_at,
            sent_at: contact.sent_at,
            looked_up: contact.looked_up.is_some(),
        }
    }
}

impl PersonView {
    fn of(person: PersonStanding) -> Self {
        let contacts = person.contacts.into_iter();
        let identities = person.identities.into_iter();
        Self {
            key: person.key,
            name: person.name,
            contacts: contacts.map(ContactView::of).collect(),
            identities: identities.map(IdentityView::of).collect(),
            named_in: person.named_in,
        }
    }
}

pub(crate) fn problem(failure: &ContactFailure) -> Problem {
    let words = failure.to_string();
    match failure {
        ContactFailure::Nobody(_) | ContactFailure::NoWay { .. } => Problem::not_found(&words),
        ContactFailure::Speechless | ContactFailure::Rule(Refused::Wrong { .. }) => {
            Problem::unprocessable(&words)
        }
        ContactFailure::Rule(Refused::TooOften { .. }) => {
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_often", &words)
        }
        ContactFailure::Rule(Refused::NotSent | Refused::Expired) => {
            Problem::new(StatusCode::CONFLICT, "state", &words)
        }
        ContactFailure::Send(DirectError::Store(error)) | ContactFailure::Store(error) => {
            Problem::of_store(error)
        }
        ContactFailure::Send(_) => Problem::unprocessable(&words),
    }
}

/// The people of the document, and which of their ways are known to reach them.
#[utoipa::path(
    get, path = "/api/v1/people", tag = "on-call",
    responses((status = 200, body = PersonList))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<PersonList>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let people = state.engine.people().await;
    let people = people.map_err(|error| Problem::of_store(&error))?;
    Ok(Json(PersonList {
        people: people.into_iter().map(PersonView::of).collect(),
    }))
}

/// Sends a code by a way of a person. It is good for ten minutes and five guesses; another one is sent a minute later at
/// the earliest, and five an hour. By a telephone of one's own they are called instead, and whoever answers has verified it.
#[utoipa::path(
    post, path = "/api/v1/people/{key}/contacts/{way}/verify", tag = "on-call",
    params(("key" = String, Path, description = "The person's key"), ("way" = String, Path)),
    responses(
        (status = 202, body = CodeSent),
        (status = 404, body = Problem),
        (status = 422, body = Problem, description = "The way does not open"),
        (status = 429, body = Problem, description = "Codes were sent too often"),
    )
)]
pub(crate) async fn verify(
    State(state): State<WebState>,
    Path((key, way)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<(StatusCode, Json<CodeSent>), Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let sent = state.engine.verify_contact(&key, &way).await;
    let sent = sent.map_err(|failure| problem(&failure))?;
    let sent = CodeSent {
        notification: sent.notification,
        confirmed_by: if sent.by_answer { "answer" } else { "code" },
    };
    Ok((StatusCode::ACCEPTED, Json(sent)))
}

/// Takes the code that came. The address is verified from then on, until the document has another.
#[utoipa::path(
    post, path = "/api/v1/people/{key}/contacts/{way}/confirm", tag = "on-call",
    params(("key" = String, Path, description = "The person's key"), ("way" = String, Path)),
    request_body = CodeBody,
    responses(
        (status = 200, body = PersonView),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "No code is out, or it is over"),
        (status = 422, body = Problem, description = "It is another code"),
    )
)]
pub(crate) async fn confirm(
    State(state): State<WebState>,
    Path((key, way)): Path<(String, String)>,
    request: Request,
) -> Result<Json<PersonView>, Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let engine = &state.engine;
    let (headers, bytes) = body::bytes(engine, request).await?;
    let said: CodeBody = body::json(&headers, &bytes)?;
    let confirmed = engine.confirm_contact(&key, &way, &said.code).await;
    confirmed.map_err(|failure| problem(&failure))?;
    let person = engine.person_standing(&key).await;
    Ok(Json(PersonView::of(
        person.map_err(|failure| problem(&failure))?,
    )))
}
