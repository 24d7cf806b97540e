//! A running node: the engine and its recurring jobs.

use crate::engine::{Engine, Setup};
use crate::jobs;
use crate::recovery::RecoveryError;

/// Starts a node: the state is rebuilt, the dispatcher and the lanes run, and so do the jobs.
pub async fn start(setup: Setup) -> Result<Engine, RecoveryError> {
    let (engine, findings) = Engine::start(setup).await?;
    jobs::start(&engine, findings);
    Ok(engine)
}
