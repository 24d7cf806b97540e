//! The three paths that the push service had only planned, and AppTools' `/sendsms`, reach telephones through the
//! simulated Alibaba Cloud and DingTalk.

use balefire_testkit::provider::aliyun::{
    COMMAND, COMMAND_TEMPLATE, KEY_ID, KEY_SECRET, SHOWN_NUMBER, SIGN_NAME, TTS_TEMPLATE,
};
use balefire_testkit::received::{Received, Verdict};
use balefire_testkit::simulator::Simulator;
use serde_json::{Value, json};

use super::ask;
use super::node::Node;
use super::providers::simulator;

fn document(sim: &Simulator) -> String {
    let (app, api) = (sim.dingtalk_app(), sim.aliyun().api_url());
    format!(
        "
accounts:
  sms: {{kind: aliyun_sms, api_url: \"{api}\", access_key_id: {KEY_ID}, access_key_secret: {KEY_SECRET},
    sign_name: {SIGN_NAME}, template_code: {COMMAND_TEMPLATE}, template_params: {{{COMMAND}: text}}}}
  calls: {{kind: aliyun_voice, api_url: \"{api}\", access_key_id: {KEY_ID}, access_key_secret: {KEY_SECRET},
    called_show_number: \"{SHOWN_NUMBER}\", template_code: {TTS_TEMPLATE},
    template_params: {{title: title, level: severity, summary: text}}}}
  corp: {{kind: dingtalk_app, base_url: \"{}\", client_id: {}, client_secret: {}, agent_id: {}}}
receivers: [{{name: inbox, inbox_configs: [{{}}]}}]
route: {{receiver: inbox}}
legacy:
  push: {{ding: corp, sms: sms, voice: calls}}
  apptools: {{sms: sms}}
",
        sim.url(),
        app.token.client_id(),
        app.token.client_secret(),
        app.notice.agent_id(),
    )
}

/// The fields of each call that Alibaba Cloud took.
fn taken(sim: &Simulator) -> Vec<Value> {
    let fields = |call: &Received| {
        let query = String::from_utf8_lossy(&call.body).into_owned();
        let form = reqwest::Url::parse(&format!("http://127.0.0.1/?{query}")).expect("a form");
        form.query_pairs()
            .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
            .collect::<Value>()
    };
    let calls = sim.aliyun().received();
    calls.iter().map(fields).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_paths_that_were_only_planned_reach_telephones() {
    let sim = simulator().await;
    sim.dingtalk_app().org.set_people(&["u1"]);
    sim.dingtalk_app().org.set_mobile("13800138000", "u1");
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    let post =
        async |path: &str, body: Value| ask::post(&node, path, ask::JSON, body.to_string()).await;

    let sms = json!({"mobiles": ["13800138000"], "content": "db-1 磁盘 95%"});
    assert_eq!(post("/sms/send", sms).await, (200, json!({"code": 0})));
    let call = json!({"mobiles": "13900139000", "content": "db-1 磁盘 95%"});
    assert_eq!(post("/vms/send", call).await, (200, json!({"code": 0})));
    let (text, call) = match taken(&sim).as_slice() {
        [text, call] => (text.clone(), call.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(text["PhoneNumbers"], "13800138000");
    let variables = text["TemplateParam"].as_str().expect("variables");
    assert!(variables.contains("db-1"), "{variables}");
    assert_eq!(call["CalledNumber"], "13900139000");

    let ding = json!({"mobiles": ["13800138000"], "content": "db-1 磁盘 95%"});
    assert_eq!(
        post("/dingding/call", ding).await,
        (200, json!({"code": 0}))
    );
    let told = sim.dingtalk_app().robot.requests();
    let told: Vec<Value> = told
        .iter()
        .filter(|request| request.verdict == Verdict::Accepted)
        .map(Received::json)
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["remindType"], 3, "by a phone call");
    assert_eq!(told[0]["receiverUserIdList"], json!(["u1"]));
    for path in ["/sms/send", "/vms/send", "/dingding/call"] {
        let (status, said) = post(path, json!({"content": "x"})).await;
        assert_eq!((status, &said["code"]), (200, &json!(1)), "{path}");
    }
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tool_boxs_text_messages_are_answered_with_the_providers_own_words() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    let text_to = async |phone: &str| {
        let body = json!({"msg": "db-1 磁盘 95%", "phone": phone}).to_string();
        ask::post(&node, "/sendsms", ask::JSON, body).await.1
    };
    let sent = text_to("13800138000,13900139000").await;
    assert_eq!(
        (&sent["status"], &sent["msg"]),
        (&json!(0), &json!("短信发送成功"))
    );
    assert_eq!(sent["data"]["Code"], "OK", "{sent}");
    sim.aliyun().refuse_number("13800138000");
    let refused = text_to("13800138000").await;
    assert_eq!(
        (&refused["status"], &refused["msg"]),
        (&json!(-3), &json!("短信发送失败"))
    );
    assert!(
        !refused["data"]["Message"]
            .as_str()
            .expect("words")
            .is_empty()
    );
    node.kill().await;
}
