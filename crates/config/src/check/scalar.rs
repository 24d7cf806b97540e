//! Single values: numbers, durations, URLs, zones, words of a list.

use balefire_core::duration;
use balefire_core::field::Kind;
use jiff::tz::TimeZone;
use url::Url;

use super::shown;
use crate::problem::nearest;
use crate::tree::{Node, Scalar, Shape};

/// What is wrong with a value, and what would be right.
type Fault = (String, String);

fn fault(message: impl Into<String>, hint: impl Into<String>) -> Result<(), Fault> {
    Err((message.into(), hint.into()))
}

/// Checks one scalar.
pub(super) fn check(scalar: &Scalar, kind: &Kind) -> Result<(), Fault> {
    let text = scalar.text.as_str();
    match kind {
        Kind::Secret if text == "<secret>" => fault(
            "this is a redacted value, not a secret",
            "write the secret itself, ${env:NAME} or ${file:PATH}",
        ),
        Kind::Url | Kind::SecretUrl => check_url(scalar, matches!(kind, Kind::SecretUrl)),
        Kind::Duration => check_duration(scalar),
        Kind::Integer(least, most) => check_integer(scalar, *least, *most),
        Kind::Number => match text.parse::<f64>() {
            Ok(number) if number.is_finite() && loose(scalar) => Ok(()),
            _ => fault(format!("{} is not a number", shown(scalar)), ""),
        },
        Kind::Bool => check_bool(scalar),
        Kind::OneOf(words) if !words.contains(&text) => fault(
            format!("{} is not possible here", shown(scalar)),
            nearest(text, words.iter().copied()),
        ),
        Kind::TimeZone => check_zone(scalar),
        _ => Ok(()),
    }
}

/// Whether the text may be read as something other than a text: unquoted, or from outside.
const fn loose(scalar: &Scalar) -> bool {
    scalar.plain || scalar.written.is_some()
}

fn check_bool(scalar: &Scalar) -> Result<(), Fault> {
    let node = Node {
        place: crate::problem::Place::default(),
        shape: Shape::Scalar(scalar.clone()),
    };
    if node.truth().is_some() {
        return Ok(());
    }
    let hint = match scalar.text.to_lowercase().as_str() {
        "true" | "yes" | "on" => "write true, without quotes",
        "false" | "no" | "off" => "write false, without quotes",
        _ => "",
    };
    fault(format!("{} is neither true nor false", shown(scalar)), hint)
}

fn check_integer(scalar: &Scalar, least: i64, most: i64) -> Result<(), Fault> {
    match scalar.text.parse::<i64>() {
        Ok(_) if !loose(scalar) => fault(
            format!("{} is a text", shown(scalar)),
            "write the number without quotes",
        ),
        Ok(number) if (least..=most).contains(&number) => Ok(()),
        Ok(number) if number < least => fault(
            format!("{number} is too small"),
            format!("the least is {least}"),
        ),
        Ok(number) => fault(
            format!("{number} is too large"),
            format!("the most is {most}"),
        ),
        Err(_) => fault(format!("{} is not a whole number", shown(scalar)), ""),
    }
}

fn check_duration(scalar: &Scalar) -> Result<(), Fault> {
    if duration::parse(&scalar.text).is_ok() {
        return Ok(());
    }
    let text = scalar.text.trim();
    let hint = if text.parse::<f64>().is_ok() {
        format!("say the unit: {text}s, {text}m, {text}h")
    } else {
        "write it as 30s, 5m, 1h30m, 7d".to_owned()
    };
    fault(format!("{} is not a duration", shown(scalar)), hint)
}

fn check_url(scalar: &Scalar, secret: bool) -> Result<(), Fault> {
    let text = scalar.text.as_str();
    let name = || {
        // A password may stand before the host.
        if secret || text.contains('@') {
            "this".to_owned()
        } else {
            shown(scalar)
        }
    };
    if text.contains("{{") {
        return fault(
            format!("{} is a Go template, which is not run", name()),
            "write the URL itself",
        );
    }
    if text == "<secret>" {
        return fault(
            "this is a redacted value, not a URL",
            "write the URL itself, ${env:NAME} or ${file:PATH}",
        );
    }
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            return fault(
                format!("{} is not a URL", name()),
                "it begins with https:// or http://",
            );
        }
        Err(error) => return fault(format!("{} is not a URL: {error}", name()), ""),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return fault(
            format!("{} is neither an https nor an http URL", name()),
            "",
        );
    }
    Ok(())
}

fn check_zone(scalar: &Scalar) -> Result<(), Fault> {
    if TimeZone::get(&scalar.text).is_ok() {
        return Ok(());
    }
    fault(
        format!("{} is not a time zone", shown(scalar)),
        zone_hint(&scalar.text),
    )
}

/// The zone that was meant.
pub(crate) fn zone_hint(text: &str) -> String {
    let zones: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .collect();
    let near = nearest(text, zones.iter().map(String::as_str));
    if near.is_empty() {
        "write an IANA name such as Asia/Shanghai".to_owned()
    } else {
        near
    }
}
