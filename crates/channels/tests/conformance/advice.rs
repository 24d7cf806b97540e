//! What somebody is told to do about an answer that is a no: `balefire send --test` and `balefire channels` show it.

use balefire_channels::error::ErrorKind;
use balefire_core::message::Locale;

use crate::messages::{Case, message};
use crate::replies::mode;
use crate::sample::{Reply, http_kinds, replies};
use crate::stage::Stage;

/// The commonest refusals of each kind (wire contracts, tables of codes), by their recorded replies, and a part of what to do.
const ADVICE: &[(&str, &[(&str, &str)])] = &[
    (
        "aliyun_sms",
        &[
            ("bad_credentials", "access_key_secret"),
            ("clock", "NTP"),
            ("day_cap", "发送量设置"),
            ("no_money", "top it up"),
            ("no_right", "AliyunDysmsFullAccess"),
            ("sign", "签名管理"),
            ("template", "模板管理"),
            ("too_long", "param_limit"),
            ("throttled", "quotas"),
        ],
    ),
    (
        "aliyun_voice",
        &[
            ("shown_number", "called_show_number"),
            ("complaint", "complained"),
            ("unknown_key", "access_key_id"),
        ],
    ),
    (
        "bark",
        &[
            ("bad_credentials", "basic_auth"),
            ("gone", "copy its key again"),
            ("rate_limited", "group more"),
        ],
    ),
    (
        "dingtalk_app",
        &[
            ("bad_agent", "AgentId"),
            ("bad_credentials", "服务器出口IP"),
            ("month_used_up", "used up"),
            ("no_right", "权限管理"),
            ("rejected", "员工UserID"),
            ("stale", "Client Secret"),
            ("too_long", "2048 bytes"),
        ],
    ),
    (
        "dingtalk_robot",
        &[
            ("address", "IP地址段"),
            ("bad_sign", "加签"),
            ("keyword", "自定义关键词"),
            ("rate_limited", "20 messages a minute"),
            ("too_long", "20000 bytes"),
        ],
    ),
    (
        "discord",
        &[
            ("forum", "thread_id"),
            ("removed", "copy the webhook's URL"),
        ],
    ),
    (
        "feishu_app",
        &[
            ("bad_credentials", "publish a version"),
            ("month", "used up"),
            ("not_in_chat", "add the application's bot"),
            ("stale", "App Secret"),
            ("unpublished", "switch the application's bot on"),
        ],
    ),
    (
        "feishu_robot",
        &[
            ("address", "IP 白名单"),
            ("bad_sign", "签名校验"),
            ("keyword", "自定义关键词"),
        ],
    ),
    (
        "googlechat",
        &[
            ("removed", "copy the webhook's whole URL"),
            ("rate_limited", "a message a second"),
        ],
    ),
    (
        "gotify",
        &[
            ("bad_credentials", "application's token"),
            ("elsewhere", "check the URL"),
        ],
    ),
    (
        "http",
        &[
            ("bad_credentials", "credential"),
            ("limited_in_200", "quotas"),
            ("rejected_in_200", "success_values"),
        ],
    ),
    (
        "huawei_sms",
        &[
            ("address", "list"),
            ("bad_credentials", "APP_Secret"),
            ("one_number", "number"),
        ],
    ),
    (
        "matrix",
        &[
            ("bad_credentials", "access token"),
            ("forbidden", "invite"),
            ("not_found", "base_url"),
        ],
    ),
    (
        "mattermost",
        &[
            ("disabled", "system console"),
            ("locked", "leave channel out"),
            ("no_channel", "check channel"),
        ],
    ),
    (
        "mattermost_bot",
        &[("bad_credentials", "bot's token"), ("too_large", "shorten")],
    ),
    (
        "ntfy",
        &[
            ("forbidden", "may write to the topic"),
            ("day", "larger plan"),
        ],
    ),
    (
        "opsgenie",
        &[("bad_credentials", "same region"), ("unpaid", "plan")],
    ),
    (
        "pagerduty",
        &[
            ("bad_credentials", "32 characters"),
            ("rate_limited", "120 events"),
        ],
    ),
    (
        "pushover",
        &[
            ("bad_credentials", "pushover.net/apps"),
            ("no_user", "key again"),
            ("rate_limited", "used up"),
        ],
    ),
    (
        "pushplus",
        &[("address", "安全IP"), ("not_verified", "实名认证")],
    ),
    (
        "serverchan",
        &[("bad_credentials", "SendKey"), ("rate_limited", "used up")],
    ),
    (
        "slack_bot",
        &[
            ("bad_credentials", "xoxb-"),
            ("no_channel", "/invite"),
            ("no_scope", "chat:write"),
        ],
    ),
    (
        "slack_webhook",
        &[
            ("bad_credentials", "copy the webhook's URL"),
            ("archived", "choose another one"),
        ],
    ),
    (
        "teams",
        &[
            ("off", "Power Automate"),
            ("signature", "whole URL"),
            ("rejected", "template that Teams offers"),
        ],
    ),
    (
        "telegram",
        &[
            ("bad_credentials", "@BotFather"),
            ("moved", "migrate_to_chat_id"),
            ("no_chat", "press Start"),
            ("no_right", "administrator"),
            ("no_topic", "message_thread_id"),
        ],
    ),
    (
        "tencent_sms",
        &[
            ("address", "IP 白名单"),
            ("bad_credentials", "secret_key"),
            ("cap", "发送超量"),
            ("no_money", "buy one"),
            ("no_right", "QcloudSMSFullAccess"),
            ("unsubscribed", "黑名单"),
            ("template", "template_params"),
        ],
    ),
    (
        "tencent_voice",
        &[("app", "sdk_app_id"), ("template", "正文模板管理")],
    ),
    (
        "twilio_sms",
        &[
            ("bad_credentials", "auth token"),
            ("country", "Geo permissions"),
            ("from", "check from"),
            ("stopped", "START"),
        ],
    ),
    ("twilio_voice", &[("geo", "Geo permissions")]),
    (
        "vonage_sms",
        &[
            ("bad_credentials", "key and secret"),
            ("no_money", "pay in"),
        ],
    ),
    (
        "webhook",
        &[
            ("moved", "new URL"),
            ("gone", "remove or disable"),
            ("rejected", "its answer says why"),
        ],
    ),
    (
        "wecom_app",
        &[
            ("bad_agent", "AgentId"),
            ("bad_credentials", "企业可信IP"),
            ("rejected", "visible scope"),
            ("stale", "application's secret"),
        ],
    ),
    ("wecom_groupchat", &[("unknown_chat", "check chat_id")]),
    (
        "wecom_robot",
        &[
            ("bad_credentials", "copy the robot's webhook"),
            ("too_fast", "concurrency"),
        ],
    ),
    (
        "wxpusher",
        &[("bad_credentials", "appToken"), ("rejected", "UID")],
    ),
];

