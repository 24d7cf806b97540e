//! What a receiver could not deliver goes to its fallback.

use std::sync::Arc;

use balefire_config::plan::Plan;
use balefire_core::time::Time;
use balefire_store::{Decision, Notification};

use super::content::Content;
use super::rows::{Draft, numbered, rows_of};
use super::settle;
use super::shared::Shared;
use crate::codec;

/// Makes the fallback's notifications for rows that their own way out could not deliver; the rows end as
/// handed over in the same transaction.
pub(crate) async fn hand_over(
    shared: &Shared,
    plan: &Plan,
    receiver: &str,
    content: &Content,
    rows: &[Notification],
    now: Time,
) -> Result<Vec<Notification>, String> {
    let receiver = plan
        .receivers
        .iter()
        .find(|candidate| &*candidate.name == receiver)
        .ok_or_else(|| format!("the fallback {receiver:?} is not configured any more"))?;
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
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
        return Err(format!("the fallback {:?} has no way out", receiver.name));
    }
    let decision = Decision {
        at: now,
        cursor: shared.state.read().cursor(),
        config_version: Arc::clone(&plan.version),
        body: codec::pack::<[()]>(&[]),
        notifications: made.clone(),
        settlements: rows
            .iter()
            .map(|row| settle::settlement(row, Vec::new()))
            .collect(),
    };
    let decided = shared
        .store
        .writer()
        .decide(decision)
        .await
        .map_err(|error| error.to_string())?;
    shared
        .metrics
        .notifications_pending
        .inc_by(made.len() as i64);
    Ok(numbered(made, decided))
}
