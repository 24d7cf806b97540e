//! What the unit tests of several channels share.

mod callback;
mod click;
pub(crate) mod loopback;
mod sealed_click;
