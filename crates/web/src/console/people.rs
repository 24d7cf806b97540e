//! People: by which ways they are paged, and whether these are known to reach them.

use std::sync::Arc;

use axum::extract::{RawQuery, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use balefire_engine::engine::{
    ContactFailure, ContactStanding, IdentityStanding, Origin, PersonStanding,
};
use http::{HeaderMap, StatusCode};
use minijinja::context;
use serde::Serialize;

use super::address::Address;
use super::form::Sent;
use super::links::Links;
use super::shell::{self, Shell, links, page, problem, value};
use super::words::{Viewer, When};
use crate::api::v1::people;
use crate::state::WebState;

/// A way of a person.
#[derive(Debug, Serialize)]
struct Row {
    key: String,
    name: String,
    way: Arc<str>,
    account: Arc<str>,
    address: String,
    verified: Option<When>,
    /// When a code was sent that nobody has said yet.
    sent: Option<When>,
    /// Whether its address was looked up at the platform.
    looked_up: bool,
    /// Whether a code is to be said; else answering the call is enough.
    has_code: bool,
    verify: String,
    confirm: String,
}

/// Who somebody is at a platform.
#[derive(Debug, Serialize)]
struct Known {
    key: String,
    name: String,
    platform: &'static str,
    id: String,
    origin: String,
    found: Option<When>,
    asked: Option<When>,
    /// How they stand there, in words.
    stands: String,
    said: String,
    lost: bool,
    named_in: String,
}

fn known(person: &PersonStanding, viewer: &Viewer) -> Vec<Known> {
    let one = |one: &IdentityStanding| {
        let stands = match (&*one.failure, one.standing) {
            ("", None) => viewer.word("console-people-not-asked"),
            ("", Some(standing)) => viewer.word(&format!("console-standing-{}", standing.as_str())),
            (_, _) => viewer.word("console-people-not-answered"),
        };
        let origin = match one.origin {
            Origin::Document => viewer.word("console-people-document"),
            Origin::LookedUp => viewer.word("console-people-looked-up"),
            Origin::Nowhere => String::new(),
        };
        Known {
            key: person.key.clone(),
            name: person.name.clone(),
            platform: one.platform.as_str(),
            id: one.id.clone(),
            origin,
            found: one.found_at.map(|at| viewer.when(at)),
            asked: one.asked_at.map(|at| viewer.when(at)),
            stands,
            said: if one.failure.is_empty() {
                one.said.clone()
            } else {
                one.failure.clone()
            },
            lost: one.is_lost(),
            named_in: if one.is_lost() {
                person.named_in.join("; ")
            } else {
                String::new()
            },
        }
    };
    person.identities.iter().map(one).collect()
}

/// `GET /people`: the ways of all people, those of one below each other.
pub(super) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let address = Address::of(query.as_deref());
    let viewer = Viewer::of(&state, address.lang.as_deref(), &headers);
    let people = match state.engine.people().await {
        Ok(people) => people,
        Err(error) => return told(&state, &viewer, &ContactFailure::Store(error)),
    };
    let links = links(&state, &viewer);
    let known: Vec<Known> = people.iter().flat_map(|one| known(one, &viewer)).collect();
    let rows = people.into_iter();
    let rows: Vec<Row> = rows.flat_map(|one| rows_of(one, &viewer, &links)).collect();
    let shell = Shell::of(&state, &viewer, "/people", "");
    page(
        &viewer,
        "people.html",
        context! { shell => value(&shell), rows => value(&rows), known => value(&known) },
    )
}

fn rows_of(person: PersonStanding, viewer: &Viewer, links: &Links) -> Vec<Row> {
    let PersonStanding {
        key,
        name,
        contacts,
        ..
    } = person;
    let row = |contact: ContactStanding| Row {
        verify: links.contact(&key, &contact.way, "verify"),
        confirm: links.contact(&key, &contact.way, "confirm"),
        key: key.clone(),
        name: name.clone(),
        way: contact.way,
        account: contact.account,
        address: contact.address,
        verified: contact.verified_at.map(|at| viewer.when(at)),
        sent: contact.sent_at.map(|at| viewer.when(at)),
        looked_up: contact.looked_up.is_some(),
        has_code: !contact.by_answer,
    };
    contacts.into_iter().map(row).collect()
}

/// `POST /console/people/verify?person=&way=`: a code is sent, then back to the list.
pub(super) async fn verify(state: State<WebState>, way: RawQuery, request: Request) -> Response {
    act(state, way, request, false).await
}

/// `POST /console/people/confirm?person=&way=`: the code that came, then back to the list.
pub(super) async fn confirm(state: State<WebState>, way: RawQuery, request: Request) -> Response {
    act(state, way, request, true).await
}

async fn act(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    request: Request,
    is_said: bool,
) -> Response {
    let sent = match Sent::read(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    let named = |key: &str| super::channels::named(query.as_deref(), key).unwrap_or_default();
    let (key, way) = (named("person"), named("way"));
    let done = if is_said {
        let code = sent.text("code");
        state.engine.confirm_contact(&key, &way, code).await
    } else {
        state.engine.verify_contact(&key, &way).await.map(drop)
    };
    match done {
        Ok(()) => Redirect::to(&links(&state, &sent.viewer).people()).into_response(),
        Err(failure) => told(&state, &sent.viewer, &failure),
    }
}

fn told(state: &WebState, viewer: &Viewer, failure: &ContactFailure) -> Response {
    let told = shell::Problem {
        title: viewer.word("console-people-refused"),
        detail: failure.to_string(),
    };
    let status = people::problem(failure).status;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    problem(state, viewer, status, &told)
}
