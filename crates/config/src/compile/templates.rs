//! Alertmanager's Go templates: kept, told about, never run.

use balefire_core::field::Kind;

use super::{Compiler, section};
use crate::problem::{Findings, Path};
use crate::schema::form::{Form, Of};
use crate::tree::{Node, Shape};

/// Says of each mapping which of its values are Go templates, so that nobody waits for their words.
pub(super) fn warn(compiler: &mut Compiler<'_>) {
    walk(
        compiler.root,
        &Form::document(),
        &Path::Root,
        compiler.findings,
    );
    let Some(files) = compiler.find(&["templates"]) else {
        return;
    };
    if !files.items().is_empty() {
        let message = "Go template files are not read; Balefire's own words are sent";
        let path = section("templates");
        compiler
            .findings
            .warning(files.place, &path, message, "write yours under messages");
    }
}

fn walk(node: &Node, form: &Form, path: &Path<'_>, findings: &mut Findings) {
    match (form, &node.shape) {
        (Form::List(of), Shape::List(items)) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &of.element(item), &path.index(index), findings);
            }
        }
        (Form::Map(of), Shape::Map(entries)) => {
            for entry in entries {
                walk(
                    &entry.value,
                    &of.element(&entry.value),
                    &path.key(&entry.key),
                    findings,
                );
            }
        }
        (Form::Record(known), Shape::Map(entries)) => {
            let mut templates = Vec::new();
            for entry in entries {
                let Some(form) = known.at(&entry.key) else {
                    continue;
                };
                if is_template(&entry.value, &form) {
                    templates.push(entry);
                } else {
                    walk(&entry.value, &form, &path.key(&entry.key), findings);
                }
            }
            if let Some(first) = templates.first() {
                let keys: Vec<&str> = templates.iter().map(|entry| entry.key.as_str()).collect();
                let message = format!(
                    "Go templates are not run: {} will not show what Alertmanager would",
                    keys.join(", ")
                );
                findings.warning(
                    first.place,
                    path,
                    message,
                    "write your own words under messages",
                );
            }
        }
        _ => {}
    }
}

/// Whether a value, or one of a mapping's, has the marks of a Go template.
fn is_template(node: &Node, form: &Form) -> bool {
    match (form, &node.shape) {
        (Form::Value(Kind::GoTemplate), Shape::Scalar(scalar)) => scalar.text.contains("{{"),
        (Form::Map(Of::Kind(Kind::GoTemplate)), Shape::Map(entries)) => entries
            .iter()
            .any(|entry| is_template(&entry.value, &Form::Value(&Kind::GoTemplate))),
        _ => false,
    }
}
