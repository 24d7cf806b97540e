//! One bad alert among good ones: it is refused with its place, the refusal is recorded, and its neighbours are
//! taken.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::ask::{self, becomes};
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
";

/// An item that is refused; where; and with which status and in which words by Alertmanager's API, in whose own
/// words there is no place.
type Bad<'a> = (&'a str, &'a str, u16, &'a str);

const BAD: &[Bad<'_>] = &[
    ("7", "[1]", 400, "expected an alert, found number"),
    ("null", "[1]", 400, "expected an alert, found null"),
    (
        r#"{"annotations": {}}"#,
        "[1].labels",
        422,
        "1.labels in body is required",
    ),
    (
        r#"{"labels": {}}"#,
        "[1].labels",
        400,
        "at least one label pair required",
    ),
    (
        r#"{"labels": {"a": ""}}"#,
        "[1].labels",
        400,
        "at least one label pair required",
    ),
    (
        r#"{"labels": {"": "v"}}"#,
        "[1].labels",
        400,
        "invalid name",
    ),
    (
        r#"{"labels": ["a"]}"#,
        "[1].labels",
        400,
        "cannot unmarshal array",
    ),
    (
        r#"{"labels": {"a": 7}}"#,
        "[1].labels.a",
        400,
        "cannot unmarshal number",
    ),
    (
        r#"{"labels": {"a": "x"}, "startsAt": "noon"}"#,
        "[1].startsAt",
        400,
        "parsing time",
    ),
    (
        r#"{"labels": {"a": "x"}, "startsAt": "2026-03-04T02:15:00Z", "endsAt": "2026-03-04T02:14:59Z"}"#,
        "[1].endsAt",
        400,
        "start time must be before end time",
    ),
    (
        r#"{"labels": {"a": "x"}, "generatorURL": "::x"}"#,
        "[1].generatorURL",
        422,
        "must be of type uri",
    ),
    (
        r#"{"labels": {"a": "x", "a": "y"}}"#,
        "[1].labels.a",
        400,
        "[1].labels.a: this key is given twice",
    ),
    (
        r#"{"labels": {"a": "x\u0000"}}"#,
        "[1].labels.a",
        400,
        "[1].labels.a: a NUL character",
    ),
    (
        r#"{"labels": {"a": "\ud800"}}"#,
        "[1].labels.a",
        400,
        "half of a surrogate pair",
    ),
    (
        r#"{"labels": {"a": "x"}, "v": 1e999}"#,
        "[1].v",
        400,
        "[1].v: a number too large to hold",
    ),
];

/// `"l0": "v", "l1": "v" …`
fn many(pairs: usize) -> String {
    let pairs: Vec<String> = (0..pairs).map(|i| format!("\"l{i}\": \"v\"")).collect();
    pairs.join(", ")
}

/// A batch of two good alerts with `bad` between them; the good ones are noted as kept.
fn batch(kept: &mut BTreeSet<String>, bad: &str) -> String {
    let mut good = || {
        let name = format!("good-{}", kept.len());
        kept.insert(name.clone());
        json!({"labels": {"alertname": name}})
    };
    format!("[{}, {bad}, {}]", good(), good())
}

