//! A document says who is on call; people, programs and calendars are told.

use serde_json::Value;

use super::command::{Ran, balefire};
use super::node::{Node, eventually};
use super::providers::simulator;
use super::{ask, providers};

const DOCUMENT: &str = "people:
  chen-min: {name: 陈敏, phone: \"+8618712345678\"}
  li-wei: {name: Li Wei, email: li@example.com}
  wang: {name: Wang}
schedules:
  ops:
    timezone: Asia/Shanghai
    layers: [{rotation: weekly, starts: 2020-01-06T09:00, people: [chen-min, li-wei]}]
    overrides: [{from: 2026-03-04T09:00, to: 2026-03-04T18:00, people: [wang]}]
  office:
    timezone: Asia/Shanghai
    layers: [{rotation: daily, starts: 2020-01-06T09:00, people: [li-wei], only: [{from: 09:00, to: 18:00, days: monday:friday}]}]
  always:
    timezone: UTC
    layers: [{rotation: daily, starts: 2020-01-06T00:00, people: [chen-min]}]
receivers: [{name: ops}]
route: {receiver: ops}
";

struct Stage {
    folder: tempfile::TempDir,
    node: Node,
}

impl Stage {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let node = Node::start(folder.path(), DOCUMENT).await;
        Self { folder, node }
    }

    async fn run(&self, arguments: &[&str]) -> Ran {
        balefire(&self.node.url(""), arguments).await
    }

    async fn text(&self, path: &str) -> String {
        let answer = self.node.client.get(self.node.url(path)).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.expect("a body")
    }
}

