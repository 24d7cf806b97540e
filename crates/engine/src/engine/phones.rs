//! What telephones ask and say, and calls taken back by hand.

use std::sync::Arc;
use std::time::Duration;

use balefire_config::legacy::Autocall;
use balefire_core::call::{Round, Serve, same_number};
use balefire_core::duration;
use balefire_core::incident::{Incident, IncidentState};
use balefire_core::severity::Severity;
use balefire_store::{CallEnd, CallState, PhoneAgent, PhoneCall, StoreError};
use serde_json::json;

use super::Engine;
use crate::calls::{Agent, End, Report, TakenBack};
use crate::delivery::change::group_of;
use crate::direct::{Destination, Direct, DirectError, Words};

/// Longest answer of a telephone that is kept, in characters; a number is shorter.
const LONGEST_NUMBER: usize = 40;

/// A call that is asked for by hand.
#[derive(Clone, Debug)]
pub struct CallOrder {
    /// The numbers, tried in this order.
    pub phones: Vec<String>,
    /// How often they are tried; as the configuration says without it.
    pub rounds: Option<u32>,
    /// How long the call is kept; as the configuration says without it.
    pub max_age: Option<Duration>,
    /// What it is about.
    pub title: String,
    /// More about it.
    pub text: String,
    /// How bad it is: the worst is called first.
    pub severity: Severity,
}

impl Engine {
    /// Asks for a call; its id. It is on disk when this resolves.
    pub async fn call(&self, order: CallOrder) -> Result<Arc<str>, DirectError> {
        let plan = self.plan();
        let service = plan.legacy.autocall.as_ref();
        let account = plan.accounts.get(Autocall::ACCOUNT).zip(service);
        let Some((account, service)) = account else {
            let why = "no telephone can ask for calls: name legacy.autocall in the configuration";
            return Err(DirectError::NoTarget(why.to_owned()));
        };
        let options = json!({
            "phones": order.phones,
            "rounds": order.rounds.unwrap_or(service.rounds),
            "max_age": duration::format(order.max_age.unwrap_or(service.max_age)),
        });
        let channel = (account.open)(&options).map_err(|problems| {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            DirectError::Options(problems.join("; "))
        })?;
        let direct = Direct {
            to: Destination::Account {
                name: Autocall::ACCOUNT.to_owned(),
                options,
            },
            words: Words::Text {
                title: order.title.clone(),
                text: order.text,
            },
            severity: order.severity,
            facts: Vec::new(),
            verifies: None,
        };
        let sent = self.send(&direct, None).await?;
        let (Some(sent), Some(wanted)) = (sent.first(), channel.phone_order()) else {
            return Err(DirectError::NoTarget("nobody to call".to_owned()));
        };
        let id: Arc<str> = sent.id.as_str().into();
        let call = PhoneCall {
            id: Arc::clone(&id),
            seq: sent.seq,
            tried: 1,
            at: self.now(),
            title: order.title.into(),
            phones: wanted.phones.clone(),
            state: CallState::Waiting,
            rounds: wanted.rounds,
            done: 0,
            ended_at: None,
            answered_by: None,
            person: None,
            agent: None,
        };
        // So that it is listed at once; its try writes the same as soon as its turn comes.
        if let Err(error) = self.store().writer().place_call(call).await {
            tracing::warn!(%error, "a call that is on disk is not listed yet");
        }
        Ok(id)
    }

    /// The call that a telephone is to work on; `None` while there is none, or telephones are not asked for.
    pub fn phone_asks(&self, agent: &Agent) -> Option<Serve> {
        let plan = self.plan();
        let service = plan.legacy.autocall.as_ref()?;
        let shared = &self.inner.shared;
        let now = shared.clock.now();
        shared.metrics.phone_asked_seconds.set(now.secs());
        if shared.calls.is_to_be_written(agent, now) {
            self.write_down(agent);
        }
        let state = shared.state.read();
        shared.calls.poll(agent, service, &state, now)
    }

    /// That a telephone asked is for people to see; it is not worth its waiting for the disk.
    fn write_down(&self, agent: &Agent) {
        let seen = PhoneAgent {
            name: Arc::clone(&agent.name),
            at: self.now(),
            address: agent.address.to_string().into(),
        };
        let writer = self.store().writer().clone();
        self.tasks().spawn(async move {
            if let Err(error) = writer.phone_agent(seen).await {
                tracing::warn!(%error, "that a telephone asked could not be written down");
            }
        });
    }

