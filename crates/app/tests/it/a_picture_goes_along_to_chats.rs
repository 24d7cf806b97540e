//! A picture of an alert is fetched when the alert is told, and comes with its words in Slack, Discord, WeCom and Feishu,
//! whose people cannot reach the server that has it.

use balefire_testkit::simulator::Simulator;
use serde_json::json;

use super::gallery::{PNG, gallery};
use super::node::{Node, eventually};
use super::providers::simulator;

fn document(sim: &Simulator) -> String {
    let (slack, wecom, feishu) = (sim.slack_bot(), sim.wecom_app(), &sim.feishu_app().token);
    format!(
        "access: {{egress: {{strict: true, allow: [loopback]}}}}
accounts:
  slack: {{kind: slack_bot, base_url: \"{}\", token: {}}}
  guild: {{kind: discord, url: \"{}\"}}
  corp: {{kind: wecom_app, base_url: \"{url}\", corp_id: {}, secret: {}, agent_id: {}}}
  lark: {{kind: feishu_app, base_url: \"{url}\", app_id: {}, app_secret: {}}}
receivers:
- name: ops
  slack_configs: [{{account: slack, channel: C0OPS0001, images: true}}]
  discord_configs: [{{account: guild, images: true}}]
  wechat_configs: [{{account: corp, to_user: chenmin, images: true}}]
  feishu_app_configs: [{{account: lark, to_chat: oc_ops, images: true}}]
route: {{receiver: ops, group_by: [alertname], group_wait: 0s}}
",
        slack.api_url(),
        slack.token(),
        sim.chats().discord.url(),
        wecom.corp_id(),
        wecom.secret(),
        wecom.agent_id(),
        feishu.app_id(),
        feishu.app_secret(),
        url = sim.url(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_people_cannot_reach_comes_with_the_words() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    let image = format!("{}/a.png", gallery().await);
    let alert = json!({"labels": {"alertname": "Cpu"}, "annotations": {"image": image}});
    let posted = node
        .post("/api/v2/alerts", json!([alert]).to_string())
        .await;
    assert_eq!(posted, Some(200));
    eventually("Slack's thread has it", async || {
        (sim.slack_bot().files().len() == 1).then_some(())
    })
    .await;
    eventually("it is a file of Discord's message", async || {
        let received = sim.chats().discord.received();
        (received.first()?.part("files[0]") == Some(PNG)).then_some(())
    })
    .await;
    eventually("it follows in WeCom", async || {
        let received = sim.wecom_app().received();
        (received.get(1)?.json()["msgtype"] == "image").then_some(())
    })
    .await;
    eventually("it stands in Feishu's card", async || {
        let received = sim.feishu_app().message.received();
        let card = received.first()?.json()["content"].to_string();
        card.contains("img_key").then_some(())
    })
    .await;
}
