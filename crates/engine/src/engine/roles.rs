//! Roles in incidents: given by somebody, and told to whoever gets one without having taken it.

use balefire_core::incident::{Change, Incident, Role};
use balefire_core::severity::Severity;
use balefire_store::Which;
use balefire_template::compose;

use super::{Engine, IncidentFailure};
use crate::direct::{Destination, Direct, Words};

impl Engine {
    /// Gives a role to somebody, in place of whoever had it. A person of the document who has not asked for it is told, by
    /// the first way of theirs that does not ring; where none is, the incident's page tells it to those who look.
    pub async fn give_role(
        &self,
        which: Which,
        (role, to): (Role, String),
        text: String,
        actor: &str,
    ) -> Result<Incident, IncidentFailure> {
        let change = Change::Role {
            role: role.clone(),
            to: Some(to.clone()),
            text,
        };
        let incident = self.change_incident(which, vec![change], actor).await?;
        if to != actor
            && let Some(told) = self.told_role(&incident, &role, &to, actor)
            && let Err(error) = self.send(&told, None).await
        {
            tracing::warn!(person = to, %error, "who was given a role cannot be told of it");
        }
        Ok(incident)
    }

    fn told_role(&self, incident: &Incident, role: &Role, to: &str, by: &str) -> Option<Direct> {
        let plan = self.plan();
        let person = plan.people.get(to)?;
        let contacts = person.rules.contacts(Severity::Info);
        let own = contacts.iter().map(|contact| &contact.by);
        let mut ways = own
            .chain(person.ways.keys())
            .filter_map(|way| person.ways.get(way));
        let way = ways.find(|way| !way.rings)?;
        let reader = compose::Reader {
            locale: person.reader.locale,
            zone: person.reader.zone.clone(),
        };
        let name = plan.people.get(by).map(|giver| &*giver.contact.name);
        let by = name.filter(|name| !name.is_empty()).unwrap_or(by);
        let url = &plan.server.external_url;
        let message = compose::compose_role(incident, role.as_str(), by, url, &reader);
        Some(Direct {
            to: Destination::Account {
                name: way.account.to_string(),
                options: way.options.clone(),
            },
            words: Words::Message(Box::new(message)),
            severity: Severity::Info,
            facts: Vec::new(),
            verifies: None,
        })
    }
}
