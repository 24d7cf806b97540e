//! Lists of incidents: narrowed, searched, sorted by what is allowed, in pages.

use std::sync::Arc;

use balefire_core::incident::{Incident, IncidentState};
use balefire_core::severity::Severity;

use super::read::{number, read, select};
use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;

/// Entries of a page at most, and when nothing is said.
const MOST: usize = 1000;
const USUAL: usize = 100;
/// Longest text that is searched for, in characters; databases bound patterns.
const MAX_SEARCH: usize = 300;

/// The conditions of every list, `$1` to `$16`; a pattern of `%` alone, a whole range and a 0 pass everything.
macro_rules! narrowed {
    () => {
        "WHERE state >= $1 AND state <= $2 AND severity >= $3 AND severity <= $4 \
         AND COALESCE(incident_key, '') LIKE $5 ESCAPE '!' AND (incident_key = $6 OR $7 = 0) \
         AND LOWER(COALESCE(responsible, '')) LIKE LOWER($8) ESCAPE '!' \
         AND LOWER(COALESCE(worker, '')) LIKE LOWER($9) ESCAPE '!' \
         AND LOWER(COALESCE(cause, '')) LIKE LOWER($10) ESCAPE '!' \
         AND LOWER(COALESCE(summary, '')) LIKE LOWER($11) ESCAPE '!' \
         AND (LOWER(title) LIKE LOWER($12) ESCAPE '!' \
         OR LOWER(responsible) LIKE LOWER($13) ESCAPE '!' \
         OR LOWER(worker) LIKE LOWER($14) ESCAPE '!' \
         OR LOWER(cause) LIKE LOWER($15) ESCAPE '!' \
         OR LOWER(summary) LIKE LOWER($16) ESCAPE '!') "
    };
}

/// Pages in an order that was written here, never by a caller: without and with the reports.
macro_rules! sorted {
    ($order:literal) => {
        [sorted!("NULL", $order), sorted!("report", $order)]
    };
    ($report:literal, $order:literal) => {
        Sql::new(concat!(
            select!($report, ""),
            narrowed!(),
            "ORDER BY ",
            $order,
            " LIMIT $17 OFFSET $18"
        ))
    };
}

const COUNT: Sql = Sql::new(concat!("SELECT COUNT(*) FROM incident ", narrowed!()));
const OPEN: Sql = Sql::new(
    "SELECT state, severity, COUNT(*) FROM incident WHERE state <> 0 GROUP BY state, severity",
);

/// What a list is sorted by; among equals the newer one comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IncidentSort {
    /// The number, the newest first.
    #[default]
    Newest,
    /// The number, the oldest first.
    Oldest,
    /// When it began, the latest first.
    StartedLast,
    /// When it began, the earliest first.
    StartedFirst,
    /// When it was last changed, the latest first.
    ChangedLast,
    /// When it was last changed, the earliest first.
    ChangedFirst,
    /// The worst first.
    Worst,
    /// The mildest first.
    Mildest,
}

impl IncidentSort {
    const fn sql(self, with_report: bool) -> Sql {
        let [without, with] = match self {
            Self::Newest => sorted!("id DESC"),
            Self::Oldest => sorted!("id"),
            Self::StartedLast => sorted!("started_at DESC, id DESC"),
            Self::StartedFirst => sorted!("started_at, id DESC"),
            Self::ChangedLast => sorted!("changed_at DESC, id DESC"),
            Self::ChangedFirst => sorted!("changed_at, id DESC"),
            Self::Worst => sorted!("severity, id DESC"),
            Self::Mildest => sorted!("severity DESC, id DESC"),
        };
        if with_report { with } else { without }
    }
}

/// Which incidents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentFilter {
    /// Only those that stand so.
    pub state: Option<IncidentState>,
    /// Only those that are not resolved.
    pub unresolved: bool,
    /// Only those as bad as this.
    pub severity: Option<Severity>,
    /// Only those whose key has this namespace, or begins with this and a `/`.
    pub namespace: Option<Arc<str>>,
    /// Only the one of this key.
    pub key: Option<Arc<str>>,
    /// Only those with this text in title, responsible, worker, cause or summary; whether case counts for letters
    /// beyond ASCII is the database's to say.
    pub text: Option<Arc<str>>,
    /// Only those where this is the whole of a text.
    pub same: Option<(SameText, Arc<str>)>,
    /// In which order.
    pub sort: IncidentSort,
    /// Whether the reports, which may be 1 MiB each, are read, too.
    pub with_report: bool,
    /// How many to leave out.
    pub offset: u64,
    /// How many at most, to 1000; 0 is 100.
    pub limit: usize,
}

