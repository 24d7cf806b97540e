//! Who plays which part in an incident, on its page.

use axum::extract::{Path, Request, State};
use axum::response::Response;
use balefire_config::plan::Plan;
use balefire_core::incident::{Change, Incident, Role};
use balefire_engine::engine::IncidentFailure;
use balefire_store::Which;
use balefire_template::compose::role_word;
use serde::Serialize;

use super::card::cut;
use super::form::Sent;
use super::incident::done_with;
use super::links::Links;
use super::words::Viewer;
use crate::state::WebState;

/// Characters shown of a name.
const NAME: usize = 100;

/// The roles of an incident, and what can be given to whom.
#[derive(Debug, Serialize)]
pub(super) struct Roles {
    /// Where a form of them goes.
    href: String,
    held: Vec<Held>,
    known: Vec<Known>,
    people: Vec<Somebody>,
}

/// A role that somebody has.
#[derive(Debug, Serialize)]
struct Held {
    role: String,
    word: String,
    who: String,
}

/// A role that is known everywhere.
#[derive(Debug, Serialize)]
struct Known {
    role: &'static str,
    word: String,
}

/// Somebody who may get one.
#[derive(Debug, Serialize)]
struct Somebody {
    key: String,
    name: String,
}

pub(super) fn of(plan: &Plan, viewer: &Viewer, incident: &Incident, links: &Links) -> Roles {
    let held = incident.roles.iter().map(|held| {
        let named = plan.people.get(&held.who);
        let name = named.map_or(&held.who, |person| &person.contact.name);
        Held {
            role: held.role.as_str().to_owned(),
            word: cut(&role_word(held.role.as_str(), &viewer.reader), NAME),
            who: cut(name, NAME),
        }
    });
    let known = Role::known().map(|role| Known {
        role,
        word: role_word(role, &viewer.reader),
    });
    let people = plan.people.values().map(|person| Somebody {
        key: person.key.clone(),
        name: cut(&person.contact.name, NAME),
    });
    Roles {
        href: links.incident_deed(incident.id, "role"),
        held: held.collect(),
        known: known.collect(),
        people: people.collect(),
    }
}

/// `POST /console/incidents/{id}/role`: gives a role, takes it or gives it back, then to the page.
pub(super) async fn act(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    request: Request,
) -> Response {
    let sent = match Sent::read(&state, request).await {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    let to = match (sent.text("back"), sent.text("to").trim()) {
        ("", "") => Some(sent.actor.clone()),
        ("", to) => Some(to.to_owned()),
        _ => None,
    };
    let text = String::new();
    let done = match Role::of(sent.text("role")) {
        Err(refused) => Err(IncidentFailure::Rule(refused)),
        Ok(role) => {
            let (engine, which, actor) = (&state.engine, Which::Id(id), &sent.actor);
            let done = if let Some(to) = to {
                engine.give_role(which, (role, to), text, actor).await
            } else {
                let back = Change::Role { role, to, text };
                engine.change_incident(which, vec![back], actor).await
            };
            done.map(drop)
        }
    };
    done_with(&state, &sent.viewer, id, done)
}
