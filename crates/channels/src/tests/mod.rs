//! What the unit tests of several channels share.

mod callback;
pub(crate) mod loopback;
