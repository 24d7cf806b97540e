//! Live messages: a group's first message in a chat is changed as things stand, and what must ring is posted anew.
//!
//! A change calls nobody. So a notice may only be told by one when it says nothing that somebody has to hear now:
//! what is as bad as can be, or worse than all before, rings; so does an end that was asked for, and a repetition,
//! whose whole sense is to remind.

use crate::alert::Episode;
use crate::message::Status;
use crate::severity::Severity;

/// An episode in a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Which.
    pub episode: Episode,
    /// What the notice says of it.
    pub status: Status,
    /// How bad it is.
    pub severity: Severity,
}

/// An episode that a live message shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// As it was told last.
    pub told: Told,
    /// As it stands now.
    pub now: Status,
}

/// How a notice of a group is told where its message is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As a message that begins anew.
    Post,
    /// As an answer to the message, which rings.
    Answer,
    /// By changing the message, which does not.
    Change,
}

/// How a notice is told; `shown` is what the message shows, nothing when there is none.
pub fn way(shown: &[Shown], notice: &[Told]) -> Way {
    if shown.is_empty() {
        return Way::Post;
    }
    let fires = |told: &&Told| told.status == Status::Firing;
    if !notice.iter().any(|told| fires(&told)) {
        return Way::Answer;
    }
    let known = |episode: Episode| shown.iter().find(|shown| shown.told.episode == episode);
    let is_news = |told: &&Told| {
        known(told.episode).is_none_or(|shown| shown.told.status == Status::Resolved)
    };
    let news: Vec<&Told> = notice.iter().filter(fires).filter(is_news).collect();
    let goes_on = shown.iter().any(|shown| shown.now == Status::Firing)
        || notice.iter().filter(fires).any(|told| !is_news(&told));
    if !goes_on {
        return Way::Post;
    }
    let worst = shown
        .iter()
        .filter(|shown| shown.told.status == Status::Firing);
    let worst = worst.map(|shown| shown.told.severity).max();
    let is_bad = |told: &&Told| {
        told.severity == Severity::Critical || worst.is_none_or(|worst| told.severity > worst)
    };
    if news.iter().any(is_bad) {
        return Way::Answer;
    }
    let has_ended = |told: &Told| {
        let known = known(told.episode);
        told.status == Status::Resolved
            && known.is_none_or(|shown| shown.told.status == Status::Firing)
    };
    if news.is_empty() && !notice.iter().any(has_ended) {
        return Way::Answer;
    }
    Way::Change
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fingerprint::Fingerprint;
    use crate::time::Time;
    use Status::{Firing, Resolved};

    fn told(number: u64, status: Status, severity: Severity) -> Told {
        Told {
            episode: Episode {
                fingerprint: Fingerprint(number),
                starts_at: Time::from_secs(1),
            },
            status,
            severity,
        }
    }

    fn shown(number: u64, now: Status, severity: Severity) -> Shown {
        Shown {
            told: told(number, Firing, severity),
            now,
        }
    }

    #[test]
    fn what_is_no_worse_is_shown_and_what_is_worse_or_critical_rings() {
        use Severity::{Critical, Error, Info, Warning};
        let there = [shown(1, Firing, Warning)];
        let with = |severity| {
            way(
                &there,
                &[told(1, Firing, Warning), told(2, Firing, severity)],
            )
        };
        assert_eq!(with(Info), Way::Change);
        assert_eq!(with(Warning), Way::Change);
        assert_eq!(with(Error), Way::Answer);
        let there = [shown(1, Firing, Critical)];
        let another = [told(1, Firing, Critical), told(2, Firing, Critical)];
        assert_eq!(way(&there, &another), Way::Answer);
    }

    #[test]
    fn an_end_among_others_is_shown_the_last_end_and_a_repetition_ring() {
        use Severity::Warning;
        let there = [shown(1, Firing, Warning), shown(2, Firing, Warning)];
        let one_ended = [told(1, Resolved, Warning), told(2, Firing, Warning)];
        assert_eq!(way(&there, &one_ended), Way::Change);
        let over = [told(1, Resolved, Warning), told(2, Resolved, Warning)];
        assert_eq!(way(&there, &over), Way::Answer);
        let again = [told(1, Firing, Warning), told(2, Firing, Warning)];
        assert_eq!(way(&there, &again), Way::Answer);
    }

    #[test]
    fn what_fires_after_all_was_over_begins_anew() {
        let there = [shown(1, Resolved, Severity::Warning)];
        let anew = [told(2, Firing, Severity::Info)];
        assert_eq!(way(&there, &anew), Way::Post);
        assert_eq!(way(&[], &anew), Way::Post);
    }

    fn severities() -> impl Strategy<Value = Severity> {
        prop::sample::select(vec![
            Severity::Info,
            Severity::Warning,
            Severity::Error,
            Severity::Critical,
        ])
    }

    fn statuses() -> impl Strategy<Value = Status> {
        prop::sample::select(vec![Firing, Resolved])
    }

    proptest! {
        #[test]
        fn a_change_never_hides_what_somebody_has_to_hear(
            there in prop::collection::vec((0..6_u64, statuses(), severities()), 0..5),
            notice in prop::collection::vec((0..6_u64, statuses(), severities()), 1..5),
        ) {
            let there: Vec<Shown> = there.iter().map(|(n, now, s)| shown(*n, *now, *s)).collect();
            let notice: Vec<Told> = notice.iter().map(|(n, st, s)| told(*n, *st, *s)).collect();
            if way(&there, &notice) == Way::Change {
                prop_assert!(!there.is_empty());
                prop_assert!(notice.iter().any(|told| told.status == Firing), "an end rings");
                for told in notice.iter().filter(|told| told.status == Firing) {
                    let known = there.iter().any(|shown| shown.told.episode == told.episode);
                    prop_assert!(known || told.severity != Severity::Critical, "critical rings");
                }
            }
        }
    }
}
