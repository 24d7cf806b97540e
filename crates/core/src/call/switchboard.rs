//! The calls under way, and which phone is on which.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::number::same_number;
use super::{Round, Rules, Serve, Wanted};
use crate::severity::Severity;
use crate::time::Time;

/// Phones that are remembered; anybody may say a new name with each request.
const AGENTS: usize = 64;
/// A phone that has been silent for so long may have lost its memory: the app asks nothing for 30 s after its start.
const RESTART: Duration = Duration::from_secs(30);
/// Nobody asking for so long is told while calls wait; while one is dialled, the longest call and an interval more.
const SILENT: Duration = Duration::from_mins(2);

/// The calls that are not over, and the phones that ask for them.
#[derive(Debug)]
pub struct Switchboard {
    rules: Rules,
    calls: BTreeMap<Arc<str>, Call>,
    agents: BTreeMap<Arc<str>, Time>,
    /// When one asked last.
    asked_at: Option<Time>,
}

#[derive(Debug)]
struct Call {
    wanted: Wanted,
    /// When it came here; later than `at` after a restart.
    placed_at: Time,
    /// Rounds that are over.
    done: u32,
    /// How often it was served in this round.
    served: u32,
    lease: Option<Lease>,
}

/// A phone that has a call for itself.
#[derive(Debug)]
struct Lease {
    agent: Arc<str>,
    until: Time,
}

impl Call {
    fn ends_at(&self) -> Time {
        self.wanted.at.after(self.wanted.max_age)
    }

    /// The phone that is on it.
    fn holder(&self, now: Time) -> Option<&Lease> {
        self.lease.as_ref().filter(|lease| lease.until > now)
    }

    /// The smallest is served first: the worst, then what was tried the least, then the oldest.
    fn order(&self) -> (Reverse<Severity>, u32, Time, &str) {
        let wanted = &self.wanted;
        (
            Reverse(wanted.priority),
            self.done,
            wanted.at,
            wanted.id.as_ref(),
        )
    }
}

