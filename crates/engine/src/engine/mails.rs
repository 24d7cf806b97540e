//! What people answer to our mails by another. The address they answer to says what was told; who they are is said by
//! the address they write from, which must be one of theirs; what they acknowledge goes the way of every other answer.

use std::sync::Arc;

use balefire_config::plan::Person;
use balefire_store::{Notification, Page, StoreError};

use super::{AnswerFailure, Deed, Engine, IncidentFailure};
use crate::link::{LinkError, Purpose, Subject, theirs};

/// What an answer by mail did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mailed {
    /// It acknowledges.
    Acknowledged,
    /// What it is about is over, or gone.
    Over,
}

/// Why an answer by mail was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MailFailure {
    /// The address it was sent to is not ours any more, or was never.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// It comes from an address of nobody who was told.
    #[error("{from:?} is no address of {whom}: answer from the address that the mail went to")]
    Stranger {
        /// The address it comes from.
        from: String,
        /// Whose answer counts.
        whom: String,
    },
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Engine {
    /// The notification that the name of a mailbox (`ack+TOKEN`, here the token) stands for.
    pub async fn mailbox(&self, token: &str) -> Result<u64, LinkError> {
        let claim = self.read_link(token, Purpose::Mail).await?;
        match claim.subject {
            Subject::Notification(number) => Ok(number),
            Subject::Group(_) | Subject::Incident(_) => Err(LinkError::Forged),
        }
    }

    /// Takes an answer to a notification, from this address in these words. What was done is on disk when this resolves.
    pub async fn take_mail(
        &self,
        notification: u64,
        from: &str,
        words: &str,
    ) -> Result<Mailed, MailFailure> {
        let Some(row) = self.store().notification(notification).await? else {
            return Ok(Mailed::Over);
        };
        let pages = self.store().pages_by(notification).await?;
        let whom = self.sender(&row, &pages, from)?;
        let mut subjects: Vec<Subject> = pages
            .iter()
            .map(|page| Subject::Incident(page.incident))
            .collect();
        if subjects.is_empty() && row.group != 0 {
            subjects.push(Subject::Group(row.group));
        }
        let said = format!("mail: {words}");
        let mut mailed = Mailed::Over;
        for subject in subjects {
            match self
                .answer_saying(subject, Deed::Acknowledge, &whom, &said)
                .await
            {
                Err(
                    AnswerFailure::Store(error)
                    | AnswerFailure::Incident(IncidentFailure::Store(error)),
                ) => return Err(error.into()),
                Err(why) => tracing::debug!(%why, "a mail acknowledges nothing"),
                Ok(()) => mailed = Mailed::Acknowledged,
            }
        }
        Ok(mailed)
    }

    /// The key of who answers: the person that was paged, or anybody of the document for what went to a group's receiver.
    fn sender(
        &self,
        row: &Notification,
        pages: &[Page],
        from: &str,
    ) -> Result<Arc<str>, MailFailure> {
        let plan = self.plan();
        let stranger = |whom: &str| MailFailure::Stranger {
            from: from.chars().take(100).collect(),
            whom: whom.to_owned(),
        };
        if let Some(page) = pages.first() {
            let known = plan.people.get(&*page.person);
            let is_theirs = known.is_some_and(|person| theirs(person, from))
                || (!from.is_empty() && row.target.eq_ignore_ascii_case(from));
            return if is_theirs {
                Ok(Arc::clone(&page.person))
            } else {
                Err(stranger(&page.person))
            };
        }
        let mut known = plan.people.values().filter(|person| theirs(person, from));
        let first: Option<&Person> = known.next();
        match (first, known.next()) {
            (Some(person), None) => Ok(person.key.as_str().into()),
            _ => Err(stranger("one person of the document")),
        }
    }
}
