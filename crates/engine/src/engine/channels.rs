//! The ways out as people look at them: every configured account, and how it does.

use std::sync::Arc;

use balefire_channels::error::ErrorKind;
use balefire_channels::layers::breaker::BreakerState;
use balefire_channels::spec::ChannelSpec;
use balefire_config::plan::{Account, Plan};
use balefire_core::time::Time;

use super::Engine;
use crate::delivery::Standing;

/// A configured account, and how its lane stands.
#[derive(Clone, Debug)]
pub struct ChannelState {
    /// The account's name; `receiver/kind/…` of an entry that brings its own credentials.
    pub name: Arc<str>,
    /// Its kind.
    pub spec: &'static ChannelSpec,
    /// The receivers that tell through it.
    pub receivers: Vec<Arc<str>>,
    /// How it does, in a word.
    pub health: Health,
    /// How its lane stands; `None` when nothing was to be sent through it since the start.
    pub standing: Option<Standing>,
}

/// How an account does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Nothing was tried since the start.
    Untried,
    /// The last try was taken.
    Good,
    /// It waits for its quota, or for the end of the provider's punishment.
    Held,
    /// The last try failed.
    Troubled,
    /// The last try failed for what somebody must change in the configuration or at the provider.
    Misconfigured,
    /// The provider does not answer, and is asked only now and then.
    Down,
}

impl Health {
    /// The word in the API and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Untried => "untried",
            Self::Good => "good",
            Self::Held => "held",
            Self::Troubled => "troubled",
            Self::Misconfigured => "misconfigured",
            Self::Down => "down",
        }
    }

    /// What the figures of a lane come to: what keeps it from sending now goes before what its last try said.
    fn of(standing: &Standing) -> Self {
        if standing.breaker != BreakerState::Closed {
            return Self::Down;
        }
        if standing.held_until.is_some() || standing.quotas.iter().any(|quota| quota.left == 0) {
            return Self::Held;
        }
        let told = standing.last_success.unwrap_or(Time::EPOCH);
        match &standing.last_failure {
            Some(failure) if failure.at > told => match failure.kind {
                ErrorKind::Misconfigured => Self::Misconfigured,
                _ => Self::Troubled,
            },
            _ if standing.last_success.is_some() => Self::Good,
            _ => Self::Untried,
        }
    }
}

impl Engine {
    /// Every account of the configuration in force, by name.
    pub async fn channels(&self) -> Vec<ChannelState> {
        let mut standings = self.inner.lanes.standings().await;
        let plan = self.plan();
        let state = |account: &Account| {
            let standing = standings.remove(&account.name);
            ChannelState {
                name: Arc::clone(&account.name),
                spec: account.spec,
                receivers: receivers_of(&plan, &account.name),
                health: standing.as_ref().map_or(Health::Untried, Health::of),
                standing,
            }
        };
        plan.accounts.values().map(state).collect()
    }
}

/// The receivers with a way out through this account.
fn receivers_of(plan: &Plan, account: &Arc<str>) -> Vec<Arc<str>> {
    let mut receivers = Vec::new();
    for receiver in &plan.receivers {
        let mut ways = receiver.integrations.iter();
        if ways.any(|way| way.account.as_ref() == Some(account)) {
            receivers.push(Arc::clone(&receiver.name));
        }
    }
    receivers
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::delivery::{LastFailure, QuotaLeft};

    fn standing(success: Option<i64>, failure: Option<(i64, ErrorKind)>) -> Standing {
        Standing {
            waiting: 0,
            more_in_store: false,
            under_way: 0,
            breaker: BreakerState::Closed,
            quotas: Vec::new(),
            held_until: None,
            last_success: success.map(Time::from_secs),
            last_failure: failure.map(|(at, kind)| LastFailure {
                at: Time::from_secs(at),
                kind,
                detail: String::new(),
                fix: "",
            }),
        }
    }

    #[test]
    fn what_keeps_a_lane_from_sending_goes_before_what_its_last_try_said() {
        let health = |success, failure| Health::of(&standing(success, failure));
        assert_eq!(health(None, None), Health::Untried);
        assert_eq!(
            health(Some(2), Some((1, ErrorKind::Transient))),
            Health::Good
        );
        let later = |kind| health(Some(1), Some((2, kind)));
        assert_eq!(later(ErrorKind::Rejected), Health::Troubled);
        assert_eq!(later(ErrorKind::Misconfigured), Health::Misconfigured);
        let mut held = standing(Some(1), None);
        held.quotas.push(QuotaLeft {
            calls: 20,
            per: Duration::from_mins(1),
            left: 0,
        });
        assert_eq!(Health::of(&held), Health::Held);
        held.breaker = BreakerState::OpenUntil(Time::from_secs(9));
        assert_eq!(Health::of(&held), Health::Down);
    }
}
