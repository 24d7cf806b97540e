//! One incident on the screen: what is known, then everything that happened to it.

use super::lasted;
use crate::cli::listing::{Listing, local};
use crate::cli::views;
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
        ("started", local(incident.started_at)),
        ("ended", incident.ended_at.map(local).unwrap_or_default()),
        ("lasted", lasted(incident)),
        ("cause", known(&incident.cause)),
        ("summary", known(&incident.summary)),
        ("report", known(&incident.report)),
        ("files", incident.files.join(" ")),
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
