//! What an alert, a route, a silence, an incident and a notification *are*.
//!
//! Pure rules: functions of state, time and input. No runtime, no SQL, no HTTP, no files and no
//! clock; time comes in as an argument.
#![warn(missing_docs)]

pub mod alert;
pub mod call;
pub mod clock;
pub mod dispatch;
pub mod duration;
pub mod escalation;
pub mod event;
pub mod explain;
pub mod field;
pub mod file;
pub mod fingerprint;
pub mod heartbeat;
pub mod identity;
pub mod incident;
pub mod inhibit;
pub mod interval;
pub mod label;
pub mod live;
pub mod matcher;
pub mod message;
pub mod monitor;
pub mod person;
pub mod quote;
pub mod re2;
pub mod reminder;
pub mod reply;
pub mod report;
pub mod route;
pub mod schedule;
pub mod secret;
pub mod severity;
pub mod silence;
pub mod storm;
pub mod time;
pub mod verification;
pub mod wall;
pub mod what_if;