#[tokio::test]
async fn whoever_is_refused_hears_what_to_do() {
    for spec in http_kinds() {
        let stage = Stage::of(spec).await;
        let known = ADVICE.iter().find(|(kind, _)| *kind == spec.kind);
        let (_, rows) = known.unwrap_or_else(|| panic!("{}: nothing is expected of it", spec.kind));
        let mut met = 0;
        for Reply { name, value } in replies(spec) {
            stage.fail_with(mode(&value));
            let row = rows
                .iter()
                .find(|(reply, _)| name.ends_with(&format!("/{reply}")));
            for outcome in stage.send(&message(Case::Firing, Locale::En)).await {
                let Err(error) = outcome else { continue };
                // What passes by itself, and what nobody knows, needs nobody.
                let by_itself =
                    matches!(error.kind, ErrorKind::Transient | ErrorKind::UnknownOutcome);
                assert!(
                    by_itself || !error.fix.is_empty(),
                    "{name}: nothing says what to do"
                );
                let words = row.map_or("", |(_, words)| words);
                assert!(
                    error.fix.contains(words),
                    "{name}: {:?} without {words:?}",
                    error.fix
                );
            }
            met += usize::from(row.is_some());
        }
        assert_eq!(met, rows.len(), "{}: a reply is not there", spec.kind);
    }
}
