//! `POST /api/v2/alerts`: what Prometheus and everything that imitates it sends to Alertmanager.
//!
//! The one format with a hot path: labels go from the body into a label set without a tree in
//! between. Semantics are Alertmanager 0.34's (names may be any UTF-8), with two differences: one
//! bad item never costs its neighbours, and `[null]` is a complaint rather than a dropped
//! connection. Clients of version 1 (`POST …/api/v1/alerts`: older Prometheus, ElastAlert 2) send the same array and hear
//! that version's answer.

#[cfg(test)]
mod tests;
mod version_one;

use std::borrow::Cow;
use std::sync::Arc;

use balefire_core::alert::Lifecycle;
use balefire_core::label::{Annotations, Labels};
use balefire_core::time::Time;

use crate::bounds::{self, Pair};
use crate::json::{JsonError, Kind, Reader};
use crate::link;
use crate::manners::Manners;
use crate::parsed::{Complaint, ComplaintKind, Identity, Parsed, ParsedAlert, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};
use crate::when;

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "prometheus",
    title: (
        "Prometheus (Alertmanager API v2)",
        "Prometheus（Alertmanager API v2）",
    ),
    lifecycle: Lifecycle::Refreshing,
    body_limit: 8 * 1_048_576,
    fields: &[],
    setup: include_str!("../../setup/prometheus.md"),
    manners: Manners {
        answer: version_one::answer,
        ..Manners::USUAL
    },
    parse,
};

pub(crate) fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    let mut reader = Reader::new(inbound.body)?;
    let mut parsed = Parsed::default();
    let mut scratch = Scratch::default();
    match reader.peek()? {
        Kind::Null => reader.null()?,
        Kind::Array => reader.array(|reader, index| {
            let start = reader.mark();
            if let Err(error) = item(reader, index, inbound.now, &mut scratch, &mut parsed) {
                if !error.is_json {
                    return Err(error);
                }
                reader.pass_over(start)?;
                parsed.complain(refused(index, &error));
            }
            scratch.labels.clear();
            scratch.annotations.clear();
            Ok(())
        })?,
        kind => {
            let problem = format!("expected an array of alerts, found {}", kind.as_str());
            return Err(Refusal::malformed("body", problem));
        }
    }
    reader.finish()?;
    Ok(parsed)
}

/// The complaint about an item whose JSON we do not take.
fn refused(index: usize, error: &JsonError) -> Complaint {
    let JsonError { line, column, .. } = error;
    let dot = if error.path.is_empty() || error.path.starts_with('[') {
        ""
    } else {
        "."
    };
    Complaint::of(
        ComplaintKind::Bound,
        format!("[{index}]{dot}{}", bounds::up_to(&error.path, 200)),
        format!("{} (line {line}, column {column})", error.problem),
    )
}

/// Buffers reused from item to item.
#[derive(Default)]
struct Scratch<'a> {
    labels: Vec<Pair<'a>>,
    annotations: Vec<Pair<'a>>,
}

/// One item as read, not yet judged.
#[derive(Default)]
struct Item<'a> {
    has_labels: bool,
    starts_at: Option<Time>,
    ends_at: Option<Time>,
    url: Cow<'a, str>,
    complaint: Option<Complaint>,
}

impl Item<'_> {
    /// Keeps the first thing that is wrong.
    fn complain(&mut self, kind: ComplaintKind, index: usize, field: &str, problem: String) {
        if self.complaint.is_none() {
            self.complaint = Some(Complaint::of(kind, format!("[{index}]{field}"), problem));
        }
    }
}

fn item<'a>(
    reader: &mut Reader<'a>,
    index: usize,
    now: Time,
    scratch: &mut Scratch<'a>,
    parsed: &mut Parsed,
) -> Result<(), JsonError> {
    let kind = reader.peek()?;
    if kind != Kind::Object {
        reader.skip()?;
        let problem = format!("expected an alert, found {}", kind.as_str());
        parsed.complain(Complaint::of(
            ComplaintKind::Type,
            format!("[{index}]"),
            problem,
        ));
        return Ok(());
    }
    let mut item = Item::default();
    reader.object(|reader, key| match &**key {
        "labels" => {
            item.has_labels = reader.peek()? != Kind::Null;
            map(reader, index, "labels", &mut scratch.labels, &mut item)
        }
        "annotations" => map(
            reader,
            index,
            "annotations",
            &mut scratch.annotations,
            &mut item,
        ),
        "startsAt" => {
            item.starts_at = time(reader, index, "startsAt", &mut item)?;
            Ok(())
        }
        "endsAt" => {
            item.ends_at = time(reader, index, "endsAt", &mut item)?;
            Ok(())
        }
        "generatorURL" => {
            if let Some(url) = text(reader, index, ".generatorURL", &mut item)? {
                item.url = url;
            }
            Ok(())
        }
        _ => reader.skip(),
    })?;
    match judge(item, index, scratch, parsed) {
        Ok(mut alert) => {
            if alert.ends_at.is_some_and(|end| end <= now) {
                alert.signal = Signal::Resolved;
            }
            parsed.alerts.push(alert);
        }
        Err(complaint) => parsed.complain(complaint),
    }
    Ok(())
}