/// A text that can be asked for as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameText {
    /// Who answers for it.
    Responsible,
    /// Who works on it.
    Worker,
    /// Why it happened.
    Cause,
    /// What it was.
    Summary,
}

/// A text as a pattern that matches it and nothing else.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        if matches!(c, '!' | '%' | '_') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern
}

/// Whether a text is too long to be searched for; then nothing has it.
fn too_long(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.chars().nth(MAX_SEARCH).is_some())
}

impl IncidentFilter {
    fn is_hopeless(&self) -> bool {
        let same = self.same.as_ref().map(|(_, text)| &**text);
        too_long(self.text.as_deref()) || too_long(self.key.as_deref()) || too_long(same)
    }

    fn args(&self) -> Vec<Arg> {
        let (low, high) = match self.state {
            Some(state) => (number(state), number(state)),
            None if self.unresolved => (number(IncidentState::Open), i64::MAX),
            None => (i64::MIN, i64::MAX),
        };
        let grade = self.severity.map(|severity| i64::from(severity.grade()));
        let namespace = self.namespace.as_deref().map(literal);
        let namespace = namespace.map_or("%".to_owned(), |namespace| format!("{namespace}/%"));
        let mut args: Vec<Arg> = vec![
            low.into(),
            high.into(),
            grade.unwrap_or(i64::MIN).into(),
            grade.unwrap_or(i64::MAX).into(),
            namespace.as_str().into(),
            self.key.as_deref().unwrap_or_default().into(),
            i64::from(self.key.is_some()).into(),
        ];
        for text in [
            SameText::Responsible,
            SameText::Worker,
            SameText::Cause,
            SameText::Summary,
        ] {
            let same = self.same.as_ref().filter(|(which, _)| *which == text);
            let pattern = same.map_or("%".to_owned(), |(_, whole)| literal(whole));
            args.push(pattern.as_str().into());
        }
        let anywhere = match &self.text {
            Some(text) => format!("%{}%", literal(text)),
            None => "%".to_owned(),
        };
        args.extend(std::iter::repeat_n(Arg::from(anywhere.as_str()), 5));
        args
    }
}

impl Store {
    /// A page of incidents.
    pub async fn incidents(&self, filter: &IncidentFilter) -> Result<Vec<Incident>, StoreError> {
        if filter.is_hopeless() {
            return Ok(Vec::new());
        }
        let limit = match filter.limit {
            0 => USUAL,
            limit => limit.min(MOST),
        };
        let mut args = filter.args();
        args.push((limit as i64).into());
        args.push(filter.offset.min(i64::MAX.cast_unsigned()).into());
        let sql = filter.sort.sql(filter.with_report);
        self.pool().fetch(sql, args, read).await
    }

    /// How many incidents are not resolved, by how they stand and how bad they are; what there is none of is left out.
    pub async fn open_incidents(&self) -> Result<Vec<(IncidentState, Severity, u64)>, StoreError> {
        let counted = |row: &dyn Columns| {
            let severity = Severity::of_grade(row.int(1)?);
            let state = match row.int(0)? {
                1 => IncidentState::Open,
                _ => IncidentState::Acknowledged,
            };
            Ok(severity.map(|severity| (state, severity, row.number(2))))
        };
        let found = self.pool().fetch(OPEN, Vec::new(), counted).await?;
        let known = found.into_iter().flatten();
        known
            .map(|(state, severity, count)| Ok((state, severity, count?)))
            .collect()
    }

    /// How many incidents there are on all pages.
    pub async fn count_incidents(&self, filter: &IncidentFilter) -> Result<u64, StoreError> {
        if filter.is_hopeless() {
            return Ok(0);
        }
        let counted = self.pool().one(COUNT, filter.args(), |row| row.number(0));
        Ok(counted.await?.unwrap_or(0))
    }
}
