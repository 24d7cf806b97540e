//! An `alertmanager.yml` with Go templates, unchanged: what Slack gets is what `amtool template render` prints for the
//! same data; a template that fails costs its words only; and both are seen beforehand.

use std::path::Path;

use serde_json::{Value, json};

use super::ask::{JSON, post};
use super::command::{command, finish};
use super::node::Node;
use super::providers::simulator;

const FILE: &str = r#"{{ define "ops.title" }}{{ template "__subject" . }}{{ end }}
{{ define "ops.text" }}{{ range .Alerts.Firing }}{{ .Labels.instance | toUpper }}: {{ .Annotations.summary }} {{ reReplaceAll "(\\d+)%" "$1 percent" .Annotations.load }}
{{ end }}{{ .CommonLabels.SortedPairs.Values | join "/" }} {{ title "disk FULL on db-1" }}{{ end }}
"#;

/// Alertmanager's own default templates, as Debian installs them.
const DEFAULTS: &str = "/usr/share/prometheus/alertmanager/default.tmpl";

/// amtool's answer for a text and data.
fn amtool(folder: &Path, text: &str, data: &Value) -> String {
    let file = folder.join("data.json");
    std::fs::write(&file, data.to_string()).expect("data");
    let glob = folder.join("ops.tmpl").display().to_string();
    let file = file.display().to_string();
    let ran = std::process::Command::new("amtool")
        .args([
            "template",
            "render",
            "--template.glob",
            &glob,
            "--template.text",
            text,
        ])
        .args(["--template.glob", DEFAULTS, "--template.data", &file])
        .output()
        .unwrap_or_else(|error| panic!("amtool: {error}; run `cargo xtask test --install`"));
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    String::from_utf8_lossy(&ran.stdout)
        .trim_end_matches('\n')
        .to_owned()
}

fn document(slack: &str) -> String {
    format!(
        r#"
templates: ['*.tmpl']
route: {{receiver: ops, group_by: [alertname], group_wait: 1s}}
receivers:
- name: ops
  slack_configs:
  - api_url: {slack}
    title: '{{{{ template "ops.title" . }}}}'
    text: '{{{{ template "ops.text" . }}}}'
    footer: '{{{{ .CommonLabels.team }}}}'
- name: broken
  slack_configs: [{{api_url: {slack}, text: '{{{{ index .Alerts 7 }}}}'}}]
"#
    )
}

/// The group's data as Alertmanager's webhook has them.
fn data() -> Value {
    let alert = |instance: &str| {
        json!({
            "status": "firing", "generatorURL": "", "startsAt": "2026-11-22T10:14:05Z",
            "labels": {"alertname": "Disk", "team": "db", "instance": instance},
            "annotations": {"summary": "fills up", "load": "97% of 1%"},
        })
    };
    let common = json!({"alertname": "Disk", "team": "db"});
    json!({
        "receiver": "ops", "status": "firing", "externalURL": "http://x",
        "alerts": [alert("db-1"), alert("db-2")],
        "groupLabels": {"alertname": "Disk"}, "commonLabels": common,
        "commonAnnotations": {"summary": "fills up", "load": "97% of 1%"},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_slack_gets_is_what_amtool_prints() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("ops.tmpl"), FILE).expect("templates");
    let node = Node::start(folder.path(), &document(&sim.slack_hook().url())).await;
    let data = data();
    let status = node
        .post("/api/v2/alerts", data["alerts"].to_string())
        .await;
    assert_eq!(status, Some(200));
    sim.slack_hook().wait_for(1).await;
    let told = sim.slack_hook().received()[0].json();
    let text = &told["attachments"][0]["blocks"][0]["text"]["text"];
    for (name, told) in [("ops.title", &told["text"]), ("ops.text", text)] {
        let text = format!("{{{{ template \"{name}\" . }}}}");
        let expected = amtool(folder.path(), &text, &data);
        assert_eq!(told.as_str(), Some(expected.trim()), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_seen_beforehand_with_its_limits_and_its_mistakes() {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("ops.tmpl"), FILE).expect("templates");
    let file = folder.path().join("balefire.yml");
    std::fs::write(&file, document("http://127.0.0.1:9/hook")).expect("document");
    let config = file.display().to_string();
    let render = ["template", "render", "--json", "--config", &config];
    let with = |more: &[&str]| command(&[&render[..], more].concat());

    let checked = finish(command(&["check", &config]), "").await.exits(0);
    let words = &checked.words;
    assert!(
        words.contains("receivers[1].slack_configs[0].text: with the sample firing"),
        "{words}"
    );
    assert!(
        words.contains("line 1, column 4: error calling index: index out of range: 7"),
        "{words}"
    );

    let seen = finish(with(&["--receiver", "ops", "--sample", "firing"]), "")
        .await
        .exits(0);
    let title = &seen.json()[0]["texts"][2];
    assert_eq!(title["key"], "title");
    assert_eq!(title["most"], 250);
    let text = title["text"].as_str().expect("a text");
    assert!(text.starts_with("[FIRING:2] "), "{text}");

    let broken = finish(with(&["--receiver", "broken"]), "").await.exits(6);
    assert_eq!(broken.json()[0]["error"]["column"], 4);

    let long = "x{{ range .Alerts }}{{ printf \"%3000s\" .Status }}{{ end }}";
    let long = finish(with(&["-"]), long).await.exits(0).json();
    let kinds = long.as_array().expect("all channels");
    let sms = kinds
        .iter()
        .find(|preview| preview["kind"] == "twilio_sms")
        .expect("text messages");
    assert!(sms["texts"][0]["parts"].as_u64() > Some(10), "{sms}");
    assert!(
        sms["texts"][0]["cut"]
            .as_str()
            .is_some_and(|cut| cut.ends_with('…')),
        "{sms}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_shows_what_a_template_would_say() {
    let folder = tempfile::tempdir().expect("folder");
    let document = "route: {receiver: inbox}\nreceivers: [{name: inbox, inbox_configs: [{}]}]\n";
    let node = Node::start(folder.path(), document).await;
    let ask = async |body: Value| {
        let path = "/api/v1/templates/render";
        let (status, answer) = post(&node, path, JSON, body.to_string()).await;
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let said = ask(json!({"go": "{{ .Status }}", "receiver": "inbox", "sample": "resolved"})).await;
    assert_eq!(said["previews"][0]["texts"][0]["text"], "resolved");
    let own = ask(json!({"text": "{{ status }}", "receiver": "inbox", "data": data()})).await;
    assert_eq!(own["previews"][0]["texts"][1]["text"], "firing");
    let wrong = ask(json!({"go": "a\n{{ .Nope }}", "receiver": "inbox"})).await;
    assert_eq!(wrong["previews"][0]["error"]["line"], 2);
}
