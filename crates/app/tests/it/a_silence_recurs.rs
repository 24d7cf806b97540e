//! `balefire silence repeat`: a silence that is on at certain times, again and again, over a kill -9, until it is ended.

use balefire_core::clock::Clock;
use balefire_core::time::Time;
use balefire_engine::clock::SystemClock;
use serde_json::Value;

use super::command::balefire;
use super::node::{Node, eventually};
use super::stage::keys;

const DOCUMENT: &str = "receivers: [{name: ops, inbox_configs: [{}]}]\nroute: {receiver: ops}\n";

/// The time of day in UTC, so many hours from now.
fn clock(hours: i64) -> String {
    let at = Time::from_secs(SystemClock.now().secs() + 3_600 * hours);
    at.rfc3339_millis()[11..16].to_owned()
}

async fn silenced_by(node: &Node) -> Vec<String> {
    let alerts = node.client.get(node.url("/api/v2/alerts")).send().await;
    let alerts: Value = alerts.expect("an answer").json().await.expect("JSON");
    let by = alerts[0]["status"]["silencedBy"].as_array();
    let by = by.into_iter().flatten().filter_map(Value::as_str);
    by.map(ToOwned::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_quiet_at_the_times_of_a_place_until_that_is_ended() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let url = node.url("");
    balefire(&url, &["alert", "add", "Backup"]).await.exits(0);

    let who = ["--author", "chenmin", "--comment", "backups"];
    // On now, and for hours, whenever this runs.
    let (from, to) = (clock(-3), clock(3));
    let times = ["--from", &from, "--to", &to, "--timezone", "UTC"];
    let repeat = [&["silence", "repeat", "Backup"], &times[..], &who].concat();
    let made = balefire(&url, &[&repeat[..], &["--json"]].concat()).await;
    let made = made.exits(0).json();
    assert_eq!(
        keys(&made),
        "id matchers timezone times createdBy comment createdAt ended next"
    );
    assert_eq!(
        made["matchers"],
        serde_json::json!(["alertname=\"Backup\""])
    );
    let id = made["id"].as_str().expect("an id").to_owned();
    let occurrence = made["next"]["id"].as_str().expect("one is on").to_owned();
    assert_eq!(silenced_by(&node).await, std::slice::from_ref(&occurrence));

    node.kill().await;
    let node = Node::start(folder.path(), DOCUMENT).await;
    let url = node.url("");
    assert_eq!(silenced_by(&node).await, [occurrence]);
    let listed = balefire(&url, &["silence", "repeats"]).await.exits(0);
    let span = format!("{from}-{to} UTC");
    for part in [&*id, &span, "chenmin", "Backup"] {
        assert!(listed.data.contains(part), "{part}: {}", listed.data);
    }

    balefire(&url, &["silence", "end", &id]).await.exits(0);
    eventually("the silence is over", async || {
        silenced_by(&node).await.is_empty().then_some(())
    })
    .await;
    let listed = balefire(&url, &["silence", "repeats"]).await.exits(0);
    assert!(listed.data.contains("ended"), "{}", listed.data);
    balefire(&url, &["silence", "end", "nope"]).await.exits(3);

    let always = [
        &["silence", "repeat", "Backup"],
        &["--from", "00:00"][..],
        &["--to", "24:00"],
        &["--timezone", "UTC"],
        &who,
    ]
    .concat();
    let refused = balefire(&url, &always).await.exits(6);
    assert!(refused.words.contains("all the time"), "{}", refused.words);
    let odd = ["--from", "25:00", "--to", "24:00", "--timezone", "UTC"];
    let odd = [&["silence", "repeat", "Backup"], &odd[..], &who].concat();
    let refused = balefire(&url, &odd).await.exits(6);
    assert!(refused.words.contains("25:00"), "{}", refused.words);
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_quiet_by_a_rule_of_repetition() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let url = node.url("");
    balefire(&url, &["alert", "add", "Backup"]).await.exits(0);

    let who = ["--author", "chenmin", "--comment", "patches"];
    let start = Time::from_secs(SystemClock.now().secs() - 3_600);
    // On the day of the month that it was an hour ago, for two hours.
    let rule = format!("FREQ=MONTHLY;BYMONTHDAY={}", &start.rfc3339_millis()[8..10]);
    let starts = &start.rfc3339_millis()[..16];
    let when = ["--rrule", &rule, "--starts", starts, "--lasts", "2h"];
    let zone = ["--timezone", "UTC"];
    let repeat = async |more: &[&str]| {
        let line = [
            &["silence", "repeat", "Backup", "--json"],
            more,
            &zone,
            &who,
        ]
        .concat();
        balefire(&url, &line).await
    };
    let made = repeat(&when).await.exits(0).json();
    assert_eq!(made["rules"][0]["rrule"], *rule, "{made}");
    assert_eq!(made["times"], serde_json::json!([]));
    let occurrence = made["next"]["id"].as_str().expect("one is on").to_owned();
    assert_eq!(silenced_by(&node).await, [occurrence]);
    let listed = balefire(&url, &["silence", "repeats"]).await.exits(0);
    assert!(
        listed
            .data
            .contains(&format!("{rule} from {starts} for 2h UTC"))
    );

    let odd = [
        "--rrule",
        "FREQ=HOURLY",
        "--starts",
        starts,
        "--lasts",
        "2h",
    ];
    let refused = repeat(&odd).await.exits(6);
    assert!(
        refused.words.contains("rules: 1: rrule"),
        "{}",
        refused.words
    );
    let both = [&when[..], &["--from", "01:00", "--to", "02:00"]].concat();
    repeat(&both).await.exits(2);
    repeat(&["--rrule", &rule]).await.exits(2);
    node.kill().await;
}
