//! What a receiver could not deliver goes to its fallback.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use balefire_store::{Attempt, Decision, Notification, Settlement};

use super::content::Content;
use super::rows::{Draft, numbered, rows_of};
use super::settle;
use super::shared::Shared;
use crate::codec;

/// How long after a hand-over that the store did not take the next try is made.
const STORE_AGAIN: Duration = Duration::from_secs(1);

/// A row that its own way out could not deliver, with the try that settled it.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) row: Notification,
    pub(crate) attempts: Vec<Attempt>,
}

impl Given {
    /// A row that is given up or over without a try of its own.
    pub(crate) fn untried(row: Notification) -> Self {
        Self {
            row,
            attempts: Vec::new(),
        }
    }

    pub(crate) fn settlement(&self) -> Settlement {
        settle::settlement(&self.row, self.attempts.clone())
    }
}

/// Makes the fallback's notifications for rows of one obligation; the rows end as handed over in the same
/// transaction. Tried again for as long as the store does not take it.
///
/// # Errors
///
/// Why there is nobody to hand over to, or that the store refuses it for good.
pub(crate) async fn hand_over(
    shared: &Shared,
    receiver: Option<Arc<str>>,
    content: &Content,
    given: &[Given],
) -> Result<Vec<Notification>, String> {
    loop {
        let now = shared.clock.now();
        let (made, config_version) =
            notifications(shared, receiver.as_deref(), content, given, now)?;
        let decision = Decision {
            at: now,
            cursor: shared.state.read().cursor(),
            config_version,
            body: codec::pack::<[()]>(&[]),
            notifications: made.clone(),
            settlements: given.iter().map(Given::settlement).collect(),
            facts: Vec::new(),
        };
        match shared.store.writer().decide(decision).await {
            Ok(decided) => {
                shared
                    .metrics
                    .notifications_pending
                    .inc_by(made.len() as i64);
                return Ok(numbered(made, decided));
            }
            Err(error) if !settle::may_pass(&error) => return Err(error.to_string()),
            Err(error) => {
                tracing::error!(%error, "a hand-over to a fallback could not be stored, trying again");
                tokio::time::sleep(STORE_AGAIN).await;
            }
        }
    }
}

fn notifications(
    shared: &Shared,
    receiver: Option<&str>,
    content: &Content,
    given: &[Given],
    now: Time,
) -> Result<(Vec<Notification>, Arc<str>), String> {
    let plan = shared.plan.load_full();
    let name = receiver.ok_or("the receiver has no fallback any more")?;
    let receiver = plan
        .receivers
        .iter()
        .find(|candidate| &*candidate.name == name)
        .ok_or_else(|| format!("the fallback {name:?} is not configured any more"))?;
    let Some(first) = given.first().map(|given| &given.row) else {
        return Ok((Vec::new(), Arc::clone(&plan.version)));
    };
    let draft = Draft {
        group: first.group,
        ordinal: first.seq,
        occasion: first.occasion,
        severity: first.severity,
        now,
        deliver_within: receiver.deliver_within,
        has_fallback: receiver.fallback.is_some(),
        fallback_of: Some(first.seq),
    };
    let content = content.handed_over_by(&first.integration);
    let made: Vec<Notification> = receiver
        .integrations
        .iter()
        .flat_map(|integration| rows_of(shared, receiver, integration, &content, &draft))
        .collect();
    if made.is_empty() {
        return Err(format!("the fallback {name:?} has no way out"));
    }
    Ok((made, Arc::clone(&plan.version)))
}
