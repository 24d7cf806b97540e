//! `legacy.autocall`: telephones that ask for calls.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use balefire_core::duration;
use balefire_core::secret::Secret;

use super::super::access::check_token;
use super::super::span;
use super::{Service, number};
use crate::legacy::Autocall;
use crate::tree::Node;

/// Shortest and longest time that a call is kept; a day later nobody wants to be called for it.
const MAX_AGE: RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(24);
/// Shortest and longest lease: two questions of the app, and longer than any call.
const LEASE: RangeInclusive<Duration> = Duration::from_secs(30)..=Duration::from_hours(1);

impl Service<'_, '_, '_> {
    pub(super) fn autocall(mut self) -> Autocall {
        Autocall {
            rounds: number(self.node, "rounds").unwrap_or(2),
            max_age: self.within("max_age", &MAX_AGE, Duration::from_mins(30)),
            lease: self.within("lease", &LEASE, Duration::from_secs(90)),
            tokens: self.phone_tokens(),
        }
    }

    fn within(
        &mut self,
        key: &str,
        range: &RangeInclusive<Duration>,
        otherwise: Duration,
    ) -> Duration {
        let Some((node, given)) = self.node.at(key).and_then(|node| Some((node, span(node)?)))
        else {
            return otherwise;
        };
        if !range.contains(&given) {
            let [least, most] = [range.start(), range.end()].map(|end| duration::format(*end));
            let message = format!(
                "{} is not within {least} to {most}",
                duration::format(given)
            );
            let hint = format!("write {}", duration::format(otherwise));
            let path = self.path.key(key);
            self.compiler
                .findings
                .problem(node.place, &path, message, hint);
        }
        given
    }

    fn phone_tokens(&mut self) -> BTreeMap<String, Secret> {
        let given = self.node.at("tokens").map(Node::entries);
        let path = self.path.key("tokens");
        let mut tokens = BTreeMap::new();
        for entry in given.unwrap_or_default() {
            let Some(node) = entry.value.at("token") else {
                continue;
            };
            let text = node.text().unwrap_or_default();
            let path = path.key(&entry.key);
            let path = path.key("token");
            check_token(self.compiler, node.place, &path, text);
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
            if !text.chars().all(plain) {
                let message =
                    "a token that stands in a path has letters, digits, '-', '_', '.' and '~'";
                let hint = "make one with: openssl rand -hex 24";
                self.compiler
                    .findings
                    .problem(node.place, &path, message, hint);
            }
            tokens.insert(entry.key.clone(), Secret::new(text));
        }
        tokens
    }
}
