//! The language of operators' templates: minijinja 3, with the filters of message writing added.
//!
//! What is not there prints as nothing; asking for a part of it is an error. Only the operator's source is
//! ever compiled: alert content comes in as values.

mod filters;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, escape_formatter,
};

use balefire_core::message::Custom;

use crate::clean::one_line;
use crate::escape::Escape;
use crate::reader::Reader;
use crate::template::{
    FUEL, Limit, OUTPUT_BYTES, Part, Position, RenderError, Rendered, SOURCE_BYTES, Template,
};

/// How deep templates and macros may nest.
const DEPTH: usize = 50;
/// Longest title in characters.
const TITLE: usize = 1_000;

/// The language for one reader and one kind of markup.
pub(crate) fn environment(reader: &Reader, escape: Escape) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(DEPTH);
    environment.set_debug(false);
    environment.set_auto_escape_callback(move |_| match escape {
        Escape::None => AutoEscape::None,
        Escape::Html => AutoEscape::Html,
        Escape::Markdown | Escape::SlackMrkdwn | Escape::Json | Escape::Form => {
            AutoEscape::Custom(escape.as_str().into())
        }
    });
    environment.set_formatter(|out, state, value| {
        // An end that is not yet known is `none`; people need not read that word.
        if value.is_none() {
            return Ok(());
        }
        let escape = match state.auto_escape() {
            AutoEscape::Custom(name) => Escape::of_word(name),
            _ => None,
        };
        let Some(escape) = escape else {
            return escape_formatter(out, state, value);
        };
        if escape == Escape::Json && value.as_str().is_none() {
            // What is no text is JSON already, whole.
            return out
                .write_str(&filters::json_of(value)?)
                .map_err(Error::from);
        }
        let text = value.to_string();
        let text = if value.is_safe() || value.is_number() {
            text
        } else {
            escape.apply(&text)
        };
        out.write_str(&text).map_err(Error::from)
    });
    filters::add(&mut environment, reader);
    if escape == Escape::Json {
        environment.add_filter("json", |value: &Value| {
            filters::json_of(value).map(Value::from_safe_string)
        });
    }
    environment
}

/// Renders both sources with a group's data (see [`crate::context`]), in this process: only for
/// workers, since a template may take all memory there is.
pub(crate) fn render(
    template: &Template,
    context: &Value,
    reader: &Reader,
    escape: Escape,
) -> Rendered {
    let environment = environment(reader, escape);
    let mut custom = Custom::default();
    for (part, source) in template.parts() {
        let words = render_part(&environment, part, source, context)?;
        let words = match part {
            Part::Title => one_line(&words, TITLE),
            Part::Text => words.trim_end().to_owned(),
        };
        // Providers refuse empty messages, so an empty result keeps the default words.
        let words = (!words.trim().is_empty()).then_some(words);
        match part {
            Part::Title => custom.title = words,
            Part::Text => custom.text = words,
        }
    }
    Ok(custom)
}

/// Reads a source without running it; safe in any process.
pub(crate) fn compile(part: Part, source: &str) -> Result<(), RenderError> {
    if source.len() > SOURCE_BYTES {
        return Err(RenderError::Limit(Limit::Source));
    }
    let environment = environment(&Reader::default(), Escape::None);
    let inert = inert(source);
    let read = environment.template_from_named_str("message", &inert);
    read.map(drop)
        .map_err(|error| error_of(part, source, &error))
}

fn render_part(
    environment: &Environment<'_>,
    part: Part,
    source: &str,
    context: &Value,
) -> Result<String, RenderError> {
    if source.len() > SOURCE_BYTES {
        return Err(RenderError::Limit(Limit::Source));
    }
    let place = |error: &Error| error_of(part, source, error);
    let template = environment
        .template_from_named_str("message", source)
        .map_err(|error| place(&error))?;
    let full = AtomicBool::new(false);
    let mut output = Bounded {
        bytes: Vec::new(),
        full: &full,
    };
    let outcome = template
        .render_captured_to(context.clone(), &mut output)
        .map(drop);
    if full.load(Ordering::Relaxed) {
        return Err(RenderError::Limit(Limit::Output));
    }
    outcome.map_err(|error| place(&error))?;
    Ok(String::from_utf8_lossy(&output.bytes).into_owned())
}

