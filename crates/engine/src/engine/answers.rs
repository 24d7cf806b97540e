//! What people answer from wherever a message reached them: that they have it, that it is to be quiet for an hour,
//! that it is over. Links, buttons of chats and keys of telephones all come through here, and from here to incidents
//! and silences as everybody else does.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::incident::{Change, Incident, IncidentState, MAX_ACTOR};
use balefire_core::label::{Annotations, Labels};
use balefire_core::matcher::MatchOp;
use balefire_core::message::{GroupView, Mentions};
use balefire_core::silence::{InvalidSilence, Silence, SilenceState, matcher_set};
use balefire_core::time::Time;
use balefire_store::{StoreError, Which};
use balefire_template::compose;

use super::group::began;
use super::{Engine, IncidentFailure, SilenceFailure};
use crate::delivery::change::{self, group_of};
use crate::link::{Claim, LinkError, Purpose, Subject};

/// How long a group is quiet when somebody answers so.
pub const SILENCE: Duration = Duration::from_hours(1);
/// What such silences say of themselves.
const COMMENT: &str = "silenced for an hour by an answer to a message";

/// What can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// I have it.
    Acknowledge,
    /// Quiet for [`SILENCE`].
    Silence,
    /// It is over.
    Resolve,
}

impl Deed {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Acknowledge, Self::Silence, Self::Resolve];

    /// The word in forms and buttons.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Silence => "silence",
            Self::Resolve => "resolve",
        }
    }

    /// Reads the word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.as_str() == word)
    }
}

/// How something stands that can be answered.
#[derive(Clone, Debug)]
pub struct Answerable {
    /// The alerts, when it is a group that has some.
    pub group: Option<Arc<GroupView>>,
    /// The incident, once there is one.
    pub incident: Option<Incident>,
    /// Until when somebody's answer keeps it quiet.
    pub quiet_until: Option<Time>,
    silence: Option<Silence>,
}

impl Answerable {
    /// One line that says what it is.
    pub fn title(&self, reader: &compose::Reader) -> String {
        let of_group = |view| compose::compose(view, reader, Mentions::default(), None).title;
        let incident = self
            .incident
            .as_ref()
            .map(|incident| incident.title.clone());
        incident
            .or_else(|| self.group.as_ref().map(of_group))
            .unwrap_or_default()
    }

    /// What can still be answered.
    pub fn deeds(&self) -> Vec<Deed> {
        let state = self.incident.as_ref().map(|incident| incident.state);
        let can = |deed: &Deed| match deed {
            Deed::Acknowledge => matches!(state, None | Some(IncidentState::Open)),
            Deed::Silence => self.silence.is_some() && self.quiet_until.is_none(),
            Deed::Resolve => state != Some(IncidentState::Resolved),
        };
        Deed::ALL.into_iter().filter(can).collect()
    }
}

impl Engine {
    /// What a link's token claims.
    pub async fn read_link(&self, token: &str, purpose: Purpose) -> Result<Claim, LinkError> {
        let shared = &self.inner.shared;
        let links = &shared.links;
        links.check(&shared.store, token, purpose, self.now()).await
    }

    /// The address of a link about something; `None` when the document names no `server.external_url`.
    pub fn link(&self, subject: Subject, person: Option<Arc<str>>) -> Option<(String, Claim)> {
        let claim = Claim::new(Purpose::Page, subject, person, self.now());
        let address = crate::link::address(&self.plan(), &self.inner.shared.links, &claim)?;
        Some((address, claim))
    }

    /// Makes all links that were handed out worthless.
    pub async fn renew_links(&self) -> Result<(), StoreError> {
        let shared = &self.inner.shared;
        shared.links.renew(&shared.store).await
    }

    /// How something stands; `None` when nothing of it is left.
    pub async fn answerable(&self, subject: Subject) -> Result<Option<Answerable>, StoreError> {
        let shared = &self.inner.shared;
        let (group, incident) = match subject {
            // What a notification told is looked up by whoever knows notifications.
            Subject::Notification(_) => return Ok(None),
            Subject::Group(group) => (Some(group), change::last_of_group(shared, group).await?),
            Subject::Incident(id) => {
                let Some(incident) = self.incident(&Which::Id(id)).await? else {
                    return Ok(None);
                };
                (group_of(&incident), Some(incident))
            }
        };
        let group = group.and_then(|group| self.group_now(group));
        let incident = incident.filter(|incident| {
            let began = group.as_deref().and_then(began);
            matches!(subject, Subject::Incident(_)) || !is_of_the_past(incident, began)
        });
        if group.is_none() && incident.is_none() {
            return Ok(None);
        }
        let now = self.now();
        let silence = group.as_deref().and_then(|view| hour(view, now));
        let state = shared.state.read();
        let quiet_until = silence.as_ref().and_then(|hour| {
            let all = state.silences().list(now).into_iter();
            let same = all.filter(|(_, known)| is_in_force(known, hour, now));
            same.map(|(_, known)| known.ends_at).max()
        });
        drop(state);
        Ok(Some(Answerable {
            group,
            incident,
            quiet_until,
            silence,
        }))
    }

