//! Twilio: text messages and calls.

pub(crate) mod callback;
mod client;
mod codes;
pub mod sms;
pub mod voice;

#[cfg(test)]
mod tests;
