//! An override as this interface takes and shows it.

use std::sync::Arc;

use balefire_config::plan::Plan;
use balefire_core::schedule::{Booked, Booking, Given, Instead, Override, Shift, Stretch};
use balefire_core::time::Time;
use balefire_core::wall::Zone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Fields;
use super::incident::Given as Said;
use super::schedule::{PersonView, people, person};
use crate::error::Problem;

/// An override or a swap that is to be made. Times are RFC 3339, or `2026-10-01T09:00` by the schedule's clock.
/// With `people` it is a cover; with `absent` a stand-in; with `swap` the two change places.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct BookingBody {
    /// What it shall be known by; the same request with the same id is answered with what it made the first time.
    id: Option<String>,
    /// When it begins; what lies in the past stays as it was.
    from: String,
    /// When it ends.
    to: String,
    /// Cover: who is on call in place of whoever would be, keys of `people`; nobody when it is empty.
    people: Option<Vec<String>>,
    /// Stand-in and swap: who gives this time away.
    absent: Option<String>,
    /// Stand-in: who is there instead; null is nobody.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    by: Said<String>,
    /// Swap: what `absent` gets for it.
    swap: Option<SwapBody>,
    /// Why.
    #[serde(default)]
    reason: String,
    /// Who makes it, when the request does not show it.
    made_by: Option<String>,
}

/// The other half of a swap.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SwapBody {
    /// With whom.
    with: String,
    /// The beginning of the time that is given for it.
    from: String,
    /// Its end.
    to: String,
}

impl Fields for BookingBody {
    const FIELDS: &'static [&'static str] = &[
        "id", "from", "to", "people", "absent", "by", "swap", "reason", "madeBy",
    ];
}

/// What a body asks for.
pub(crate) struct Asked {
    pub(crate) id: Option<String>,
    pub(crate) what: Booked,
    pub(crate) reason: String,
    pub(crate) made_by: Option<String>,
}

impl BookingBody {
    /// What is asked for, by a schedule's clock.
    pub(crate) fn asked(self, zone: &Zone) -> Result<Asked, Problem> {
        let when = stretch(zone, &self.from, &self.to, "")?;
        let key = |text: &String| Arc::from(text.as_str());
        let what = match (&self.people, &self.absent, &self.by, &self.swap) {
            (Some(people), None, Said::Not, None) => Booked::Cover {
                when,
                people: people.iter().map(key).collect(),
            },
            (None, Some(absent), Said::This(by), None) => Booked::StandIn {
                when,
                absent: key(absent),
                by: Some(key(by)),
            },
            (None, Some(absent), Said::Null, None) => Booked::StandIn {
                when,
                absent: key(absent),
                by: None,
            },
            (None, Some(absent), Said::Not, Some(swap)) => Booked::Swap {
                one: Given {
                    person: key(absent),
                    when,
                },
                other: Given {
                    person: key(&swap.with),
                    when: stretch(zone, &swap.from, &swap.to, "swap.")?,
                },
            },
            _ => {
                return Err(Problem::unprocessable(
                    "write people (a cover), absent and by (a stand-in), or absent and swap (a swap)",
                ));
            }
        };
        Ok(Asked {
            id: self.id,
            what,
            reason: self.reason,
            made_by: self.made_by,
        })
    }
}

fn stretch(zone: &Zone, from: &str, to: &str, of: &str) -> Result<Stretch, Problem> {
    let moment = |key: &str, text: &str| {
        let told = |error| Problem::unprocessable(&format!("{of}{key}: {error}"));
        zone.moment(text).map_err(told)
    };
    let (from, to) = (moment("from", from)?, moment("to", to)?);
    // Core says so, too, by an id that the caller may not have given.
    Stretch::new(from, to).ok_or_else(|| {
        Problem::unprocessable(&format!(
            "{of}to: it ends at {to}, which is not after its beginning at {from}"
        ))
    })
}

/// The overrides of a schedule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BookingPage {
    /// In the order of their beginnings: first those of the document, then those that people have made.
    pub(crate) overrides: Vec<BookingView>,
    /// What to give as `offset` for the next page; absent at the end.
    pub(crate) next: Option<u64>,
}

