//! Tells telephones whose calls go to whoever is on call, when that changes.
//!
//! What a telephone was told last is compared with who is on call now: after a standstill it is told the newest and
//! nothing of what was missed, and an override or a new document counts as a handover does. That it was told is written
//! with the message, so that it is told once, whoever looks and how often.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use balefire_config::forward::Forward;
use balefire_config::plan::{Person, Plan};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::{Fact, Forwarded, Forwarding, NotificationState, StoreError};

use crate::direct::{Destination, Direct, DirectError, Words};
use crate::engine::Engine;
use crate::meta::Trouble;

/// Nothing sleeps for longer, so that overrides and a new document are noticed.
const LONGEST: Duration = Duration::from_secs(10);
/// How long after a message that could not be delivered the telephone is told again.
const AGAIN: Duration = Duration::from_mins(30);
/// Another node's clock may be ahead by so much, or ours be set back: until it is as late again, nothing is told.
const SKEW: Duration = Duration::from_mins(5);

/// Why telephones are not told, by series: each reason is complained of once.
type Complained = BTreeMap<u64, String>;

/// What a telephone is to dial.
struct Wanted {
    /// The key of the person; empty for nobody's number.
    person: Arc<str>,
    /// What the message says besides.
    title: String,
    number: Arc<str>,
}

pub(crate) async fn run(engine: Engine) {
    let mut complained = Complained::new();
    loop {
        let looked = tokio::select! {
            () = engine.stopping().cancelled() => return,
            looked = look(&engine, &mut complained) => looked,
        };
        if let Err(error) = looked {
            tracing::warn!(%error, "what telephones were told could not be looked at, the next look makes up for it");
        }
        let wake = wake(&engine.plan(), engine.now());
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            () = tokio::time::sleep(wake) => {}
        }
    }
}

/// How long until the next handover of a schedule that counts, [`LONGEST`] at most.
fn wake(plan: &Plan, now: Time) -> Duration {
    let schedules = plan.forwards.iter();
    let schedules = schedules.filter_map(|forward| plan.schedules.get(&*forward.schedule));
    let shifts = schedules.filter_map(|schedule| schedule.shifts(now, now.after(LONGEST)).ok());
    let edges = shifts.flatten();
    let edges = edges.flat_map(|shift| [shift.stretch.from, shift.stretch.to]);
    let next = edges.filter(|edge| *edge > now).min();
    next.map_or(LONGEST, |edge| edge.since(now))
}

/// Looks at all telephones once. One that cannot be told keeps no other from being told.
async fn look(engine: &Engine, complained: &mut Complained) -> Result<(), StoreError> {
    if engine.is_shadow() {
        return Ok(());
    }
    let (plan, now) = (engine.plan(), engine.now());
    for forward in &plan.forwards {
        let series = series(forward);
        let last = engine.store().forwarded(series).await?;
        match wanted(engine, &plan, forward, now) {
            Ok(wanted) => {
                complained.remove(&series);
                if is_due(engine, last.as_ref(), &wanted, now).await? {
                    tell(engine, forward, wanted, (series, last, now)).await?;
                }
            }
            Err(why) => complain(engine, &plan, (forward, series), why, (last, complained)),
        }
    }
    complained.retain(|known, _| {
        plan.forwards
            .iter()
            .any(|forward| series(forward) == *known)
    });
    Ok(())
}

/// Which telephone an entry is about, and for what it is told; never 0.
fn series(forward: &Forward) -> u64 {
    let words = format!(
        "forward\0{}\0{}\0{}",
        forward.schedule, forward.agent, forward.code
    );
    let hash = digest::digest(&digest::SHA256, words.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash.as_ref()[..8]);
    u64::from_be_bytes(bytes) | 1
}

