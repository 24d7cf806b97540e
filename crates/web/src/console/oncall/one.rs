//! `GET /on-call/{name}`: a schedule's calendar, its overrides, the form for one, and how the burden is shared.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, Request, State};
use axum::response::Response;
use balefire_core::schedule::{Booked, Booking, BookingState, Schedule, Stretch};
use balefire_engine::roster::{LOOKED_AHEAD, Roster, is_reachable};
use http::StatusCode;
use minijinja::context;
use serde::Serialize;

use super::asked::{Asked, View, stretch};
use super::calendars;
use super::grid::{Grid, grid};
use super::list::{Item, list};
use super::{clock, for_form, name_of, names};
use crate::access::Who;
use crate::console::links::Links;
use crate::console::shell::{self, Shell, links, page, problem, value};
use crate::console::words::Viewer;
use crate::state::WebState;

/// Overrides that are listed.
const SHOWN: usize = 100;

/// The page.
#[derive(Debug, Serialize)]
struct Calendar {
    name: String,
    timezone: String,
    feed: String,
    who: String,
    until: String,
    title: String,
    grid: Grid,
    items: Vec<Item>,
    bookings: Vec<Row>,
    calendars: Vec<calendars::Row>,
    /// Where its calendars are fetched.
    refresh: String,
    burden: Vec<Burden>,
    /// How good it is over the quarter ahead, in words.
    quality: String,
    form: Form,
    previous: String,
    today: String,
    next: String,
    views: [Choice; 2],
}

#[derive(Debug, Serialize)]
struct Choice {
    word: String,
    href: String,
    current: bool,
}

/// An override or a swap that people have made.
#[derive(Debug, Serialize)]
struct Row {
    from: String,
    to: String,
    what: String,
    state: String,
    reason: String,
    made: String,
    /// Where it is taken back; empty when it cannot be.
    cancel: String,
    problem: bool,
}

/// What falls to a person in what is shown, in hours.
#[derive(Debug, Serialize)]
struct Burden {
    name: String,
    shifts: usize,
    hours: [String; 4],
    reachable: bool,
}

/// What the form begins with.
#[derive(Debug, Serialize)]
struct Form {
    action: String,
    swap: String,
    from: String,
    to: String,
    /// Whether both are what the clock shows, so that a browser's own calendar can be used.
    plain: bool,
    open: bool,
    people: Vec<Somebody>,
}

#[derive(Debug, Serialize)]
struct Somebody {
    key: String,
    name: String,
    /// Whoever looks at the page.
    is_viewer: bool,
}

pub(in crate::console) async fn one(
    State(state): State<WebState>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let asked = Asked::of(query.as_deref());
    let viewer = Viewer::of(&state, asked.lang.as_deref(), request.headers());
    let (roster, links) = (state.engine.roster(), links(&state, &viewer));
    if roster.schedule(&name).is_none() {
        return missing(&state, &viewer);
    }
    let booked = state.engine.bookings(&name, viewer.now, (0, SHOWN)).await;
    let booked = match booked {
        Ok(booked) => booked,
        Err(error) => {
            let error = balefire_engine::history::HistoryError::Store(error);
            return crate::console::inbox::unreadable(&state, &viewer, &error);
        }
    };
    let fetched = match state.engine.calendar_states(Some(&name)).await {
        Ok(fetched) => fetched,
        Err(error) => {
            let error = balefire_engine::history::HistoryError::Store(error);
            return crate::console::inbox::unreadable(&state, &viewer, &error);
        }
    };
    let path = Links::schedule_path(&name);
    let (reader, who) = (viewer.clone(), Who::of(&request));
    let made = tokio::task::spawn_blocking(move || {
        let schedule = roster.schedule(&name)?;
        let mut calendar = calendar(&roster, schedule, &reader, (&asked, &links));
        calendar.bookings = booked
            .iter()
            .map(|one| row(&roster, schedule, one, (&reader, &links)))
            .collect();
        let (plan, zone) = (roster.plan(), schedule.zone());
        calendar.calendars = fetched
            .iter()
            .map(|one| calendars::row(one, &reader, plan, zone))
            .collect();
        for one in &mut calendar.form.people {
            one.is_viewer = who.as_deref() == Some(one.key.as_str());
        }
        Some(calendar)
    });
    let Some(calendar) = made.await.ok().flatten() else {
        return missing(&state, &viewer);
    };
    let shell = Shell::of(&state, &viewer, &path, "");
    page(
        &viewer,
        "schedule.html",
        context! { shell => value(&shell), schedule => value(&calendar) },
    )
}

