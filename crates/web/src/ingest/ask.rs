//! What a sender asks about its own alerts, answered from memory; what it does with them goes to their incidents.

use balefire_core::escalation::State;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::incident::{EntryKind, Incident};
use balefire_core::time::Time;
use balefire_engine::engine::{Engine, KeyedAlert};
use balefire_engine::ingest::Sender;
use balefire_sources::ask::{Ask, MOST, Name, Note, Standing};
use balefire_store::StoreError;
use serde::Serialize;
use serde_json::Value;

use super::deeds;

/// Entries of a timeline that are looked through for notes.
const ENTRIES: usize = 200;

/// What was found, or done, for the source's answer.
pub(super) async fn answer(
    engine: &Engine,
    sender: &Sender,
    ask: Ask,
) -> Result<Value, StoreError> {
    let source = &*sender.source;
    engine.caught_up().await;
    Ok(match ask {
        Ask::One(name) => match find(engine, source, &name) {
            Some(found) => {
                let mut one = standing(engine, source, vec![found]).await?;
                put_off(engine, &mut one).await?;
                shown(&one.pop())
            }
            None => Value::Null,
        },
        Ask::Many {
            wanted,
            offset,
            limit,
            oldest_first,
        } => {
            let mut all = standing(engine, source, engine.keyed_alerts(source)).await?;
            all.retain(|alert| wanted.is(alert));
            all.sort_by(|a, b| (b.started_at, &b.key).cmp(&(a.started_at, &a.key)));
            if oldest_first {
                all.reverse();
            }
            let page = all.into_iter().skip(offset).take(limit.min(MOST));
            let mut page: Vec<Standing> = page.collect();
            put_off(engine, &mut page).await?;
            shown(&page)
        }
        Ask::Count(wanted) => {
            let all = standing(engine, source, engine.keyed_alerts(source)).await?;
            all.iter().filter(|alert| wanted.is(alert)).count().into()
        }
        Ask::Notes(name) => match find(engine, source, &name) {
            Some(found) => shown(&notes(engine, &found).await?),
            None => Value::Null,
        },
        Ask::Do {
            name,
            deed,
            who,
            text,
        } => match find(engine, source, &name) {
            Some(found) => {
                let actor = if who.trim().is_empty() {
                    source
                } else {
                    who.trim()
                };
                deeds::act(engine, sender, &found, deed, (actor, text)).await?;
                true.into()
            }
            None => false.into(),
        },
    })
}

fn shown<T: Serialize>(what: &T) -> Value {
    serde_json::to_value(what).unwrap_or_default()
}

fn find(engine: &Engine, source: &str, name: &Name) -> Option<KeyedAlert> {
    match name {
        Name::Key(key) => engine.keyed_alert(source, key),
        Name::Number(number) => {
            let mut all = engine.keyed_alerts(source).into_iter();
            all.find(|keyed| number_of(keyed) == *number)
        }
    }
}

/// The fingerprint as a number: it stays the alert's own, and nothing has to be kept for it.
fn number_of(keyed: &KeyedAlert) -> u64 {
    keyed.fingerprint().0
}

async fn standing(
    engine: &Engine,
    source: &str,
    alerts: Vec<KeyedAlert>,
) -> Result<Vec<Standing>, StoreError> {
    let incidents = engine.incidents_of_alerts().await?;
    let now = engine.now();
    let stands = |keyed: KeyedAlert| {
        let alert = &keyed.alert;
        let has = || incidents.get(&keyed.fingerprint()).into_iter().flatten();
        Standing {
            number: number_of(&keyed),
            source: source.to_owned(),
            labels: alert.labels.clone(),
            annotations: alert.annotations.clone(),
            started_at: alert.starts_at,
            ended_at: alert.resolved_at(now).then_some(alert.ends_at),
            updated_at: alert.updated_at,
            acknowledged: has().find_map(held_by),
            snoozed_until: None,
            worker: has().find_map(|incident| incident.worker.clone()),
            key: keyed.key,
        }
    };
    Ok(alerts.into_iter().map(stands).collect())
}

/// Until when nobody is paged for alerts, of those that are shown alone.
async fn put_off(engine: &Engine, alerts: &mut [Standing]) -> Result<(), StoreError> {
    let incidents = engine.incidents_of_alerts().await?;
    for alert in alerts {
        for incident in incidents
            .get(&Fingerprint::of(&alert.labels))
            .into_iter()
            .flatten()
        {
            let escalation = engine.escalation(incident.id).await?;
            if let Some(State::Snoozed { until }) = escalation.map(|escalation| escalation.state) {
                alert.snoozed_until = Some(until);
            }
        }
    }
    Ok(())
}

fn held_by(incident: &Incident) -> Option<(String, Time)> {
    let held = incident.acknowledged.as_ref()?;
    Some((held.by.clone(), held.at))
}

async fn notes(engine: &Engine, found: &KeyedAlert) -> Result<Vec<Note>, StoreError> {
    let mut incidents = engine.incidents_of_alerts().await?;
    let mut notes = Vec::new();
    for incident in incidents.remove(&found.fingerprint()).unwrap_or_default() {
        let timeline = engine.incident_timeline(incident.id, 0, ENTRIES).await?;
        let written = timeline
            .into_iter()
            .filter(|entry| entry.kind == EntryKind::Noted && !entry.detail.text.is_empty());
        notes.extend(written.map(|entry| Note {
            who: entry.actor,
            text: entry.detail.text,
            at: entry.at,
            number: entry.number,
        }));
    }
    Ok(notes)
}
