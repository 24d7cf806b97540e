//! Checkpoints, rejected requests, configurations, facts, checks.

use std::sync::Arc;

use balefire_store::{Checkpoint, ConfigVersion, Rejected, StoreError};

use crate::place::Place;
use crate::sample::{alert, at, decision};

fn checkpoint(cursor: u64, chunks: Vec<Vec<u8>>) -> Checkpoint {
    Checkpoint {
        cursor,
        decision: cursor / 2,
        at: at(1),
        chunks,
    }
}

pub(crate) async fn a_checkpoint_replaces_the_one_before_and_reads_back_whole(place: Arc<Place>) {
    let store = place.open().await;
    assert_eq!(store.checkpoint().await.expect("checkpoint"), None);
    let large = (0..1_500_000_u32).map(|i| (i % 251) as u8).collect();
    for checkpoint in [
        checkpoint(4, Vec::new()),
        checkpoint(6, vec![large, b"second".to_vec(), Vec::new()]),
        checkpoint(8, vec![b"small".to_vec()]),
    ] {
        store
            .writer()
            .checkpoint(checkpoint.clone())
            .await
            .expect("write");
        assert_eq!(store.checkpoint().await.expect("read"), Some(checkpoint));
    }
    store.close().await;
}

pub(crate) async fn an_interrupted_checkpoint_does_not_count(place: Arc<Place>) {
    let store = place.open().await;
    let good = checkpoint(4, vec![b"good".to_vec()]);
    store
        .writer()
        .checkpoint(good.clone())
        .await
        .expect("write");
    store.close().await;
    // Parts of the next one are there, its row is not.
    place
        .meddle("INSERT INTO checkpoint_part SELECT 2, part, 0, body FROM checkpoint_part")
        .await;
    let store = place.open().await;
    assert_eq!(store.checkpoint().await.expect("read"), Some(good));
    let next = checkpoint(6, vec![b"next".to_vec()]);
    store
        .writer()
        .checkpoint(next.clone())
        .await
        .expect("write");
    assert_eq!(store.checkpoint().await.expect("read"), Some(next));
    store.close().await;
}

pub(crate) async fn a_damaged_checkpoint_is_not_loaded(place: Arc<Place>) {
    let store = place.open().await;
    let two = checkpoint(4, vec![b"one".to_vec(), b"two".to_vec()]);
    store.writer().checkpoint(two).await.expect("write");
    place
        .meddle("UPDATE checkpoint_part SET crc = crc - 1 WHERE part = 1")
        .await;
    assert!(matches!(
        store.checkpoint().await,
        Err(StoreError::Corrupt(_))
    ));
    place
        .meddle("DELETE FROM checkpoint_part WHERE part = 1")
        .await;
    let error = store.checkpoint().await.expect_err("a part is missing");
    assert!(error.to_string().contains("1 of 2 parts"), "{error}");
    store.close().await;
}

pub(crate) async fn rejected_requests_are_listed_newest_first(place: Arc<Place>) {
    let store = place.open().await;
    for i in 0..3 {
        let rejected = Rejected {
            seq: 0,
            at: at(i),
            source: "grafana".into(),
            reason: "不是 JSON".into(),
            head: vec![0xFF; 5000],
        };
        store.writer().reject(rejected).await.expect("reject");
    }
    let listed = store.rejected(None, 2).await.expect("rejected");
    assert_eq!(
        listed.iter().map(|r| (r.seq, r.at)).collect::<Vec<_>>(),
        [(3, at(2)), (2, at(1))]
    );
    assert_eq!(listed[0].head, vec![0xFF; Rejected::MAX_HEAD]);
    assert_eq!(&*listed[0].reason, "不是 JSON");
    assert_eq!(store.rejected(Some(2), 9).await.expect("rejected").len(), 1);
    store.close().await;
}

pub(crate) async fn a_configuration_is_stored_once_per_content(place: Arc<Place>) {
    let store = place.open().await;
    let version = |hash: &str, secs| ConfigVersion {
        hash: hash.into(),
        at: at(secs),
        document: "route: {receiver: 运维}\n".repeat(5000).into(),
        redacted: "route: {receiver: 运维}\n".into(),
    };
    for (hash, secs) in [("aa", 1), ("bb", 2), ("aa", 3)] {
        store
            .writer()
            .config_version(version(hash, secs))
            .await
            .expect("store");
    }
    assert_eq!(
        store.config_version("aa").await.expect("read"),
        Some(version("aa", 1))
    );
    assert_eq!(store.config_version("AA").await.expect("read"), None);
    assert_eq!(store.config_version("aa ").await.expect("read"), None);
    let versions = store.config_versions(9).await.expect("list");
    assert_eq!(
        versions.iter().map(|v| &*v.hash).collect::<Vec<_>>(),
        ["bb", "aa"]
    );
    store.close().await;
}

pub(crate) async fn a_fact_is_overwritten(place: Arc<Place>) {
    let store = place.open().await;
    assert_eq!(store.meta("installed").await.expect("meta"), None);
    for content in ["1", "二"] {
        store
            .writer()
            .set_meta("installed", content)
            .await
            .expect("set");
    }
    assert_eq!(
        store.meta("installed").await.expect("meta").as_deref(),
        Some("二")
    );
    store.close().await;
}

pub(crate) async fn a_full_check_counts_every_row_and_names_damage(place: Arc<Place>) {
    let store = place.open().await;
    for i in 0..300 {
        store
            .writer()
            .append(vec![alert("a")], at(i))
            .await
            .expect("append");
        store
            .writer()
            .decide(decision(1, Vec::new()))
            .await
            .expect("decide");
    }
    let mut seen = Vec::new();
    store
        .full_check(|progress| seen.push((progress.done, progress.of)))
        .await
        .expect("sound");
    assert_eq!(seen, [(256, 600), (300, 600), (556, 600), (600, 600)]);
    place
        .meddle("UPDATE decision SET upto = 2 WHERE seq = 17")
        .await;
    let error = store.full_check(|_| {}).await.expect_err("damage");
    assert!(error.to_string().contains("decision 17"), "{error}");
    store.close().await;
}

pub(crate) async fn what_the_database_promises_is_reported(place: Arc<Place>) {
    let store = place.open().await;
    let findings = store.durability();
    assert!(!findings.is_empty());
    for finding in findings {
        assert!(!finding.value.is_empty(), "{finding:?}");
        assert_eq!(finding.safe, finding.advice.is_empty(), "{finding:?}");
    }
    store.close().await;
}
