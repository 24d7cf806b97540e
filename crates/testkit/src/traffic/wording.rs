//! The bodies, as Prometheus, Grafana and Zabbix write them.

use balefire_core::time::Time;
use serde_json::{Value, json};

use super::estate::Rule;
use super::{GRAFANA_PATH, PROMETHEUS_PATH, Post, TEXT_PATH, ZABBIX_PATH};

/// One alert of Prometheus.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) rule: &'static Rule,
    pub(super) instance: String,
    /// Labels besides the rule's own.
    pub(super) labels: Vec<(&'static str, String)>,
    pub(super) value: u64,
    pub(super) started: Time,
}

impl Target {
    fn alert(&self, ended: Option<Time>) -> Value {
        let rule = self.rule;
        let filled = |text: &str| {
            text.replace("{instance}", &self.instance)
                .replace("{value}", &self.value.to_string())
        };
        let mut labels = json!({
            "alertname": rule.name,
            "cluster": "sh-prod-1",
            "instance": self.instance,
            "severity": rule.severity,
            "team": rule.team,
        });
        for (name, value) in &self.labels {
            labels[*name] = value.clone().into();
        }
        let query: String =
            url::form_urlencoded::byte_serialize(rule.expression.as_bytes()).collect();
        let mut alert = json!({
            "labels": labels,
            "annotations": {
                "summary": filled(rule.summary),
                "description": filled(rule.description),
                "runbook_url": format!("https://runbooks.example.com/{}", rule.name),
            },
            "startsAt": self.started.rfc3339_millis(),
            "generatorURL": format!("http://prometheus.example.com:9090/graph?g0.expr={query}&g0.tab=1"),
        });
        if let Some(ended) = ended {
            alert["endsAt"] = ended.rfc3339_millis().into();
        }
        alert
    }
}

/// Alerts that fire, in one request.
pub(super) fn prometheus_firing(targets: &[Target]) -> Post {
    prometheus(targets, None)
}

/// Alerts that have ended, in one request.
pub(super) fn prometheus_resolved(targets: &[Target], ended: Time) -> Post {
    prometheus(targets, Some(ended))
}

fn prometheus(targets: &[Target], ended: Option<Time>) -> Post {
    let alerts: Vec<Value> = targets.iter().map(|target| target.alert(ended)).collect();
    json_post(PROMETHEUS_PATH, &Value::Array(alerts))
}

/// Latency of a service, as a rule of Grafana sees it.
pub(super) struct Latency {
    pub(super) service: &'static str,
    pub(super) millis: u64,
    pub(super) started: Time,
}

impl Latency {
    /// Grafana's unified webhook; `ended` makes it a resolve.
    pub(super) fn post(&self, ended: Option<Time>) -> Post {
        let status = if ended.is_some() {
            "resolved"
        } else {
            "firing"
        };
        let state = if ended.is_some() { "ok" } else { "alerting" };
        let labels = json!({
            "alertname": "Checkout latency",
            "grafana_folder": "shop",
            "service": self.service,
            "severity": "critical",
            "team": "payments",
        });
        let summary = format!(
            "{} 的 p95 延迟为 {} ms，超过 800 ms",
            self.service, self.millis
        );
        let never = "0001-01-01T00:00:00Z".to_owned();
        let base = "https://grafana.example.com";
        let alert = json!({
            "status": status,
            "labels": labels,
            "annotations": {"summary": summary, "runbook_url": "https://runbooks.example.com/latency"},
            "startsAt": self.started.rfc3339_millis(),
            "endsAt": ended.map_or(never, Time::rfc3339_millis),
            "generatorURL": format!("{base}/alerting/grafana/latency-{}/view?orgId=1", self.service),
            "fingerprint": format!("{:016x}", fnv(self.service)),
            "silenceURL": format!("{base}/alerting/silence/new?alertmanager=grafana"),
            "dashboardURL": format!("{base}/d/checkout?orgId=1"),
            "panelURL": format!("{base}/d/checkout?orgId=1&viewPanel=2"),
            "values": {"B": self.millis, "C": u8::from(ended.is_none())},
            "valueString": format!("[ var='B' labels={{service={}}} value={} ]", self.service, self.millis),
            "orgId": 1,
        });
        let body = json!({
            "receiver": "balefire",
            "status": status,
            "alerts": [alert],
            "groupLabels": {"alertname": "Checkout latency", "grafana_folder": "shop"},
            "commonLabels": labels,
            "commonAnnotations": {"runbook_url": "https://runbooks.example.com/latency"},
            "externalURL": format!("{base}/"),
            "appVersion": "12.4.0",
            "version": "1",
            "groupKey": "{}:{alertname=\"Checkout latency\", grafana_folder=\"shop\"}",
            "truncatedAlerts": 0,
            "orgId": 1,
            "title": format!("[{}:1] Checkout latency shop", status.to_uppercase()),
            "state": state,
            "message": summary,
        });
        json_post(GRAFANA_PATH, &body)
    }
}

