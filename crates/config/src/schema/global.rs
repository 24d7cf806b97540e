//! `global`: Alertmanager's defaults for all receivers.

use balefire_core::field::{Field, Kind};

use super::http::{HTTP, TLS};

/// `global`, by Alertmanager 0.34. Settings of integrations that are not built are read and
/// checked, and have no effect.
pub static GLOBAL: [Field; 42] = [
    Field::optional(
        "resolve_timeout",
        Kind::Duration,
        "After this long without news an alert that names no end counts as resolved.",
    )
    .or("5m"),
    Field::optional(
        "http_config",
        Kind::Record(&HTTP),
        "How requests leave, where an account or receiver says nothing else.",
    ),
    Field::optional("smtp_from", Kind::GoTemplate, "Sender of mail."),
    Field::optional(
        "smtp_hello",
        Kind::Text,
        "Our name in EHLO; localhost stands for this machine's own.",
    )
    .or("localhost"),
    Field::optional(
        "smtp_smarthost",
        Kind::Text,
        "The mail server, as host:port.",
    ),
    Field::optional(
        "smtp_auth_username",
        Kind::Text,
        "Log-in name at the mail server.",
    ),
    Field::optional(
        "smtp_auth_password",
        Kind::Secret,
        "Password at the mail server.",
    ),
    Field::optional(
        "smtp_auth_password_file",
        Kind::Text,
        "A file with the password.",
    ),
    Field::optional("smtp_auth_secret", Kind::Secret, "Secret for CRAM-MD5, which is not spoken."),
    Field::optional(
        "smtp_auth_secret_file",
        Kind::Text,
        "A file with the secret.",
    ),
    Field::optional("smtp_auth_identity", Kind::Text, "Identity for PLAIN."),
    Field::optional(
        "smtp_require_tls",
        Kind::Bool,
        "false sends in clear text, to private addresses only and without log-in beyond this machine.",
    )
    .or("true"),
    Field::optional(
        "smtp_tls_config",
        Kind::Record(&TLS),
        "TLS towards the mail server.",
    ),
    Field::optional(
        "smtp_force_implicit_tls",
        Kind::Bool,
        "TLS from the first byte, whatever the port.",
    ),
    Field::optional(
        "slack_api_url",
        Kind::SecretUrl,
        "Slack's incoming webhook.",
    ),
    Field::optional("slack_api_url_file", Kind::Text, "A file with the webhook."),
    Field::optional("slack_app_token", Kind::Secret, "Token of a Slack app."),
    Field::optional("slack_app_token_file", Kind::Text, "A file with the token."),
    Field::optional("slack_app_url", Kind::Url, "Slack's API for apps.")
        .or("https://slack.com/api/chat.postMessage"),
    Field::optional("wechat_api_url", Kind::Url, "WeCom's API.")
        .or("https://qyapi.weixin.qq.com/cgi-bin/"),
    Field::optional(
        "wechat_api_secret",
        Kind::Secret,
        "Secret of the WeCom app.",
    ),
    Field::optional(
        "wechat_api_secret_file",
        Kind::Text,
        "A file with the secret.",
    ),
    Field::optional("wechat_api_corp_id", Kind::Text, "Corp id at WeCom."),
    Field::optional("jira_api_url", Kind::Url, "No effect here."),
    Field::optional("pagerduty_url", Kind::Url, "PagerDuty's Events API v2.")
        .or("https://events.pagerduty.com/v2/enqueue"),
    Field::optional("opsgenie_api_url", Kind::Url, "Opsgenie's API.")
        .or("https://api.opsgenie.com/"),
    Field::optional("opsgenie_api_key", Kind::Secret, "Key of an Opsgenie integration."),
    Field::optional("opsgenie_api_key_file", Kind::Text, "A file with the key."),
    Field::optional("victorops_api_url", Kind::Url, "No effect here."),
    Field::optional("victorops_api_key", Kind::Secret, "No effect here."),
    Field::optional("victorops_api_key_file", Kind::Text, "No effect here."),
    Field::optional("telegram_api_url", Kind::Url, "Telegram's Bot API.")
        .or("https://api.telegram.org"),
    Field::optional("telegram_bot_token", Kind::Secret, "Token of a Telegram bot."),
    Field::optional("telegram_bot_token_file", Kind::Text, "A file with the token."),
    Field::optional("webex_api_url", Kind::Url, "No effect here."),
    Field::optional("rocketchat_api_url", Kind::Url, "No effect here."),
    Field::optional("rocketchat_token", Kind::Secret, "No effect here."),
    Field::optional("rocketchat_token_file", Kind::Text, "No effect here."),
    Field::optional("rocketchat_token_id", Kind::Secret, "No effect here."),
    Field::optional("rocketchat_token_id_file", Kind::Text, "No effect here."),
    Field::optional(
        "mattermost_webhook_url",
        Kind::SecretUrl,
        "Mattermost's incoming webhook.",
    ),
    Field::optional("mattermost_webhook_url_file", Kind::Text, "A file with the webhook."),
];
