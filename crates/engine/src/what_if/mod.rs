//! What if: the last days gone through again with another document.
//!
//! The event log is read once and taken in by two dispatchers, one with the document in force and one with the other, each at
//! the instants at which its groups are due; then their escalations page whom they would have. Nothing is written and nothing
//! is sent. It runs beside the dispatcher, one at a time, within [`TIME`] and so many tellings as `side.rs` says; what is cut off is said.

mod answers;
mod side;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use balefire_config::plan::Plan;
use balefire_core::alert::Alert;
use balefire_core::event::{Input, Seq};
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use balefire_core::time::Time;
use balefire_core::what_if::{Counted, Difference, compare, counts};
use balefire_store::{Store, StoreError};
use rustc_hash::FxHashMap;
use tokio::time::Instant;

use self::side::Side;
use crate::engine::Engine;
use crate::progress::UnderWay;

/// The longest time that is gone through again.
pub const LONGEST: Duration = Duration::from_hours(31 * 24);
/// How long it may take.
pub const TIME: Duration = Duration::from_mins(1);
/// Differences that are listed; the others are counted.
pub const LISTED: usize = 1_000;
/// What happened in this time before is taken in, too, so that what had been told by then counts as told.
const WARM: Duration = Duration::from_hours(24);
/// Events read at a time.
const PAGE: usize = 4096;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum WhatIfError {
    /// Another one is under way.
    #[error("another what-if is under way: try again when it is done")]
    Busy,
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A mistake of ours.
    #[error("it broke off by a mistake in Balefire")]
    Broken,
}

/// What would have been different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatIf {
    /// The part of time that was gone through.
    pub from: Time,
    /// Its end.
    pub to: Time,
    /// Whether all of it was; else it was too much, and the answer holds for what comes before `to`.
    pub complete: bool,
    /// Events that were taken in.
    pub events: u64,
    /// The document in force.
    pub before: Arc<str>,
    /// The other.
    pub after: Arc<str>,
    /// Messages by receiver.
    pub receivers: BTreeMap<Arc<str>, Counted>,
    /// Messages and pages by person.
    pub people: BTreeMap<Arc<str>, Counted>,
    /// What would be told otherwise, oldest first; at most [`LISTED`].
    pub differences: Vec<Difference>,
    /// How many there are.
    pub count: usize,
    /// The labels of the alerts in the differences.
    pub labels: BTreeMap<Fingerprint, Labels>,
    /// Whether all answers of people were taken into account.
    pub all_answers: bool,
}

/// What was there before the log that is taken in.
#[derive(Clone, Debug)]
struct Seed {
    at: Time,
    input: Input,
}

impl Engine {
    /// What another document would have told in the last `last`.
    pub async fn what_if(&self, plan: Arc<Plan>, last: Duration) -> Result<WhatIf, WhatIfError> {
        let progress = self.what_if_progress().begin();
        let progress = progress.ok_or(WhatIfError::Busy)?;
        let to = self.now();
        let from = to.before(last.min(LONGEST));
        let mut plan = plan;
        self.shared().identities.known_by(Arc::make_mut(&mut plan));
        self.gone_through(&progress, plan, from, to).await
    }

