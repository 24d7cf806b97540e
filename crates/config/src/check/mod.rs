//! The tree against the tables: unknown keys, wrong types, missing keys, ranges.
//!
//! Everything is looked at, so that all mistakes are told at once. The value of a secret is never
//! shown, and a value that came from the environment or a file is shown as its reference.

mod scalar;

pub(crate) use scalar::zone_hint;

use balefire_core::field::{Field, Kind};

use crate::problem::{Findings, Path};
use crate::schema::form::{Beyond, Form, Of, Record};
use crate::schema::{FOREIGN_INTEGRATIONS, LATER};
use crate::tree::{Entry, Node, Scalar, Shape};

/// Checks a node against what may stand there. Null counts as left out and is the caller's matter.
pub fn check(node: &Node, form: &Form, path: &Path<'_>, findings: &mut Findings) {
    if let Some(form) = form.of_mapping(node) {
        return check(node, &form, path, findings);
    }
    match (form, &node.shape) {
        (Form::Value(Kind::Any), _) | (_, Shape::Null) => {}
        (Form::List(of), Shape::List(items)) => list(items, *of, path, findings),
        (Form::Value(Kind::TextOrList), Shape::List(items)) => {
            list(items, Of::Kind(&Kind::Text), path, findings);
        }
        (Form::Map(of), Shape::Map(entries)) => {
            for entry in entries {
                let path = path.key(&entry.key);
                check(&entry.value, &of.element(&entry.value), &path, findings);
            }
        }
        (Form::Record(known), Shape::Map(entries)) => {
            for entry in entries {
                let path = path.key(&entry.key);
                match known.at(&entry.key) {
                    Some(form) => check(&entry.value, &form, &path, findings),
                    None => unknown(entry, known, &path, findings),
                }
            }
            required(node, known, path, findings);
        }
        (Form::Value(kind), Shape::Scalar(scalar)) => {
            if let Err((message, hint)) = scalar::check(scalar, kind) {
                findings.problem(node.place, path, message, hint);
            }
        }
        _ => wrong_shape(node, form, path, findings),
    }
}

fn list(items: &[Node], of: Of, path: &Path<'_>, findings: &mut Findings) {
    for (index, item) in items.iter().enumerate() {
        let path = path.index(index);
        let form = of.element(item);
        match form {
            // `- ` alone is a rule or entry that says nothing, which Alertmanager takes, too.
            Form::Record(ref known) if item.shape == Shape::Null => {
                required(item, known, &path, findings);
            }
            Form::Value(Kind::Any) => {}
            _ if item.shape == Shape::Null => {
                findings.problem(item.place, &path, "this element of the list is empty", "");
            }
            _ => check(item, &form, &path, findings),
        }
    }
}

fn unknown(entry: &Entry, known: &Record, path: &Path<'_>, findings: &mut Findings) {
    let key = entry.key.as_str();
    let later = match known.beyond {
        Beyond::Sections => LATER.contains(&key),
        Beyond::Integrations => FOREIGN_INTEGRATIONS.contains(&key),
        Beyond::Nothing | Beyond::Anything => false,
    };
    if later {
        let hint = if known.beyond == Beyond::Integrations {
            "webhook_configs can hand its alerts on"
        } else {
            ""
        };
        findings.problem(entry.place, path, "this release does not have it yet", hint);
    } else {
        findings.problem(
            entry.place,
            path,
            "unknown key",
            findings.nearest(key, known.names()),
        );
    }
}

/// Names the required keys that are missing.
fn required(node: &Node, known: &Record, path: &Path<'_>, findings: &mut Findings) {
    for field in known.fields().filter(|field| field.required) {
        if node.at(field.name).is_none() {
            let message = format!("the key {:?} is missing", field.name);
            findings.problem(node.place, path, message, meaning(field));
        }
    }
}

/// What a key is for, as the end of a sentence.
pub(crate) fn meaning(field: &Field) -> String {
    let doc = field.doc.trim_end_matches('.');
    let mut letters = doc.chars();
    match (letters.next(), letters.next()) {
        // `PEM` and `HH:MM` stay as they are.
        (Some(first), Some(second)) if !second.is_uppercase() => {
            format!(
                "it says: {}{}",
                first.to_lowercase(),
                &doc[first.len_utf8()..]
            )
        }
        _ => format!("it says: {doc}"),
    }
}

fn wrong_shape(node: &Node, form: &Form, path: &Path<'_>, findings: &mut Findings) {
    let message = format!("{} is expected here, not {}", expected(form), node.what());
    let hint = match (form, &node.shape) {
        (Form::List(of), Shape::Map(_)) if matches!(of.element(node), Form::Record(_)) => {
            "put \"- \" before its first key".to_owned()
        }
        (Form::List(of), Shape::Scalar(scalar)) if !of.element(node).is_secret() => {
            format!("write [{}]", shown(scalar))
        }
        _ => String::new(),
    };
    findings.problem(node.place, path, message, hint);
}

/// What a form is called in a message.
const fn expected(form: &Form) -> &'static str {
    match form {
        Form::List(_) => "a list",
        Form::Map(_) | Form::Record(_) => "a mapping",
        Form::Value(kind) => match kind {
            Kind::TextOrList => "a text or a list of texts",
            Kind::TextOr(_) => "a text or a mapping",
            Kind::Duration => "a duration",
            Kind::Integer(..) => "a whole number",
            Kind::Number => "a number",
            Kind::Bool => "true or false",
            Kind::Url | Kind::SecretUrl => "a URL",
            Kind::TimeZone => "a time zone",
            Kind::OneOf(_) => "one of a few words",
            _ => "a text",
        },
    }
}

/// A scalar's text for a message: as written, quoted, no longer than a line.
pub fn shown(scalar: &Scalar) -> String {
    let text = scalar.written.as_deref().unwrap_or(&scalar.text);
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}

/// What a node says, for a message: a scalar as [`shown`], anything else by its shape.
pub fn said(node: &Node) -> String {
    match &node.shape {
        Shape::Scalar(scalar) => shown(scalar),
        _ => node.what().to_owned(),
    }
}

#[cfg(test)]
mod tests;
