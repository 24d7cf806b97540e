//! What goes beyond Alertmanager's document.

use std::time::Duration;

use balefire_core::message::Locale;
use serde_json::json;

use super::*;

const WHOLE: &str = r#"
server:
  listen: ":9119"
  external_url: https://alerts.example.com/
  route_prefix: alerts/
  data: /var/lib/balefire
  store: postgres://balefire:${env:DB}@db/balefire
  locale: zh-CN
  timezone: Asia/Shanghai
  ingest_bytes: 1048576
access:
  tokens:
    prometheus: {token: "${env:TOKEN}"}
    ci: {token: "another-token-of-ours", scopes: [ingest, read]}
  users: {ops: {password: "${env:DB}", scopes: [admin]}}
  rules:
  - {path: /in/, networks: [private, 192.0.2.7], token: false}
  egress: {strict: true, allow: [10.1.0.0/16, "*.corp"]}
  trusted_proxies: [loopback]
accounts:
  hook: {kind: webhook, url: "https://hook.example.com/${env:TOKEN}", concurrency: 2, timeout: 3s, timezone: Europe/Berlin, quotas: [{calls: 20, per: 1m, penalty: 10m}]}
  other: {kind: webhook, url: "https://other.example.com"}
people:
  chen-min: {name: 陈敏, phone: "+8618712345678", email: chenmin@example.com, locale: zh-CN}
  li-wei: {phone: 13800138000, timezone: UTC, locale: en}
receivers:
- name: ops
  fallback: inbox
  deliver_within: 3m
  locale: en
  webhook_configs:
  - {account: hook, mention: "chen-min, li-wei", message: short}
  - {account: hook, name: second, mention: all, timezone: UTC, send_resolved: false}
  - {url: "https://own.example.com"}
  - {url: "https://own.example.com"}
- name: inbox
  inbox_configs: [{}]
route: {receiver: ops, group_by: [alertname], routes: [{receiver: inbox, active_time_intervals: [night], matchers: [a=b]}]}
time_intervals: [{name: night, time_intervals: [{times: [{start_time: "00:00", end_time: "06:00"}], location: Local}]}]
messages:
  default: {title: "{{ status }}"}
  short: {text: "{{ alerts|length }} alerts"}
sources:
  grafana-main: {kind: grafana, token: "${env:TOKEN}", labels: {origin: grafana, empty: ""}}
  zabbix: {kind: zabbix, timezone: UTC}
meta: {receiver: inbox, heartbeat_url: "https://hc.example.com/${env:TOKEN}", heartbeat_every: 30s}
retention: {age: 90d, bytes: 1073741824, silences: 5d}
"#;

fn whole() -> Loaded {
    let env = env(&[
        ("TOKEN", "canary-token-0123456789"),
        ("DB", "canary-password"),
    ]);
    match read_with(WHOLE, &env) {
        Ok(loaded) => loaded,
        Err(problems) => panic!("{problems}"),
    }
}

