//! The demo's configuration: every channel, pointed at the simulated providers.

use balefire_testkit::simulator::Simulator;
use balefire_testkit::smtp::SmtpSim;

/// The document, as a user could have written it.
pub(crate) fn document(sim: &Simulator, mail: &SmtpSim) -> String {
    let (dingtalk, wecom, slack) = (sim.dingtalk(), sim.wecom_app(), sim.slack_bot());
    format!(
        r#"# The demo's document. The providers are simulated: look at {simulator}
server:
  locale: en
accounts:
  ops-robot:   {{kind: dingtalk_robot, url: "{dingtalk_url}", secret: "{dingtalk_secret}"}}
  corp-wecom:  {{kind: wecom_app, base_url: "{wecom_url}", corp_id: "{corp_id}", secret: "{corp_secret}", agent_id: {agent_id}}}
  team-robot:  {{kind: wecom_robot, url: "{wecom_robot}"}}
  platform-bot: {{kind: feishu_robot, url: "{feishu_url}", secret: "{feishu_secret}"}}
  slack:       {{kind: slack_bot, base_url: "{slack_url}", token: "{slack_token}"}}
  discord:     {{kind: discord, url: "{discord_url}"}}
  teams:       {{kind: teams, url: "{teams_url}"}}
  rooms:       {{kind: mattermost, url: "{mattermost_url}"}}
  space:       {{kind: googlechat, url: "{googlechat_url}"}}
  gateway:     {{kind: http, url: "{gateway_url}", body: '{{"text": "{{{{ title }}}}", "to": "{{{{ params.to }}}}"}}', success_pointer: /status, success_values: ok}}
  mail:        {{kind: smtp, host: "{mail_host}", port: {mail_port}, tls: none_loopback, from: "balefire@example.com"}}
receivers:
- name: everything
  inbox_configs: [{{}}]
- name: critical
  dingtalk_configs: [{{account: ops-robot}}]
  wechat_configs: [{{account: corp-wecom, to_user: chenmin, send_resolved: true}}]
  email_configs: [{{account: mail, to: ops@example.com, send_resolved: true}}]
  fallback: team
- name: platform
  feishu_configs: [{{account: platform-bot}}]
- name: abroad
  discord_configs: [{{account: discord}}]
  msteamsv2_configs: [{{account: teams}}]
  mattermost_configs: [{{account: rooms}}]
  googlechat_configs: [{{account: space}}]
  http_configs: [{{account: gateway, params: {{to: on-call}}}}]
- name: team
  slack_configs: [{{account: slack, channel: C0OPSALERTS, send_resolved: true}}]
  wecom_robot_configs: [{{account: team-robot}}]
route:
  receiver: team
  group_by: [alertname, cluster]
  group_wait: 2s
  group_interval: 15s
  repeat_interval: 4h
  routes:
  - {{receiver: everything, continue: true, group_wait: 0s}}
  - {{receiver: abroad, continue: true}}
  - {{matchers: [severity="critical"], receiver: critical}}
  - {{matchers: [team=~"network|platform|payments"], receiver: platform, continue: true}}
  - {{receiver: team}}
inhibit_rules:
- {{source_matchers: [severity="critical"], target_matchers: [severity="warning"], equal: [alertname, instance]}}
sources:
  grafana: {{kind: grafana}}
  zabbix:  {{kind: zabbix, timezone: Asia/Shanghai}}
"#,
        simulator = sim.url(),
        dingtalk_url = dingtalk.url(),
        dingtalk_secret = dingtalk.secret(),
        wecom_url = wecom.base_url(),
        corp_id = wecom.corp_id(),
        corp_secret = wecom.secret(),
        agent_id = wecom.agent_id(),
        wecom_robot = sim.wecom_robot().url(),
        feishu_url = sim.feishu().url(),
        feishu_secret = sim.feishu().secret(),
        slack_url = slack.api_url(),
        slack_token = slack.token(),
        discord_url = sim.chats().discord.url(),
        teams_url = sim.chats().teams.url(),
        mattermost_url = sim.chats().mattermost.url(),
        googlechat_url = sim.chats().googlechat.url(),
        gateway_url = sim.webhook().url("gateway"),
        mail_host = mail.host(),
        mail_port = mail.port(),
    )
}
