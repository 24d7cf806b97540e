//! Merging two incidents, as one transaction.

use std::sync::Arc;

use balefire_core::incident::{Incident, Merged, Refused};

use super::Which;
use super::write::update;
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

impl Writer {
    /// Merges an incident into another by what `decide` makes of the two; `None` when one of them is not there.
    /// `decide` may be asked again when another node was first.
    pub async fn merge_incidents<F>(
        &self,
        (from, into): (u64, u64),
        decide: F,
    ) -> Result<Option<Result<(Incident, Incident), Refused>>, StoreError>
    where
        F: Fn(&Incident, &Incident) -> Result<Merged, Refused> + Send + Sync + 'static,
    {
        let decide = Arc::new(decide);
        self.chore(move |desk: &mut Desk<'_>| {
            let decide = Arc::clone(&decide);
            Box::pin(async move {
                let one = Which::Id(from).find(desk).await?;
                let other = Which::Id(into).find(desk).await?;
                let Some((one, other)) = one.zip(other) else {
                    return Ok(None);
                };
                let Merged { gone, kept } = match decide(&one, &other) {
                    Ok(merged) => merged,
                    Err(refused) => return Ok(Some(Err(refused))),
                };
                // In the order of their numbers, so that two who merge the same two do not wait for each other.
                let mut both = [&gone, &kept];
                both.sort_by_key(|changed| changed.incident.id);
                for changed in both {
                    update(desk, &changed.incident, &changed.entries).await?;
                }
                Ok(Some(Ok((gone.incident, kept.incident))))
            })
        })
        .await
    }
}
