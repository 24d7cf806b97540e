//! The samples below `fixtures/`: an account, a receiver's entry, and a provider's answers.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use balefire_channels::registry::CHANNELS;
use balefire_channels::spec::ChannelSpec;
use balefire_testkit::Received;
use granit_parser::{Event, Parser, ScalarStyle, StrInput};
use serde_json::{Map, Value};

/// Kinds that talk to a provider; the inbox is the store itself, and telephones ask us.
pub(crate) fn providers() -> impl Iterator<Item = &'static ChannelSpec> {
    CHANNELS.iter().copied().filter(|spec| spec.has_account())
}

/// Kinds that talk HTTP. Mail's dialogue, SMPP and commands have their own tests beside them, with the same replies.
pub(crate) fn http_kinds() -> impl Iterator<Item = &'static ChannelSpec> {
    providers().filter(|spec| !matches!(spec.kind, "smtp" | "smpp" | "command"))
}

/// Kinds that hand on what they are given: the data itself, or what the operator's own template makes of it.
pub(crate) fn hands_on(spec: &ChannelSpec) -> bool {
    matches!(spec.kind, "webhook" | "http")
}

/// Kinds whose provider answers with a status and nothing else.
pub(crate) fn is_answered_by_status(spec: &ChannelSpec) -> bool {
    matches!(spec.kind, "webhook" | "http" | "teams")
}

/// Kinds of which the provider has an approved text, so that only its variables are ours, and those that are heard: no
/// list, no link.
pub(crate) fn is_templated(spec: &ChannelSpec) -> bool {
    ["aliyun_", "tencent_", "huawei_", "twilio_voice"]
        .iter()
        .any(|cloud| spec.kind.starts_with(cloud))
}

/// A request's body: JSON as it is, a form as its pairs, JSON inside of either read too.
pub(crate) fn content(request: &Received) -> Value {
    if request.header("content-type") != Some("application/x-www-form-urlencoded") {
        let mut body = request.json();
        for value in body.as_object_mut().into_iter().flat_map(Map::values_mut) {
            let inner = value
                .as_str()
                .and_then(|text| serde_json::from_str(text).ok());
            if let Some(inner) = inner.filter(Value::is_object) {
                *value = inner;
            }
        }
        return body;
    }
    let pair = |(name, text): (Cow<'_, str>, Cow<'_, str>)| {
        let read = serde_json::from_str(&text)
            .ok()
            .filter(|value: &Value| value.is_object());
        (
            name.into_owned(),
            read.unwrap_or_else(|| text.as_ref().into()),
        )
    };
    url::form_urlencoded::parse(&request.body)
        .map(pair)
        .collect()
}

pub(crate) fn folder(spec: &ChannelSpec) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(spec.kind)
}

/// The sample of a kind, with the provider at this `http://host:port`.
pub(crate) fn sample(spec: &ChannelSpec, provider: &str) -> Value {
    let path = folder(spec).join("config.yaml");
    let place = provider.trim_start_matches("http://");
    let (host, port) = place.split_once(':').expect("host and port");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|e| panic!("{} must be there: {e}", path.display()))
        .replace("${PROVIDER}", provider)
        .replace("${HOST}", host)
        .replace("${PORT}", port);
    let mut parser = Parser::new_from_str(&text);
    let first = std::iter::from_fn(|| next(&mut parser))
        .find(|event| matches!(event, Event::MappingStart(..)));
    first
        .map(|event| value(event, &mut parser))
        .expect("a mapping")
}

/// One answer of a provider, and what is to come of it.
pub(crate) struct Reply {
    pub(crate) name: String,
    pub(crate) value: Value,
}

/// The answers of a kind, by name.
pub(crate) fn replies(spec: &ChannelSpec) -> Vec<Reply> {
    let mut replies = Vec::new();
    for entry in std::fs::read_dir(folder(spec)).expect("a folder") {
        let path = entry.expect("an entry").path();
        let file = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let case = file
            .strip_prefix("reply.")
            .and_then(|name| name.strip_suffix(".json"));
        if let Some(case) = case {
            let text = std::fs::read_to_string(&path).expect("readable");
            let value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{file}: {e}"));
            replies.push(Reply {
                name: format!("{}/{case}", spec.kind),
                value,
            });
        }
    }
    replies.sort_by(|a, b| a.name.cmp(&b.name));
    replies
}

/// The next event; a sample that is not YAML fails its test.
fn next<'a>(parser: &mut Parser<'a, StrInput<'a>>) -> Option<Event<'a>> {
    parser.next().map(|event| event.expect("YAML").0)
}

/// The value that begins with this event, as the configuration would hand it on.
fn value<'a>(event: Event<'a>, parser: &mut Parser<'a, StrInput<'a>>) -> Value {
    match event {
        Event::Scalar(text, ScalarStyle::Plain, ..) => match serde_json::from_str(&text) {
            Ok(number @ (Value::Number(_) | Value::Bool(_))) => number,
            _ => Value::from(text.as_ref()),
        },
        Event::Scalar(text, ..) => Value::from(text.as_ref()),
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            while let Some(event) = next(parser).filter(|e| !matches!(e, Event::SequenceEnd)) {
                items.push(value(event, parser));
            }
            Value::Array(items)
        }
        Event::MappingStart(..) => {
            let mut map = Map::new();
            while let Some(Event::Scalar(key, ..)) = next(parser) {
                let event = next(parser).expect("a value");
                map.insert(key.to_string(), value(event, parser));
            }
            Value::Object(map)
        }
        other => panic!("{other:?} in a sample"),
    }
}