/// What is to be dialled now: the number of the first on call who has one, else the one for such times. Else why there
/// is none.
fn wanted(engine: &Engine, plan: &Plan, forward: &Forward, now: Time) -> Result<Wanted, String> {
    let schedule = &forward.schedule;
    let on_call = engine.roster().on_call(schedule, now);
    let there: Vec<&Person> = on_call
        .iter()
        .flat_map(|on_call| on_call.people.iter())
        .filter_map(|key| plan.people.get(&**key))
        .collect();
    let numbers = there.iter().filter_map(|person| {
        let number = forward.dialled(&person.contact.phone).ok()?;
        Some(Wanted {
            person: person.key.as_str().into(),
            title: format!("{schedule}: {}", person.contact.name),
            number,
        })
    });
    let otherwise = forward.otherwise.as_ref().and_then(|phone| {
        Some(Wanted {
            person: Arc::default(),
            title: schedule.to_string(),
            number: forward.dialled(phone).ok()?,
        })
    });
    let mut numbers = numbers;
    numbers.next().or(otherwise).ok_or_else(|| {
        if there.is_empty() {
            return format!("nobody is on call in {schedule}");
        }
        let keys: Vec<&str> = there.iter().map(|person| person.key.as_str()).collect();
        format!(
            "nobody on call in {schedule} has a number that can be dialled ({})",
            keys.join(", ")
        )
    })
}

/// Whether the telephone has to be told.
async fn is_due(
    engine: &Engine,
    last: Option<&Forwarded>,
    wanted: &Wanted,
    now: Time,
) -> Result<bool, StoreError> {
    let Some(last) = last else {
        return Ok(true);
    };
    let at = last.told.at;
    if now < at && at <= now.after(SKEW) {
        return Ok(false);
    }
    if last.told.number != wanted.number {
        return Ok(true);
    }
    // What was given up on has not reached the telephone.
    let states = engine.store().states(&[last.notification]).await?;
    let is_dead = |(_, state): &(u64, NotificationState)| *state == NotificationState::DeadLettered;
    Ok(states.iter().any(is_dead) && now >= at.after(AGAIN))
}

/// Tells the telephone, and writes down that it was told.
async fn tell(
    engine: &Engine,
    forward: &Forward,
    wanted: Wanted,
    (series, last, now): (u64, Option<Forwarded>, Time),
) -> Result<(), StoreError> {
    let told = Forwarding {
        series,
        round: last.map_or(0, |last| last.told.round) + 1,
        at: now,
        person: wanted.person,
        number: Arc::clone(&wanted.number),
    };
    let direct = Direct {
        to: Destination::Account {
            name: forward.account.to_string(),
            options: forward.options_for(&wanted.number),
        },
        words: Words::Text {
            title: wanted.title,
            text: String::new(),
        },
        severity: Severity::Critical,
        facts: Fact::forwarded(&told),
        verifies: None,
    };
    match engine.send_in_series(&direct, series).await {
        Ok(()) => {
            tracing::info!(
                schedule = &*forward.schedule,
                person = &*told.person,
                "a telephone is told whom calls go to"
            );
            Ok(())
        }
        Err(DirectError::Store(StoreError::Conflict(_))) => {
            tracing::debug!("another node told the telephone, or the next look does");
            Ok(())
        }
        Err(DirectError::Store(error)) => Err(error),
        Err(error) => {
            let text = format!(
                "calls of schedule {} are not forwarded to whoever is on call: {error}",
                forward.schedule
            );
            engine
                .findings()
                .report(now, Trouble::Forwarding, &forward.schedule, text);
            Ok(())
        }
    }
}

/// Says once that a telephone goes on with whom it had, or has nobody.
fn complain(
    engine: &Engine,
    plan: &Plan,
    (forward, series): (&Forward, u64),
    why: String,
    (last, complained): (Option<Forwarded>, &mut Complained),
) {
    if complained.get(&series) == Some(&why) {
        return;
    }
    let still = match last {
        Some(last) => {
            let person = plan.people.get(&*last.told.person);
            let name = person.map_or("the number before", |person| &person.contact.name);
            format!("its calls still go to {name}")
        }
        None => "it was never told anybody".to_owned(),
    };
    let text = format!(
        "{why}, so that the telephone of schedule {} is not told whom its calls go to; {still}. Put somebody with a phone on call, or set forward.otherwise",
        forward.schedule
    );
    let subject = format!("forwarding of {}", forward.schedule);
    engine
        .findings()
        .report(engine.now(), Trouble::Forwarding, &subject, text);
    complained.insert(series, why);
}
