//! The Alertmanager's silences kept here too, because people make them there: each copy names what it is
//! a copy of, follows its changes, and ends with it. Nothing is ever written there.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use balefire_core::label::Annotations;
use balefire_core::matcher::MatchOp;
use balefire_core::silence::{Silence, SilenceState, matcher_set};
use balefire_core::time::Time;
use balefire_engine::engine::{Engine, SilenceFailure};

use super::peer;

/// The annotation of a copy: the id of what it is a copy of.
const COPY_OF: &str = "copy_of";

/// What has been copied.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// Ids of silences that cannot be copied; each is said once.
    refused: HashSet<String>,
}

impl Copies {
    /// Makes, changes and ends copies until they are like the originals; answers how many there are.
    pub(super) async fn follow(
        &mut self,
        engine: &Engine,
        originals: &[peer::Silence],
    ) -> Result<usize, SilenceFailure> {
        let now = engine.now();
        let mut copies = copies(engine, now);
        let mut number = 0;
        for original in originals {
            let copy = copies.remove(&original.id);
            if copy
                .as_ref()
                .is_some_and(|copy| is_like(copy, original, now))
            {
                number += 1;
                continue;
            }
            let put = match silence(original, copy.as_deref(), now) {
                Ok(silence) => engine
                    .put_silence(silence)
                    .await
                    .map_err(|error| match error {
                        SilenceFailure::Rule(rule) => Ok(rule.to_string()),
                        store @ SilenceFailure::Store(_) => Err(store),
                    }),
                Err(why) => Err(Ok(why)),
            };
            match put {
                Ok(_) => number += 1,
                Err(Ok(why)) => self.refuse(&original.id, &why),
                Err(Err(store)) => return Err(store),
            }
        }
        for copy in copies.into_values() {
            engine.expire_silence(&copy.id).await?;
        }
        Ok(number)
    }

    fn refuse(&mut self, id: &str, why: &str) {
        if self.refused.insert(id.to_owned()) {
            tracing::warn!(
                silence = id,
                why,
                "a silence of the Alertmanager cannot be copied"
            );
        }
    }
}

/// The copies that are in force or to come, by what they are copies of.
fn copies(engine: &Engine, now: Time) -> HashMap<String, Arc<Silence>> {
    let list = engine.state().silences().list(now);
    list.into_iter()
        .filter(|(state, _)| *state != SilenceState::Expired)
        .filter_map(|(_, silence)| Some((silence.annotations.get(COPY_OF)?.to_owned(), silence)))
        .collect()
}

/// Whether a copy says what its original says. Matchers never change under one id; the start of one
/// that has begun is the past.
fn is_like(copy: &Silence, original: &peer::Silence, now: Time) -> bool {
    let began = copy.starts_at <= now && original.starts_at <= now;
    copy.ends_at == original.ends_at
        && copy.comment == original.comment
        && copy.created_by == original.created_by
        && (began || copy.starts_at == original.starts_at)
}

/// The copy to put: a new one, or the old one with the original's new words.
fn silence(original: &peer::Silence, copy: Option<&Silence>, now: Time) -> Result<Silence, String> {
    let matchers = original.matchers.iter().map(|matcher| {
        let op = MatchOp::from_flags(matcher.is_regex, matcher.is_equal);
        (matcher.name.as_str(), op, matcher.value.as_str())
    });
    let matchers = matcher_set(0, matchers).map_err(|error| error.to_string())?;
    let annotations = Annotations::annotations([(COPY_OF, original.id.as_str())])
        .map_err(|error| error.to_string())?;
    let began = copy.filter(|copy| copy.starts_at <= now);
    Ok(Silence {
        id: copy.map_or_else(|| Arc::from(""), |copy| Arc::clone(&copy.id)),
        matcher_sets: vec![matchers],
        starts_at: began.map_or(original.starts_at, |copy| copy.starts_at),
        ends_at: original.ends_at,
        updated_at: now,
        created_by: original.created_by.clone(),
        comment: original.comment.clone(),
        annotations,
    })
}
