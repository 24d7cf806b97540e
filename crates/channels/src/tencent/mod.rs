//! Tencent Cloud: text messages and calls through its API 3.0, which wants approved templates.

pub(crate) mod callback;
mod client;
mod codes;
mod sign;
pub mod sms;
#[cfg(test)]
mod tests;
pub mod voice;
