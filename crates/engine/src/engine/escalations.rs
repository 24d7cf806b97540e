//! Escalations of incidents: where one stands, and what people do to it by hand.

use std::sync::Arc;

use balefire_core::escalation::{At, Escalation, Notify, Policy, State};
use balefire_core::incident::{Change, Incident};
use balefire_core::time::Time;
use balefire_store::{Page, StoreError, Which};

use super::{Engine, IncidentFailure};

/// Where an incident's escalation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscalationView {
    /// The policy it began with.
    pub policy: Arc<str>,
    /// Where it stands.
    pub state: State,
    /// How many people must acknowledge.
    pub needs: u32,
    /// Who has acknowledged.
    pub acknowledged: Vec<Arc<str>>,
    /// The step that is taken next, and when; `None` when none is.
    pub next: Option<(At, Time)>,
    /// Who is contacted again by their own rules, and when.
    pub under_way: Vec<(Arc<str>, Time)>,
    /// By which notifications whom was paged, oldest first.
    pub pages: Vec<Page>,
}

impl Engine {
    /// Where an incident's escalation stands; `None` when none looks after it.
    pub async fn escalation(&self, incident: u64) -> Result<Option<EscalationView>, StoreError> {
        let Some(row) = self.store().escalation(incident).await? else {
            return Ok(None);
        };
        let pages = self.store().pages_of(incident).await?;
        let plan = self.plan();
        let needs = plan.policies.get(&row.policy).map_or(1, Policy::needs);
        let stands: Option<Escalation> = serde_json::from_str(&row.body).ok();
        let stands = stands.as_ref();
        Ok(Some(EscalationView {
            state: stands.map_or(State::Running, Escalation::state),
            needs,
            acknowledged: stands
                .map(|stands| stands.acknowledged().cloned().collect())
                .unwrap_or_default(),
            next: stands.and_then(Escalation::next_step),
            under_way: stands
                .map(|stands| {
                    let people = stands.under_way();
                    people.map(|(who, at)| (Arc::clone(who), at)).collect()
                })
                .unwrap_or_default(),
            pages,
            policy: row.policy,
        }))
    }

    /// The name of an escalation that there is.
    pub(super) fn policy(&self, name: &str) -> Result<Arc<str>, IncidentFailure> {
        let plan = self.plan();
        if plan.policies.get(name).is_some() {
            return Ok(name.into());
        }
        let known: Vec<&str> = plan.policies.names().map(|name| &**name).collect();
        Err(unknown("escalation", name, &known))
    }

    /// Puts an incident off: nobody is paged until then, and all begins anew if it is not over.
    pub async fn snooze_incident(
        &self,
        which: Which,
        until: Time,
        text: String,
        actor: &str,
    ) -> Result<Incident, IncidentFailure> {
        self.escalated(&which).await?;
        let change = Change::Snooze { until, text };
        self.change_incident(which, vec![change], actor).await
    }

    /// Gives an incident to others, who are paged for it; whoever had it no longer has it.
    pub async fn reassign_incident(
        &self,
        which: Which,
        to: Vec<Notify>,
        text: String,
        actor: &str,
    ) -> Result<Incident, IncidentFailure> {
        to.iter().try_for_each(|to| self.is_known(to))?;
        self.escalated(&which).await?;
        let change = Change::Reassign { to, text };
        self.change_incident(which, vec![change], actor).await
    }

    /// Asks for the next step; with a name, by the escalation of that name where none looks after the incident yet.
    pub async fn escalate_incident(
        &self,
        which: Which,
        escalation: Option<&str>,
        text: String,
        actor: &str,
    ) -> Result<Incident, IncidentFailure> {
        if let Some(name) = escalation {
            let policy = self.policy(name)?;
            let found = self.incident(&which).await?;
            let incident = found.ok_or(IncidentFailure::NotFound)?;
            let writer = self.store().writer();
            writer.begin_escalation(incident.id, &policy).await?;
        } else {
            self.escalated(&which).await?;
        }
        let change = Change::Escalate { text };
        self.change_incident(which, vec![change], actor).await
    }

    /// Whether an escalation looks after an incident.
    async fn escalated(&self, which: &Which) -> Result<(), IncidentFailure> {
        let found = self.incident(which).await?;
        let incident = found.ok_or(IncidentFailure::NotFound)?;
        match self.store().escalation(incident.id).await? {
            Some(_) => Ok(()),
            None => Err(IncidentFailure::NotEscalated),
        }
    }

    fn is_known(&self, to: &Notify) -> Result<(), IncidentFailure> {
        let plan = self.plan();
        let (kind, name, known): (_, _, Vec<&str>) = match to {
            Notify::Person(name) => {
                let people = plan.people.keys();
                ("person", name, people.map(String::as_str).collect())
            }
            Notify::Team(name) => {
                let teams = plan.teams.keys();
                ("team", name, teams.map(|team| &**team).collect())
            }
            Notify::Schedule(name) => {
                let schedules = plan.schedules.keys();
                ("schedule", name, schedules.map(String::as_str).collect())
            }
            // The rules of incidents refuse it.
            Notify::Receiver(_) => return Ok(()),
        };
        if known.contains(&&**name) {
            return Ok(());
        }
        Err(unknown(kind, name, &known))
    }
}

fn unknown(kind: &'static str, name: &str, known: &[&str]) -> IncidentFailure {
    IncidentFailure::Unknown {
        kind,
        name: name.chars().take(100).collect(),
        known: known.join(", "),
    }
}
