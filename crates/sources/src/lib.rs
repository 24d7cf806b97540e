//! Ways in: one file per sender's format. Pure parsers: bytes in, alerts and complaints out.
#![warn(missing_docs)]

pub mod parsed;
pub mod spec;
