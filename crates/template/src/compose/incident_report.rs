//! The report of an incident as Markdown (CommonMark), for a wiki or a mail: what is known, the timeline, and the report
//! that people wrote, as they wrote it.

use std::fmt::Write as _;

use balefire_core::incident::{Entry, EntryKind, Incident, IncidentState};

use super::Reader;
use crate::clean::{one_line, running_text};

/// Longest text of one line, in bytes; longer ones end in `…`.
const LINE: usize = 2_000;
/// Longest running text, in bytes; a report may have 1 MiB and is not cut.
const TEXT: usize = 20_000;

/// The report; of the timeline so many entries as are given.
pub fn incident_report(incident: &Incident, timeline: &[Entry], reader: &Reader) -> String {
    let mut out = String::new();
    let title = line(&incident.title);
    // Writing to a String cannot fail.
    let _ = writeln!(out, "# #{} {title}\n", incident.id);
    for (name, value) in facts(incident, reader) {
        let _ = writeln!(out, "- **{}**: {value}", reader.word(name));
    }
    for held in &incident.roles {
        let (role, who) = (role_word(held.role.as_str(), reader), line(&held.who));
        let since = reader.time(held.since);
        let _ = writeln!(out, "- **{}**: {who}, {since}", line(&role));
    }
    for (name, text) in [
        ("console-incident-summary", &incident.summary),
        ("console-incident-cause", &incident.cause),
    ] {
        let text = text.as_deref().map(|text| running_text(text, TEXT));
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            let _ = writeln!(out, "\n## {}\n\n{}", reader.word(name), paragraph(&text));
        }
    }
    let _ = writeln!(out, "\n## {}\n", reader.word("console-timeline"));
    for entry in timeline {
        let _ = writeln!(out, "- {}", told(entry, reader));
    }
    let report = incident.report.as_deref().unwrap_or_default().trim();
    if !report.is_empty() {
        let word = reader.word("console-incident-report");
        let _ = writeln!(out, "\n## {word}\n\n{report}");
    }
    out
}

fn facts(incident: &Incident, reader: &Reader) -> Vec<(&'static str, String)> {
    let is_over = incident.state == IncidentState::Resolved;
    let state = reader.word(match incident.state {
        IncidentState::Open => "console-incident-open",
        IncidentState::Acknowledged => "console-incident-acknowledged",
        IncidentState::Resolved => "console-status-resolved",
    });
    let ends = if is_over {
        "console-incident-ended"
    } else {
        "console-incident-expected"
    };
    let held = incident.acknowledged.as_ref();
    let held = held.map(|held| format!("{}, {}", line(&held.by), reader.time(held.at)));
    let lasted = incident.duration().filter(|_| is_over);
    let text = |text: &Option<String>| text.as_deref().map(line);
    let known = [
        ("console-incident-state", Some(state)),
        (
            "console-incident-severity",
            Some(reader.severity(incident.severity)),
        ),
        ("console-incident-key", text(&incident.key)),
        (
            "console-incident-started",
            Some(reader.time(incident.started_at)),
        ),
        (ends, incident.ended_at.map(|at| reader.time(at))),
        (
            "console-incident-lasted",
            lasted.map(|span| reader.duration(span)),
        ),
        ("console-incident-held-by", held),
        ("console-incident-responsible", text(&incident.responsible)),
        ("console-incident-worker", text(&incident.worker)),
    ];
    let known = known.into_iter();
    known
        .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
        .collect()
}

/// What people call a role; one that is not known everywhere is called by its own name.
pub fn role_word(role: &str, reader: &Reader) -> String {
    match role {
        "commander" => reader.word("role-commander"),
        "scribe" => reader.word("role-scribe"),
        "communications" => reader.word("role-communications"),
        own => own.to_owned(),
    }
}

