//! Chat platforms beyond DingTalk, WeCom, Feishu and Slack.

use super::{Call, Desk, Sim, Site};
use crate::received::Book;

pub mod discord;
mod discord_files;
pub mod googlechat;
mod light_html;
pub mod matrix;
pub mod mattermost;
pub mod teams;
pub mod telegram;

use discord::{Discord, DiscordSim};
use googlechat::{GoogleChat, GoogleChatSim};
use matrix::{Home, Matrix, MatrixRooms, MatrixRoomsSim, MatrixSim};
use mattermost::{Mattermost, MattermostBot, MattermostBotSim, MattermostSim};
use teams::{Teams, TeamsSim};
use telegram::{Telegram, TelegramSim};

/// The platforms.
#[derive(Debug)]
pub struct Chats {
    /// Discord's webhooks.
    pub discord: DiscordSim,
    /// Microsoft Teams' workflows.
    pub teams: TeamsSim,
    /// Mattermost's webhooks.
    pub mattermost: MattermostSim,
    /// A Mattermost bot.
    pub mattermost_bot: MattermostBotSim,
    /// Google Chat's webhooks.
    pub googlechat: GoogleChatSim,
    /// A Matrix homeserver's rooms, as far as messages are sent there.
    pub matrix: MatrixSim,
    /// What comes before: joining rooms, and their state.
    pub matrix_rooms: MatrixRoomsSim,
    /// Telegram.
    pub telegram: TelegramSim,
}

impl Chats {
    pub(crate) fn new(book: impl Fn(&'static str) -> Book, site: &Site) -> Self {
        let home = Home::new();
        Self {
            discord: Sim::new(book("discord"), Discord::new(site.clone())),
            teams: Sim::new(book("teams"), Teams::new(site.clone())),
            mattermost: Sim::new(book("mattermost"), Mattermost::new(site.clone())),
            mattermost_bot: Sim::new(book("mattermost_bot"), MattermostBot::new()),
            googlechat: Sim::new(book("googlechat"), GoogleChat::new(site.clone())),
            matrix: Sim::new(book("matrix"), Matrix::new(&home)),
            matrix_rooms: Sim::new(book("matrix_rooms"), MatrixRooms::new(&home)),
            telegram: Sim::new(book("telegram"), Telegram::new(site.clone())),
        }
    }

    /// Every desk, in the order they are shown.
    pub(crate) fn desks(&self) -> Vec<&dyn Desk> {
        vec![
            &self.telegram,
            &self.discord,
            &self.teams,
            &self.mattermost,
            &self.mattermost_bot,
            &self.googlechat,
            &self.matrix,
            &self.matrix_rooms,
        ]
    }

    /// The desk that answers a path.
    pub(crate) fn desk(&self, path: &str) -> Option<&dyn Desk> {
        if telegram::owns(path) {
            return Some(&self.telegram);
        }
        if discord::owns(path) {
            return Some(&self.discord);
        }
        if teams::owns(path) {
            return Some(&self.teams);
        }
        if path.starts_with("/hooks/") {
            return Some(&self.mattermost);
        }
        if path.starts_with("/api/v4/") {
            return Some(&self.mattermost_bot);
        }
        if googlechat::owns(path) {
            return Some(&self.googlechat);
        }
        if matrix::owns(path) {
            return Some(if matrix::sends(path) {
                &self.matrix
            } else {
                &self.matrix_rooms
            });
        }
        None
    }
}

/// The JSON object of a call that says it is JSON.
fn object(call: &Call) -> Option<serde_json::Value> {
    let body: Option<serde_json::Value> = serde_json::from_slice(&call.body).ok();
    body.filter(|body| body.is_object() && call.is_type("application/json"))
}

#[cfg(test)]
mod tests;
