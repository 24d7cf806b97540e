//! The simulator's own pages and endpoints: what arrived, how to misbehave, forget everything.

use http::Method;
use http::request::Parts;
use http::uri::Authority;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Stage, page};
use crate::mode::Mode;
use crate::received::{Received, Verdict};
use crate::reply::{Reply, header};

/// Most requests that one answer of `/_sim/requests` holds.
const MOST_REQUESTS: usize = 1_000;

/// The body of `POST /_sim/mode`.
#[derive(Deserialize)]
struct Plan {
    provider: String,
    /// Missing: until told otherwise, and what was planned is forgotten.
    times: Option<u32>,
    #[serde(flatten)]
    mode: Mode,
}

/// Whether a call is for the simulator itself. What is looked at at `/` is its page, what is posted there is for
/// one of the clouds.
pub(super) fn owns(call: &Parts) -> bool {
    let path = call.uri.path();
    (path == "/" && call.method == Method::GET) || path.starts_with("/_sim/")
}

pub(super) fn answer(stage: &Stage, parts: &Parts, body: &[u8]) -> Reply {
    if !is_local(parts) {
        return Reply::text(403, "the simulator answers to local names only");
    }
    match (&parts.method, parts.uri.path()) {
        (&Method::GET, "/") => page::answer(stage),
        (&Method::GET, "/_sim/requests") => requests(stage, parts),
        (&Method::GET, "/_sim/mails") => mails(stage),
        (&Method::POST, "/_sim/mode" | "/_sim/reset") if !is_json(parts) => {
            // A foreign web page cannot send this type without asking first.
            Reply::text(415, "the content type must be application/json")
        }
        (&Method::POST, "/_sim/mode") => mode(stage, body),
        (&Method::POST, "/_sim/reset") => {
            for desk in stage.desks() {
                desk.book().clear();
                desk.book().heal();
            }
            if let Some(mail) = &stage.mail {
                mail.clear();
                mail.heal();
            }
            Reply::json(&json!({"ok": true}))
        }
        _ => Reply::text(404, "not found"),
    }
}

/// Whether the Host header names this machine: a page from elsewhere may have been pointed here.
fn is_local(parts: &Parts) -> bool {
    let host = header(&parts.headers, "host").unwrap_or("");
    host.parse::<Authority>()
        .is_ok_and(|host| matches!(host.host(), "localhost" | "127.0.0.1" | "[::1]"))
}

fn is_json(parts: &Parts) -> bool {
    let sent = header(&parts.headers, "content-type").unwrap_or("");
    sent.split(';')
        .next()
        .is_some_and(|kind| kind.trim() == "application/json")
}

fn mode(stage: &Stage, body: &[u8]) -> Reply {
    let plan: Plan = match serde_json::from_slice(body) {
        Ok(plan) => plan,
        Err(error) => return Reply::text(400, error.to_string()),
    };
    let Some(desk) = stage.named(&plan.provider) else {
        let known: Vec<&str> = stage.desks().iter().map(|desk| desk.book().name).collect();
        return Reply::text(
            404,
            format!("no provider {:?}; there are {known:?}", plan.provider),
        );
    };
    if plan.times.is_none() {
        desk.book().heal();
    }
    desk.book().plan(plan.mode, plan.times);
    Reply::json(&json!({"ok": true}))
}

fn requests(stage: &Stage, parts: &Parts) -> Reply {
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(parts.uri.query().unwrap_or("").as_bytes())
            .into_owned()
            .collect();
    let value = |name: &str| {
        query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    };
    let provider = value("provider");
    let Ok(since) = value("since").map_or(Ok(0), |text| text.parse::<u64>()) else {
        return Reply::text(400, "since must be the number of a request");
    };
    let mut listed = stage.requests();
    listed.retain(|received| {
        received.seq > since && provider.is_none_or(|name| name == received.provider)
    });
    listed.truncate(MOST_REQUESTS);
    let next = listed.last().map_or(since, |last| last.seq);
    let listed: Vec<Value> = listed.iter().map(show).collect();
    Reply::json(&json!({"next": next, "requests": listed}))
}

fn mails(stage: &Stage) -> Reply {
    let mails = stage.mails();
    let newest = &mails[mails.len().saturating_sub(MOST_REQUESTS)..];
    let listed: Vec<Value> = newest
        .iter()
        .map(|mail| {
            json!({
                "at": mail.at,
                "from": mail.from,
                "to": mail.to,
                "refused": mail.refused,
                "subject": mail.subject(),
                "text": mail.text("text/plain"),
                "notes": mail.notes,
            })
        })
        .collect();
    Reply::json(&json!({"mails": listed}))
}

fn show(received: &Received) -> Value {
    let headers: Vec<[String; 2]> = received
        .headers
        .iter()
        .map(|(name, value)| {
            [
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            ]
        })
        .collect();
    let (verdict, why) = match &received.verdict {
        Verdict::Accepted => ("accepted", ""),
        Verdict::Repeated => ("repeated", ""),
        Verdict::Dropped => ("dropped", ""),
        Verdict::Answered => ("answered", ""),
        Verdict::Refused(why) => ("refused", why.as_str()),
        Verdict::Cut => ("cut", ""),
    };
    json!({
        "seq": received.seq,
        "provider": received.provider,
        "account": received.account,
        "at": received.at,
        "method": received.method,
        "target": received.target,
        "headers": headers,
        "body": received.text(),
        "verdict": verdict,
        "why": why,
        "notes": received.notes,
    })
}
