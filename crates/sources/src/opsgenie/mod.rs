//! Opsgenie's Alerts API, and its successor's in Jira Service Management, as a client of it calls.
//!
//! Source: Opsgenie's "Alert API" (ends on 5 April 2027) and Atlassian's "Integration events". A client is given
//! `…/in/{name}` as its API URL and the source's token as its key (`Authorization: GenieKey …`). Create begins
//! an alert, close and delete end it; the alias is its key. What people do with an alert over there
//! (acknowledge, note, snooze, assign, …) is noted only. Every change is on disk before its request id is given
//! out, so a request that we gave an id is always processed. Alerts cannot be listed or fetched here.

mod create;
mod request_id;

use balefire_core::alert::Lifecycle;
use serde_json::{Value, json};

use self::request_id::RequestId;
use crate::digest;
use crate::draft::Draft;
use crate::json;
use crate::manners::{Answer, Head, Manners, Outcome, Voice};
use crate::parsed::{Complaint, Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "opsgenie",
    title: ("Opsgenie Alerts API", "Opsgenie Alerts API"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[],
    manners: Manners {
        methods: &["DELETE", "PATCH"],
        token,
        answer,
        ..Manners::USUAL
    },
    parse,
};

/// What a request asks for.
#[derive(Debug, PartialEq)]
enum Call<'a> {
    Create,
    /// Ends the alert of this identifier.
    End(&'a str),
    /// Something else with the alert of this identifier.
    Other(&'a str, &'a str),
    /// What became of a request.
    Status(&'a str),
}

/// Words after an alert's identifier that say what is done with it.
const DEEDS: &[&str] = &[
    "acknowledge",
    "unacknowledge",
    "notes",
    "note",
    "snooze",
    "assign",
    "escalate",
    "responders",
    "teams",
    "tags",
    "details",
    "attachments",
    "message",
    "description",
    "priority",
];

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    let call = call(inbound.method, inbound.path)
        .ok_or_else(|| Refusal::no_such_path(&format!("{} {}", inbound.method, inbound.path)))?;
    let mut parsed = Parsed::default();
    match call {
        Call::Create => {
            let body = json::read(inbound.body)?;
            let id = create::id(inbound, &body);
            parsed.reply = given(inbound, "create", &id);
            match create::draft(&body, &id) {
                Ok(draft) => draft.finish(&mut parsed),
                Err(complaint) => parsed.complain(complaint),
            }
        }
        Call::End(identifier) => match identified(inbound, identifier) {
            Ok(id) => {
                parsed.reply = given(inbound, "close", &id);
                ended(inbound, identifier, id).finish(&mut parsed);
            }
            Err(complaint) => parsed.complain(complaint),
        },
        Call::Other(identifier, deed) => match identified(inbound, identifier) {
            Ok(id) => {
                parsed.reply = given(inbound, deed, &id);
                parsed.note(format!("{deed} was received; it changes nothing here"));
            }
            Err(complaint) => parsed.complain(complaint),
        },
        Call::Status(id) => {
            let found = RequestId::read(id).ok_or_else(|| {
                Refusal::no_such_path(&format!("{id}: no request was given this id"))
            })?;
            parsed.reply = json!({"status": found.shown(), "requestId": id});
        }
    }
    Ok(parsed)
}

fn call<'a>(method: &str, path: &'a str) -> Option<Call<'a>> {
    let path = path.trim_matches('/');
    let path = path.strip_prefix("jsm/ops/integration/").unwrap_or(path);
    let path = path.strip_prefix("v2/").unwrap_or(path);
    if method == "POST" && (path == "alerts" || path.is_empty()) {
        return Some(Call::Create);
    }
    let rest = path.strip_prefix("alerts/")?;
    match (method, rest.rsplit_once('/')) {
        ("GET", Some(("requests", id))) => Some(Call::Status(id)),
        ("POST", Some((identifier, "close"))) => Some(Call::End(identifier)),
        ("POST" | "PUT" | "PATCH" | "DELETE", Some((identifier, deed)))
            if DEEDS.contains(&deed) =>
        {
            Some(Call::Other(identifier, deed))
        }
        ("POST", Some((rest, _))) => {
            let identifier = rest.strip_suffix("/actions")?;
            Some(Call::Other(identifier, "actions"))
        }
        // An alias may hold slashes.
        ("DELETE", _) => Some(Call::End(rest)),
        _ => None,
    }
}

