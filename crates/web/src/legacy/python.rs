//! JSON and numbers as Python writes them, for clients that compare texts.

use std::fmt::Write;

use serde_json::Value;

/// How Python's `json.dumps` is asked to separate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `{"a": 1, "b": 2}`, its default.
    Spaced,
    /// `{"a":1,"b":2}`.
    Compact,
}

/// The text of a value: ASCII only, keys in the order they have.
pub(super) fn dumps(value: &Value, style: Style) -> String {
    let mut text = String::new();
    put(value, style, &mut text);
    text
}

fn put(value: &Value, style: Style, out: &mut String) {
    let (comma, colon) = match style {
        Style::Spaced => (", ", ": "),
        Style::Compact => (",", ":"),
    };
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(comma);
                }
                put(item, style, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (index, (name, field)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push_str(comma);
                }
                quote(name, out);
                out.push_str(colon);
                put(field, style, out);
            }
            out.push('}');
        }
        Value::String(text) => quote(text, out),
        // Numbers, true, false and null are written alike.
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

/// A text in quotation marks; what is not ASCII as UTF-16 escapes.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

/// Python 2's `str` of a number: twelve digits that count, `.0` behind whole ones.
pub(super) fn number(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:.11e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..12).contains(&exponent) {
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let places = usize::try_from(11 - exponent).unwrap_or(0);
    let fixed = format!("{value:.places$}");
    let short = if fixed.contains('.') {
        fixed.trim_end_matches('0').trim_end_matches('.')
    } else {
        &fixed
    };
    if short.contains('.') {
        short.to_owned()
    } else {
        format!("{short}.0")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_ascii_and_keep_their_order() {
        let value = json!({"status": 0, "msg": "发送成功", "data": [1, null, true, "a\"\n😀"]});
        assert_eq!(
            dumps(&value, Style::Spaced),
            r#"{"status": 0, "msg": "\u53d1\u9001\u6210\u529f", "data": [1, null, true, "a\"\n\ud83d\ude00"]}"#
        );
        assert_eq!(dumps(&json!({"code": 0}), Style::Compact), r#"{"code":0}"#);
    }

    #[test]
    fn numbers_are_those_of_python_2() {
        for (value, text) in [
            (59.702_087_450_312_34, "59.7020874503"),
            (1e3, "1000.0"),
            (0.1, "0.1"),
            (1e11, "100000000000.0"),
            (1e12, "1e+12"),
            (123_456_789_012.5, "123456789012.0"),
            (0.000_1, "0.0001"),
            (0.000_012_5, "1.25e-05"),
            (-2.5, "-2.5"),
            (0.0, "0.0"),
        ] {
            assert_eq!(number(value), text, "{value}");
        }
    }
}
