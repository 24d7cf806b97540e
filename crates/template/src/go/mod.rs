//! Go templates of an `alertmanager.yml`, rendered as Alertmanager renders them: its functions, its data and its
//! default templates by name, on the engine of `balefire-gotemplate`. They run where they are asked for: the engine
//! bounds steps, memory, depth and output, and there is no way out of it.

mod data;
mod functions;
mod humanize;
mod json;
mod layout;
mod time;

use std::sync::{Arc, LazyLock};

use balefire_core::fingerprint::Fingerprint;
use balefire_core::message::GroupView;
use balefire_core::time::Time;
use balefire_gotemplate::budget::Limits;
pub use balefire_gotemplate::error::{Error, Kind};
use balefire_gotemplate::exec::{Run, run};
use balefire_gotemplate::set::Set;
use balefire_gotemplate::value::Value;

#[cfg(test)]
mod tests;

use functions::Host;

/// Templates of our own with the names of Alertmanager's, which print what those print.
const DEFAULTS: &str = include_str!("defaults.tmpl");

static BASE: LazyLock<Set> = LazyLock::new(|| {
    let mut set = Set::new(functions::ALL);
    let read = set.parse("default.tmpl", DEFAULTS);
    debug_assert!(read.is_ok(), "{read:?}");
    set
});

/// Whether a string holds an action, so that it is a template.
pub fn is_template(text: &str) -> bool {
    text.contains("{{")
}

/// How a string is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As `text/template`: not at all.
    Text,
    /// As `html/template`: each value for its place.
    Html,
}

/// The template files of a document, on top of the defaults.
#[derive(Clone, Debug)]
pub struct GoTemplates {
    set: Set,
    /// A hash of the files that were read; zero without any.
    sum: u64,
}

impl Default for GoTemplates {
    fn default() -> Self {
        Self::new()
    }
}

impl GoTemplates {
    /// The defaults alone.
    pub fn new() -> Self {
        let set = BASE.clone();
        Self { set, sum: 0 }
    }

    /// Reads a file; what it defines replaces what has the same name.
    pub fn add(&mut self, name: &str, source: &str) -> Result<(), Error> {
        self.sum = Fingerprint::of_text(&format!("{} {name} {source}", self.sum)).0;
        self.set.parse(name, source)
    }

    /// The version of a document with its template files, so that a reload takes in a changed one.
    pub fn version(&self, document: Arc<str>) -> Arc<str> {
        match self.sum {
            0 => document,
            sum => Fingerprint::of_text(&format!("{document} {sum}"))
                .to_string()
                .into(),
        }
    }

    /// Whether a string can be read and calls only templates that are there.
    pub fn check(&self, source: &str) -> Result<(), Error> {
        let mut set = self.set.clone();
        set.parse("", source)?;
        set.undefined()
            .into_iter()
            .find(|error| error.name.is_empty())
            .map_or(Ok(()), Err)
    }

    /// The calls in files of templates that are nowhere.
    pub fn undefined(&self) -> Vec<Error> {
        self.set.undefined()
    }

    /// Renders a string with a group at a time, as Alertmanager's `ExecuteTextString` and `ExecuteHTMLString` do.
    pub fn render(
        &self,
        source: &str,
        mode: Mode,
        group: &GroupView,
        now: Time,
    ) -> Result<String, Error> {
        if source.is_empty() {
            return Ok(String::new());
        }
        self.with_dot(source, mode, &data::of(group), now)
    }

    fn with_dot(&self, source: &str, mode: Mode, dot: &Value, now: Time) -> Result<String, Error> {
        let mut set = self.set.clone();
        set.parse("", source)?;
        let host = Host::new(now);
        let with = Run {
            html: mode == Mode::Html,
            limits: Limits::default(),
            host: &host,
        };
        run(&set, "", dot, &with)
    }
}