/// Our id of the alert that a path names by alias, or by the id we gave.
fn identified(inbound: &Inbound<'_>, identifier: &str) -> Result<String, Complaint> {
    match inbound.parameter("identifierType").as_deref() {
        None | Some("id" | "") if digest::is_uuid(identifier) => Ok(identifier.to_lowercase()),
        // Who leaves the type out and gives an alias means the alias.
        None | Some("id" | "" | "alias") => Ok(create::id_of_alias(identifier)),
        Some(other) => {
            let problem =
                format!("identifiers of type {other:?} are not given here: use alias or id");
            Err(Complaint::new("identifierType", problem))
        }
    }
}

/// The end of an alert. Labels are those of the alert that its key stands for.
fn ended<'a>(inbound: &Inbound<'_>, identifier: &'a str, id: String) -> Draft<'a> {
    let mut draft = Draft::new("", Signal::Resolved);
    draft.label("alias", identifier);
    draft.dedup(id);
    // A close may come without a body, and says nothing that is needed.
    if let Ok(body) = json::read(inbound.body) {
        let note = json::fields::text(&body, "note");
        draft.annotation_if("note", note.map(|note| note.into_owned().into()));
    }
    draft
}

fn given(inbound: &Inbound<'_>, action: &str, alert: &str) -> Value {
    let id = RequestId::new(inbound.now, action, alert);
    json!({"requestId": id.to_string()})
}

/// `Authorization: GenieKey …`.
fn token(head: &Head<'_>) -> Option<String> {
    let (scheme, key) = head.header("authorization")?.split_once(' ')?;
    let genie = scheme.eq_ignore_ascii_case("geniekey");
    genie.then(|| key.trim().to_owned())
}

/// Opsgenie's own answers: 202 and a request id, 422 with what is wrong by field.
fn answer(_: &Head<'_>, outcome: &Outcome<'_>) -> Voice {
    let reply = outcome.reply();
    // Everything that was asked is done by now: nothing is left to wait for.
    let took = 0.0;
    let request_id = &reply["requestId"];
    match (outcome, outcome.failure()) {
        (Outcome::Failed { status, detail }, _) => {
            let body = json!({"message": detail, "took": took});
            Voice::Own(Answer::json(*status, &body))
        }
        (Outcome::Taken(taken), Some(_)) => {
            let errors = taken.complaints.iter();
            let errors = errors.map(|c| (c.path.clone(), Value::String(c.problem.clone())));
            let body = json!({
                "message": "Request body is not processable. Please check the errors.",
                "errors": errors.collect::<serde_json::Map<_, _>>(),
                "took": took,
                "requestId": request_id,
            });
            Voice::Own(Answer::json(422, &body))
        }
        (Outcome::Taken(_), None) => {
            let (status, name, said) = match reply.get("status") {
                Some(status) => (200, "data", status.clone()),
                None => (202, "result", json!("Request will be processed")),
            };
            let body = json!({name: said, "took": took, "requestId": request_id});
            Voice::Own(Answer::json(status, &body))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_say_what_is_wanted() {
        for (method, path, expected) in [
            ("POST", "v2/alerts", Some(Call::Create)),
            ("POST", "jsm/ops/integration/v2/alerts", Some(Call::Create)),
            ("POST", "v2/alerts/a/b/close", Some(Call::End("a/b"))),
            ("DELETE", "v2/alerts/x", Some(Call::End("x"))),
            ("POST", "v2/alerts/x/notes", Some(Call::Other("x", "notes"))),
            (
                "PUT",
                "v2/alerts/x/message",
                Some(Call::Other("x", "message")),
            ),
            (
                "POST",
                "v2/alerts/x/actions/restart",
                Some(Call::Other("x", "actions")),
            ),
            ("DELETE", "v2/alerts/x/tags", Some(Call::Other("x", "tags"))),
            ("GET", "v2/alerts/requests/r", Some(Call::Status("r"))),
            ("GET", "v2/alerts", None),
            ("GET", "v2/alerts/x", None),
            ("POST", "v2/alerts/x/explode", None),
            ("POST", "v2/teams", None),
        ] {
            assert_eq!(call(method, path), expected, "{method} {path}");
        }
    }
}
