//! What a sender does with an alert of its own goes to the alert's incidents, one of which is opened where there is none; what it
//! changes of the alert's words goes through the log, as a further report does.

use std::sync::Arc;

use balefire_core::alert::Alert;
use balefire_core::escalation::Notify;
use balefire_core::incident::{
    Change, Field, Incident, IncidentState, MAX_SNOOZE, MAX_TEXT, MAX_TITLE,
};
use balefire_core::time::Time;
use balefire_engine::engine::{Engine, IncidentFailure, KeyedAlert};
use balefire_engine::ingest::Sender;
use balefire_sources::ask::{Deed, Edit, Whom, WhomKind};
use balefire_sources::parsed::{Identity, Parsed, ParsedAlert, Signal};
use balefire_store::{StoreError, Which};

use super::edits;

/// Whoever had it has it no more, and all begins anew after this time.
const ANEW: std::time::Duration = std::time::Duration::from_secs(1);

/// An alert, its sender, and who does something with it.
struct Desk<'a> {
    engine: &'a Engine,
    sender: &'a Sender,
    found: &'a KeyedAlert,
    actor: &'a str,
    text: String,
}

/// Does it. What breaks a rule of incidents is recorded with the source.
pub(super) async fn act(
    engine: &Engine,
    sender: &Sender,
    found: &KeyedAlert,
    deed: Deed,
    (actor, text): (&str, String),
) -> Result<(), StoreError> {
    let desk = Desk {
        engine,
        sender,
        found,
        actor,
        text,
    };
    let done = desk.act(deed).await;
    desk.settled(done).await
}

