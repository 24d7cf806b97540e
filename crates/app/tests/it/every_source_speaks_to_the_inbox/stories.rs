//! What each sender posts, and what is to come of it.

/// One payload, and which of the sender's alerts begin (`+`) and end (`-`) with it, as
/// `name [label=value …] since time`.
pub(super) struct Step {
    pub(super) fixture: &'static str,
    pub(super) news: &'static [&'static str],
}

/// A configured source, its token, and what its sender posts in this order.
pub(super) struct Story {
    pub(super) source: &'static str,
    pub(super) token: &'static str,
    pub(super) steps: &'static [Step],
}

const fn step(fixture: &'static str, news: &'static [&'static str]) -> Step {
    Step { fixture, news }
}

/// What the mapping of the source `mapped` is for.
const RED: &str = r#"{"problems": [{"nr": 7, "check": {"name": "disk", "verdict": "red"}, "where": "db-1", "since": "2026-03-04 10:15:00"}]}"#;
const GREEN: &str = r#"{"problems": [{"nr": 7, "check": {"name": "disk", "verdict": "green"}}]}"#;

pub(super) const DOCUMENT: &str = r#"
server: {timezone: Asia/Shanghai}
sources:
  prom: {kind: prometheus, token: prom-0123456789abcdef, labels: {via: prom}}
  am: {kind: alertmanager, token: am-0123456789abcdef, labels: {via: am}}
  graf: {kind: grafana, token: graf-0123456789abcdef, labels: {via: graf}}
  graf-legacy: {kind: grafana, labels: {via: graf-legacy}}
  zbx: {kind: zabbix, token: zbx-0123456789abcdef, labels: {via: zbx}}
  zbx-berlin: {kind: zabbix, timezone: Europe/Berlin, labels: {via: zbx-berlin}}
  kuma: {kind: uptime_kuma, token: kuma-0123456789abcdef, labels: {via: kuma}}
  aliyun: {kind: aliyun_cms, token: aliyun-0123456789abcdef, labels: {via: aliyun}}
  aliyun-json: {kind: aliyun_cms, labels: {via: aliyun-json}}
  tencent: {kind: tencent_monitor, token: tencent-0123456789abcdef, labels: {via: tencent}}
  volc: {kind: volcengine, token: volc-0123456789abcdef, labels: {via: volc}}
  pa:
    kind: prometheusalert
    token: pa-0123456789abcdef
    labels: {via: pa}
    robots: {ops: "https://oapi.dingtalk.com/robot/send?access_token=example"}
  pd: {kind: pagerduty_events, token: pd-0123456789abcdef, labels: {via: pd}}
  og: {kind: opsgenie, token: opsgenie-0123456789abcdef, labels: {via: og}}
  slack: {kind: slack_incoming, token: slack-0123456789abcdef, labels: {via: slack}}
  ntfy: {kind: ntfy, token: ntfy-0123456789abcdef, labels: {via: ntfy}}
  gotify: {kind: gotify, token: gotify-0123456789abcdef, labels: {via: gotify}}
  apprise: {kind: apprise_api, token: apprise-0123456789abcdef, labels: {via: apprise}}
  sls: {kind: aliyun_sls, token: sls-0123456789abcdef, labels: {via: sls}}
  sns: {kind: aws_sns, token: sns-0123456789abcdef, signature: false, labels: {via: sns}}
  smn: {kind: huawei_smn, token: smn-0123456789abcdef, signature: false, labels: {via: smn}}
  azure: {kind: azure_monitor, token: azure-0123456789abcdef, labels: {via: azure}}
  gcp: {kind: gcp_monitoring, token: gcp-0123456789abcdef, labels: {via: gcp}}
  n9e: {kind: nightingale, token: n9e-0123456789abcdef, labels: {via: n9e}}
  falcon: {kind: open_falcon, token: falcon-0123456789abcdef, labels: {via: falcon}}
  sentry: {kind: sentry, token: sentry-0123456789abcdef, labels: {via: sentry}}
  datadog: {kind: datadog, token: datadog-0123456789abcdef, labels: {via: datadog}}
  kibana: {kind: kibana, token: kibana-0123456789abcdef, labels: {via: kibana}}
  elast: {kind: elastalert, token: elast-0123456789abcdef, labels: {via: elast}}
  jenkins: {kind: jenkins, token: jenkins-0123456789abcdef, labels: {via: jenkins}}
  gitlab: {kind: gitlab, token: gitlab-0123456789abcdef, labels: {via: gitlab}}
  github: {kind: github, token: github-0123456789abcdef, labels: {via: github}}
  mail: {kind: mail, token: mail-0123456789abcdef, labels: {via: mail}}
  ce: {kind: cloudevents, token: ce-0123456789abcdef, labels: {via: ce}}
  ce-binary: {kind: cloudevents, labels: {via: ce-binary}}
  gen: {kind: generic, token: gen-0123456789abcdef, labels: {via: gen}}
  mapped:
    kind: generic
    labels: {via: mapped}
    items: /problems
    map:
      title: "{/check/name} on {/where}"
      status: /check/verdict
      key: /nr
      starts_at: /since
      labels: {where: /where}
    firing: [red]
    resolved: [green]
  words: {kind: text, token: words-0123456789abcdef, labels: {via: words}}
  any: {kind: inbox, token: any-0123456789abcdef, labels: {via: any}}
receivers:
- name: inbox
  inbox_configs: [{}]
  webhook_configs: [{url: "HOOK"}]
route: {receiver: inbox, group_by: ["..."], group_wait: 0s, group_interval: 1s}
"#;

#[rustfmt::skip]
pub(super) const STORIES: &[Story] = &[
    Story { source: "prom", token: "prom-0123456789abcdef", steps: &[
        step("prometheus/post_alerts_firing.json", &[
            "+ InstanceDown [cluster=sh-prod-1 instance=10.0.4.11:9100 job=node severity=critical team=infra] since 2026-03-04T02:15:00.123Z",
            "+ InstanceDown [cluster=sh-prod-1 instance=10.0.4.12:9100 job=node severity=critical team=infra] since 2026-03-04T02:15:00.123Z",
        ]),
        step("prometheus/post_alerts_resolved.json", &[
            "- InstanceDown [cluster=sh-prod-1 instance=10.0.4.11:9100 job=node severity=critical team=infra] since 2026-03-04T02:15:00.123Z",
        ]),
        step("prometheus/post_alerts_minimal.json", &[
            "+ ManualTest [severity=info] since now",
        ]),
        step("prometheus/post_alerts_partly_invalid.json", &[
            "+ Ok [severity=info] since now",
        ]),
    ] },
    Story { source: "am", token: "am-0123456789abcdef", steps: &[
        step("alertmanager/empty_group_labels.json", &[
            "+ InstanceDown [cluster=sh-prod-1 instance=10.0.4.11:9100 job=node severity=critical team=infra] since 2026-03-04T02:15:00.123Z",
        ]),
        step("alertmanager/firing.json", &[
            "+ InstanceDown [cluster=sh-prod-1 instance=10.0.4.12:9100 job=node severity=critical team=infra] since 2026-03-04T02:15:00.123Z",
        ]),
        step("alertmanager/mixed_partial_resolve.json", &[
            "- InstanceDown [cluster=sh-prod-1 instance=10.0.4.12:9100 job=node severity=critical team=infra] since 2026-03-04T02:15:00.123Z",
        ]),
        step("alertmanager/resolved.json", &[
            "- InstanceDown [cluster=sh-prod-1 instance=10.0.4.11:9100 job=node severity=critical team=infra] since 2026-03-04T02:15:00.123Z",
        ]),
    ] },
    Story { source: "graf", token: "graf-0123456789abcdef", steps: &[
        step("grafana/unified_firing.json", &[
            "+ High CPU usage [grafana_folder=infra team=blue zone=eu-1] since 2026-03-04T02:15:00.000Z",
            "+ High CPU usage [grafana_folder=infra team=blue zone=us-1] since 2026-03-04T02:15:00.000Z",
        ]),
        step("grafana/unified_resolved.json", &[
            "- High CPU usage [grafana_folder=infra team=blue zone=us-1] since 2026-03-04T02:15:00.000Z",
        ]),
    ] },
    Story { source: "graf-legacy", token: "", steps: &[
        step("grafana/legacy_no_data.json", &[
            "+ Checkout latency alert [org_id=1 rule_id=88 severity=critical team=payments] since now",
        ]),
        step("grafana/legacy_alerting.json", &[]),
        step("grafana/legacy_ok.json", &[
            "- Checkout latency alert [org_id=1 rule_id=88 severity=critical team=payments] since now",
        ]),
    ] },
    Story { source: "zbx", token: "zbx-0123456789abcdef", steps: &[
        step("zabbix/problem.json", &[
            "+ High CPU utilization on web-01 [component=cpu host=web-01 scope=performance severity=critical trigger_id=16199] since 2026-03-04T02:15:00.000Z",
        ]),
        step("zabbix/update_acknowledged.json", &[]),
        step("zabbix/resolved.json", &[
            "- High CPU utilization on web-01 [component=cpu host=web-01 scope=performance severity=critical trigger_id=16199] since 2026-03-04T02:15:00.000Z",
        ]),
    ] },
    Story { source: "zbx-berlin", token: "", steps: &[
        step("zabbix/problem.json", &[
            "+ High CPU utilization on web-01 [component=cpu host=web-01 scope=performance severity=critical trigger_id=16199] since 2026-03-04T09:15:00.000Z",
        ]),
    ] },
    Story { source: "kuma", token: "kuma-0123456789abcdef", steps: &[
        step("uptime_kuma/down.json", &[
            "+ api-prod [env=prod monitor_id=7 severity=error type=http] since 2026-03-04T02:15:01.123Z",
        ]),
        step("uptime_kuma/up.json", &[
            "- api-prod [env=prod monitor_id=7 severity=error type=http] since 2026-03-04T02:15:01.123Z",
        ]),
        step("uptime_kuma/test.json", &[
            "+ gateway Testing [severity=info] since now",
        ]),
    ] },
    Story { source: "aliyun", token: "aliyun-0123456789abcdef", steps: &[
        step("aliyun_cms/callback_alert.form.txt", &[
            "+ 基础监控-ECS-CPU使用率 [group=prod-web instance=web-01 instanceId=i-bp1example metric=cpu_total namespace=acs_ecs_dashboard region=cn-hangzhou rule_id=applyTemplateee147e59-664f-4033-a1be-e9595746 severity=warning] since 2026-03-04T02:15:00.000Z",
        ]),
        step("aliyun_cms/callback_ok.form.txt", &[
            "- 基础监控-ECS-CPU使用率 [group=prod-web instance=web-01 instanceId=i-bp1example metric=cpu_total namespace=acs_ecs_dashboard region=cn-hangzhou rule_id=applyTemplateee147e59-664f-4033-a1be-e9595746 severity=warning] since 2026-03-04T02:15:00.000Z",
        ]),
        step("aliyun_cms/callback_insufficient_data.form.txt", &[
            "+ 基础监控-ECS-CPU使用率 [group=prod-web instance=web-01 instanceId=i-bp1example metric=cpu_total namespace=acs_ecs_dashboard reason=insufficient_data region=cn-hangzhou rule_id=applyTemplateee147e59-664f-4033-a1be-e9595746 severity=warning] since 2026-03-04T02:23:20.000Z",
        ]),
        step("aliyun_cms/system_event_legacy.json", &[
            "+ Instance:SystemFailure.Reboot [instance=web-01 product=ECS region=cn-hangzhou resource=acs:ecs:cn-hangzhou:1200000000000000:instance/i-bp1example severity=critical] since 2026-03-04T02:15:00.000Z",
        ]),
    ] },
    Story { source: "aliyun-json", token: "", steps: &[
        step("aliyun_cms/callback_alert.json", &[
            "+ 基础监控-ECS-CPU使用率 [group=prod-web instance=web-01 instanceId=i-bp1example metric=cpu_total namespace=acs_ecs_dashboard region=cn-hangzhou rule_id=applyTemplateee147e59-664f-4033-a1be-e9595746 severity=warning] since 2026-03-04T02:15:00.000Z",
        ]),
        step("aliyun_cms/callback_ok.json", &[
            "- 基础监控-ECS-CPU使用率 [group=prod-web instance=web-01 instanceId=i-bp1example metric=cpu_total namespace=acs_ecs_dashboard region=cn-hangzhou rule_id=applyTemplateee147e59-664f-4033-a1be-e9595746 severity=warning] since 2026-03-04T02:15:00.000Z",
        ]),
    ] },
    Story { source: "tencent", token: "tencent-0123456789abcdef", steps: &[
        step("tencent_monitor/metric_alarm.json", &[
            "+ 磁盘利用率 [instance=ins-4ap7abk6 instance_name=web-01 metric=disk_usage namespace=qce/cvm policy=cvm-disk policy_type=cvm_device region=gz] since 2026-03-04T02:15:00.000Z",
        ]),
        step("tencent_monitor/event_alarm.json", &[
            "+ ping不可达 [event=ping_unreachable instance=ins-7hw5sju6 instance_name=web-02 policy=cvm-event policy_type=cvm_device region=gz] since 2026-03-04T02:15:24.000Z",
        ]),
        step("tencent_monitor/metric_resolved.json", &[
            "- 磁盘利用率 [instance=ins-4ap7abk6 instance_name=web-01 metric=disk_usage namespace=qce/cvm policy=cvm-disk policy_type=cvm_device region=gz] since 2026-03-04T02:15:00.000Z",
        ]),
        step("tencent_monitor/event_resolved.json", &[
            "- ping不可达 [event=ping_unreachable instance=ins-7hw5sju6 instance_name=web-02 policy=cvm-event policy_type=cvm_device region=gz] since 2026-03-04T02:15:24.000Z",
        ]),
    ] },
    Story { source: "volc", token: "volc-0123456789abcdef", steps: &[
        step("volcengine/metric_alarm.json", &[
            "+ CPU 使用率过高 [ResourceID=i-ybx1 account=2100000001 namespace=VCM_ECS region=cn-beijing resource=i-ybx1 resource_name=web-1 rule_id=1787410000000000001 severity=critical sub_namespace=Instance] since 2026-03-04T02:15:00.000Z",
            "+ CPU 使用率过高 [ResourceID=i-ybx2 account=2100000001 namespace=VCM_ECS region=cn-beijing resource=i-ybx2 resource_name=web-2 rule_id=1787410000000000001 severity=critical sub_namespace=Instance] since 2026-03-04T02:15:00.000Z",
        ]),
        step("volcengine/no_data.json", &[
            "+ CPU 使用率过高: no data [ResourceID=i-ybx1 account=2100000001 namespace=VCM_ECS region=cn-beijing resource=i-ybx1 resource_name=web-1 rule_id=1787410000000000001 severity=critical sub_namespace=Instance] since 2026-03-04T02:15:00.000Z",
        ]),
        step("volcengine/metric_resolved.json", &[
            "- CPU 使用率过高 [ResourceID=i-ybx1 account=2100000001 namespace=VCM_ECS region=cn-beijing resource=i-ybx1 resource_name=web-1 rule_id=1787410000000000001 severity=critical sub_namespace=Instance] since 2026-03-04T02:15:00.000Z",
        ]),
        step("volcengine/no_data_recovered.json", &[
            "- CPU 使用率过高: no data [ResourceID=i-ybx1 account=2100000001 namespace=VCM_ECS region=cn-beijing resource=i-ybx1 resource_name=web-1 rule_id=1787410000000000001 severity=critical sub_namespace=Instance] since 2026-03-04T02:15:00.000Z",
        ]),
        step("volcengine/event.json", &[
            "+ ecs:Disk:DiskError.Reboot:Executing [account=2100000001 instance=i-ybx1 project=default region=cn-beijing severity=critical source=vcm.ecs] since 2026-03-04T02:15:00.000Z",
        ]),
        step("volcengine/event_details_as_text.json", &[
            "+ rds:Failover [account=2100000001 region=ap-southeast-1 source=vcm.rds] since 2026-03-04T02:15:00.000Z",
        ]),
    ] },
    Story { source: "pa", token: "pa-0123456789abcdef", steps: &[
        step("prometheusalert/alertmanager.http", &[
            "+ InstanceDown [instance=10.0.4.11:9100 pa_robot=ops pa_tpl=prometheus-dd pa_type=dd] since 2026-03-04T02:15:00.000Z",
        ]),
        step("prometheusalert/raw_json.http", &[
            "+ DiskFull [host=db-01 pa_email=ops@example.com,dba@example.com pa_tpl=raw pa_type=email severity=critical] since now",
        ]),
    ] },
    Story { source: "pd", token: "pd-0123456789abcdef", steps: &[
        step("pagerduty_events/trigger.json", &[
            "+ disk [class=disk component=mysql dedup_key=disk/db-01 group=prod-db severity=critical source=db-01.example.com] since 2026-03-04T02:15:00.000Z",
        ]),
        step("pagerduty_events/acknowledge.json", &[]),
        step("pagerduty_events/resolve.json", &[
            "- disk [class=disk component=mysql dedup_key=disk/db-01 group=prod-db severity=critical source=db-01.example.com] since 2026-03-04T02:15:00.000Z",
        ]),
        step("pagerduty_events/change.http", &[]),
        step("pagerduty_events/v2_without_key.http", &[
            "+ backup of db-02 failed [severity=warning source=db-02] since now",
        ]),
        step("pagerduty_events/v1_trigger.http", &[
            "+ FAILURE for production/HTTP on machine srv01.acme.com [dedup_key=srv01/HTTP host=srv01] since now",
        ]),
        step("pagerduty_events/v1_resolve.http", &[
            "- FAILURE for production/HTTP on machine srv01.acme.com [dedup_key=srv01/HTTP host=srv01] since now",
        ]),
    ] },
    Story { source: "og", token: "opsgenie-0123456789abcdef", steps: &[
        step("opsgenie/create.http", &[
            "+ [sh-prod-1] DiskFull db-01 [alias=disk/db-01 entity=db-01.example.com host=db-01 responders=dba,chenmin@example.com severity=critical source=Alertmanager tags=disk,prod] since now",
        ]),
        step("opsgenie/create_again.http", &[]),
        step("opsgenie/acknowledge.http", &[]),
        step("opsgenie/note.http", &[]),
        step("opsgenie/close.http", &[
            "- [sh-prod-1] DiskFull db-01 [alias=disk/db-01 entity=db-01.example.com host=db-01 responders=dba,chenmin@example.com severity=critical source=Alertmanager tags=disk,prod] since now",
        ]),
        step("opsgenie/jsm_minimal.http", &[
            "+ backup of db-02 failed [] since now",
        ]),
    ] },
    Story { source: "slack", token: "slack-0123456789abcdef", steps: &[
        step("slack_incoming/attachments.json", &[
            "+ DiskFull [channel=#ops host=db-01 severity=critical] since now",
        ]),
        step("slack_incoming/resolved.json", &[
            "- DiskFull [channel=#ops host=db-01 severity=critical] since now",
        ]),
        step("slack_incoming/blocks.json", &[
            "+ DiskFull db-01 [] since now",
        ]),
        step("slack_incoming/text.json", &[
            "+ CRITICAL db-01 disk 97% dashboard [] since now",
        ]),
        step("slack_incoming/payload.form.txt", &[
            "+ disk 97% on db-01 [channel=#ops] since now",
        ]),
        step("slack_incoming/mattermost.json", &[
            "+ Backup of db-02 failed [channel=town-square severity=error] since now",
        ]),
    ] },
    Story { source: "ntfy", token: "ntfy-0123456789abcdef", steps: &[
        step("ntfy/put.http", &[
            "+ Disk full [severity=critical tags=rotating_light,db-01 topic=ops] since now",
        ]),
        step("ntfy/json.http", &[
            "+ 磁盘已满 [severity=error tags=warning,db-01 topic=ops] since now",
        ]),
        step("ntfy/encoded_title.http", &[
            "- 磁盘已满 [severity=error tags=warning,db-01 topic=ops] since now",
        ]),
        step("ntfy/webhook.http", &[
            "+ Backup of db-02 failed [severity=error tags=skull topic=backup] since now",
        ]),
        step("ntfy/no_words.http", &[
            "+ triggered [topic=door] since now",
        ]),
    ] },
    Story { source: "gotify", token: "gotify-0123456789abcdef", steps: &[
        step("gotify/message.http", &[
            "+ Disk full [severity=error] since now",
        ]),
        step("gotify/form.http", &[
            "+ ping [severity=warning] since now",
        ]),
        step("gotify/multipart.http", &[
            "- ping [severity=warning] since now",
        ]),
    ] },
    Story { source: "apprise", token: "apprise-0123456789abcdef", steps: &[
        step("apprise_api/notify_key.http", &[
            "+ disk full [severity=error tags=devops] since now",
        ]),
        step("apprise_api/notify_key.form.txt", &[
            "+ disk full [severity=warning tags=devops] since now",
        ]),
        step("apprise_api/notify_stateless.json", &[
            "+ disk full [severity=error tags=all] since now",
        ]),
        step("apprise_api/firing.http", &[
            "+ disk full [severity=error tags=devops,dba] since now",
        ]),
        step("apprise_api/resolved.http", &[
            "- disk full [severity=error tags=devops,dba] since now",
        ]),
    ] },
    Story { source: "sls", token: "sls-0123456789abcdef", steps: &[
        step("aliyun_sls/firing.json", &[
            "+ 5xx rate [alert_id=alert-1646000000-123456 project=acme-logs region=cn-hangzhou service=checkout severity=error] since 2026-03-04T02:15:00.000Z",
        ]),
        step("aliyun_sls/resolved.json", &[
            "- 5xx rate [alert_id=alert-1646000000-123456 project=acme-logs region=cn-hangzhou service=checkout severity=error] since 2026-03-04T02:15:00.000Z",
        ]),
    ] },
    Story { source: "azure", token: "azure-0123456789abcdef", steps: &[
        step("azure_monitor/common_fired.json", &[
            "+ vm-cpu-high [ResourceId=3efad9dc-3d50-4eac-9c87-8b3fd6f97e4e env=prod monitoring_service=Platform resource=web-01 severity=warning signal_type=Metric team=infra] since 2026-03-04T02:15:24.371Z",
        ]),
        step("azure_monitor/common_resolved.json", &[
            "- vm-cpu-high [ResourceId=3efad9dc-3d50-4eac-9c87-8b3fd6f97e4e env=prod monitoring_service=Platform resource=web-01 severity=warning signal_type=Metric team=infra] since 2026-03-04T02:15:24.371Z",
        ]),
        step("azure_monitor/common_log_fired.json", &[
            "+ errors-in-app [env=prod monitoring_service=Log Alerts V2 resource=web-01 severity=warning signal_type=Log team=infra] since 2026-03-04T02:15:24.371Z",
        ]),
        step("azure_monitor/metric_alert_older.json", &[
            "+ disk [resource=db-01 severity=error team=dba] since 2026-03-04T02:15:00.000Z",
        ]),
        step("azure_monitor/activity_log_older.json", &[
            "+ Microsoft.Compute/virtualMachines/delete [resource=/subscriptions/0/db-01 severity=error] since 2026-03-04T02:15:00.000Z",
        ]),
    ] },
    Story { source: "gcp", token: "gcp-0123456789abcdef", steps: &[
        step("gcp_monitoring/open.json", &[
            "+ GCE CPU [condition=VM CPU utilization > 90% env=prod instance_id=11223344 instance_name=web-01 project=acme-prod project_id=acme-prod resource=web-01 resource_type=gce_instance severity=critical team=infra zone=asia-east1-a] since 2026-03-04T02:15:24.000Z",
        ]),
        step("gcp_monitoring/closed.json", &[
            "- GCE CPU [condition=VM CPU utilization > 90% env=prod instance_id=11223344 instance_name=web-01 project=acme-prod project_id=acme-prod resource=web-01 resource_type=gce_instance severity=critical team=infra zone=asia-east1-a] since 2026-03-04T02:15:24.000Z",
        ]),
        step("gcp_monitoring/pubsub.json", &[
            "+ Queue [condition=Oldest message project=acme-prod] since 2026-03-04T02:15:24.000Z",
        ]),
        step("gcp_monitoring/test.json", &[
            "+ test policy [condition=test condition project=acme-prod severity=info] since 2026-03-04T02:15:24.000Z",
        ]),
    ] },
    Story { source: "n9e", token: "n9e-0123456789abcdef", steps: &[
        step("nightingale/callback_firing.json", &[
            "+ CPU使用率过高 [__name__=cpu_usage_active cluster=prom cpu=cpu-total group=DBA-Postgres ident=web-01 rule_id=54 severity=warning] since 2026-03-04T02:15:00.000Z",
        ]),
        step("nightingale/notify_media_template_events.json", &[]),
        step("nightingale/callback_recovered.json", &[
            "- CPU使用率过高 [__name__=cpu_usage_active cluster=prom cpu=cpu-total group=DBA-Postgres ident=web-01 rule_id=54 severity=warning] since 2026-03-04T02:15:00.000Z",
        ]),
    ] },
    Story { source: "falcon", token: "falcon-0123456789abcdef", steps: &[
        step("open_falcon/callback_problem.http", &[
            "+ cpu.idle [core=all endpoint=web-01 env=prod severity=critical stra_id=345] since 2026-03-04T02:15:00.000Z",
        ]),
        step("open_falcon/callback_ok.http", &[
            "- cpu.idle [core=all endpoint=web-01 env=prod severity=critical stra_id=345] since 2026-03-04T02:15:00.000Z",
        ]),
    ] },
    Story { source: "sentry", token: "sentry-0123456789abcdef", steps: &[
        step("sentry/issue_created.json", &[
            "+ IntegrityError: duplicate key value violates unique constraint [issue=BACKEND-9 project=backend severity=error] since 2026-03-04T02:15:00.391Z",
        ]),
        step("sentry/issue_resolved.json", &[
            "- IntegrityError: duplicate key value violates unique constraint [issue=BACKEND-9 project=backend severity=error] since 2026-03-04T02:15:00.391Z",
        ]),
        step("sentry/event_alert_triggered.json", &[
            "+ IntegrityError: duplicate key value violates unique constraint [environment=production issue_id=1117540176 rule=New error in production severity=error] since 2026-03-04T02:15:00.677Z",
        ]),
        step("sentry/legacy_webhooks_plugin.json", &[
            "+ IntegrityError: duplicate key value violates unique constraint [environment=production issue_id=1117540176 project=backend rule=New error in production severity=error] since 2026-03-04T02:15:00.677Z",
        ]),
        step("sentry/metric_alert_critical.json", &[
            "+ High error rate [project=backend severity=critical] since 2026-03-04T02:15:00.000Z",
        ]),
        step("sentry/metric_alert_resolved.json", &[
            "- High error rate [project=backend severity=critical] since 2026-03-04T02:15:00.000Z",
        ]),
    ] },
    Story { source: "datadog", token: "datadog-0123456789abcdef", steps: &[
        step("datadog/triggered.json", &[
            "+ High CPU on web-01 [env=prod host=web-01 metric=system.cpu.user monitor_id=1234567890 severity=warning team=backend] since 2026-03-04T02:15:00.000Z",
        ]),
        step("datadog/no_data.json", &[]),
        step("datadog/recovered.json", &[
            "- High CPU on web-01 [env=prod host=web-01 metric=system.cpu.user monitor_id=1234567890 severity=warning team=backend] since 2026-03-04T02:15:00.000Z",
        ]),
    ] },
    Story { source: "kibana", token: "kibana-0123456789abcdef", steps: &[
        step("kibana/rule_active.json", &[
            "+ High error rate [alert_id=query matched rule_type=.es-query space=default tags=prod] since 2026-03-04T02:15:00.123Z",
        ]),
        step("kibana/rule_recovered.json", &[
            "- High error rate [alert_id=query matched rule_type=.es-query space=default tags=prod] since 2026-03-04T02:15:00.123Z",
        ]),
    ] },
    Story { source: "elast", token: "elast-0123456789abcdef", steps: &[
        step("elastalert/http_post_match.json", &[
            "+ payment gateway timeout [host=web-01 severity=error] since 2026-03-04T02:15:00.123Z",
        ]),
        step("elastalert/with_rule.json", &[
            "+ payment errors [host=web-01 severity=critical] since 2026-03-04T02:15:00.123Z",
        ]),
    ] },
    Story { source: "jenkins", token: "jenkins-0123456789abcdef", steps: &[
        step("jenkins/started.json", &[]),
        step("jenkins/completed_failure.json", &[
            "+ deploy-api [branch=origin/main job=deploy-api severity=error] since 2026-03-04T02:15:48.211Z",
        ]),
        step("jenkins/completed_success.json", &[
            "- deploy-api [branch=origin/main job=deploy-api severity=error] since 2026-03-04T02:15:48.211Z",
        ]),
    ] },
    Story { source: "gitlab", token: "gitlab-0123456789abcdef", steps: &[
        step("gitlab/pipeline_failed.json", &[
            "+ GitLab pipeline [project=acme/api ref=main severity=error] since 2026-03-04T02:15:29.000Z",
        ]),
        step("gitlab/pipeline_success.json", &[
            "- GitLab pipeline [project=acme/api ref=main severity=error] since 2026-03-04T02:15:29.000Z",
        ]),
        step("gitlab/job_failed.json", &[
            "+ GitLab job [job=unit project=acme/api ref=main severity=error stage=test] since 2026-03-04T02:13:29.000Z",
        ]),
        step("gitlab/deployment_failed.json", &[
            "+ GitLab deployment [environment=production project=acme/api ref=main severity=error] since 2026-03-04T02:15:29.000Z",
        ]),
        step("gitlab/deployment_success.json", &[
            "- GitLab deployment [environment=production project=acme/api ref=main severity=error] since 2026-03-04T02:15:29.000Z",
        ]),
    ] },
    Story { source: "github", token: "github-0123456789abcdef", steps: &[
        step("github/ping.json", &[]),
        step("github/workflow_run_failure.json", &[
            "+ CI [branch=master repository=octo-org/octo-repo severity=error] since 2020-10-05T16:33:49.000Z",
        ]),
        step("github/workflow_run_success.json", &[
            "- CI [branch=master repository=octo-org/octo-repo severity=error] since 2020-10-05T16:33:49.000Z",
        ]),
        step("github/dependabot_alert_created.json", &[
            "+ semver vulnerable to Regular Expression Denial of Service [number=20 package=semver repository=wolfy1339/pika-pack severity=warning] since 2023-06-24T13:57:12.000Z",
        ]),
        step("github/check_run_failure.json", &[
            "+ lint [branch=main repository=octo-org/octo-repo severity=error] since 2026-03-04T02:15:00.000Z",
        ]),
        step("github/deployment_status_failure.json", &[
            "+ GitHub deployment [environment=production repository=octo-org/octo-repo severity=error] since 2026-03-04T02:15:00.000Z",
        ]),
        step("github/secret_scanning_resolved.json", &[]),
    ] },
    Story { source: "sns", token: "sns-0123456789abcdef", steps: &[
        step("aws_sns/subscription_confirmation.json", &[]),
        step("aws_sns/cloudwatch_alarm.json", &[
            "+ web-01-cpu [InstanceId=i-0abc1234def567890 account=123456789012 metric=CPUUtilization namespace=AWS/EC2 region=eu-west-1] since 2026-03-04T02:15:45.093Z",
        ]),
        step("aws_sns/cloudwatch_ok_sigv1.json", &[
            "- web-01-cpu [InstanceId=i-0abc1234def567890 account=123456789012 metric=CPUUtilization namespace=AWS/EC2 region=eu-west-1] since 2026-03-04T02:15:45.093Z",
        ]),
        // Without its signature nobody can tell.
        step("aws_sns/tampered_must_fail.json", &[
            "+ web-99-cpu [InstanceId=i-0abc1234def567890 account=123456789012 metric=CPUUtilization namespace=AWS/EC2 region=eu-west-1] since 2026-03-04T02:15:45.093Z",
        ]),
        step("aws_sns/unsubscribe_confirmation.json", &[]),
    ] },
    Story { source: "smn", token: "smn-0123456789abcdef", steps: &[
        step("huawei_smn/subscription_confirmation.json", &[]),
        step("huawei_smn/ces_v1_alarm.json", &[
            "+ 每秒并发操作数 [instance=dcs-h4tv namespace=分布式缓存服务 region=cn-east-3 resource_id=3dc7b9ea-70b4-4c38-942d-e2636e6d844c rule=alarm-c5jj severity=critical] since 2026-03-04T02:15:00.000Z",
        ]),
        step("huawei_smn/ces_v1_ok.json", &[
            "- 每秒并发操作数 [instance=dcs-h4tv namespace=分布式缓存服务 region=cn-east-3 resource_id=3dc7b9ea-70b4-4c38-942d-e2636e6d844c rule=alarm-c5jj severity=critical] since 2026-03-04T02:15:00.000Z",
        ]),
    ] },
    Story { source: "ce", token: "ce-0123456789abcdef", steps: &[
        step("cloudevents/structured_firing.json", &[
            "+ DiskFull [host=db-01 severity=critical source=urn:example:monitor subject=host/db-01] since 2026-03-04T02:15:00.000Z",
        ]),
        step("cloudevents/structured_resolved.json", &[
            "- DiskFull [host=db-01 severity=critical source=urn:example:monitor subject=host/db-01] since 2026-03-04T02:15:00.000Z",
        ]),
        step("cloudevents/batch.http", &[
            "+ DiskFull [severity=critical source=urn:example:monitor subject=host/db-02] since now",
            "+ build 7 of main failed [source=urn:example:ci] since now",
        ]),
    ] },
    Story { source: "ce-binary", token: "", steps: &[
        step("cloudevents/binary.http", &[
            "+ DiskFull [host=db-01 severity=critical source=urn:example:monitor subject=host/db-01] since 2026-03-04T02:15:00.000Z",
        ]),
        step("cloudevents/structured_resolved.json", &[
            "- DiskFull [host=db-01 severity=critical source=urn:example:monitor subject=host/db-01] since 2026-03-04T02:15:00.000Z",
        ]),
    ] },
    Story { source: "gen", token: "gen-0123456789abcdef", steps: &[
        step("generic/flat_alerting.json", &[
            "+ DiskFull db-01 [host=db-01 severity=critical] since now",
        ]),
        step("generic/flat_ok.json", &[
            "- DiskFull db-01 [host=db-01 severity=critical] since now",
        ]),
        step("generic/text_only.json", &[
            "+ something happened [] since now",
        ]),
    ] },
    Story { source: "mapped", token: "", steps: &[
        step(RED, &[
            "+ disk on db-1 [where=db-1] since 2026-03-04T02:15:00.000Z",
        ]),
        step(GREEN, &[
            "- disk on db-1 [where=db-1] since 2026-03-04T02:15:00.000Z",
        ]),
    ] },
    Story { source: "words", token: "words-0123456789abcdef", steps: &[
        step("text/curl.form.txt", &[
            "+ disk full on db-1 [] since now",
        ]),
        step("text/several_lines.txt", &[
            "+ backup of db-1 failed [] since now",
        ]),
    ] },
    Story { source: "mail", token: "mail-0123456789abcdef", steps: &[
        step("mail/nagios_problem.eml", &[
            "+ Service Alert: db-1/Disk / is CRITICAL [sender=nagios@mon-1.example.com severity=critical] since 2026-03-04T02:15:00.000Z",
        ]),
        step("mail/nagios_recovery.eml", &[
            "- Service Alert: db-1/Disk / is CRITICAL [sender=nagios@mon-1.example.com severity=critical] since 2026-03-04T02:15:00.000Z",
        ]),
        step("mail/gb2312_html.eml", &[
            "+ 磁盘已满 db-1 [sender=monitor@example.cn severity=error] since 2026-03-04T02:15:00.000Z",
        ]),
        step("mail/alternative_with_file.eml", &[
            "+ DiskFull (db-1 critical) [sender=grafana@example.com] since 2026-03-04T02:15:00.000Z",
        ]),
        step("mail/cron.eml", &[
            "+ Cron <root@db-1> /usr/local/bin/backup [sender=root@db-1.example.com] since now",
        ]),
        step("mail/from_balefire_itself.eml", &[]),
    ] },
    Story { source: "any", token: "any-0123456789abcdef", steps: &[
        step("inbox/grafana_unified.json", &[]),
        step("inbox/tencent.json", &[
            "+ 磁盘利用率 [instance=ins-4ap7abk6 instance_name=web-01 metric=disk_usage namespace=qce/cvm policy=cvm-disk policy_type=cvm_device region=gz] since 2026-03-04T02:15:00.000Z",
        ]),
        step("inbox/aliyun.form.txt", &[
            "+ 基础监控-ECS-CPU使用率 [group=prod-web instance=web-01 instanceId=i-bp1example metric=cpu_total namespace=acs_ecs_dashboard region=cn-hangzhou rule_id=applyTemplateee147e59-664f-4033-a1be-e9595746 severity=warning] since 2026-03-04T02:15:00.000Z",
        ]),
        step("inbox/chinese.form.txt", &[
            "+ 数据库 db-1 磁盘已满 [] since now",
        ]),
        step("inbox/prometheus.json", &[
            "+ ManualTest [severity=info] since now",
        ]),
    ] },
];