    /// A telephone says that somebody answered at this number, or, without one, that nobody did. An answer is on
    /// disk when this resolves; if the store is away, the call ends all the same.
    pub async fn phone_reports(
        &self,
        agent: &Agent,
        id: &str,
        number: Option<&str>,
    ) -> Result<Report, StoreError> {
        match number {
            Some(number) => self.answered(agent, id, number).await,
            None => self.unanswered(agent, id).await,
        }
    }

    async fn answered(&self, agent: &Agent, id: &str, said: &str) -> Result<Report, StoreError> {
        let shared = &self.inner.shared;
        let listed = shared.calls.answered(id, said);
        let is_placed = listed.is_some();
        let number = listed.unwrap_or_else(|| {
            let plain = said.trim().chars().filter(|c| !c.is_control());
            plain.take(LONGEST_NUMBER).collect::<String>().into()
        });
        let person = self.person_at(&number);
        let end = CallEnd {
            state: CallState::Answered,
            at: self.now(),
            answered_by: Some(Arc::clone(&number)),
            person: person.clone(),
            agent: Some(Arc::clone(&agent.name)),
        };
        // A call that is not placed yet after a restart is answered in the store alone, where its try will look.
        let first = self.store().writer().end_call(id, end).await;
        let counts = match &first {
            Ok(first) => *first,
            Err(_) => is_placed,
        };
        if counts {
            shared.calls.end(id, End::Answered { number, person });
            shared.changed();
        }
        first.map(|first| {
            if first {
                Report::Noted
            } else {
                Report::Nothing
            }
        })
    }

    async fn unanswered(&self, agent: &Agent, id: &str) -> Result<Report, StoreError> {
        let shared = &self.inner.shared;
        let writer = self.store().writer();
        match shared.calls.unanswered(id, agent, self.now()) {
            Round::Ignored => return Ok(Report::Nothing),
            Round::Again(done) => writer.call_rounds(id, done).await?,
            Round::Over(done) => {
                let rounds = writer.call_rounds(id, done).await;
                let end = CallEnd {
                    state: CallState::Unanswered,
                    at: self.now(),
                    answered_by: None,
                    person: None,
                    agent: Some(Arc::clone(&agent.name)),
                };
                let ended = writer.end_call(id, end).await;
                shared.calls.end(id, End::Unanswered(done));
                rounds.and(ended)?;
            }
        }
        shared.changed();
        Ok(Report::Noted)
    }

    /// Who is called at this number.
    fn person_at(&self, number: &str) -> Option<Arc<str>> {
        let plan = self.plan();
        let mut people = plan.people.values();
        let found = people.find(|person| same_number(&person.contact.phone, number))?;
        Some(found.key.as_str().into())
    }

    /// Takes a call back: nobody is called any more, and its notification is cancelled.
    pub async fn take_call_back(&self, id: &str, why: &str) -> Result<TakenBack, StoreError> {
        if self.store().call(id).await?.is_none() {
            return Ok(TakenBack::Unknown);
        }
        let end = CallEnd {
            state: CallState::Withdrawn,
            at: self.now(),
            answered_by: Some(why.into()),
            person: None,
            agent: None,
        };
        if !self.store().writer().end_call(id, end).await? {
            return Ok(TakenBack::Over);
        }
        let shared = &self.inner.shared;
        shared.calls.end(id, End::Withdrawn(why.into()));
        shared.changed();
        Ok(TakenBack::Done)
    }

    /// Somebody has an incident, or says that it is over: nobody else is called about its group.
    pub(super) fn calls_follow(&self, incident: &Incident) {
        let Some(group) = group_of(incident) else {
            return;
        };
        let why = match (incident.state, &incident.acknowledged) {
            (IncidentState::Open, _) => return,
            (IncidentState::Acknowledged, Some(by)) => format!("acknowledged by {}", by.by),
            _ => "its incident is over".to_owned(),
        };
        let end = End::NotNeeded(why.into());
        self.inner.shared.calls.end_group(group, &end);
    }

    /// The telephone that is on a call now.
    pub fn phone_on(&self, id: &str) -> Option<Arc<str>> {
        self.inner.shared.calls.agent_on(id, self.now())
    }

    /// How many calls wait, and how long nobody has asked for them once that is too long.
    pub(crate) fn calls_waiting(&self) -> (usize, Option<Duration>) {
        let calls = &self.inner.shared.calls;
        (calls.count(), calls.silent(self.now()))
    }
}
