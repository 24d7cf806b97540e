//! Heartbeats: jobs that say by themselves that they have run, and when one that says nothing is missed.
//!
//! A job signals that it has run, and may signal that it begins or has failed. From its last success on the next one
//! is *due* after a period, or when a cron expression says so; for a grace it is *late*, then it is *down*, which is
//! an alert until it succeeds again. A run that began and does not end within the grace is down, too, and so is one
//! that says it has failed. Runs that say which they are ([`RunId`]) may overlap; each of them is measured from its
//! own begin, and the one that began first is the one that is waited for. The rules are those of healthchecks.io (<https://healthchecks.io/docs/>), except that
//! what is paused stays so until somebody resumes it.
//!
//! What we could not hear is held against nobody: [`Beat::excuse`] takes out the time in which we were away.

mod rhythm;
mod rule;
mod run;
#[cfg(test)]
mod tests;
mod wanted;

use std::time::Duration;

use crate::time::Time;

pub use self::rhythm::{Cron, CronError, Rhythm};
pub use self::run::{RunId, Runs};
pub use self::wanted::{Agreed, Fault, LONGEST_NAME, LONGEST_WORDS, SEVERITIES, Wanted, is_plain};

/// How a heartbeat is to beat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// When the next success is due.
    pub rhythm: Rhythm,
    /// How long after that it is only late, and how long a run may take.
    pub grace: Duration,
}

/// What a job says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// It has run.
    Success,
    /// It begins.
    Start,
    /// It has failed, with this exit code where it gave one.
    Fail(Option<u8>),
    /// It has something to say, which changes nothing.
    Log,
}

/// A signal that was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ping {
    /// When.
    pub at: Time,
    /// What it said.
    pub signal: Signal,
}

/// Why a heartbeat is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing was heard of it until its grace was over.
    Late,
    /// A run began and did not end.
    Unended,
    /// It said that it has failed, with this exit code where it gave one.
    Failed(Option<u8>),
}

/// That a heartbeat is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Down {
    /// Since when.
    pub since: Time,
    /// Why.
    pub why: Why,
}

/// What is known of a heartbeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beat {
    /// How many signals were heard.
    pub pings: u64,
    /// The last signal that was heard.
    pub last: Option<Ping>,
    /// From when on the next success is waited for: the last one, or a later time for which there is an excuse;
    /// `None` while there was none yet.
    pub waits_from: Option<Time>,
    /// The runs that began and are under way.
    pub runs: Runs,
    /// How long the last run took whose start and end were heard.
    pub took: Option<Duration>,
    /// Nothing counts as missed before this time and a grace.
    pub excused_until: Option<Time>,
    /// Since when nobody wants to hear of it.
    pub paused_at: Option<Time>,
    /// It is down.
    pub down: Option<Down>,
}

/// How a heartbeat stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing was ever heard of it, and nothing is missed.
    New,
    /// It runs as it should.
    Up,
    /// It is due and was not heard of; its grace is not over.
    Late,
    /// It is missed, or has failed.
    Down,
    /// Nobody wants to hear of it.
    Paused,
}

/// How a heartbeat stands, and what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How it stands.
    pub status: Status,
    /// When the next success is due; `None` where none is waited for.
    pub due: Option<Time>,
    /// When it is down if nothing is heard; `None` where it never is, or is already.
    pub down_at: Option<Time>,
}

/// A time in which no signal could be heard, though some may have been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Its begin.
    pub from: Time,
    /// Its end: now.
    pub to: Time,
}

impl Signal {
    /// What the last part of a ping's path says: nothing, `start`, `fail`, `log`, or an exit code from 0 to 255.
    pub fn read(word: &str) -> Option<Self> {
        match word {
            "" => Some(Self::Success),
            "start" => Some(Self::Start),
            "fail" => Some(Self::Fail(None)),
            "log" => Some(Self::Log),
            code if code.bytes().all(|byte| byte.is_ascii_digit()) => match code.parse().ok()? {
                0 => Some(Self::Success),
                code => Some(Self::Fail(Some(code))),
            },
            _ => None,
        }
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Start => "start",
            Self::Fail(_) => "fail",
            Self::Log => "log",
        }
    }

    /// The exit code of a failed job that gave one.
    pub const fn code(self) -> Option<u8> {
        match self {
            Self::Fail(code) => code,
            _ => None,
        }
    }

    /// The signal of a word and a code, as they were taken apart.
    pub fn from_parts(word: &str, code: Option<u8>) -> Option<Self> {
        match word {
            "success" => Some(Self::Success),
            "start" => Some(Self::Start),
            "fail" => Some(Self::Fail(code)),
            "log" => Some(Self::Log),
            _ => None,
        }
    }
}

impl Why {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Unended => "unended",
            Self::Failed(_) => "failed",
        }
    }

    /// The reason of a word and a code, as they were taken apart.
    pub fn from_parts(word: &str, code: Option<u8>) -> Option<Self> {
        match word {
            "late" => Some(Self::Late),
            "unended" => Some(Self::Unended),
            "failed" => Some(Self::Failed(code)),
            _ => None,
        }
    }

    /// The exit code of a job that failed with one.
    pub const fn code(self) -> Option<u8> {
        match self {
            Self::Failed(code) => code,
            Self::Late | Self::Unended => None,
        }
    }
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::New, Self::Up, Self::Late, Self::Down, Self::Paused];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Up => "up",
            Self::Late => "late",
            Self::Down => "down",
            Self::Paused => "paused",
        }
    }
}