    async fn gone_through(
        &self,
        progress: &UnderWay<'_>,
        plan: Arc<Plan>,
        from: Time,
        to: Time,
    ) -> Result<WhatIf, WhatIfError> {
        let (store, warm) = (self.store().clone(), from.before(WARM));
        let first = first_at(&store, warm).await?;
        let last = store.last_event();
        progress.of((last + 1).saturating_sub(first));
        let engine = self.clone();
        // Off the tasks that page people: what is in memory may be much.
        let (mut before, mut after) = in_background(move || {
            let seeds = engine.seeds(warm);
            let side = |plan| Side::new(plan, &seeds, from);
            (side(&engine.plan()), side(&plan))
        })
        .await?;
        let deadline = Instant::now() + TIME;
        let (mut cursor, mut reached, mut complete) = (first.saturating_sub(1), to, true);
        while cursor < last {
            let events = store.events(cursor, PAGE).await?;
            let Some(newest) = events.last() else { break };
            cursor = newest.seq;
            let newest_at = newest.at;
            // Each page of the log is work of its own.
            let work = move || {
                before.take(&events);
                after.take(&events);
                (before, after, events.len())
            };
            let taken;
            (before, after, taken) = in_background(work).await?;
            progress.took(taken as u64);
            if before.is_full() || after.is_full() || Instant::now() > deadline {
                (reached, complete) = (newest_at, false);
                break;
            }
        }
        let end = reached;
        let work = move || {
            before.pass(end);
            after.pass(end);
            (before, after)
        };
        let (before, after) = in_background(work).await?;
        let (answers, all_answers) = self.answers(&before.words, warm, end).await?;
        let shared = self.shared();
        let (old, new) = (
            shared.rosters.of(&before.plan),
            shared.rosters.of(&after.plan),
        );
        let events = progress.taken();
        let (mut before, mut after) = (before, after);
        in_background(move || {
            before.page(&answers, &old, end);
            after.page(&answers, &new, end);
            let found = compared(&before, &after);
            WhatIf {
                from,
                to: end,
                complete: complete && !before.is_full() && !after.is_full(),
                events,
                all_answers,
                ..found
            }
        })
        .await
    }

    /// What is in memory and older than the log that is taken in: alerts that still fire, and silences.
    fn seeds(&self, warm: Time) -> Vec<Seed> {
        let (alerts, silences) = {
            // Only pointers are copied while the dispatcher waits.
            let state = self.state();
            let alerts: Vec<Arc<Alert>> = state.alerts().cloned().collect();
            (alerts, state.silences().list(warm))
        };
        let alerts = alerts.iter().filter(|alert| alert.updated_at < warm);
        let alerts = alerts.map(|alert| Input::Alert {
            source: "".into(),
            alert: Box::new(Alert::clone(alert)),
        });
        let silences = silences.iter().map(|(_, silence)| silence);
        let silences = silences.filter(|silence| silence.updated_at < warm);
        let silences = silences.filter_map(|silence| {
            let json = serde_json::to_string(&**silence).ok()?;
            Some(Input::Silence(json.into()))
        });
        // What keeps quiet comes before what it keeps quiet.
        let inputs = silences.chain(alerts);
        inputs.map(|input| Seed { at: warm, input }).collect()
    }
}

async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, WhatIfError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| WhatIfError::Broken)
}

/// The first event of the log that is not older.
async fn first_at(store: &Store, at: Time) -> Result<Seq, StoreError> {
    let (mut low, mut high) = (1, store.last_event() + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        // One that retention took is older.
        let is_older = store.event(middle).await?.is_none_or(|event| event.at < at);
        if is_older {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

fn compared(before: &Side, after: &Side) -> WhatIf {
    let mut differences = compare(&before.tellings, &after.tellings);
    let count = differences.len();
    differences.truncate(LISTED);
    let is_person =
        |who: &str| before.plan.people.contains_key(who) || after.plan.people.contains_key(who);
    let people = counts(&before.tellings, &after.tellings, |telling| {
        is_person(&telling.who).then(|| Arc::clone(&telling.who))
    });
    let mut receivers: BTreeMap<Arc<str>, Counted> = BTreeMap::new();
    for (name, count) in &before.receivers {
        receivers.entry(Arc::clone(name)).or_default().before = *count;
    }
    for (name, count) in &after.receivers {
        receivers.entry(Arc::clone(name)).or_default().after = *count;
    }
    let of = |fingerprint: &Fingerprint, known: &FxHashMap<Fingerprint, Labels>| {
        known.get(fingerprint).cloned()
    };
    let named = differences.iter().flat_map(|one| &one.alerts);
    let labels = named.filter_map(|(alert, _)| {
        let labels = of(alert, &before.labels).or_else(|| of(alert, &after.labels));
        Some((*alert, labels?))
    });
    WhatIf {
        from: Time::EPOCH,
        to: Time::EPOCH,
        complete: true,
        events: 0,
        before: Arc::clone(&before.plan.version),
        after: Arc::clone(&after.plan.version),
        receivers,
        people,
        labels: labels.collect(),
        differences,
        count,
        all_answers: true,
    }
}
