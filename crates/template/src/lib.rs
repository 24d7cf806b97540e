//! Group data into words: the default look of every message in English and Chinese, and the operators'
//! own templates, rendered in child processes that can do nothing else.
#![warn(missing_docs)]

pub mod check;
pub mod clean;
pub mod compose;
pub mod context;
mod environment;
pub mod escape;
pub mod go;
pub mod i18n;
pub mod reader;
pub mod sample;
pub mod sandbox;
pub mod template;
