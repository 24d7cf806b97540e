//! Matchers in their three spellings: `matchers`, and the older `match` and `match_re`.

use balefire_core::matcher::{self, MatchOp, Matcher, Matchers, Mode};

use super::Compiler;
use crate::check::shown;
use crate::problem::Path;
use crate::tree::{Node, Shape};

/// All matchers of a route or of one side of an inhibition: the keys name the list, the mapping of
/// values and the mapping of patterns.
pub(super) fn all(
    compiler: &mut Compiler<'_>,
    node: &Node,
    keys: [&str; 3],
    path: &Path<'_>,
) -> Matchers {
    let [list, values, patterns] = keys;
    let mut matchers = Vec::new();
    let list_path = path.key(list);
    for (index, item) in node
        .at(list)
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .enumerate()
    {
        matchers.extend(written(compiler, item, &list_path.index(index)));
    }
    for (key, op) in [(values, MatchOp::Equal), (patterns, MatchOp::Regex)] {
        let path = path.key(key);
        for entry in node.at(key).map(Node::entries).unwrap_or_default() {
            let Some(text) = entry.value.text() else {
                continue;
            };
            match Matcher::new(&entry.key, op, text) {
                Ok(matcher) => matchers.push(matcher),
                Err(error) => {
                    let place = entry.value.place;
                    compiler
                        .findings
                        .problem(place, &path.key(&entry.key), error.to_string(), "");
                }
            }
        }
    }
    Matchers(matchers)
}

/// The matchers of one element of a list; it may hold several, with or without braces.
fn written(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Vec<Matcher> {
    let Shape::Scalar(scalar) = &node.shape else {
        return Vec::new();
    };
    match matcher::read(&scalar.text, Mode::Fallback) {
        Ok(reading) => {
            if let Some(warning) = reading.warning {
                let message = format!("{}: {warning}", shown(scalar));
                compiler.findings.warning(node.place, path, message, "");
            }
            reading.matchers
        }
        Err(error) => {
            let message = format!("{} is no matcher: {error}", shown(scalar));
            let hint = r#"write name="value", or with !=, =~ or !~"#;
            compiler.findings.problem(node.place, path, message, hint);
            Vec::new()
        }
    }
}
