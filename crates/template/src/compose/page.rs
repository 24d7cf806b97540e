//! Pages: what somebody is called for, and who has it.

use balefire_core::incident::Incident;
use balefire_core::message::{Block, Link, Message, Occasion};
use balefire_core::time::Time;

use super::Reader;
use super::incident_report::role_word;
use super::notice::{TITLE, notice};
use crate::clean::{one_line, web_url};

/// Incidents that one page names; the others are counted.
const NAMED: usize = 10;

/// Our page on an incident; `None` when `external_url` is not a web address.
pub fn incident_page(external_url: &str, id: u64) -> Option<String> {
    let base = external_url.trim_end_matches('/');
    Some(web_url(&format!("{base}/incidents/{id}"))?.into())
}

/// How somebody may answer a page from where it reaches them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageAnswers {
    /// For each of the incidents, where they say that they have it.
    pub links: Vec<String>,
    /// The short code with which they answer by text message.
    pub code: Option<String>,
}

/// What somebody is called for: one incident or several, worst and newest first; at least one.
pub fn compose_page(
    incidents: &[Incident],
    answers: &PageAnswers,
    external_url: &str,
    reader: &Reader,
) -> Message {
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
    let acknowledge = |nth: usize| {
        let url = answers.links.get(nth)?.clone();
        let text = reader.word("link-acknowledge");
        Some(Block::Link(Link { text, url }))
    };
    if let Some(code) = &answers.code {
        // First: where there is little room, this must not be what is cut off.
        let code = [("code", code.as_str().into())];
        body.push(Block::Text(reader.text("page-reply", &code)));
    }
    for (nth, incident) in incidents.iter().take(NAMED).enumerate() {
        if incidents.len() > 1 {
            body.push(Block::Heading(one_line(&incident.title, TITLE)));
        }
        body.push(facts(incident, reader));
        if incidents.len() > 1 {
            body.extend(acknowledge(nth));
        }
    }
    if let Some(more) = incidents.len().checked_sub(NAMED).filter(|more| *more > 0) {
        body.push(Block::Text(
            reader.text("digest-more", &[("count", more.into())]),
        ));
    }
    body.push(Block::Text(reader.word("page-what-to-do")));
    if incidents.len() == 1 {
        body.extend(acknowledge(0));
    }
    let title = one_line(&format!("{tag} {words}"), TITLE);
    let mut message = notice(Occasion::Direct, severity, title, body, reader);
    message.answering.code = answers.code.clone().unwrap_or_default();
    lead(&mut message, first, external_url, reader);
    message
}

/// That what somebody was paged for is over, or need not be answered any more.
pub fn compose_over(incident: &Incident, external_url: &str, reader: &Reader) -> Message {
    let line = one_line(&incident.title, TITLE);
    let title = one_line(&reader.text("page-over", &[("title", line.into())]), TITLE);
    let body = vec![facts(incident, reader)];
    let severity = balefire_core::severity::Severity::Info;
    let mut message = notice(Occasion::Direct, severity, title, body, reader);
    lead(&mut message, Some(incident), external_url, reader);
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

/// The message that tells somebody which part in an incident they were given, and by whom.
pub fn compose_role(
    incident: &Incident,
    role: &str,
    by: &str,
    external_url: &str,
    reader: &Reader,
) -> Message {
    let arguments = [
        ("by", one_line(by, 100).into()),
        ("role", role_word(role, reader).into()),
        ("title", one_line(&incident.title, TITLE).into()),
    ];
    let title = one_line(&reader.text("page-role", &arguments), TITLE);
    let body = vec![facts(incident, reader)];
    let severity = balefire_core::severity::Severity::Info;
    let mut message = notice(Occasion::Direct, severity, title, body, reader);
    lead(&mut message, Some(incident), external_url, reader);
    message
}

fn facts(incident: &Incident, reader: &Reader) -> Block {
    let since: Time = incident.started_at;
    let mut facts = vec![
        (reader.word("page-incident"), incident.id.to_string()),
        (
            reader.word("fact-severity"),
            reader.severity(incident.severity),
        ),
        (reader.word("page-since"), reader.time(since)),
    ];
    facts.extend(incident.roles.iter().map(|held| {
        let who = one_line(&held.who, 100);
        (role_word(held.role.as_str(), reader), who)
    }));
    Block::Facts(facts)
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
            roles: Vec::new(),
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
        let one = compose_page(
            &[incident(7, "db\nis down")],
            &PageAnswers::default(),
            url,
            &reader(Locale::ZhCn),
        );
        assert_eq!(one.title, "[呼叫] db is down");
        assert_eq!(one.severity, Severity::Error);
        let leads = one.link.expect("a link").url;
        assert_eq!(leads, "https://alerts.example.com/incidents/7");
        let all: Vec<Incident> = (0..13).map(|id| incident(id, "db")).collect();
        let many = compose_page(&all, &PageAnswers::default(), "", &reader(Locale::En));
        assert_eq!(many.title, "[Page] db and 12 more");
        assert_eq!(many.link, None);
        let headings = many.body.iter().filter(|b| matches!(b, Block::Heading(_)));
        assert_eq!(headings.count(), NAMED);
    }

    #[test]
    fn a_page_says_how_it_is_answered_the_code_first() {
        let answers = PageAnswers {
            links: vec!["https://a/1".to_owned(), "https://a/2".to_owned()],
            code: Some("4711".to_owned()),
        };
        let (one, two) = (incident(7, "db"), incident(8, "disk"));
        let links = |message: &Message| {
            let blocks = message.body.iter().filter_map(|block| match block {
                Block::Link(link) => Some((link.text.clone(), link.url.clone())),
                _ => None,
            });
            blocks.collect::<Vec<_>>()
        };
        let page = compose_page(
            std::slice::from_ref(&one),
            &answers,
            "",
            &reader(Locale::ZhCn),
        );
        assert_eq!(page.body[0], Block::Text("回复 4711 认领".to_owned()));
        assert_eq!(page.answering.code, "4711");
        assert_eq!(
            links(&page),
            [("认领".to_owned(), "https://a/1".to_owned())]
        );
        let page = compose_page(&[one, two], &answers, "", &reader(Locale::En));
        assert_eq!(
            page.body[0],
            Block::Text("Reply 4711 to acknowledge.".to_owned())
        );
        assert_eq!(links(&page).len(), 2);
    }

    #[test]
    fn who_was_paged_hears_who_has_it() {
        let taken = |locale| {
            let incident = incident(7, "db is down");
            compose_taken(&incident, "li-wei", "", &reader(locale)).title
        };
        let over = |locale| compose_over(&incident(7, "db is down"), "", &reader(locale)).title;
        assert_eq!(over(Locale::En), "It is over: db is down");
        assert_eq!(over(Locale::ZhCn), "已恢复：db is down");
        assert_eq!(taken(Locale::En), "li-wei has it: db is down");
        assert_eq!(taken(Locale::ZhCn), "li-wei 已接手：db is down");
    }
}
