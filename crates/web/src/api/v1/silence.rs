//! A silence as this interface shows and takes it.

use std::sync::Arc;

use balefire_core::duration;
use balefire_core::label::Labels;
use balefire_core::matcher::{self, Matchers, Mode};
use balefire_core::silence::{Silence, SilenceState};
use balefire_core::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Fields;
use crate::error::Problem;

/// Sets of matchers, and matchers of a set, at most.
const SETS: usize = 64;

/// A set of matchers from their texts, each of them one.
pub(crate) fn matchers(texts: &[String]) -> Result<Matchers, Problem> {
    if texts.is_empty() || texts.len() > SETS {
        return Err(Problem::bad_request(&format!(
            "matchers: 1 to {SETS} of them say what it silences"
        )));
    }
    let read = |text: &String| {
        matcher::parse_one(text, Mode::Fallback)
            .map_err(|error| Problem::bad_request(&format!("matcher {text:?}: {error}")))
    };
    texts.iter().map(read).collect()
}

/// A silence.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SilenceView {
    #[schema(value_type = String)]
    id: Arc<str>,
    /// `active`, `pending` or `expired`.
    #[schema(value_type = String)]
    state: SilenceState,
    /// An alert is silenced when all matchers of any one set pass.
    matcher_sets: Vec<Vec<String>>,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Time,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Time,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Time,
    created_by: String,
    comment: String,
    #[schema(value_type = BTreeMap<String, String>)]
    annotations: Labels,
}

impl SilenceView {
    pub(crate) fn of(silence: &Silence, now: Time) -> Self {
        Self {
            id: Arc::clone(&silence.id),
            state: silence.state(now),
            matcher_sets: silence
                .matcher_sets
                .iter()
                .map(|set| set.iter().map(ToString::to_string).collect())
                .collect(),
            starts_at: silence.starts_at,
            ends_at: silence.ends_at,
            updated_at: silence.updated_at,
            created_by: silence.created_by.clone(),
            comment: silence.comment.clone(),
            annotations: silence.annotations.clone(),
        }
    }
}

/// A silence to be made, or edited when it has an id.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SilenceBody {
    /// The silence to edit; a new one without it.
    #[serde(default)]
    id: String,
    /// Matchers such as `env=~"prod.*"`, of which all must pass.
    #[serde(default)]
    matchers: Vec<String>,
    /// Several such sets, of which any one must pass; instead of `matchers`.
    #[serde(default)]
    matcher_sets: Vec<Vec<String>>,
    /// When it begins; now when it is left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Time>,
    /// When it ends; or say `duration`.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Time>,
    /// How long it lasts, such as `2h`; instead of `endsAt`.
    duration: Option<String>,
    /// Who makes it.
    created_by: String,
    /// Why.
    comment: String,
    /// Further words.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    annotations: Option<Labels>,
}

impl Fields for SilenceBody {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "matchers",
        "matcherSets",
        "startsAt",
        "endsAt",
        "duration",
        "createdBy",
        "comment",
        "annotations",
    ];
}

impl SilenceBody {
    /// The silence that is meant; whether it may be is the engine's to say.
    pub(crate) fn silence(self, now: Time) -> Result<Silence, Problem> {
        let starts_at = self.starts_at.unwrap_or(now);
        let ends_at = match (self.ends_at, &self.duration) {
            (Some(ends_at), None) => ends_at,
            (None, Some(text)) => {
                let span = duration::parse(text)
                    .map_err(|error| Problem::bad_request(&format!("duration: {error}")))?;
                starts_at.after(span)
            }
            _ => {
                return Err(Problem::bad_request(
                    "say when it ends: one of endsAt and duration",
                ));
            }
        };
        let sets = match (self.matchers.is_empty(), self.matcher_sets.is_empty()) {
            (false, true) => vec![self.matchers],
            (true, false) => self.matcher_sets,
            _ => {
                return Err(Problem::bad_request(
                    "say what it silences: one of matchers and matcherSets",
                ));
            }
        };
        if sets.len() > SETS {
            return Err(Problem::bad_request(&format!(
                "matcherSets: {SETS} at most"
            )));
        }
        let matcher_sets = sets
            .iter()
            .map(|set| matchers(set))
            .collect::<Result<_, _>>()?;
        Ok(Silence {
            id: self.id.into(),
            matcher_sets,
            starts_at,
            ends_at,
            updated_at: now,
            created_by: self.created_by,
            comment: self.comment,
            annotations: self.annotations.unwrap_or_default(),
        })
    }
}
