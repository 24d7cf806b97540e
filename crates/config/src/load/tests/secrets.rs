//! What is secret never gets into anything that is shown.

use super::*;

/// Every place that takes a secret, each with a canary.
const DOCUMENT: &str = r#"
route: {receiver: a, routes: [{receiver: "${env:PLAIN}", matchers: [x=y]}]}
global:
  smtp_auth_password: canary1
  smtp_auth_secret: canary2
  slack_api_url: https://hooks.example.com/canary3
  opsgenie_api_key: canary4
  http_config:
    basic_auth: {username: shown, password: canary5}
    proxy_url: http://user:canary6@proxy:3128
    http_headers: {X-Key: {secrets: [canary7], values: [shown]}}
receivers:
- name: a
  webhook_configs:
  - url: https://hook.example.com/canary8?key=canary9
    secret: canary10
    http_config: {authorization: {credentials: canary11}}
  - {url: "${env:URL}"}
- name: outside
accounts:
  hook: {kind: webhook, url: "https://user:canary12@hook.example.com", secret: "${file:secret}"}
sources:
  text: {kind: text, token: canary13-and-more}
server: {store: "postgres://u:canary14@db/x", external_url: "https://example.com"}
access:
  tokens: {t: {token: canary16-canary16}}
  users: {u: {password: canary17}}
meta: {heartbeat_url: https://hc.example.com/canary18}
tracing: {endpoint: canary19, list: [canary20]}
"#;

fn loaded() -> (Loaded, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("secret"), "canary21").expect("write");
    let file = folder.path().join("x.yml");
    let env = env(&[
        ("URL", "https://example.com/canary22"),
        ("PLAIN", "outside"),
    ]);
    let text = DOCUMENT.to_owned();
    match load(&text, &file.display().to_string(), &env) {
        Ok(loaded) => (loaded, folder),
        Err(problems) => panic!("{}", lines(&problems)),
    }
}

#[test]
fn no_secret_is_in_what_is_shown() {
    let (loaded, _folder) = loaded();
    let plan = &loaded.plan;
    let shown = [
        plan.redacted_yaml.to_string(),
        plan.alertmanager_yaml.to_string(),
        lines(&loaded.warnings),
        format!(
            "{:?} {:?} {:?} {:?}",
            loaded.warnings, plan.server, plan.access, plan.meta
        ),
        format!(
            "{:?}",
            plan.receivers[0]
                .integrations
                .iter()
                .map(|i| (&i.key, i.channel.targets()))
                .collect::<Vec<_>>()
        ),
    ]
    .join("\n");
    assert!(!shown.contains("canary"), "{shown}");
    assert!(plan.document.contains("canary1"));
    insta::assert_snapshot!(plan.redacted_yaml, @r#"
route:
  receiver: a
  routes:
  - receiver: "${env:PLAIN}"
    matchers:
    - "x=y"
global:
  smtp_auth_password: "<secret>"
  smtp_auth_secret: "<secret>"
  slack_api_url: "<secret>"
  opsgenie_api_key: "<secret>"
  http_config:
    basic_auth:
      username: shown
      password: "<secret>"
    proxy_url: "<secret>"
    http_headers:
      X-Key:
        secrets:
        - "<secret>"
        values:
        - shown
receivers:
- name: a
  webhook_configs:
  - url: "<secret>"
    secret: "<secret>"
    http_config:
      authorization:
        credentials: "<secret>"
  - url: "<secret>"
- name: outside
accounts:
  hook:
    kind: webhook
    url: "<secret>"
    secret: "<secret>"
sources:
  text:
    kind: text
    token: "<secret>"
server:
  store: "<secret>"
  external_url: "https://example.com"
access:
  tokens:
    t:
      token: "<secret>"
  users:
    u:
      password: "<secret>"
meta:
  heartbeat_url: "<secret>"
tracing: "<secret>"
"#);
}

#[test]
fn no_secret_is_in_a_problem() {
    // Each value in turn becomes one of a wrong type, and the whole document is told about.
    for broken in [
        DOCUMENT.replace("kind: webhook", "kind: webhok"),
        DOCUMENT.replace("https://", "htps://"),
        DOCUMENT
            .replace(": canary", ": [canary")
            .replace("canary1\n", "canary1]\n"),
        DOCUMENT.replace("receiver: a", "receiver: b"),
        DOCUMENT.replace("canary16-canary16", "canary"),
        DOCUMENT.replace("url:", "uri:"),
        DOCUMENT.replace("http://user:canary6@", "ftp://user:canary6@"),
        DOCUMENT.replace("postgres:", "oracle:"),
        DOCUMENT.replace("://example.com\"}", "://u:canary@example.com\"}"),
        DOCUMENT.replace("https://example.com\"}", "ftp://u:canary@example.com\"}"),
    ] {
        let env = env(&[("URL", "canary22"), ("PLAIN", "canary23")]);
        let told = read_with(&broken, &env).expect_err("problems");
        assert!(!told.contains("canary"), "{told}");
    }
}
