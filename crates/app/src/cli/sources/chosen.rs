//! Which source is meant: a kind, or one of the document's by its name.

use std::path::Path;

use anyhow::Result;
use balefire_config::plan::{Plan, Source};
use balefire_sources::registry::{self, SOURCES};
use balefire_sources::spec::SourceSpec;

use crate::cli::config::load;
use crate::exit::{Ended, Exit};

/// A source by the name it was asked for.
pub(super) struct Chosen {
    pub(super) spec: &'static SourceSpec,
    name: String,
    plan: Option<Plan>,
}

impl Chosen {
    /// The source `name` of the document at `config`, else the kind of that name.
    ///
    /// # Errors
    ///
    /// The document cannot be read, or there is neither; the kinds that there are are named.
    pub(super) fn of(name: &str, config: Option<&Path>) -> Result<Self> {
        let plan = config.map(load).transpose()?.map(|loaded| loaded.plan);
        let source = plan.as_ref().and_then(|plan| plan.sources.get(name));
        let spec = source.map(|source| source.spec);
        let spec = spec.or_else(|| registry::find(name)).ok_or_else(|| {
            let kinds: Vec<&str> = SOURCES.iter().map(|spec| spec.kind).collect();
            let kinds = kinds.join(", ");
            let words = format!("{name:?} is no kind of source; there are: {kinds}");
            Ended::new(Exit::NotFound, words)
        })?;
        Ok(Self {
            spec,
            name: name.to_owned(),
            plan,
        })
    }

    /// The configured one, when there is a document that has it.
    pub(super) fn source(&self) -> Option<&Source> {
        self.plan.as_ref()?.sources.get(&self.name)
    }

    /// How others reach the node of the document.
    pub(super) fn node(&self) -> Option<&str> {
        Some(&self.plan.as_ref()?.server.external_url)
    }
}
