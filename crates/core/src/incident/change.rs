//! What opening or changing an incident amounts to.

use super::check::{MAX_TEXT, check, check_actor, check_text, check_words};
use super::role::role_differences;
use super::{
    Acknowledgement, Draft, Entry, EntryKind, FieldChange, Incident, IncidentState, Refused, Role,
};
use crate::escalation::Notify;
use crate::severity::Severity;
use crate::time::Time;

/// Something to do with an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Somebody has it.
    Acknowledge {
        /// What they say to it, if anything.
        text: String,
    },
    /// Facts are corrected or added.
    Edit(Vec<Field>),
    /// It is over.
    Resolve {
        /// Since when; if nothing is said, the end that stands, unless that is still to come, else now.
        ended_at: Option<Time>,
        /// What they say to it, if anything.
        text: String,
    },
    /// It is not over.
    Reopen {
        /// What they say to it, if anything.
        text: String,
    },
    /// Something is written down.
    Note {
        /// What.
        text: String,
    },
    /// Nobody is paged for a while; then all begins anew.
    Snooze {
        /// Until when; ahead, by at most [`MAX_SNOOZE`](super::MAX_SNOOZE).
        until: Time,
        /// What they say to it, if anything.
        text: String,
    },
    /// Others are to take it on: they are paged, and who had it no longer has it.
    Reassign {
        /// Whom.
        to: Vec<Notify>,
        /// What they say to it, if anything.
        text: String,
    },
    /// The next in line are to be paged now.
    Escalate {
        /// What they say to it, if anything.
        text: String,
    },
    /// Somebody is given a role, or takes it, in place of whoever had it; or it is given back.
    Role {
        /// Which.
        role: Role,
        /// Who has it from now on; `None` gives it back.
        to: Option<String>,
        /// What they say to it, if anything.
        text: String,
    },
}

/// A fact with its new value; a value of `None` takes back what was known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// How bad it is.
    Severity(Severity),
    /// What is wrong.
    Title(String),
    /// Who answers for it.
    Responsible(Option<String>),
    /// Who works on it.
    Worker(Option<String>),
    /// When it began.
    StartedAt(Time),
    /// When it was over.
    EndedAt(Option<Time>),
    /// Why it happened.
    Cause(Option<String>),
    /// What it was.
    Summary(Option<String>),
    /// The report.
    Report(Option<String>),
}

/// What a change amounts to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "nothing has changed until it is stored"]
pub struct Changed {
    /// The incident as it is then.
    pub incident: Incident,
    /// What the timeline says of it; nothing when everything is as it was.
    pub entries: Vec<Entry>,
}

impl Changed {
    /// The next change after this one.
    pub fn then(mut self, change: &Change, actor: &str, now: Time) -> Result<Self, Refused> {
        let next = self.incident.change(change, actor, now)?;
        self.incident = next.incident;
        self.entries.extend(next.entries);
        Ok(self)
    }
}

impl Incident {
    /// Works out what opening an incident amounts to.
    pub fn open(draft: Draft, actor: &str, now: Time) -> Result<Changed, Refused> {
        check_actor(actor)?;
        let mut incident = Self {
            id: 0,
            key: draft.key,
            state: IncidentState::Open,
            severity: draft.severity,
            title: draft.title,
            responsible: None,
            worker: None,
            started_at: draft.started_at.unwrap_or(now),
            ended_at: None,
            cause: None,
            summary: None,
            report: None,
            acknowledged: None,
            roles: Vec::new(),
            opened_at: now,
            changed_at: now,
        };
        for field in draft.fields {
            incident.set(field);
        }
        check(&incident)?;
        Ok(Changed {
            incident,
            entries: vec![Entry::new(EntryKind::Opened, actor, "", now)],
        })
    }

    /// Works out what several changes, one after the other, amount to.
    pub fn changes(&self, changes: &[Change], actor: &str, now: Time) -> Result<Changed, Refused> {
        let unchanged = Changed {
            incident: self.clone(),
            entries: Vec::new(),
        };
        let step = |so_far: Changed, change| so_far.then(change, actor, now);
        changes.iter().try_fold(unchanged, step)
    }

    /// Works out what a change amounts to.
    ///
    /// The first who acknowledges keeps it: somebody else's word is written down and changes nothing. To say the
    /// same thing twice changes nothing either.
    pub fn change(&self, change: &Change, actor: &str, now: Time) -> Result<Changed, Refused> {
        check_actor(actor)?;
        let mut next = self.clone();
        let entry = match change {
            Change::Acknowledge { text } => {
                check_text("text", text, MAX_TEXT)?;
                next.acknowledge(actor, text, now)?
            }
            Change::Edit(fields) => next.edit(fields, actor, now)?,
            Change::Resolve { ended_at, text } => {
                check_text("text", text, MAX_TEXT)?;
                Some(next.resolve(*ended_at, actor, text, now)?)
            }
            Change::Reopen { text } => {
                check_text("text", text, MAX_TEXT)?;
                Some(next.reopen(actor, text, now)?)
            }
            Change::Note { text } => {
                check_words("text", text, MAX_TEXT)?;
                Some(Entry::new(EntryKind::Noted, actor, text, now))
            }
            Change::Snooze { until, text } => Some(next.snooze(*until, actor, text, now)?),
            Change::Reassign { to, text } => Some(next.reassign(to, actor, text, now)?),
            Change::Escalate { text } => {
                Some(next.hand_on(EntryKind::Escalated, actor, text, now)?)
            }
            Change::Role { role, to, text } => {
                next.give_role((role, to.as_deref()), actor, text, now)?
            }
        };
        if entry.is_some() {
            // A clock that is set back does not make it older.
            next.changed_at = next.changed_at.max(now);
        }
        Ok(Changed {
            incident: next,
            entries: entry.into_iter().collect(),
        })
    }

