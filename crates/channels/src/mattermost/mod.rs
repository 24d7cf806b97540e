//! Mattermost: the incoming webhook and the bot. Both take Alertmanager's `mattermost_configs`.

pub mod bot;
pub(crate) mod click;
mod codes;
mod fields;
pub mod hook;
mod look;

#[cfg(test)]
mod tests;
