//! Twilio: text messages and calls.

mod client;
mod codes;
pub mod sms;
pub mod voice;

#[cfg(test)]
mod tests;
