//! A redacted tree on Alertmanager's schema.

use super::receivers;
use crate::tree::{Entry, Node, Scalar, Shape};

/// Sections that are Alertmanager's own, in its order.
const SECTIONS: [&str; 7] = [
    "global",
    "route",
    "inhibit_rules",
    "receivers",
    "templates",
    "mute_time_intervals",
    "time_intervals",
];

/// The document as Alertmanager would print it; `original` is the same tree with its secrets.
pub(super) fn project(root: &Node, original: &Node) -> Node {
    let mut entries = Vec::new();
    for key in SECTIONS {
        let value = match (key, root.at(key)) {
            ("global", given) => global(root, given),
            ("route", Some(given)) => route(given),
            ("receivers", Some(list)) => receivers::project(root, list, original),
            ("templates", None) => Node {
                place: root.place,
                shape: Shape::List(Vec::new()),
            },
            (_, Some(value)) => value.clone(),
            (_, None) => continue,
        };
        entries.push(Entry {
            key: key.to_owned(),
            place: root.place,
            value,
        });
    }
    Node {
        place: root.place,
        shape: Shape::Map(entries),
    }
}

/// Keys of a route that are ours: Alertmanager's tools refuse what they do not know.
const OURS: [&str; 2] = ["flapping", "repeat_backoff"];

/// A route as Alertmanager knows it.
fn route(node: &Node) -> Node {
    let known = node.entries().iter();
    let known = known.filter(|entry| !OURS.contains(&entry.key.as_str()));
    let entries = known.map(|entry| match entry.key.as_str() {
        "routes" => Entry {
            value: Node {
                place: entry.value.place,
                shape: Shape::List(entry.value.items().iter().map(route).collect()),
            },
            ..entry.clone()
        },
        _ => entry.clone(),
    });
    Node {
        place: node.place,
        shape: Shape::Map(entries.collect()),
    }
}

/// What Alertmanager prints of `global` where the document says nothing; only what every version
/// since 0.25 knows, since an old `amtool` refuses keys it does not.
const DEFAULTS: [(&str, &str); 9] = [
    ("resolve_timeout", "5m"),
    ("smtp_hello", "localhost"),
    ("smtp_require_tls", "true"),
    ("pagerduty_url", "https://events.pagerduty.com/v2/enqueue"),
    ("opsgenie_api_url", "https://api.opsgenie.com/"),
    ("wechat_api_url", "https://qyapi.weixin.qq.com/cgi-bin/"),
    (
        "victorops_api_url",
        "https://alert.victorops.com/integrations/generic/20131114/alert/",
    ),
    ("telegram_api_url", "https://api.telegram.org"),
    ("webex_api_url", "https://webexapis.com/v1/messages"),
];

/// `global` with Alertmanager's defaults where the document says nothing.
fn global(root: &Node, given: Option<&Node>) -> Node {
    let place = root.place;
    let mut entries: Vec<Entry> = given
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .filter(|entry| entry.value.shape != Shape::Null)
        .cloned()
        .collect();
    let text = |text: &str| {
        let shape = Shape::Scalar(Scalar {
            text: text.to_owned(),
            plain: true,
            written: None,
        });
        Node { place, shape }
    };
    let entry = |key: &str, value: Node| Entry {
        key: key.to_owned(),
        place,
        value,
    };
    let client = ["follow_redirects", "enable_http2"].map(|key| entry(key, text("true")));
    let client = Node {
        place,
        shape: Shape::Map(client.to_vec()),
    };
    let defaults = DEFAULTS.iter().map(|(key, value)| entry(key, text(value)));
    for default in defaults.chain([entry("http_config", client)]) {
        if !entries.iter().any(|entry| entry.key == default.key) {
            entries.push(default);
        }
    }
    Node {
        place,
        shape: Shape::Map(entries),
    }
}
