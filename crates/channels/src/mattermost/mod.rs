//! Mattermost: the incoming webhook and the bot. Both take Alertmanager's `mattermost_configs`.

pub mod bot;
mod codes;
mod fields;
pub mod hook;
mod look;

#[cfg(test)]
mod tests;
