//! One account at each simulated provider.

use std::sync::Arc;

use balefire_engine::clock::SystemClock;
use balefire_testkit::simulator::Simulator;

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
