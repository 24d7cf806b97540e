//! Room in the byte budget of all request bodies, taken as a body grows.

use balefire_engine::engine::Engine;
use tokio::sync::OwnedSemaphorePermit;

/// Room is taken in steps of so many bytes.
const STEP: usize = 64 * 1024;

/// The room that one body has; given back when this goes.
pub(crate) struct Room {
    engine: Engine,
    permit: Option<OwnedSemaphorePermit>,
    bytes: usize,
}

impl Room {
    /// No room yet.
    pub(crate) fn new(engine: &Engine) -> Self {
        Self {
            engine: engine.clone(),
            permit: None,
            bytes: 0,
        }
    }

    /// Makes sure of room for `bytes` in all; `false` when the budget is spent.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> bool {
        if bytes <= self.bytes {
            return true;
        }
        let more = (bytes - self.bytes).next_multiple_of(STEP);
        let Some(permit) = self.engine.admission().admit(more) else {
            return false;
        };
        match &mut self.permit {
            Some(held) => held.merge(permit),
            None => self.permit = Some(permit),
        }
        self.bytes += more;
        true
    }
}
