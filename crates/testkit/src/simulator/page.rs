//! The page at `/`: the messages that people got, as chat bubbles, newest first.

use std::cmp::Reverse;
use std::sync::LazyLock;

use balefire_core::time::Time;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;

use super::Stage;
use crate::received::{Received, Verdict};
use crate::reply::Reply;
use crate::smtp::Mail;

/// Bubbles on the page.
const SHOWN: usize = 100;
/// Characters of an account's name: enough to tell robots apart.
const SHOWN_ACCOUNT: usize = 24;
/// Characters of one bubble.
const SHOWN_CHARS: usize = 4_000;

static TEMPLATES: LazyLock<Option<Environment<'static>>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    // The name's ending turns escaping on.
    environment
        .add_template("page.html", include_str!("page.html"))
        .ok()?;
    Some(environment)
});

#[derive(Serialize)]
struct Bubble {
    #[serde(skip)]
    when: Time,
    provider: &'static str,
    account: String,
    at: String,
    text: String,
    notes: Vec<String>,
    refused: Option<String>,
}

pub(super) fn answer(stage: &Stage) -> Reply {
    let mut requests = stage.requests();
    requests.retain(|received| {
        matches!(
            received.verdict,
            Verdict::Accepted | Verdict::Refused(_) | Verdict::Cut
        )
    });
    let requests = requests.iter().rev().take(SHOWN);
    let mails = stage.mails();
    let mails = mails.iter().rev().take(SHOWN).map(letter);
    let mut bubbles: Vec<Bubble> = requests
        .map(|received| bubble(stage, received))
        .chain(mails)
        .collect();
    // Stable, so that what came at the same instant stays in order.
    bubbles.sort_by_key(|bubble| Reverse(bubble.when));
    bubbles.truncate(SHOWN);
    let bubbles = Value::from(Serde(bubbles));
    let counts: Vec<Value> = stage
        .desks()
        .iter()
        .map(|desk| (desk.book().name, desk.book().counts()))
        .filter(|(_, counts)| counts.requests > 0)
        .map(|(name, counts)| context! { name, requests => counts.requests, accepted => counts.accepted })
        .collect();
    let page = TEMPLATES.as_ref().and_then(|templates| {
        templates
            .get_template("page.html")
            .ok()?
            .render(context! { bubbles, counts })
            .ok()
    });
    let Some(page) = page else {
        return Reply::text(500, "the page cannot be shown");
    };
    Reply {
        status: 200,
        headers: vec![
            ("content-type".into(), "text/html; charset=utf-8".into()),
            (
                "content-security-policy".into(),
                "default-src 'none'; style-src 'unsafe-inline'".into(),
            ),
            ("cache-control".into(), "no-store".into()),
        ],
        body: page.into(),
    }
}

fn bubble(stage: &Stage, received: &Received) -> Bubble {
    let shown = stage
        .named(received.provider)
        .map(|desk| desk.rules().shown(&received.json()));
    let text = shown
        .filter(|text| !text.trim().is_empty())
        .unwrap_or_else(|| received.text());
    Bubble {
        when: received.at,
        provider: received.provider,
        account: shorten(&received.account, SHOWN_ACCOUNT),
        at: received.at.to_string(),
        text: shorten(&text, SHOWN_CHARS),
        notes: received.notes.clone(),
        refused: match &received.verdict {
            Verdict::Refused(why) => Some(why.clone()),
            Verdict::Cut => Some("connection cut".to_owned()),
            _ => None,
        },
    }
}

fn letter(mail: &Mail) -> Bubble {
    let text = mail.text("text/plain").or_else(|| mail.text("text/html"));
    let text = format!("{}\n\n{}", mail.subject(), text.unwrap_or_default());
    Bubble {
        when: mail.at,
        provider: "smtp",
        account: shorten(&mail.to.join(", "), SHOWN_ACCOUNT),
        at: mail.at.to_string(),
        text: shorten(&text, SHOWN_CHARS),
        notes: mail.notes.clone(),
        refused: None,
    }
}

fn shorten(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}
