//! A route's `flapping` and `repeat_backoff`.

use std::time::Duration;

use balefire_core::route::{Backoff, Flapping, Noise};

use super::{Compiler, span};
use crate::check::said;
use crate::problem::Path;
use crate::tree::Node;

const STARTS: u32 = 4;
const WITHIN: Duration = Duration::from_hours(1);
const HOLD: Duration = Duration::from_mins(10);
const FACTOR: f64 = 2.0;
const LONGEST: Duration = Duration::from_hours(24);

/// What a route does against noise; what it does not say is inherited.
pub(super) fn compile(compiler: &mut Compiler<'_>, route: &Node, path: &Path<'_>) -> Noise {
    Noise {
        flapping: flapping(compiler, route, path),
        backoff: backoff(compiler, route, path),
    }
}

fn flapping(compiler: &mut Compiler<'_>, route: &Node, path: &Path<'_>) -> Option<Flapping> {
    let node = route.at("flapping")?;
    let path = path.key("flapping");
    let starts = match node.at("starts") {
        Some(starts) => starts.text().and_then(|text| text.parse().ok())?,
        None => STARTS,
    };
    if starts == 1 {
        let message = "every alert begins once";
        let place = node.at("starts").map_or(node.place, |starts| starts.place);
        let hint = "write 2 or more, or 0 to switch it off";
        compiler
            .findings
            .problem(place, &path.key("starts"), message, hint);
    }
    let within = node.at("within").and_then(span).unwrap_or(WITHIN);
    let hold = node.at("hold").and_then(span);
    // A default that does not fit a short time gives way to it; what was written is told.
    let hold = hold.unwrap_or_else(|| HOLD.min(within));
    if let Some(given) = node.at("hold")
        && hold > within
    {
        let message = format!("{} is longer than within", said(given));
        let hint = "by then nothing would count as flapping any more";
        compiler
            .findings
            .problem(given.place, &path.key("hold"), message, hint);
    }
    Some(Flapping {
        starts,
        within,
        hold,
    })
}

fn backoff(compiler: &mut Compiler<'_>, route: &Node, path: &Path<'_>) -> Option<Backoff> {
    let node = route.at("repeat_backoff")?;
    let factor = match node.at("factor") {
        Some(factor) => factor.text().and_then(|text| text.parse().ok())?,
        None => FACTOR,
    };
    if !(1.0..=10.0).contains(&factor)
        && let Some(given) = node.at("factor")
    {
        let message = format!("{} is no factor to wait longer by", said(given));
        let path = path.key("repeat_backoff");
        compiler
            .findings
            .problem(given.place, &path.key("factor"), message, "write 1 to 10");
    }
    Some(Backoff {
        percent: (factor * 100.0).clamp(100.0, 1_000.0).round() as u32,
        longest: node.at("longest").and_then(span).unwrap_or(LONGEST),
    })
}
