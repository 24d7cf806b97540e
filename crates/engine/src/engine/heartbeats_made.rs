//! Heartbeats that people make, change and take away while the node runs.

use std::sync::Arc;

use balefire_config::heartbeat::{Heartbeat, Heartbeats as All, hash};
use balefire_core::heartbeat::{Fault, Wanted};
use balefire_core::secret::Secret;
use balefire_store::{HeartbeatChange, MAX_HEARTBEATS, MadeHeartbeat, StoreError};
use data_encoding::HEXLOWER;

use super::Engine;
use super::silences::uuid_v4;
use crate::heartbeats::{HeartbeatState, waited};

/// Bytes of a token: nobody guesses 2¹⁹².
const TOKEN: usize = 24;
/// Longest name of who does something, in characters.
const ACTOR: usize = 200;

/// Why a heartbeat was not made, changed or taken away.
#[derive(Debug, thiserror::Error)]
pub enum HeartbeatFailure {
    /// It stands in the document.
    #[error(
        "the heartbeat {0:?} stands in the document, where it is changed, too (heartbeats.{0})"
    )]
    OfDocument(String),
    /// There is one of this name.
    #[error("another heartbeat is called {0:?}; choose another name, or change that one")]
    Taken(String),
    /// There are too many.
    #[error("there are {MAX_HEARTBEATS} heartbeats that were made here; take one away first")]
    TooMany,
    /// There is none of this name.
    #[error("there is no heartbeat {0:?}")]
    Unknown(String),
    /// It breaks rules.
    #[error("{}", told(.0))]
    Faults(Vec<Fault>),
    /// The system gives no randomness, so a token could be guessed.
    #[error("the system gives no randomness for a token; try again")]
    NoRandomness,
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn told(faults: &[Fault]) -> String {
    let words: Vec<String> = faults.iter().map(ToString::to_string).collect();
    words.join("; ")
}

impl Engine {
    /// All heartbeats that are waited for: the document's, and those that people have made.
    pub fn waited(&self) -> Arc<All> {
        self.inner.waited.all(&self.plan())
    }

    /// The heartbeat of a token. One that nobody has here may have been made on another node a moment ago.
    pub async fn heartbeat_of_token(&self, token: &str) -> Option<Arc<Heartbeat>> {
        if let Some(known) = self.waited().of_token(token) {
            return Some(Arc::clone(known));
        }
        // If the store is away, it is unknown; its sender comes again.
        if !self.refresh_heartbeats().await.unwrap_or(false) {
            return None;
        }
        self.waited().of_token(token).map(Arc::clone)
    }

    /// Reads the heartbeats that were made, when this node or another has changed one; whether that was so.
    pub(crate) async fn refresh_heartbeats(&self) -> Result<bool, StoreError> {
        let is_news = self.inner.waited.refresh(self.store()).await?;
        if is_news {
            self.heartbeats().followed();
            self.inner.shared.changed();
        }
        Ok(is_news)
    }

    /// Makes a heartbeat; its token is told here and never again.
    pub async fn make_heartbeat(
        &self,
        wanted: Wanted,
        actor: &str,
    ) -> Result<(HeartbeatState, Secret), HeartbeatFailure> {
        self.check_wanted(&wanted)?;
        let (name, token, now) = (wanted.name.clone(), token()?, self.now());
        let actor: Arc<str> = actor.chars().take(ACTOR).collect::<String>().into();
        let row = MadeHeartbeat {
            name: name.as_str().into(),
            token: HEXLOWER.encode(&hash(token.reveal())).into(),
            body: written(&wanted),
            made_by: Arc::clone(&actor),
            made_at: now,
            changed_by: actor,
            changed_at: now,
        };
        let decide = move |found: Option<&MadeHeartbeat>, count: usize| match found {
            Some(_) => {
                let failure = HeartbeatFailure::Taken(row.name.to_string());
                (HeartbeatChange::Leave, Err(failure))
            }
            None if count >= MAX_HEARTBEATS => {
                (HeartbeatChange::Leave, Err(HeartbeatFailure::TooMany))
            }
            None => (HeartbeatChange::Put(row.clone()), Ok(())),
        };
        self.change_made(&name, decide).await?;
        // One of this name may have been taken away a moment ago.
        self.heartbeats().anew(&name);
        tracing::info!(heartbeat = %name, "a heartbeat was made");
        Ok((self.known(&name)?, token))
    }

    /// Changes a heartbeat that was made by what `edit` makes of what was asked for; its token and what was heard stay.
    pub async fn edit_heartbeat(
        &self,
        name: &str,
        edit: impl Fn(&mut Wanted) + Send + Sync + 'static,
        actor: &str,
    ) -> Result<HeartbeatState, HeartbeatFailure> {
        self.check_name(name)?;
        let (engine, now) = (self.clone(), self.now());
        let change = move |found: &MadeHeartbeat| {
            let unknown = || HeartbeatFailure::Unknown(found.name.to_string());
            let mut asked = waited::wanted(found).ok_or_else(unknown)?;
            edit(&mut asked);
            asked.name = found.name.to_string();
            engine.check_wanted(&asked)?;
            Ok(MadeHeartbeat {
                body: written(&asked),
                changed_at: now,
                ..found.clone()
            })
        };
        self.change_one(name, actor, change).await?;
        self.known(name)
    }

