//! Receivers on Alertmanager's schema.

use url::Url;

use super::REDACTED;
use crate::tree::{Entry, Node, Scalar, Shape};

/// What Alertmanager knows of an integration.
struct Integration {
    key: &'static str,
    /// The keys of its entries.
    known: &'static [&'static str],
    /// Of each of these lists an entry has a key, or `global` has the key after it.
    needs: &'static [&'static [(&'static str, &'static str)]],
}

/// Those of release 0.25 with its keys: tools of later releases take these too, and one of it refuses a document with
/// anything newer in it.
static INTEGRATIONS: [Integration; 9] = [
    Integration {
        key: "webhook_configs",
        known: &[
            "send_resolved",
            "http_config",
            "url",
            "max_alerts",
            "timeout",
        ],
        needs: &[&[("url", "")]],
    },
    Integration {
        key: "email_configs",
        known: &[
            "send_resolved",
            "to",
            "from",
            "hello",
            "smarthost",
            "auth_username",
            "auth_password",
            "auth_secret",
            "auth_identity",
            "headers",
            "html",
            "text",
            "require_tls",
            "tls_config",
            "force_implicit_tls",
            "threading",
        ],
        needs: &[&[("smarthost", "smtp_smarthost")], &[("from", "smtp_from")]],
    },
    Integration {
        key: "slack_configs",
        known: &[
            "send_resolved",
            "http_config",
            "api_url",
            "app_token",
            "app_url",
            "channel",
            "username",
            "color",
            "title",
            "title_link",
            "pretext",
            "text",
            "message_text",
            "fields",
            "short_fields",
            "footer",
            "fallback",
            "callback_id",
            "icon_emoji",
            "icon_url",
            "image_url",
            "thumb_url",
            "link_names",
            "mrkdwn_in",
            "actions",
            "update_message",
            "timeout",
        ],
        needs: &[&[
            ("api_url", "slack_api_url"),
            ("app_token", "slack_app_token"),
        ]],
    },
    Integration {
        key: "wechat_configs",
        known: &[
            "send_resolved",
            "http_config",
            "api_secret",
            "corp_id",
            "message",
            "api_url",
            "to_user",
            "to_party",
            "to_tag",
            "agent_id",
            "message_type",
        ],
        needs: &[
            &[("api_secret", "wechat_api_secret")],
            &[("corp_id", "wechat_api_corp_id")],
        ],
    },
    Integration {
        key: "pagerduty_configs",
        known: &[
            "send_resolved",
            "http_config",
            "routing_key",
            "service_key",
            "url",
            "client",
            "client_url",
            "description",
            "details",
            "images",
            "links",
            "severity",
            "class",
            "component",
            "group",
        ],
        needs: &[&[("routing_key", ""), ("service_key", "")]],
    },
    Integration {
        key: "opsgenie_configs",
        known: &[
            "send_resolved",
            "http_config",
            "api_key",
            "api_url",
            "message",
            "description",
            "source",
            "details",
            "entity",
            "responders",
            "actions",
            "tags",
            "note",
            "priority",
            "update_alerts",
        ],
        needs: &[&[("api_key", "opsgenie_api_key")]],
    },
    Integration {
        key: "pushover_configs",
        known: &[
            "send_resolved",
            "http_config",
            "user_key",
            "token",
            "title",
            "message",
            "url",
            "url_title",
            "sound",
            "priority",
            "retry",
            "expire",
            "html",
        ],
        needs: &[&[("user_key", "")], &[("token", "")]],
    },
    Integration {
        key: "telegram_configs",
        known: &[
            "send_resolved",
            "http_config",
            "api_url",
            "bot_token",
            "chat_id",
            "message",
            "disable_notifications",
            "parse_mode",
        ],
        needs: &[&[("bot_token", "")], &[("chat_id", "")]],
    },
    Integration {
        key: "discord_configs",
        known: &[
            "send_resolved",
            "http_config",
            "webhook_url",
            "title",
            "message",
        ],
        needs: &[&[("webhook_url", "")]],
    },
];