pub(super) fn missing(state: &WebState, viewer: &Viewer) -> Response {
    let told = shell::Problem {
        title: viewer.word("console-oncall-none"),
        detail: viewer.word("console-oncall-none-detail"),
    };
    problem(state, viewer, StatusCode::NOT_FOUND, &told)
}

fn calendar(
    roster: &Roster,
    schedule: &Schedule,
    viewer: &Viewer,
    (asked, links): (&Asked, &Links),
) -> Calendar {
    let (plan, zone, now) = (roster.plan(), schedule.zone(), viewer.now);
    let days = asked.days(zone, now);
    let within = stretch(zone, days);
    let name = schedule.name();
    let there = |view: View, day: String| {
        let pairs = [("view", view.as_str()), ("day", day.as_str())];
        links.schedule(name, &pairs)
    };
    let view = |view: View, word: &str| Choice {
        word: viewer.word(word),
        href: there(
            view,
            asked.day.unwrap_or(zone.clock(now).date()).to_string(),
        ),
        current: view == asked.view,
    };
    let change = schedule.next_handover(now);
    let until = change.as_ref().map(|change| {
        let then = names(plan, &change.after);
        let then = if then.is_empty() {
            viewer.word("console-oncall-nobody")
        } else {
            then
        };
        let at = clock(zone, change.at);
        let arguments = [("at", at.into()), ("then", then.into())];
        viewer.text("console-oncall-until", &arguments)
    });
    let before = days.0.yesterday().unwrap_or(days.0);
    Calendar {
        name: name.to_owned(),
        timezone: zone.name().to_owned(),
        feed: format!(
            "{}/api/v1/schedules/{}.ics",
            links.base,
            Links::escaped(name)
        ),
        who: names(plan, &schedule.on_call_at(now).people),
        until: until.unwrap_or_default(),
        title: match asked.view {
            View::Week => format!("{} – {}", days.0, days.1.yesterday().unwrap_or(days.1)),
            View::Month => days.0.strftime("%Y-%m").to_string(),
        },
        grid: grid(schedule, plan, viewer, within, days),
        items: list(schedule, plan, viewer, (within, asked.view, links)),
        bookings: Vec::new(),
        calendars: Vec::new(),
        refresh: links.schedule_deed(name, "refresh"),
        burden: burden(roster, schedule, within),
        quality: quality(roster, schedule, viewer),
        form: form(roster, schedule, viewer, (asked, links)),
        previous: there(asked.view, before.to_string()),
        today: links.schedule(name, &[("view", asked.view.as_str())]),
        next: there(asked.view, days.1.to_string()),
        views: [
            view(View::Week, "console-oncall-week"),
            view(View::Month, "console-oncall-month"),
        ],
    }
}

/// Begins with what was asked for, else with now until the next handover.
fn form(
    roster: &Roster,
    schedule: &Schedule,
    viewer: &Viewer,
    (asked, links): (&Asked, &Links),
) -> Form {
    let (zone, now) = (schedule.zone(), viewer.now);
    let from = asked.from.unwrap_or(now);
    let day = std::time::Duration::from_hours(24);
    let to = asked.to.unwrap_or_else(|| {
        let next = schedule.next_handover(from).map(|change| change.at);
        next.filter(|next| *next < from.after(day * 7))
            .unwrap_or_else(|| from.after(day))
    });
    let ((from, plain_from), (to, plain_to)) = (for_form(zone, from), for_form(zone, to));
    let people = roster.plan().people.keys();
    Form {
        action: links.schedule_deed(schedule.name(), "override"),
        swap: links.schedule_deed(schedule.name(), "swap"),
        from,
        to,
        plain: plain_from && plain_to,
        open: asked.from.is_some(),
        people: people
            .map(|key| Somebody {
                key: key.clone(),
                name: name_of(roster.plan(), key),
                is_viewer: false,
            })
            .collect(),
    }
}