    /// Does what somebody answered. An incident of a group is opened if there is none. To answer the same again
    /// changes nothing, and of two who say that they have it the first keeps it.
    pub async fn answer(
        &self,
        subject: Subject,
        deed: Deed,
        actor: &str,
    ) -> Result<(), AnswerFailure> {
        self.answer_saying(subject, deed, actor, "").await
    }

    /// The same with what they say to it.
    pub(super) async fn answer_saying(
        &self,
        subject: Subject,
        deed: Deed,
        actor: &str,
        text: &str,
    ) -> Result<(), AnswerFailure> {
        let there = self.answerable(subject).await?;
        let there = there.ok_or(AnswerFailure::Over)?;
        let actor: String = actor.chars().take(MAX_ACTOR).collect();
        let text = text.to_owned();
        let change = match deed {
            Deed::Acknowledge => Change::Acknowledge { text },
            Deed::Resolve => Change::Resolve {
                ended_at: None,
                text,
            },
            Deed::Silence => return self.quiet(there, &actor).await,
        };
        let incident = match (there.incident, &there.group, subject) {
            (Some(incident), ..) => incident,
            (None, Some(view), Subject::Group(group)) => {
                let opened = self.open_for(group, view, &actor, &[], None).await?;
                opened.incident
            }
            _ => return Err(AnswerFailure::Over),
        };
        self.change_incident(Which::Id(incident.id), vec![change], &actor)
            .await?;
        Ok(())
    }

    async fn quiet(&self, there: Answerable, actor: &str) -> Result<(), AnswerFailure> {
        if there.quiet_until.is_some() {
            return Ok(());
        }
        let mut silence = there.silence.ok_or(AnswerFailure::Nothing)?;
        actor.clone_into(&mut silence.created_by);
        self.put_silence(silence).await?;
        let Some(incident) = there.incident else {
            return Ok(());
        };
        if incident.state != IncidentState::Resolved {
            let note = Change::Note {
                text: COMMENT.to_owned(),
            };
            self.change_incident(Which::Id(incident.id), vec![note], actor)
                .await?;
        }
        Ok(())
    }
}

/// Whether an incident was over before the alerts began that fire now.
fn is_of_the_past(incident: &Incident, began: Option<Time>) -> bool {
    let over = incident
        .ended_at
        .filter(|_| incident.state == IncidentState::Resolved);
    over.zip(began).is_some_and(|(over, began)| over < began)
}

/// The silence that keeps a group quiet for an hour: by what it is keyed by, else by what its alerts share. What
/// tells it from nothing else cannot be silenced by an answer.
fn hour(view: &GroupView, now: Time) -> Option<Silence> {
    let keyed = [&view.group_labels, &view.common_labels];
    let labels: &Labels = keyed.into_iter().find(|labels| !labels.is_empty())?;
    let pairs = labels.iter();
    let pairs = pairs.map(|(name, value)| (name, MatchOp::Equal, value));
    let matchers: Result<_, InvalidSilence> = matcher_set(0, pairs);
    Some(Silence {
        id: "".into(),
        matcher_sets: vec![matchers.ok()?.sorted()],
        starts_at: now,
        ends_at: now.after(SILENCE),
        updated_at: now,
        created_by: String::new(),
        comment: COMMENT.to_owned(),
        annotations: Annotations::empty(),
    })
}

/// Whether a silence says what an answer would say, and says it now.
fn is_in_force(known: &Silence, hour: &Silence, now: Time) -> bool {
    let sorted = known.matcher_sets.iter().map(|set| set.clone().sorted());
    known.state(now) == SilenceState::Active && sorted.eq(hour.matcher_sets.iter().cloned())
}

/// Why an answer was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AnswerFailure {
    /// Nothing of it is left.
    #[error("it is over: there are no alerts and no incident any more")]
    Over,
    /// A group without labels cannot be told from others.
    #[error("nothing tells these alerts from all others: make a silence by hand")]
    Nothing,
    /// The incident was not changed.
    #[error(transparent)]
    Incident(#[from] IncidentFailure),
    /// The silence was not made.
    #[error(transparent)]
    Silence(#[from] SilenceFailure),
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}