async fn is_refused_and_its_neighbours_kept(
    node: &Node,
    kept: &mut BTreeSet<String>,
    bad: Bad<'_>,
) {
    let (item, path, status, words) = bad;
    let shown = &item[..item.len().min(80)];
    // Alertmanager's own interface.
    let body = batch(kept, item);
    let (found, said) = ask::post(node, "/api/v2/alerts", ask::JSON, body.clone()).await;
    assert_eq!(found, status, "{shown}: {said}");
    let said = said["message"]
        .as_str()
        .or(said.as_str())
        .unwrap_or_default();
    assert!(said.contains(words), "{shown}: {said}");
    let refusal = ask::last_refusal(node).await;
    assert_eq!(refusal["source"], "prometheus", "{shown}");
    let reason = refusal["reason"].as_str().expect("a reason");
    assert!(reason.starts_with(path), "{shown}: {reason}");
    let head = refusal["head"].as_str().expect("a head");
    assert!(body.starts_with(head) && head.len() > 40, "{shown}: {head}");
    // The same as a configured source, whose answer names the place.
    let (status, said) = ask::post(node, "/in/prom", ask::JSON, batch(kept, item)).await;
    assert_eq!(status, 200, "{shown}: {said}");
    assert_eq!(
        (&said["accepted"], &said["rejected"]),
        (&json!(2), &json!(1)),
        "{shown}"
    );
    let found = said["complaints"][0]["path"].as_str().expect("a path");
    assert!(found.starts_with(path), "{shown}: {found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_items_are_refused_and_their_neighbours_kept() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let mut kept = BTreeSet::new();
    for bad in BAD {
        is_refused_and_its_neighbours_kept(&node, &mut kept, *bad).await;
    }
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let long = "x".repeat(20_000);
    let large = [
        (
            format!(r#"{{"labels": {{"a": "x"}}, "v": {deep}}}"#),
            "[1].v[0]",
            "nested deeper",
        ),
        (
            format!(r#"{{"labels": {{{}}}}}"#, many(10_000)),
            "[1].labels",
            "[1].labels: 10000 labels",
        ),
        (
            format!(r#"{{"labels": {{{}}}}}"#, many(60_000)),
            "[1].labels",
            "more than 10000 members",
        ),
        (
            format!(r#"{{"labels": {{"a": "{long}"}}}}"#),
            "[1].labels",
            "20000 bytes",
        ),
        (
            format!(r#"{{"labels": {{"{long}": "a"}}}}"#),
            "[1].labels",
            "20000 bytes",
        ),
    ];
    for (item, path, words) in &large {
        is_refused_and_its_neighbours_kept(&node, &mut kept, (item, path, 400, words)).await;
    }
    // Control characters are no reason to lose an alert; they are escaped where they are shown.
    let coloured = json!([{"labels": {"alertname": "coloured", "text": "\u{1b}[31mred\u{7}"}}]);
    let posted = ask::post(&node, "/api/v2/alerts", ask::JSON, coloured.to_string()).await;
    assert_eq!(posted.0, 200, "{posted:?}");
    kept.insert("coloured".to_owned());
    becomes("the good ones are there", &kept, async || {
        ask::names(&node).await
    })
    .await;
    node.kill().await;
}

/// A batch of each source that takes several alerts at once; what is bad is not called `good`.
fn batches() -> [(&'static str, &'static str, Value); 4] {
    [
        (
            "am",
            ask::JSON,
            json!({"version": "4", "groupKey": "x", "alerts": [
                {"status": "firing", "labels": {"alertname": "good-am-0"}},
                {"status": "firing", "labels": {}},
                {"status": "resolved", "labels": {"alertname": "bad"}, "startsAt": "2026-03-04T02:15:00Z", "endsAt": "2026-03-04T02:14:00Z"},
                7,
                {"status": "firing", "labels": {"alertname": "good-am-1"}},
            ]}),
        ),
        (
            "graf",
            ask::JSON,
            json!({"orgId": 1, "alerts": [
                {"status": "firing", "labels": {"alertname": "good-graf-0"}, "fingerprint": "a"},
                {"status": "firing", "labels": {}, "fingerprint": "b"},
                {"status": "firing", "labels": {"alertname": "good-graf-1"}, "fingerprint": "c"},
            ]}),
        ),
        (
            "gen",
            ask::JSON,
            json!([
                {"title": "good-gen-0", "status": "firing"},
                {"severity": "critical"},
                {"title": "bad", "status": "firing", "labels": {"": "x"}},
                {"title": "good-gen-1", "status": "firing"},
            ]),
        ),
        (
            "ce",
            "application/cloudevents-batch+json",
            json!([
                {"specversion": "1.0", "id": "1", "source": "a", "type": "x.firing", "data": {"title": "good-ce-0"}},
                {"specversion": "1.0", "id": "2", "type": "x.firing", "data": {"title": "bad"}},
                {"specversion": "1.0", "id": "3", "source": "a", "type": "x.firing", "subject": "s", "data": {"title": "good-ce-1"}},
            ]),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn other_batches_keep_their_good_items_too() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let mut kept = BTreeSet::new();
    for (source, media_type, batch) in batches() {
        let items = batch["alerts"].as_array().or(batch.as_array());
        let bad = items.expect("items").len() - 2;
        let path = format!("/in/{source}");
        let (status, said) = ask::post(&node, &path, media_type, batch.to_string()).await;
        assert_eq!(
            (status, &said["accepted"]),
            (200, &json!(2)),
            "{source}: {said}"
        );
        assert_eq!(said["rejected"], bad, "{source}: {said}");
        let refusal = ask::last_refusal(&node).await;
        assert_eq!(refusal["source"], source);
        let reason = refusal["reason"].as_str().expect("a reason");
        let complaints = said["complaints"].as_array().expect("complaints");
        for (index, complaint) in (1..).zip(complaints) {
            let path = complaint["path"].as_str().expect("a path");
            assert!(path.contains(&format!("[{index}]")), "{source}: {path}");
            assert!(reason.contains(path), "{source}: {reason}");
        }
        kept.extend([0, 1].map(|i| format!("good-{source}-{i}")));
    }
    becomes("the good ones are there", &kept, async || {
        ask::names(&node).await
    })
    .await;
    node.kill().await;
}