/// The key of the words for what an entry tells of; they have `by`.
pub const fn entry_key(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Opened => "console-entry-opened",
        EntryKind::Acknowledged => "console-entry-acknowledged",
        EntryKind::AlsoAcknowledged => "console-entry-also-acknowledged",
        EntryKind::Edited => "console-entry-edited",
        EntryKind::Resolved => "console-entry-resolved",
        EntryKind::Reopened => "console-entry-reopened",
        EntryKind::Noted => "console-entry-noted",
        EntryKind::Attached => "console-entry-attached",
        EntryKind::Detached => "console-entry-detached",
        EntryKind::Snoozed => "console-entry-snoozed",
        EntryKind::Reassigned => "console-entry-reassigned",
        EntryKind::Escalated => "console-entry-escalated",
        EntryKind::EscalationStarted => "console-entry-escalation-started",
        EntryKind::Paged => "console-entry-paged",
        EntryKind::PageHeld => "console-entry-page-held",
        EntryKind::Told => "console-entry-told",
        EntryKind::StepTaken => "console-entry-step-taken",
        EntryKind::StepPassed => "console-entry-step-passed",
        EntryKind::PageDelivered => "console-entry-page-delivered",
        EntryKind::PageFailed => "console-entry-page-failed",
        EntryKind::PagesWithdrawn => "console-entry-pages-withdrawn",
        EntryKind::HolderTold => "console-entry-holder-told",
        EntryKind::OverTold => "console-entry-over-told",
        EntryKind::SnoozeEnded => "console-entry-snooze-ended",
        EntryKind::EscalationExhausted => "console-entry-escalation-exhausted",
        EntryKind::MergedInto => "console-entry-merged-into",
        EntryKind::MergedFrom => "console-entry-merged-from",
        EntryKind::RoleGiven => "console-entry-role-given",
        EntryKind::RoleReturned => "console-entry-role-returned",
        EntryKind::WayUnverified => "console-entry-way-unverified",
    }
}

fn told(entry: &Entry, reader: &Reader) -> String {
    let by = line(&entry.actor);
    let words = reader.text(entry_key(entry.kind), &[("by", by.into())]);
    let mut told = format!("{}: {words}", reader.time(entry.at));
    let text = line(&entry.detail.text);
    if !text.is_empty() {
        let _ = write!(told, " – {text}");
    }
    for change in &entry.detail.changes {
        let side = |side: &Option<String>| side.as_deref().map_or_else(|| "–".to_owned(), line);
        let (from, to) = (side(&change.from), side(&change.to));
        let role = change.role().map(|role| line(&role_word(role, reader)));
        let field = role.as_deref().unwrap_or(&change.field);
        let _ = write!(told, "; {field}: {from} → {to}");
    }
    told
}

/// A text on one line, in which nothing is markup.
fn line(text: &str) -> String {
    escaped(&one_line(text, LINE))
}

/// A running text in which nothing is markup; its lines stay lines.
fn paragraph(text: &str) -> String {
    let lines = text.lines().map(|line| escaped(line.trim()));
    lines.collect::<Vec<_>>().join("  \n")
}

/// Every ASCII punctuation mark may be escaped (CommonMark 0.31, 2.4); those that can begin markup are.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    // What would begin a list or a rule at the beginning of a line.
    match out.chars().next() {
        Some('-' | '+' | '=') => format!("\\{out}"),
        _ => out,
    }
}

#[cfg(test)]
mod tests {
    use balefire_core::incident::{Change, Draft, Field};
    use balefire_core::message::Locale;
    use balefire_core::severity::Severity;
    use balefire_core::time::Time;

    use super::*;

    fn reported(locale: Locale) -> String {
        let at = |seconds: i64| Time::from_secs(1_795_399_200 + seconds);
        let draft = Draft {
            key: Some("group/db".to_owned()),
            severity: Severity::Critical,
            title: "disk *full* on <db-1>\n# not a heading".to_owned(),
            started_at: Some(at(-60)),
            fields: vec![
                Field::Summary(Some("- no list\nsecond line".to_owned())),
                Field::Report(Some("## What we learnt\n\n- *more* disks".to_owned())),
            ],
        };
        let opened = Incident::open(draft, "chen_min", at(0)).expect("opens");
        let word = |text: &str| text.to_owned();
        let whole = opened
            .then(&Change::Acknowledge { text: word("mine") }, "李伟", at(120))
            .and_then(|so_far| {
                let field = Field::Worker(Some(word("李伟")));
                so_far.then(&Change::Edit(vec![field]), "李伟", at(180))
            })
            .and_then(|so_far| {
                let text = word("new disk");
                let ended_at = None;
                so_far.then(&Change::Resolve { ended_at, text }, "李伟", at(3600))
            })
            .expect("goes on");
        let reader = Reader {
            locale,
            zone: "Asia/Shanghai".to_owned(),
        };
        incident_report(&whole.incident, &whole.entries, &reader)
    }

    #[test]
    fn a_report_tells_all_and_no_text_but_the_report_is_markup() {
        insta::assert_snapshot!("en", reported(Locale::En));
        insta::assert_snapshot!("zh", reported(Locale::ZhCn));
    }
}
