//! `--option key=value`: texts, numbers and switches by the channels' own tables of fields.

use balefire_channels::registry::CHANNELS;
use balefire_channels::spec::ChannelSpec;
use balefire_core::field::{Field, Kind};
use serde_json::{Map, Value};

use crate::exit::Ended;

/// Reads the options for a channel of this kind, or, when the kind is not known here, of any kind.
pub(super) fn read(options: &[String], spec: Option<&ChannelSpec>) -> Result<Value, Ended> {
    let mut read = Map::new();
    for option in options {
        let (key, text) = option.split_once('=').ok_or_else(|| {
            Ended::invalid(format!(
                "--option {option:?} is not KEY=VALUE, as in to=ops@example.com"
            ))
        })?;
        let fields: Vec<&Field> = fields(spec).filter(|field| field.name == key).collect();
        let [first, ..] = fields.as_slice() else {
            return Err(unknown(key, spec));
        };
        // Kinds may differ between channels; then the node decides.
        let agreed = fields.iter().all(|field| same(&field.kind, &first.kind));
        let value = if agreed {
            value(key, text, &first.kind)?
        } else {
            Value::from(text)
        };
        read.insert(key.to_owned(), value);
    }
    Ok(Value::Object(read))
}

fn fields(spec: Option<&ChannelSpec>) -> impl Iterator<Item = &'static Field> {
    let kind = spec.map(|spec| spec.kind);
    CHANNELS
        .iter()
        .filter(move |spec| kind.is_none_or(|kind| spec.kind == kind))
        .flat_map(|spec| spec.receiver_fields)
}

fn same(a: &Kind, b: &Kind) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

fn value(key: &str, text: &str, kind: &Kind) -> Result<Value, Ended> {
    let wrong = |wanted: String| Ended::invalid(format!("--option {key}: {wanted}, not {text:?}"));
    match kind {
        Kind::Bool => text
            .parse()
            .map(Value::Bool)
            .map_err(|_| wrong("true or false".to_owned())),
        Kind::Integer(least, most) => text
            .parse::<i64>()
            .ok()
            .filter(|number| (least..=most).contains(&number))
            .map(Value::from)
            .ok_or_else(|| wrong(format!("a whole number from {least} to {most}"))),
        Kind::Secret | Kind::SecretUrl => secret(key, text),
        Kind::OneOf(words) if !words.contains(&text) => {
            Err(wrong(format!("one of {}", words.join(", "))))
        }
        Kind::Number
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Record(_)
        | Kind::TextOr(_)
        | Kind::Any => serde_json::from_str(text).map_err(|_| wrong("JSON".to_owned())),
        _ => Ok(Value::from(text)),
    }
}

/// Whoever lists processes sees their arguments, so a secret is only named by its file.
fn secret(key: &str, text: &str) -> Result<Value, Ended> {
    let file = text.strip_prefix('@').ok_or_else(|| {
        let words = "a secret does not belong on a command line; put it into a file and write";
        Ended::invalid(format!("--option {key}: {words} --option {key}=@FILE"))
    })?;
    let secret = std::fs::read_to_string(file)
        .map_err(|error| Ended::invalid(format!("--option {key}: {file}: {error}")))?;
    Ok(Value::from(secret.trim()))
}

fn unknown(key: &str, spec: Option<&ChannelSpec>) -> Ended {
    let mut known: Vec<&str> = fields(spec).map(|field| field.name).collect();
    known.sort_unstable();
    known.dedup();
    let whose = spec.map_or("any account", |spec| spec.kind);
    let words = if known.is_empty() {
        format!("--option {key}: {whose} takes no options")
    } else {
        format!(
            "--option {key} is not an option of {whose}; there are: {}",
            known.join(", ")
        )
    };
    Ended::invalid(words)
}

#[cfg(test)]
mod tests {
    use balefire_channels::registry;
    use serde_json::json;

    use super::*;

    fn given(options: &[&str], kind: Option<&str>) -> Result<Value, String> {
        let options: Vec<String> = options.iter().map(ToString::to_string).collect();
        let spec = kind.map(|kind| registry::find(kind).expect("a kind"));
        read(&options, spec).map_err(|error| error.to_string())
    }

    #[test]
    fn options_are_read_by_the_tables_of_the_channels() {
        let read = given(&["to=a=b@example.com"], None).expect("an option");
        assert_eq!(read, json!({"to": "a=b@example.com"}));
        // Digits in a field of texts stay a text.
        let read = given(&["at_mobiles=13800000000"], Some("dingtalk_robot")).expect("a number");
        assert_eq!(read, json!({"at_mobiles": "13800000000"}));
    }

    #[test]
    fn a_secret_is_read_from_a_file_and_never_from_the_command_line() {
        let refused = given(&["secret=hunter2"], Some("webhook")).expect_err("a secret");
        assert!(
            !refused.contains("hunter2") && refused.contains("secret=@FILE"),
            "{refused}"
        );
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("key");
        std::fs::write(&file, "hunter2\n").expect("write");
        let option = format!("secret=@{}", file.display());
        let read = given(&[&option], Some("webhook")).expect("a secret");
        assert_eq!(read, json!({"secret": "hunter2"}));
    }

    #[test]
    fn a_wrong_option_is_refused_with_what_would_be_right() {
        assert!(
            given(&["to"], None)
                .expect_err("no value")
                .contains("KEY=VALUE")
        );
        let unknown = given(&["tto=x"], Some("dingtalk_robot")).expect_err("unknown");
        assert!(
            unknown.contains("at_mobiles") && unknown.contains("dingtalk_robot"),
            "{unknown}"
        );
        let wrong = given(&["msgtype=shout"], Some("dingtalk_robot")).expect_err("no such word");
        assert!(
            wrong.contains("one of") && wrong.contains("markdown"),
            "{wrong}"
        );
    }
}