/// A database's trouble, as Zabbix' webhook script posts it.
pub(super) struct Event {
    pub(super) id: u64,
    pub(super) host: &'static str,
    pub(super) called: &'static str,
    pub(super) connections: u64,
    pub(super) started: Time,
}

impl Event {
    /// The problem; `ended` makes it the recovery.
    pub(super) fn post(&self, ended: Option<Time>) -> Post {
        let name = format!("{} 连接数过高", self.called);
        let subject = if ended.is_some() {
            "Resolved"
        } else {
            "Problem"
        };
        let (date, time) = spoken(self.started);
        // Zabbix leaves macros without a value as they are.
        let (ended_date, ended_time) = ended.map_or_else(
            || {
                (
                    "{EVENT.RECOVERY.DATE}".to_owned(),
                    "{EVENT.RECOVERY.TIME}".to_owned(),
                )
            },
            spoken,
        );
        let body = json!({
            "event_source": "0",
            "event_value": if ended.is_some() { "0" } else { "1" },
            "event_update_status": "0",
            "event_id": self.id.to_string(),
            "event_name": name,
            "event_nseverity": "4",
            "event_severity": "High",
            "event_status": if ended.is_some() { "RESOLVED" } else { "PROBLEM" },
            "event_date": date,
            "event_time": time,
            "event_recovery_date": ended_date,
            "event_recovery_time": ended_time,
            "event_opdata": format!("当前连接数 {} / 1000", self.connections),
            "event_tagsjson": "[{\"tag\":\"scope\",\"value\":\"capacity\"},{\"tag\":\"component\",\"value\":\"database\"}]",
            "event_ack_status": "No",
            "event_update_action": "",
            "event_update_message": "",
            "user_fullname": "",
            "trigger_id": "16199",
            "trigger_description": "连接数超过上限的 90%，新请求可能失败。",
            "host_name": self.host,
            "host_host": format!("{}.example.com", self.host),
            "host_ip": "10.0.5.21",
            "item_lastvalue": self.connections.to_string(),
            "alert_subject": format!("{subject}: {name}"),
            "alert_message": format!("{subject}: {name}\r\nHost: {}\r\nSeverity: High", self.host),
            "zabbix_url": "https://zabbix.example.com",
        });
        json_post(ZABBIX_PATH, &body)
    }
}

/// A script's line.
pub(super) fn text(line: &str) -> Post {
    Post {
        path: TEXT_PATH,
        content_type: "text/plain; charset=utf-8",
        body: line.to_owned(),
    }
}

fn json_post(path: &'static str, body: &Value) -> Post {
    Post {
        path,
        content_type: "application/json",
        body: body.to_string(),
    }
}

/// Date and time as Zabbix' macros print them, in UTC.
fn spoken(time: Time) -> (String, String) {
    let timestamp = time.timestamp();
    (
        timestamp.strftime("%Y.%m.%d").to_string(),
        timestamp.strftime("%H:%M:%S").to_string(),
    )
}

/// FNV-1a, for an identity that stays the same.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
