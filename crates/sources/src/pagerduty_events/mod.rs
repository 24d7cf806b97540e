//! PagerDuty's Events API, as a client of it calls: version 2, its change events, and version 1.
//!
//! Source: PagerDuty's "Events API v2 overview" and "Send an alert event"; for version 1
//! `generic/2010-04-15/create_event.json`. A client is given `…/in/{name}/TOKEN` as its base URL and works
//! unmodified; its answers are PagerDuty's. An alert is known by routing key and `dedup_key`: a further trigger
//! under the key of an open alert is about that alert, whatever its words. Where PagerDuty is strict about a
//! field, the alert counts for more here: an odd severity is a warning with a note, a missing `source` nothing. An
//! acknowledgement goes to the alert's incident; a change event is noted.

mod event;
mod shown;

use balefire_core::alert::Lifecycle;
use balefire_core::field::{Field, Kind};
use serde_json::{Value, json};

use crate::digest;
use crate::json;
use crate::json::fields::text;
use crate::manners::{Answer, Head, Manners, Outcome, Voice};
use crate::parsed::{Parsed, Refusal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "pagerduty_events",
    title: ("PagerDuty Events API", "PagerDuty Events API"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[Field::optional(
        "routing_keys",
        Kind::Map(&Kind::Secret),
        "Routing keys by the service they stand for; with some, others are refused and the name becomes the label service.",
    )],
    setup: include_str!("../../setup/pagerduty_events.md"),
    manners: Manners {
        answer,
        ..Manners::USUAL
    },
    parse,
};

/// The path of version 1.
const V1: &str = "generic/2010-04-15/create_event.json";

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    match inbound.path.trim_end_matches('/') {
        // Whoever posts an event to the source's own address means the first of these.
        "" | "v2/enqueue" | "enqueue" => from_value(inbound, &json::read(inbound.body)?),
        "v2/change/enqueue" => {
            let body = json::read(inbound.body)?;
            admitted(inbound, text(&body, "routing_key").as_deref())?;
            event::change(&body)
        }
        V1 => {
            let body = json::read(inbound.body)?;
            let key = admitted(inbound, text(&body, "service_key").as_deref())?;
            Ok(event::v1(inbound, &body, &key))
        }
        path => Err(Refusal::no_such_path(path)),
    }
}

/// Whether a body is an event of version 2.
pub(crate) fn is(body: &Value) -> bool {
    body.get("routing_key").is_some() && body.get("event_action").is_some()
}

/// Reads an event of version 2 from its tree.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    let key = admitted(inbound, text(body, "routing_key").as_deref())?;
    Ok(event::v2(inbound, body, &key))
}

/// Whose event it is.
struct Service<'a> {
    /// Its configured name.
    name: Option<&'a str>,
    /// Stands for its routing key in keys.
    digest: String,
}

/// Finds the service of a routing key; where some are configured, only those are let in.
fn admitted<'a>(inbound: &Inbound<'a>, given: Option<&str>) -> Result<Service<'a>, Refusal> {
    let Some(given) = given else {
        let problem = "'routing_key' is missing or blank";
        return Err(Refusal::malformed("routing_key", problem));
    };
    let known = inbound
        .options
        .get("routing_keys")
        .and_then(Value::as_object);
    let name = match known {
        None => None,
        Some(known) => {
            let service = known
                .iter()
                .find(|(_, key)| key.as_str().is_some_and(|key| digest::same(key, given)));
            let stranger =
                || Refusal::Stranger("the routing key is none of this source's".to_owned());
            Some(service.ok_or_else(stranger)?.0.as_str())
        }
    };
    Ok(Service {
        name,
        digest: digest::short(given),
    })
}

/// PagerDuty's own answers: 202, for version 1 200, and 400 with a list of what is wrong.
fn answer(head: &Head<'_>, outcome: &Outcome<'_>) -> Voice {
    let v1 = head.path.trim_end_matches('/') == V1;
    if let Some((status, problems)) = outcome.failure() {
        let (word, message) = match status {
            400 => ("invalid event", "Event object is invalid"),
            _ => ("error", "The event was not taken"),
        };
        let body = json!({"status": word, "message": message, "errors": problems});
        return Voice::Own(Answer::json(status, &body));
    }
    let mut body = json!({"status": "success", "message": "Event processed"});
    let key = if v1 { "incident_key" } else { "dedup_key" };
    match outcome.reply().get("dedup_key") {
        Some(value) => body[key] = value.clone(),
        None => body["message"] = json!("Change event processed"),
    }
    Voice::Own(Answer::json(if v1 { 200 } else { 202 }, &body))
}
