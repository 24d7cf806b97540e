//! What Alertmanager's `global` gives the entries of its own integrations.

use balefire_channels::spec::ChannelSpec;
use serde_json::{Map, Value};

use super::Compiler;
use crate::json;
use crate::schema::global::GLOBAL;

/// What Alertmanager's `global` gives the entries of a receiver's key. The first key of an entry is
/// the one that makes it complete: who has it needs no account.
pub(super) struct Inherits {
    receiver_key: &'static str,
    /// Keys of an entry, any of which says where to send.
    pub(super) own: &'static [&'static str],
    /// Key of `global`, key of the entry.
    pub(super) global: &'static [(&'static str, &'static str)],
}

static INHERITS: &[Inherits] = &[
    Inherits {
        receiver_key: "email_configs",
        own: &["smarthost"],
        global: &[
            ("smtp_smarthost", "smarthost"),
            ("smtp_from", "from"),
            ("smtp_hello", "hello"),
            ("smtp_auth_username", "auth_username"),
            ("smtp_auth_password", "auth_password"),
            ("smtp_auth_secret", "auth_secret"),
            ("smtp_auth_identity", "auth_identity"),
            ("smtp_require_tls", "require_tls"),
            ("smtp_tls_config", "tls_config"),
            ("smtp_force_implicit_tls", "force_implicit_tls"),
        ],
    },
    Inherits {
        receiver_key: "slack_configs",
        own: &["api_url", "app_token"],
        global: &[
            ("slack_api_url", "api_url"),
            ("slack_app_token", "app_token"),
            ("slack_app_url", "app_url"),
        ],
    },
    Inherits {
        receiver_key: "wechat_configs",
        own: &["api_secret"],
        global: &[
            ("wechat_api_secret", "api_secret"),
            ("wechat_api_corp_id", "corp_id"),
            ("wechat_api_url", "api_url"),
        ],
    },
    Inherits {
        receiver_key: "telegram_configs",
        own: &["bot_token"],
        global: &[
            ("telegram_bot_token", "bot_token"),
            ("telegram_api_url", "api_url"),
        ],
    },
    Inherits {
        receiver_key: "mattermost_configs",
        own: &["webhook_url"],
        global: &[("mattermost_webhook_url", "webhook_url")],
    },
    Inherits {
        receiver_key: "pushover_configs",
        own: &["token"],
        global: &[],
    },
    Inherits {
        receiver_key: "pagerduty_configs",
        own: &["routing_key", "service_key"],
        global: &[("pagerduty_url", "url")],
    },
    Inherits {
        receiver_key: "opsgenie_configs",
        own: &["api_key"],
        global: &[
            ("opsgenie_api_key", "api_key"),
            ("opsgenie_api_url", "api_url"),
        ],
    },
    Inherits {
        receiver_key: "webhook_configs",
        own: &["url"],
        global: &[],
    },
];

/// What the entries of this receiver's key inherit.
pub(super) fn of(key: &str) -> Option<&'static Inherits> {
    INHERITS
        .iter()
        .find(|inherits| inherits.receiver_key == key)
}

/// Puts in what `global` says and the entry does not.
pub(super) fn fill(
    compiler: &Compiler<'_>,
    spec: &ChannelSpec,
    key: &str,
    options: &mut Map<String, Value>,
) {
    let Some(global) = compiler.find(&["global"]) else {
        return;
    };
    let Some(inherits) = of(key) else {
        return;
    };
    let values = json::record(global, &GLOBAL);
    for (theirs, ours) in inherits.global {
        let known = spec.receiver_fields.iter().any(|field| field.name == *ours);
        if let Some(value) = values.get(*theirs)
            && known
            && !options.contains_key(*ours)
        {
            options.insert((*ours).to_owned(), value.clone());
        }
    }
}
