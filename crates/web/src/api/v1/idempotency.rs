//! Idempotency keys: the first answer to a key is kept for a day and given again.
//!
//! The answers lie in the store's `meta` rows, in a fixed number of buckets by the key's hash; a bucket
//! drops what is over a day old whenever it is written, so that they stay bounded without a job.

use std::collections::HashSet;
use std::time::Duration;

use aws_lc_rs::digest;
use balefire_core::time::Time;
use balefire_engine::engine::Engine;
use balefire_store::StoreError;
use http::StatusCode;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::error::Problem;

/// How long an answer is given again.
const KEPT: Duration = Duration::from_hours(24);
/// Rows the answers are spread over.
const BUCKETS: u16 = 1024;
/// Answers in one bucket; the oldest goes when there are more.
const IN_BUCKET: usize = 64;

/// A finished answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body, byte for byte.
    pub(crate) body: String,
}

/// An answer with what it answers.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    key: String,
    request: String,
    at: Time,
    answer: Answer,
}

/// The keys that are being answered now, and the way to those that were.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    under_way: Mutex<HashSet<String>>,
    /// Buckets are read, changed and written by one call at a time.
    writing: tokio::sync::Mutex<()>,
}

/// The right to answer a key; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    answers: &'a Answers,
    key: String,
    request: String,
}

impl Answers {
    /// Claims a key for a request with this body.
    pub(crate) fn claim(&self, key: &str, body: &[u8]) -> Result<Claim<'_>, Problem> {
        if !self.under_way.lock().insert(key.to_owned()) {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "in_progress",
                "the first call with this Idempotency-Key is still being answered, ask again in a moment",
            ));
        }
        Ok(Claim {
            answers: self,
            key: key.to_owned(),
            request: hash(body),
        })
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.answers.under_way.lock().remove(&self.key);
    }
}

impl Claim<'_> {
    /// The first answer to this key, if it was answered within the last day.
    pub(crate) async fn first(&self, engine: &Engine) -> Result<Option<Answer>, Problem> {
        let bucket = read(engine, &self.key)
            .await
            .map_err(|e| Problem::of_store(&e))?;
        let Some(kept) = bucket.into_iter().find(|kept| kept.key == self.key) else {
            return Ok(None);
        };
        if kept.request != self.request {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "key_reused",
                "this Idempotency-Key came with another body within the last 24 hours",
            ));
        }
        Ok(Some(kept.answer))
    }

    /// Keeps the first answer.
    pub(crate) async fn keep(&self, engine: &Engine, answer: &Answer) -> Result<(), StoreError> {
        let _one_at_a_time = self.answers.writing.lock().await;
        let mut bucket = read(engine, &self.key).await?;
        if bucket.len() >= IN_BUCKET {
            bucket.remove(0);
        }
        bucket.push(Kept {
            key: self.key.clone(),
            request: self.request.clone(),
            at: engine.now(),
            answer: answer.clone(),
        });
        let content = serde_json::to_string(&bucket).unwrap_or_default();
        let writer = engine.store().writer();
        writer.set_meta(&row(&self.key), &content).await
    }
}

/// What a key's bucket holds that is not too old, oldest first.
async fn read(engine: &Engine, key: &str) -> Result<Vec<Kept>, StoreError> {
    let content = engine.store().meta(&row(key)).await?;
    let mut bucket: Vec<Kept> = content
        .and_then(|content| serde_json::from_str(&content).ok())
        .unwrap_or_default();
    let now = engine.now();
    bucket.retain(|kept| now < kept.at.after(KEPT));
    Ok(bucket)
}

fn row(key: &str) -> String {
    let digest = digest::digest(&digest::SHA256, key.as_bytes());
    let place = digest
        .as_ref()
        .first_chunk::<2>()
        .map_or(0, |bytes| u16::from_be_bytes(*bytes) % BUCKETS);
    format!("idempotency/{place:04}")
}

fn hash(body: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, body))
}
