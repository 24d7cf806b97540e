//! A calendar as a picture: a line for each layer, one for overrides, and the final one.
//!
//! Everything is placed by attributes, because the content policy allows no inline styles; colours come from
//! classes, and whoever sees none has the names, the hatching of gaps, and the list below.

use balefire_config::plan::Plan;
use balefire_core::schedule::{Instead, Schedule, Stretch};
use balefire_core::time::Time;
use jiff::Span;
use jiff::civil::Date;
use serde::Serialize;

use super::names;
use crate::console::words::Viewer;

/// The picture's width, of which the names of the lines have so much; units of its own.
const WIDTH: f64 = 1000.0;
const LABELS: f64 = 110.0;
/// The height of a line, and of what is in it.
const LINE: usize = 44;
const BAR: usize = 32;
/// The height of the days' names.
const HEAD: usize = 28;
/// Colours that there are for people.
const COLOURS: usize = 8;
/// Bars of one line; turns of an hour in a month are 744.
const BARS: usize = 1000;

/// The picture.
#[derive(Debug, Serialize)]
pub(super) struct Grid {
    height: usize,
    days: Vec<Day>,
    lines: Vec<Line>,
    /// Where now is, if it is within.
    now: Option<String>,
}

/// A day's line and name.
#[derive(Debug, Serialize)]
struct Day {
    x: String,
    label: String,
}

/// A line.
#[derive(Debug, Serialize)]
struct Line {
    label: String,
    y: usize,
    bar_y: usize,
    is_final: bool,
    bars: Vec<Bar>,
}

/// A part of a line.
#[derive(Debug, Serialize)]
struct Bar {
    x: String,
    width: String,
    /// `gap`, `override`, or the person's colour.
    class: String,
    text: String,
    /// The whole of it in words.
    title: String,
}

/// What is drawn on.
struct Canvas<'a> {
    schedule: &'a Schedule,
    plan: &'a Plan,
    viewer: &'a Viewer,
    within: Stretch,
}

pub(super) fn grid(
    schedule: &Schedule,
    plan: &Plan,
    viewer: &Viewer,
    within: Stretch,
    (first, after): (Date, Date),
) -> Grid {
    let canvas = Canvas {
        schedule,
        plan,
        viewer,
        within,
    };
    let mut rows = canvas.layers();
    rows.push((viewer.word("console-oncall-overrides"), canvas.overrides()));
    rows.push((viewer.word("console-oncall-final"), canvas.whole()));
    let last = rows.len() - 1;
    let lines = rows.into_iter().enumerate().map(|(number, (label, bars))| {
        let y = HEAD + number * LINE;
        Line {
            label,
            y,
            bar_y: y + (LINE - BAR) / 2,
            is_final: number == last,
            bars,
        }
    });
    let lines: Vec<Line> = lines.collect();
    let days = first.series(Span::new().days(1));
    let days = days.take_while(|day| *day < after).map(|day| Day {
        x: units(canvas.x(schedule.zone().first(day.at(0, 0, 0, 0)))),
        label: day.strftime("%m-%d").to_string(),
    });
    Grid {
        height: HEAD + lines.len() * LINE,
        days: days.collect(),
        now: within
            .contains(viewer.now)
            .then(|| units(canvas.x(viewer.now))),
        lines,
    }
}

impl Canvas<'_> {
    /// Where an instant is.
    fn x(&self, at: Time) -> f64 {
        let seconds = |span: std::time::Duration| span.as_secs_f64();
        let whole = seconds(self.within.length()).max(1.0);
        let part = seconds(at.since(self.within.from)) / whole;
        LABELS + part * (WIDTH - LABELS)
    }

    fn bar(&self, when: Stretch, class: String, text: String) -> Bar {
        let zone = self.schedule.zone();
        let (from, to) = (self.x(when.from), self.x(when.to));
        let title = format!(
            "{} – {}  {text}",
            super::clock(zone, when.from),
            super::clock(zone, when.to)
        );
        Bar {
            x: units(from),
            width: units(to - from),
            class,
            text,
            title,
        }
    }

    /// The colour of whoever is first of these people, by their place among all.
    fn colour(&self, people: &[std::sync::Arc<str>]) -> String {
        let first = people.first().map(|key| &**key).unwrap_or_default();
        let place = self.plan.people.keys().position(|key| key == first);
        format!("who{}", place.unwrap_or(0) % COLOURS)
    }

    fn layers(&self) -> Vec<(String, Vec<Bar>)> {
        let layers = self.schedule.layer_shifts(self.within.from, self.within.to);
        let layers = layers.unwrap_or_default();
        let lines = (0..).zip(&layers).map(|(number, shifts)| {
            let name = self.schedule.layer_name(number);
            let label = name.name.unwrap_or_else(|| name.number.to_string());
            let bars = shifts.iter().take(BARS).map(|shift| {
                let colour = self.colour(&shift.people);
                self.bar(shift.stretch, colour, names(self.plan, &shift.people))
            });
            (label, bars.collect())
        });
        lines.collect()
    }

    fn overrides(&self) -> Vec<Bar> {
        let overrides = self.schedule.overrides().iter();
        let bars = overrides.filter_map(|one| {
            let when = one.when.within(self.within)?;
            let text = match &one.instead {
                Instead::Cover(people) => names(self.plan, people),
                Instead::StandIn { by, .. } => names(self.plan, by.as_slice()),
            };
            let text = if text.is_empty() {
                self.viewer.word("console-oncall-nobody")
            } else {
                text
            };
            Some(self.bar(when, "override".to_owned(), text))
        });
        bars.take(BARS).collect()
    }

    /// Who is on call in the end, and where nobody is.
    fn whole(&self) -> Vec<Bar> {
        let Stretch { from, to } = self.within;
        let shifts = self.schedule.shifts(from, to).unwrap_or_default();
        let mut bars = Vec::new();
        let mut covered = from;
        let gap = |from, to| {
            let when = Stretch::new(from, to)?;
            let word = self.viewer.word("console-oncall-nobody");
            Some(self.bar(when, "gap".to_owned(), word))
        };
        for shift in shifts.iter().take(BARS) {
            bars.extend(gap(covered, shift.stretch.from));
            let mut class = self.colour(&shift.people);
            if !shift.overrides.is_empty() {
                class.push_str(" override");
            }
            bars.push(self.bar(shift.stretch, class, names(self.plan, &shift.people)));
            covered = shift.stretch.to;
        }
        if shifts.len() <= BARS {
            bars.extend(gap(covered, to));
        }
        bars
    }
}

fn units(number: f64) -> String {
    format!("{number:.1}")
}
