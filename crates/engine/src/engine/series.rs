//! Recurring silences: made and ended by people; their occurrences are kept ahead of time.

use std::sync::Arc;

use balefire_core::label::Annotations;
use balefire_core::silence::{SERIES, Series, SeriesError, Silence};
use balefire_core::time::Time;
use balefire_store::{MAX_SERIES, StoreError};

use super::Engine;
use super::silences::{SilenceFailure, uuid_v4};

/// Why a recurring silence was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SeriesFailure {
    /// Its times cannot be meant.
    #[error(transparent)]
    Times(#[from] SeriesError),
    /// What it matches, or another rule of silences.
    #[error(transparent)]
    Silence(#[from] SilenceFailure),
    /// There are too many.
    #[error("there are {MAX_SERIES} recurring silences already")]
    TooMany,
    /// There is none of that id.
    #[error("there is no recurring silence of this id")]
    Unknown,
}

impl From<StoreError> for SeriesFailure {
    fn from(error: StoreError) -> Self {
        Self::Silence(error.into())
    }
}

impl Engine {
    /// All recurring silences, ended ones included.
    pub async fn silence_series(&self) -> Result<Vec<Series>, StoreError> {
        let rows = self.store().silence_series().await?.into_iter();
        let read = rows.filter_map(|(id, body)| match serde_json::from_str(&body) {
            Ok(series) => Some(series),
            Err(error) => {
                tracing::warn!(%id, %error, "a recurring silence cannot be read");
                None
            }
        });
        Ok(read.collect())
    }

    /// Makes a recurring silence, and its first occurrences; its id is given here.
    pub async fn make_series(&self, series: Series) -> Result<Series, SeriesFailure> {
        series.check()?;
        let now = self.now();
        self.check_as_silence(&series, now)?;
        if self.store().silence_series().await?.len() >= MAX_SERIES {
            return Err(SeriesFailure::TooMany);
        }
        let series = Series {
            id: uuid_v4().into(),
            created_at: now,
            ended: false,
            ..series
        };
        self.write(&series).await?;
        self.keep_occurrences(std::slice::from_ref(&series)).await?;
        Ok(series)
    }

    /// Ends a recurring silence and whichever of its occurrences are not over; ending it twice is fine.
    pub async fn end_series(&self, id: &str) -> Result<(), SeriesFailure> {
        let all = self.silence_series().await?;
        let found = all.into_iter().find(|series| *series.id == *id);
        let mut series = found.ok_or(SeriesFailure::Unknown)?;
        series.ended = true;
        // First, so that no occurrence is made any more.
        self.write(&series).await?;
        let now = self.now();
        let occurrences = self.state().silences().list(now).into_iter();
        let own = occurrences.filter(|(_, silence)| silence.annotations.value(SERIES) == id);
        let ids: Vec<Arc<str>> = own
            .filter(|(_, silence)| silence.ends_at > now)
            .map(|(_, silence)| Arc::clone(&silence.id))
            .collect();
        for id in ids {
            self.expire_silence(&id).await?;
        }
        Ok(())
    }

    /// Makes the occurrences that should be there and are not.
    pub(crate) async fn keep_occurrences(&self, series: &[Series]) -> Result<(), StoreError> {
        let _one_at_a_time = self.inner.silencing.lock().await;
        let now = self.now();
        let due: Vec<Silence> = {
            let state = self.state();
            let known = |id: &str| state.silences().get(id).is_some();
            let due = series.iter().flat_map(|one| one.due(now, known));
            due.collect()
        };
        self.append_silences(&due, now).await
    }

    /// The rules of silences hold for what recurs, too.
    fn check_as_silence(&self, series: &Series, now: Time) -> Result<(), SeriesFailure> {
        let silence = Silence {
            id: "".into(),
            matcher_sets: series.matcher_sets.clone(),
            starts_at: now,
            ends_at: now.after(std::time::Duration::from_secs(1)),
            updated_at: now,
            created_by: series.created_by.clone(),
            comment: series.comment.clone(),
            annotations: Annotations::empty(),
        };
        let put = self.state().silences().put(silence, uuid_v4(), now);
        put.map(drop)
            .map_err(|error| SeriesFailure::Silence(error.into()))
    }

    async fn write(&self, series: &Series) -> Result<(), StoreError> {
        // Every part of it has a JSON form.
        let body = serde_json::to_string(series).unwrap_or_default();
        let writer = self.store().writer();
        writer.put_silence_series(&series.id, &body).await
    }
}
