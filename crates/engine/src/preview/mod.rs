//! What a template, or a receiver's entries as they are configured, would say of a group: for each channel with its
//! limits. Nothing is sent.

mod group;

use std::borrow::Cow;

use balefire_channels::cut::{Length, MARK, cut};
use balefire_channels::markup::{self, Dialect};
use balefire_channels::registry;
use balefire_channels::spec::ChannelSpec;
use balefire_config::plan::{Integration, Plan};
use balefire_config::words::Unworded;
use balefire_core::message::{Custom, GroupView, Mentions};
use balefire_core::time::Time;
use balefire_template::compose::{self, Reader};
use balefire_template::go::{Error, Mode};
use balefire_template::sandbox::Sandbox;
use balefire_template::template::{RenderError, Template};
use serde::Serialize;

pub use self::group::{NotAGroup, group_of, sample_of};
use crate::delivery::escape_for;

/// What is tried.
#[derive(Clone, Debug)]
pub enum Source {
    /// A string as an `alertmanager.yml` has it.
    Go(String),
    /// A message as it stands under `messages:`.
    Own(Template),
    /// Whatever the receiver's entries are configured to say.
    Configured,
}

/// What one channel would say.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// Its kind, such as `slack_webhook`.
    pub kind: &'static str,
    /// The entry's key, when one of the receiver's is meant.
    pub entry: Option<String>,
    /// Its texts.
    pub texts: Vec<Piece>,
    /// What is wrong with the template.
    pub error: Option<Wrong>,
}

/// One text and how it fits.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Piece {
    /// `title`, `text`, or an entry's key.
    pub key: String,
    /// What is printed.
    pub text: String,
    /// How long it is in the channel's unit.
    pub length: usize,
    /// `bytes`, `characters` or `UTF-16 units`.
    pub unit: &'static str,
    /// The most that the channel takes; absent without a limit.
    pub most: Option<usize>,
    /// What is left of it when it is too long, up to the mark.
    pub cut: Option<String>,
    /// In how many parts a text message goes.
    pub parts: Option<usize>,
}

/// A mistake in a template.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Wrong {
    /// What.
    pub message: String,
    /// The entry's key, the file, or which of title and text.
    pub place: String,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The column in characters, from 1.
    pub column: Option<usize>,
}

/// What would be said: by a receiver's entries, or without one by every kind of channel.
pub async fn preview(
    plan: &Plan,
    sandbox: &Sandbox,
    source: &Source,
    receiver: Option<&str>,
    group: &GroupView,
    now: Time,
) -> Option<Vec<Preview>> {
    let go = |mode| match source {
        Source::Go(source) => plan.go.render(source, mode, group, now),
        _ => Ok(String::new()),
    };
    let stage = Stage {
        plan,
        sandbox,
        source,
        group,
        now,
        go: [go(Mode::Text), go(Mode::Html)],
    };
    let mut previews = Vec::new();
    let Some(name) = receiver else {
        for spec in registry::CHANNELS {
            previews.push(stage.channel(spec, None).await);
        }
        return Some(previews);
    };
    let receiver = plan.receivers.iter().find(|known| &*known.name == name)?;
    for integration in &receiver.integrations {
        previews.push(stage.channel(integration.spec, Some(integration)).await);
    }
    Some(previews)
}

struct Stage<'p> {
    plan: &'p Plan,
    sandbox: &'p Sandbox,
    source: &'p Source,
    group: &'p GroupView,
    now: Time,
    /// A Go template as text and as a page: rendered once, not for each channel.
    go: [Result<String, Error>; 2],
}

type Said = Result<Vec<(String, String)>, Wrong>;

