//! The part of the configuration that the dispatcher decides by.

use std::sync::Arc;

use balefire_config::plan::Plan;
use balefire_core::dispatch::{IntegrationRule, Rules};

/// The dispatcher's rules of a plan.
pub(crate) fn rules_of(plan: &Plan) -> Arc<Rules> {
    let receivers = plan
        .receivers
        .iter()
        .map(|receiver| {
            let integrations = receiver
                .integrations
                .iter()
                .map(|entry| IntegrationRule {
                    key: Arc::clone(&entry.key),
                    send_resolved: entry.send_resolved,
                })
                .collect();
            (Arc::clone(&receiver.name), integrations)
        })
        .collect();
    Arc::new(Rules {
        version: Arc::clone(&plan.version),
        routes: plan.routes.clone(),
        receivers,
        inhibit: plan.inhibit_rules.clone(),
        intervals: plan.intervals.clone(),
        resolve_timeout: plan.resolve_timeout,
        silence_retention: plan.retention.silences,
    })
}
