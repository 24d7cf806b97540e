//! Tells reminders whose time has come. That a stage was told is written with the message itself, so that neither
//! a crash nor a second run tells it again, and what could not be stored is not counted as told.

use std::collections::BTreeSet;
use std::time::Duration;

use balefire_config::plan::Plan;
use balefire_core::reminder::{Mark, Reminder, Stage};
use balefire_core::time::Time;
use balefire_store::{StoreError, told};
use tokio::time::Instant;

use crate::direct::DirectError;
use crate::engine::Engine;
use crate::meta::Trouble;
use crate::reminder::{self, Line};

/// Reminders that are looked at together.
const PAGE: usize = 200;
/// Nothing sleeps for longer, so that a new document is noticed.
const LONGEST: Duration = Duration::from_mins(1);

/// Stages that cannot be told, by reminder and way: each is complained of once.
type Complained = BTreeSet<(u64, String, Mark)>;

pub(crate) async fn run(engine: Engine) {
    let mut complained = Complained::new();
    let mut next = Instant::now();
    loop {
        if Instant::now() >= next {
            next = Instant::now() + engine.plan().legacy.reminders.interval;
            let looked = tokio::select! {
                () = engine.stopping().cancelled() => return,
                looked = look(&engine, &mut complained) => looked,
            };
            if let Err(error) = looked {
                tracing::warn!(%error, "reminders could not be looked at, the next look makes up for it");
            }
        }
        // A shorter interval of a new document does not wait for the end of a long one.
        let interval = engine.plan().legacy.reminders.interval;
        next = next.min(Instant::now() + interval);
        let wake = next.min(Instant::now() + LONGEST);
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            () = tokio::time::sleep_until(wake) => {}
        }
    }
}

/// Looks at all reminders once.
async fn look(engine: &Engine, complained: &mut Complained) -> Result<(), StoreError> {
    if engine.is_shadow() {
        return Ok(());
    }
    let (plan, now) = (engine.plan(), engine.now());
    let overdue = plan.legacy.reminders.settings.overdue;
    let (mut after, mut seen) = (0, BTreeSet::new());
    loop {
        let store = engine.store();
        let page = store.reminders_to_tell(after, now, overdue, PAGE).await?;
        let told = store.told_of(&page).await?;
        for reminder in &page {
            after = reminder.id;
            seen.insert(reminder.id);
            for (line, stage) in due(&plan, reminder, now, |line| {
                told.get(&(reminder.id, line.to_owned()))
            }) {
                tell(engine, &plan, reminder, (&line, stage), complained).await?;
            }
        }
        if page.len() < PAGE {
            break;
        }
    }
    complained.retain(|(id, ..)| seen.contains(id));
    Ok(())
}

/// The ways by which a reminder is to be told now, and the stage.
fn due<'t>(
    plan: &Plan,
    reminder: &Reminder,
    now: Time,
    told: impl Fn(&str) -> Option<&'t BTreeSet<Mark>>,
) -> Vec<(Line, Stage)> {
    let settings = &plan.legacy.reminders.settings;
    let clock = reminder::clock(plan, reminder.owner.as_deref());
    let none = BTreeSet::new();
    reminder::lines(plan, reminder)
        .into_iter()
        .filter_map(|line| {
            let told = told(&line.key).unwrap_or(&none);
            let stage = settings.due(reminder, told, &clock, now)?;
            Some((line, stage))
        })
        .collect()
}

/// Tells a stage by one way. What keeps it from being told is complained of, and keeps nothing else.
async fn tell(
    engine: &Engine,
    plan: &Plan,
    reminder: &Reminder,
    (line, stage): (&Line, Stage),
    complained: &mut Complained,
) -> Result<(), StoreError> {
    let fact = told(reminder.id, stage.mark, &line.key, engine.now());
    let spoken = (stage.days_left, vec![fact]);
    match reminder::tell(engine, plan, reminder, line, spoken).await {
        Ok(()) => Ok(()),
        Err(DirectError::Store(StoreError::Conflict(_))) => {
            tracing::debug!(
                reminder = reminder.id,
                "another node told it, or the next look does"
            );
            Ok(())
        }
        Err(DirectError::Store(error)) => Err(error),
        Err(error) => {
            if complained.insert((reminder.id, line.key.clone(), stage.mark)) {
                let subject = format!("reminder {} by {}", reminder.id, line.label);
                let text = complaint(reminder.id, &error);
                engine
                    .findings()
                    .report(engine.now(), Trouble::Reminder, &subject, text);
            }
            Ok(())
        }
    }
}

/// Why it was not told, without whom it would have told.
fn complaint(id: u64, error: &DirectError) -> String {
    let why = match error {
        DirectError::Options(_) => "the options of its way do not fit the account".to_owned(),
        other => other.to_string(),
    };
    format!(
        "reminder {id} is not told: {why}; it is told as soon as that is put right \
         (balefire reminder test {id} shows what each way says)"
    )
}
