//! Templates that know each other by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::builtin;
use crate::error::{Error, Kind};
use crate::parse::{Tree, parse};
use crate::value::function::Function;

/// Most bytes of one source.
pub const SOURCE_BYTES: usize = 1024 * 1024;

/// Parsed templates and the functions they may call. Cloning shares the templates.
#[derive(Clone, Debug)]
pub struct Set {
    templates: BTreeMap<String, Arc<Tree>>,
    functions: &'static [Function],
}

impl Set {
    /// No templates yet; functions beside Go's own, which these may replace.
    pub const fn new(functions: &'static [Function]) -> Self {
        Self {
            templates: BTreeMap::new(),
            functions,
        }
    }

    /// Reads a source under a name; what it defines replaces what has the same name, unless it is empty.
    pub fn parse(&mut self, name: &str, source: &str) -> Result<(), Error> {
        if source.len() > SOURCE_BYTES {
            let message = "limit: source over 1 MiB".to_owned();
            return Err(Error {
                kind: Kind::Limit,
                name: name.to_owned(),
                line: 1,
                column: 1,
                text: format!("template: {name}: {message}"),
                message,
            });
        }
        let knows = |function: &str| self.function(function).is_some();
        for (defined, tree) in parse(name, source, &knows)? {
            if !tree.list.is_empty() || !self.templates.contains_key(&defined) {
                self.templates.insert(defined, Arc::new(tree));
            }
        }
        Ok(())
    }

    /// The names of its templates.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.templates.keys().map(String::as_str)
    }

    pub(crate) fn template(&self, name: &str) -> Option<&Arc<Tree>> {
        self.templates.get(name)
    }

    pub(crate) fn function(&self, name: &str) -> Option<&Function> {
        let of = |table: &'static [Function]| table.iter().find(|function| function.name == name);
        of(self.functions).or_else(|| of(builtin::ALL))
    }

    /// The names of templates that are called somewhere and defined nowhere, each with its place.
    pub fn undefined(&self) -> Vec<Error> {
        let mut missing = Vec::new();
        for tree in self.templates.values() {
            crate::node::calls(&tree.list, &mut |call| {
                if !self.templates.contains_key(&call.name) {
                    let message =
                        format!("template {} not defined", crate::quote::quoted(&call.name));
                    missing.push(tree.error(Kind::Failed, call.pos, message));
                }
            });
        }
        missing
    }
}

impl Tree {
    pub(crate) fn error(&self, kind: Kind, pos: usize, message: String) -> Error {
        let (line, column) = crate::error::place(&self.source, pos);
        Error {
            kind,
            name: self.source_name.as_ref().to_owned(),
            line,
            column,
            text: format!(
                "template: {}:{line}:{}: {message}",
                self.source_name,
                column - 1
            ),
            message,
        }
    }
}
