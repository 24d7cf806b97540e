//! Text messages that have a telephone dial.

use super::*;

const ACCOUNTS: &str = "
accounts:
  sms:
    kind: aliyun_sms
    access_key_id: key
    access_key_secret: s3cret
    sign_name: 某某科技
    template_code: SMS_1
    template_params: {level: severity, title: title}
  vonage: {kind: vonage_sms, api_key: k, api_secret: s, from: Balefire}
";

fn targets(loaded: &Loaded, entry: usize) -> Vec<String> {
    let channel = &loaded.plan.receivers[0].integrations[entry].channel;
    let targets = channel.targets();
    targets.iter().map(|t| t.address.to_string()).collect()
}

#[test]
fn an_entry_names_who_is_dialled_and_tells_no_ends() {
    let loaded = good(&format!(
        "{ACCOUNTS}
receivers:
- name: ops
  aliyun_sms_configs:
  - account: sms
    phones: [\"+8618712345678\", \"*7213900139000\"]
    dial: {{agent: \"+8618700000000\", keyword: alertcall}}
    template_code: SMS_2
    template_params: {{command: title}}
  - {{account: sms, phones: 18712345678}}
route: {{receiver: ops}}
"
    ));
    assert_eq!(targets(&loaded, 0), ["18712345678", "*7213900139000"]);
    assert_eq!(targets(&loaded, 1), ["+8618712345678"]);
    let ends = |entry: usize| loaded.plan.receivers[0].integrations[entry].send_resolved;
    assert_eq!((ends(0), ends(1)), (false, true));
}

#[test]
fn options_of_a_direct_message_may_ask_for_it() {
    let document = format!("{ACCOUNTS}receivers: [{{name: a}}]\nroute: {{receiver: a}}\n");
    let loaded = good(&document);
    let open = |options| (loaded.plan.accounts["vonage"].open)(&options);
    let options =
        serde_json::json!({"phones": ["*7218712345678"], "dial": {"agent": "+8618700000000"}});
    let channel = open(options).expect("a channel");
    assert_eq!(&*channel.targets()[0].address, "*7218712345678");
    let options = serde_json::json!({"phones": ["*7218712345678"], "dial": {"agnet": "1"}});
    let problems = open(options).err().expect("problems");
    let keys: Vec<&str> = problems
        .iter()
        .map(|problem| problem.key.as_str())
        .collect();
    assert_eq!(keys, ["dial.agnet", "dial.agent"]);
}

#[test]
fn entries_that_could_not_have_anything_dialled() {
    insta::assert_snapshot!(bad(&format!(
        "{ACCOUNTS}
receivers:
- name: ops
  aliyun_sms_configs:
  - {{account: sms, phones: 18712345678, dial: {{agent: \"+8618700000000\"}}}}
  vonage_sms_configs:
  - {{account: vonage, phones: 18712345678, dial: {{agent: \"+8618700000000\"}}, send_resolved: true}}
  - {{account: vonage, phones: 18712345678, dial: {{agent: 187000}}}}
  - {{account: vonage, phones: \"1|2\", dial: {{agent: \"+8618700000000\", keyword: \"auto call\", sign_units: 40}}}}
  - {{account: vonage, phones: 18712345678, dial: {{}}}}
  slack_configs:
  - {{api_url: \"https://hooks.slack.com/x\", dial: {{agent: \"+8618700000000\"}}}}
route: {{receiver: ops}}
"
    )), @r#"
balefire.yml:15:5: receivers[0].aliyun_sms_configs[0].template_params: a command is the whole value of a template's only variable; name a template with one variable, and write template_params: {NAME: title}
balefire.yml:17:92: receivers[0].vonage_sms_configs[0].send_resolved: a telephone that dials would call people for what is over; leave it out, and tell the end by another way
balefire.yml:18:58: receivers[0].vonage_sms_configs[1].dial.agent: "187000" is no telephone number of its country's plan; write the number of the telephone that dials, as text: "+8613800138000"
balefire.yml:19:31: receivers[0].vonage_sms_configs[2].phones: "1|2" is no telephone number: only digits, blanks and + - ( ) . may stand there; write the number as it is dialled: "13800138000", "+442079460958", "66123" or "*7213800138000"
balefire.yml:19:79: receivers[0].vonage_sms_configs[2].dial.keyword: is no keyword; write the word the app waits for: up to 16 letters and digits, such as autocall
balefire.yml:20:50: receivers[0].vonage_sms_configs[3].dial: the key "agent" is missing; it says: the number of the telephone that dials; the messages go to it
balefire.yml:22:44: receivers[0].slack_configs[0].dial: unknown key
"#);
}
