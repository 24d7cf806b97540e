//! How often each integration was told the same again since it last heard news, where repeats become rarer.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::group::GroupId;
use super::record::Reason;

/// The counts that are not 0.
#[derive(Clone, Debug, Default)]
pub(super) struct Repeats(FxHashMap<(GroupId, Arc<str>), u32>);

impl Repeats {
    pub(super) fn of(&self, group: GroupId, integration: &Arc<str>) -> u32 {
        if self.0.is_empty() {
            return 0;
        }
        let key = (group, Arc::clone(integration));
        self.0.get(&key).copied().unwrap_or(0)
    }

    /// Counts a repeat; news begin the count anew.
    pub(super) fn count(&mut self, group: GroupId, integration: &Arc<str>, reason: Reason) {
        let key = (group, Arc::clone(integration));
        if reason == Reason::RepeatInterval {
            let count = self.0.entry(key).or_default();
            *count = count.saturating_add(1);
        } else {
            self.0.remove(&key);
        }
    }

    /// Drops the counts of groups that are gone; a group of that name begins with news.
    pub(super) fn collect(&mut self, is_there: impl Fn(GroupId) -> bool) {
        self.0.retain(|(group, _), _| is_there(*group));
    }

    /// All of them, in order.
    pub(super) fn kept(&self) -> Vec<(GroupId, Arc<str>, u32)> {
        let counts = self.0.iter();
        let mut kept: Vec<(GroupId, Arc<str>, u32)> = counts
            .map(|((group, integration), count)| (*group, Arc::clone(integration), *count))
            .collect();
        kept.sort_unstable();
        kept
    }

    pub(super) fn restore(&mut self, kept: Vec<(GroupId, Arc<str>, u32)>) {
        let counts = kept.into_iter();
        self.0
            .extend(counts.map(|(group, integration, count)| ((group, integration), count)));
    }
}
