//! The configuration document and the immutable plan it compiles to.

pub mod plan;
