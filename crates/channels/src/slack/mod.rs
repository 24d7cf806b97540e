//! Slack: the incoming webhook and the bot. Both take Alertmanager's `slack_configs`.
//!
//! Slack decodes `&amp;`, `&lt;` and `&gt;` and nothing else, so that escaping those three is all that keeps
//! an alert's label from calling a channel.

pub mod bot;
pub(crate) mod click;
mod codes;
pub(crate) mod directory;
mod fields;
mod files;
pub mod hook;
mod look;

#[cfg(test)]
mod tests;