#[test]
fn every_section_reaches_the_plan() {
    let loaded = whole();
    assert_eq!(lines(&loaded.warnings), "");
    let plan = loaded.plan;
    assert_eq!(plan.server.listen.to_string(), "[::]:9119");
    assert_eq!(plan.server.external_url, "https://alerts.example.com");
    assert_eq!(plan.server.route_prefix, "/alerts");
    assert_eq!(plan.server.ingest_bytes, 1 << 20);
    let store = plan
        .server
        .store
        .as_ref()
        .map(|store| store.reveal().to_owned());
    assert_eq!(
        store.as_deref(),
        Some("postgres://balefire:canary-password@db/balefire")
    );
    assert_eq!(plan.people["li-wei"].contact.phone, "13800138000");
    assert_eq!(plan.people["li-wei"].contact.name, "li-wei");
    assert_eq!(plan.people["li-wei"].reader, reader(Locale::En, "UTC"));
    let source = &plan.sources["grafana-main"];
    assert_eq!(
        (source.spec.kind, source.timezone.as_str()),
        ("grafana", "Asia/Shanghai")
    );
    assert_eq!(source.labels.to_string(), r#"{origin="grafana"}"#);
    assert_eq!(plan.sources["zabbix"].timezone, "UTC");
    assert_eq!(
        plan.intervals["night"][0]
            .location
            .as_ref()
            .map(|l| l.zone().iana_name()),
        Some(Some("Asia/Shanghai"))
    );
    assert_eq!(plan.resolve_timeout, Duration::from_mins(5));
    let account = &plan.accounts["hook"];
    assert_eq!(
        (account.concurrency, account.timeout),
        (2, Duration::from_secs(3))
    );
    // Its channels go by its time, unless the receiver says another.
    for (receiver, seconds) in [(json!({}), 3), (json!({"timeout": "20s"}), 20)] {
        let channel = (account.open)(&receiver).expect("a channel");
        let limit = Duration::from_secs(seconds);
        assert_eq!(
            (channel.timeout(), account.limit(&*channel)),
            (limit, limit)
        );
    }
    assert_eq!(
        (account.quotas[0].calls, account.quotas[0].penalty),
        (20, Duration::from_mins(10))
    );
}

#[test]
fn pictures_have_their_time_besides_what_an_account_gives_the_words() {
    let text = "
accounts: {chat: {kind: telegram, bot_token: '1:canary-token', timeout: 30s}}
receivers: [{name: ops, telegram_configs: [{account: chat, chat_id: -1}]}]
route: {receiver: ops}
";
    let plan = good(text).plan;
    let account = &plan.accounts["chat"];
    for (images, seconds) in [(false, 30), (true, 35)] {
        let entry = json!({"chat_id": "-1", "images": images});
        let channel = (account.open)(&entry).expect("a channel");
        assert_eq!(account.limit(&*channel), Duration::from_secs(seconds));
    }
}

#[test]
fn tokens_users_rules_and_times_reach_the_plan() {
    let plan = whole().plan;
    insta::assert_debug_snapshot!((plan.access, plan.meta, plan.retention));
}

fn reader(locale: Locale, zone: &str) -> crate::plan::Reader {
    crate::plan::Reader {
        locale,
        zone: zone.to_owned(),
    }
}

#[test]
fn entries_take_language_zone_words_and_mentions_from_the_nearest_who_says() {
    let plan = whole().plan;
    let [first, second, third, fourth] = plan.receivers[0].integrations.as_slice() else {
        panic!("four entries");
    };
    // Account, then receiver, then server.
    assert_eq!(first.reader, reader(Locale::En, "Europe/Berlin"));
    assert_eq!(second.reader, reader(Locale::En, "UTC"));
    assert_eq!(third.reader, reader(Locale::En, "Asia/Shanghai"));
    assert_eq!(first.message.as_deref(), Some("short"));
    assert_eq!(second.message.as_deref(), Some("default"));
    let names: Vec<&str> = first.mention.iter().map(|key| &**key).collect();
    assert_eq!(
        (names, first.mention_all),
        (vec!["chen-min", "li-wei"], false)
    );
    assert!(second.mention_all && second.mention.is_empty());
    assert!(first.send_resolved && !second.send_resolved);
    assert_eq!(first.account.as_deref(), Some("hook"));
    assert_eq!(third.account.as_deref(), Some("ops/webhook_configs[2]"));
    assert!(plan.accounts.contains_key("ops/webhook_configs[2]"));
    assert_eq!(&*second.key, "ops/webhook/second");
    assert_eq!(*fourth.key, format!("{}~2", third.key));
    assert_eq!(plan.receivers[0].fallback.as_deref(), Some("inbox"));
    assert_eq!(
        plan.receivers[0].deliver_within,
        Some(Duration::from_mins(3))
    );
}

#[test]
fn a_key_stays_when_other_things_change_and_moves_with_its_target() {
    let key = |text: &str| good(text).plan.receivers[0].integrations[0].key.to_string();
    let document = |entry: &str| {
        format!("route: {{receiver: a}}\nreceivers: [{{name: a, webhook_configs: [{entry}]}}]\n")
    };
    let one = key(&document("{url: 'http://one'}"));
    assert_eq!(
        one,
        key(&document("{send_resolved: false, url: 'http://one'}"))
    );
    assert_eq!(
        one,
        key(&document("{url: 'http://one'}, {url: 'http://two'}"))
    );
    assert_ne!(one, key(&document("{url: 'http://two'}")));
}

#[test]
fn an_entry_finds_its_account_or_is_told_which_there_are() {
    let document = |accounts: &str, entry: &str| {
        format!(
            "route: {{receiver: a}}\naccounts: {{{accounts}}}\nreceivers:\n- name: a\n  webhook_configs: [{entry}]\n"
        )
    };
    let one = "x: {kind: webhook, url: 'http://x'}";
    let two = "x: {kind: webhook, url: 'http://x'}, y: {kind: webhook, url: 'http://y'}";
    let account = |text: &str| good(text).plan.receivers[0].integrations[0].account.clone();
    assert_eq!(account(&document(one, "{}")).as_deref(), Some("x"));
    assert_eq!(account(&document(one, "~")).as_deref(), Some("x"));
    assert_eq!(
        account(&document(two, "{account: y}")).as_deref(),
        Some("y")
    );
    let told = bad(&document(two, "{}")) + &bad(&document("", "{}"));
    insta::assert_snapshot!(told, @r#"
balefire.yml:5:21: receivers[0].webhook_configs[0]: several accounts fit; write account: one of x, y
balefire.yml:5:21: receivers[0].webhook_configs[0]: nothing says through which account this goes; give url here, or an account of kind webhook
"#);
}

#[test]
fn an_entrys_own_fields_go_before_an_account_and_an_account_before_global() {
    let mail = "mail: {kind: smtp, host: account.example.com, from: a@example.com}";
    let hook = "hook: {kind: webhook, url: 'http://hook.example.com'}";
    let global = "smtp_smarthost: 'global.example.com:25', smtp_from: g@example.com";
    let document = |global: &str, accounts: &str, entry: &str| {
        format!(
            "global: {{{global}}}\naccounts: {{{accounts}}}\nroute: {{receiver: a}}\n\
             receivers:\n- name: a\n  email_configs: [{{to: x@example.com, {entry}}}]\n"
        )
    };
    let account = |text: &str| -> Option<String> {
        let loaded = good(text);
        loaded.plan.receivers[0].integrations[0]
            .account
            .as_deref()
            .map(ToOwned::to_owned)
    };
    let both = format!("{mail}, {hook}");
    let own = "smarthost: 'own.example.com:25', from: o@example.com";
    for (global, accounts, entry, expected) in [
        (global, both.as_str(), own, "a/email_configs[0]"),
        (global, &both, "account: mail", "mail"),
        (global, &both, "", "global/smtp"),
        ("", &both, "", "mail"),
    ] {
        let text = document(global, accounts, entry);
        assert_eq!(account(&text).as_deref(), Some(expected), "{text}");
    }
    let told = bad(&document(global, &both, "account: hook"))
        + &bad(&document("", hook, ""))
        + &bad(&document("", "mail: {kind: smtp, prot: 25}", ""))
        + &bad(&document("", "mail: {kind: smtp}", ""));
    insta::assert_snapshot!(told, @r#"
balefire.yml:6:48: receivers[0].email_configs[0].account: the account "hook" is of kind webhook; email_configs takes smtp
balefire.yml:6:19: receivers[0].email_configs[0]: nothing says through which account this goes; give smarthost here, or an account of kind smtp
balefire.yml:2:31: accounts.mail.prot: unknown key; did you mean "port"?
balefire.yml:6:19: receivers[0].email_configs[0].from: is missing; name the sender, as a rule the address that logs in
balefire.yml:6:19: receivers[0].email_configs[0].host: is missing; name the mail server: host, preset, or smarthost in the receiver
"#);
}

#[test]
fn an_account_opens_channels_for_direct_messages() {
    let plan = whole().plan;
    let channel = (plan.accounts["hook"].open)(&serde_json::json!({})).expect("a channel");
    assert_eq!(channel.spec().kind, "webhook");
    assert_eq!(channel.targets().len(), 1);
}

#[test]
fn templates_are_read_but_not_run() {
    let document = |text: &str| {
        format!(
            "route: {{receiver: a}}\nreceivers: [{{name: a}}]\nmessages:\n  m:\n    text: |\n      one\n      {text}\n"
        )
    };
    insta::assert_snapshot!(bad(&document("{{ status + }}")), @"balefire.yml:6:7: messages.m.text: line 2, column 13 of the template: unexpected end of variable block");
    insta::assert_snapshot!(lines(&good(&document("{{ statsu }}")).warnings), @r#"balefire.yml:6:7: messages.m.text: line 2, column 4 of the template: "statsu" is no name a template knows; it prints as nothing"#);
    assert_eq!(good(&document("{{ 'x' * 100000000 }}")).warnings, []);
}

#[test]
fn reminders_are_told_in_working_hours_unless_the_document_says_otherwise() {
    let reminders = |lines: &str| {
        let text = format!("route: {{receiver: a}}\nreceivers: [{{name: a}}]\n{lines}\n");
        good(&text).plan.legacy.reminders
    };
    let usual = reminders("");
    assert_eq!((usual.settings.from, usual.settings.to), (9, 18));
    assert_eq!(usual.settings.stages, [7, 3, 1, 0]);
    assert_eq!(usual.interval, Duration::from_mins(1));
    assert!(!usual.settings.overdue);
    assert_eq!(reminders("legacy: {apptools: {}}"), usual);
    let own = reminders(
        "legacy: {apptools: {reminders: {from: 0, to: 24, stages: [30], overdue: daily, interval: 10s}}}",
    );
    assert_eq!((own.settings.from, own.settings.to), (0, 24));
    assert_eq!(own.settings.stages, [30]);
    assert_eq!(own.interval, Duration::from_secs(10));
    assert!(own.settings.overdue);
}
