//! Notices what other nodes have booked and who has left while being booked, and tells what is wrong with schedules:
//! overrides that do not hold any more, events that say nothing, and gaps before they come.

use std::collections::BTreeMap;
use std::time::Duration;

use balefire_core::schedule::Schedule;
use balefire_core::time::Time;

use crate::engine::Engine;
use crate::meta::Trouble;
use crate::roster::{Roster, gap_ahead};

/// How soon what another node has booked is noticed.
const EVERY: Duration = Duration::from_secs(5);
/// How often the time ahead is looked at.
const LOOK: Duration = Duration::from_hours(1);
/// The same is not told again for so long.
const AGAIN: Duration = Duration::from_hours(24);

/// What was told when, by what it is about. A start forgets it and tells once more.
type Told = BTreeMap<String, Time>;

pub(crate) async fn run(engine: Engine) {
    let mut told = Told::new();
    let mut looked: Option<(Time, usize)> = None;
    loop {
        let refreshed = tokio::select! {
            () = engine.stopping().cancelled() => return,
            refreshed = engine.refresh_roster() => refreshed,
        };
        if let Err(error) = refreshed {
            tracing::debug!(%error, "what is booked could not be read, the next look makes up for it");
        }
        let (mut roster, now) = (engine.roster(), engine.now());
        if let Some(left) = roster.left(now) {
            match engine.note_left(&left).await {
                Ok(()) => roster = engine.roster(),
                Err(error) => {
                    tracing::debug!(%error, "who has left could not be noted, the next look makes up for it");
                }
            }
        }
        // The address says whether it is another roster than the one that was looked at.
        let which = std::sync::Arc::as_ptr(&roster).addr();
        let is_due =
            looked.is_none_or(|(at, seen)| seen != which || now < at || at.after(LOOK) <= now);
        if is_due {
            looked = Some((now, which));
            let found = tokio::task::spawn_blocking(move || complaints(&roster, now));
            for (subject, text) in found.await.unwrap_or_default() {
                tell(&engine, &mut told, &subject, text);
            }
            told.retain(|_, at| *at <= now && now < at.after(AGAIN));
        }
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

fn tell(engine: &Engine, told: &mut Told, subject: &str, text: String) {
    let now = engine.now();
    let lately = |at: &Time| *at <= now && now < at.after(AGAIN);
    if told.get(subject).is_some_and(lately) {
        return;
    }
    told.insert(subject.to_owned(), now);
    engine
        .findings()
        .report(now, Trouble::OnCall, subject, text);
}

/// What is to be told of a roster, by what it is about.
fn complaints(roster: &Roster, now: Time) -> Vec<(String, String)> {
    let lost = roster.troubles(now).into_iter().map(|(name, error)| {
        let subject = format!("{name}: {error}");
        let text = format!(
            "{name}: {error}. This override does not hold any more, and whoever the schedule says is on call; \
             make another, or take it back with balefire oncall cancel {name} ID"
        );
        (subject, text)
    });
    let gaps = roster.schedules().values();
    let gaps = gaps.filter_map(|schedule| gap(roster, schedule, now));
    let unread = roster.schedules().values().flat_map(left_out);
    lost.chain(gaps).chain(unread).collect()
}

/// Events of a schedule's calendar files that say nothing.
fn left_out(schedule: &Schedule) -> Vec<(String, String)> {
    let name = schedule.name();
    let told = schedule.left_out().map(|(layer, told)| {
        let text = format!(
            "{name}: {layer}: {told}: nobody is on call by it. Mend the calendar, or say in names who is meant"
        );
        (format!("{name}: {told}"), text)
    });
    told.collect()
}

fn gap(roster: &Roster, schedule: &Schedule, now: Time) -> Option<(String, String)> {
    let ahead = schedule.gap_notice()?;
    let (first, count) = gap_ahead(schedule, roster.plan(), now, ahead)?;
    let name = schedule.name();
    let clock = |at| schedule.zone().clock(at).strftime("%Y-%m-%d %H:%M");
    let text = format!(
        "{name}: nobody who can be reached is on call from {} to {} ({}), the first of {count} time(s) in the next {} days. \
         Put somebody there with balefire oncall override {name}, or set gap_notice: 0s if it is meant so",
        clock(first.from),
        clock(first.to),
        schedule.zone().name(),
        ahead.as_secs().div_ceil(24 * 3_600),
    );
    Some((format!("gap in {name}"), text))
}
