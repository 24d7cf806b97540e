//! The transcript of a real Alertmanager 0.25, as requests and answers.

use std::collections::HashMap;

use serde_json::Value;

const TRANSCRIPT: &str = include_str!("../../../fixtures/alertmanager_api_golden.txt");

/// A request with its recorded answer.
#[derive(Debug)]
pub(super) struct Entry {
    /// The line as recorded, without `curl`: names the entry.
    pub(super) line: &'static str,
    pub(super) method: &'static str,
    /// Path and query.
    pub(super) path: &'static str,
    pub(super) content_type: Option<&'static str>,
    pub(super) body: &'static str,
    /// The recorded status; 0 when the connection was closed without an answer.
    pub(super) status: u16,
    pub(super) answer_type: &'static str,
    pub(super) answer: String,
}

/// All entries that have a status, in order.
pub(super) fn entries() -> Vec<Entry> {
    TRANSCRIPT
        .split("--- curl ")
        .skip(1)
        .filter_map(entry)
        .collect()
}

fn entry(text: &'static str) -> Option<Entry> {
    let (line, rest) = text.split_once('\n')?;
    let (options, url) = line.rsplit_once(' ').unwrap_or(("", line));
    let path = url.strip_prefix("http://127.0.0.1:9093")?;
    let (options, body) = match options.split_once("-d ") {
        Some((options, body)) => (options, Some(body)),
        None => (options, None),
    };
    let method = match options.split_once("-X ") {
        Some((_, method)) => method.split(' ').next()?,
        None if options.contains("-I") => "HEAD",
        None => "GET",
    };
    let form = "application/x-www-form-urlencoded";
    let content_type = match (options.split_once("Content-Type: "), body) {
        (Some((_, given)), _) => Some(given.trim()),
        (None, Some(_)) => Some(form),
        (None, None) => None,
    };
    let (answer, status) = rest.rsplit_once("\n[")?;
    let (status, answer_type) = status.split_once(']')?.0.split_once(' ')?;
    Some(Entry {
        line,
        method,
        path,
        content_type,
        body: body.unwrap_or(""),
        status: status.parse().ok()?,
        answer_type,
        answer: answer.to_owned(),
    })
}

/// Gives ids names by their order, so that two runs can be compared.
#[derive(Default)]
pub(super) struct Ids(HashMap<String, usize>);

impl Ids {
    /// The text with `<id n>` for every id that is not all zeros.
    pub(super) fn named(&mut self, text: &str) -> String {
        let mut named = String::new();
        let mut rest = text;
        while let Some(at) = rest
            .char_indices()
            .map(|(at, _)| at)
            .find(|at| id_at(&rest[*at..]))
        {
            let (before, id) = rest.split_at(at);
            let (id, after) = id.split_at(36);
            let next = self.0.len();
            let number = self.0.entry(id.to_owned()).or_insert(next);
            named.extend([before, "<id ", &number.to_string(), ">"]);
            rest = after;
        }
        named + rest
    }

    /// The text with our ids in the places of theirs.
    pub(super) fn translated(&self, text: &str, ours: &Self) -> String {
        self.0
            .iter()
            .fold(text.to_owned(), |text, (theirs, number)| {
                let own = ours.0.iter().find(|(_, n)| *n == number);
                own.map_or(text.clone(), |(own, _)| text.replace(theirs, own))
            })
    }
}

fn id_at(text: &str) -> bool {
    text.get(..36).is_some_and(|id| {
        !id.starts_with("00000000")
            && id.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
    })
}

/// An answer with what differs from run to run named instead: times near the record's own, ids,
/// and what the status says of the build and the document.
pub(super) fn redacted(answer: &str, ids: &mut Ids) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(answer) else {
        return answer.to_owned();
    };
    if !value.is_array() && !value.is_object() {
        return answer.to_owned();
    }
    redact(&mut value);
    let end = if answer.ends_with('\n') { "\n" } else { "" };
    ids.named(&value.to_string()) + end
}

fn redact(value: &mut Value) {
    match value {
        Value::String(text) => {
            for (time, name) in [
                ("2026-11-22T00:20:", "<now>"),
                ("2026-11-22T00:25:", "<now + 5m>"),
            ] {
                if text.starts_with(time) && text.ends_with('Z') && text.len() == 24 {
                    name.clone_into(text);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(fields) => {
            if let Some(info) = fields.get_mut("versionInfo").and_then(Value::as_object_mut) {
                info.values_mut()
                    .for_each(|value| *value = "<build>".into());
            }
            if fields.contains_key("original") {
                fields.insert("original".to_owned(), "<document>".into());
            }
            fields.values_mut().for_each(redact);
        }
        _ => {}
    }
}
