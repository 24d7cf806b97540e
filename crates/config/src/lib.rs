//! The configuration document and the immutable plan it compiles to.
//!
//! [`load::load`] parses the document into a tree with positions, fills in values from the
//! environment and from files, checks the tree against one table of keys, and compiles it. All
//! problems are collected on the way, each with its place in the text and the nearest right thing.
//! The same table gives the JSON schema for editors and says what is secret.
#![warn(missing_docs)]

pub mod calendar;
pub mod check;
mod compile;
pub mod expand;
pub mod forward;
pub mod heartbeat;
mod json;
pub mod json_schema;
pub mod legacy;
pub mod load;
pub mod monitor;
pub mod password;
pub mod person;
pub mod plan;
pub mod problem;
pub mod project;
pub mod routes_test;
pub mod schema;
pub mod tree;
pub mod words;

pub use expand::Env;
pub use json_schema::json_schema;
pub use load::{Loaded, Summary, default_document, load};
pub use problem::Problem;
pub use routes_test::{RouteReport, routes_show, routes_test};
