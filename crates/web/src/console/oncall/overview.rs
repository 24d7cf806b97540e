//! `GET /on-call`: who is on call in each schedule, who comes next, and what is wrong.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use balefire_core::schedule::Schedule;
use balefire_engine::roster::{LOOKED_AHEAD, Roster, gap_ahead};
use http::HeaderMap;
use minijinja::context;
use serde::Serialize;

use super::{clock, names};
use crate::console::address::Address;
use crate::console::links::Links;
use crate::console::shell::{Shell, links, page, value};
use crate::console::words::Viewer;
use crate::state::WebState;

/// A schedule of the list.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    href: String,
    timezone: String,
    /// Who is on call; empty for nobody.
    who: String,
    /// Until when, and who comes then; empty when that does not change.
    until: String,
    /// The next gap within a quarter, in words.
    gap: Option<String>,
    /// Overrides that do not hold any more, in core's words.
    troubles: Vec<String>,
}

pub(in crate::console) async fn overview(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let address = Address::of(query.as_deref());
    let viewer = Viewer::of(&state, address.lang.as_deref(), &headers);
    let (roster, links) = (state.engine.roster(), links(&state, &viewer));
    let reader = viewer.clone();
    // A quarter of each schedule is looked at for gaps.
    let rows = tokio::task::spawn_blocking(move || {
        let schedules = roster.schedules().values();
        let rows = schedules.map(|schedule| row(&roster, schedule, &reader, &links));
        rows.collect::<Vec<Row>>()
    });
    let rows = rows.await.unwrap_or_default();
    let shell = Shell::of(&state, &viewer, "/on-call", "");
    page(
        &viewer,
        "oncall.html",
        context! { shell => value(&shell), rows => value(&rows) },
    )
}

fn row(roster: &Roster, schedule: &Schedule, viewer: &Viewer, links: &Links) -> Row {
    let (plan, zone, now) = (roster.plan(), schedule.zone(), viewer.now);
    let nobody = || viewer.word("console-oncall-nobody");
    let until = schedule.next_handover(now).map(|change| {
        let then = names(plan, &change.after);
        let then = if then.is_empty() { nobody() } else { then };
        let at = clock(zone, change.at);
        viewer.text(
            "console-oncall-until",
            &[("at", at.into()), ("then", then.into())],
        )
    });
    let gap = gap_ahead(schedule, plan, now, LOOKED_AHEAD).map(|(first, count)| {
        viewer.text(
            "console-oncall-gap-ahead",
            &[
                ("count", (count as u64).into()),
                ("from", clock(zone, first.from).into()),
                ("to", clock(zone, first.to).into()),
            ],
        )
    });
    let troubles = roster.troubles(now).into_iter();
    let troubles = troubles.filter(|(name, _)| name == schedule.name());
    Row {
        name: schedule.name().to_owned(),
        href: links.schedule(schedule.name(), &[]),
        timezone: zone.name().to_owned(),
        who: names(plan, &schedule.on_call_at(now).people),
        until: until.unwrap_or_default(),
        gap,
        troubles: troubles.map(|(_, error)| error.to_string()).collect(),
    }
}