/// A group's data as a template sees it: with the lists `firing` and `resolved`, which repeat the alerts.
pub(crate) fn with_lists(mut context: serde_json::Value) -> Value {
    let of_status = |status: &str| -> Vec<serde_json::Value> {
        let alerts = context.get("alerts").and_then(serde_json::Value::as_array);
        alerts
            .into_iter()
            .flatten()
            .filter(|alert| alert.get("status").and_then(serde_json::Value::as_str) == Some(status))
            .cloned()
            .collect()
    };
    let (firing, resolved) = (of_status("firing"), of_status("resolved"));
    if let Some(map) = context.as_object_mut() {
        map.insert("firing".to_owned(), firing.into());
        map.insert("resolved".to_owned(), resolved.into());
    }
    Value::from(minijinja::value::Serde(context))
}

/// The source with every product written as a sum, which has the same grammar and the same places.
///
/// minijinja works out constant products while it compiles, each up to 100 MB, so compiling alone can
/// take a process down. A sum grows no faster than the source that spells it out.
fn inert(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    // The last character that is no blank: after `(` and `,` a star unpacks arguments.
    let (mut last, mut before) = ('(', '(');
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        let power = before == '*' || chars.peek() == Some(&'*');
        let product = c == '*' && !power && !matches!(last, '(' | ',');
        out.push(if product { '+' } else { c });
        before = c;
        if !c.is_whitespace() {
            last = c;
        }
    }
    out
}

/// The names in a source that nothing defines: most often typing errors, which would print as nothing.
pub(crate) fn unknown_names(source: &str, more: &[&str]) -> Vec<String> {
    let environment = environment(&Reader::default(), Escape::None);
    let inert = inert(source);
    let Ok(template) = environment.template_from_str(&inert) else {
        return Vec::new();
    };
    let globals: Vec<&str> = environment.globals().map(|(name, _)| name).collect();
    let known = |name: &str| {
        globals.contains(&name)
            || more.contains(&name)
            || crate::context::NAMES
                .iter()
                .any(|(known, _)| *known == name)
    };
    let mut names: Vec<String> = template
        .undeclared_variables(false)
        .into_iter()
        .filter(|name| !known(name))
        .collect();
    names.sort_unstable();
    names
}

fn error_of(part: Part, source: &str, error: &Error) -> RenderError {
    let at = position(part, source, error);
    let detail = error.detail().unwrap_or_default();
    match error.kind() {
        ErrorKind::OutOfFuel => RenderError::Limit(Limit::Steps),
        ErrorKind::InvalidOperation if detail.contains("recursion limit") => {
            RenderError::Limit(Limit::Depth)
        }
        ErrorKind::InvalidOperation
            if detail.contains("too large") || detail.contains("too many elements") =>
        {
            RenderError::Limit(Limit::Memory)
        }
        ErrorKind::SyntaxError | ErrorKind::BadEscape | ErrorKind::InvalidDelimiter => {
            RenderError::Syntax {
                at,
                message: message(error),
            }
        }
        ErrorKind::UndefinedError => RenderError::Undefined {
            at,
            message: message(error),
        },
        _ => RenderError::Failed {
            at,
            message: message(error),
        },
    }
}

fn message(error: &Error) -> String {
    match (error.detail(), error.kind()) {
        (Some(detail), _) => one_line(detail, 300),
        (None, ErrorKind::UndefinedError) => "a part of something that is not there".to_owned(),
        (None, kind) => kind.to_string(),
    }
}

/// Line and column of an error; the start of the line when the engine knows no more.
fn position(part: Part, source: &str, error: &Error) -> Position {
    let line = error.line().unwrap_or(1);
    let column = error
        .range()
        .and_then(|range| source.get(..range.start))
        .filter(|before| before.matches('\n').count() + 1 == line)
        .map_or(1, |before| {
            before
                .rsplit('\n')
                .next()
                .unwrap_or_default()
                .chars()
                .count()
                + 1
        });
    Position { part, line, column }
}

/// Takes [`OUTPUT_BYTES`] and refuses more.
struct Bounded<'a> {
    bytes: Vec<u8>,
    full: &'a AtomicBool,
}

impl io::Write for Bounded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > OUTPUT_BYTES {
            self.full.store(true, Ordering::Relaxed);
            return Err(io::Error::other("output over the limit"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
