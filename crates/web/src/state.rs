//! What every handler is given.

use std::sync::Arc;

use balefire_config::plan::Plan;
use balefire_engine::engine::Engine;
use futures_util::future::BoxFuture;

/// Reads the configuration again and puts it in force; the error is what a person must be told.
pub type Reload = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Reads a configuration document without putting it in force; the problems, one a line, when it is not good.
pub type Check = Arc<dyn Fn(&str) -> Result<Plan, Vec<String>> + Send + Sync>;

/// The running node, as the handlers see it; cheap to clone.
#[derive(Clone)]
pub struct WebState {
    /// The engine.
    pub engine: Engine,
    /// How `POST /-/reload` reads the configuration.
    pub reload: Reload,
    /// How `POST /api/v1/config/check` and `POST /api/v1/what-if` read one.
    pub check: Check,
}
