//! Pages: what somebody is called for, and who has it.

use balefire_core::incident::Incident;
use balefire_core::message::{Block, Link, Message, Occasion};
use balefire_core::time::Time;

use super::Reader;
use super::notice::{TITLE, notice};
use crate::clean::{one_line, web_url};

/// Incidents that one page names; the others are counted.
const NAMED: usize = 10;

/// Our page on an incident; `None` when `external_url` is not a web address.
pub fn incident_page(external_url: &str, id: u64) -> Option<String> {
    let base = external_url.trim_end_matches('/');
    Some(web_url(&format!("{base}/incidents/{id}"))?.into())
}

/// What somebody is called for: one incident or several, worst and newest first; at least one.
pub fn compose_page(incidents: &[Incident], external_url: &str, reader: &Reader) -> Message {
    let worst = incidents.iter().map(|incident| incident.severity).max();
    let severity = worst.unwrap_or(balefire_core::severity::Severity::Warning);
    let first = incidents.first();
    let line = first.map_or_else(String::new, |first| one_line(&first.title, TITLE));
    let words = match incidents.len().saturating_sub(1) {
        0 => line,
        more => reader.text(
            "page-several",
            &[("title", line.into()), ("more", more.into())],
        ),
    };
    let tag = reader.text("title-tag", &[("words", reader.word("page-tag").into())]);
    let mut body: Vec<Block> = Vec::new();
    for incident in incidents.iter().take(NAMED) {
        if incidents.len() > 1 {
            body.push(Block::Heading(one_line(&incident.title, TITLE)));
        }
        body.push(facts(incident, reader));
    }
    if let Some(more) = incidents.len().checked_sub(NAMED).filter(|more| *more > 0) {
        body.push(Block::Text(
            reader.text("digest-more", &[("count", more.into())]),
        ));
    }
    body.push(Block::Text(reader.word("page-what-to-do")));
    let title = one_line(&format!("{tag} {words}"), TITLE);
    let mut message = notice(Occasion::Direct, severity, title, body, reader);
    lead(&mut message, first, external_url, reader);
    message
}

/// That somebody else has what was paged.
pub fn compose_taken(
    incident: &Incident,
    holder: &str,
    external_url: &str,
    reader: &Reader,
) -> Message {
    let arguments = [
        ("who", one_line(holder, 100).into()),
        ("title", one_line(&incident.title, TITLE).into()),
    ];
    let title = one_line(&reader.text("page-taken", &arguments), TITLE);
    let body = vec![facts(incident, reader)];
    let severity = balefire_core::severity::Severity::Info;
    let mut message = notice(Occasion::Direct, severity, title, body, reader);
    lead(&mut message, Some(incident), external_url, reader);
    message
}

fn facts(incident: &Incident, reader: &Reader) -> Block {
    let since: Time = incident.started_at;
    Block::Facts(vec![
        (reader.word("page-incident"), incident.id.to_string()),
        (
            reader.word("fact-severity"),
            reader.severity(incident.severity),
        ),
        (reader.word("page-since"), reader.time(since)),
    ])
}

fn lead(message: &mut Message, first: Option<&Incident>, external_url: &str, reader: &Reader) {
    let Some(first) = first else { return };
    message.thread = format!("incident-{}", first.id);
    message.link = incident_page(external_url, first.id).map(|url| Link {
        text: reader.word("link-open"),
        url,
    });
    message.body.extend(message.link.clone().map(Block::Link));
}

#[cfg(test)]
mod tests {
    use balefire_core::incident::IncidentState;
    use balefire_core::message::Locale;
    use balefire_core::severity::Severity;

    use super::*;

    fn incident(id: u64, title: &str) -> Incident {
        Incident {
            id,
            key: None,
            state: IncidentState::Open,
            severity: Severity::Error,
            title: title.to_owned(),
            responsible: None,
            worker: None,
            started_at: Time::from_secs(1_795_342_445),
            ended_at: None,
            cause: None,
            summary: None,
            report: None,
            acknowledged: None,
            opened_at: Time::EPOCH,
            changed_at: Time::EPOCH,
        }
    }

    fn reader(locale: Locale) -> Reader {
        Reader {
            locale,
            zone: "Asia/Shanghai".to_owned(),
        }
    }

    #[test]
    fn a_page_says_what_is_wrong_since_when_and_where_to_answer() {
        let url = "https://alerts.example.com/";
        let one = compose_page(&[incident(7, "db\nis down")], url, &reader(Locale::ZhCn));
        assert_eq!(one.title, "[呼叫] db is down");
        assert_eq!(one.severity, Severity::Error);
        let leads = one.link.expect("a link").url;
        assert_eq!(leads, "https://alerts.example.com/incidents/7");
        let all: Vec<Incident> = (0..13).map(|id| incident(id, "db")).collect();
        let many = compose_page(&all, "", &reader(Locale::En));
        assert_eq!(many.title, "[Page] db and 12 more");
        assert_eq!(many.link, None);
        let headings = many.body.iter().filter(|b| matches!(b, Block::Heading(_)));
        assert_eq!(headings.count(), NAMED);
    }

    #[test]
    fn who_was_paged_hears_who_has_it() {
        let taken = |locale| {
            let incident = incident(7, "db is down");
            compose_taken(&incident, "li-wei", "", &reader(locale)).title
        };
        assert_eq!(taken(Locale::En), "li-wei has it: db is down");
        assert_eq!(taken(Locale::ZhCn), "li-wei 已接手：db is down");
    }
}
