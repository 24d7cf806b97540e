//! What a kind of channel is: read by configuration, delivery, documentation and tests alike.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::Field;
use serde_json::Value;

use super::Channel;
pub use crate::cut::Length;
use crate::http::Http;
use crate::markup::Dialect;
use crate::token::Tokens;

/// The static description of a channel kind.
#[derive(Debug)]
pub struct ChannelSpec {
    /// The account kind, as in `kind: dingtalk_robot`.
    pub kind: &'static str,
    /// The key in a receiver, as in `dingtalk_configs`; Alertmanager's own where it has one. Several kinds
    /// may share a key (a Slack webhook and a Slack bot): the account decides.
    pub receiver_key: &'static str,
    /// What people call it, in English and in Chinese.
    pub title: (&'static str, &'static str),
    /// The vendor's page that this follows.
    pub vendor_page: &'static str,
    /// Keys of an account.
    pub account_fields: &'static [Field],
    /// Keys of a receiver's entry, besides `account`, `name`, `send_resolved`.
    pub receiver_fields: &'static [Field],
    /// Whether a resolved notice is sent unless `send_resolved` says otherwise (Alertmanager's default).
    pub send_resolved: bool,
    /// The markup its text is written in; operators' templates are escaped for it.
    pub dialect: Dialect,
    /// Sizes the provider accepts.
    pub limits: Limits,
    /// How many calls an account may make, where the provider says so; all must have room.
    pub quotas: &'static [Quota],
    /// Calls of one account under way at once.
    pub concurrency: usize,
    /// Total time of one try.
    pub timeout: Duration,
    /// Builds the channel of one receiver entry; every problem is named by its key.
    pub build: fn(&Build<'_>) -> Built,
}

impl ChannelSpec {
    /// Whether it goes through an account: all but those that Balefire serves itself.
    pub fn has_account(&self) -> bool {
        !matches!(self.kind, "inbox" | "autocall")
    }
}

/// Sizes; each in its own unit.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest title.
    pub title: Length,
    /// Longest text.
    pub text: Length,
    /// Most targets in one call.
    pub max_targets_per_call: usize,
}

/// So many calls in such a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Calls.
    pub calls: u32,
    /// In this long.
    pub per: Duration,
    /// How long the provider punishes going over it.
    pub penalty: Duration,
}

/// A channel, or every problem that stands against it.
pub type Built = Result<Arc<dyn Channel>, Vec<BuildError>>;

/// What a channel is built from. Values have passed the spec's field tables.
#[derive(Debug)]
pub struct Build<'a> {
    /// The account's name in the configuration.
    pub account_name: &'a str,
    /// The account's mapping.
    pub account: &'a Value,
    /// The receiver entry's mapping, with Alertmanager's global settings already filled in.
    pub receiver: &'a Value,
    /// The guarded client, with the account's proxy, CA and TLS settings.
    pub http: Http,
    /// The account's token cache, shared by all its channels.
    pub tokens: Arc<Tokens>,
}

/// A value that passed its field's type and still cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct BuildError {
    /// The key; `account.` before those of the account.
    pub key: String,
    /// What is wrong, with the value where it is no secret.
    pub problem: String,
    /// What to write instead; may be empty.
    pub fix: String,
}
