//! `legacy.alarm_v2`: salts and secrets, groups and how they are made.

use super::*;

fn document(alarm: &str) -> String {
    format!(
        "
accounts:
  corp: {{kind: dingtalk_app, client_id: dingabc, client_secret: s, agent_id: 1}}
receivers: [{{name: inbox, inbox_configs: [{{}}]}}]
route: {{receiver: inbox}}
legacy:
  alarm_v2:
{alarm}"
    )
}

#[test]
fn a_salt_that_everybody_can_read_is_refused_unless_it_is_asked_for() {
    let published = "
    salt: YYLmfY6IRdjZMQ1
    departments: {du-op: {salt: YYLmfY6IRdjZMQ1}, du-fe: {salt: own}}
";
    insta::assert_snapshot!(bad(&document(published)), @"
balefire.yml:9:11: legacy.alarm_v2.salt: this salt is printed in the original's documentation: everybody can sign; give callers a salt of your own, or set legacy.alarm_v2.allow_published_salt: true while they change over
balefire.yml:10:33: legacy.alarm_v2.departments.du-op.salt: this salt is printed in the original's documentation: everybody can sign; give callers a salt of your own, or set legacy.alarm_v2.allow_published_salt: true while they change over
");
    let allowed = format!("{published}    allow_published_salt: true\n");
    assert!(good(&document(&allowed)).plan.legacy.alarm_v2.is_some());
}

#[test]
fn a_signing_secret_is_base64_behind_its_mark_and_long_enough() {
    let wrong = "
    signing_secret: whsec_no/base64!
    departments: {du-op: {signing_secret: whsec_AAAA}, du-fe: {signing_secret: short}, du-da: {salt: x}}
";
    insta::assert_snapshot!(bad(&document(wrong)), @"
balefire.yml:9:21: legacy.alarm_v2.signing_secret: what follows whsec_ is no base64; write whsec_ and the base64 of 24 random bytes or more: openssl rand -base64 32
balefire.yml:10:43: legacy.alarm_v2.departments.du-op.signing_secret: a key of 3 bytes can be guessed; write whsec_ and the base64 of 24 random bytes or more: openssl rand -base64 32
balefire.yml:10:80: legacy.alarm_v2.departments.du-fe.signing_secret: a key of 5 bytes can be guessed; write whsec_ and the base64 of 24 random bytes or more: openssl rand -base64 32
");
    let alarm = "
    signing_secret: whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
    departments: {du-op: {signing_secret: a-text-of-at-least-24-bytes}}
";
    let alarm = good(&document(alarm)).plan.legacy.alarm_v2;
    let alarm = alarm.expect("the service");
    let key = |key: Option<&crate::legacy::SigningKey>| key.expect("a key").0.clone();
    assert_eq!(
        key(alarm.signing_key.as_ref()),
        (0..32).collect::<Vec<u8>>()
    );
    let own = alarm.departments["du-op"].signing_key.as_ref();
    assert_eq!(key(own), b"a-text-of-at-least-24-bytes");
    assert!(!format!("{alarm:?}").contains("a-text"));
}

#[test]
fn groups_are_made_through_an_account_and_each_owner_and_level_stands_once() {
    let wrong = "
    salt: own
    make_groups: true
    groups: [{owner: a, level: 3}, {owner: a, level: 3}]
";
    insta::assert_snapshot!(bad(&document(wrong)), @"balefire.yml:10:18: legacy.alarm_v2.make_groups: groups are made through the DingTalk app, and none is named; set legacy.alarm_v2.dingtalk to an account of kind dingtalk_app");
    let idle = "
    salt: own
    group_owner: chen
    group_template: t
";
    insta::assert_snapshot!(bad(&document(idle)), @"
balefire.yml:10:18: legacy.alarm_v2.group_owner: has no use while no groups are made; set make_groups: true, or take it out
balefire.yml:11:21: legacy.alarm_v2.group_template: has no use while no groups are made; set make_groups: true, or take it out
");
    let long = format!(
        "
    salt: own
    groups: [{{owner: {}, level: 3}}]
",
        "长".repeat(101)
    );
    assert!(bad(&document(&long)).contains("at most 100 characters"));
    let good_one = "
    salt: own
    dingtalk: corp
    make_groups: true
    group_template: t
    groups: [{owner: a, level: 3, chat_name: 告警群}, {owner: a, level: 3}]
";
    let loaded = good(&document(good_one));
    insta::assert_snapshot!(lines(&loaded.warnings), @"balefire.yml:13:52: legacy.alarm_v2.groups[1]: this owner and level stand here twice, and the first counts; put the people into one group");
    let alarm = loaded.plan.legacy.alarm_v2.expect("the service");
    assert_eq!(alarm.groups[0].chat_name, "告警群");
    let make = alarm.make_groups.expect("groups are made");
    assert_eq!(make.template.as_deref(), Some("t"));
}
