//! One account at each simulated provider.

use std::sync::Arc;

use balefire_engine::clock::SystemClock;
use balefire_testkit::provider::aliyun::COMMAND;
use balefire_testkit::simulator::Simulator;
use serde_json::Value;

/// Simulated providers on the real time, which signatures need, and without the vendors' rate limits.
pub(crate) async fn simulator() -> Simulator {
    let builder = Simulator::builder()
        .clock(Arc::new(SystemClock))
        .unlimited();
    builder.start().await.expect("simulator")
}

/// The `accounts:` of a document: `ding`, `robot` and `app` at WeCom, `feishu`, `slack`, `hook`.
pub(crate) fn accounts(sim: &Simulator) -> String {
    format!(
        r#"
accounts:
  ding: {{kind: dingtalk_robot, url: "{}", secret: "{}"}}
  robot: {{kind: wecom_robot, url: "{}"}}
  app: {{kind: wecom_app, base_url: "{}", corp_id: "{}", secret: "{}", agent_id: {}}}
  feishu: {{kind: feishu_robot, url: "{}", secret: "{}"}}
  slack: {{kind: slack_webhook, url: "{}"}}
  hook: {{kind: webhook, url: "{}"}}
"#,
        sim.dingtalk().url(),
        sim.dingtalk().secret(),
        sim.wecom_robot().url(),
        sim.wecom_app().base_url(),
        sim.wecom_app().corp_id(),
        sim.wecom_app().secret(),
        sim.wecom_app().agent_id(),
        sim.feishu().url(),
        sim.feishu().secret(),
        sim.slack_hook().url(),
        sim.webhook().url("told"),
    )
}

/// What a telephone that dials by text message got: the number it went to, and the command.
pub(crate) fn commands(sim: &Simulator) -> Vec<(String, String)> {
    let command = |body: &[u8]| {
        let form = format!("http://127.0.0.1/?{}", String::from_utf8_lossy(body));
        let form = reqwest::Url::parse(&form).expect("a form");
        let field = |name: &str| {
            let found = form.query_pairs().find(|(key, _)| key == name);
            found
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        let variables: Value = serde_json::from_str(&field("TemplateParam")).expect("JSON");
        let command = variables[COMMAND].as_str().expect("a text").to_owned();
        (field("PhoneNumbers"), command)
    };
    let received = sim.aliyun().received();
    received.iter().map(|call| command(&call.body)).collect()
}