    /// Gives a heartbeat that was made another token, which is told here and never again; the one before is nobody's.
    pub async fn renew_heartbeat_token(
        &self,
        name: &str,
        actor: &str,
    ) -> Result<(HeartbeatState, Secret), HeartbeatFailure> {
        self.check_name(name)?;
        let (token, now) = (token()?, self.now());
        let hashed: Arc<str> = HEXLOWER.encode(&hash(token.reveal())).into();
        let change = move |found: &MadeHeartbeat| {
            Ok(MadeHeartbeat {
                token: Arc::clone(&hashed),
                changed_at: now,
                ..found.clone()
            })
        };
        self.change_one(name, actor, change).await?;
        Ok((self.known(name)?, token))
    }

    /// Takes a heartbeat away that was made; an alert that is out ends, and what was heard is forgotten.
    pub async fn remove_heartbeat(&self, name: &str) -> Result<(), HeartbeatFailure> {
        self.check_name(name)?;
        let asked = name.to_owned();
        let decide = move |found: Option<&MadeHeartbeat>, _: usize| {
            if found.is_some() {
                (HeartbeatChange::Drop, Ok(()))
            } else {
                let unknown = HeartbeatFailure::Unknown(asked.clone());
                (HeartbeatChange::Leave, Err(unknown))
            }
        };
        self.change_made(name, decide).await?;
        tracing::info!(heartbeat = %name, "a heartbeat was taken away");
        Ok(())
    }

    async fn change_one(
        &self,
        name: &str,
        actor: &str,
        change: impl Fn(&MadeHeartbeat) -> Result<MadeHeartbeat, HeartbeatFailure>
        + Send
        + Sync
        + 'static,
    ) -> Result<(), HeartbeatFailure> {
        let actor: Arc<str> = actor.chars().take(ACTOR).collect::<String>().into();
        let asked = name.to_owned();
        let decide = move |found: Option<&MadeHeartbeat>, _: usize| {
            let unknown = || HeartbeatFailure::Unknown(asked.clone());
            match found.ok_or_else(unknown).and_then(&change) {
                Ok(row) => {
                    let changed_by = Arc::clone(&actor);
                    let row = MadeHeartbeat { changed_by, ..row };
                    (HeartbeatChange::Put(row), Ok(()))
                }
                Err(failure) => (HeartbeatChange::Leave, Err(failure)),
            }
        };
        self.change_made(name, decide).await
    }

    async fn change_made<F>(&self, name: &str, decide: F) -> Result<(), HeartbeatFailure>
    where
        F: Fn(Option<&MadeHeartbeat>, usize) -> (HeartbeatChange, Result<(), HeartbeatFailure>)
            + Send
            + Sync
            + 'static,
    {
        let (writer, revision) = (self.store().writer(), uuid_v4());
        writer.change_heartbeat(name, &revision, decide).await??;
        if let Err(error) = self.refresh_heartbeats().await {
            // It is stored, and the job that looks for other nodes' heartbeats finds it.
            tracing::debug!(%error, "the heartbeat could not be read back yet");
        }
        Ok(())
    }

    fn check_name(&self, name: &str) -> Result<(), HeartbeatFailure> {
        if self.plan().heartbeats.get(name).is_some() {
            return Err(HeartbeatFailure::OfDocument(name.to_owned()));
        }
        Ok(())
    }

    fn check_wanted(&self, wanted: &Wanted) -> Result<(), HeartbeatFailure> {
        self.check_name(&wanted.name)?;
        let agreed = wanted.agree(&self.plan().server.reader.zone);
        agreed.map(drop).map_err(HeartbeatFailure::Faults)
    }

    fn known(&self, name: &str) -> Result<HeartbeatState, HeartbeatFailure> {
        let all = self.waited();
        let found = all.get(name);
        let unknown = || HeartbeatFailure::Unknown(name.to_owned());
        found
            .map(|one| self.heartbeat_state(one))
            .ok_or_else(unknown)
    }
}

fn written(wanted: &Wanted) -> Arc<str> {
    // Every part of it has a JSON form.
    serde_json::to_string(wanted).unwrap_or_default().into()
}

/// A token that nobody has.
fn token() -> Result<Secret, HeartbeatFailure> {
    let mut bytes = [0; TOKEN];
    let filled = aws_lc_rs::rand::fill(&mut bytes);
    filled.map_err(|_| HeartbeatFailure::NoRandomness)?;
    Ok(Secret::new(HEXLOWER.encode(&bytes)))
}
