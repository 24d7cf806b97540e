//! What an alert, a route, a silence and a notification *are*.
//!
//! Pure rules: functions of state, time and input. No runtime, no SQL, no HTTP, no files and no
//! clock; time comes in as an argument.
#![warn(missing_docs)]

pub mod alert;
pub mod call;
pub mod clock;
pub mod dispatch;
pub mod duration;
pub mod event;
pub mod field;
pub mod fingerprint;
pub mod incident;
pub mod inhibit;
pub mod interval;
pub mod label;
pub mod matcher;
pub mod message;
pub mod quote;
pub mod re2;
pub mod route;
pub mod secret;
pub mod severity;
pub mod silence;
pub mod time;
