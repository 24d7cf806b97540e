//! HTTP: ingest, the two APIs, the console, and the listener they are served on.

mod access;
mod api;
mod callback;
mod console;
mod error;
mod files;
mod headers;
mod ingest;
mod legacy;
pub mod listener;
mod management;
pub mod router;
pub mod state;
pub mod tls;
pub mod unfinished;
