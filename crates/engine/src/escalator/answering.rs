//! How somebody may answer a page from where it reaches them: by a link that is theirs, by a code in a text message.

use std::sync::Arc;

use balefire_channels::registry::hears_texts;
use balefire_config::plan::Person;
use balefire_core::incident::Incident;
use balefire_core::reply::Code;
use balefire_store::{ReplyCode, StoreError, coded};
use balefire_template::compose::PageAnswers;

use super::turn::Turn;
use crate::link::{self, Claim, Purpose, Subject};

impl Turn<'_> {
    /// How a page of a person by one of their ways may be answered.
    pub(super) async fn answers(
        &mut self,
        person: &Person,
        way: &str,
        incidents: &[Incident],
    ) -> Result<PageAnswers, StoreError> {
        let key: Arc<str> = person.key.as_str().into();
        let links = incidents.iter().filter_map(|incident| {
            let subject = Subject::Incident(incident.id);
            let claim = Claim::new(Purpose::Page, subject, Some(Arc::clone(&key)), self.now);
            link::address(&self.plan, &self.shared.links, &claim)
        });
        let links = links.collect();
        let code = match self.texted(person, way) {
            Some(phone) => self.code(&phone, &key, incidents).await?,
            None => None,
        };
        Ok(PageAnswers {
            links,
            code: code.map(|code| code.to_string()),
        })
    }

    /// The number that a way sends text messages to, where an answer by text message comes back to us.
    fn texted(&self, person: &Person, way: &str) -> Option<Arc<str>> {
        let own = person.ways.get(way)?;
        let account = self.plan.accounts.get(&*own.account)?;
        if !hears_texts(account.spec, &account.value, &own.options) {
            return None;
        }
        let channel = (account.open)(&own.options).ok()?;
        match channel.targets().as_slice() {
            [only] => Some(Arc::clone(&only.address)),
            _ => None,
        }
    }

    /// The code for these incidents: the one that the number knows already, or a new one. `None` when all are taken.
    async fn code(
        &mut self,
        phone: &Arc<str>,
        person: &Arc<str>,
        incidents: &[Incident],
    ) -> Result<Option<Code>, StoreError> {
        let about: Vec<u64> = incidents.iter().map(|incident| incident.id).collect();
        let mut known = self.shared.store.reply_codes(phone, self.now).await?;
        let given = self.codes.iter().filter(|(number, _)| number == phone);
        known.extend(given.map(|(_, code)| code.clone()));
        let same = |known: &&ReplyCode| known.incidents == about && known.person == *person;
        let code = match known.iter().find(same) {
            Some(known) => Some(known.code),
            None => random().and_then(|random| {
                let taken: Vec<Code> = known.iter().map(|known| known.code).collect();
                Code::draw(random, &taken)
            }),
        };
        if let Some(code) = code {
            let row = ReplyCode::new(code, person, about, self.now);
            self.facts.push(coded(phone, &row));
            self.codes.push((Arc::clone(phone), row));
        }
        Ok(code)
    }
}

/// `None` without randomness from the system: then the page has no code.
fn random() -> Option<u64> {
    let mut bytes = [0; 8];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    Some(u64::from_le_bytes(bytes))
}
