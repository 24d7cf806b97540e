//! Where a message leads: our page on the group, the runbook, the dashboard, the source; and pictures.

use balefire_core::message::{Block, GroupView, Link};

use super::Reader;
use crate::clean::web_address;

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

/// Whether an annotation is told as a link or picture rather than as words.
pub(super) fn is_address(name: &str, value: &str) -> bool {
    let known = PICTURES.contains(&name) || ADDRESSES.iter().any(|(key, _)| *key == name);
    known && web_address(value).is_some()
}

/// Our page on a group: `external_url` with the group's key, or our front page when the key is too long
/// for an address; `None` when `external_url` is not a web address.
pub fn group_page(external_url: &str, group_key: &str) -> Option<String> {
    let front = web_address(&format!("{}/", external_url.trim_end_matches('/')))?;
    if group_key.len() > KEY {
        return Some(front);
    }
    let mut page = url::Url::parse(&front).ok()?;
    page.query_pairs_mut().append_pair("group", group_key);
    Some(page.into())
}

/// Where a click on the message leads: our page, else the source of the first alert.
pub(super) fn main_link(group: &GroupView, reader: &Reader) -> Option<Link> {
    let page = group_page(&group.external_url, &group.group_key).map(|url| Link {
        text: reader.word("link-open"),
        url,
    });
    page.or_else(|| source(group, reader))
}

fn source(group: &GroupView, reader: &Reader) -> Option<Link> {
    let url = group
        .alerts
        .iter()
        .find_map(|alert| web_address(&alert.generator_url))?;
    Some(Link {
        text: reader.word("link-source"),
        url,
    })
}

/// The links below a message, each address once.
pub(super) fn links(group: &GroupView, reader: &Reader) -> Vec<Block> {
    let mut links: Vec<Link> = Vec::new();
    let mut add = |link: Link| {
        if links.len() < LINKS && !links.iter().any(|seen| seen.url == link.url) {
            links.push(link);
        }
    };
    for (name, title) in ADDRESSES {
        let value = group.common_annotations.get(name).or_else(|| {
            group
                .alerts
                .iter()
                .find_map(|alert| alert.annotations.get(name))
        });
        if let Some(url) = value.and_then(web_address) {
            add(Link {
                text: reader.word(title),
                url,
            });
        }
    }
    source(group, reader).into_iter().for_each(&mut add);
    if let Some(url) = group_page(&group.external_url, &group.group_key) {
        add(Link {
            text: reader.word("link-open"),
            url,
        });
    }
    links.into_iter().map(Block::Link).collect()
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
