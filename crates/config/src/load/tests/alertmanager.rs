//! Documents as Alertmanager's users have them, unchanged.

use super::*;
use crate::routes_test::routes_show;

const DOCUMENTS: [(&str, &str); 5] = [
    (
        "simple",
        include_str!("../../../fixtures/alertmanager/simple.yml"),
    ),
    (
        "cluster",
        include_str!("../../../fixtures/alertmanager/cluster.yml"),
    ),
    (
        "old",
        include_str!("../../../fixtures/alertmanager/old.yml"),
    ),
    (
        "hours",
        include_str!("../../../fixtures/alertmanager/hours.yml"),
    ),
    (
        "large",
        include_str!("../../../fixtures/alertmanager/large.yml"),
    ),
];

fn document(name: &str) -> Loaded {
    let found = DOCUMENTS.iter().find(|(known, _)| *known == name);
    let (_, text) = found.expect("a document of that name");
    good(text)
}

fn tree(name: &str) -> String {
    let loaded = document(name);
    format!("{}{}", routes_show(&loaded.plan), lines(&loaded.warnings))
}

#[test]
fn a_small_shop() {
    insta::assert_snapshot!(tree("simple"), @r#"
.
└── default-route  receiver: team-X-mails
    ├── {service=~"^(foo1|foo2|baz)$"}  receiver: team-X-mails
    │   └── {severity="critical"}  receiver: team-X-pager
    ├── {service="files"}  receiver: team-Y-mails
    └── {service="database"}  receiver: team-DB-pager
        └── {env!~"dev|test",owner="team-X"}  continue: true  receiver: team-X-pager
"#);
    let plan = document("simple").plan;
    let pager = &plan.receivers[1];
    let kinds: Vec<&str> = pager
        .integrations
        .iter()
        .map(|entry| entry.spec.kind)
        .collect();
    assert_eq!(kinds, ["smtp", "webhook"]);
    assert_eq!(
        pager.integrations[0].account.as_deref(),
        Some("global/smtp")
    );
    let resolved: Vec<bool> = pager
        .integrations
        .iter()
        .map(|entry| entry.send_resolved)
        .collect();
    assert_eq!(resolved, [true, true]);
    assert!(!plan.receivers[0].integrations[0].send_resolved);
    let addresses: Vec<String> = plan.receivers[0].integrations[0]
        .channel
        .targets()
        .iter()
        .map(|t| t.address.to_string())
        .collect();
    assert_eq!(
        addresses,
        ["team-X+alerts@example.com", "team-Y+alerts@example.com"]
    );
    assert_eq!(plan.resolve_timeout.as_secs(), 600);
}

#[test]
fn a_cluster_as_its_operator_writes_it() {
    insta::assert_snapshot!(tree("cluster"), @r#"
.
└── default-route  receiver: Default
    ├── {alertname="Watchdog"}  receiver: Watchdog
    ├── {alertname="InfoInhibitor"}  receiver: null
    └── {severity="critical"}  receiver: Critical
"#);
    let plan = document("cluster").plan;
    assert_eq!(
        plan.inhibit_rules[0].target.to_string(),
        r#"{severity=~"warning|info"}"#
    );
    assert!(!plan.receivers[1].integrations[0].send_resolved);
}

#[test]
fn an_old_document_with_match_and_match_re() {
    insta::assert_snapshot!(tree("old"), @r#"
.
└── default-route  receiver: default
    ├── {code="500",service=~"^(web|api)$",severity="critical"}  continue: true  receiver: web
    ├── {severity=~"(warning|info)"}  receiver: default
    └── {}  receiver: web
"#);
    let plan = document("old").plan;
    assert_eq!(
        plan.inhibit_rules[0].source.to_string(),
        r#"{severity="critical",service=~".+"}"#
    );
    assert!(!plan.receivers[0].integrations[0].send_resolved);
}

#[test]
fn hours_of_the_day() {
    insta::assert_snapshot!(tree("hours"), @r#"
.
└── default-route  receiver: office
    ├── {severity="critical"}  continue: true  receiver: nightwatch
    └── {region!="",team=~"a|b"}  receiver: office
"#);
    assert_eq!(document("hours").plan.intervals["nights"].len(), 2);
}

#[test]
fn everything_the_newest_version_knows() {
    insta::assert_snapshot!(tree("large"), @r#"
.
└── default-route  receiver: all
    ├── {foo="bar",path=~"/a/[^/]+\\.html",utf8.label="水"}  receiver: quiet
    ├── {foo="baz"}  receiver: quiet
    └── {bar=~".*",foo=""}  receiver: quiet
        └── {a="b"}  receiver: all
balefire.yml:9:14: global.smtp_from: Go templates are not run here; the text will not be what Alertmanager's would; write the text itself
balefire.yml:17:32: route.labels.reason: Go templates are not run here; the text will not be what Alertmanager's would; write the text itself
balefire.yml:28:16: route.routes[2].matchers[0]: "foo=": only the classic matcher syntax understands this (4:4: unexpected end of input: expected label value); write {foo=""}
balefire.yml:40:42: receivers[0].webhook_configs[0].http_config.tls_config.insecure_skip_verify: any certificate is taken: whoever sits on the way reads and changes everything; name the authority in ca_file instead
"#);
}

#[test]
fn the_platforms_that_both_know_are_taken_as_they_are() {
    let text = include_str!("../../../fixtures/alertmanager/platforms.yml");
    let loaded = good(text);
    let kinds = |receiver: usize| -> Vec<(&str, bool, Option<&str>)> {
        let integrations = &loaded.plan.receivers[receiver].integrations;
        let line = integrations.iter().map(|entry| {
            let own = entry
                .account
                .as_deref()
                .filter(|name| name.starts_with("global/"));
            (entry.spec.kind, entry.send_resolved, own)
        });
        line.collect()
    };
    assert_eq!(
        kinds(0),
        [
            ("telegram", true, Some("global/telegram")),
            ("mattermost", true, Some("global/mattermost")),
            ("opsgenie", true, Some("global/opsgenie")),
        ]
    );
    assert_eq!(
        kinds(1),
        [
            ("telegram", false, None),
            ("discord", true, None),
            ("teams", true, None),
            ("pagerduty", true, None),
            ("pagerduty", true, None),
            ("pushover", true, None),
        ]
    );
    assert_eq!(loaded.warnings, []);
    let chat = &loaded.plan.receivers[0].integrations[0].channel.targets()[0];
    assert_eq!(&*chat.address, "-1001234567890");
}

#[test]
fn a_platforms_secret_may_stand_in_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    for (file, text) in [
        ("token", "110201543:not-a-real-token"),
        ("chat", "-1001"),
        (
            "hook",
            "https://discord.com/api/webhooks/1/not-a-real-token",
        ),
        ("flow", "https://x.example.com/invoke?sig=not-real"),
        ("mattermost", "https://mattermost.example.com/hooks/x"),
        ("routing", "0123456789abcdef0123456789abcdef"),
        ("opsgenie", "not-a-real-key-0123456789"),
        ("user", "uQiRzpo4DXghDmr9QzzfQu27cmVRsG"),
        ("pushover", "azGDORePK8gMaC0QOYAMyEEuzJnyUi"),
    ] {
        std::fs::write(folder.path().join(file), format!("{text}\n")).expect("a file");
    }
    let text = "
route: {receiver: files}
receivers:
- name: files
  telegram_configs: [{bot_token_file: token, chat_id_file: chat}]
  discord_configs: [{webhook_url_file: hook}]
  msteamsv2_configs: [{webhook_url_file: flow}]
  mattermost_configs: [{webhook_url_file: mattermost}]
  pagerduty_configs: [{routing_key_file: routing}, {service_key_file: routing}]
  opsgenie_configs: [{api_key_file: opsgenie}]
  pushover_configs: [{user_key_file: user, token_file: pushover}]
";
    let file = folder.path().join("balefire.yml");
    let loaded = load(text, &file.display().to_string(), &BTreeMap::new());
    let loaded = loaded.unwrap_or_else(|problems| panic!("{}", lines(&problems)));
    assert_eq!(loaded.plan.receivers[0].integrations.len(), 8);
}

#[test]
fn the_projection_is_a_document_of_its_own_with_the_same_routes() {
    for (name, _) in DOCUMENTS {
        let plan = document(name).plan;
        // A redacted URL is no URL, so the projection is read with something in its place.
        let text = plan
            .alertmanager_yaml
            .replace("\"<secret>\"", "\"http://redacted.example.com\"");
        let again = match read(&text) {
            Ok(loaded) => loaded.plan,
            Err(problems) => panic!("{name}: {problems}\n{text}"),
        };
        assert_eq!(routes_show(&again), routes_show(&plan), "{name}");
        assert_eq!(again.inhibit_rules, plan.inhibit_rules, "{name}");
        assert_eq!(again.intervals, plan.intervals, "{name}");
        let count = |plan: &Plan| -> Vec<usize> {
            plan.receivers
                .iter()
                .map(|receiver| receiver.integrations.len())
                .collect()
        };
        assert_eq!(count(&again), count(&plan), "{name}");
    }
}

#[test]
fn what_is_ours_is_not_in_the_projection() {
    let loaded = good(
        r#"
server: {listen: 127.0.0.1:1}
accounts: {hook: {kind: webhook, url: "http://x"}}
people: {a: {name: A}}
route: {receiver: ours}
receivers:
- name: ours
  fallback: both
  inbox_configs: [{}]
  webhook_configs: [{account: hook, mention: a}]
- name: both
  webhook_configs: [{url: "http://y", name: y, mention: all}, {send_resolved: false}]
  email_configs: []
"#,
    );
    insta::assert_snapshot!(loaded.plan.alertmanager_yaml, @r#"
global:
  resolve_timeout: 5m
  smtp_hello: localhost
  smtp_require_tls: true
  pagerduty_url: "https://events.pagerduty.com/v2/enqueue"
  opsgenie_api_url: "https://api.opsgenie.com/"
  wechat_api_url: "https://qyapi.weixin.qq.com/cgi-bin/"
  victorops_api_url: "https://alert.victorops.com/integrations/generic/20131114/alert/"
  telegram_api_url: "https://api.telegram.org"
  webex_api_url: "https://webexapis.com/v1/messages"
  http_config:
    follow_redirects: true
    enable_http2: true
route:
  receiver: ours
receivers:
- name: ours
- name: both
  webhook_configs:
  - url: "http://y/<secret>"
templates: []
"#);
}

#[test]
fn what_release_0_25_knows_of_an_integration_is_in_the_projection() {
    let loaded = good(
        r#"
route: {receiver: all}
receivers:
- name: all
  pagerduty_configs: [{routing_key: s3cret, source: web-1, timeout: 10s, url: "${env:PAGER}"}]
  opsgenie_configs: [{api_key: s3cret, responders: [{type: team, name: ops}]}]
  pushover_configs: [{user_key: s3cret, token: s3cret, device: phone, url: "{{ .x }}"}]
  telegram_configs: [{bot_token: "1:s3cret", chat_id: "-1001", message_thread_id: 7}, {bot_token: "1:s3cret", chat_id: [-1, -2]}]
  discord_configs: [{webhook_url: "https://discord.com/api/webhooks/1/s3cret", username: x}]
  msteamsv2_configs: [{webhook_url: "https://x.logic.azure.com/s3cret"}]
"#
        .replace("${env:PAGER}", "https://events.eu.pagerduty.com/v2/enqueue")
        .as_str(),
    );
    let (_, receivers) = loaded
        .plan
        .alertmanager_yaml
        .split_once("receivers:")
        .expect("receivers");
    insta::assert_snapshot!(receivers);
}