fn row(
    roster: &Roster,
    schedule: &Schedule,
    booking: &Booking,
    (viewer, links): (&Viewer, &Links),
) -> Row {
    let (plan, zone) = (roster.plan(), schedule.zone());
    let hull = booking.what.hull();
    let somebody = |key: &Arc<str>| name_of(plan, key);
    let nobody = || viewer.word("console-oncall-nobody");
    let what = match &booking.what {
        Booked::Cover { people, .. } if people.is_empty() => nobody(),
        Booked::Cover { people, .. } => names(plan, people),
        Booked::StandIn { absent, by, .. } => {
            let by = by.as_ref().map_or_else(nobody, somebody);
            let arguments = [("by", by.into()), ("absent", somebody(absent).into())];
            viewer.text("console-oncall-stands-in", &arguments)
        }
        Booked::Swap { one, other } => {
            format!("{} ⇄ {}", somebody(&one.person), somebody(&other.person))
        }
    };
    let state = booking.state(viewer.now);
    let word = match state {
        BookingState::Coming => "console-oncall-coming",
        BookingState::UnderWay => "console-oncall-under-way",
        BookingState::Over => "console-oncall-over",
        BookingState::Cancelled => "console-oncall-cancelled",
    };
    let standing = schedule.overrides();
    let parts = booking.overrides();
    let can_cancel = matches!(state, BookingState::Coming | BookingState::UnderWay);
    let made = viewer.text(
        "console-oncall-made",
        &[
            ("by", booking.made.by.as_str().into()),
            ("at", clock(zone, booking.made.at).into()),
        ],
    );
    Row {
        from: clock(zone, hull.from),
        to: clock(zone, hull.to),
        what,
        state: viewer.word(word),
        reason: booking.reason.clone(),
        made,
        cancel: if can_cancel {
            links.schedule_deed(schedule.name(), &format!("cancel/{}", booking.id))
        } else {
            String::new()
        },
        problem: can_cancel
            && !parts
                .iter()
                .all(|part| standing.iter().any(|one| one.id == part.id)),
    }
}

/// How good the schedule is over the quarter ahead.
fn quality(roster: &Roster, schedule: &Schedule, viewer: &Viewer) -> String {
    let (plan, now) = (roster.plan(), viewer.now);
    let to = now.after(LOOKED_AHEAD);
    let Ok(found) = schedule.coverage(now, to, &|key| is_reachable(plan, key)) else {
        return String::new();
    };
    let quality = found.quality();
    let percent = |part: f64| format!("{:.1}", part * 100.0);
    viewer.text(
        "console-oncall-quality",
        &[
            ("covered", percent(quality.covered).into()),
            ("reachable", percent(quality.reachable).into()),
            ("gaps", (found.gaps.len() as u64).into()),
        ],
    )
}

fn burden(roster: &Roster, schedule: &Schedule, within: Stretch) -> Vec<Burden> {
    let plan = roster.plan();
    let found = schedule.coverage(within.from, within.to, &|key| is_reachable(plan, key));
    let Ok(found) = found else {
        return Vec::new();
    };
    let hours = |span: std::time::Duration| format!("{:.1}", span.as_secs_f64() / 3600.0);
    found
        .load
        .iter()
        .map(|(key, load)| Burden {
            name: name_of(plan, key),
            shifts: load.shifts,
            hours: [load.total, load.nights, load.weekends, load.holidays].map(hours),
            reachable: is_reachable(plan, key),
        })
        .collect()
}
