//! Believable alert traffic for the demo: a small estate of shops, databases, a Kubernetes cluster
//! and a network, whose troubles come as Prometheus, Grafana, Zabbix and plain texts, in Chinese
//! and English. The same seed tells the same story.

use std::collections::VecDeque;
use std::time::Duration;

use balefire_core::time::Time;

use self::chance::Chance;

mod acts;
mod chance;
mod estate;
mod wording;

/// Where Prometheus posts: Alertmanager's API v2.
pub const PROMETHEUS_PATH: &str = "/api/v2/alerts";
/// Where Grafana posts: a source named `grafana`.
pub const GRAFANA_PATH: &str = "/in/grafana";
/// Where Zabbix posts: a source named `zabbix`.
pub const ZABBIX_PATH: &str = "/in/zabbix";
/// Where scripts post plain text: the built-in inbox.
pub const TEXT_PATH: &str = "/in/inbox";

/// One request of the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The path to post to.
    pub path: &'static str,
    /// The content type.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

/// The story: never ends, offsets never go back.
#[derive(Debug)]
pub struct Story {
    chance: Chance,
    began: Time,
    /// Where the next act begins.
    offset: Duration,
    act: usize,
    event_id: u64,
    ready: VecDeque<(Duration, Post)>,
}

/// Tells the story of `seed`, as if it began at `began`: times in the bodies are `began` plus the
/// offset. An act takes one to two minutes; play it faster by dividing the offsets.
pub fn story(seed: u64, began: Time) -> Story {
    Story {
        chance: Chance::new(seed),
        began,
        offset: Duration::ZERO,
        act: 0,
        event_id: 4_000,
        ready: VecDeque::new(),
    }
}

impl Iterator for Story {
    type Item = (Duration, Post);

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            self.play_act();
        }
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests;