/// An override or a swap.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BookingView {
    #[schema(value_type = String)]
    id: Arc<str>,
    /// `cover`, `stand_in` or `swap`.
    kind: &'static str,
    /// `coming`, `under_way`, `over` or `cancelled`.
    state: &'static str,
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    #[schema(value_type = String, format = DateTime)]
    to: Time,
    /// Who is not there: a stand-in's or a swap's.
    absent: Option<PersonView>,
    /// Who is on call instead; nobody when it is empty.
    people: Vec<PersonView>,
    /// A swap's other half: when `absent` is there for who is there for them.
    swap: Option<HalfView>,
    reason: String,
    /// Whether it stands in the document, where it is changed, too.
    in_document: bool,
    made_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    made_at: Option<Time>,
    cancelled_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    cancelled_at: Option<Time>,
    /// Why it does not hold any more: somebody left, or the document has got an override for this time.
    problem: Option<String>,
}

/// A time that is given for another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HalfView {
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    #[schema(value_type = String, format = DateTime)]
    to: Time,
}

impl BookingView {
    /// One that people have made; `problem` says why it does not hold.
    pub(crate) fn of(booking: &Booking, plan: &Plan, now: Time, problem: Option<String>) -> Self {
        let (kind, when, absent, there, half) = match &booking.what {
            Booked::Cover { when, people } => ("cover", when, None, people.clone(), None),
            Booked::StandIn { when, absent, by } => {
                let there = by.iter().cloned().collect();
                ("stand_in", when, Some(absent), there, None)
            }
            Booked::Swap { one, other } => {
                let there = vec![Arc::clone(&other.person)];
                let half = HalfView {
                    from: other.when.from,
                    to: other.when.to,
                };
                ("swap", &one.when, Some(&one.person), there, Some(half))
            }
        };
        Self {
            id: Arc::clone(&booking.id),
            kind,
            state: booking.state(now).as_str(),
            from: when.from,
            to: when.to,
            absent: absent.map(|key| person(key, plan)),
            people: people(&there, plan),
            swap: half,
            reason: booking.reason.clone(),
            in_document: false,
            made_by: Some(booking.made.by.clone()),
            made_at: Some(booking.made.at),
            cancelled_by: booking.cancelled.as_ref().map(|deed| deed.by.clone()),
            cancelled_at: booking.cancelled.as_ref().map(|deed| deed.at),
            problem,
        }
    }

    /// One that stands in the document.
    pub(crate) fn written(one: &Override, plan: &Plan, now: Time) -> Self {
        let (kind, absent, there) = match &one.instead {
            Instead::Cover(there) => ("cover", None, there.as_slice()),
            Instead::StandIn { absent, by } => ("stand_in", Some(absent), by.as_slice()),
        };
        let state = if now < one.when.from {
            "coming"
        } else if now < one.when.to {
            "under_way"
        } else {
            "over"
        };
        Self {
            id: Arc::clone(&one.id),
            kind,
            state,
            from: one.when.from,
            to: one.when.to,
            absent: absent.map(|key| person(key, plan)),
            people: people(there, plan),
            swap: None,
            reason: String::new(),
            in_document: true,
            made_by: None,
            made_at: None,
            cancelled_by: None,
            cancelled_at: None,
            problem: None,
        }
    }
}

/// An override, and what becomes of its time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BookingDetail {
    #[serde(flatten)]
    pub(crate) booking: BookingView,
    /// Who is on call from its beginning to its end, as things stand; at most 200 shifts.
    pub(crate) shifts: Vec<BookedShift>,
}

/// A shift within an override's time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BookedShift {
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    #[schema(value_type = String, format = DateTime)]
    to: Time,
    people: Vec<PersonView>,
}

impl BookedShift {
    pub(crate) fn of(shift: &Shift, plan: &Plan) -> Self {
        Self {
            from: shift.stretch.from,
            to: shift.stretch.to,
            people: people(&shift.people, plan),
        }
    }
}
