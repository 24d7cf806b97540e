//! Where a message leads: our page on the group, the runbook, the dashboard, the source; and pictures.

use balefire_core::message::{Block, GroupView, Link};

use super::Reader;
use crate::clean::{web_address, web_url};

/// Annotations that hold an address worth a link of its own, and what the link is called.
const ADDRESSES: [(&str, &str); 10] = [
    ("runbook_url", "link-runbook"),
    ("runbook", "link-runbook"),
    ("dashboard_url", "link-dashboard"),
    ("dashboardURL", "link-dashboard"),
    ("dashboard", "link-dashboard"),
    ("panel_url", "link-panel"),
    ("panelURL", "link-panel"),
    ("silence_url", "link-silence"),
    ("silenceURL", "link-silence"),
    ("url", "link-source"),
];

/// Annotations that hold the address of a picture (Grafana's alert images, our own sources).
const PICTURES: [&str; 4] = ["image_url", "imageURL", "image", "__alertImageURL__"];

/// Most links and pictures; chat clients preview each of them.
const LINKS: usize = 6;
const IMAGES: usize = 3;
/// Longest group key in an address, in bytes; escaped it may be three times as long.
const KEY: usize = 600;

/// Our page on a group: `external_url` with the group's key, or our front page when the key is too long
/// for an address; `None` when `external_url` is not a web address.
pub fn group_page(external_url: &str, group_key: &str) -> Option<String> {
    let mut page = web_url(&format!("{}/", external_url.trim_end_matches('/')))?;
    if group_key.len() <= KEY {
        page.query_pairs_mut().append_pair("group", group_key);
    }
    Some(page.into())
}

/// Where a message leads. Its addresses are read once, as reading one costs as much as writing a line.
pub(crate) struct Leads {
    /// Where a reader says that they have it.
    acknowledge: Option<String>,
    /// Our page on the group.
    page: Option<String>,
    /// Where the first alert that says so comes from.
    source: Option<String>,
    /// By annotation, in the order of [`ADDRESSES`]: its name, what the link is called, the address.
    named: Vec<(&'static str, &'static str, String)>,
}

impl Leads {
    /// The addresses of a group.
    pub(crate) fn of(group: &GroupView) -> Self {
        let named = |(name, title): (&'static str, &'static str)| {
            let own = || group.alerts.iter().find_map(|a| a.annotations.get(name));
            let value = group.common_annotations.get(name).or_else(own)?;
            Some((name, title, web_address(value)?))
        };
        Self {
            acknowledge: web_address(&group.acknowledge_url),
            page: group_page(&group.external_url, &group.group_key),
            source: group
                .alerts
                .iter()
                .find_map(|alert| web_address(&alert.generator_url)),
            named: ADDRESSES.into_iter().filter_map(named).collect(),
        }
    }

    /// Our page on the group; `None` when we have no web address.
    pub(crate) fn page(&self) -> Option<&str> {
        self.page.as_deref()
    }

    /// Whether an annotation that all alerts share is told as a link or picture rather than as words.
    pub(super) fn tell(&self, name: &str, value: &str) -> bool {
        self.named.iter().any(|(known, ..)| *known == name)
            || (PICTURES.contains(&name) && web_address(value).is_some())
    }

    /// Where a click on the message leads: our page, else the source of the first alert.
    pub(super) fn main(&self, reader: &Reader) -> Option<Link> {
        let page = self.page.as_ref().map(|url| ("link-open", url));
        let source = || self.source.as_ref().map(|url| ("link-source", url));
        page.or_else(source)
            .map(|(title, url)| link(title, url, reader))
    }

    /// The links below a message, each address once.
    pub(super) fn blocks(&self, reader: &Reader) -> Vec<Block> {
        let mut told: Vec<(&str, &String)> = Vec::new();
        let most = LINKS + usize::from(self.acknowledge.is_some());
        let acknowledge = self.acknowledge.iter();
        let acknowledge = acknowledge.map(|url| ("link-acknowledge", url));
        let named = self.named.iter().map(|(_, title, url)| (*title, url));
        let source = self.source.iter().map(|url| ("link-source", url));
        let page = self.page.iter().map(|url| ("link-open", url));
        for (title, url) in acknowledge.chain(named).chain(source).chain(page) {
            if told.len() < most && !told.iter().any(|(_, seen)| *seen == url) {
                told.push((title, url));
            }
        }
        told.into_iter()
            .map(|(title, url)| Block::Link(link(title, url, reader)))
            .collect()
    }
}

fn link(title: &str, url: &str, reader: &Reader) -> Link {
    Link {
        text: reader.word(title),
        url: url.to_owned(),
    }
}

/// The pictures of the alerts, each once.
pub(super) fn images(group: &GroupView) -> Vec<Block> {
    let mut images: Vec<String> = Vec::new();
    let values = group.alerts.iter().flat_map(|alert| {
        PICTURES
            .iter()
            .filter_map(|name| alert.annotations.get(name))
    });
    for url in values.filter_map(web_address) {
        if images.len() == IMAGES {
            break;
        }
        if !images.contains(&url) {
            images.push(url);
        }
    }
    images.into_iter().map(Block::Image).collect()
}
