//! One incident on the screen: what is known, then everything that happened to it.

use super::{lasted, views};
use crate::cli::listing::{Listing, local};
use crate::output::{data, say};

/// Prints an incident with its timeline.
pub(super) fn show(incident: &views::Incident) {
    let mut listing = Listing::new(&["incident", &incident.id.to_string()]);
    let known = |text: &Option<String>| text.clone().unwrap_or_default();
    let facts = [
        ("title", incident.title.clone()),
        ("state", incident.standing()),
        ("severity", incident.severity.clone()),
        ("key", known(&incident.key)),
        ("responsible", known(&incident.responsible)),
        ("worker", known(&incident.worker)),
        ("roles", incident.roles_in_words()),
        ("started", local(incident.started_at)),
        ("ended", incident.ended_at.map(local).unwrap_or_default()),
        ("lasted", lasted(incident)),
        ("cause", known(&incident.cause)),
        ("summary", known(&incident.summary)),
        ("report", known(&incident.report)),
        ("files", incident.files.join(" ")),
        ("escalation", escalation(incident)),
        ("next step", next_step(incident)),
    ];
    for (name, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        listing.row([name.to_owned(), value]);
    }
    listing.print("incident");
    data("");
    let mut timeline = Listing::new(&["when", "by", "what", "words"]);
    for entry in &incident.timeline {
        timeline.row([
            local(entry.at),
            entry.by.clone(),
            entry.kind.clone(),
            entry.words(),
        ]);
    }
    timeline.print("entries");
    if let Some(after) = incident.next {
        say(&format!(
            "there are more: /api/v1/incidents/{}?after={after}",
            incident.id
        ));
    }
}

/// Which escalation looks after it, and how it stands.
fn escalation(incident: &views::Incident) -> String {
    let Some(escalation) = &incident.escalation else {
        return String::new();
    };
    let until = escalation.snoozed_until.map(local);
    let until = until.map_or_else(String::new, |until| format!(" until {until}"));
    format!("{} {}{until}", escalation.policy, escalation.state)
}

/// The step that is taken unless somebody answers, and when.
fn next_step(incident: &views::Incident) -> String {
    let escalation = incident.escalation.as_ref();
    let next = escalation.and_then(|escalation| escalation.next_step.as_ref());
    next.map_or_else(String::new, |next| {
        format!("{} step {} at {}", next.policy, next.step, local(next.at))
    })
}
