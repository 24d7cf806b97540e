//! Go's number constants.

use crate::node::Number;
use crate::quote::{quoted, unquoted_char};

/// Reads a number or character constant; the error is the message.
pub(super) fn number(text: &str) -> Result<Number, String> {
    let mut number = Number {
        text: text.to_owned(),
        int: None,
        float: None,
        is_char: false,
    };
    if text.starts_with('\'') {
        let malformed = || format!("malformed character constant: {text}");
        let c = unquoted_char(text).ok_or_else(malformed)?;
        number.int = Some(i64::from(u32::from(c)));
        number.float = number.int.map(|int| int as f64);
        number.is_char = true;
        return Ok(number);
    }
    number.int = integer(text);
    let is_float = text.contains(['.', 'p', 'P'])
        || (text.contains(['e', 'E']) && !text.to_ascii_lowercase().contains("0x"));
    number.float = match number.int {
        Some(int) => Some(int as f64),
        None if is_float => float(text),
        None => return Err(wrong(text)),
    };
    let Some(float) = number.float else {
        return Err(wrong(text));
    };
    // As in Go, 1e3 is also a whole number.
    if number.int.is_none() && float.fract().abs() == 0.0 && float.abs() < 9.2e18 {
        number.int = Some(float as i64);
    }
    Ok(number)
}

fn wrong(text: &str) -> String {
    let digits = text.trim_start_matches(['+', '-']);
    if digits.chars().all(|c| c.is_ascii_digit()) && !digits.is_empty() {
        return format!("integer overflow: {}", quoted(text));
    }
    format!("illegal number syntax: {}", quoted(text))
}

fn integer(text: &str) -> Option<i64> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, &lower[1..]),
        _ => (10, &*lower),
    };
    let digits = without_underscores(digits)?;
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()
}

/// A digit stands on both sides of each underscore.
fn without_underscores(digits: &str) -> Option<String> {
    let wrong = digits.ends_with('_') || digits.contains("__") || digits.is_empty();
    (!wrong).then(|| digits.replace('_', ""))
}

fn float(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    if lower.contains("0x") {
        return None;
    }
    lower
        .replace('_', "")
        .parse()
        .ok()
        .filter(|float: &f64| float.is_finite())
}
