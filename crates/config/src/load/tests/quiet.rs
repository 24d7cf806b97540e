//! Quiet hours of accounts.

use balefire_core::severity::Severity;
use balefire_core::time::Time;

use super::*;

fn document(quiet: &str, rest: &str) -> String {
    format!(
        "
server: {{timezone: Asia/Shanghai}}
accounts:
  robot: {{kind: webhook, url: 'http://127.0.0.1:1/', quiet: {quiet}}}
  other: {{kind: webhook, url: 'http://127.0.0.1:1/'}}
receivers: [{{name: ops, webhook_configs: [{{account: robot}}]}}]
route: {{receiver: ops}}
{rest}"
    )
}

#[test]
fn they_are_meant_in_the_servers_zone_unless_they_name_one() {
    // 2026-01-01T00:00:00Z, which is 08:00 in Shanghai.
    let new_year = Time::from_secs(1_767_225_600);
    let until = |quiet: &str, severity| {
        let loaded = good(&document(quiet, ""));
        assert_eq!(loaded.warnings, []);
        let quiet = loaded.plan.accounts["robot"].quiet.clone().expect("hours");
        quiet
            .until(severity, new_year)
            .map(|end| (end.secs() - new_year.secs()) / 3_600)
    };
    let night = "{hours: [{from: '22:00', to: '09:00'}]}";
    assert_eq!(until(night, Severity::Warning), Some(1));
    assert_eq!(until(night, Severity::Critical), None);
    let utc = "{timezone: UTC, hours: [{from: '22:00', to: '09:00'}], broken_by: nothing}";
    assert_eq!(until(utc, Severity::Critical), Some(9));
    let loaded = good(&document(night, ""));
    assert!(loaded.plan.accounts["other"].quiet.is_none());
}

#[test]
fn hours_that_cannot_be_are_named_with_their_place() {
    insta::assert_snapshot!(bad(&document(
        "{timezone: Nowhere/At, hours: [], allow: [sms]}",
        ""
    )), @r#"
    balefire.yml:4:72: accounts.robot.quiet.timezone: "Nowhere/At" is not a time zone; write an IANA name such as Asia/Shanghai
    balefire.yml:4:91: accounts.robot.quiet.hours: 0 parts; 1 to 32
    balefire.yml:4:95: accounts.robot.quiet.allow: unknown key; known: broken_by, calendar, hours, timezone
    "#);
}

#[test]
fn pages_that_go_through_such_an_account_are_warned_of() {
    let people = "people: {li: {ways: {push: {account: robot}}}}\n";
    assert_eq!(
        good(&document("{hours: [{from: '22:00', to: '09:00'}]}", people)).warnings,
        []
    );
    let escalations =
        format!("{people}escalations: {{ops: {{steps: [{{notify: [{{person: li}}]}}]}}}}\n");
    let loaded = good(&document(
        "{hours: [{from: '22:00', to: '09:00'}]}",
        &escalations,
    ));
    insta::assert_snapshot!(lines(&loaded.warnings), @"balefire.yml:4:61: accounts.robot.quiet: pages of escalations go through this account by push, and do not wait for the end of these hours; who is not to be woken has people.….quiet");
}
