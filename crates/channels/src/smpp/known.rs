//! The ids that an SMSC gave out lately, so that a receipt finds its own whatever base its number is written in, and over
//! whichever session it comes.

use std::collections::{HashSet, VecDeque};

/// Ids that are remembered.
const REMEMBERED: usize = 10_000;

/// Ids of the last messages.
#[derive(Debug, Default)]
pub(super) struct Known {
    ids: HashSet<String>,
    order: VecDeque<String>,
}

impl Known {
    /// An id that was given out.
    pub(super) fn remember(&mut self, id: &str) {
        if id.is_empty() || !self.ids.insert(id.to_owned()) {
            return;
        }
        self.order.push_back(id.to_owned());
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }

    /// The id as it was given out: some SMSCs write a number in one base in the answer, in another in the receipt.
    pub(super) fn as_given(&self, id: String) -> String {
        if self.ids.contains(&id) {
            return id;
        }
        let decimal = u64::from_str_radix(&id, 16).map(|number| number.to_string());
        let number = id.parse::<u64>();
        let hex = number.as_ref().map(|number| format!("{number:x}"));
        let upper = number.as_ref().map(|number| format!("{number:X}"));
        let others = [decimal.ok(), hex.ok(), upper.ok()];
        let found = others
            .into_iter()
            .flatten()
            .find(|other| self.ids.contains(other));
        found.unwrap_or(id)
    }
}
