//! What follows from the outcome of a try: delivered, again later, hand over, or give up.

use std::time::Duration;

use balefire_channels::channel::Outcome;
use balefire_channels::error::ErrorKind;
use balefire_core::message::Occasion;
use balefire_core::severity::Severity;
use balefire_core::time::Time;

/// How long a way out is tried before its fallback takes over.
pub(crate) const DELIVER_WITHIN: Duration = Duration::from_mins(10);
/// The same for critical alerts.
pub(crate) const DELIVER_CRITICAL_WITHIN: Duration = Duration::from_mins(2);
/// How long a way out without a fallback is tried before the dead letter.
pub(crate) const GIVE_UP_AFTER: Duration = Duration::from_hours(1);

/// What to do with a notification now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It was taken.
    Delivered,
    /// Try again at this time.
    RetryAt(Time),
    /// The receiver's fallback takes over.
    HandOver,
    /// Nobody takes it: dead letter and meta-alert.
    DeadLetter,
}

/// The limits of one notification.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// When the fallback takes over, or, without one, when it is given up.
    pub(crate) deadline_at: Time,
    /// Whether there is a fallback.
    pub(crate) has_fallback: bool,
    /// Why it is sent.
    pub(crate) occasion: Occasion,
}

impl Limits {
    /// Whether an error of this kind may be followed by another try.
    fn may_retry(self, kind: ErrorKind) -> bool {
        match self.occasion {
            // Who tests an account wants to know what came, not that it works an hour later.
            Occasion::Test => false,
            // Who sends by hand hears of a wrong account at once, and mends it.
            Occasion::Direct => kind.may_retry(),
            // A wrong account may be mended by the operator while the deadline runs, when nobody else would tell.
            _ => kind.may_retry() || (kind == ErrorKind::Misconfigured && !self.has_fallback),
        }
    }
}

/// The deadline of a notification made at `now`.
pub(crate) fn deadline(
    now: Time,
    severity: Severity,
    deliver_within: Option<Duration>,
    has_fallback: bool,
) -> Time {
    let standard = if severity == Severity::Critical {
        DELIVER_CRITICAL_WITHIN
    } else {
        DELIVER_WITHIN
    };
    let within = deliver_within.unwrap_or(standard);
    now.after(if has_fallback {
        within
    } else {
        within.max(GIVE_UP_AFTER)
    })
}

/// Judges one target's outcome; `next` is when the back-off would try again.
pub(crate) fn judge(outcome: &Outcome, limits: Limits, now: Time, next: Time) -> Verdict {
    let Err(error) = outcome else {
        return Verdict::Delivered;
    };
    let give_up = if limits.has_fallback {
        Verdict::HandOver
    } else {
        Verdict::DeadLetter
    };
    if !limits.may_retry(error.kind) || now >= limits.deadline_at {
        return give_up;
    }
    // The last try is at the deadline itself, not after it.
    Verdict::RetryAt(next.min(limits.deadline_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use balefire_channels::error::{Receipt, SendError};

    const NOW: Time = Time::from_secs(1_000);

    fn limits(deadline: i64, has_fallback: bool) -> Limits {
        Limits {
            deadline_at: Time::from_secs(deadline),
            has_fallback,
            occasion: Occasion::Firing,
        }
    }

    fn failed(kind: ErrorKind) -> Outcome {
        Err(SendError::new(kind, "no"))
    }

    #[test]
    fn a_taken_message_is_delivered_even_after_the_deadline() {
        let taken = Ok(Receipt::default());
        assert_eq!(judge(&taken, limits(1, true), NOW, NOW), Verdict::Delivered);
    }

    #[test]
    fn a_passing_fault_is_tried_again_but_never_past_the_deadline() {
        let fault = failed(ErrorKind::Transient);
        let soon = Time::from_secs(1_030);
        assert_eq!(
            judge(&fault, limits(2_000, true), NOW, soon),
            Verdict::RetryAt(soon)
        );
        let last = Time::from_secs(1_010);
        assert_eq!(
            judge(&fault, limits(1_010, true), NOW, soon),
            Verdict::RetryAt(last)
        );
        assert_eq!(
            judge(&fault, limits(1_000, true), NOW, soon),
            Verdict::HandOver
        );
        assert_eq!(
            judge(&fault, limits(1_000, false), NOW, soon),
            Verdict::DeadLetter
        );
    }

    #[test]
    fn a_refusal_goes_to_the_fallback_at_once() {
        let refused = failed(ErrorKind::Rejected);
        assert_eq!(
            judge(&refused, limits(9_000, true), NOW, NOW),
            Verdict::HandOver
        );
        assert_eq!(
            judge(&refused, limits(9_000, false), NOW, NOW),
            Verdict::DeadLetter
        );
        let wrong = failed(ErrorKind::Misconfigured);
        assert_eq!(
            judge(&wrong, limits(9_000, true), NOW, NOW),
            Verdict::HandOver
        );
        assert_eq!(
            judge(&wrong, limits(9_000, false), NOW, NOW),
            Verdict::RetryAt(NOW)
        );
    }

    #[test]
    fn a_test_is_tried_once_and_a_wrong_account_ends_what_is_sent_by_hand() {
        use ErrorKind::{Misconfigured, RateLimited, Rejected, Transient, UnknownOutcome};
        let verdict = |occasion, kind| {
            let limits = Limits {
                occasion,
                ..limits(9_000, false)
            };
            judge(&failed(kind), limits, NOW, NOW)
        };
        for kind in [Transient, RateLimited, UnknownOutcome] {
            assert_eq!(verdict(Occasion::Test, kind), Verdict::DeadLetter);
            assert_eq!(verdict(Occasion::Direct, kind), Verdict::RetryAt(NOW));
        }
        for kind in [Misconfigured, Rejected] {
            assert_eq!(verdict(Occasion::Test, kind), Verdict::DeadLetter);
            assert_eq!(verdict(Occasion::Direct, kind), Verdict::DeadLetter);
        }
        let alarm = verdict(Occasion::Meta, Misconfigured);
        assert_eq!(alarm, Verdict::RetryAt(NOW), "nobody waits for an alarm");
    }

    #[test]
    fn a_critical_alert_waits_two_minutes_for_its_fallback_and_others_ten() {
        let within = |severity, fallback| deadline(Time::EPOCH, severity, None, fallback).secs();
        assert_eq!(within(Severity::Critical, true), 120);
        assert_eq!(within(Severity::Warning, true), 600);
        assert_eq!(within(Severity::Critical, false), 3_600);
    }
}
