//! Calendars that are fetched: whose turn it is, what was read, and the copy that counts.
//!
//! Any node may fetch, and of several one gets leave ([`balefire_store::Writer::claim_calendar`]); what counts is the copy
//! in the store, which all nodes read. A calendar that cannot be fetched, or is none any more, leaves the last good copy
//! in force. What a new copy says counts from when it was read: what those before it said up to then goes into it.

mod fetch;

use std::sync::Arc;

use balefire_config::calendar::CalendarAddress;
use balefire_core::schedule::{CalendarCopy, CalendarRead, Fetching, LayerName, calendar_essence};
use balefire_core::time::Time;
use balefire_store::{CalendarRow, CalendarSettled, StoreError};
use tokio::sync::Semaphore;

use self::fetch::{Answer, Fetched, Version};
use crate::engine::{Engine, uuid_v4};
use crate::meta::Trouble;
use crate::roster::standing;

/// Fetches at once: each is a connection and up to 1 MiB, and none of them is urgent.
static FETCHING: Semaphore = Semaphore::const_new(4);

/// A calendar as it stands.
#[derive(Clone, Debug)]
pub struct CalendarState {
    /// As the document has it.
    pub address: Arc<CalendarAddress>,
    /// The layer, as people call it.
    pub layer: LayerName,
    /// What became of fetching it.
    pub fetching: Fetching,
    /// What was read of the copy that counts; `None` as long as there is none, and the layer is off.
    pub read: Option<CalendarRead>,
    /// When it is fetched next.
    pub next_try: Time,
    /// Whether it was not fetched for so long that the document wants it told.
    pub is_stale: bool,
}

impl CalendarState {
    /// What is to be told of a calendar that is not there or is out of date: what it is about, and the words.
    pub(crate) fn complaint(&self) -> Option<(String, String)> {
        let (schedule, layer) = (&self.address.schedule, &self.layer);
        let shown = &self.address.shown;
        let why = match self.fetching.error.as_str() {
            "" => "it was not tried".to_owned(),
            error => error.to_owned(),
        };
        let what = match (&self.read, self.fetching.fetched_at) {
            (None, _) if self.fetching.failing_since.is_some() => format!(
                "{schedule}: {layer} is off: its calendar {shown} has never been fetched: {why}"
            ),
            (Some(_), Some(at)) if self.is_stale => format!(
                "{schedule}: {layer}: its calendar {shown} was fetched last at {at} and may be out of date: {why}. The copy of then stays in force"
            ),
            _ => return None,
        };
        let text = format!("{what}. See balefire oncall refresh {schedule}");
        Some((format!("calendar of {schedule}, {layer}"), text))
    }
}

impl Engine {
    /// The calendars of a schedule as they stand, lowest layer first; of all without one. This is also what a change made here
    /// a moment ago shows in.
    pub async fn calendar_states(
        &self,
        schedule: Option<&str>,
    ) -> Result<Vec<CalendarState>, StoreError> {
        let (plan, now) = (self.plan(), self.now());
        let mine = |address: &&Arc<CalendarAddress>| {
            schedule.is_none_or(|schedule| &*address.schedule == schedule)
        };
        let addresses: Vec<_> = plan.calendars.iter().filter(mine).collect();
        if addresses.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.store().calendar_rows().await?;
        let roster = self.roster();
        let states = addresses.into_iter().filter_map(|address| {
            let schedule = roster.schedule(&address.schedule)?;
            let fetching = fetching(&rows, address);
            Some(CalendarState {
                layer: schedule.layer_name(address.layer),
                read: schedule.calendar(address.layer),
                next_try: fetching.next_try(address.refresh, now),
                is_stale: fetching.is_stale(address.stale_after, now),
                address: Arc::clone(address),
                fetching,
            })
        });
        Ok(states.collect())
    }

    /// Fetches a calendar now, unless another node does at this moment, and puts what it says in force.
    pub async fn fetch_calendar(&self, address: &CalendarAddress) -> Result<(), StoreError> {
        // The semaphore is never closed.
        let _turn = FETCHING.acquire().await;
        let (plan, writer, now) = (self.plan(), self.store().writer(), self.now());
        let rows = self.store().calendar_rows().await?;
        let mut row = CalendarRow {
            key: Arc::clone(&address.key),
            schedule: Arc::clone(&address.schedule),
            layer: address.layer_name.clone().unwrap_or_default(),
            fetching: fetching(&rows, address),
        };
        if !writer.claim_calendar(&row, now).await? {
            return Ok(());
        }
        row.fetching.tried_at = Some(now);
        let before = standing(&rows, address, &plan.calendars);
        let old = match before {
            Some(before) => self.store().calendar_copy(&before.key).await?,
            None => None,
        };
        let own = before.filter(|before| before.key == row.key);
        // A version that another address named says nothing of this one.
        let known = own.filter(|_| old.is_some()).map(|own| Version {
            etag: own.fetching.etag.clone(),
            modified: own.fetching.modified.clone(),
        });
        let answer = fetch::fetch(address, known.as_ref(), now).await;
        let old = old.map(|copy| Old {
            copy,
            is_moved: own.is_none(),
        });
        let copy = self.judged(&mut row, address, (answer, old.as_ref()));
        let instead_of = before.filter(|before| before.key != row.key && copy.is_some());
        let settled = CalendarSettled {
            instead_of: instead_of.map(|before| Arc::clone(&before.key)),
            row,
            copy,
            revision: uuid_v4(),
        };
        writer.settle_calendar(settled).await?;
        self.refresh_roster().await
    }

