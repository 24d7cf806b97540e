//! What a sender asks about its own alerts, answered from memory; what it does with them goes to their incidents.

use balefire_core::alert::Alert;
use balefire_core::incident::{Change, EntryKind, Incident};
use balefire_engine::engine::{Engine, IncidentFailure, KeyedAlert};
use balefire_engine::ingest::Sender;
use balefire_sources::ask::{Ask, Deed, MOST, Name, Note, Standing};
use balefire_sources::parsed::{Identity, Parsed, ParsedAlert, Signal};
use balefire_store::StoreError;
use serde::Serialize;
use serde_json::Value;

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
            Some(found) => shown(&standing(engine, source, vec![found]).await?.pop()),
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
            shown(&page.collect::<Vec<_>>())
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
                act(engine, sender, &found, deed, (actor, text)).await?;
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
        let has = incidents.get(&keyed.fingerprint());
        let mut has = has.into_iter().flatten().filter_map(held_by);
        Standing {
            number: number_of(&keyed),
            source: source.to_owned(),
            labels: alert.labels.clone(),
            annotations: alert.annotations.clone(),
            started_at: alert.starts_at,
            ended_at: alert.resolved_at(now).then_some(alert.ends_at),
            updated_at: alert.updated_at,
            acknowledged: has.next(),
            key: keyed.key,
        }
    };
    Ok(alerts.into_iter().map(stands).collect())
}

fn held_by(incident: &Incident) -> Option<(String, balefire_core::time::Time)> {
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

async fn act(
    engine: &Engine,
    sender: &Sender,
    found: &KeyedAlert,
    deed: Deed,
    (actor, text): (&str, String),
) -> Result<(), StoreError> {
    let alert = &found.alert;
    let change = match deed {
        Deed::Acknowledge => Change::Acknowledge { text },
        // The first who acknowledges keeps it: that somebody gives it back is written down.
        Deed::GiveBack => Change::Note {
            text: format!("unacknowledged: {text}"),
        },
        Deed::Note => Change::Note { text },
        Deed::Close => {
            close(engine, sender, found).await?;
            return over(engine, sender, alert, actor).await;
        }
        Deed::End => return over(engine, sender, alert, actor).await,
    };
    let opens = deed != Deed::GiveBack;
    let changed = engine.change_incidents_of(alert, &change, actor, opens);
    settled(engine, sender, changed.await).await
}

/// The incident that was opened for an alert alone is over with it.
async fn over(
    engine: &Engine,
    sender: &Sender,
    alert: &Alert,
    actor: &str,
) -> Result<(), StoreError> {
    let closed = engine.close_incident_of(alert, actor).await;
    settled(engine, sender, closed).await
}

async fn settled(
    engine: &Engine,
    sender: &Sender,
    changed: Result<(), IncidentFailure>,
) -> Result<(), StoreError> {
    match changed {
        Err(IncidentFailure::Store(error)) => Err(error),
        // What breaks a rule of incidents (an empty note, a word too long) is no reason to come again.
        Err(error) => {
            engine.note(&sender.source, &error.to_string(), &[]).await;
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Ends an alert by its key, as the sender's own close does.
async fn close(engine: &Engine, sender: &Sender, found: &KeyedAlert) -> Result<(), StoreError> {
    let over = ParsedAlert {
        identity: Identity::Dedup(found.key.clone()),
        signal: Signal::Resolved,
        labels: found.alert.labels.clone(),
        annotations: found.alert.annotations.clone(),
        starts_at: None,
        ends_at: None,
        generator_url: std::sync::Arc::clone(&found.alert.generator_url),
    };
    let parsed = Parsed {
        alerts: vec![over],
        ..Parsed::default()
    };
    engine.accept(sender, parsed).await.map(drop)
}
