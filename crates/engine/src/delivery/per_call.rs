//! How many targets go out in one call.

use std::sync::Arc;

use balefire_channels::spec::ChannelSpec;
use balefire_config::plan::Plan;

/// How many targets go out in one call of a lane. Clones are cheap.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PerCall {
    most: usize,
    /// Integrations whose messages are answered or changed later: each target has one of its own.
    alone: Arc<[Arc<str>]>,
}

impl PerCall {
    /// That of an account's lane.
    pub(super) fn of_account(plan: &Plan, name: &str, spec: &ChannelSpec) -> Self {
        let most = spec.limits.max_targets_per_call;
        let entries = plan.receivers.iter().flat_map(|r| &r.integrations);
        let entries = entries.filter(|entry| entry.account.as_deref() == Some(name));
        let alone = entries.filter(|entry| most > 1 && entry.channel.threads().is_some());
        Self {
            most,
            alone: alone.map(|entry| Arc::clone(&entry.key)).collect(),
        }
    }

    /// That of a way out without an account.
    pub(super) fn of_spec(spec: &ChannelSpec) -> Self {
        Self {
            most: spec.limits.max_targets_per_call,
            alone: Arc::default(),
        }
    }

    /// How many go out in one call of this integration; at least 1.
    pub(crate) fn of(&self, integration: &str) -> usize {
        if self.alone.iter().any(|alone| **alone == *integration) {
            1
        } else {
            self.most.max(1)
        }
    }
}