/// Receivers with those of their integrations that Alertmanager would take as well.
pub(super) fn project(root: &Node, list: &Node, original: &Node) -> Node {
    let originals = original
        .at("receivers")
        .map(Node::items)
        .unwrap_or_default();
    let items = list
        .items()
        .iter()
        .zip(originals)
        .map(|(receiver, original)| {
            let entries = receiver.entries().iter().zip(original.entries());
            let entries = entries.filter_map(|(entry, original)| match entry.key.as_str() {
                "name" | "labels" => Some(entry.clone()),
                _ => integration(root, entry, &original.value),
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
fn integration(root: &Node, entry: &Entry, original: &Node) -> Option<Entry> {
    let theirs = INTEGRATIONS.iter().find(|theirs| theirs.key == entry.key)?;
    let global = root.at("global");
    let complete = |item: &Node| {
        let given = |(own, default): &(&str, &str)| {
            item.at(own).is_some() || global.is_some_and(|node| node.at(default).is_some())
        };
        // Theirs is one number.
        let chat = item.at("chat_id").and_then(Node::text);
        let one_chat = chat.is_some_and(|text| text.parse::<i64>().is_ok());
        item.at("account").is_none()
            && (theirs.key != "telegram_configs" || one_chat)
            && theirs.needs.iter().all(|any| any.iter().any(given))
    };
    let items = entry.value.items().iter().zip(original.items());
    let items: Vec<Node> = items
        .filter(|(item, _)| complete(item))
        .map(|(item, original)| {
            let known = item
                .entries()
                .iter()
                .filter(|e| theirs.known.contains(&e.key.as_str()))
                .filter(|e| theirs.key == "webhook_configs" || !is_reference(e, original));
            let entries = known.map(|entry| spelled(theirs.key, entry, original));
            let entries = entries.collect();
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

/// Whether an address is shown as what it stood for (`${env:…}`), which is no URL; without it theirs has a default.
fn is_reference(entry: &Entry, original: &Node) -> bool {
    let address = matches!(entry.key.as_str(), "url" | "api_url");
    let shown = entry.value.text().is_some_and(|text| text.contains("${"));
    address && shown && original.at(&entry.key).is_some_and(Node::is_expanded)
}

/// A value in the one spelling that every version of Alertmanager takes.
fn spelled(integration: &str, entry: &Entry, original: &Node) -> Entry {
    let text = match entry.key.as_str() {
        // Ours may be a list.
        "to" => entry.value.texts().join(", "),
        // Before 0.26 a webhook's URL was no secret, and `<secret>` is no URL.
        "url" if integration == "webhook_configs" => hidden_url(original.at("url")),
        // A number, which quotes would make a text.
        "chat_id" => return number(entry),
        _ => return entry.clone(),
    };
    let shape = Shape::Scalar(Scalar {
        text,
        plain: false,
        written: None,
    });
    Entry {
        value: Node {
            place: entry.value.place,
            shape,
        },
        ..entry.clone()
    }
}

fn number(entry: &Entry) -> Entry {
    let text = entry.value.text().unwrap_or_default().to_owned();
    let shape = Shape::Scalar(Scalar {
        text,
        plain: true,
        written: None,
    });
    Entry {
        value: Node {
            place: entry.value.place,
            shape,
        },
        ..entry.clone()
    }
}

/// A URL without what may be secret in it: all but its host, and the host as well when the URL came
/// from the environment or a file.
fn hidden_url(original: Option<&Node>) -> String {
    let url = original
        .filter(|node| !node.is_expanded())
        .and_then(Node::text)
        .and_then(|text| Url::parse(text).ok());
    let host = url.as_ref().and_then(|url| {
        let host = url.host_str()?;
        Some(
            url.port()
                .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
        )
    });
    let scheme = url.as_ref().map_or("https", Url::scheme);
    format!(
        "{scheme}://{}/{REDACTED}",
        host.as_deref().unwrap_or("hidden.invalid")
    )
}