/// The lines of a table, each without what aligns it.
fn rows(table: &str) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    table.lines().map(words).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_says_who_is_on_call_now_and_at_any_time() {
    let stage = Stage::new().await;
    let now = stage.run(&["oncall"]).await.exits(0).data;
    assert!(now.contains("UNTIL") && now.contains("THEN"), "{now}");
    assert!(
        rows(&now).contains(&"always 陈敏 layer 1".to_owned()),
        "{now}"
    );
    let one = stage
        .run(&["oncall", "always", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(one["onCall"]["people"][0]["key"], "chen-min");
    assert_eq!(one["nextHandover"], Value::Null);

    let at = ["oncall", "--at", "2026-03-04T04:00:00Z"];
    let table = stage.run(&at).await.exits(0).data;
    assert_eq!(
        rows(&table),
        [
            "SCHEDULE ON CALL BY",
            "always 陈敏 layer 1",
            "office Li Wei layer 1",
            "ops Wang override",
        ]
    );
    let night = ["oncall", "office", "--at", "2026-03-04T20:00:00+08:00"];
    let table = stage.run(&night).await.exits(0).data;
    assert_eq!(rows(&table)[1], "office nobody");

    let typo = stage.run(&["oncall", "opps"]).await.exits(3).words;
    assert!(typo.contains("always, office, ops"), "{typo}");
    let typo = stage
        .run(&["oncall", "shifts", "opps"])
        .await
        .exits(3)
        .words;
    assert!(typo.contains("did you mean"), "{typo}");
    stage.run(&["oncall", "shifts", "../status"]).await.exits(3);
    stage
        .run(&["oncall", "ops", "shifts", "ops"])
        .await
        .exits(2);
    stage.run(&["oncall", "--at", "noon"]).await.exits(2);
    stage
        .run(&["oncall", "coverage", "ops", "--days", "0"])
        .await
        .exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn shifts_and_coverage_are_tables_and_json() {
    let stage = Stage::new().await;
    let ends = [
        "--from",
        "2026-03-02T00:00:00+08:00",
        "--to",
        "2026-03-05T00:00:00+08:00",
    ];
    let shifts = [&["oncall", "shifts", "ops"][..], &ends].concat();
    let table = stage.run(&shifts).await.exits(0).data;
    assert_eq!(
        rows(&table),
        [
            "FROM TO ON CALL BY",
            "2026-03-01 16:00:00 2026-03-02 01:00:00 陈敏 layer 1",
            "2026-03-02 01:00:00 2026-03-04 01:00:00 Li Wei layer 1",
            "2026-03-04 01:00:00 2026-03-04 10:00:00 Wang override",
            "2026-03-04 10:00:00 2026-03-04 16:00:00 Li Wei layer 1",
        ]
    );
    let shown = stage.run(&[&shifts[..], &["--json"]].concat()).await;
    let shown = shown.exits(0).json();
    assert_eq!(shown["shifts"][2]["people"][0]["key"], "wang");
    let wrong = [&shifts[..3], &["--to", "2020-01-01T00:00:00Z"]].concat();
    let words = stage.run(&wrong).await.exits(6).words;
    assert!(words.contains("to is later than from"), "{words}");

    let good = ["oncall", "coverage", "always", "--days", "10"];
    let ran = stage.run(&good).await.exits(0);
    assert!(ran.words.contains("no gaps"), "{}", ran.words);
    assert!(
        rows(&ran.data).iter().any(|row| row.starts_with("陈敏")),
        "{}",
        ran.data
    );
    let office = ["oncall", "coverage", "office", "--days", "10"];
    let ran = stage.run(&office).await.exits(9);
    assert!(ran.data.contains("no layer is on"), "{}", ran.data);
    let json = stage.run(&[&office[..], &["--json"]].concat()).await;
    let json = json.exits(9).json();
    assert!(!json["gaps"].as_array().expect("gaps").is_empty(), "{json}");

    let config = stage.folder.path().join("balefire.yml");
    let config = config.display().to_string();
    let doctor = stage.run(&["doctor", "--config", &config, "--json"]).await;
    let findings = doctor.exits(0).json();
    let findings = findings.as_array().expect("findings").iter();
    let verdicts: Vec<(&str, &Value)> = findings
        .filter(|finding| finding["check"] == "on_call")
        .map(|finding| {
            let seen = finding["seen"].as_str().expect("words");
            (
                seen.split(':').next().unwrap_or_default(),
                &finding["verdict"],
            )
        })
        .collect();
    assert_eq!(
        verdicts,
        [
            ("always", &"good".into()),
            ("office", &"advice".into()),
            ("ops", &"good".into())
        ]
    );
}

/// The lines of a calendar, unfolded.
fn lines(calendar: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in calendar.split_terminator("\r\n") {
        assert!(line.len() <= 75 && !line.contains('\n'), "{line:?}");
        match (line.strip_prefix(' '), lines.last_mut()) {
            (Some(more), Some(last)) => last.push_str(more),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_holds_a_quarter_of_shifts_that_follow_each_other() {
    let stage = Stage::new().await;
    let calendar = stage.text("/api/v1/schedules/ops.ics").await;
    assert!(calendar.ends_with("\r\n"));
    let lines = lines(&calendar);
    assert_eq!(lines.first().map(String::as_str), Some("BEGIN:VCALENDAR"));
    assert_eq!(lines.last().map(String::as_str), Some("END:VCALENDAR"));
    for needed in [
        "VERSION:2.0",
        "X-WR-CALNAME:ops",
        "X-WR-TIMEZONE:Asia/Shanghai",
    ] {
        assert!(lines.iter().any(|line| line == needed), "{needed}");
    }
    let mut events: Vec<Vec<(&str, &str)>> = Vec::new();
    let mut open = false;
    for line in &lines[1..lines.len() - 1] {
        match line.as_str() {
            "BEGIN:VEVENT" => {
                assert!(!open);
                open = true;
                events.push(Vec::new());
            }
            "END:VEVENT" => open = false,
            line if open => {
                let event = events.last_mut().expect("an event");
                event.push(line.split_once(':').expect("a name and a value"));
            }
            _ => assert!(events.is_empty(), "{line} after the events"),
        }
    }
    assert!(!open);
    assert!((13..=15).contains(&events.len()), "{} weeks", events.len());
    let value = |event: &[(&str, &str)], key: &str| {
        let mut found = event.iter().filter(|(name, _)| *name == key);
        let (_, value) = found
            .next()
            .unwrap_or_else(|| panic!("no {key} in {event:?}"));
        assert_eq!(found.next(), None);
        (*value).to_owned()
    };
    let mut ids: Vec<String> = events.iter().map(|event| value(event, "UID")).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), events.len());
    for pair in events.windows(2) {
        assert_eq!(value(&pair[0], "DTEND"), value(&pair[1], "DTSTART"));
        assert!(value(&pair[0], "DTSTART") < value(&pair[0], "DTEND"));
        let who = [value(&pair[0], "SUMMARY"), value(&pair[1], "SUMMARY")];
        assert!(
            who.contains(&"陈敏 · ops".to_owned()) && who.contains(&"Li Wei · ops".to_owned()),
            "{who:?}"
        );
    }
    assert!(
        value(&events[0], "DTSTART").ends_with("T010000Z"),
        "the true beginning"
    );
    let again = stage.text("/api/v1/schedules/ops.ics").await;
    let without_stamps = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with("DTSTAMP"));
        lines.map(ToOwned::to_owned).collect()
    };
    assert_eq!(without_stamps(&again), without_stamps(&calendar));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_on_call_is_called_in_the_chat() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let layer = "rotation: daily, starts: 2020-01-06T00:00";
    let document = format!(
        "{}
people: {{ada: {{slack: U0ADA00001}}, bob: {{slack: U0B0B00001}}, cai: {{slack: U0CA100001}}}}
schedules:
  ops: {{timezone: UTC, layers: [{{{layer}, people: [cai]}}, {{{layer}, people: [ada]}}]}}
receivers: [{{name: ops, slack_configs: [{{account: slack, mention: [oncall, bob]}}]}}]
route: {{receiver: ops, group_wait: 0s}}
",
        providers::accounts(&sim)
    );
    let node = Node::start(folder.path(), &document).await;
    let told = ask::post(&node, "/in/inbox", "text/plain", "disk full").await;
    assert_eq!(told.0, 200, "{}", told.1);
    let told = eventually("the chat is told", async || sim.requests().pop()).await;
    let told = told.json().to_string();
    for (person, is_called) in [
        ("U0ADA00001", true),
        ("U0B0B00001", true),
        ("U0CA100001", false),
    ] {
        assert_eq!(told.contains(&format!("<@{person}>")), is_called, "{told}");
    }
}
