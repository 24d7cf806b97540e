//! Opsgenie's Alerts API, and its successor's in Jira Service Management, as a client of it calls.
//!
//! Source: Opsgenie's "Alert API" (ends on 5 April 2027) and Atlassian's "Integration events". A client is given
//! `…/in/{name}` as its API URL and the source's token as its key (`Authorization: GenieKey …`). Create begins
//! an alert, close and delete end it; the alias is its key. Acknowledge, unacknowledge, snooze, assign, escalate, responders
//! and notes go to the alert's incident, which is opened for them if there is none. Message, description, priority, tags and details
//! change what the alert says; its labels stay, by which it was routed. Lists, counts and single alerts tell of what is in memory:
//! what fires, and what ended half an hour ago at most. Attachments and custom actions are noted only.
//! Every change is on disk before its request id is given out, so a request that we gave an id is always processed.

mod call;
mod create;
mod deed;
mod request_id;
mod search;
mod shown;

use balefire_core::alert::Lifecycle;
use serde_json::{Value, json};

use self::call::Call;
use self::request_id::RequestId;
use crate::ask::{Ask, Deed, Name, Note, Standing};
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
    setup: include_str!("../../setup/opsgenie.md"),
    manners: Manners {
        methods: &["DELETE", "PATCH"],
        token,
        answer,
        ..Manners::USUAL
    },
    parse,
};

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    let call = call::read(inbound.method, inbound.path)
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
        Call::Status(id) => {
            let found = RequestId::read(id).ok_or_else(|| {
                Refusal::no_such_path(&format!("{id}: no request was given this id"))
            })?;
            parsed.reply = json!({"status": found.shown(), "requestId": id});
        }
        Call::Many => ask(&mut parsed, search::list(inbound)),
        Call::Count => ask(&mut parsed, search::count(inbound)),
        Call::One(identifier) => ask(&mut parsed, named(inbound, identifier).map(Ask::One)),
        Call::Nothing(identifier) => {
            ask(&mut parsed, named(inbound, identifier).map(Ask::One));
            parsed.reply = given(inbound, "get", "");
            parsed.reply["list"] = json!([]);
        }
        Call::Notes(identifier) => ask(&mut parsed, named(inbound, identifier).map(Ask::Notes)),
        Call::End(identifier) => match named(inbound, identifier) {
            Ok(Name::Key(id)) => {
                parsed.reply = given(inbound, "close", &id);
                let name = Name::Key(id.clone());
                parsed.ask = Some(done(inbound, name, Deed::End));
                ended(inbound, identifier, id).finish(&mut parsed);
            }
            other => {
                parsed.reply = given(inbound, "close", identifier);
                ask(
                    &mut parsed,
                    other.map(|name| done(inbound, name, Deed::Close)),
                );
            }
        },
        Call::Other(identifier, word) => other(inbound, &mut parsed, identifier, word),
    }
    if parsed.ask.is_some() && parsed.reply.is_null() {
        parsed.reply = given(inbound, "get", "");
    }
    Ok(parsed)
}

fn ask(parsed: &mut Parsed, ask: Result<Ask, Complaint>) {
    match ask {
        Ok(ask) => parsed.ask = Some(ask),
        Err(complaint) => parsed.complain(complaint),
    }
}

/// What people do with an alert: what can be done here is asked for, all else is noted.
fn other(inbound: &Inbound<'_>, parsed: &mut Parsed, identifier: &str, word: &str) {
    // It may come without a body, and says nothing that is needed.
    let body = json::read(inbound.body).unwrap_or_default();
    let deed =
        named(inbound, identifier).and_then(|name| Ok((name, deed::read(inbound, word, &body)?)));
    let (name, deed) = match deed {
        Ok(read) => read,
        Err(complaint) => {
            parsed.reply = given(inbound, word, identifier);
            return parsed.complain(complaint);
        }
    };
    let shown = match &name {
        Name::Key(id) => id.clone(),
        Name::Number(number) => number.to_string(),
    };
    parsed.reply = given(inbound, word, &shown);
    match deed {
        Some(deed) => parsed.ask = Some(done(inbound, name, deed)),
        None => parsed.note(format!("{word} was received; it changes nothing here")),
    }
}

fn done(inbound: &Inbound<'_>, name: Name, deed: Deed) -> Ask {
    // It may come without a body, and says nothing that is needed.
    let body = json::read(inbound.body).unwrap_or_default();
    // What is removed is named by the query, and by whom, too.
    let said = |key| {
        let text = json::fields::text(&body, key).map(std::borrow::Cow::into_owned);
        text.or_else(|| inbound.parameter(key)).unwrap_or_default()
    };
    Ask::Do {
        name,
        deed,
        who: said("user"),
        text: said("note"),
    }
}

/// The alert that a path names: by alias, by the id we gave, or by its short number.
fn named(inbound: &Inbound<'_>, identifier: &str) -> Result<Name, Complaint> {
    // Attachments are asked for by another name of it.
    let kind = ["identifierType", "alertIdentifierType"];
    let kind = kind.iter().find_map(|name| inbound.parameter(name));
    match kind.as_deref() {
        None | Some("id" | "") if digest::is_uuid(identifier) => {
            Ok(Name::Key(identifier.to_lowercase()))
        }
        // Who leaves the type out and gives an alias means the alias.
        None | Some("id" | "" | "alias") => Ok(Name::Key(create::id_of_alias(identifier))),
        Some("tiny") => identifier
            .parse()
            .map(Name::Number)
            .map_err(|_| Complaint::new("identifier", format!("{identifier:?} is no tiny id"))),
        Some(other) => {
            let problem = format!("{other:?} is none of id, alias, tiny");
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
            let (status, name, said) = told(reply);
            let request_id = match said {
                Value::Bool(false) => nobody(reply),
                _ => request_id.clone(),
            };
            let said = match said {
                Value::Bool(_) => json!("Request will be processed"),
                said => said,
            };
            let body = json!({name: said, "took": took, "requestId": request_id});
            Voice::Own(Answer::json(status, &body))
        }
    }
}

/// The status and what is said: of a question what was found, of a deed that it will be done, or `false` when there
/// was nothing to do it with.
fn told(reply: &Value) -> (u16, &'static str, Value) {
    if let Some(status) = reply.get("status") {
        return (200, "data", status.clone());
    }
    let of = |value: &Value| serde_json::from_value::<Standing>(value.clone()).ok();
    match reply.get("told") {
        None => (202, "result", json!(true)),
        Some(Value::Bool(done)) => (202, "result", json!(done)),
        Some(Value::Null) => (404, "message", json!("Alert does not exist")),
        Some(Value::Number(count)) => (200, "data", json!({"count": count})),
        Some(Value::Array(list)) => {
            let notes = list
                .iter()
                .map(|one| serde_json::from_value::<Note>(one.clone()));
            let shown: Vec<Value> = list
                .iter()
                .zip(notes)
                .filter_map(|(one, note)| match note {
                    Ok(note) => Some(shown::note(&note)),
                    Err(_) => Some(shown::brief(&of(one)?)),
                })
                .collect();
            (200, "data", json!(shown))
        }
        Some(_) if reply.get("list").is_some() => (200, "data", reply["list"].clone()),
        Some(alert) => match of(alert) {
            Some(alert) => (200, "data", shown::whole(&alert)),
            None => (404, "message", json!("Alert does not exist")),
        },
    }
}

/// The id of a request whose alert there is not.
fn nobody(reply: &Value) -> Value {
    let id = reply["requestId"].as_str().and_then(RequestId::read);
    id.map_or(Value::Null, |id| id.without_alert().to_string().into())
}
