//! Fetches the calendars whose turn it is, and tells of those that are not there or out of date.

use std::collections::BTreeMap;
use std::time::Duration;

use balefire_core::time::Time;
use balefire_store::StoreError;
use futures_util::stream::{self, StreamExt as _};

use crate::calendar::CalendarState;
use crate::engine::Engine;

/// How often it is asked whose turn it is.
const EVERY: Duration = Duration::from_secs(5);
/// Calendars that are in hand at once; the fetches themselves have a bound of their own.
const AT_ONCE: usize = 8;
/// The same is not told again for so long.
const AGAIN: Duration = Duration::from_hours(24);
/// How often it is looked for what the document does not have any more.
const TIDY: Duration = Duration::from_hours(1);

/// What was told when, by what it is about. A start forgets it and tells once more.
type Told = BTreeMap<String, Time>;

pub(crate) async fn run(engine: Engine) {
    let mut told = Told::new();
    let mut tidied: Option<Time> = None;
    loop {
        let round = tokio::select! {
            () = engine.stopping().cancelled() => return,
            round = round(&engine, &mut told) => round,
        };
        if let Err(error) = round {
            tracing::warn!(%error, "calendars could not be looked at, the next round makes up for it");
        }
        let now = engine.now();
        if tidied.is_none_or(|at| now < at || at.after(TIDY) <= now) {
            tidied = Some(now);
            if let Err(error) = engine.forget_calendars().await {
                tracing::debug!(%error, "calendars could not be forgotten, the next round makes up for it");
            }
        }
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Fetches those whose turn it is, then tells what is wrong.
async fn round(engine: &Engine, told: &mut Told) -> Result<(), StoreError> {
    let states = engine.calendar_states(None).await?;
    // Read after the states: what was never tried is due at the moment they are of.
    let now = engine.now();
    let due = states.into_iter().filter(|state| state.next_try <= now);
    let fetches = due.map(|state| {
        let engine = engine.clone();
        async move { engine.fetch_calendar(&state.address).await }
    });
    let fetches: Vec<_> = fetches.collect();
    let mut fetches = stream::iter(fetches).buffer_unordered(AT_ONCE);
    let mut failed = Ok(());
    while let Some(fetched) = fetches.next().await {
        failed = failed.and(fetched);
    }
    for state in engine.calendar_states(None).await? {
        tell(engine, told, &state);
    }
    failed
}

fn tell(engine: &Engine, told: &mut Told, state: &CalendarState) {
    let now = engine.now();
    let Some((subject, text)) = state.complaint() else {
        return;
    };
    told.retain(|_, at| *at <= now && now < at.after(AGAIN));
    if told.contains_key(&subject) {
        return;
    }
    engine.report_calendar(&subject, text);
    told.insert(subject, now);
}
