//! A tree as YAML again: block style, keys in order, texts quoted where they could be taken for
//! anything else.

use std::fmt::Write;

use super::{Node, Scalar, Shape};

/// The tree's text; ends with a line break.
pub fn emit(node: &Node) -> String {
    let mut out = String::new();
    match &node.shape {
        Shape::Map(entries) if !entries.is_empty() => block(node, 0, &mut out),
        Shape::List(items) if !items.is_empty() => block(node, 0, &mut out),
        _ => {
            inline(node, &mut out);
            out.push('\n');
        }
    }
    out
}

/// A collection with something in it, each part on its own line.
fn block(node: &Node, indent: usize, out: &mut String) {
    match &node.shape {
        Shape::Map(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                // The first key of a list's element stands on the line of its dash.
                if index > 0 || !out.ends_with("- ") {
                    push_indent(indent, out);
                }
                scalar(
                    &Scalar {
                        text: entry.key.clone(),
                        plain: true,
                        written: None,
                    },
                    out,
                );
                out.push(':');
                below(&entry.value, indent, out);
            }
        }
        Shape::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 || !out.ends_with("- ") {
                    push_indent(indent, out);
                }
                out.push_str("- ");
                if is_block(item) {
                    block(item, indent + 2, out);
                } else {
                    inline(item, out);
                    out.push('\n');
                }
            }
        }
        Shape::Null | Shape::Scalar(_) => inline(node, out),
    }
}

/// A value after its key.
fn below(value: &Node, indent: usize, out: &mut String) {
    if is_block(value) {
        out.push('\n');
        let deeper = if matches!(value.shape, Shape::List(_)) {
            indent
        } else {
            indent + 2
        };
        block(value, deeper, out);
    } else {
        out.push(' ');
        inline(value, out);
        out.push('\n');
    }
}

fn is_block(node: &Node) -> bool {
    match &node.shape {
        Shape::Map(entries) => !entries.is_empty(),
        Shape::List(items) => !items.is_empty(),
        Shape::Null | Shape::Scalar(_) => false,
    }
}

fn push_indent(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn inline(node: &Node, out: &mut String) {
    match &node.shape {
        Shape::Null => out.push_str("null"),
        Shape::Scalar(value) => scalar(value, out),
        Shape::List(_) => out.push_str("[]"),
        Shape::Map(_) => out.push_str("{}"),
    }
}

/// Plain only where it was plain and holds nothing that YAML could read otherwise.
fn scalar(scalar: &Scalar, out: &mut String) {
    let text = scalar.text.as_str();
    let safe =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'/' | b'-' | b'+');
    let begins = text
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'.'));
    let negative = text
        .strip_prefix('-')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    if scalar.plain && (begins || negative) && text.bytes().all(safe) {
        out.push_str(text);
    } else {
        quoted(text, out);
    }
}

/// In double quotes, with everything escaped that YAML does not take as it is.
fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control()
                || matches!(
                    c,
                    '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
                ) =>
            {
                // Writing to a text cannot fail.
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Findings;
    use crate::tree::parse;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<Node> {
        let mut findings = Findings::new("x");
        let node = parse(text, &mut findings)?;
        (findings.count() == 0).then_some(node)
    }

    /// The same without places.
    fn bare(node: &Node) -> String {
        match &node.shape {
            Shape::Null => "~".to_owned(),
            Shape::Scalar(scalar) => format!("{:?}", scalar.text),
            Shape::List(items) => format!("{:?}", items.iter().map(bare).collect::<Vec<_>>()),
            Shape::Map(entries) => {
                let pairs: Vec<_> = entries.iter().map(|e| (&e.key, bare(&e.value))).collect();
                format!("{pairs:?}")
            }
        }
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let text =
            "a: 1\nb: [x, {c: 'yes', d: []}, [y, [z]]]\ne: {}\nf:\n'g h': \"a: b\\n# c\"\n-1: -5\n";
        let node = read(text).expect("tree");
        insta::assert_snapshot!(emit(&node), @r#"
a: 1
b:
- x
- c: "yes"
  d: []
- - y
  - - z
e: {}
f: null
"g h": "a: b\n# c"
-1: -5
"#);
        let again = read(&emit(&node)).expect("tree");
        assert_eq!(bare(&again), bare(&node));
        assert_eq!(emit(&again), emit(&node));
    }

    fn trees() -> impl Strategy<Value = Node> {
        let place = crate::problem::Place::default();
        let leaf = prop_oneof![
            Just(()).prop_map(move |()| Node {
                place,
                shape: Shape::Null
            }),
            (".{0,12}", any::<bool>()).prop_map(move |(text, plain)| {
                let plain = plain && !matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL");
                let shape = Shape::Scalar(Scalar {
                    text,
                    plain,
                    written: None,
                });
                Node { place, shape }
            }),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(move |items| Node {
                    place,
                    shape: Shape::List(items)
                }),
                prop::collection::btree_map("[a-z<:# ]{1,6}", inner, 0..4).prop_map(move |map| {
                    let entry = |(key, value)| crate::tree::Entry { key, place, value };
                    Node {
                        place,
                        shape: Shape::Map(map.into_iter().map(entry).collect()),
                    }
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_tree_can_be_written_and_read(node in trees()) {
            let text = emit(&node);
            let again = read(&text);
            prop_assert_eq!(again.as_ref().map(bare), Some(bare(&node)), "{}", text);
        }
    }
}
