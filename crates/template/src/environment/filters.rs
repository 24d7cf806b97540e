//! Filters for message writing, beside minijinja's own.

use std::time::Duration;

use balefire_core::severity::Severity;
use balefire_core::time::Time;
use jiff::Timestamp;
use minijinja::value::{Kwargs, StringInput, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, Value};

use crate::clean;
use crate::escape::Escape;
use crate::reader::{Reader, zone};

/// Most bytes that `replace` may produce.
const REPLACED: usize = 1024 * 1024;

/// Adds them for one reader.
pub(super) fn add(environment: &mut Environment<'static>, reader: &Reader) {
    let (for_time, for_duration) = (reader.clone(), reader.clone());
    environment.add_filter(
        "time",
        move |value: Value, format: Option<String>, options: Kwargs| {
            time(&for_time, &value, format, &options)
        },
    );
    environment.add_filter("duration", move |value: Value| {
        duration(&for_duration, &value)
    });
    environment.add_filter("cut", cut);
    // Jinja's name for it.
    environment.add_filter("truncate", cut);
    environment.add_filter("one_line", |value: Value| {
        clean::one_line(&value.to_string(), REPLACED)
    });
    environment.add_filter("severity_icon", severity_icon);
    environment.add_filter("replace", replace);
    environment.add_filter("json", json);
    for (name, escape) in [
        ("markdown_escape", Escape::Markdown),
        ("html_escape", Escape::Html),
        ("slack_escape", Escape::SlackMrkdwn),
    ] {
        environment.add_filter(name, move |value: Value| {
            Value::from_safe_string(escape.apply(&value.to_string()))
        });
    }
}

fn refused(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, why.into())
}

/// `{{ alert.starts_at|time }}`, `|time("%H:%M")`, `|time(format="%F", zone="Asia/Tokyo")`: a time (RFC 3339
/// or Unix seconds) in the reader's zone or another; nothing for no time.
fn time(
    reader: &Reader,
    value: &Value,
    format: Option<String>,
    options: &Kwargs,
) -> Result<String, Error> {
    let named: Option<String> = options.get("format")?;
    let other_zone: Option<String> = options.get("zone")?;
    options.assert_all_used()?;
    let Some(instant) = instant(value)? else {
        return Ok(String::new());
    };
    let reader = other_zone.map_or_else(
        || reader.clone(),
        |zone| Reader {
            locale: reader.locale,
            zone,
        },
    );
    let Some(format) = format.or(named) else {
        return Ok(reader.time(Time::from(instant)));
    };
    jiff::fmt::strtime::format(&format, &instant.to_zoned(zone(&reader.zone)))
        .map_err(|error| refused(format!("time format {format:?}: {error}")))
}

fn instant(value: &Value) -> Result<Option<Timestamp>, Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(None);
    }
    if let Some(text) = value.as_str() {
        if text.is_empty() {
            return Ok(None);
        }
        return text
            .parse()
            .map(Some)
            .map_err(|_| refused(format!("{text:?} is not a time")));
    }
    let secs = f64::try_from(value.clone()).map_err(|_| refused("not a time"))?;
    let instant = Timestamp::from_millisecond((secs * 1000.0) as i64);
    instant
        .map(Some)
        .map_err(|_| refused(format!("{secs} is no Unix time")))
}

/// `{{ alert.seconds|duration }}`: seconds in words, as the reader says them; nothing for no value.
fn duration(reader: &Reader, value: &Value) -> Result<String, Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(String::new());
    }
    let text = value.as_str().map(str::trim);
    let secs = match text {
        Some(text) => text.parse::<f64>().ok(),
        None => f64::try_from(value.clone()).ok(),
    };
    let span = secs.and_then(|secs| Duration::try_from_secs_f64(secs).ok());
    span.map(|span| reader.duration(span))
        .ok_or_else(|| refused("not a number of seconds"))
}

/// `{{ text|cut(100) }}`: at most so many characters, the last of them `…` when something was cut.
fn cut(value: &Value, characters: usize) -> Value {
    let text = clean::cut(value.to_string(), characters);
    // Cutting escaped text could break a markup's sequence, so it is escaped anew.
    Value::from(text)
}

/// `{{ severity|severity_icon }}`: a coloured disc; a word nobody uses for this counts as a warning.
fn severity_icon(value: &Value) -> &'static str {
    match Severity::from_word(&value.to_string()).unwrap_or(Severity::Warning) {
        Severity::Critical => "🔴",
        Severity::Error => "🟠",
        Severity::Warning => "🟡",
        Severity::Info => "🔵",
    }
}

/// As minijinja's, but refuses a result over 1 MiB before it is made.
fn replace(
    state: &mut State<'_, '_>,
    value: StringInput<'_>,
    from: StringInput<'_>,
    to: StringInput<'_>,
) -> Result<Value, Error> {
    let text = value.as_str();
    // An empty pattern stands before every character and at the end.
    let found = match from.as_str() {
        "" => text.chars().count() + 1,
        from => text.matches(from).count(),
    };
    let size = text
        .len()
        .saturating_add(found.saturating_mul(to.as_str().len()));
    if size > REPLACED {
        return Err(refused("the replaced text is too large"));
    }
    minijinja::filters::replace(state, value, from, to)
}

/// `{{ common_labels|json }}`: compact JSON; strings become quoted.
fn json(value: &Value) -> Result<Value, Error> {
    json_of(value).map(Value::from)
}

/// A value as compact JSON; what is not there is `null`.
pub(super) fn json_of(value: &Value) -> Result<String, Error> {
    if value.kind() == ValueKind::Undefined {
        return Ok("null".to_owned());
    }
    serde_json::to_string(value)
        .map_err(|error| refused(format!("not to be written as JSON: {error}")))
}
