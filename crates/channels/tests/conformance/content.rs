//! What strangers write into alerts stays text, and nothing secret is written to a log.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use balefire_channels::markup::Dialect;
use balefire_core::message::{Block, Locale};
use balefire_testkit::Mode;
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span;

use crate::messages::{Case, message};
use crate::sample::{content, hands_on, http_kinds};
use crate::stage::Stage;

const HOSTILE: [&str; 9] = [
    "@all",
    "@ALL",
    "@所有人",
    "<!channel>",
    "<!here>",
    "<@U0AB12CD3>",
    "<at userid=\"all\">",
    "<at id=all></at>",
    "[good](http://evil.example) \u{202e}drow \u{1b}]0;x\u{7} <http://evil.example|good>",
];

/// Every text in a body; `markup` leaves out what no client reads as markup.
fn texts(value: &Value, markup: bool, out: &mut String) {
    match value {
        Value::String(text) => {
            out.push_str(text);
            out.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, markup, out)),
        Value::Object(fields) if !(markup && value["tag"] == "plain_text") => fields
            .iter()
            .filter(|(key, _)| !markup || !matches!(key.as_str(), "title" | "fallback" | "summary"))
            // Matrix's plain half of a formatted text.
            .filter(|(key, _)| !(markup && *key == "body" && value.get("formatted_body").is_some()))
            .for_each(|(_, field)| texts(field, markup, out)),
        _ => {}
    }
}

#[tokio::test]
async fn words_of_strangers_call_nobody_and_lead_nowhere() {
    // What only hands data on leaves it to whoever shows it; a body's template is escaped where it is rendered.
    for spec in http_kinds().filter(|spec| !hands_on(spec)) {
        let stage = Stage::of(spec).await;
        let mut message = message(Case::Firing, Locale::En);
        let all = HOSTILE.join(" ");
        message.title.clone_from(&all);
        message.body = vec![
            Block::Heading(all.clone()),
            Block::Text(all.clone()),
            Block::Facts(vec![(all.clone(), all.clone())]),
            Block::List(vec![all]),
        ];
        assert!(stage.send(&message).await[0].is_ok(), "{}", spec.kind);
        let body = stage.requests().pop().expect("a request");
        let body = content(&body);
        let contains_none = |markup: bool, words: &[&str]| {
            let mut sent = String::new();
            texts(&body, markup, &mut sent);
            let small = sent.to_lowercase();
            for word in words {
                assert!(!small.contains(word), "{}: {word:?} in {sent}", spec.kind);
            }
        };
        contains_none(false, &["@all", "@所有人", "<at ", "\u{202e}", "\u{1b}"]);
        // Where there is no markup, nobody reads it as such.
        let markup: &[&str] = match spec.dialect {
            Dialect::Plain => &[],
            Dialect::LightHtml => &["<!", "<@", "<http://evil"],
            _ => &["<!", "<@", "](http://evil", "<http://evil"],
        };
        contains_none(true, markup);
    }
}

/// Writes down everything that is logged.
#[derive(Clone, Default)]
struct Tape(Arc<Mutex<String>>);

impl Visit for Tape {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let mut tape = self.0.lock().expect("not poisoned");
        // Writing to a String cannot fail.
        let _ = writeln!(tape, "{field}={value:?}");
    }
}

impl tracing::Subscriber for Tape {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        span.record(&mut self.clone());
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn nothing_secret_is_logged() {
    let tape = Tape::default();
    let guard = tracing::subscriber::set_default(tape.clone());
    tracing::info!("the tape runs");
    for spec in http_kinds() {
        let stage = Stage::of(spec).await;
        // What is logged while a stage is set up, and what the simulator itself logs, is not the channel's.
        tape.0.lock().expect("not poisoned").clear();
        for mode in [Mode::Ok, Mode::ExpiredToken, Mode::ResetAfterBody] {
            stage.fail_with(mode);
            stage.send(&message(Case::Firing, Locale::En)).await;
        }
        let logged = tape.0.lock().expect("not poisoned").clone();
        stage.shows_no_secret(&logged, "the log");
    }
    drop(guard);
}
