//! Where time comes from. Everything that asks for the time is handed one of these.

use crate::time::Time;

/// The wall clock, as a parameter: the real one in the binary, a virtual one in tests.
pub trait Clock: Send + Sync + 'static {
    /// The current instant.
    fn now(&self) -> Time;
}
