//! The story is the same for the same seed, and whatever begins in it ends.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;
use crate::clock::VECTOR_TIME;

/// So many posts that every act is played more than once.
const POSTS: usize = 400;

fn told(seed: u64) -> Vec<(Duration, Post)> {
    story(seed, VECTOR_TIME).take(POSTS).collect()
}

#[test]
fn the_same_seed_tells_the_same_story_and_another_one_another() {
    assert_eq!(told(1), told(1));
    assert_ne!(told(1), told(2));
}

#[test]
fn offsets_never_go_back_and_every_sender_has_its_say() {
    for seed in 0..20 {
        let story = told(seed);
        assert!(story.is_sorted_by_key(|(offset, _)| *offset), "seed {seed}");
        let paths: BTreeSet<&str> = story.iter().map(|(_, post)| post.path).collect();
        assert_eq!(paths.len(), 4, "seed {seed}");
        let first_minute = story
            .iter()
            .take_while(|(offset, _)| offset.as_secs() < 60)
            .count();
        assert!(
            first_minute >= 2,
            "seed {seed}: the demo must not begin with silence"
        );
    }
}

/// What is open after the posts: by sender and identity.
fn open_after(posts: &[(Duration, Post)]) -> BTreeMap<String, Value> {
    let mut open = BTreeMap::new();
    for (offset, post) in posts {
        let now = VECTOR_TIME.after(*offset).rfc3339_millis();
        let body: Value = serde_json::from_str(&post.body).unwrap_or(Value::Null);
        match post.path {
            PROMETHEUS_PATH => {
                for alert in body.as_array().expect("a list") {
                    assert!(alert["startsAt"].as_str().expect("a start") <= &*now);
                    let key = alert["labels"].to_string();
                    match alert.get("endsAt") {
                        None => drop(open.insert(key, alert["startsAt"].clone())),
                        Some(ended) => {
                            assert_eq!(*ended, now);
                            let began = open.remove(&key).expect("what ends has begun");
                            assert_eq!(began, alert["startsAt"], "the same episode");
                        }
                    }
                }
            }
            GRAFANA_PATH => {
                let alert = &body["alerts"][0];
                let key = alert["fingerprint"].to_string();
                if body["status"] == "firing" {
                    assert_eq!(alert["endsAt"], "0001-01-01T00:00:00Z");
                    open.insert(key, Value::Null);
                } else {
                    open.remove(&key).expect("what ends has begun");
                }
            }
            ZABBIX_PATH => {
                let key = body["event_id"].to_string();
                if body["event_value"] == "1" {
                    assert_eq!(body["event_recovery_date"], "{EVENT.RECOVERY.DATE}");
                    open.insert(key, Value::Null);
                } else {
                    open.remove(&key).expect("what ends has begun");
                }
            }
            _ => assert!(!post.body.is_empty() && post.path == TEXT_PATH),
        }
    }
    open
}

#[test]
fn whatever_begins_ends_within_its_act() {
    for seed in 0..20 {
        let mut story = story(seed, VECTOR_TIME);
        for _ in 0..10 {
            story.play_act();
        }
        let posts: Vec<_> = story.ready.into_iter().collect();
        assert_eq!(open_after(&posts), BTreeMap::new(), "seed {seed}");
    }
}

#[test]
fn the_storm_is_many_alerts_in_a_few_posts() {
    let story = told(3);
    let sizes = story
        .iter()
        .filter(|(_, post)| post.path == PROMETHEUS_PATH)
        .map(|(_, post)| {
            let body: Value = serde_json::from_str(&post.body).expect("JSON");
            body.as_array().map_or(0, Vec::len)
        });
    assert_eq!(sizes.max(), Some(8));
}

#[test]
fn zabbix_times_are_printed_like_its_macros() {
    let story = told(5);
    let (offset, post) = story
        .iter()
        .find(|(_, post)| post.path == ZABBIX_PATH)
        .expect("a database trouble");
    let body: Value = serde_json::from_str(&post.body).expect("JSON");
    let said = format!("{} {}", body["event_date"], body["event_time"]).replace('"', "");
    let now = VECTOR_TIME.after(*offset).timestamp();
    assert_eq!(said, now.strftime("%Y.%m.%d %H:%M:%S").to_string());
}
