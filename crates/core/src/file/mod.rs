//! Files that callers hand in: what they are called, and what they are said to be.
//!
//! A caller's name is a wish. What becomes of it here is harmless in a path, in a header, in a mail and on a
//! reader's disk; what a file is follows from its first bytes, never from the caller's word.

mod name;
mod sniff;

pub use name::FileName;
pub use sniff::{SNIFFED, media_type};

#[cfg(test)]
mod tests;