impl Stage<'_> {
    async fn channel(&self, spec: &'static ChannelSpec, entry: Option<&Integration>) -> Preview {
        let reader = self.reader(entry);
        let said = match self.source {
            Source::Go(_) => self.go(spec),
            Source::Own(template) => self.own(spec, template, &reader).await,
            Source::Configured => self.configured(spec, entry, &reader).await,
        };
        let (texts, error) = match said {
            Ok(texts) => (texts, None),
            Err(wrong) => (Vec::new(), Some(wrong)),
        };
        let texts = texts
            .into_iter()
            .map(|(key, text)| Piece::of(spec, key, text));
        Preview {
            kind: spec.kind,
            entry: entry.map(|entry| entry.key.to_string()),
            texts: texts.collect(),
            error,
        }
    }

    fn reader(&self, entry: Option<&Integration>) -> Reader {
        let reader = entry.map_or(&self.plan.server.reader, |entry| &entry.reader);
        Reader {
            locale: reader.locale,
            zone: reader.zone.clone(),
        }
    }

    fn go(&self, spec: &ChannelSpec) -> Said {
        let is_page = matches!(spec.receiver_key, "email_configs" | "telegram_configs");
        let printed = self.go[usize::from(is_page)].as_ref();
        let printed = printed.map_err(|error| Wrong::of_go("", error))?;
        Ok(vec![("text".to_owned(), printed.clone())])
    }

    async fn own(&self, spec: &ChannelSpec, template: &Template, reader: &Reader) -> Said {
        let escape = escape_for(spec);
        let custom = self
            .sandbox
            .render(template, self.group, reader, escape)
            .await;
        let custom = custom.map_err(|error| Wrong::of_own(&error))?;
        Ok(self.composed(Some(custom), reader))
    }

    async fn configured(
        &self,
        spec: &ChannelSpec,
        entry: Option<&Integration>,
        reader: &Reader,
    ) -> Said {
        let name = entry
            .and_then(|entry| entry.message.as_deref())
            .unwrap_or("default");
        let mut texts = match self.plan.messages.get(name) {
            Some(message) => {
                let (title, text) = (message.title.clone(), message.text.clone());
                self.own(spec, &Template { title, text }, reader).await?
            }
            None => self.composed(None, reader),
        };
        if let Some(words) = entry.and_then(|entry| entry.words.as_ref()) {
            let printed = words.rendered(&self.plan.go, self.group, self.now);
            let printed = printed.map_err(|error| match error {
                Unworded::Template { key, error } => Wrong::of_go(&key, &error),
                Unworded::Refused(message) => Wrong::plain(message),
            })?;
            texts.extend(printed);
        }
        Ok(texts)
    }

    /// Title and text, the default ones where nothing else is said.
    fn composed(&self, custom: Option<Custom>, reader: &Reader) -> Vec<(String, String)> {
        let group = std::sync::Arc::new(self.group.clone());
        let message = compose::compose(&group, reader, Mentions::default(), None);
        let custom = custom.unwrap_or_default();
        let text = || markup::render(&message.body, Dialect::Plain);
        vec![
            (
                "title".to_owned(),
                custom.title.unwrap_or(message.title.clone()),
            ),
            ("text".to_owned(), custom.text.unwrap_or_else(text)),
        ]
    }
}

impl Wrong {
    fn of_go(key: &str, error: &Error) -> Self {
        let place = [key, &error.name]
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>();
        Self {
            message: error.message.clone(),
            place: place.join(" of "),
            line: Some(error.line),
            column: Some(error.column),
        }
    }

    fn of_own(error: &RenderError) -> Self {
        let at = error.position();
        Self {
            message: error.to_string(),
            place: at.map(|at| at.part.to_string()).unwrap_or_default(),
            line: at.map(|at| at.line),
            column: at.map(|at| at.column),
        }
    }

    const fn plain(message: String) -> Self {
        Self {
            message,
            place: String::new(),
            line: None,
            column: None,
        }
    }
}

impl Piece {
    fn of(spec: &ChannelSpec, key: String, text: String) -> Self {
        let is_text = matches!(key.as_str(), "text" | "message" | "html" | "description");
        let limit = match key.as_str() {
            "title" => spec.limits.title,
            _ if is_text => spec.limits.text,
            _ => Length::Unlimited,
        };
        let unit = match limit {
            Length::Bytes(_) => "bytes",
            Length::Utf16(_) => "UTF-16 units",
            Length::Chars(_) | Length::Unlimited => "characters",
        };
        let length = match limit {
            Length::Unlimited => text.chars().count(),
            limit => limit.of(&text),
        };
        let cut = match cut(&text, limit) {
            Cow::Owned(cut) => Some(cut),
            Cow::Borrowed(whole) => (whole.len() < text.len()).then(|| whole.to_owned() + MARK),
        };
        let is_sms = spec.kind.contains("sms") || spec.receiver_key.contains("sms");
        let parts = (is_text && is_sms).then(|| parts(&text));
        Self {
            length,
            unit,
            most: Some(limit.most()).filter(|most| *most != usize::MAX),
            cut,
            parts,
            key,
            text,
        }
    }
}

/// Parts of a text message: 160 signs of GSM 03.38 or 70 units of UCS-2 in one, 153 or 67 in each of several.
fn parts(text: &str) -> usize {
    let gsm = |c: char| {
        c.is_ascii() && c != '`' || "£¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà".contains(c)
    };
    let (length, one, each) = if text.chars().all(gsm) {
        let escaped = text.chars().filter(|c| "^{}\\[~]|".contains(*c)).count();
        (text.chars().count() + escaped, 160, 153)
    } else {
        (text.encode_utf16().count(), 70, 67)
    };
    if length <= one {
        1
    } else {
        length.div_ceil(each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_messages_are_counted_in_parts() {
        assert_eq!(parts(&"a".repeat(160)), 1);
        assert_eq!(parts(&"a".repeat(161)), 2);
        assert_eq!(parts(&"告".repeat(70)), 1);
        assert_eq!(parts(&"告".repeat(71)), 2);
        assert_eq!(parts(&"[".repeat(81)), 2);
    }

    #[test]
    fn what_is_too_long_shows_where_it_is_cut() {
        let spec = registry::find("pushover").expect("a channel");
        let piece = Piece::of(spec, "title".to_owned(), "x".repeat(5_000));
        let cut = piece.cut.expect("cut");
        assert!(cut.ends_with(MARK) && piece.most.is_some_and(|most| cut.chars().count() <= most));
        assert_eq!(
            Piece::of(spec, "title".to_owned(), "x".to_owned()).cut,
            None
        );
    }
}
