//! `events` of a layer that are fetched from an address.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use balefire_channels::http::redact::shown_url;
use balefire_core::secret::Secret;

use super::super::accounts::Accounts;
use super::super::{http, span};
use super::{Compiler, section};
use crate::calendar::CalendarAddress;
use crate::problem::Path;
use crate::tree::{Node, Shape};

const DAY: Duration = Duration::from_hours(24);
/// How often a calendar is fetched unless the document says otherwise.
const REFRESH: Duration = Duration::from_mins(15);
/// More often than this is a burden to whoever serves it.
const LEAST: Duration = Duration::from_mins(1);
/// As far as reports look back: nobody means a calendar that is older than that.
const LONGEST: Duration = DAY.saturating_mul(400);

/// All of the document.
pub(in crate::compile) fn compile<'a>(
    compiler: &mut Compiler<'a>,
    accounts: &mut Accounts<'a>,
) -> Vec<Arc<CalendarAddress>> {
    let schedules = compiler.find(&["schedules"]).map(Node::entries);
    let all = section("schedules");
    let mut addresses = Vec::new();
    for schedule in schedules.unwrap_or_default() {
        let layers = schedule.value.at("layers").map(Node::items);
        let path = all.key(&schedule.key);
        let path = path.key("layers");
        let mut known = BTreeSet::new();
        for (layer, node) in layers.unwrap_or_default().iter().enumerate() {
            let Some(events) = node.at("events").filter(|events| is_address(events)) else {
                continue;
            };
            let path = path.index(layer);
            let path = path.key("events");
            let mut one = One {
                compiler: &mut *compiler,
                accounts: &mut *accounts,
                node: events,
                path: &path,
            };
            let Some(mut address) = one.read(&schedule.key) else {
                continue;
            };
            if !known.insert(Arc::clone(&address.key)) {
                let words = "another layer of this schedule is fetched from this address, too";
                one.say("url", words, "make one layer of the two");
            }
            address.layer = layer;
            address.layer_name = node.text_at("name").map(Arc::from);
            addresses.push(Arc::new(address));
        }
    }
    addresses
}

/// Whether events are fetched, and not written down.
pub(super) fn is_address(events: &Node) -> bool {
    matches!(events.shape, Shape::Map(_))
}

struct One<'o, 'a> {
    compiler: &'o mut Compiler<'a>,
    accounts: &'o mut Accounts<'a>,
    node: &'o Node,
    path: &'o Path<'o>,
}

impl One<'_, '_> {
    fn say(&mut self, key: &str, words: impl Into<String>, hint: &str) {
        let place = self.node.at(key).unwrap_or(self.node).place;
        let path = self.path.key(key);
        let findings = &mut *self.compiler.findings;
        findings.problem(place, &path, words.into(), hint);
    }

    fn read(&mut self, schedule: &str) -> Option<CalendarAddress> {
        let refresh = self.between("refresh", REFRESH, (LEAST, DAY));
        let stale_after = self.between("stale_after", DAY.max(refresh), (refresh, LONGEST));
        let http = self.client();
        let Some(written) = self.node.text_at("url") else {
            let hint = "write where the calendar is: url: https://calendar.example.com/oncall.ics";
            self.say("url", "the key \"url\" is missing", hint);
            return None;
        };
        let url = plain(written.trim());
        let http = http?;
        if let Err(error) = http.check_url(&url) {
            self.say("url", error.to_string(), error.fix());
            return None;
        }
        Some(CalendarAddress {
            schedule: schedule.into(),
            layer: 0,
            layer_name: None,
            key: key(schedule, &url).into(),
            shown: shown_url(&url),
            url: Secret::new(&*url),
            refresh,
            stale_after,
            http,
        })
    }

    /// A duration within its bounds; the usual one where it is not, which is told.
    fn between(
        &mut self,
        key: &str,
        usual: Duration,
        (least, most): (Duration, Duration),
    ) -> Duration {
        let Some(given) = self.node.at(key).and_then(span) else {
            return usual;
        };
        if (least..=most).contains(&given) {
            return given;
        }
        let shown = balefire_core::duration::format;
        let words = format!(
            "{} is not between {} and {}",
            shown(given),
            shown(least),
            shown(most)
        );
        self.say(key, words, "");
        usual
    }

    /// With its own settings, or as all others without their credentials.
    fn client(&mut self) -> Option<balefire_channels::http::Http> {
        match self.node.at("http_config") {
            Some(node) => http::client(self.compiler, node, &self.path.key("http_config")),
            None => self.accounts.clients().without_credentials(self.compiler),
        }
    }
}

/// `webcal:` is what calendar applications call an address of `https:` that they subscribe to.
fn plain(url: &str) -> Cow<'_, str> {
    for scheme in ["webcal:", "webcals:"] {
        let own = url.get(..scheme.len());
        if own.is_some_and(|own| own.eq_ignore_ascii_case(scheme)) {
            return format!("https:{}", &url[scheme.len()..]).into();
        }
    }
    url.into()
}

fn key(schedule: &str, url: &str) -> String {
    let text = format!("{schedule}\n{url}");
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    hex::encode(&hash.as_ref()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webcal_is_https() {
        let there = "//calendar.example.com/a.ics";
        for scheme in ["webcal", "WEBCAL", "webcals", "https"] {
            assert_eq!(
                plain(&format!("{scheme}:{there}")),
                format!("https:{there}"),
                "{scheme}"
            );
        }
        assert_eq!(plain("http:x"), "http:x");
        assert_eq!(plain("日历"), "日历");
    }
}
