//! Lists of many alerts: whole, in order, and without keeping the dispatcher waiting.

use std::sync::Arc;

use balefire_testkit::ManualClock;
use serde_json::{Value, json};

use super::settled;
use crate::site::Site;

const ALERTS: usize = 6_000;

#[tokio::test]
async fn thousands_of_alerts_are_listed_whole_and_in_order() {
    let document = "route: {receiver: a, group_by: [group]}\nreceivers: [{name: a}]\n";
    let site = Site::with(document, Arc::new(ManualClock::default())).await;
    for batch in 0..ALERTS / 500 {
        let alerts: Vec<Value> = (0..500)
            .map(|number| {
                json!({"labels": {"alertname": "Many", "group": (number % 3).to_string(),
                    "instance": format!("{batch}-{number}")}, "annotations": {"words": "x".repeat(100)}})
            })
            .collect();
        let answer = site.post_json("/api/v2/alerts", &alerts.into()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    settled(&site).await;

    let alerts = site.get("/api/v2/alerts").await.json();
    let fingerprints: Vec<&str> = alerts
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|alert| alert["fingerprint"].as_str())
        .collect();
    assert_eq!(fingerprints.len(), ALERTS);
    assert!(fingerprints.windows(2).all(|pair| pair[0] < pair[1]));

    let groups = site.get("/api/v2/alerts/groups").await.json();
    let sizes: Vec<usize> = groups
        .as_array()
        .expect("a list")
        .iter()
        .map(|group| group["alerts"].as_array().map_or(0, Vec::len))
        .collect();
    assert_eq!(sizes.iter().sum::<usize>(), ALERTS);
    let labels: Vec<&Value> = groups
        .as_array()
        .expect("a list")
        .iter()
        .map(|g| &g["labels"])
        .collect();
    assert_eq!(
        labels,
        [
            &json!({"group": "0"}),
            &json!({"group": "1"}),
            &json!({"group": "2"})
        ]
    );
    let first = &groups[0]["alerts"];
    let instances: Vec<&str> = first
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|alert| alert["labels"]["instance"].as_str())
        .collect();
    assert!(instances.is_sorted(), "by instance");

    let few = site.get("/api/v2/alerts?filter=instance%3D%223-4%22").await;
    assert_eq!(few.json().as_array().map(Vec::len), Some(1));
    assert_eq!(few.headers.get("transfer-encoding"), None);
}
