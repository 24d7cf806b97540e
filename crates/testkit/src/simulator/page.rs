//! The page at `/`: the messages that people got, as chat bubbles, newest first.

use std::sync::LazyLock;

use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;

use super::Stage;
use crate::received::{Received, Verdict};
use crate::reply::Reply;

/// Bubbles on the page.
const SHOWN: usize = 100;
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
    seq: u64,
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
    let bubbles: Vec<Bubble> = requests
        .iter()
        .rev()
        .take(SHOWN)
        .map(|received| bubble(stage, received))
        .collect();
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
        seq: received.seq,
        provider: received.provider,
        account: shorten(&received.account, 16),
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

fn shorten(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}
