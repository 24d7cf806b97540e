//! A redacted tree on Alertmanager's schema.

use crate::schema::FOREIGN_INTEGRATIONS;
use crate::schema::global::GLOBAL;
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

/// Keys of a receiver's entry that are ours.
const OURS: [&str; 6] = [
    "account", "name", "message", "mention", "locale", "timezone",
];

/// The document as Alertmanager would print it.
pub(super) fn project(root: &Node) -> Node {
    let mut entries = Vec::new();
    for key in SECTIONS {
        let value = match (key, root.at(key)) {
            ("global", given) => global(root, given),
            ("receivers", Some(list)) => receivers(root, list),
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

/// `global` with Alertmanager's defaults where the document says nothing.
fn global(root: &Node, given: Option<&Node>) -> Node {
    let mut entries: Vec<Entry> = given
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .filter(|entry| entry.value.shape != Shape::Null)
        .cloned()
        .collect();
    for field in GLOBAL.iter().filter(|field| !field.default.is_empty()) {
        if !entries.iter().any(|entry| entry.key == field.name) {
            let text = field.default.to_owned();
            let shape = Shape::Scalar(Scalar {
                text,
                plain: true,
                written: None,
            });
            let value = Node {
                place: root.place,
                shape,
            };
            entries.push(Entry {
                key: field.name.to_owned(),
                place: root.place,
                value,
            });
        }
    }
    Node {
        place: root.place,
        shape: Shape::Map(entries),
    }
}

/// Receivers with those of their integrations that Alertmanager would take as well.
fn receivers(root: &Node, list: &Node) -> Node {
    let items = list.items().iter().map(|receiver| {
        let entries = receiver
            .entries()
            .iter()
            .filter_map(|entry| match entry.key.as_str() {
                "name" | "labels" => Some(entry.clone()),
                key if FOREIGN_INTEGRATIONS.contains(&key) => integration(root, entry),
                _ => None,
            });
        Node {
            place: receiver.place,
            shape: Shape::Map(entries.collect()),
        }
    });
    Node {
        place: list.place,
        shape: Shape::List(items.collect()),
    }
}

/// The entries that name their own target or find it in `global`; the others go through an account,
/// which Alertmanager does not know.
fn integration(root: &Node, entry: &Entry) -> Option<Entry> {
    let known = |global: &str| {
        root.at("global")
            .is_some_and(|node| node.at(global).is_some())
    };
    let complete = |node: &Node| {
        node.at("account").is_none()
            && match entry.key.as_str() {
                "webhook_configs" => node.at("url").is_some(),
                "email_configs" => {
                    let smarthost = node.at("smarthost").is_some() || known("smtp_smarthost");
                    smarthost && (node.at("from").is_some() || known("smtp_from"))
                }
                "slack_configs" => {
                    ["api_url", "app_token"]
                        .iter()
                        .any(|key| node.at(key).is_some())
                        || known("slack_api_url")
                        || known("slack_app_token")
                }
                "wechat_configs" => {
                    (node.at("api_secret").is_some() || known("wechat_api_secret"))
                        && (node.at("corp_id").is_some() || known("wechat_api_corp_id"))
                }
                _ => false,
            }
    };
    let items: Vec<Node> = entry
        .value
        .items()
        .iter()
        .filter(|item| complete(item))
        .map(|item| {
            let theirs = |entry: &&Entry| {
                // WeCom's entries have a message of Alertmanager's own.
                let own = entry.key == "message" && item.at("to_user").is_some();
                own || !OURS.contains(&entry.key.as_str())
            };
            let entries = item.entries().iter().filter(theirs).cloned().collect();
            Node {
                place: item.place,
                shape: Shape::Map(entries),
            }
        })
        .collect();
    let value = Node {
        place: entry.value.place,
        shape: Shape::List(items),
    };
    (!value.items().is_empty()).then(|| Entry {
        value,
        ..entry.clone()
    })
}
