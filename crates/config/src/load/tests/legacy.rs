//! Older services: on and off, and who may call them.

use super::*;

const PUSH: &str = "
route: {receiver: a}
receivers: [{name: a, inbox_configs: [{}]}]
legacy:
  push: ";

fn push(text: &str) -> String {
    format!("{PUSH}{text}\n")
}

#[test]
fn a_service_that_is_named_is_on_until_it_is_turned_off() {
    assert!(good(&push("{}")).plan.legacy.push.is_some());
    assert!(good(&push("{enabled: true}")).plan.legacy.push.is_some());
    assert!(good(&push("{enabled: false}")).plan.legacy.push.is_none());
    assert!(good(&push("{}")).plan.legacy.apptools.is_none());
}

#[test]
fn a_services_access_is_a_rule_for_each_of_its_paths_behind_those_of_the_document() {
    let text = push("{access: {networks: [10.0.0.0/8], token: false}}")
        + "access: {rules: [{path: /sms/send, networks: [loopback]}]}\n";
    let loaded = good(&text);
    let rules = &loaded.plan.access.rules;
    assert_eq!(rules[0].path, "/sms/send");
    assert!(rules[0].token);
    assert_eq!(rules.len(), 1 + 7);
    for rule in &rules[1..] {
        assert_eq!(rule.networks, ["10.0.0.0/8"]);
        assert!(!rule.token);
    }
    assert_eq!(loaded.warnings, []);
}

#[test]
fn a_service_that_is_open_to_everybody_is_warned_of() {
    let loaded = good(&push("{access: {token: false}}"));
    insta::assert_snapshot!(lines(&loaded.warnings), @"balefire.yml:5:18: legacy.push.access: anybody who reaches this node may call push; name the networks of its callers under networks");
}

#[test]
fn what_is_wrong_with_a_services_access_is_named() {
    insta::assert_snapshot!(bad(&push("{access: {networks: [10.0.0.300], tokens: false}, enabled: perhaps}")), @r#"
balefire.yml:5:30: legacy.push.access.networks[0]: "10.0.0.300" is not a network; write 10.0.0.0/8, 192.0.2.7, fd00::/8, loopback or private
balefire.yml:5:43: legacy.push.access.tokens: unknown key; did you mean "token"?
balefire.yml:5:68: legacy.push.enabled: "perhaps" is neither true nor false
"#);
}
