//! What the unit tests of several channels share.

mod callback;
mod click;
mod directory;
mod live;
pub(crate) mod loopback;
pub(crate) mod sdk;
mod sealed_click;
