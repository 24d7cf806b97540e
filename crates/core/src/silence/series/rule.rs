//! Times by a rule of repetition (RFC 5545's RRULE): the second Tuesday of a month, the last day of a quarter.

use std::time::Duration;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::duration;
use crate::schedule::{Rule, Stretch, rule_until};
use crate::time::Time;
use crate::wall::Zone;

/// Shortest and longest time that one repetition is on.
const LASTS: [Duration; 2] = [Duration::from_mins(1), Duration::from_hours(7 * 24 - 1)];

/// A rule, when it begins to count, and how long each repetition is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSpec {
    /// `FREQ=MONTHLY;BYDAY=2TU`: by days, weeks, months or years.
    pub rrule: String,
    /// Since when it counts, by the series' clock, `2026-12-08T02:00`; its time of day is that of each repetition.
    pub starts: String,
    /// How long each is on, `2h`: 1 minute to a week.
    pub lasts: String,
}

/// Why a rule is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It cannot be read as one.
    #[error(
        "rrule: {0:?} is not understood; write a rule by days, weeks, months or years, such as FREQ=MONTHLY;BYDAY=2TU"
    )]
    Rule(String),
    /// It begins at no time.
    #[error("starts: {0:?} is not a time of a clock; write 2026-12-08T02:00")]
    Starts(String),
    /// It has no length.
    #[error("lasts: {0}; write 1m up to less than a week, such as 2h")]
    Lasts(String),
    /// It never comes.
    #[error("rrule: it never comes in the years after starts")]
    Never,
}

/// A checked rule.
#[derive(Clone, Debug)]
pub(super) struct Repeats {
    rule: Rule,
    /// Since when it counts, on the wall.
    pub(super) starts: DateTime,
    lasts: Duration,
}

impl RuleSpec {
    pub(super) fn read(&self, zone: &Zone) -> Result<Repeats, RuleError> {
        let cut = |text: &str| text.chars().take(64).collect::<String>();
        let starts: DateTime = self
            .starts
            .parse()
            .map_err(|_| RuleError::Starts(cut(&self.starts)))?;
        let lasts =
            duration::parse(&self.lasts).map_err(|why| RuleError::Lasts(why.to_string()))?;
        if !(LASTS[0]..=LASTS[1]).contains(&lasts) {
            return Err(RuleError::Lasts(format!(
                "{} is not within that",
                cut(&self.lasts)
            )));
        }
        let text = self.rrule.trim();
        let text = text.strip_prefix("RRULE:").unwrap_or(text);
        let rule = Rule::read(text, |until| rule_until(until, zone)).map_err(RuleError::Rule)?;
        Ok(Repeats {
            rule,
            starts,
            lasts,
        })
    }

    /// In words: `FREQ=MONTHLY;BYDAY=2TU from 2026-12-08T02:00 for 2h`.
    pub(super) fn words(&self) -> String {
        format!("{} from {} for {}", self.rrule, self.starts, self.lasts)
    }
}

impl Repeats {
    /// Its repetitions that touch a part of time, in order.
    pub(super) fn windows(&self, zone: &Zone, within: Stretch) -> Vec<Stretch> {
        let mut found = Vec::new();
        self.each(zone, within, |window| {
            found.push(window);
            true
        });
        found
    }

    /// The first that begins after an instant, and before another.
    pub(super) fn next(&self, zone: &Zone, after: Time, until: Time) -> Option<Stretch> {
        let mut next = None;
        self.each(zone, Stretch::new(after, until)?, |window| {
            next = Some(window).filter(|window| window.from > after);
            next.is_none()
        });
        next
    }

    /// Says each that touches a part of time, until `say` has heard enough.
    fn each(&self, zone: &Zone, within: Stretch, mut say: impl FnMut(Stretch) -> bool) {
        // A day is more than any clock is put on or back.
        let day = Duration::from_hours(24);
        let from = zone.clock(within.from.before(self.lasts + day));
        let to = zone.clock(within.to.after(day));
        self.rule.each(self.starts, (from, to), |wall| {
            let begins = zone.first(wall);
            let window = Stretch::new(begins, begins.after(self.lasts));
            let touched = window.filter(|window| window.within(within).is_some());
            begins < within.to && touched.is_none_or(&mut say)
        });
    }
}
