//! Calls by telephones of one's own.

use std::time::Duration;

use super::*;

const PEOPLE: &str = r#"
people:
  chen-min: {name: 陈敏, phone: "+8618712345678"}
  li-wei: {phone: 13800138000}
  cto: {name: CTO}
"#;

#[test]
fn people_are_called_at_their_numbers_before_those_that_are_written_down() {
    let loaded = good(&format!(
        "{PEOPLE}
legacy: {{autocall: {{rounds: 3, max_age: 10m, tokens: {{desk: {{token: 0123456789abcdef}}}}}}}}
receivers:
- name: ops
  autocall_configs:
  - {{people: [li-wei, chen-min], phones: 18712345678}}
  - {{phones: [\"66123\"], rounds: 1, max_age: 1h}}
route: {{receiver: ops}}
"
    ));
    let order = |index: usize| {
        let entry = &loaded.plan.receivers[0].integrations[index];
        assert_eq!(entry.account.as_deref(), Some("/autocall"));
        assert!(entry.send_resolved, "an end stops the dialling");
        let order = entry.channel.phone_order().expect("a call").clone();
        (
            order.phones.join(" "),
            order.rounds,
            order.max_age.as_secs(),
        )
    };
    assert_eq!(order(0), ("13800138000 18712345678".to_owned(), 3, 600));
    assert_eq!(order(1), ("66123".to_owned(), 1, 3_600));
    let service = loaded.plan.legacy.autocall.as_ref().expect("on");
    assert_eq!(service.lease, Duration::from_secs(90));
    assert!(!loaded.plan.redacted_yaml.contains("0123456789abcdef"));
}

#[test]
fn calls_may_be_asked_for_without_a_receiver() {
    let loaded = good("legacy: {autocall: {}}\nreceivers: [{name: a}]\nroute: {receiver: a}\n");
    let account = &loaded.plan.accounts["/autocall"];
    let options = serde_json::json!({"phones": ["13800138000"]});
    let channel = (account.open)(&options).expect("a channel");
    assert_eq!(channel.phone_order().expect("a call").rounds, 2);
}

#[test]
fn entries_that_call_nobody() {
    insta::assert_snapshot!(bad(&format!(
        "{PEOPLE}
receivers:
- name: ops
  autocall_configs:
  - {{people: [li-wie, cto]}}
  - {{phones: [1380013800]}}
  - {{people: []}}
accounts: {{phone: {{kind: autocall}}}}
legacy: {{autocall: {{max_age: 10s, lease: 2h, tokens: {{desk: {{token: \"a/b\"}}}}}}}}
route: {{receiver: ops}}
"
    )), @r#"
balefire.yml:10:14: receivers[0].autocall_configs[0].people: no person is named "li-wie"; did you mean "li-wei"?
balefire.yml:10:14: receivers[0].autocall_configs[0].people: "cto" has no number to be called at; give them a phone under people
balefire.yml:11:14: receivers[0].autocall_configs[1].phones: "1380013800" is no telephone number of its country's plan; write the number as it is dialled: "13800138000", "+442079460958", "66123" or "*7213800138000"
balefire.yml:12:5: receivers[0].autocall_configs[2].phones: nobody is named; name people who have a phone, or write phones: ["13800138000"]
balefire.yml:13:26: accounts.phone.kind: "autocall" needs no account; write autocall_configs: [{}]
balefire.yml:14:30: legacy.autocall.max_age: 10s is not within 1m to 1d; write 30m
balefire.yml:14:42: legacy.autocall.lease: 2h is not within 30s to 1h; write 1m30s
balefire.yml:14:69: legacy.autocall.tokens.desk.token: the token is shorter than 16 characters; make one with: openssl rand -hex 24
balefire.yml:14:69: legacy.autocall.tokens.desk.token: a token that stands in a path has letters, digits, '-', '_', '.' and '~'; make one with: openssl rand -hex 24
"#);
    insta::assert_snapshot!(bad("
receivers: [{name: ops, autocall_configs: [{phones: 13800138000}]}]
route: {receiver: ops}
"), @r#"
balefire.yml:2:44: receivers[0].autocall_configs[0]: no telephone can ask for calls: legacy.autocall is off; write legacy: {autocall: {}}
"#);
}
