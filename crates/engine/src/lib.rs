//! The running machine: ingest → event log → dispatcher → notifications → delivery.
//!
//! This is the only place where store, channels, sources and templates meet.

mod admission;
pub mod badge;
mod bell;
pub mod calendar;
pub mod calls;
mod checkpoint;
pub mod clock;
mod codec;
mod delivery;
pub mod direct;
mod dispatcher;
pub mod engine;
mod escalator;
pub mod explain;
pub mod heartbeats;
pub mod history;
pub mod identity;
pub mod ingest;
mod inquiry;
mod jobs;
mod keys;
mod known;
pub mod link;
mod measure;
pub mod meta;
pub mod metrics;
pub mod monitor;
pub mod node;
pub mod preview;
mod progress;
pub mod recovery;
mod rejects;
pub mod reminder;
pub mod report;
pub mod roster;
mod rules;
mod tally;
mod verified;
pub mod what_if;
