//! An incident's escalation on its page: how it stands, what comes next, and to whom it can be given.

use std::time::Duration;

use axum::extract::Request;
use balefire_config::plan::Plan;
use balefire_core::escalation::{Notify, State};
use balefire_core::incident::Incident;
use balefire_engine::engine::{EscalationView, IncidentFailure};
use balefire_store::Which;
use serde::Serialize;
use url::form_urlencoded;

use super::incident::Fact;
use super::words::Viewer;
use crate::ingest::body;
use crate::state::WebState;

/// How long the page's button puts an incident off; the interface and the command line say how long.
const SNOOZE: Duration = Duration::from_mins(30);
/// Largest form of a reassignment, in bytes.
const FORM: usize = 4 * 1024;

/// Somebody to whom an incident can be given.
#[derive(Debug, Serialize)]
pub(super) struct Choice {
    value: String,
    label: String,
}

/// Who an incident is given to, as people read it.
pub(super) fn names(to: &[Notify]) -> String {
    let name = |to: &Notify| {
        let (_, name) = parts(to);
        name.to_owned()
    };
    to.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn parts(to: &Notify) -> (&'static str, &str) {
    match to {
        Notify::Person(name) => ("person", name),
        Notify::Team(name) => ("team", name),
        Notify::Schedule(name) => ("schedule", name),
        Notify::Receiver(name) => ("receiver", name),
    }
}

/// How it stands and what comes next.
pub(super) fn facts(viewer: &Viewer, stands: &EscalationView) -> Vec<Fact> {
    let state = match stands.state {
        State::Running => viewer.word("console-escalation-running"),
        State::Acknowledged => viewer.word("console-incident-acknowledged"),
        State::Snoozed { until } => viewer.text(
            "console-escalation-snoozed",
            &[("until", viewer.reader.time(until).into())],
        ),
        State::Exhausted => viewer.word("console-escalation-exhausted"),
        State::Resolved => viewer.word("console-status-resolved"),
    };
    let fact = |key: &str, value: String| Fact {
        name: viewer.word(key),
        value,
    };
    let mut facts = vec![fact(
        "console-escalation",
        format!("{} · {state}", stands.policy),
    )];
    if stands.needs > 1 {
        let words = viewer.text(
            "console-escalation-of",
            &[
                ("count", stands.acknowledged.len().into()),
                ("needs", (stands.needs as usize).into()),
            ],
        );
        facts.push(fact("console-incident-held-by", words));
    }
    if let Some((at, when)) = &stands.next {
        let when = viewer.when(*when);
        let words = format!("{} {} · {}", at.policy, at.step + 1, when.relative());
        facts.push(fact("console-escalation-next", words));
    }
    for (person, at) in &stands.under_way {
        let when = viewer.when(*at);
        let words = format!("{person} · {}", when.relative());
        facts.push(fact("console-escalation-contact", words));
    }
    facts
}

/// Everybody to whom an incident can be given.
pub(super) fn choices(plan: &Plan, viewer: &Viewer) -> Vec<Choice> {
    let schedules = plan
        .schedules
        .keys()
        .map(|name| ("schedule", &**name, &**name));
    let teams = plan.teams.keys().map(|name| ("team", &**name, &**name));
    let people = plan.people.values();
    let people = people.filter(|person| person.rules.is_reachable());
    let people = people.map(|person| ("person", &*person.key, &*person.contact.name));
    let choice = |(kind, name, label): (&str, &str, &str)| Choice {
        value: format!("{kind}:{name}"),
        label: match kind {
            "person" => label.to_owned(),
            kind => format!("{} {label}", viewer.word(&format!("console-{kind}"))),
        },
    };
    schedules.chain(teams).chain(people).map(choice).collect()
}

/// What can be asked of an escalation from the page.
#[derive(Clone, Copy, Debug)]
pub(super) enum Handed {
    /// The next in line.
    Escalate,
    /// A pause.
    Snooze,
    /// Others.
    Reassign,
}

impl Handed {
    /// The deed of that name.
    pub(super) fn of(deed: &str) -> Option<Self> {
        Some(match deed {
            "escalate" => Self::Escalate,
            "snooze" => Self::Snooze,
            "reassign" => Self::Reassign,
            _ => return None,
        })
    }

    pub(super) async fn act(
        self,
        state: &WebState,
        which: Which,
        request: Request,
        actor: &str,
    ) -> Result<Incident, IncidentFailure> {
        let engine = &state.engine;
        let text = String::new();
        match self {
            Self::Escalate => engine.escalate_incident(which, None, text, actor).await,
            Self::Snooze => {
                let until = engine.now().after(SNOOZE);
                engine.snooze_incident(which, until, text, actor).await
            }
            Self::Reassign => {
                let to = whom(state, request).await;
                engine.reassign_incident(which, to, text, actor).await
            }
        }
    }
}

/// Whom a form names; nobody when it cannot be read, which is refused.
async fn whom(state: &WebState, request: Request) -> Vec<Notify> {
    let (head, stream) = request.into_parts();
    let Ok(whole) = body::read(&state.engine, &head.headers, stream, FORM).await else {
        return Vec::new();
    };
    let named = form_urlencoded::parse(whole.bytes()).filter(|(key, _)| key == "to");
    let notify = |value: &str| {
        let (kind, name) = value.split_once(':')?;
        Some(match kind {
            "person" => Notify::Person(name.into()),
            "team" => Notify::Team(name.into()),
            "schedule" => Notify::Schedule(name.into()),
            _ => return None,
        })
    };
    named.filter_map(|(_, value)| notify(&value)).collect()
}