/// Alertmanager's rules for one alert, in its order and its words.
fn judge(
    item: Item<'_>,
    index: usize,
    scratch: &Scratch<'_>,
    parsed: &mut Parsed,
) -> Result<ParsedAlert, Complaint> {
    let at = |field: &str| format!("[{index}].{field}");
    if let Some(complaint) = item.complaint {
        return Err(complaint);
    }
    if !item.has_labels {
        let problem = format!("{index}.labels in body is required");
        return Err(Complaint::of(
            ComplaintKind::Required,
            at("labels"),
            problem,
        ));
    }
    let generator_url = if item.url.is_empty() {
        Arc::from("")
    } else if !link::is_request_uri(&item.url) {
        let problem = format!(
            "{index}.generatorURL in body must be of type uri: {:?}",
            item.url
        );
        return Err(Complaint::of(
            ComplaintKind::Format,
            at("generatorURL"),
            problem,
        ));
    } else if let Some(link) = link::web(&item.url) {
        Arc::from(link)
    } else {
        let shown = bounds::up_to(&item.url, 60);
        parsed.note(format!(
            "[{index}]: the generatorURL {shown:?} was dropped: only http and https links are kept"
        ));
        Arc::from("")
    };
    let labels: Labels = bounds::labels(&scratch.labels).map_err(|unfit| unfit.at(at("labels")))?;
    let annotations: Annotations = bounds::annotations(&scratch.annotations, |name| {
        parsed.note(format!("[{index}].annotations.{name} was cut"));
    })
    .map_err(|unfit| unfit.at(at("annotations")))?;
    let (starts_at, ends_at) = (item.starts_at, item.ends_at);
    if let (Some(start), Some(end)) = (starts_at, ends_at)
        && end < start
    {
        return Err(Complaint::new(
            at("endsAt"),
            "start time must be before end time",
        ));
    }
    Ok(ParsedAlert {
        identity: Identity::Labels,
        signal: Signal::Firing,
        labels,
        annotations,
        starts_at,
        ends_at,
        generator_url,
    })
}

/// Reads an object of texts; `null` is an empty one. A value of another type is a complaint.
fn map<'a>(
    reader: &mut Reader<'a>,
    index: usize,
    field: &str,
    pairs: &mut Vec<Pair<'a>>,
    item: &mut Item<'a>,
) -> Result<(), JsonError> {
    match reader.peek()? {
        Kind::Null => reader.null(),
        Kind::Object => reader.object(|reader, name| {
            match reader.peek()? {
                Kind::String => pairs.push((name.clone(), reader.string()?)),
                // Go reads null as the empty text.
                Kind::Null => {
                    reader.null()?;
                    pairs.push((name.clone(), Cow::Borrowed("")));
                }
                kind => {
                    reader.skip()?;
                    let at = format!(".{field}.{}", bounds::up_to(name, 80));
                    let problem = unexpected(kind, &format!("Alert.{field}"), "string");
                    item.complain(ComplaintKind::Type, index, &at, problem);
                }
            }
            Ok(())
        }),
        kind => {
            reader.skip()?;
            let problem = unexpected(kind, &format!("Alert.{field}"), "models.LabelSet");
            item.complain(ComplaintKind::Type, index, &format!(".{field}"), problem);
            Ok(())
        }
    }
}

/// What Go's decoder says when a value has the wrong type.
fn unexpected(kind: Kind, field: &str, expected: &str) -> String {
    format!(
        "json: cannot unmarshal {} into Go struct field {field} of type {expected}",
        kind.as_str()
    )
}

fn text<'a>(
    reader: &mut Reader<'a>,
    index: usize,
    field: &str,
    item: &mut Item<'_>,
) -> Result<Option<Cow<'a, str>>, JsonError> {
    match reader.peek()? {
        Kind::String => reader.string().map(Some),
        Kind::Null => reader.null().map(|()| None),
        kind => {
            reader.skip()?;
            let problem = unexpected(kind, &format!("Alert{field}"), "string");
            item.complain(ComplaintKind::Type, index, field, problem);
            Ok(None)
        }
    }
}

/// A time with any offset; nothing for an empty text and for Go's zero time.
fn time(
    reader: &mut Reader<'_>,
    index: usize,
    name: &str,
    item: &mut Item<'_>,
) -> Result<Option<Time>, JsonError> {
    let field = format!(".{name}");
    let Some(text) = text(reader, index, &field, item)? else {
        return Ok(None);
    };
    if text.is_empty() || text.starts_with("0001-01-01T") {
        return Ok(None);
    }
    let time = when::rfc3339(&text);
    if time.is_none() {
        let shown = bounds::up_to(&text, 60);
        let problem = format!(
            "parsing time {shown:?} as \"2006-01-02T15:04:05Z07:00\" failed: write RFC 3339, such as \
             2026-03-04T02:15:00Z"
        );
        item.complain(ComplaintKind::Type, index, &field, problem);
    }
    Ok(time)
}
