//! Go's `text/template` and `html/template`, for strings written for Alertmanager: the same syntax, the same
//! output, the same words for what is wrong (Go 1.25), and bounds on everything. No input or output, no clock.
//!
//! A [`set::Set`] holds parsed templates; [`exec::run`] renders one with a [`value::Value`] as its dot.
#![warn(missing_docs)]

pub mod budget;
mod builtin;
pub mod error;
pub mod exec;
mod html;
mod lex;
mod node;
mod parse;
mod quote;
pub mod set;
pub mod value;
