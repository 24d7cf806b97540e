//! Alertmanager's `…_file` keys: `smtp_auth_password_file`, `url_file`, `credentials_file` and the
//! like, read now and put where the value itself would stand.
//!
//! Alertmanager reads them at every use; we read them when the document is loaded, so that a missing
//! file is an error of the document. A reload takes in a changed one.

use super::Surroundings;
use crate::problem::{Findings, Path};
use crate::schema::form::{Form, Record};
use crate::tree::{Entry, Node, Scalar, Shape};

/// Replaces `X_file: PATH` by `X: content` wherever the tables know both keys.
pub fn read_files(
    node: &mut Node,
    form: &Form,
    path: &Path<'_>,
    around: &Surroundings<'_>,
    findings: &mut Findings,
) {
    if let Some(form) = form.of_mapping(node) {
        return read_files(node, &form, path, around, findings);
    }
    match (form, &mut node.shape) {
        (Form::List(of), Shape::List(items)) => {
            for (index, item) in items.iter_mut().enumerate() {
                let form = of.element(item);
                read_files(item, &form, &path.index(index), around, findings);
            }
        }
        (Form::Map(of), Shape::Map(entries)) => {
            for entry in entries {
                let form = of.element(&entry.value);
                read_files(
                    &mut entry.value,
                    &form,
                    &path.key(&entry.key),
                    around,
                    findings,
                );
            }
        }
        (Form::Record(known), Shape::Map(entries)) => {
            record(entries, known, path, around, findings);
            for entry in entries {
                if let Some(form) = known.at(&entry.key) {
                    read_files(
                        &mut entry.value,
                        &form,
                        &path.key(&entry.key),
                        around,
                        findings,
                    );
                }
            }
        }
        _ => {}
    }
}

fn record(
    entries: &mut [Entry],
    known: &Record,
    path: &Path<'_>,
    around: &Surroundings<'_>,
    findings: &mut Findings,
) {
    for index in 0..entries.len() {
        let entry = &entries[index];
        let Some(base) = entry.key.strip_suffix("_file") else {
            continue;
        };
        // The table must know both, else `x_file` is a path in its own right.
        if known.field(base).is_none() || known.field(&entry.key).is_none() {
            continue;
        }
        let Shape::Scalar(scalar) = &entry.value.shape else {
            continue;
        };
        let here = path.key(&entry.key);
        if entries
            .iter()
            .any(|other| other.key == base && other.value.shape != Shape::Null)
        {
            let message = format!("at most one of {base} and {base}_file can be given");
            findings.problem(entry.place, &here, message, "");
            continue;
        }
        match around.read(&scalar.text) {
            Ok(text) => {
                let written = format!("${{file:{}}}", scalar.text);
                let base = base.to_owned();
                let entry = &mut entries[index];
                entry.key = base;
                entry.value.shape = Shape::Scalar(Scalar {
                    text,
                    plain: true,
                    written: Some(written.into()),
                });
            }
            Err(problem) => {
                findings.problem(entry.value.place, &here, problem.to_string(), "");
                findings.settle(entry.value.place);
            }
        }
    }
}
