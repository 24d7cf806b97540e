//! Alerts by their senders' own keys, and who has them: for senders that ask about what they sent.

use std::collections::HashMap;
use std::sync::Arc;

use balefire_core::alert::Alert;
use balefire_core::dispatch::{GroupId, GroupRef};
use balefire_core::fingerprint::Fingerprint;
use balefire_core::incident::{Change, Draft, Incident, IncidentState, MAX_TITLE};
use balefire_core::severity::Severity;
use balefire_store::{IncidentFilter, StoreError, Which};

use super::{Engine, IncidentFailure};
use crate::delivery::change::group_of;
use crate::keys::Keys;

/// What keys of incidents begin with that were opened for one alert.
const NAMESPACE: &str = "alert";
/// Most incidents that are looked through.
const MOST: usize = 1_000;

/// An alert and the key its sender knows it by.
#[derive(Clone, Debug)]
pub struct KeyedAlert {
    /// The sender's key.
    pub key: String,
    /// The alert as it stands.
    pub alert: Arc<Alert>,
}

impl KeyedAlert {
    /// The alert's name.
    pub fn fingerprint(&self) -> Fingerprint {
        self.alert.fingerprint()
    }
}

impl Engine {
    /// Waits until what was accepted before is in memory, so that a sender finds what it has just sent.
    pub async fn caught_up(&self) {
        self.inner.ingest.catch_up().await;
    }

    /// All alerts in memory that a source's keys stand for, in no order.
    pub fn keyed_alerts(&self, source: &str) -> Vec<KeyedAlert> {
        let keys = self.inner.ingest.keys.of_source(source);
        let state = self.state();
        let alerts = keys.into_iter().filter_map(|(key, fingerprint)| {
            let alert = Arc::clone(state.alert(fingerprint)?);
            Some(KeyedAlert { key, alert })
        });
        alerts.collect()
    }

    /// The alert that a source's key stands for, if it is in memory.
    pub fn keyed_alert(&self, source: &str, key: &str) -> Option<KeyedAlert> {
        let fingerprint = self.inner.ingest.keys.find(&Keys::name(source, key))?;
        let alert = Arc::clone(self.state().alert(fingerprint)?);
        let key = key.to_owned();
        Some(KeyedAlert { key, alert })
    }

    /// The incidents that are not over, by the alerts that they are about: those of the alerts' groups, and those that
    /// were opened for an alert alone.
    pub async fn incidents_of_alerts(
        &self,
    ) -> Result<HashMap<Fingerprint, Vec<Incident>>, StoreError> {
        let mut found: HashMap<Fingerprint, Vec<Incident>> = HashMap::new();
        for namespace in ["group", NAMESPACE] {
            let filter = IncidentFilter {
                unresolved: true,
                namespace: Some(namespace.into()),
                limit: MOST,
                ..IncidentFilter::default()
            };
            for incident in self.store().incidents(&filter).await? {
                for fingerprint in self.is_about(&incident) {
                    found.entry(fingerprint).or_default().push(incident.clone());
                }
            }
        }
        Ok(found)
    }

    fn is_about(&self, incident: &Incident) -> Vec<Fingerprint> {
        if let Some(group) = group_of(incident) {
            let state = self.state();
            let group = state.group(GroupId(group));
            let alerts = group.into_iter().flat_map(GroupRef::alerts);
            return alerts.map(|(episode, _)| episode.fingerprint).collect();
        }
        let own = incident.key.as_deref().and_then(alert_of);
        own.into_iter().collect()
    }

    /// Does something with the incidents of an alert; one is opened for it if there is none and `opens`.
    pub async fn change_incidents_of(
        &self,
        alert: &Alert,
        change: &Change,
        actor: &str,
        opens: bool,
    ) -> Result<(), IncidentFailure> {
        let mut all = self.incidents_of_alerts().await?;
        let there = all.remove(&alert.fingerprint()).unwrap_or_default();
        if there.is_empty() && opens {
            // Who only says something to it asks for nobody before the group does.
            let begins = !matches!(change, Change::Note { .. });
            return self.open_incidents_of(alert, change, actor, begins).await;
        }
        for incident in there {
            let id = Which::Id(incident.id);
            self.change_incident(id, vec![change.clone()], actor)
                .await?;
        }
        Ok(())
    }

    /// Opens what an alert that has no incident will be told by: the incidents of its groups that an escalation looks after,
    /// which begins at once if it `begins`, before they are told for the first time; else one of its own.
    pub async fn open_incidents_of(
        &self,
        alert: &Alert,
        change: &Change,
        actor: &str,
        begins: bool,
    ) -> Result<(), IncidentFailure> {
        let then = std::slice::from_ref(change);
        let mut opened = Vec::new();
        for (group, policy) in self.escalated_groups_of(&alert.labels) {
            if let Some(view) = self.group_now(group) {
                let policy = Some(policy).filter(|_| begins);
                opened.push(self.open_for(group, &view, actor, then, policy).await?);
            }
        }
        if opened.is_empty() {
            opened.push(self.open_incident(draft_for(alert), then, actor).await?);
        }
        // It was there and is over, or somebody was first: what people say to it goes there all the same.
        for old in opened.into_iter().filter(|opened| !opened.is_new) {
            let id = Which::Id(old.incident.id);
            self.change_incident(id, vec![change.clone()], actor)
                .await?;
        }
        Ok(())
    }

    /// An alert was closed by its sender: so is the incident that was opened for it alone.
    pub async fn close_incident_of(
        &self,
        alert: &Alert,
        actor: &str,
    ) -> Result<(), IncidentFailure> {
        let key = key_for(alert);
        let which = Which::Key(key.as_str().into());
        let Some(incident) = self.incident(&which).await? else {
            return Ok(());
        };
        if incident.state == IncidentState::Resolved {
            return Ok(());
        }
        let change = Change::Resolve {
            ended_at: None,
            text: String::new(),
        };
        self.change_incident(which, vec![change], actor).await?;
        Ok(())
    }
}

fn key_for(alert: &Alert) -> String {
    let start = alert.starts_at.secs();
    format!("{NAMESPACE}/{}/{start}", alert.fingerprint())
}

fn alert_of(key: &str) -> Option<Fingerprint> {
    let name = key.strip_prefix(NAMESPACE)?.strip_prefix('/')?;
    let (fingerprint, _) = name.split_once('/')?;
    fingerprint.parse().ok()
}

fn draft_for(alert: &Alert) -> Draft {
    let title = match alert.annotations.value("summary").trim() {
        "" => alert.labels.value("alertname"),
        summary => summary,
    };
    let title = title[..title.floor_char_boundary(MAX_TITLE)].trim();
    Draft {
        key: Some(key_for(alert)),
        severity: Severity::of(&alert.labels),
        title: if title.is_empty() {
            "alert".to_owned()
        } else {
            title.to_owned()
        },
        started_at: Some(alert.starts_at),
        fields: Vec::new(),
    }
}
