//! Whether somebody is really reached by a way: they say a code that was sent to them by it.
//!
//! A code has six digits and is good for [`LIVES`] and [`GUESSES`] guesses; only its hash is known here. Another one is sent
//! a minute later at the earliest, and [`PER_HOUR`] times an hour. What was verified stays so while the address is the same,
//! also while another code is under way.

use std::time::Duration;

use crate::time::Time;

/// How long a code is good.
pub const LIVES: Duration = Duration::from_mins(10);
/// How often one may be guessed.
pub const GUESSES: u32 = 5;
/// How long after a code another may be sent.
pub const APART: Duration = Duration::from_mins(1);
/// Codes that are sent within an hour.
pub const PER_HOUR: u32 = 5;
const HOUR: Duration = Duration::from_hours(1);

/// A hash of a code.
pub type CodeHash = [u8; 16];

/// A code that was sent and not said yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its hash.
    pub hash: CodeHash,
    /// When it was sent.
    pub sent_at: Time,
    /// Wrong guesses so far.
    pub guesses: u32,
}

/// How an address of a person stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Since when it is known that it reaches them.
    pub verified_at: Option<Time>,
    /// The code that is out.
    pub pending: Option<Pending>,
    /// Codes sent within the hour that began at `counted_from`.
    pub sends: u32,
    /// See [`Self::sends`].
    pub counted_from: Time,
}

/// Why a code is not sent, or what is said is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Codes were sent too often.
    #[error("a code was sent a moment ago, or {PER_HOUR} within an hour: try again later")]
    TooOften {
        /// When the next one may be sent.
        again_at: Time,
    },
    /// None is out.
    #[error("no code is out: have one sent first")]
    NotSent,
    /// It is too old.
    #[error("the code is over: have another one sent")]
    Expired,
    /// It is another.
    #[error("this is not the code; guesses left: {left}")]
    Wrong {
        /// Guesses that are left.
        left: u32,
    },
}

impl Verification {
    /// A code is sent now.
    pub fn send(&mut self, hash: CodeHash, now: Time) -> Result<(), Refused> {
        if now.since(self.counted_from) >= HOUR || now < self.counted_from {
            (self.sends, self.counted_from) = (0, now);
        }
        let last = self.pending.map(|pending| pending.sent_at.after(APART));
        if let Some(again_at) = last.filter(|again_at| *again_at > now) {
            return Err(Refused::TooOften { again_at });
        }
        if self.sends >= PER_HOUR {
            let again_at = self.counted_from.after(HOUR);
            return Err(Refused::TooOften { again_at });
        }
        self.sends += 1;
        self.pending = Some(Pending {
            hash,
            sent_at: now,
            guesses: 0,
        });
        Ok(())
    }

    /// Somebody answered a call that was placed for that.
    pub fn answered(&mut self, now: Time) {
        self.pending = None;
        self.verified_at = Some(now);
    }

    /// Somebody says a code.
    pub fn confirm(&mut self, hash: CodeHash, now: Time) -> Result<(), Refused> {
        let pending = self.pending.as_mut().ok_or(Refused::NotSent)?;
        if pending.guesses >= GUESSES || now.since(pending.sent_at) >= LIVES {
            return Err(Refused::Expired);
        }
        if pending.hash != hash {
            pending.guesses += 1;
            let left = GUESSES - pending.guesses;
            return Err(Refused::Wrong { left });
        }
        self.pending = None;
        self.verified_at = Some(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: CodeHash = [1; 16];
    const OTHER: CodeHash = [2; 16];

    fn at(secs: i64) -> Time {
        Time::from_secs(1_800_000_000 + secs)
    }

    #[test]
    fn the_right_code_in_time_verifies_once() {
        let mut one = Verification::default();
        assert_eq!(one.confirm(CODE, at(0)), Err(Refused::NotSent));
        assert_eq!(one.send(CODE, at(0)), Ok(()));
        assert_eq!(one.confirm(OTHER, at(1)), Err(Refused::Wrong { left: 4 }));
        assert_eq!(one.confirm(CODE, at(599)), Ok(()));
        assert_eq!(one.verified_at, Some(at(599)));
        assert_eq!(one.confirm(CODE, at(600)), Err(Refused::NotSent));
        assert_eq!(one.verified_at, Some(at(599)), "it stays verified");
    }

    #[test]
    fn an_answered_call_verifies_as_a_code_does() {
        let mut one = Verification::default();
        assert_eq!(one.send(CODE, at(0)), Ok(()));
        one.answered(at(30));
        assert_eq!((one.verified_at, one.pending), (Some(at(30)), None));
    }

    #[test]
    fn a_code_is_good_for_ten_minutes_and_five_guesses() {
        let mut late = Verification::default();
        assert_eq!(late.send(CODE, at(0)), Ok(()));
        assert_eq!(late.confirm(CODE, at(600)), Err(Refused::Expired));
        let mut guessed = Verification::default();
        assert_eq!(guessed.send(CODE, at(0)), Ok(()));
        for left in (0..GUESSES).rev() {
            assert_eq!(guessed.confirm(OTHER, at(1)), Err(Refused::Wrong { left }));
        }
        assert_eq!(guessed.confirm(CODE, at(2)), Err(Refused::Expired));
        assert_eq!(guessed.verified_at, None);
    }

    #[test]
    fn codes_are_a_minute_apart_and_five_an_hour() {
        let mut one = Verification::default();
        for minute in 0..5 {
            assert_eq!(one.send(CODE, at(60 * minute)), Ok(()));
            let again_at = at(60 * minute + 60);
            let soon = one.send(CODE, at(60 * minute + 59));
            assert_eq!(soon, Err(Refused::TooOften { again_at }));
        }
        let again_at = at(3_600);
        assert_eq!(one.send(CODE, at(300)), Err(Refused::TooOften { again_at }));
        assert_eq!(one.send(OTHER, at(3_600)), Ok(()));
        assert_eq!(
            one.confirm(CODE, at(3_601)),
            Err(Refused::Wrong { left: 4 }),
            "the last counts"
        );
        assert_eq!(one.confirm(OTHER, at(3_601)), Ok(()));
    }
}
