//! The incident of a group: of those whose keys begin alike, at most one is not over.

use std::sync::Arc;

use balefire_core::incident::Changed;

use super::read::{read, select};
use super::write::{Opened, open};
use crate::db::Sql;
use crate::error::StoreError;
use crate::escalation;
use crate::writer::{Desk, Writer};

const UNRESOLVED: Sql = Sql::new(select!(
    "WHERE incident_key LIKE $1 AND state > 0 ORDER BY id DESC LIMIT 1"
));

async fn of_group(
    desk: &mut Desk<'_>,
    group: &str,
    changed: &Changed,
    policy: Option<&str>,
) -> Result<Opened, StoreError> {
    let pattern = format!("{group}/%");
    let found = desk.conn.fetch(UNRESOLVED, vec![(&*pattern).into()], read);
    let opened = match found.await?.pop() {
        Some(incident) => Opened {
            incident,
            is_new: false,
        },
        None => open(desk, changed).await?,
    };
    if let Some(policy) = policy {
        escalation::begin(desk, opened.incident.id, policy).await?;
    }
    Ok(opened)
}

impl Writer {
    /// Opens an incident unless there is one that is not over and whose key begins with `group`, which holds no `%` or
    /// `_`, and a slash; a policy looks after it from then on, unless one does already.
    pub async fn open_group_incident(
        &self,
        group: String,
        changed: Changed,
        policy: Option<Arc<str>>,
    ) -> Result<Opened, StoreError> {
        let job = Arc::new((group, changed, policy));
        self.chore(move |desk: &mut Desk<'_>| {
            let job = Arc::clone(&job);
            Box::pin(async move {
                let (group, changed, policy) = &*job;
                of_group(desk, group, changed, policy.as_deref()).await
            })
        })
        .await
    }
}
