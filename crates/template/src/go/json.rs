//! `toJson`: values as Go's `encoding/json` writes them.

use balefire_gotemplate::budget::{Budget, Spent};
use balefire_gotemplate::value::Value;

use super::time;

/// The value in JSON.
pub(super) fn written(value: &Value, budget: &Budget) -> Result<String, Spent> {
    let mut out = String::new();
    write(&mut out, value, budget)?;
    Ok(out)
}

fn write(out: &mut String, value: &Value, budget: &Budget) -> Result<(), Spent> {
    budget.make(16 + value.as_text().map_or(0, str::len))?;
    match value {
        Value::Nil => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Int(_) | Value::Duration(_) | Value::Char(_) => {
            out.push_str(&value.as_int().unwrap_or_default().to_string());
        }
        Value::Float(float) => out.push_str(&serde_json::json!(float).to_string()),
        Value::Text(text) | Value::Safe(_, text) => string(out, text),
        Value::List(list) => {
            out.push('[');
            for (at, item) in list.items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(out, item, budget)?;
            }
            out.push(']');
        }
        Value::Map(map) => object(
            out,
            map.entries.iter().map(|(key, value)| (&**key, value)),
            budget,
        )?,
        Value::Struct(fields) => {
            let names = fields
                .fields
                .iter()
                .map(|(name, value)| (key(fields.of.name, name), value));
            object(out, names, budget)?;
        }
        Value::Opaque(_) => match time::json(value) {
            Some(text) => string(out, &text),
            None => out.push_str("{}"),
        },
    }
    Ok(())
}

fn object<'v>(
    out: &mut String,
    entries: impl Iterator<Item = (&'v str, &'v Value)>,
    budget: &Budget,
) -> Result<(), Spent> {
    out.push('{');
    for (at, (key, value)) in entries.enumerate() {
        if at > 0 {
            out.push(',');
        }
        string(out, key);
        out.push(':');
        write(out, value, budget)?;
    }
    out.push('}');
    Ok(())
}

/// A field's name in Alertmanager's webhook.
fn key(of: &str, name: &'static str) -> &'static str {
    match name {
        _ if of == "template.Pair" => name,
        "Receiver" => "receiver",
        "Status" => "status",
        "Alerts" => "alerts",
        "NotificationReason" => "notification_reason",
        "GroupLabels" => "groupLabels",
        "CommonLabels" => "commonLabels",
        "CommonAnnotations" => "commonAnnotations",
        "RouteLabels" => "routeLabels",
        "ExternalURL" => "externalURL",
        "Labels" => "labels",
        "Annotations" => "annotations",
        "StartsAt" => "startsAt",
        "EndsAt" => "endsAt",
        "GeneratorURL" => "generatorURL",
        "Fingerprint" => "fingerprint",
        name => name,
    }
}

/// A text with what Go escapes for pages, too.
fn string(out: &mut String, text: &str) {
    let json = serde_json::Value::from(text).to_string();
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
}
