//! Ways, teams and escalations: what they compile to, and everything that is refused.

use balefire_core::severity::Severity;

use super::*;

const REST: &str = "
accounts:
  m: {kind: smtp, host: 127.0.0.1, port: 1, tls: none_loopback, from: ops@example.com}
  s: {kind: aliyun_sms, access_key_id: a, access_key_secret: b, sign_name: c, template_code: SMS_1}
receivers: [{name: ops, escalation: ops}, {name: robot}]
route: {receiver: ops}
";

#[test]
fn people_have_the_ways_that_their_addresses_fit() {
    let loaded = good(&format!(
        "{REST}
legacy: {{autocall: {{rounds: 3}}}}
ways: {{push: {{account: m, options: {{to: [duty@example.com]}}}}}}
people:
  ada: {{email: ada@example.com, phone: \"13800138001\", contact: {{error: [{{by: sms, after: 2m}}, {{by: email}}]}}}}
  bob: {{phone: \"13800138002\", quiet: {{timezone: Asia/Shanghai, hours: [{{from: \"22:00\", to: \"07:00\"}}], allow: [sms]}}}}
  cai: {{}}
teams: {{duty: {{people: [ada, bob, ada]}}}}
time_intervals: [{{name: day, time_intervals: [{{times: [{{start_time: '09:00', end_time: '18:00'}}]}}]}}]
escalations:
  ops:
    steps:
    - {{notify: [{{person: ada}}], by: [email, sms], wait: 90s}}
    - {{notify: [{{team: duty}}, {{receiver: robot}}], page: round_robin, when: {{severity: error, within: [day]}}}}
    repeat: 2
    then: last
  last: {{steps: [{{notify: [{{person: bob}}], by: voice}}]}}
"
    ));
    assert_eq!(loaded.warnings, []);
    let plan = &loaded.plan;
    let ways = |key: &str| {
        let names: Vec<&str> = plan.people[key].ways.keys().map(|way| &**way).collect();
        names.join(" ")
    };
    assert_eq!(ways("ada"), "autocall email push sms voice");
    assert_eq!(ways("bob"), "autocall push sms voice");
    assert_eq!(ways("cai"), "push");
    let voice = &plan.people["bob"].ways["voice"];
    assert_eq!((&*voice.account, voice.rings), ("/autocall", true));
    assert_eq!(
        voice.options,
        serde_json::json!({"phones": ["13800138002"], "rounds": 3})
    );
    let contacts = plan.people["ada"].rules.contacts(Severity::Critical);
    let by: Vec<&str> = contacts.iter().map(|contact| &*contact.by).collect();
    assert_eq!(by, ["email", "sms"]);
    assert_eq!(plan.teams["duty"].len(), 2);
    assert_eq!(plan.receivers[0].escalation.as_deref(), Some("ops"));
    assert!(plan.policies.get("last").is_some());
}

#[test]
fn escalations_that_cannot_be_are_named_with_their_place() {
    insta::assert_snapshot!(bad(&format!(
        "{REST}
people:
  ada: {{email: ada@example.com, contact: {{error: [{{by: sms}}, {{by: email, after: 2d}}], critical: []}}}}
  bob: {{phone: nonsense}}
  cai: {{email: cai@example.com, ways: {{bark: {{account: x}}, sms: {{}}}}, quiet: {{timezone: Nowhere/At, hours: []}}}}
teams: {{duty: {{people: [ada, bobby]}}, empty: {{people: []}}}}
ways: {{pager: {{}}, mail: {{account: q}}}}
escalations:
  ops:
    steps:
    - {{notify: [{{person: adda}}, {{team: dutty}}, {{schedule: x}}, {{receiver: robto}}], by: [smss]}}
    - {{notify: [{{person: ada, team: duty}}], wait: 1s}}
    - {{notify: [], when: {{within: [night]}}}}
    - {{notify: [{{receiver: robot}}], by: [email]}}
    needs: 3
    then: nowhere
  round: {{steps: [{{notify: [{{person: cai}}]}}], then: about, needs: 2}}
  about: {{steps: [{{notify: [{{person: cai}}]}}], then: round, repeat: 99}}
  alone: {{steps: [{{notify: [{{person: cai}}]}}], needs: 2}}
"
    )));
}

#[test]
fn a_receiver_and_an_older_service_name_an_escalation_that_there_is() {
    insta::assert_snapshot!(bad("
receivers: [{name: ops, escalation: opz}]
route: {receiver: ops}
legacy: {apptools: {escalation: dba}}
people: {ada: {email: ada@example.com}}
accounts: {m: {kind: smtp, host: 127.0.0.1, port: 1, tls: none_loopback, from: ops@example.com}}
escalations: {ops: {steps: [{notify: [{person: ada}]}]}}
"));
}

#[test]
fn what_a_step_cannot_reach_is_warned_of_and_an_unclear_way_is_asked_for() {
    let text = format!(
        "{REST}
people: {{ada: {{email: ada@example.com}}, bob: {{}}}}
escalations: {{ops: {{steps: [{{notify: [{{person: ada}}, {{person: bob}}], by: sms}}]}}}}
"
    );
    insta::assert_snapshot!(lines(&good(&text).warnings));
    let two = text.replace(
        "receivers:",
        "  t: {kind: aliyun_sms, access_key_id: a, access_key_secret: b, sign_name: c, template_code: SMS_1}\nreceivers:",
    );
    insta::assert_snapshot!(bad(&two));
}