impl Desk<'_> {
    async fn act(&self, deed: Deed) -> Result<(), IncidentFailure> {
        let text = self.text.clone();
        match deed {
            Deed::Acknowledge => self.change(Change::Acknowledge { text }, true).await,
            Deed::Note => self.change(Change::Note { text }, true).await,
            Deed::GiveBack => self.give_back().await,
            Deed::Snooze(until) => {
                let latest = self.engine.now().after(MAX_SNOOZE);
                let until = until.min(latest);
                self.change(Change::Snooze { until, text }, true).await
            }
            Deed::Assign(whom) => self.hand_to(&whom, true).await,
            Deed::Call(whom) => self.call(&whom).await,
            Deed::Escalate(name) => self.escalate(&name).await,
            Deed::Edit(edit) => self.edit(&edit).await,
            Deed::Close => {
                self.close().await?;
                self.over().await
            }
            Deed::End => self.over().await,
        }
    }

    fn alert(&self) -> &Alert {
        &self.found.alert
    }

    async fn change(&self, change: Change, opens: bool) -> Result<(), IncidentFailure> {
        let (engine, alert) = (self.engine, self.alert());
        engine
            .change_incidents_of(alert, &change, self.actor, opens)
            .await
    }

    /// The alert's incidents that are not over; one is opened, with these words, where there is none.
    async fn incidents(&self, words: &str) -> Result<Vec<Incident>, IncidentFailure> {
        let fingerprint = self.found.fingerprint();
        let mut all = self.engine.incidents_of_alerts().await?;
        if let Some(there) = all.remove(&fingerprint) {
            return Ok(there);
        }
        let text = words.to_owned();
        let (note, alert) = (Change::Note { text }, self.alert());
        let opened = self
            .engine
            .open_incidents_of(alert, &note, self.actor, true);
        opened.await?;
        let mut all = self.engine.incidents_of_alerts().await?;
        Ok(all.remove(&fingerprint).unwrap_or_default())
    }

    /// Whoever had it has it no more: who is paged for it is paged anew.
    async fn give_back(&self) -> Result<(), IncidentFailure> {
        let mut all = self.engine.incidents_of_alerts().await?;
        let text = format!("unacknowledged {}", self.text);
        let until = self.engine.now().after(ANEW);
        for incident in all.remove(&self.found.fingerprint()).unwrap_or_default() {
            if incident.state != IncidentState::Acknowledged {
                continue;
            }
            let text = text.trim().to_owned();
            let change = Change::Snooze { until, text };
            self.change_one(&incident, change).await?;
        }
        Ok(())
    }

    async fn change_one(&self, incident: &Incident, change: Change) -> Result<(), IncidentFailure> {
        let which = Which::Id(incident.id);
        let changed = self.engine.change_incident(which, vec![change], self.actor);
        changed.await.map(drop)
    }

    /// It is somebody's: they are paged where an escalation looks after it, and named as the one who works on it.
    async fn hand_to(&self, whom: &Whom, is_theirs: bool) -> Result<(), IncidentFailure> {
        let words = format!("for {}", whom.name);
        let to = self.known(whom);
        for incident in self.incidents(&words).await? {
            let is_escalated = self.engine.escalation(incident.id).await?.is_some();
            if is_theirs && whom.kind == WhomKind::Person {
                let worker = match &to {
                    Some(Notify::Person(key)) => key.to_string(),
                    _ => whom.name.clone(),
                };
                let fields = vec![Field::Worker(Some(worker))];
                self.change_one(&incident, Change::Edit(fields)).await?;
            }
            let change = match &to {
                Some(to) if is_escalated => Change::Reassign {
                    to: vec![to.clone()],
                    text: self.text.clone(),
                },
                Some(_) => Change::Note {
                    text: format!(
                        "{words}; no escalation looks after it, so that nobody is paged {}",
                        self.text
                    ),
                },
                None => Change::Note {
                    text: format!(
                        "{words}, whom nobody here is; nobody is paged {}",
                        self.text
                    ),
                },
            };
            self.change_one(&incident, change).await?;
        }
        Ok(())
    }

    /// Somebody is called to it: they stand in its list of responders from now on.
    async fn call(&self, whom: &Whom) -> Result<(), IncidentFailure> {
        let edit = Edit::List {
            name: "responders",
            add: vec![whom.name.replace(',', " ")],
            remove: Vec::new(),
        };
        self.report(&edit).await?;
        if whom.kind == WhomKind::Escalation {
            return self.escalate(&whom.name).await;
        }
        self.hand_to(whom, false).await
    }

    /// The next in line are paged; an escalation that there is looks after it from now on, if none does.
    async fn escalate(&self, name: &str) -> Result<(), IncidentFailure> {
        let plan = self.engine.plan();
        let name = plan.policies.get(name).is_some().then_some(name);
        for incident in self.incidents("escalated").await? {
            let (which, text) = (Which::Id(incident.id), self.text.clone());
            let asked = self.engine.escalate_incident(which, name, text, self.actor);
            if let Err(error) = asked.await {
                let IncidentFailure::NotEscalated = error else {
                    return Err(error);
                };
                let text = "to be escalated, but no escalation looks after it".to_owned();
                self.change_one(&incident, Change::Note { text }).await?;
            }
        }
        Ok(())
    }

    /// What the alert says is changed, and stands in the timelines of its incidents.
    async fn edit(&self, edit: &Edit) -> Result<(), IncidentFailure> {
        let words = self.report(edit).await?;
        if let Edit::Summary(summary) = edit {
            let title = summary[..summary.floor_char_boundary(MAX_TITLE)].trim();
            let fields = vec![Field::Title(title.to_owned())];
            self.change(Change::Edit(fields), false).await?;
            if self.text.is_empty() {
                return Ok(());
            }
        }
        let text = format!("{words} {}", self.text);
        let text = text[..text.floor_char_boundary(MAX_TEXT)].trim().to_owned();
        self.change(Change::Note { text }, false).await
    }

    /// Reports the alert with other words, unless it is over; answers what changed.
    async fn report(&self, edit: &Edit) -> Result<String, IncidentFailure> {
        let alert = self.alert();
        let (labels, annotations, words) = edits::edited(alert, edit);
        if !alert.resolved_at(self.engine.now()) {
            let changed = ParsedAlert {
                labels,
                annotations,
                ..self.as_it_is(Signal::Firing, Some(alert.starts_at))
            };
            self.accept(changed).await?;
        }
        Ok(words)
    }

    /// Ends the alert by its key, as the sender's own close does.
    async fn close(&self) -> Result<(), StoreError> {
        self.accept(self.as_it_is(Signal::Resolved, None)).await
    }

    fn as_it_is(&self, signal: Signal, starts_at: Option<Time>) -> ParsedAlert {
        let alert = self.alert();
        ParsedAlert {
            identity: Identity::Dedup(self.found.key.clone()),
            signal,
            labels: alert.labels.clone(),
            annotations: alert.annotations.clone(),
            starts_at,
            ends_at: None,
            generator_url: Arc::clone(&alert.generator_url),
        }
    }

    async fn accept(&self, alert: ParsedAlert) -> Result<(), StoreError> {
        let parsed = Parsed {
            alerts: vec![alert],
            ..Parsed::default()
        };
        self.engine.accept(self.sender, parsed).await.map(drop)
    }

    /// The incident that was opened for the alert alone is over with it.
    async fn over(&self) -> Result<(), IncidentFailure> {
        self.engine
            .close_incident_of(self.alert(), self.actor)
            .await
    }

    /// Who is meant here: by the key in the document, or by the address or name that people know.
    fn known(&self, whom: &Whom) -> Option<Notify> {
        let (plan, name) = (self.engine.plan(), &*whom.name);
        match whom.kind {
            WhomKind::Person => {
                let is = |text: &str| text.eq_ignore_ascii_case(name);
                let by_key = plan.people.get(name);
                let mut others = plan.people.values();
                let person = by_key.or_else(|| {
                    others.find(|person| is(&person.contact.email) || is(&person.contact.name))
                });
                person.map(|person| Notify::Person(person.key.as_str().into()))
            }
            WhomKind::Team => {
                let known = plan.teams.keys().find(|team| &***team == name);
                known.map(|team| Notify::Team(Arc::clone(team)))
            }
            WhomKind::Schedule => {
                let known = plan.schedules.contains_key(name);
                known.then(|| Notify::Schedule(name.into()))
            }
            WhomKind::Escalation => None,
        }
    }

    async fn settled(&self, done: Result<(), IncidentFailure>) -> Result<(), StoreError> {
        match done {
            Err(IncidentFailure::Store(error)) => Err(error),
            // What breaks a rule of incidents (an empty note, a word too long) is no reason to come again.
            Err(error) => {
                let source = &self.sender.source;
                self.engine.note(source, &error.to_string(), &[]).await;
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}
