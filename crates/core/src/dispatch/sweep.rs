//! Dropping what nobody needs any more.

use std::time::Duration;

use super::Dispatch;
use crate::time::Time;

/// How long an alert that is over, told and in no group stays readable. Longer than it takes part
/// in merging, by more than nodes' clocks differ.
const KEPT_AFTER_END: Duration = Duration::from_mins(30);

impl Dispatch {
    /// Drops alerts that ended a while ago and are in no group and no pending notification,
    /// entries of what was told that have expired, and silences past their retention. It changes
    /// no later decision.
    pub fn collect(&mut self, now: Time) {
        let now = self.tick(now);
        let inhibitor = &mut self.inhibitor;
        self.roll.newest.retain(|fingerprint, entry| {
            let keep = entry.needed() || entry.alert.ends_at.after(KEPT_AFTER_END) > now;
            if !keep {
                inhibitor.remove(*fingerprint);
            }
            keep
        });
        self.flaps.collect(now);
        let groups = &self.groups;
        self.repeats.collect(|group| groups.contains_key(&group));
        self.roll.older.retain(|_, entry| entry.needed());
        for group in self.groups.values_mut() {
            let expiry = self.rules.entry_lives(&self.rules.routes[group.route]);
            group
                .ledgers
                .retain(|ledger| ledger.told_at.after(expiry) > now);
        }
        self.silences.prune(now, self.rules.silence_retention);
        if self.roll.newest.capacity() > 4 * (self.roll.newest.len() + 1024) {
            self.roll.newest.shrink_to_fit();
            self.groups.shrink_to_fit();
        }
    }
}
