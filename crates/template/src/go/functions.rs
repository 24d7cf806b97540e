//! Alertmanager's functions for templates (0.34).

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use balefire_core::re2;
use balefire_core::time::Time;
use balefire_gotemplate::value::function::{Call, Failure, Function, Takes};
use balefire_gotemplate::value::{ANY_LIST, ANY_MAP, Safe, TEXTS, Value};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use regex::Regex;
use unicode_segmentation::UnicodeSegmentation;

use super::{data, humanize, json, layout, time};

/// Steps for compiling a pattern; one that was compiled before costs nothing.
const COMPILE: u64 = 5_000;

/// What the functions know of a rendering.
pub(super) struct Host {
    /// What time it is.
    pub(super) now: Time,
    patterns: RefCell<HashMap<String, Regex>>,
}

impl Host {
    pub(super) fn new(now: Time) -> Self {
        let patterns = RefCell::default();
        Self { now, patterns }
    }
}

type Made = Result<Value, Failure>;

const fn function(
    name: &'static str,
    takes: &'static [Takes],
    call: fn(&Call<'_>, &[Value]) -> Made,
) -> Function {
    Function {
        name,
        takes,
        rest: None,
        call,
    }
}

const fn many(
    name: &'static str,
    takes: &'static [Takes],
    rest: Takes,
    call: fn(&Call<'_>, &[Value]) -> Made,
) -> Function {
    Function {
        name,
        takes,
        rest: Some(rest),
        call,
    }
}

const TIME: Takes = Takes::Named("time.Time");
const ONE: &[Takes] = &[Takes::Text];
const TWO: &[Takes] = &[Takes::Text, Takes::Text];

/// All of them.
pub(super) static ALL: &[Function] = &[
    function("toUpper", ONE, |call, of| {
        call.text(text(of, 0).chars().map(upper).collect::<String>())
    }),
    function("toLower", ONE, |call, of| {
        call.text(text(of, 0).chars().map(lower).collect::<String>())
    }),
    function("title", ONE, |call, of| call.text(titled(text(of, 0)))),
    function("trimSpace", ONE, |call, of| call.text(text(of, 0).trim())),
    function("join", &[Takes::Text, Takes::Texts], |call, of| {
        let between = text(of, 0).len() * of[1].size().unwrap_or_default();
        call.budget.make(between)?;
        call.text(data::joined(&of[1], text(of, 0)))
    }),
    function("match", TWO, |call, of| {
        Ok(Value::Bool(
            pattern(call, text(of, 0))?.is_match(text(of, 1)),
        ))
    }),
    function("safeHtml", ONE, |_, of| {
        Ok(Value::Safe(Safe::Html, Rc::from(text(of, 0))))
    }),
    function("safeUrl", ONE, |_, of| {
        Ok(Value::Safe(Safe::Url, Rc::from(text(of, 0))))
    }),
    function("urlUnescape", ONE, |call, of| {
        call.text(unescaped(text(of, 0))?)
    }),
    function(
        "reReplaceAll",
        &[Takes::Text, Takes::Text, Takes::Text],
        replaced,
    ),
    many("stringSlice", &[], Takes::Text, |call, of| {
        call.budget.make(of.len() * 16)?;
        Ok(Value::list(&TEXTS, of.to_vec()))
    }),
    // Route labels are not told to a way out here, so each is as one that is not there.
    function("routeLabels", ONE, |_, _| Ok(Value::text(""))),
    function("date", &[Takes::Text, TIME], |call, of| {
        call.text(time::formatted(&of[1], text(of, 0), call)?)
    }),
    function("tz", &[Takes::Text, TIME], |_, of| {
        time::in_zone(&of[1], text(of, 0))
    }),
    function("now", &[], |call, _| Ok(time::of(now(call)))),
    function("since", &[TIME], |call, of| {
        Ok(time::between(&time::of(now(call)), &of[0]))
    }),
    function("humanizeDuration", &[Takes::Any], |call, of| {
        call.text(humanize::duration(call, &of[0])?)
    }),
    function("toDate", TWO, |_, of| {
        let read = layout::parse(text(of, 0), text(of, 1));
        Ok(read.map_or_else(time::zero, time::of_zoned))
    }),
    function("mustToDate", TWO, |_, of| {
        let (layout, text) = (text(of, 0), text(of, 1));
        let wrong = || format!("parsing time {text:?} as {layout:?}: cannot parse it so");
        Ok(time::of_zoned(
            layout::parse(layout, text).ok_or_else(wrong)?,
        ))
    }),
    function("toJson", &[Takes::Any], |call, of| {
        Ok(Value::text(json::written(&of[0], call.budget)?))
    }),
    function("base64encode", ONE, |call, of| {
        call.text(URL_SAFE.encode(text(of, 0)))
    }),
    function("base64decode", ONE, |call, of| {
        let bytes = URL_SAFE
            .decode(text(of, 0))
            .map_err(|error| not_base64(&error))?;
        call.text(String::from_utf8_lossy(&bytes))
    }),
    many("list", &[], Takes::Any, |call, of| {
        call.budget.make(of.len() * 16)?;
        Ok(Value::list(&ANY_LIST, of.to_vec()))
    }),
    many("append", &[Takes::List], Takes::Any, |call, of| {
        let mut items = match &of[0] {
            Value::List(list) => list.items.clone(),
            _ => Vec::new(),
        };
        call.budget.make((items.len() + of.len()) * 16)?;
        items.extend_from_slice(&of[1..]);
        Ok(Value::list(&ANY_LIST, items))
    }),
    many("dict", &[], Takes::Any, dict),
];

fn text(of: &[Value], at: usize) -> &str {
    of.get(at).and_then(Value::as_text).unwrap_or_default()
}

fn host<'c>(call: &Call<'c>) -> Option<&'c Host> {
    call.host.downcast_ref()
}

