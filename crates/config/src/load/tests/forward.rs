//! Telephones whose calls go to whoever is on call.

use super::*;

const REST: &str = "
people: {chen: {phone: 13800138000}, li: {name: Li}}
accounts:
  sms:
    kind: aliyun_sms
    access_key_id: key
    access_key_secret: s3cret
    sign_name: 某某科技
    template_code: SMS_1
    template_params: {level: severity, title: title}
  vonage: {kind: vonage_sms, api_key: k, api_secret: s, from: Balefire}
  hook: {kind: webhook, url: \"https://example.com/\"}
receivers: [{name: ops}]
route: {receiver: ops}
schedules:
  ops:
    timezone: UTC
    layers: [{rotation: daily, starts: 2026-01-05T09:00, people: [chen, [chen, li]]}]
";

fn with(entries: &str) -> String {
    format!("{REST}    forward:\n{entries}")
}

#[test]
fn a_schedule_names_the_telephones_that_are_told() {
    let loaded = good(&with(
        "    - {account: vonage, agent: 187 0000 0000}
    - account: sms
      agent: \"+8618700000001\"
      code: \"\"
      otherwise: \"66123\"
      keyword: alertcall
      sign_units: 6
      options: {template_code: SMS_2, template_params: {command: title}}
",
    ));
    let [first, second] = &*loaded.plan.forwards else {
        panic!("{:?}", loaded.plan.forwards);
    };
    assert_eq!((&*first.schedule, &*first.account), ("ops", "vonage"));
    assert_eq!(&*first.agent, "+8618700000000");
    let dialled = |forward: &crate::forward::Forward, phone| forward.dialled(phone).ok();
    assert_eq!(
        dialled(first, "+86 138 0013 8000").as_deref(),
        Some("*7213800138000")
    );
    assert_eq!(
        dialled(second, "13800138000").as_deref(),
        Some("13800138000")
    );
    assert_eq!(dialled(second, "nobody"), None);
    assert_eq!(second.otherwise.as_deref(), Some("66123"));
    assert_eq!(
        second.options_for("13800138000"),
        serde_json::json!({
            "phones": ["13800138000"],
            "dial": {"agent": "+8618700000001", "keyword": "alertcall", "sign_units": 6},
            "template_code": "SMS_2",
            "template_params": {"command": "title"},
        })
    );
    let warnings = lines(&loaded.warnings);
    assert!(warnings.contains("li has no number"), "{warnings}");
    assert_eq!(loaded.warnings.len(), 1, "{warnings}");
}

#[test]
fn entries_that_could_not_tell_a_telephone() {
    insta::assert_snapshot!(bad(&with(
        "    - {account: vonage}
    - {account: hook, agent: \"+8618700000000\"}
    - {account: vonege, agent: \"+8618700000001\"}
    - {account: vonage, agent: 187, code: \"72|\", otherwise: nobody}
    - {account: sms, agent: \"+8618700000002\"}
    - {account: sms, agent: \"+8618700000003\", options: {template_cod: SMS_2, phones: [\"1\"]}}
    - {account: vonage, agent: \"+8618700000004\", keyword: \"auto call\", sign_units: 41, options: x}
    - {account: vonage, agent: \"+8618700000005\"}
    - {account: vonage, agent: 18700000005}
"
    )), @r#"
balefire.yml:20:7: schedules.ops.forward[0]: the key "agent" is missing; it says: the number of the telephone that obeys text messages; its calls are forwarded
balefire.yml:21:17: schedules.ops.forward[1].account: the account "hook" is of kind webhook; an account of text messages goes here
balefire.yml:22:17: schedules.ops.forward[2].account: no account is named "vonege"; did you mean "vonage"?
balefire.yml:23:32: schedules.ops.forward[3].agent: "187" is no telephone number of its country's plan; write the number of the telephone that dials, as text: "+8613800138000"
balefire.yml:23:43: schedules.ops.forward[3].code: "72|" is no code that a telephone dials before a number; write a code such as "*72", or "" to call whoever is on call
balefire.yml:23:61: schedules.ops.forward[3].otherwise: "nobody" is no telephone number: only digits, blanks and + - ( ) . may stand there; write a number that can be called, as "+8613800138000"
balefire.yml:24:7: schedules.ops.forward[4].options: template_params: a command is the whole value of a template's only variable; name a template with one variable, and write template_params: {NAME: title}
balefire.yml:25:57: schedules.ops.forward[5].options.template_cod: unknown key for an account of kind aliyun_sms; did you mean "template_code"?
balefire.yml:25:78: schedules.ops.forward[5].options.phones: unknown key for an account of kind aliyun_sms; known: param_limit, sign_name, template_code, template_params
balefire.yml:26:84: schedules.ops.forward[6].sign_units: 41 is too large; the most is 40
balefire.yml:26:97: schedules.ops.forward[6].options: is no mapping; write {template_code: SMS_1}
balefire.yml:28:32: schedules.ops.forward[8].agent: this telephone is told by another entry, too, and the two would undo each other; name each telephone once
"#);
}
