//! How far the calls of a document reach.

use super::*;

#[test]
fn calls_that_a_strict_document_does_not_open() {
    insta::assert_snapshot!(bad(r#"
access: {egress: {strict: true, allow: [10.0.0.0/8, relay]}}
route: {receiver: a}
accounts:
  inside: {kind: webhook, url: "http://10.1.2.3:9/x"}
  named: {kind: webhook, url: "http://relay:9/x"}
  outside: {kind: webhook, url: "http://192.168.7.7/x"}
  mail: {kind: smtp, host: 172.16.0.1, from: a@example.com}
  robot: {kind: dingtalk_robot, url: "http://localhost/robot/send?access_token=canary"}
receivers:
- name: a
  webhook_configs:
  - {account: inside}
  - {account: named}
  - {account: outside}
  - {url: "http://[fd00::1]/x"}
  - {url: "https://example.com", http_config: {proxy_url: "http://192.168.0.1:3128"}}
  email_configs: [{to: b@example.com}]
  dingtalk_configs: [{account: robot}]
meta: {heartbeat_url: "http://127.0.0.1/canary"}
"#), @r#"
balefire.yml:7:33: accounts.outside.url: 192.168.7.7 is neither a public address nor in access.egress.allow; add its network or its name to access.egress.allow, or use a public address
balefire.yml:8:28: accounts.mail.host: 172.16.0.1 is neither a public address nor in access.egress.allow; add its network or its name to access.egress.allow, or use a public address
balefire.yml:9:38: accounts.robot.url: localhost (127.0.0.1) is neither a public address nor in access.egress.allow; add its network or its name to access.egress.allow, or use a public address
balefire.yml:16:11: receivers[0].webhook_configs[3].url: fd00::1 is neither a public address nor in access.egress.allow; add its network or its name to access.egress.allow, or use a public address
balefire.yml:20:23: meta.heartbeat_url: 127.0.0.1 is neither a public address nor in access.egress.allow; add its network or its name to access.egress.allow, or use a public address
"#);
}

#[test]
fn networks_that_open_nothing() {
    let loaded = good(
        r"
access: {egress: {allow: [10.0.0.0/8]}}
route: {receiver: a}
receivers: [{name: a, webhook_configs: [{url: 'http://192.168.7.7/x'}]}]
",
    );
    insta::assert_snapshot!(lines(&loaded.warnings), @"balefire.yml:2:26: access.egress.allow: without strict it opens nothing: this document may call private hosts anyway, and payloads lead to public addresses only; write strict: true, or leave it out");
}
