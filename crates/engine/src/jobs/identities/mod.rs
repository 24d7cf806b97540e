//! Asks the platforms who people are and whether they are still there, at the start, after a change of the document and
//! once a day; tells of those who are not before a page or a group breaks on them.

mod ask;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use balefire_core::identity::Standing;
use balefire_core::time::Time;
use balefire_store::StoreError;

use self::ask::Round;
use crate::engine::{Engine, PersonStanding};
use crate::meta::Trouble;

/// How often it is asked whose turn it is; another document, and what another node was told, is noticed within it.
const EVERY: Duration = Duration::from_secs(5);
/// The same is not told again for so long.
const AGAIN: Duration = Duration::from_hours(24);

/// How often those who are not there any more are looked through, if nothing else happens.
const LOOK: Duration = Duration::from_hours(1);

/// What was told when, by what it is about. A start forgets it and tells once more.
type Told = BTreeMap<String, Time>;

/// Who was told of, and when that was looked at last.
#[derive(Default)]
struct Telling {
    told: Told,
    looked: Option<Time>,
}

pub(crate) async fn run(engine: Engine) {
    if engine.is_shadow() {
        return;
    }
    let (mut round, mut telling) = (Round::default(), Telling::default());
    let mut version: Option<Arc<str>> = None;
    loop {
        let looked = tokio::select! {
            () = engine.stopping().cancelled() => return,
            looked = look(&engine, &mut round, &mut version, &mut telling) => looked,
        };
        if let Err(error) = looked {
            tracing::debug!(%error, "who people are could not be kept, the next look makes up for it");
        }
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn look(
    engine: &Engine,
    round: &mut Round,
    version: &mut Option<Arc<str>>,
    telling: &mut Telling,
) -> Result<(), StoreError> {
    let plan = engine.plan();
    let is_new = version.as_ref() != Some(&plan.version);
    let identities = &engine.shared().identities;
    let heard = identities.refresh(engine.store()).await?;
    if is_new {
        identities.forget(engine.store(), &plan).await?;
    }
    let answered = round.run(engine).await?;
    engine.take_over_identities();
    *version = Some(Arc::clone(&plan.version));
    let now = engine.now();
    let is_old = telling
        .looked
        .is_none_or(|at| now < at || at.after(LOOK) <= now);
    if is_new || heard || answered || is_old {
        telling.looked = Some(now);
        telling
            .told
            .retain(|_, at| *at <= now && now < at.after(AGAIN));
        for person in engine.people_lost() {
            tell(engine, &mut telling.told, &person);
        }
    }
    Ok(())
}

/// Tells of somebody whom a platform does not know any more.
fn tell(engine: &Engine, told: &mut Told, person: &PersonStanding) {
    for identity in &person.identities {
        let Some(standing) = identity.standing.filter(|standing| standing.is_lost()) else {
            continue;
        };
        let platform = identity.platform.as_str();
        let subject = format!("{} at {platform}", person.key);
        let now = engine.now();
        if told.contains_key(&subject) {
            continue;
        }
        told.insert(subject.clone(), now);
        let words = match standing {
            Standing::Inactive => "has never used it, so that nothing reaches them there",
            Standing::Disabled => "is disabled",
            Standing::Left => "has left",
            _ => "is not known there (any more)",
        };
        let said = match identity.said.as_str() {
            "" => String::new(),
            said => format!(" ({said})"),
        };
        let places = match person.named_in.as_slice() {
            [] => "Nothing names them any more but people".to_owned(),
            places => format!("Still named by: {}", places.join("; ")),
        };
        let text = format!(
            "{} ({}), {platform} id {}: {words}{said}. {places}. \
             Take them out, put somebody else there, or correct people.{}.{platform}",
            person.name, person.key, identity.id, person.key
        );
        engine
            .findings()
            .report(now, Trouble::People, &subject, text);
    }
}