impl Switchboard {
    /// Without calls.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            calls: BTreeMap::new(),
            agents: BTreeMap::new(),
            asked_at: None,
        }
    }

    /// Other leases from now on.
    pub fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }

    /// How many calls are not over.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether no call is wanted.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Takes in a call; asking for the same one again changes nothing. Whether it is there: a call without numbers
    /// is not, because a phone that is given an empty list never says anything about it again.
    pub fn place(&mut self, wanted: Wanted, now: Time) -> bool {
        if wanted.phones.is_empty() {
            return false;
        }
        let id = Arc::clone(&wanted.id);
        self.calls.entry(id).or_insert(Call {
            placed_at: now,
            done: wanted.done,
            served: 0,
            lease: None,
            wanted,
        });
        true
    }

    /// The call that a phone is to work on now. It stays the same until the phone has said how it went, unless a
    /// worse one comes; then the phone gives its own up, and whoever asks next begins that one anew.
    pub fn poll(&mut self, agent: &str, now: Time) -> Option<Serve> {
        let silent = self.note(agent, now);
        let open = |call: &&Call| call.ends_at() > now;
        let mine = |call: &Call| call.holder(now).is_some_and(|held| &*held.agent == agent);
        let own = self.calls.values().filter(open).find(|call| mine(call));
        let free = self.calls.values().filter(open);
        let free = free.filter(|call| call.holder(now).is_none());
        let best = free.min_by(|a, b| a.order().cmp(&b.order()));
        let (chosen, is_new) = match (own, best) {
            (Some(own), Some(best)) if best.wanted.priority > own.wanted.priority => (best, true),
            (Some(own), _) => (own, false),
            (None, Some(best)) => (best, true),
            (None, None) => return None,
        };
        let id = Arc::clone(&chosen.wanted.id);
        if is_new {
            self.leave(agent);
        }
        let rings = is_new || silent;
        let span = if rings {
            self.rules.dialling
        } else {
            self.rules.lease
        };
        let call = self.calls.get_mut(&id)?;
        if is_new {
            call.served = 0;
        }
        call.served = call.served.saturating_add(1);
        call.lease = Some(Lease {
            agent: agent.into(),
            until: now.after(span),
        });
        Some(Serve {
            id,
            phones: call.wanted.phones.clone(),
        })
    }

    /// Somebody answered: the call is over. The number that was on the list, or the answer as it was given when it is
    /// on none; `None` when there is no such call any more, since the first answer counts.
    pub fn answered(&mut self, id: &str, number: &str) -> Option<Arc<str>> {
        let call = self.calls.remove(id)?;
        let mut listed = call.wanted.phones.into_iter();
        let found = listed.find(|phone| same_number(phone, number) || **phone == *number);
        Some(found.unwrap_or_else(|| number.into()))
    }

    /// A phone has tried all numbers and nobody answered. Said by a phone that is known while another is on the call,
    /// it means nothing; neither does what cannot be more than the last round's word said again: it comes after the
    /// list was given out once, and to try it takes asking at least twice.
    pub fn unanswered(&mut self, id: &str, agent: &str, now: Time) -> Round {
        let is_known = self.agents.contains_key(agent);
        let Some(call) = self.calls.get_mut(id) else {
            return Round::Ignored;
        };
        let others = call
            .holder(now)
            .is_some_and(|lease| is_known && &*lease.agent != agent);
        let repeated = call.served == 0 || (call.done > 0 && call.served == 1);
        if others || repeated {
            return Round::Ignored;
        }
        call.done += 1;
        call.served = 0;
        call.lease = None;
        let done = call.done;
        if done < call.wanted.rounds {
            return Round::Again(done);
        }
        self.calls.remove(id);
        Round::Over(done)
    }

    /// Nobody need be called any more; whether there was such a call.
    pub fn withdraw(&mut self, id: &str) -> bool {
        self.calls.remove(id).is_some()
    }

    /// Takes out the calls that are too old.
    pub fn due(&mut self, now: Time) -> Vec<Arc<str>> {
        let old = self
            .calls
            .extract_if(.., |_, call| call.ends_at() <= now)
            .map(|(id, _)| id);
        old.collect()
    }

    /// The phone that is on a call.
    pub fn agent_on(&self, id: &str, now: Time) -> Option<&Arc<str>> {
        let lease = self.calls.get(id)?.holder(now)?;
        Some(&lease.agent)
    }

    /// How long calls have waited with nobody asking, once that is too long: two minutes, and five and more while a
    /// phone may be dialling.
    pub fn silent(&self, now: Time) -> Option<Duration> {
        let first = self.calls.values().map(|call| call.placed_at).min()?;
        let since = self.asked_at.map_or(first, |asked| asked.max(first));
        let dialling = self.calls.values().any(|call| call.lease.is_some());
        let patience = if dialling {
            self.rules.dialling.max(SILENT)
        } else {
            SILENT
        };
        let silent = now.since(since);
        (silent >= patience).then_some(silent)
    }

    /// The clock was set back by `span`: what lasts until a time lasts no longer than before.
    pub fn set_back(&mut self, span: Duration) {
        for call in self.calls.values_mut() {
            call.wanted.at = call.wanted.at.before(span);
            call.placed_at = call.placed_at.before(span);
            if let Some(lease) = &mut call.lease {
                lease.until = lease.until.before(span);
            }
        }
        let agents = self.agents.values_mut();
        for asked in agents.chain(self.asked_at.as_mut()) {
            *asked = asked.before(span);
        }
    }

    /// How many phones are remembered.
    #[cfg(test)]
    pub(super) fn agents_known(&self) -> usize {
        self.agents.len()
    }

    /// Notes that a phone asked; whether it was silent for so long that it may begin anew.
    fn note(&mut self, agent: &str, now: Time) -> bool {
        self.asked_at = Some(now);
        if let Some(asked) = self.agents.get_mut(agent) {
            let silent = now.since(*asked) >= RESTART;
            *asked = now;
            return silent;
        }
        if self.agents.len() >= AGENTS {
            let quietest = self.agents.iter().min_by_key(|(_, asked)| **asked);
            if let Some(name) = quietest.map(|(name, _)| Arc::clone(name)) {
                self.agents.remove(&name);
            }
        }
        self.agents.insert(agent.into(), now);
        true
    }

    /// The phone gives up what it was on.
    fn leave(&mut self, agent: &str) {
        for call in self.calls.values_mut() {
            if call.lease.as_ref().is_some_and(|l| &*l.agent == agent) {
                call.lease = None;
                call.served = 0;
            }
        }
    }
}