    fn acknowledge(
        &mut self,
        actor: &str,
        text: &str,
        now: Time,
    ) -> Result<Option<Entry>, Refused> {
        match (self.state, &self.acknowledged) {
            (IncidentState::Resolved, _) => Err(Refused::AcknowledgedAfterEnd),
            (IncidentState::Acknowledged, Some(first)) if first.by == actor => Ok(None),
            (IncidentState::Acknowledged, _) => {
                let also = Entry::new(EntryKind::AlsoAcknowledged, actor, text, now);
                Ok(Some(also))
            }
            (IncidentState::Open, _) => {
                self.state = IncidentState::Acknowledged;
                self.acknowledged = Some(Acknowledgement {
                    by: actor.to_owned(),
                    at: now,
                });
                Ok(Some(Entry::new(EntryKind::Acknowledged, actor, text, now)))
            }
        }
    }

    fn edit(&mut self, fields: &[Field], actor: &str, now: Time) -> Result<Option<Entry>, Refused> {
        let before = self.clone();
        for field in fields {
            self.set(field.clone());
        }
        check(self)?;
        if self.state == IncidentState::Resolved && self.ended_at.is_none() {
            return Err(Refused::ResolvedWithoutEnd);
        }
        let changes = differences(&before, self);
        if changes.is_empty() {
            return Ok(None);
        }
        let mut entry = Entry::new(EntryKind::Edited, actor, "", now);
        entry.detail.changes = changes;
        Ok(Some(entry))
    }

    fn resolve(
        &mut self,
        ended_at: Option<Time>,
        actor: &str,
        text: &str,
        now: Time,
    ) -> Result<Entry, Refused> {
        if self.state == IncidentState::Resolved {
            return Err(Refused::AlreadyResolved);
        }
        let before = self.clone();
        // An end that somebody expected later than now did not come true.
        let stands = self.ended_at.filter(|end| *end <= now).unwrap_or(now);
        self.ended_at = Some(ended_at.unwrap_or(stands.max(self.started_at)));
        self.state = IncidentState::Resolved;
        check(self)?;
        let mut entry = Entry::new(EntryKind::Resolved, actor, text, now);
        entry.detail.changes = differences(&before, self);
        Ok(entry)
    }

    fn reopen(&mut self, actor: &str, text: &str, now: Time) -> Result<Entry, Refused> {
        if self.state != IncidentState::Resolved {
            return Err(Refused::NotResolved);
        }
        let before = self.clone();
        self.state = IncidentState::Open;
        self.ended_at = None;
        self.acknowledged = None;
        let mut entry = Entry::new(EntryKind::Reopened, actor, text, now);
        entry.detail.changes = differences(&before, self);
        Ok(entry)
    }

    fn set(&mut self, field: Field) {
        match field {
            Field::Severity(severity) => self.severity = severity,
            Field::Title(title) => self.title = title,
            Field::Responsible(responsible) => self.responsible = responsible,
            Field::Worker(worker) => self.worker = worker,
            Field::StartedAt(started_at) => self.started_at = started_at,
            Field::EndedAt(ended_at) => self.ended_at = ended_at,
            Field::Cause(cause) => self.cause = cause,
            Field::Summary(summary) => self.summary = summary,
            Field::Report(report) => self.report = report,
        }
    }
}

/// The facts in which two states of an incident differ.
pub(super) fn differences(before: &Incident, after: &Incident) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let texts: [(&str, Option<&str>, Option<&str>); 7] = [
        (
            "severity",
            Some(before.severity.as_str()),
            Some(after.severity.as_str()),
        ),
        ("title", Some(&before.title), Some(&after.title)),
        (
            "responsible",
            before.responsible.as_deref(),
            after.responsible.as_deref(),
        ),
        ("worker", before.worker.as_deref(), after.worker.as_deref()),
        ("cause", before.cause.as_deref(), after.cause.as_deref()),
        (
            "summary",
            before.summary.as_deref(),
            after.summary.as_deref(),
        ),
        ("report", before.report.as_deref(), after.report.as_deref()),
    ];
    for (field, from, to) in texts {
        if from != to {
            changes.push(FieldChange::new(field, from, to));
        }
    }
    let times = [
        ("startedAt", Some(before.started_at), Some(after.started_at)),
        ("endedAt", before.ended_at, after.ended_at),
    ];
    for (field, from, to) in times {
        if from != to {
            let (from, to) = (from.map(Time::rfc3339_millis), to.map(Time::rfc3339_millis));
            changes.push(FieldChange::new(field, from.as_deref(), to.as_deref()));
        }
    }
    changes.extend(role_differences(&before.roles, &after.roles));
    changes
}
