//! Any JSON, form or query string: sane defaults for flat shapes, a mapping for the rest.
//!
//! Without options, the usual names are understood (`title`, `status`, `severity`, `message`,
//! `labels`, …). With `map:` each part is told where to find its value: a JSON pointer such as
//! `/alert/name`, or a text with pointers in it such as `{/host}: {/check} failed`.

mod defaults;
mod mapping;
#[cfg(test)]
mod tests;

use balefire_core::alert::Lifecycle;
use balefire_core::field::{Field, Kind};
use serde_json::Value;

use crate::ask::{Ask, Deed, Name};
use crate::content::{self, Content};
use crate::json::fields::{first, kind};
use crate::manners::Manners;
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal};
use crate::signature;
use crate::spec::{Inbound, SourceSpec};
use crate::text;

pub(crate) use defaults::{State, details, draft, is_place, state_of};
pub(crate) use mapping::Mapping;

const PLACE: Kind = Kind::Text;

/// The keys of `map:`.
static MAP: &[Field] = &[
    Field::optional(
        "title",
        PLACE,
        "Name of the alert (label alertname): a JSON pointer, or text with {/pointer} in it.",
    ),
    Field::optional(
        "text",
        PLACE,
        "What happened, for people (annotation description).",
    ),
    Field::optional(
        "severity",
        PLACE,
        "How bad it is; words of the usual systems are understood (label severity).",
    ),
    Field::optional(
        "status",
        PLACE,
        "Whether it is on or over; compared with `firing` and `resolved`.",
    ),
    Field::optional(
        "key",
        PLACE,
        "The sender's own key of the alert: what a resolve is matched by, whatever its labels.",
    ),
    Field::optional(
        "starts_at",
        PLACE,
        "When it began: RFC 3339, local time in `timezone`, or an epoch in s, ms, µs or ns.",
    ),
    Field::optional("ends_at", PLACE, "When it ended."),
    Field::optional(
        "url",
        PLACE,
        "Link back to the sender; http and https only.",
    ),
    Field::optional(
        "image_url",
        PLACE,
        "Link to a picture; http and https only.",
    ),
    Field::optional(
        "labels",
        Kind::Map(&Kind::Text),
        "More labels by name, each a pointer or text.",
    ),
    Field::optional(
        "annotations",
        Kind::Map(&Kind::Text),
        "More annotations by name, each a pointer or text.",
    ),
];

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "generic",
    title: ("Generic webhook", "通用 Webhook"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[
        Field::optional("items", Kind::Text, "JSON pointer to the array of alerts; the body itself when it is an array.").or(""),
        Field::optional("map", Kind::Record(MAP), "Where each part of an alert stands."),
        Field::optional("firing", Kind::List(&Kind::Text), "Words of `status` that mean firing, besides the usual ones."),
        Field::optional("resolved", Kind::List(&Kind::Text), "Words of `status` that mean resolved, besides the usual ones."),
        Field::optional("forms", Kind::Bool, "Whether a form content type is meant; otherwise such a body is plain text, as curl -d sends it.").or("false"),
        Field::optional("secret", Kind::Secret, "Standard Webhooks secret (whsec_… or plain text); when set, unsigned requests are refused."),
    ],
    setup: include_str!("../../setup/generic.md"),
    manners: Manners::USUAL,
    parse,
};

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    signature::standard(inbound)?;
    let forms = inbound
        .options
        .get("forms")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    match content::of(inbound, forms)? {
        Content::Json(value) => from_value(inbound, &value),
        Content::Text(words) => text::from_text(&words),
        Content::Empty => match content::of_query(inbound)? {
            Some(value) => from_value(inbound, &value),
            None => Err(Refusal::malformed(
                "body",
                "empty, and there is no query string either",
            )),
        },
    }
}

/// Reads a tree by the source's mapping.
pub(crate) fn from_value(inbound: &Inbound<'_>, value: &Value) -> Result<Parsed, Refusal> {
    let mapping = Mapping::of(inbound.options).map_err(|e| Refusal::malformed("options", e))?;
    let mut parsed = Parsed::default();
    let pointer = mapping.items();
    let found = value.pointer(pointer).ok_or_else(|| {
        Refusal::malformed(
            "body",
            format!("there is nothing at {pointer:?}, where `items` points"),
        )
    })?;
    let base = if pointer.is_empty() {
        String::new()
    } else {
        pointer.to_owned()
    };
    match found {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                one(
                    inbound,
                    item,
                    &mapping,
                    format!("{base}[{index}]"),
                    &mut parsed,
                );
            }
        }
        Value::Object(_) => one(inbound, found, &mapping, base, &mut parsed),
        other => {
            let problem = format!(
                "expected an object or an array of objects, found {}",
                kind(other)
            );
            return Err(Refusal::malformed("body", problem));
        }
    }
    Ok(parsed)
}

fn one(inbound: &Inbound<'_>, item: &Value, mapping: &Mapping, path: String, parsed: &mut Parsed) {
    match item {
        Value::Object(_) => match draft(item, path, mapping, inbound.timezone) {
            Ok(Some(draft)) => draft.finish(parsed),
            Ok(None) => acknowledged(item, mapping, parsed),
            Err(complaint) => parsed.complain(complaint),
        },
        Value::String(words) => match text::draft(words, path.clone()) {
            Ok(draft) => draft.finish(parsed),
            Err(_) => parsed.complain(Complaint::new(path, "an empty text")),
        },
        other => parsed.complain(Complaint::of(
            ComplaintKind::Type,
            path,
            format!("an alert is an object, not {}", kind(other)),
        )),
    }
}

/// An acknowledgement goes to the incident of the alert whose key it names; of several in one request, the first.
fn acknowledged(item: &Value, mapping: &Mapping, parsed: &mut Parsed) {
    match defaults::key(item, mapping) {
        Some(key) if parsed.ask.is_none() => {
            let said = |names: &[&str]| first(item, names).unwrap_or_default().into_owned();
            parsed.ask = Some(Ask::Do {
                name: Name::Key(key),
                deed: Deed::Acknowledge,
                who: said(&["acknowledged_by", "user", "username"]),
                text: said(&["note", "comment"]),
            });
        }
        Some(_) => parsed.note("a second acknowledgement in one request changes nothing here"),
        None => parsed.note("an acknowledgement without a key changes nothing here"),
    }
}
