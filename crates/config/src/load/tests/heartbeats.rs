//! `heartbeats`.

use std::time::Duration;

use balefire_core::heartbeat::Rhythm;

use super::*;

const TOKEN: &str = "canary-0123456789abcdef";

fn document(lines: &str) -> String {
    format!(
        "server: {{timezone: Asia/Shanghai}}\nroute: {{receiver: a}}\nreceivers: [{{name: a}}]\nheartbeats:\n{lines}\n"
    )
}

#[test]
fn heartbeats_are_found_by_name_and_by_token() {
    let text = format!(
        "  backup: {{token: \"${{env:TOKEN}}\", cron: \"0 2 * * *\", grace: 2h, severity: error, labels: {{team: db}}}}\n  \
           sync: {{token: {TOKEN}-2, period: 30s, description: restart it}}"
    );
    let loaded = read_with(&document(&text), &env(&[("TOKEN", TOKEN)])).expect("good");
    assert_eq!(lines(&loaded.warnings), "");
    let plan = loaded.plan;
    assert!(!plan.redacted_yaml.contains("canary"));
    assert!(!format!("{:?}", plan.heartbeats).contains("canary"));
    let backup = plan.heartbeats.of_token(TOKEN).expect("known");
    assert_eq!(&*backup.name, "backup");
    assert_eq!(
        backup.labels.to_string(),
        r#"{alertname="HeartbeatMissed", heartbeat="backup", severity="error", team="db"}"#
    );
    assert_eq!(backup.pace.rhythm.to_string(), "0 2 * * * Asia/Shanghai");
    assert_eq!(backup.pace.grace, Duration::from_hours(2));
    let sync = plan.heartbeats.get("sync").expect("known");
    assert_eq!(sync.pace.rhythm, Rhythm::Every(Duration::from_secs(30)));
    assert_eq!(sync.pace.grace, Duration::from_mins(5));
    assert_eq!(sync.labels.get("severity"), Some("critical"));
    assert_eq!(sync.description, "restart it");
    assert!(plan.heartbeats.of_token("").is_none());
    assert!(plan.heartbeats.of_token(&TOKEN[1..]).is_none());
    assert_eq!(plan.heartbeats.iter().count(), 2);
}

#[test]
fn what_is_wrong_with_a_heartbeat_is_told_where_it_stands() {
    let told = bad(&document(
        "  none: {token: 0123456789abcdef}
  both: {token: 0123456789abcde2, period: 5m, cron: \"* * * * *\"}
  short: {token: short, period: 5m}
  slash: {token: 0123456789/abcdef, period: 5m}
  same: {token: 0123456789abcde3, period: 5m}
  same2: {token: 0123456789abcde3, period: 5m}
  never: {token: 0123456789abcde4, cron: \"0 0 31 2 *\"}
  fields: {token: 0123456789abcde5, cron: \"0 2 * *\", timezone: Asia/Shanhai}
  \"no/name\": {token: 0123456789abcde6, period: 5m}
  spans: {token: 0123456789abcde7, period: 100ms, grace: 2y}
  labels: {token: 0123456789abcde8, period: 5m, labels: {severity: page, heartbeat: x}}
  missing: {period: 5m, perod: 1}",
    ));
    assert!(!told.contains("0123456789"), "{told}");
    insta::assert_snapshot!(told);
}
