//! Bodies that are no JSON, or harmful JSON: every source refuses them with the place, the refusal is recorded,
//! and nothing else happens (security test S02).

use std::collections::BTreeSet;

use serde_json::json;

use super::ask;
use super::node::Node;

const DOCUMENT: &str = "\
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox}
sources:
  prom: {kind: prometheus}
  am: {kind: alertmanager}
  graf: {kind: grafana}
  gen: {kind: generic}
  ce: {kind: cloudevents}
  words: {kind: text}
  zbx: {kind: zabbix}
  kuma: {kind: uptime_kuma}
  aliyun: {kind: aliyun_cms}
  tencent: {kind: tencent_monitor}
  pd: {kind: pagerduty_events}
  og: {kind: opsgenie}
  slack: {kind: slack_incoming}
  ntfy: {kind: ntfy}
  gotify: {kind: gotify}
  apprise: {kind: apprise_api}
  sls: {kind: aliyun_sls}
  azure: {kind: azure_monitor}
  gcp: {kind: gcp_monitoring}
  n9e: {kind: nightingale}
  sentry: {kind: sentry}
  kibana: {kind: kibana}
  elast: {kind: elastalert}
  jenkins: {kind: jenkins}
  gitlab: {kind: gitlab}
";

/// What is refused as a whole, and what everybody says to it.
fn bodies() -> Vec<(Vec<u8>, &'static str)> {
    let utf16: Vec<u8> = "\u{feff}[]"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    vec![
        (br#"[{"labels": "#.to_vec(), "unexpected end of JSON"),
        (b"[]}".to_vec(), "expected the end of the body"),
        ("[".repeat(100_000).into_bytes(), "nested deeper than"),
        (
            r#"[{"a": "#.repeat(100_000).into_bytes(),
            "nested deeper than",
        ),
        ("\u{feff}[]".as_bytes().to_vec(), "byte order mark"),
        (utf16, "UTF-8"),
        (b"[NaN]".to_vec(), "expected a value"),
        (b"[{\"a\": \"\xff\"}]".to_vec(), "UTF-8"),
        (b"[{\"a\": \"\0\"}]".to_vec(), "control character"),
        (
            format!("[{}0]", "0,".repeat(300_000)).into_bytes(),
            "more than 250000 values",
        ),
        (
            b"[{'state': 'ok', 'title': __import__('os').system('touch pwned')}]".to_vec(),
            "expected a string",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_is_refused_by_every_source_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let sources = [
        "prom", "am", "graf", "gen", "ce", "zbx", "kuma", "aliyun", "tencent", "pd", "og", "slack",
        "ntfy", "gotify", "apprise", "sls", "azure", "gcp", "n9e", "sentry", "kibana", "elast",
        "jenkins", "gitlab", "inbox",
    ];
    for (body, words) in bodies() {
        for source in sources {
            let path = format!("/in/{source}");
            let (status, said) = ask::post(&node, &path, ask::JSON, body.clone()).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]);
            assert_eq!(status, 400, "{source}: {shown}: {said}");
            if source == "prom" && words.contains("values") {
                // It keeps no tree of values, and this has 300 000 items that are no alerts.
                continue;
            }
            let refusal = ask::last_refusal(&node).await;
            assert_eq!(refusal["source"], json!(source));
            let reason = refusal["reason"].as_str().expect("a reason");
            assert!(reason.contains(words), "{source}: {shown}: {reason}");
            // Those that answer in their sender's words need not repeat ours.
            if let Some(detail) = said["detail"].as_str() {
                assert_eq!(detail, reason);
            }
        }
    }
    assert_eq!(ask::names(&node).await, BTreeSet::new());
    assert!(!folder.path().join("pwned").exists() && !std::path::Path::new("pwned").exists());
    node.kill().await;
}
