//! Merging: two incidents that turn out to be one.

use super::change::differences;
use super::check::{MAX_TEXT, check, check_actor, check_text};
use super::{Changed, Entry, EntryKind, Incident, IncidentState, Refused};
use crate::time::Time;

/// What merging amounts to; both are stored, or neither.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "nothing has changed until it is stored"]
pub struct Merged {
    /// The one that was merged: resolved, with a word where it went.
    pub gone: Changed,
    /// The one that people go on with: as bad and as old as the worse and the older of the two.
    pub kept: Changed,
}

impl Incident {
    /// Works out what merging this incident into another amounts to. Who has the other still has it.
    pub fn merge_into(
        &self,
        other: &Self,
        actor: &str,
        text: &str,
        now: Time,
    ) -> Result<Merged, Refused> {
        check_actor(actor)?;
        check_text("text", text, MAX_TEXT)?;
        if self.id == other.id {
            return Err(Refused::MergedIntoItself);
        }
        if self.state == IncidentState::Resolved {
            return Err(Refused::AlreadyResolved);
        }
        if other.state == IncidentState::Resolved {
            return Err(Refused::MergedIntoResolved);
        }
        let mut gone = self.clone();
        gone.state = IncidentState::Resolved;
        // It goes on as the other one, so an end that somebody expected says nothing.
        gone.ended_at = Some(now.max(gone.started_at));
        let mut kept = other.clone();
        kept.severity = if self.severity.grade() < other.severity.grade() {
            self.severity
        } else {
            other.severity
        };
        kept.started_at = kept.started_at.min(self.started_at);
        kept.take_roles(self);
        Ok(Merged {
            gone: told(self, gone, EntryKind::MergedInto, (other, actor, text), now)?,
            kept: told(other, kept, EntryKind::MergedFrom, (self, actor, text), now)?,
        })
    }
}

/// A change with its entry, which names the other incident.
fn told(
    before: &Incident,
    mut after: Incident,
    kind: EntryKind,
    (other, actor, text): (&Incident, &str, &str),
    now: Time,
) -> Result<Changed, Refused> {
    check(&after)?;
    after.changed_at = after.changed_at.max(now);
    let mut words = format!("#{} {}", other.id, other.title);
    if !text.is_empty() {
        words.push_str(": ");
        words.push_str(text);
    }
    let mut entry = Entry::new(kind, actor, &words, now);
    entry.detail.changes = differences(before, &after);
    Ok(Changed {
        incident: after,
        entries: vec![entry],
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::incident::{Change, Draft};
    use crate::severity::Severity;

    fn incident(id: u64, severity: Severity, started: i64) -> Incident {
        let draft = Draft {
            key: None,
            severity,
            title: format!("no. {id}"),
            started_at: Some(Time::from_secs(started)),
            fields: Vec::new(),
        };
        let opened = Incident::open(draft, "chen", Time::from_secs(100)).expect("opens");
        Incident {
            id,
            ..opened.incident
        }
    }

    #[test]
    fn what_is_over_or_the_same_is_not_merged() {
        let (one, other) = (
            incident(1, Severity::Error, 10),
            incident(2, Severity::Info, 20),
        );
        let now = Time::from_secs(200);
        let end = Change::Resolve {
            ended_at: None,
            text: String::new(),
        };
        let over = one.change(&end, "li", now).expect("resolves").incident;
        let refused = |from: &Incident, into: &Incident| {
            from.merge_into(into, "li", "", now).expect_err("refused")
        };
        assert_eq!(refused(&one, &one), Refused::MergedIntoItself);
        assert_eq!(refused(&over, &other), Refused::AlreadyResolved);
        assert_eq!(refused(&other, &over), Refused::MergedIntoResolved);
        assert_eq!(
            one.merge_into(&other, "", "", now).map(|_| ()),
            Err(Refused::Empty("by"))
        );
    }

    proptest! {
        #[test]
        fn the_one_that_stays_is_as_bad_and_as_old_as_either(
            (a, b) in (0..4_usize, 0..4_usize),
            (start_a, start_b, now) in (0..300_i64, 0..300_i64, 100..300_i64),
        ) {
            let one = incident(1, Severity::ALL[a], start_a);
            let mut other = incident(2, Severity::ALL[b], start_b);
            other.worker = Some("li".to_owned());
            let now = Time::from_secs(now);
            let Merged { gone, kept } = one.merge_into(&other, "chen", "same disk", now).expect("merges");
            prop_assert_eq!(kept.incident.severity.grade(), Severity::ALL[a].grade().min(Severity::ALL[b].grade()));
            prop_assert_eq!(kept.incident.started_at.secs(), start_a.min(start_b));
            prop_assert_eq!((kept.incident.state, kept.incident.worker), (other.state, other.worker));
            prop_assert_eq!(gone.incident.state, IncidentState::Resolved);
            prop_assert!(gone.incident.ended_at >= Some(gone.incident.started_at));
            prop_assert_eq!(&gone.entries[0].detail.text, "#2 no. 2: same disk");
            prop_assert_eq!(&kept.entries[0].detail.text, "#1 no. 1: same disk");
            let worse = Severity::ALL[a].grade() < Severity::ALL[b].grade();
            let told = kept.entries[0].detail.changes.iter().any(|change| change.field == "severity");
            prop_assert_eq!(told, worse);
        }
    }
}
