//! Balefire's own alarms: dead letters, broken templates, wrong clocks, a full disk.
//!
//! They never cause further ones: what goes wrong while one is delivered is logged and recorded only.

use std::time::Duration;

use balefire_core::severity::Severity;
use balefire_core::time::Time;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::sync::mpsc;

/// The same finding about the same thing is told once in this time.
const QUIET: Duration = Duration::from_mins(15);
/// How many findings may wait to be told; more are only logged.
const WAITING: usize = 256;
/// How many (kind, subject) pairs are remembered at most.
const REMEMBERED: usize = 4096;

/// What Balefire found wrong with itself or its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// A notification was given up on.
    DeadLetter,
    /// An operator's template failed and the plain message went out instead.
    Template,
    /// A sender's clock, or ours, is far off.
    Clock,
    /// The store refuses writes for want of space.
    DiskFull,
    /// The store does not answer or found damage.
    Store,
    /// The configuration on disk is not the one in force.
    Configuration,
    /// A reminder cannot be told by one of its ways.
    Reminder,
    /// What expires cannot be looked at.
    Monitor,
    /// Somebody who is to be told cannot be reached.
    Recipient,
    /// An escalation reaches nobody.
    Escalation,
    /// Calls cannot be forwarded to whoever is on call.
    Forwarding,
    /// A schedule has a gap ahead, or an override that does not hold any more.
    OnCall,
    /// Calls wait and no telephone asks for them.
    PhoneSilent,
    /// So much happens that somebody is told in digests.
    Storm,
    /// Somebody of the document is no longer there, or cannot be asked about.
    People,
    /// A mistake of Balefire's own.
    Internal,
}

impl Trouble {
    /// All of them.
    #[cfg(test)]
    const ALL: [Self; 16] = [
        Self::DeadLetter,
        Self::Template,
        Self::Clock,
        Self::DiskFull,
        Self::Store,
        Self::Configuration,
        Self::Reminder,
        Self::Monitor,
        Self::Recipient,
        Self::Escalation,
        Self::Forwarding,
        Self::OnCall,
        Self::PhoneSilent,
        Self::Storm,
        Self::People,
        Self::Internal,
    ];

    /// The word in labels and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DeadLetter => "dead_letter",
            Self::Template => "template",
            Self::Clock => "clock",
            Self::DiskFull => "disk_full",
            Self::Store => "store",
            Self::Configuration => "configuration",
            Self::Reminder => "reminder",
            Self::Monitor => "monitor",
            Self::Recipient => "recipient",
            Self::Escalation => "escalation",
            Self::Forwarding => "forwarding",
            Self::OnCall => "on_call",
            Self::PhoneSilent => "phone_silent",
            Self::Storm => "storm",
            Self::People => "people",
            Self::Internal => "internal",
        }
    }

    /// How bad it is.
    pub const fn severity(self) -> Severity {
        match self {
            Self::DeadLetter
            | Self::DiskFull
            | Self::Store
            | Self::Escalation
            | Self::Forwarding
            | Self::PhoneSilent
            | Self::Internal => Severity::Critical,
            Self::Template
            | Self::Clock
            | Self::Configuration
            | Self::Reminder
            | Self::Monitor
            | Self::Recipient
            | Self::Storm
            | Self::People
            | Self::OnCall => Severity::Warning,
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of trouble.
    pub trouble: Trouble,
    /// What it is about: an account, a source, a template.
    pub subject: String,
    /// What happened and what to do, for people.
    pub text: String,
}

/// Takes findings and passes on those that are news.
pub struct Findings {
    told: Mutex<FxHashMap<(Trouble, String), Time>>,
    out: mpsc::Sender<Finding>,
}

impl Findings {
    /// A taker, and the end where the news comes out.
    pub fn new() -> (Self, mpsc::Receiver<Finding>) {
        let (out, news) = mpsc::channel(WAITING);
        (
            Self {
                told: Mutex::default(),
                out,
            },
            news,
        )
    }

    /// Takes a finding; tells it unless the same was told in the last quarter of an hour.
    pub fn report(&self, now: Time, trouble: Trouble, subject: &str, text: impl Into<String>) {
        let finding = Finding {
            trouble,
            subject: subject.to_owned(),
            text: text.into(),
        };
        let mut told = self.told.lock();
        let key = (trouble, finding.subject.clone());
        // A time in the future is one from before the clock was set back.
        let lately = |at: Time| at <= now && now < at.after(QUIET);
        if told.get(&key).is_some_and(|at| lately(*at)) {
            // A line for every refused request would fill the disk that is full.
            tracing::debug!(trouble = trouble.as_str(), subject, "{}", finding.text);
            return;
        }
        tracing::warn!(trouble = trouble.as_str(), subject, "{}", finding.text);
        if told.len() >= REMEMBERED {
            told.retain(|_, at| lately(*at));
        }
        if self.out.try_send(finding).is_ok() {
            told.insert(key, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use balefire_template::compose::{Reader, compose_meta};

    use super::*;

    #[test]
    fn every_trouble_but_our_own_mistakes_has_words_of_its_own() {
        let reader = Reader::default();
        let title = |trouble: Trouble| {
            compose_meta(trouble.as_str(), "", "", Severity::Warning, &reader).title
        };
        let general = title(Trouble::Internal);
        for trouble in Trouble::ALL {
            assert!(
                trouble == Trouble::Internal || title(trouble) != general,
                "{trouble:?}"
            );
        }
    }

    #[test]
    fn the_same_finding_is_told_once_a_quarter_of_an_hour() {
        let (findings, mut news) = Findings::new();
        let report = |secs| {
            findings.report(
                Time::from_secs(secs),
                Trouble::DeadLetter,
                "ops-robot",
                "gave up",
            );
        };
        report(0);
        report(60);
        assert!(news.try_recv().is_ok());
        assert!(news.try_recv().is_err());
        report(15 * 60);
        assert!(news.try_recv().is_ok());
    }
}
