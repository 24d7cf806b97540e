//! Roles in incidents: given by somebody, and told to whoever gets one without having taken it.

use balefire_core::incident::{Change, Incident, Role};
use balefire_core::severity::Severity;
use balefire_store::Which;
use balefire_template::compose;

use super::{Engine, IncidentFailure};
use crate::direct::{Destination, Direct, Words};
use crate::escalator::reader;

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
            && let Some(told) = self.told_role(&incident, &role, &to, actor).await
            && let Err(error) = self.send(&told, None).await
        {
            tracing::warn!(person = to, %error, "who was given a role cannot be told of it");
        }
        Ok(incident)
    }

    async fn told_role(
        &self,
        incident: &Incident,
        role: &Role,
        to: &str,
        by: &str,
    ) -> Option<Direct> {
        let (plan, shared) = (self.plan(), &self.inner.shared);
        let person = plan.people.get(to)?;
        let unverified = shared.verified.unverified(&plan, &shared.store).await;
        let passed_over = unverified.passed_over(to);
        let contacts = person.rules.contacts(Severity::Info);
        let own = contacts.iter().map(|contact| &contact.by);
        let all = own.chain(person.ways.keys());
        let mut ways = all
            .filter(|way| !passed_over.contains(way))
            .filter_map(|way| person.ways.get(way));
        let way = ways.find(|way| !way.rings)?;
        let reader = reader(&person.reader);
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
