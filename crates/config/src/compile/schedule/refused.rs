//! What core refuses of a schedule, told at the key it is about.

use balefire_core::schedule::{EventsError, LayerError, RotationError, ScheduleError, TurnsError};

use super::Compiler;
use crate::problem::{Path, Place};
use crate::tree::Node;

/// Notes a problem; what to do about it stands after the first semicolon of core's words.
pub(in crate::compile) fn say(
    compiler: &mut Compiler<'_>,
    place: Place,
    path: &Path<'_>,
    words: &str,
) {
    let (message, hint) = words.split_once("; ").unwrap_or((words, ""));
    compiler.findings.problem(place, path, message, hint);
}

pub(super) fn schedule(
    compiler: &mut Compiler<'_>,
    node: &Node,
    path: &Path<'_>,
    error: ScheduleError,
) {
    let at = |key| node.at(key).unwrap_or(node);
    match error {
        ScheduleError::Zone(error) => {
            let place = at("timezone").place;
            say(compiler, place, &path.key("timezone"), &error.to_string());
        }
        ScheduleError::LayerCount(_) => {
            let words = without(&error.to_string(), "layers");
            say(compiler, at("layers").place, &path.key("layers"), &words);
        }
        ScheduleError::Layer { layer, problem } => {
            let path = path.key("layers");
            let index = layer.number - 1;
            let items = at("layers").items();
            if let Some(node) = items.get(index) {
                told(compiler, node, &path.index(index), &problem);
            }
        }
    }
}

/// Tells a layer's problem at the value it is about.
fn told(compiler: &mut Compiler<'_>, layer: &Node, path: &Path<'_>, problem: &LayerError) {
    let words = problem.to_string();
    let (key, within) = place_of(problem, layer);
    let Some(node) = layer.at(key) else {
        return say(compiler, layer.place, path, &words);
    };
    let path = path.key(key);
    let words = without(&words, key);
    match within {
        Within::Whole => say(compiler, node.place, &path, &words),
        Within::Element(number) => {
            let index = number - 1;
            let place = node
                .items()
                .get(index)
                .map_or(node.place, |item| item.place);
            let turn = without(&words, &format!("turn {number}"));
            let words = without(&turn, &format!("restriction {number}"));
            say(compiler, place, &path.index(index), &words);
        }
        Within::Key(key) => {
            let place = node.at(key).map_or(node.place, |inner| inner.place);
            say(compiler, place, &path.key(key), &words);
        }
    }
}

/// What of a value a problem is about.
enum Within {
    Whole,
    /// An element, from 1.
    Element(usize),
    Key(&'static str),
}

/// The key a problem is about.
fn place_of(problem: &LayerError, layer: &Node) -> (&'static str, Within) {
    match problem {
        LayerError::Turns(error) => {
            let within = match error {
                TurnsError::NoTurns | TurnsError::TooManyTurns(_) => Within::Whole,
                TurnsError::TurnSize { turn, .. }
                | TurnsError::UnknownPerson { turn, .. }
                | TurnsError::PersonTwice { turn, .. } => Within::Element(*turn),
            };
            ("people", within)
        }
        LayerError::Rotation(error) => match error {
            RotationError::NotAWallTime { key, .. } | RotationError::OutOfRange { key, .. } => {
                (*key, Within::Whole)
            }
            RotationError::NotOfThisPace(key) => (*key, Within::Whole),
            RotationError::ZeroEvery => ("every", Within::Whole),
            RotationError::NotALength(_) => ("lengths", Within::Whole),
            RotationError::Length { .. } | RotationError::LengthCount(_) => {
                let written = ["every", "lengths"].into_iter();
                let key = written.rev().find(|key| layer.at(key).is_some());
                (key.unwrap_or("rotation"), Within::Whole)
            }
            RotationError::NotATime(_) => ("handover", Within::Key("time")),
            RotationError::NotADay(_) => ("handover", Within::Key("weekday")),
            RotationError::DoesNotKeep { what, .. } => ("handover", Within::Key(what)),
        },
        LayerError::Events(error) => match error {
            EventsError::UnknownPerson(_) => ("names", Within::Whole),
            EventsError::Zone(_) => ("events", Within::Key("timezone")),
            _ => ("events", Within::Whole),
        },
        LayerError::EndsBeforeStart { .. } => ("until", Within::Whole),
        LayerError::TooManyRestrictions(_) => ("only", Within::Whole),
        LayerError::Restriction { number, .. } => ("only", Within::Element(*number)),
    }
}

/// Words without the key they begin with: the path names it.
fn without(words: &str, key: &str) -> String {
    let rest = words
        .strip_prefix(key)
        .and_then(|rest| rest.strip_prefix(": "));
    rest.unwrap_or(words).to_owned()
}
