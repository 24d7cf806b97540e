//! Alibaba Cloud: text messages and calls through its RPC API, which wants approved templates.

pub(crate) mod callback;
mod client;
mod codes;
mod sign;
pub mod sms;
mod template;
#[cfg(test)]
mod tests;
pub mod voice;
