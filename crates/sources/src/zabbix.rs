//! Zabbix, through the media type script shipped in `setup/zabbix.md`.
//!
//! Zabbix sends nothing by itself: a script turns its macros into JSON. Macros that Zabbix cannot
//! fill stay as they are (`{EVENT.OPDATA}`) or become `*UNKNOWN*`; both count as absent. The event
//! id is the *problem's* id also when it recovers, so it is the key. Times have no zone.
//! Source: Zabbix manual, "Supported macros".

use std::borrow::Cow;

use balefire_core::alert::Lifecycle;
use balefire_core::severity::Severity;
use serde_json::Value;

use crate::ask::{Ask, Deed, Name};
use crate::draft::Draft;
use crate::generic;
use crate::json;
use crate::json::fields::{first, items, text};
use crate::manners::Manners;
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "zabbix",
    title: ("Zabbix", "Zabbix"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[],
    setup: include_str!("../setup/zabbix.md"),
    manners: Manners::USUAL,
    parse,
};

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    from_value(inbound, &json::read(inbound.body)?)
}

/// Whether a body comes from our script.
pub(crate) fn is(body: &Value) -> bool {
    body.get("event_source").is_some() && body.get("event_nseverity").is_some()
}

/// Reads the body's tree; a body of another script is read as a generic one.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    let ours = body
        .as_object()
        .is_some_and(|map| map.keys().any(|key| key.starts_with("event_")));
    if !ours {
        return generic::from_value(inbound, body);
    }
    let mut parsed = Parsed::default();
    match draft(inbound, body, &mut parsed) {
        Ok(draft) => draft.finish(&mut parsed),
        Err(complaint) => parsed.complain(complaint),
    }
    Ok(parsed)
}

fn draft<'a>(
    inbound: &Inbound<'_>,
    body: &'a Value,
    parsed: &mut Parsed,
) -> Result<Draft<'a>, Complaint> {
    let event_id = filled(body, "event_id").ok_or_else(|| {
        Complaint::of(
            ComplaintKind::Required,
            "event_id",
            "set the parameter event_id to {EVENT.ID}",
        )
    })?;
    let name = filled(body, "event_name")
        .or_else(|| filled(body, "alert_subject"))
        .ok_or_else(|| {
            Complaint::of(
                ComplaintKind::Required,
                "event_name",
                "set the parameter event_name to {EVENT.NAME}",
            )
        })?;
    let mut draft = Draft::new("", signal(body)?);
    draft.label("alertname", name.clone());
    draft.severity(severity(body));
    draft.label_if(
        "host",
        filled(body, "host_name").or_else(|| filled(body, "host_host")),
    );
    draft.label_if("trigger_id", filled(body, "trigger_id"));
    tags(&mut draft, body);
    if draft.signal != Signal::Event {
        draft.key(event_id.clone());
    }
    let resolved = draft.signal == Signal::Resolved;
    let subject = filled(body, "alert_subject").filter(|_| !resolved);
    draft.annotation("summary", subject.unwrap_or(name));
    let words = ["trigger_description", "alert_message"];
    draft.annotation_if(
        "description",
        words.iter().find_map(|key| filled(body, key)),
    );
    draft.annotation_if(
        "value",
        ["event_opdata", "item_lastvalue"]
            .iter()
            .find_map(|k| filled(body, k)),
    );
    draft.annotation_if("host_ip", filled(body, "host_ip"));
    draft.annotation("event_id", event_id.clone());
    update(&mut draft, body, parsed);
    let date = |date, time| Some(format!("{} {}", filled(body, date)?, filled(body, time)?));
    draft.starts(
        date("event_date", "event_time").as_deref(),
        inbound.timezone,
    );
    if resolved {
        let end = date("event_recovery_date", "event_recovery_time");
        draft.ends(end.as_deref(), inbound.timezone);
    }
    if let (Some(base), Some(trigger)) = (filled(body, "zabbix_url"), filled(body, "trigger_id")) {
        let base = base.trim_end_matches('/');
        let url = format!("{base}/tr_events.php?triggerid={trigger}&eventid={event_id}");
        draft.url(Some(url.into()));
    }
    Ok(draft)
}

