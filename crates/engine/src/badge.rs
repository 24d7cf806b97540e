//! Badges: how heartbeats stand, for a page that anybody may see, at an address that nobody guesses.
//!
//! An address holds what it is about and a token that is derived from it, from a key of this deployment and from how often
//! it was renewed. So nothing is stored for one, it can be shown again, it tells of nothing else, and renewing it makes
//! the address before worthless.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::{hmac, rand};
use balefire_core::heartbeat::Status;
use balefire_store::{Store, StoreError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::OnceCell;

use crate::heartbeats::HeartbeatState;

/// Where the key is kept.
const ITEM: &str = "badge_key";
/// Bytes of the key.
const KEY: usize = 32;
/// Bytes of a token, of HMAC-SHA256's 32: nobody guesses 2¹²⁸.
const TOKEN: usize = 16;
/// Longest text of a subject, in bytes: it is a key of the store.
const LONGEST: usize = 190;

/// What a badge is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One heartbeat.
    One(Arc<str>),
    /// All whose alert has this label.
    Labelled(Arc<str>, Arc<str>),
    /// All.
    All,
}

/// What a badge says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// How the worst of them stands; those that are new or paused do not count where others are.
    pub status: Status,
    /// How many there are.
    pub total: usize,
    /// How many of them are late.
    pub late: usize,
    /// How many are down.
    pub down: usize,
}

/// Why there is no badge.
#[derive(Debug, thiserror::Error)]
pub enum BadgeFailure {
    /// No heartbeat is meant by it.
    #[error("no heartbeat is meant by {0:?}; write the name of one, LABEL=VALUE, or *")]
    Nothing(String),
    /// The system gives no randomness, so an address could be guessed.
    #[error("the system gives no randomness for addresses; try again")]
    NoRandomness,
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Subject {
    /// Reads the name of a heartbeat, `LABEL=VALUE` or `*`; `None` when it is nothing of these.
    pub fn read(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > LONGEST {
            return None;
        }
        Some(match text.split_once('=') {
            _ if text == "*" => Self::All,
            Some(("", _) | (_, "")) => return None,
            Some((label, value)) => Self::Labelled(label.into(), value.into()),
            None => Self::One(text.into()),
        })
    }

    pub(crate) fn means(&self, state: &HeartbeatState) -> bool {
        let one = &state.heartbeat;
        match self {
            Self::One(name) => one.name == *name,
            Self::Labelled(label, value) => one.labels.get(label) == Some(&**value),
            Self::All => true,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(name) => f.write_str(name),
            Self::Labelled(label, value) => write!(f, "{label}={value}"),
            Self::All => f.write_str("*"),
        }
    }
}

impl Badge {
    /// What is said of these; `None` of none.
    pub(crate) fn of(all: &[Status]) -> Option<Self> {
        let count = |wanted: Status| all.iter().filter(|status| **status == wanted).count();
        let order = [
            Status::Down,
            Status::Late,
            Status::Up,
            Status::New,
            Status::Paused,
        ];
        let status = order.into_iter().find(|status| count(*status) > 0)?;
        Some(Self {
            status,
            total: all.len(),
            late: count(Status::Late),
            down: count(Status::Down),
        })
    }
}

/// The key that tokens are derived from.
#[derive(Default)]
pub(crate) struct BadgeKey(OnceCell<hmac::Key>);

impl BadgeKey {
    /// The key of this deployment; made now if there is none.
    async fn get(&self, store: &Store) -> Result<&hmac::Key, BadgeFailure> {
        let first = async || {
            if let Some(key) = kept(store).await? {
                return Ok(key);
            }
            let mut bytes = [0; KEY];
            rand::fill(&mut bytes).map_err(|_| BadgeFailure::NoRandomness)?;
            let text = URL_SAFE_NO_PAD.encode(bytes);
            store.writer().first_meta(ITEM, &text).await?;
            // Another node may have been first.
            kept(store).await?.ok_or(BadgeFailure::NoRandomness)
        };
        self.0.get_or_try_init(first).await
    }

    /// The token of a subject whose address was renewed so often.
    pub(crate) async fn token(
        &self,
        store: &Store,
        subject: &str,
        renewed: i64,
    ) -> Result<String, BadgeFailure> {
        let said = format!("{subject}\0{renewed}");
        let whole = hmac::sign(self.get(store).await?, said.as_bytes());
        Ok(URL_SAFE_NO_PAD.encode(&whole.as_ref()[..TOKEN]))
    }
}

async fn kept(store: &Store) -> Result<Option<hmac::Key>, StoreError> {
    let text = store.meta(ITEM).await?.unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    Ok((bytes.len() == KEY).then(|| hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_a_name_a_label_or_all_and_reads_back() {
        for text in ["backup", "team=db", "team=a=b", "*", "值=一"] {
            let subject = Subject::read(text).expect(text);
            assert_eq!(subject.to_string(), text);
        }
        assert_eq!(
            Subject::read("team=a=b"),
            Some(Subject::Labelled("team".into(), "a=b".into()))
        );
        for none in ["", "=", "team=", "=db", &"x".repeat(191)] {
            assert_eq!(Subject::read(none), None, "{none}");
        }
    }

    #[test]
    fn the_worst_of_those_that_run_is_told() {
        let of = |all: &[Status]| Badge::of(all).map(|badge| badge.status);
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[Status::New, Status::Paused]), Some(Status::New));
        assert_eq!(of(&[Status::Paused]), Some(Status::Paused));
        assert_eq!(of(&[Status::New, Status::Up]), Some(Status::Up));
        assert_eq!(of(&[Status::Late, Status::Up]), Some(Status::Late));
        let all = [Status::Late, Status::Down, Status::Down, Status::Up];
        let expected = Badge {
            status: Status::Down,
            total: 4,
            late: 1,
            down: 2,
        };
        assert_eq!(Badge::of(&all), Some(expected));
    }
}
