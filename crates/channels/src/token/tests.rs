//! One fetch for all who ask, renewal ahead of the end, failures shared and forgotten.

use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::join_all;

use super::*;
use crate::error::ErrorKind;

const START: Time = Time::from_secs(1_800_000_000);
const LIFE: Duration = Duration::from_hours(2);

fn at(secs: u64) -> Time {
    START.after(Duration::from_secs(secs))
}

async fn fetched(tokens: &Tokens, now: Time, text: &str) -> Result<Secret, SendError> {
    tokens
        .get("access_token", now, || async {
            Ok((Secret::new(text), LIFE))
        })
        .await
}

async fn failing(tokens: &Tokens, now: Time) -> Result<Secret, SendError> {
    let failure = || async { Err(SendError::new(ErrorKind::Transient, "down")) };
    tokens.get("access_token", now, failure).await
}

#[tokio::test]
async fn all_who_ask_at_once_share_one_fetch() {
    let (tokens, fetches) = (Tokens::new(), AtomicU32::new(0));
    let asks = (0..50).map(|_| {
        tokens.get("access_token", START, || async {
            fetches.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok((Secret::new("t"), LIFE))
        })
    });
    assert!(
        join_all(asks)
            .await
            .into_iter()
            .all(|token| token == Ok(Secret::new("t")))
    );
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_failure_is_shared_by_those_who_waited_and_forgotten_after() {
    let (tokens, fetches) = (Tokens::new(), AtomicU32::new(0));
    let asks = (0..50).map(|_| {
        tokens.get("access_token", START, || async {
            fetches.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Err(SendError::new(ErrorKind::Transient, "down"))
        })
    });
    assert!(join_all(asks).await.into_iter().all(|token| token.is_err()));
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
    assert_eq!(fetched(&tokens, START, "new").await, Ok(Secret::new("new")));
}

#[tokio::test]
async fn names_are_kept_apart() {
    let tokens = Tokens::new();
    fetched(&tokens, START, "a").await.expect("a token");
    let other = tokens
        .get("ticket", START, || async { Ok((Secret::new("b"), LIFE)) })
        .await;
    assert_eq!(other, Ok(Secret::new("b")));
}

#[tokio::test]
async fn a_token_is_renewed_five_minutes_ahead_of_its_end() {
    let tokens = Tokens::new();
    fetched(&tokens, START, "old").await.expect("a token");
    assert_eq!(
        fetched(&tokens, at(7200 - 301), "new").await,
        Ok(Secret::new("old"))
    );
    assert_eq!(
        fetched(&tokens, at(7200 - 300), "new").await,
        Ok(Secret::new("new"))
    );
}

#[tokio::test]
async fn a_good_token_outlives_a_failed_renewal_until_its_end() {
    let tokens = Tokens::new();
    fetched(&tokens, START, "old").await.expect("a token");
    assert_eq!(failing(&tokens, at(7000)).await, Ok(Secret::new("old")));
    assert_eq!(
        fetched(&tokens, at(7029), "new").await,
        Ok(Secret::new("old")),
        "calm for 30 s"
    );
    assert!(failing(&tokens, at(7200)).await.is_err());
}

#[tokio::test]
async fn only_the_stale_token_is_thrown_away() {
    let tokens = Tokens::new();
    fetched(&tokens, START, "a").await.expect("a token");
    tokens
        .invalidate("access_token", &Secret::new("somebody else's"))
        .await;
    assert_eq!(fetched(&tokens, START, "b").await, Ok(Secret::new("a")));
    tokens.invalidate("access_token", &Secret::new("a")).await;
    assert_eq!(fetched(&tokens, START, "b").await, Ok(Secret::new("b")));
    tokens.invalidate("unknown", &Secret::new("x")).await;
}

#[tokio::test]
async fn a_fetch_that_is_dropped_half_way_leaves_the_next_one_free() {
    let tokens = Tokens::new();
    let stuck = tokens.get("access_token", START, std::future::pending);
    assert!(
        tokio::time::timeout(Duration::from_millis(1), stuck)
            .await
            .is_err()
    );
    assert_eq!(fetched(&tokens, START, "t").await, Ok(Secret::new("t")));
}
