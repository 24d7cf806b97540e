//! Buttons that were pressed below a chat message: who pressed them is looked up among the people of the document, and
//! what they answer goes the way of every other answer.

use std::collections::VecDeque;
use std::sync::Arc;

use balefire_channels::channel::Channel;
use balefire_channels::click::{Click, Clicks, Reaction};
use balefire_channels::error::{ErrorKind, SendError};
use balefire_config::plan::{Account, Plan};
use balefire_core::incident::{Incident, IncidentState};
use balefire_core::message::Mention;
use balefire_store::StoreError;
use balefire_template::compose;
use balefire_template::i18n::Argument;
use parking_lot::Mutex;

use super::{AnswerFailure, Deed, Engine, IncidentFailure, SilenceFailure};
use crate::link::{LinkError, Purpose, Subject};

/// Presses that are remembered.
const REMEMBERED: usize = 1_024;

/// Presses that were taken, so that one that comes twice does nothing twice.
#[derive(Debug, Default)]
pub(super) struct Presses(Mutex<VecDeque<String>>);

impl Presses {
    fn is_first(&self, press: &str) -> bool {
        let mut known = self.0.lock();
        if known.iter().any(|one| one == press) {
            return false;
        }
        known.truncate(REMEMBERED - 1);
        known.push_front(press.to_owned());
        true
    }
}

/// What came of a click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clicked {
    /// One sentence for those who see it.
    pub words: String,
    /// Whether it was done.
    pub is_done: bool,
    /// Whether it was done before, by the same press.
    pub is_repeated: bool,
}

/// Who pressed a button.
enum Presser {
    /// Somebody of the document: their key and name.
    Known(String, String),
    /// Somebody else, who may.
    Stranger(String),
}

impl Engine {
    /// Takes in a click that came with the right signature. What was done is on disk when this resolves.
    pub async fn take_click(
        &self,
        account: &Account,
        clicks: &Clicks,
        click: &Click,
    ) -> Result<Clicked, StoreError> {
        let plan = self.plan();
        let reader = compose::Reader {
            locale: plan.server.reader.locale,
            zone: plan.server.reader.zone.clone(),
        };
        let refused = |key: &str| {
            Ok(Clicked {
                words: reader.word(key),
                is_done: false,
                is_repeated: false,
            })
        };
        let claim = match self.read_link(&click.token, Purpose::Button).await {
            Ok(claim) => claim,
            Err(LinkError::Expired) => return refused("click-expired"),
            Err(LinkError::Forged) => return refused("click-forged"),
        };
        let Some(presser) = presser(&plan, account, clicks, click) else {
            return refused("click-stranger");
        };
        let Some(deed) = Deed::read(&click.deed) else {
            return refused("click-forged");
        };
        let (actor, name) = match presser {
            Presser::Known(key, name) => (key, name),
            Presser::Stranger(name) => (name.clone(), name),
        };
        let is_repeated = !self.inner.presses.is_first(&click.press);
        if !is_repeated {
            match self.answer(claim.subject, deed, &actor).await {
                Ok(())
                | Err(AnswerFailure::Incident(
                    IncidentFailure::Rule(_)
                    | IncidentFailure::Unknown { .. }
                    | IncidentFailure::NotEscalated,
                )) => {}
                Err(AnswerFailure::Nothing | AnswerFailure::Silence(SilenceFailure::Rule(_))) => {
                    return refused("click-unsilenceable");
                }
                Err(AnswerFailure::Over | AnswerFailure::Incident(IncidentFailure::NotFound)) => {
                    return refused("click-over");
                }
                Err(
                    AnswerFailure::Store(error)
                    | AnswerFailure::Incident(IncidentFailure::Store(error))
                    | AnswerFailure::Silence(SilenceFailure::Store(error)),
                ) => return Err(error),
            }
        }
        Ok(Clicked {
            words: self
                .done(&plan, &reader, claim.subject, deed, &name)
                .await?,
            is_done: true,
            is_repeated,
        })
    }

    /// How it stands now, which whoever was slower must see.
    async fn done(
        &self,
        plan: &Plan,
        reader: &compose::Reader,
        subject: Subject,
        deed: Deed,
        name: &str,
    ) -> Result<String, StoreError> {
        let there = self.answerable(subject).await?;
        let incident = there.as_ref().and_then(|there| there.incident.as_ref());
        let at = self.now();
        let mut by = name.to_owned();
        let key = match deed {
            Deed::Silence => "click-silenced",
            Deed::Resolve => "click-resolved",
            Deed::Acknowledge => {
                by = incident
                    .and_then(|incident| holder(plan, incident))
                    .unwrap_or(by);
                "click-acknowledged"
            }
        };
        let at = reader.time(at);
        let words: [(&str, Argument<'_>); 2] = [("by", by.into()), ("at", at.into())];
        Ok(reader.text(key, &words))
    }

    /// Shows what came of a click where it was pressed, as far as the platform lets us.
    pub async fn show_click(&self, account: &Account, click: &Click, clicked: &Clicked) {
        let reaction = Reaction {
            words: &clicked.words,
            is_done: clicked.is_done,
        };
        let shown = match (account.open)(&click.place) {
            Ok(channel) => react(&*channel, click, &reaction).await,
            Err(problems) => {
                let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
                Err(SendError::new(
                    ErrorKind::Misconfigured,
                    problems.join("; "),
                ))
            }
        };
        if let Err(error) = shown {
            let account = &*account.name;
            tracing::warn!(account, %error, "a message could not be changed after a click");
        }
    }
}

async fn react(
    channel: &dyn Channel,
    click: &Click,
    reaction: &Reaction<'_>,
) -> Result<(), SendError> {
    channel.react(click, reaction).await.map(|_| ())
}

/// Who has an incident, by the name that people know.
fn holder(plan: &Plan, incident: &Incident) -> Option<String> {
    let held = incident.acknowledged.as_ref();
    let held = held.filter(|_| incident.state == IncidentState::Acknowledged)?;
    let known = plan.people.get(&held.by).map(|person| &person.contact.name);
    let name = known.filter(|name| !name.is_empty());
    Some(name.unwrap_or(&held.by).clone())
}

/// The person of a platform's id; somebody unknown only where the account lets anybody answer.
fn presser(plan: &Plan, account: &Account, clicks: &Clicks, click: &Click) -> Option<Presser> {
    let user = &click.user;
    if user.is_empty() {
        return None;
    }
    let is_theirs = |contact: &Mention| {
        let known = (clicks.identity)(contact);
        known == user || (!known.is_empty() && known == click.alias)
    };
    let person = plan
        .people
        .values()
        .find(|person| is_theirs(&person.contact));
    if let Some(person) = person {
        let name = Some(&person.contact.name).filter(|name| !name.is_empty());
        let name = name.unwrap_or(&person.key).clone();
        return Some(Presser::Known(person.key.clone(), name));
    }
    let anyone = account.value["clicks"].as_str() == Some("anyone");
    let shown: Arc<str> = user
        .chars()
        .filter(|c| !c.is_control())
        .take(64)
        .collect::<String>()
        .into();
    anyone.then(|| Presser::Stranger(format!("{}:{shown}", clicks.platform)))
}
