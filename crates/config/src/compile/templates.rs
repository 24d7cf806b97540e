//! Alertmanager's Go templates: its files are read, and each string of an entry is read and tried on samples, so that
//! what is wrong is said here and not at night.

use std::path::{Path as FilePath, PathBuf};

use balefire_core::field::Kind;
use balefire_core::time::Time;
use balefire_template::go::{self, GoTemplates};
use balefire_template::sample;

use super::{Compiler, section};
use crate::problem::{Findings, Path};
use crate::schema::form::{Form, Of};
use crate::tree::{Node, Scalar, Shape};

/// Most files that the document's patterns may name together.
const FILES: usize = 200;
/// When the samples are told: a quarter of an hour after they began.
const NOW: Time = Time::from_secs(1_795_343_345);

/// The defaults with the document's files on top. A file that cannot be read as a template is a problem, as it is in
/// Alertmanager; a pattern that names none is not.
pub(super) fn compile(compiler: &mut Compiler<'_>) -> GoTemplates {
    let mut templates = GoTemplates::new();
    let Some(list) = compiler.find(&["templates"]) else {
        return templates;
    };
    let path = section("templates");
    let mut left = FILES;
    for (index, item) in list.items().iter().enumerate() {
        let Some(pattern) = item.text() else { continue };
        let path = path.index(index);
        for file in matching(&compiler.around.resolve(pattern)) {
            left = left.saturating_sub(1);
            if left == 0 {
                let message = format!("more than {FILES} template files");
                compiler.findings.problem(item.place, &path, message, "");
                return templates;
            }
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let shown = file.display().to_string();
            let source = match std::fs::read_to_string(&file) {
                Ok(source) => source,
                Err(error) => {
                    let message = format!("{shown} cannot be read: {error}");
                    compiler.findings.problem(item.place, &path, message, "");
                    continue;
                }
            };
            if let Err(error) = templates.add(&name, &source) {
                let message = format!("{shown}:{}:{}: {}", error.line, error.column, error.message);
                compiler.findings.problem(item.place, &path, message, "");
            }
        }
    }
    for error in templates.undefined() {
        let message = format!(
            "{}:{}:{}: {}",
            error.name, error.line, error.column, error.message
        );
        compiler.findings.warning(list.place, &path, message, "");
    }
    templates
}

/// The files a pattern names, by name: `*` and `?` stand for parts of names, as in Alertmanager.
fn matching(pattern: &FilePath) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for part in pattern.components() {
        let part = part.as_os_str();
        let wild = part.to_string_lossy();
        if !wild.contains(['*', '?', '[']) {
            for path in &mut found {
                path.push(part);
            }
            continue;
        }
        found = found
            .iter()
            .flat_map(|folder| entries(folder, &wild))
            .take(FILES * 2)
            .collect();
    }
    found.retain(|path| path.is_file());
    found.sort();
    found
}

fn entries(folder: &FilePath, wild: &str) -> Vec<PathBuf> {
    // The folder of a document that is named without one is where we are.
    let here = folder.as_os_str().is_empty();
    let Ok(entries) = std::fs::read_dir(if here { FilePath::new(".") } else { folder }) else {
        return Vec::new();
    };
    let entries = entries.filter_map(Result::ok).take(10_000);
    let named = entries.filter(|entry| fits(wild, &entry.file_name().to_string_lossy()));
    named.map(|entry| folder.join(entry.file_name())).collect()
}

/// Whether a name fits a pattern of `*`, `?` and characters.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                p = at + 1;
                n = from + 1;
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Reads every Go template of the document, tries those of entries on samples, and says which are not run at all.
pub(super) fn check(compiler: &mut Compiler<'_>, templates: &GoTemplates) {
    let root = compiler.root;
    let mut check = Check {
        templates,
        findings: compiler.findings,
        entry: None,
    };
    check.walk(root, &Form::document(), &Path::Root);
}

struct Check<'c> {
    templates: &'c GoTemplates,
    findings: &'c mut Findings,
    /// The `…_configs` and the entry that is walked; nothing is rendered elsewhere.
    entry: Option<(String, serde_json::Value)>,
}

impl Check<'_> {
    fn walk(&mut self, node: &Node, form: &Form, path: &Path<'_>) {
        if let Some(form) = form.of_mapping(node) {
            return self.walk(node, &form, path);
        }
        match (form, &node.shape) {
            (Form::List(of), Shape::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let form = of.element(item);
                    let path = path.index(index);
                    match of {
                        Of::Entry(key) => {
                            self.entry = Some(((*key).to_owned(), crate::json::value(item, &form)));
                            self.walk(item, &form, &path);
                            self.entry = None;
                        }
                        _ => self.walk(item, &form, &path),
                    }
                }
            }
            (Form::Map(of), Shape::Map(entries)) => {
                for entry in entries {
                    let form = of.element(&entry.value);
                    self.walk(&entry.value, &form, &path.key(&entry.key));
                }
            }
            (Form::Record(known), Shape::Map(entries)) => {
                for entry in entries {
                    if let Some(form) = known.at(&entry.key) {
                        self.walk(&entry.value, &form, &path.key(&entry.key));
                    }
                }
            }
            (Form::Value(Kind::GoTemplate), Shape::Scalar(scalar))
                if go::is_template(&scalar.text) =>
            {
                self.template(node, scalar, path);
            }
            (Form::Value(Kind::Any), Shape::Scalar(scalar))
                if self.entry.is_some() && go::is_template(&scalar.text) =>
            {
                self.template(node, scalar, path);
            }
            _ => {}
        }
    }

    fn template(&mut self, node: &Node, scalar: &Scalar, path: &Path<'_>) {
        let Some((key, options)) = &self.entry else {
            let message =
                "Go templates are not run here; the text will not be what Alertmanager's would";
            self.findings
                .warning(node.place, path, message, "write the text itself");
            return;
        };
        if let Err(error) = self.templates.check(&scalar.text) {
            let message = said(&error);
            match error.kind {
                go::Kind::Syntax | go::Kind::Limit => {
                    self.findings.problem(node.place, path, message, "");
                }
                _ => self.findings.warning(node.place, path, message, FALLBACK),
            }
            return;
        }
        let last = path.to_string();
        let pointer = format!("/{}", last.rsplit('.').next().unwrap_or_default());
        let mode = crate::words::mode(key, &pointer, options);
        for (name, group) in sample::all().into_iter().take(sample::COUNT - 1) {
            if let Err(error) = self.templates.render(&scalar.text, mode, &group, NOW) {
                let message = format!("with the sample {name}: {}", said(&error));
                self.findings.warning(node.place, path, message, FALLBACK);
                return;
            }
        }
    }
}

const FALLBACK: &str = "such a message goes out in Balefire's own words";

/// An error with its place in the template.
fn said(error: &go::Error) -> String {
    let file = match error.name.as_str() {
        "" => String::new(),
        name => format!(" of {name}"),
    };
    let message = &error.message;
    format!(
        "Go template, line {}, column {}{file}: {message}",
        error.line, error.column
    )
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn stars_and_question_marks_stand_for_parts_of_names() {
        assert!(fits("*.tmpl", "a.tmpl") && fits("a*b?.t*", "axxbc.tmpl") && fits("*", ""));
        assert!(!fits("*.tmpl", "a.tmp") && !fits("a?", "a") && !fits("", "a"));
    }
}