fn now(call: &Call<'_>) -> Time {
    host(call).map_or(Time::EPOCH, |host| host.now)
}

/// Go changes character by character: one that would become two stays.
fn upper(c: char) -> char {
    let mut changed = c.to_uppercase();
    match (changed.next(), changed.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

fn lower(c: char) -> char {
    let mut changed = c.to_lowercase();
    match (changed.next(), changed.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// Each word's first letter large and the others small, as Go's `cases.Title` for American English.
fn titled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_word_bounds() {
        let mut begun = false;
        for c in word.chars() {
            if !begun && c.is_alphabetic() {
                out.push(upper(c));
                begun = true;
            } else {
                out.push(lower(c));
            }
        }
    }
    out
}

/// A compiled pattern, kept for the rest of the rendering.
fn pattern(call: &Call<'_>, pattern: &str) -> Result<Regex, Failure> {
    let known = host(call).and_then(|host| host.patterns.borrow().get(pattern).cloned());
    if let Some(known) = known {
        return Ok(known);
    }
    call.budget.step(COMPILE)?;
    let compiled = re2::search(pattern).map_err(|error| error.to_string())?;
    if let Some(host) = host(call) {
        host.patterns
            .borrow_mut()
            .insert(pattern.to_owned(), compiled.clone());
    }
    Ok(compiled)
}

fn replaced(call: &Call<'_>, of: &[Value]) -> Made {
    let (source, with, subject) = (text(of, 0), text(of, 1), text(of, 2));
    let compiled = pattern(call, source).map_err(|failure| match failure {
        Failure::Said(said) => Failure::Said(format!("regexp: Compile(`{source}`): {said}")),
        spent @ Failure::Spent(_) => spent,
    })?;
    // A long replacement for many matches is counted before it is made.
    let matches = compiled.find_iter(subject).count();
    let groups = with.matches('$').count();
    call.budget
        .make(matches * with.len() + subject.len() * (groups + 1))?;
    call.text(compiled.replace_all(subject, with))
}

fn not_base64(error: &base64::DecodeError) -> String {
    let at = match error {
        base64::DecodeError::InvalidByte(at, _)
        | base64::DecodeError::InvalidLastSymbol(at, _)
        | base64::DecodeError::InvalidLength(at) => *at,
        base64::DecodeError::InvalidPadding => 0,
    };
    format!("illegal base64 data at input byte {at}")
}

fn unescaped(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = after
                    .get(..2)
                    .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
                let Some(digits) = digits else {
                    let wrong = String::from_utf8_lossy(&after[..after.len().min(2)]).into_owned();
                    return Err(format!("invalid URL escape \"%{wrong}\""));
                };
                let digits = std::str::from_utf8(digits).unwrap_or_default();
                bytes.push(u8::from_str_radix(digits, 16).unwrap_or_default());
                rest = &after[2..];
            }
            byte => bytes.push(*byte),
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn dict(call: &Call<'_>, of: &[Value]) -> Made {
    if !of.len().is_multiple_of(2) {
        return Err("dict requires an even number of arguments"
            .to_owned()
            .into());
    }
    call.budget.make(of.len() * 32)?;
    let mut entries = BTreeMap::new();
    for pair in of.chunks_exact(2) {
        let Value::Text(key) = &pair[0] else {
            return Err("dict keys must be strings".to_owned().into());
        };
        entries.insert(Rc::clone(key), pair[1].clone());
    }
    Ok(Value::map(&ANY_MAP, entries))
}