/// A parameter whose macro was filled in.
fn filled<'a>(body: &'a Value, key: &str) -> Option<Cow<'a, str>> {
    text(body, key).filter(|value| {
        let inner = value
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        let macro_left = inner.is_some_and(|inner| {
            inner
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"._$".contains(&b))
        });
        !macro_left && value != "*UNKNOWN*"
    })
}

/// Discovery and autoregistration happen; problems are on or over.
fn signal(body: &Value) -> Result<Signal, Complaint> {
    if matches!(filled(body, "event_source").as_deref(), Some("1" | "2")) {
        return Ok(Signal::Event);
    }
    let status = filled(body, "event_status");
    match (filled(body, "event_value").as_deref(), status.as_deref()) {
        (Some("1"), _) | (None, Some("PROBLEM")) => Ok(Signal::Firing),
        (Some("0"), _) | (None, Some("RESOLVED" | "OK")) => Ok(Signal::Resolved),
        (value, _) => Err(Complaint::new(
            "event_value",
            format!(
                "{:?} is neither 1 (problem) nor 0 (recovery)",
                value.unwrap_or("")
            ),
        )),
    }
}

/// Zabbix counts from 0 (not classified) to 5 (disaster).
fn severity(body: &Value) -> Severity {
    match filled(body, "event_nseverity").as_deref() {
        Some("0" | "1") => Severity::Info,
        Some("2") => Severity::Warning,
        Some("3") => Severity::Error,
        Some("4" | "5") => Severity::Critical,
        _ => filled(body, "event_severity")
            .and_then(|word| Severity::from_word(&word))
            .unwrap_or(Severity::Warning),
    }
}

/// Tags become labels. A tag may come several times with different values: they are joined.
fn tags(draft: &mut Draft<'_>, body: &Value) {
    let parsed;
    let list = match body.get("event_tagsjson") {
        Some(Value::String(written)) if written.starts_with('[') => {
            match json::read(written.as_bytes()) {
                Ok(value) => {
                    parsed = serde_json::json!({ "tags": value });
                    items(&parsed, "tags")
                }
                Err(error) => {
                    draft.note(&format!("event_tagsjson cannot be read: {error}"));
                    return;
                }
            }
        }
        Some(Value::Array(list)) => list.as_slice(),
        _ => return,
    };
    let mut joined: Vec<(String, String)> = Vec::new();
    for tag in list.iter().take(crate::bounds::MAX_PAIRS) {
        let (Some(name), value) = (text(tag, "tag"), text(tag, "value").unwrap_or_default()) else {
            continue;
        };
        match joined.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => {
                values.push(',');
                values.push_str(&value);
            }
            None => joined.push((name.into_owned(), value.into_owned())),
        }
    }
    for (name, value) in joined {
        draft.label(name, value);
    }
}

/// An acknowledgement, comment or change of severity: the problem stays what it is, the words say
/// who did what.
fn update(draft: &mut Draft<'_>, body: &Value, parsed: &mut Parsed) {
    if filled(body, "event_update_status").as_deref() != Some("1") {
        return;
    }
    let action = filled(body, "event_update_action").unwrap_or_else(|| "updated".into());
    let mut words = match filled(body, "user_fullname") {
        Some(user) => format!("{action} by {user}"),
        None => action.into_owned(),
    };
    if let Some(message) = first(body, &["event_update_message"]) {
        words = format!("{words}: {message}");
    }
    parsed.note(format!("update of the problem in Zabbix: {words}"));
    acknowledged(body, parsed);
    draft.annotation("zabbix_update", words);
}

/// Who acknowledges in Zabbix has the incident here; who takes it back there gives it back.
fn acknowledged(body: &Value, parsed: &mut Parsed) {
    let (action, id) = (
        filled(body, "event_update_action"),
        filled(body, "event_id"),
    );
    let (Some(action), Some(id)) = (action, id) else {
        return;
    };
    let is_said = |word: &str| action.split(',').any(|one| one.trim() == word);
    let deed = if is_said("acknowledged") {
        Deed::Acknowledge
    } else if is_said("unacknowledged") {
        Deed::GiveBack
    } else {
        return;
    };
    let said = |name| filled(body, name).unwrap_or_default().into_owned();
    parsed.ask = Some(Ask::Do {
        name: Name::Key(id.into_owned()),
        deed,
        who: said("user_fullname"),
        text: said("event_update_message"),
    });
}
