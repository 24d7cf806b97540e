//! A value of any kind in lines that people read, as YAML writes it, with bounds on depth and length.

use serde_json::Value;

use crate::json::fields::scalar;

/// Longest text that a value is written out as, in bytes.
const LONGEST: usize = 8_192;
/// Deeper than this, values are written in one line.
const DEEPEST: usize = 6;

/// A value in lines, without a line break at the end.
pub(super) fn lines(value: &Value) -> String {
    let mut text = String::new();
    put(&mut text, value, 0, 0);
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text.trim_end().to_owned()
}

/// Writes a value whose further lines begin `indent` deep.
fn put(text: &mut String, value: &Value, indent: usize, depth: usize) {
    if text.len() > LONGEST {
        return;
    }
    match value {
        Value::Object(members) if !members.is_empty() && depth < DEEPEST => {
            for (at, (name, value)) in members.iter().enumerate() {
                begin(text, at, indent);
                text.push_str(name);
                text.push(':');
                member(text, value, indent, depth);
            }
        }
        Value::Array(items) if !items.is_empty() && depth < DEEPEST => {
            for (at, value) in items.iter().enumerate() {
                begin(text, at, indent);
                text.push_str("- ");
                put(text, value, indent + 2, depth + 1);
            }
        }
        Value::Array(_) | Value::Object(_) => text.push_str(&value.to_string()),
        value => words(text, &scalar(value).unwrap_or("null".into()), indent),
    }
}

fn begin(text: &mut String, at: usize, indent: usize) {
    if at > 0 {
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', indent));
    }
}

/// What stands behind a name: on its own line, or deeper below it.
fn member(text: &mut String, value: &Value, indent: usize, depth: usize) {
    let is_deep = match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    if is_deep && depth + 1 < DEEPEST {
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', indent + 2));
        put(text, value, indent + 2, depth + 1);
    } else {
        text.push(' ');
        put(text, value, indent + 2, depth + 1);
    }
}

/// A text, whose further lines stand as deep as it does.
fn words(text: &mut String, words: &str, indent: usize) {
    for (at, line) in words.lines().enumerate() {
        begin(text, at, indent);
        text.push_str(line);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_lies_deep_is_read_in_lines() {
        let value = json!({"firing": [{"host": "db-1", "free": 3, "up": true}, "db-2"], "none": null, "empty": {},
            "words": "one\ntwo", "nested": {"a": {"b": 1.5}}});
        let expected = "firing:\n  - host: db-1\n    free: 3\n    up: true\n  - db-2\nnone: null\nempty: {}\nwords: one\n  two\nnested:\n  a:\n    b: 1.5";
        let shown = lines(&value);
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
            lines.sort();
            lines
        };
        // The order of members is the parser's.
        assert_eq!(sorted(&shown), sorted(expected), "{shown}");
        for (value, expected) in [
            (json!(7), "7"),
            (json!(false), "false"),
            (json!(["a", ["b", "c"]]), "- a\n- - b\n  - c"),
            (json!([]), "[]"),
        ] {
            assert_eq!(lines(&value), expected);
        }
        let mut deep = json!("end");
        for _ in 0..60 {
            deep = json!([deep]);
        }
        assert!(lines(&deep).contains("[[["), "the deepest are in one line");
        let long = json!(vec!["x".repeat(1_000); 100]);
        assert!(lines(&long).len() <= LONGEST + "…".len());
    }

    proptest! {
        #[test]
        fn any_text_is_written_whole_or_cut(text in "\\PC{0,200}") {
            let shown = lines(&json!({"k": text}));
            let flat = text.lines().collect::<Vec<_>>().join(" ");
            prop_assert!(shown.starts_with("k:"));
            prop_assert!(flat.trim().is_empty() || shown.len() > 2);
        }
    }
}
