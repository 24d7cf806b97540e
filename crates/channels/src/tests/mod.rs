//! What the unit tests of several channels share.

pub(crate) mod loopback;
