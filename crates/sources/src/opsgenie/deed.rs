//! What is done with an alert that is there, by the last word of the path.

use serde_json::Value;

use super::create::MAX_NAMES;
use crate::ask::{Deed, Edit, Whom, WhomKind};
use crate::json::fields::{items, kind, object, scalar, text};
use crate::parsed::{Complaint, ComplaintKind};
use crate::spec::Inbound;
use crate::when;
use balefire_core::severity::Severity;

/// What is to be done; `None` for what changes nothing here.
pub(super) fn read(
    inbound: &Inbound<'_>,
    word: &str,
    body: &Value,
) -> Result<Option<Deed>, Complaint> {
    let removes = inbound.method == "DELETE";
    Ok(Some(match word {
        "acknowledge" => Deed::Acknowledge,
        "unacknowledge" => Deed::GiveBack,
        "notes" | "note" => Deed::Note,
        "snooze" => Deed::Snooze(end(inbound, body)?),
        "assign" => Deed::Assign(whom(body, "owner")?),
        "escalate" => Deed::Escalate(named(body, "escalation")?.1),
        "responders" => Deed::Call(whom(body, "responder")?),
        "teams" => Deed::Call(whom(body, "team")?),
        "tags" if removes => list(Vec::new(), given(inbound, "tags")?),
        "tags" => list(tags(body)?, Vec::new()),
        "details" if removes => Deed::Edit(Edit::Details {
            put: Vec::new(),
            remove: given(inbound, "keys")?,
        }),
        "details" => Deed::Edit(details(body)?),
        "message" => Deed::Edit(Edit::Summary(required(body, "message")?)),
        "description" => Deed::Edit(Edit::Description(required(body, "description")?)),
        "priority" => Deed::Edit(Edit::Severity(priority(body)?)),
        _ => return Ok(None),
    }))
}

fn list(add: Vec<String>, remove: Vec<String>) -> Deed {
    Deed::Edit(Edit::List {
        name: "tags",
        add,
        remove,
    })
}

fn missing(path: &str, problem: &str) -> Complaint {
    Complaint::of(ComplaintKind::Required, path, problem)
}

fn required(body: &Value, name: &str) -> Result<String, Complaint> {
    let found = text(body, name).ok_or_else(|| missing(name, "must not be empty"))?;
    Ok(found.into_owned())
}

/// The end of a pause.
fn end(inbound: &Inbound<'_>, body: &Value) -> Result<balefire_core::time::Time, Complaint> {
    let given = required(body, "endTime")?;
    let read = when::read(&given, inbound.timezone).ok().flatten();
    read.filter(|end| *end > inbound.now).ok_or_else(|| {
        let problem = format!("{given:?} is no time ahead, as in 2026-11-29T09:00:00Z");
        Complaint::new("endTime", problem)
    })
}

/// Who is named by an object of this name: by what it says that they are, or by what the path says.
fn whom(body: &Value, name: &str) -> Result<Whom, Complaint> {
    let (said, called) = named(body, name)?;
    let said = if said.is_empty() { name } else { &said };
    let kind = match said {
        "owner" | "user" | "responder" => WhomKind::Person,
        "team" => WhomKind::Team,
        "schedule" => WhomKind::Schedule,
        "escalation" => WhomKind::Escalation,
        other => {
            let problem = format!("{other:?} is none of user, team, schedule, escalation");
            return Err(Complaint::new(format!("{name}.type"), problem));
        }
    };
    Ok(Whom { kind, name: called })
}

/// The type that an object says, which may be empty, and its name.
fn named(body: &Value, name: &str) -> Result<(String, String), Complaint> {
    let of = body.get(name).filter(|of| of.is_object());
    let of = of.ok_or_else(|| {
        missing(
            name,
            "must name somebody: an object with id, name or username",
        )
    })?;
    let mut called = ["username", "name", "id"].into_iter();
    let called = called.find_map(|key| text(of, key));
    let called = called.ok_or_else(|| missing(name, "has no id, name or username"))?;
    let said = text(of, "type").unwrap_or_default();
    Ok((said.into_owned(), called.into_owned()))
}

/// Words of a query parameter, with commas between.
fn given(inbound: &Inbound<'_>, name: &str) -> Result<Vec<String>, Complaint> {
    let all = inbound.parameter(name).unwrap_or_default();
    let words = all
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    let words: Vec<String> = words.take(MAX_NAMES).map(ToOwned::to_owned).collect();
    if words.is_empty() {
        return Err(missing(
            name,
            "the query must name some, with commas between",
        ));
    }
    Ok(words)
}

fn tags(body: &Value) -> Result<Vec<String>, Complaint> {
    let words = items(body, "tags").iter().filter_map(scalar);
    // A comma within one would make two of it.
    let words = words.map(|word| word.trim().replace(',', " "));
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .take(MAX_NAMES)
        .collect();
    if words.is_empty() {
        return Err(missing("tags", "must not be empty"));
    }
    Ok(words)
}

fn details(body: &Value) -> Result<Edit, Complaint> {
    let found = object(body, "details").filter(|found| !found.is_empty());
    let found = found.ok_or_else(|| {
        let is = body.get("details").map_or("nothing", kind);
        missing(
            "details",
            &format!("expected an object with something in it, found {is}"),
        )
    })?;
    let shown = |value: &Value| match value {
        Value::Array(_) | Value::Object(_) => value.to_string(),
        value => scalar(value).unwrap_or_default().into_owned(),
    };
    let put = found.iter().take(MAX_NAMES);
    Ok(Edit::Details {
        put: put
            .map(|(name, value)| (name.clone(), shown(value)))
            .collect(),
        remove: Vec::new(),
    })
}

fn priority(body: &Value) -> Result<Severity, Complaint> {
    let given = required(body, "priority")?;
    Severity::from_word(&given)
        .ok_or_else(|| Complaint::new("priority", format!("{given:?} is none of P1 to P5")))
}
