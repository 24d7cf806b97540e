//! HTTP: ingest, the two APIs, the console, and the listener they are served on; and SMTP for mails that come in.

mod access;
mod api;
mod badge;
mod callback;
mod console;
mod error;
mod exposition;
mod files;
mod headers;
mod heartbeat;
mod ingest;
mod legacy;
pub mod listener;
mod management;
pub mod router;
pub mod smtp;
pub mod state;
pub mod tls;
pub mod unfinished;
