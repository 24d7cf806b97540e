//! Plain text: `curl -d 'disk full on db-1' http://127.0.0.1:9119/in/inbox`.
//!
//! Told once: a text cannot say that it is over. Its first line is the name of the alert, the
//! whole text its description. A form content type means nothing here, because curl sends it with
//! every `-d`.

use std::borrow::Cow;

use balefire_core::alert::Lifecycle;

use crate::bounds;
use crate::draft::Draft;
use crate::manners::Manners;
use crate::parsed::{Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};

/// Longest name made of a first line, in bytes.
const MAX_TITLE: usize = 256;

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "text",
    title: ("Plain text", "纯文本"),
    lifecycle: Lifecycle::Event,
    body_limit: 1_048_576,
    fields: &[],
    setup: include_str!("../setup/text.md"),
    manners: Manners::USUAL,
    parse,
};

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    from_text(&String::from_utf8_lossy(inbound.body))
}

/// The one alert a text makes.
pub(crate) fn from_text(text: &str) -> Result<Parsed, Refusal> {
    let mut parsed = Parsed::default();
    draft(text, String::new())?.finish(&mut parsed);
    Ok(parsed)
}

/// The draft of the alert a text makes; `path` is where the text stands.
pub(crate) fn draft(text: &str, path: String) -> Result<Draft<'_>, Refusal> {
    let text = text.trim();
    let Some(first) = text.lines().map(str::trim).find(|line| !line.is_empty()) else {
        return Err(Refusal::malformed(
            "body",
            "an empty text tells nobody anything",
        ));
    };
    let title = title(first);
    let mut draft = Draft::new(path, Signal::Event);
    if text.contains('\u{fffd}') {
        draft.note("some characters could not be read: the text is not UTF-8");
    }
    draft.annotation("summary", title.clone());
    if text != title {
        draft.annotation("description", text);
    }
    draft.label("alertname", title);
    Ok(draft)
}

/// A line that is short enough to be a name; cut at a character boundary, and marked.
pub(crate) fn title(line: &str) -> Cow<'_, str> {
    if line.len() <= MAX_TITLE {
        return Cow::Borrowed(line);
    }
    Cow::Owned(format!("{}…", bounds::up_to(line, MAX_TITLE).trim_end()))
}
