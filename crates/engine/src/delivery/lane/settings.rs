//! How a lane is set up.

use std::sync::Arc;

use balefire_channels::spec::Quota;
use balefire_channels::{autocall, registry};
use balefire_config::plan::Plan;
use balefire_core::person::Quiet;

use super::super::per_call::PerCall;

/// Taken from the account, or from the channel's own figures for a way out without one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LaneSettings {
    pub(crate) name: Arc<str>,
    /// The kind of channel, for metrics.
    pub(crate) channel: &'static str,
    pub(crate) quotas: Vec<Quota>,
    /// Calls under way at once.
    pub(crate) concurrency: usize,
    /// Targets in one call.
    pub(crate) per_call: PerCall,
    /// Whether its provider says afterwards what became of what it took.
    pub(crate) reports: bool,
    /// When its groups' notices wait.
    pub(crate) quiet: Option<Quiet>,
}

impl LaneSettings {
    /// Whether its tries wait for people, and can be called back. The others end soon, and a provider that has a
    /// request cannot be asked to forget it.
    pub(crate) fn waits_for_people(&self) -> bool {
        self.channel == autocall::SPEC.kind
    }

    /// The settings of the lane of this name. One that the configuration no longer has still ends what
    /// waits for it.
    pub(crate) fn of(plan: &Plan, name: &Arc<str>) -> Self {
        if let Some(account) = plan.accounts.get(&**name) {
            return Self {
                name: Arc::clone(name),
                channel: account.spec.kind,
                quotas: account.quotas.clone(),
                concurrency: account.concurrency.max(1),
                per_call: PerCall::of_account(plan, name, account.spec),
                reports: registry::listens(account.spec)
                    || (account.callback_token.is_some()
                        && registry::callback_of(account.spec).is_some()),
                quiet: account.quiet.clone(),
            };
        }
        let mut entries = plan.receivers.iter().flat_map(|r| &r.integrations);
        let spec = entries.find(|entry| entry.key == *name).map(|e| e.spec);
        Self {
            name: Arc::clone(name),
            channel: spec.map_or("none", |spec| spec.kind),
            quotas: spec.map_or_else(Vec::new, |spec| spec.quotas.to_vec()),
            concurrency: spec.map_or(1, |spec| spec.concurrency.max(1)),
            per_call: spec.map_or_else(PerCall::default, PerCall::of_spec),
            reports: false,
            quiet: None,
        }
    }
}
