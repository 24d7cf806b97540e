//! The process's environment, the only place that reads it.

use balefire_config::Env;

/// The real environment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProcessEnvironment;

impl Env for ProcessEnvironment {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn names(&self) -> Vec<String> {
        std::env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .collect()
    }
}