    /// Notes what came of a fetch; the new copy, when it says something else than the one that counts.
    fn judged(
        &self,
        row: &mut CalendarRow,
        address: &CalendarAddress,
        (answer, old): (Result<Answer, fetch::Failed>, Option<&Old>),
    ) -> Option<CalendarCopy> {
        let now = self.now();
        let read = answer.and_then(|answer| match answer {
            Answer::Same => Ok(None),
            Answer::Whole(fetched) => {
                let copy = self.next_copy(address, &fetched, old)?;
                Ok(Some((copy, fetched.version)))
            }
        });
        match read {
            Ok(None) => {
                row.fetching.fetched(now);
                None
            }
            Ok(Some((copy, version))) => {
                row.fetching.fetched(now);
                (row.fetching.etag, row.fetching.modified) = (version.etag, version.modified);
                copy
            }
            Err(failed) => {
                tracing::info!(
                    schedule = &*address.schedule,
                    address = address.shown,
                    error = failed.why,
                    "a calendar could not be fetched"
                );
                row.fetching.failed(now, failed.why, failed.wait);
                None
            }
        }
    }

    /// The copy of what was fetched; `None` when it says what the old one does, and that is where it belongs.
    fn next_copy(
        &self,
        address: &CalendarAddress,
        fetched: &Fetched,
        old: Option<&Old>,
    ) -> Result<Option<CalendarCopy>, fetch::Failed> {
        let text = calendar_essence(&fetched.text).map_err(|error| fetched.refused(&error))?;
        if let Some(same) = old.filter(|old| old.copy.text == text) {
            return Ok(same.is_moved.then(|| same.copy.clone()));
        }
        let (plan, now) = (self.plan(), self.now());
        // The document was changed meanwhile; what is not in it any more needs no past.
        let written = plan.schedules.get(&*address.schedule);
        let past = written.zip(old).and_then(|(written, old)| {
            let before = written.clone().with_copy(address.layer, &old.copy).ok()?;
            Some(before.calendar_past(address.layer, now))
        });
        let copy = CalendarCopy {
            text,
            since: now,
            past: past.unwrap_or_default(),
        };
        if let Some(written) = written {
            let tried = written.clone().with_copy(address.layer, &copy);
            tried.map_err(|error| fetched.refused(&error))?;
        }
        Ok(Some(copy))
    }

    /// Forgets calendars that the document has not had for a week.
    pub(crate) async fn forget_calendars(&self) -> Result<(), StoreError> {
        let (plan, now) = (self.plan(), self.now());
        for row in self.store().calendar_rows().await? {
            let wanted = plan.calendars.iter().any(|address| {
                address.key == row.key
                    || (*address.schedule == *row.schedule
                        && address.layer_name.as_deref() == Some(&*row.layer))
            });
            let tried = row.fetching.tried_at;
            if !wanted && tried.is_none_or(|tried| tried.after(FORGOTTEN) <= now) {
                self.store().writer().drop_calendar(&row.key).await?;
            }
        }
        Ok(())
    }

    /// Tells the receiver of meta-alerts what is wrong with a calendar.
    pub(crate) fn report_calendar(&self, subject: &str, text: String) {
        self.findings()
            .report(self.now(), Trouble::OnCall, subject, text);
    }
}

/// The copy that counts while the next one is fetched.
struct Old {
    copy: CalendarCopy,
    /// Whether it is that of the address before.
    is_moved: bool,
}

/// How long a calendar is kept that the document does not have any more, for one that is put back.
const FORGOTTEN: std::time::Duration = std::time::Duration::from_hours(7 * 24);

/// What became of fetching a calendar.
fn fetching(rows: &[CalendarRow], address: &CalendarAddress) -> Fetching {
    let own = rows.iter().find(|row| row.key == address.key);
    own.map(|row| row.fetching.clone()).unwrap_or_default()
}
