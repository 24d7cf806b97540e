//! `balefire import ics`: a calendar file as the schedule of a document.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use balefire_core::clock::Clock;
use balefire_core::schedule::{
    CalendarGuess, EventsSpec, LayerSpec, MAX_EVENTS_TEXT, Schedule, ScheduleSpec, TurnSpec,
};
use balefire_engine::clock::SystemClock;
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value, json as value};

use crate::exit::{Ended, Exit};
use crate::output::{data, harmless, json, say};

/// The largest file that a document takes in as a value; a larger calendar is served at an address.
const LARGEST_VALUE: usize = 64 * 1024;

#[derive(Args)]
pub(crate) struct Ics {
    /// The calendar file (iCalendar); `-` reads standard input.
    #[arg(value_name = "FILE")]
    file: String,
    /// The name of the schedule.
    #[arg(long, value_name = "NAME", default_value = "ops")]
    schedule: String,
    /// The name of the layer.
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    /// The zone of the schedule; what the calendar says without it.
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
}

/// Everything that is printed with `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    document: &'a str,
    /// Whether it is said as a rotation, proven over the year ahead.
    is_rotation: bool,
    warnings: &'a [String],
}

impl Ics {
    /// Prints the document's piece on standard output and what is to be known on standard error; nothing is changed anywhere.
    pub(super) fn run(self, as_json: bool) -> Result<Exit> {
        let text = self.read()?;
        let refused = |error: &dyn std::fmt::Display| {
            Ended::invalid(format!("{} {error}", harmless(&self.file)))
        };
        let guess = CalendarGuess::of(&text).map_err(|error| refused(&error))?;
        let mut warnings = Vec::new();
        let timezone = self.timezone(&guess, &mut warnings);
        let events = LayerSpec {
            name: self.layer.clone(),
            events: Some(EventsSpec {
                text: text.clone(),
                names: guess.everything(),
                timezone: None,
                fetched: false,
            }),
            ..LayerSpec::default()
        };
        let spec = ScheduleSpec {
            timezone: timezone.clone(),
            layers: vec![events],
            calendar: balefire_core::schedule::Calendar::default(),
        };
        let schedule = Schedule::new(&self.schedule, &spec, &|_| true).map_err(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            refused(&errors.join("; "))
        })?;
        warnings.extend(schedule.left_out().map(|(_, told)| told.to_owned()));
        let rotation = schedule.as_rotation(SystemClock.now());
        let layer = match &rotation {
            Some(rotation) => self.rotation(rotation),
            None => self.events(&text, &guess.names, &mut warnings),
        };
        let document = self.document(&guess, &timezone, layer);
        if as_json {
            json(&Report {
                document: &document,
                is_rotation: rotation.is_some(),
                warnings: &warnings,
            })?;
        } else {
            data(document.trim_end());
            tell(rotation.is_some(), &warnings);
        }
        let whole = warnings.is_empty();
        Ok(if whole { Exit::Ok } else { Exit::Problems })
    }

    fn read(&self) -> Result<String> {
        let most = MAX_EVENTS_TEXT as u64 + 1;
        let mut bytes = Vec::new();
        let read = if self.file == "-" {
            std::io::stdin().take(most).read_to_end(&mut bytes)
        } else {
            std::fs::File::open(&self.file).and_then(|file| file.take(most).read_to_end(&mut bytes))
        };
        read.with_context(|| self.file.clone())?;
        String::from_utf8(bytes).map_err(|_| {
            let words = format!(
                "{} is no text in UTF-8, so no calendar",
                harmless(&self.file)
            );
            Ended::invalid(words).into()
        })
    }

    fn timezone(&self, guess: &CalendarGuess, warnings: &mut Vec<String>) -> String {
        let known = self.timezone.clone().or_else(|| guess.timezone.clone());
        known.unwrap_or_else(|| {
            let words = "the calendar names no time zone; UTC is taken, --timezone says another";
            warnings.push(words.to_owned());
            "UTC".to_owned()
        })
    }

    fn named(&self) -> Map<String, Value> {
        let mut layer = Map::new();
        if let Some(name) = &self.layer {
            layer.insert("name".to_owned(), name.as_str().into());
        }
        layer
    }

    /// A layer that is a rotation.
    fn rotation(&self, rotation: &LayerSpec) -> Map<String, Value> {
        let mut layer = self.named();
        let mut put = |key: &str, value: Value| _ = layer.insert(key.to_owned(), value);
        put("rotation", value!(rotation.rotation));
        if let Some(every) = rotation.every {
            put("every", every.into());
        }
        put("starts", rotation.starts.as_str().into());
        if let Some(until) = &rotation.until {
            put("until", until.as_str().into());
        }
        let turns = rotation.people.iter().map(|turn| match turn {
            TurnSpec::One(one) => Value::from(one.as_str()),
            TurnSpec::Together(several) => several.iter().map(String::as_str).collect(),
        });
        put("people", turns.collect());
        let only = rotation.only.iter().map(|only| {
            let mut window = Map::new();
            let ends = [("from", &only.from), ("to", &only.to)];
            for (key, end) in ends {
                if let Some(end) = end {
                    window.insert(key.to_owned(), end.as_str().into());
                }
            }
            if let Some(days) = &only.days {
                window.insert("days".to_owned(), value!(days));
            }
            Value::Object(window)
        });
        let only: Vec<Value> = only.collect();
        if !only.is_empty() {
            put("only", only.into());
        }
        layer
    }

    /// A layer that is the file.
    fn events(
        &self,
        text: &str,
        names: &BTreeMap<String, Arc<str>>,
        warnings: &mut Vec<String>,
    ) -> Map<String, Value> {
        let mut layer = self.named();
        let file = if self.file == "-" {
            "oncall.ics".into()
        } else {
            let path = std::path::absolute(Path::new(&self.file));
            path.map_or_else(|_| self.file.clone(), |path| path.display().to_string())
        };
        if text.len() > LARGEST_VALUE {
            let words = format!(
                "a file in a document has {LARGEST_VALUE} bytes at most, this one has {}: serve it at an address, and write events: {{url: …}}",
                text.len()
            );
            warnings.push(words);
        }
        // The reference itself, not a text that looks like one.
        layer.insert("events".to_owned(), format!("${{file:{file}}}").into());
        if !names.is_empty() {
            layer.insert("names".to_owned(), value!(names));
        }
        layer
    }

    /// `people` and `schedules`, to be put beside a `route`. JSON in the place of values is YAML, too.
    fn document(&self, guess: &CalendarGuess, timezone: &str, layer: Map<String, Value>) -> String {
        let quoted = |text: &str| Value::from(text).to_string();
        let mut text = String::from("people:\n");
        for person in &guess.people {
            let mut about = value!({"name": person.name});
            if !person.email.is_empty() {
                about["email"] = person.email.as_str().into();
            }
            let _ = writeln!(text, "  {}: {about}", quoted(&person.key));
        }
        if guess.people.is_empty() {
            "people: {}\n".clone_into(&mut text);
        }
        let name = quoted(&self.schedule);
        let timezone = quoted(timezone);
        let _ = writeln!(
            text,
            "schedules:\n  {name}:\n    timezone: {timezone}\n    layers:"
        );
        let mut lead = "    - ";
        for (key, value) in layer {
            let _ = writeln!(text, "{lead}{key}: {value}");
            lead = "      ";
        }
        text
    }
}

fn tell(is_rotation: bool, warnings: &[String]) {
    for warning in warnings {
        say(&format!("not understood: {}", harmless(warning)));
    }
    if is_rotation {
        say(
            "the events are nothing but a rotation: it says the same at every instant of the year ahead",
        );
    } else {
        say("the events are no regular rotation, so the layer is the file itself");
    }
    say(
        "look at names and addresses, give people the ways to reach them, then: balefire check FILE",
    );
}
