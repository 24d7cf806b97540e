//! An entry's own fixed words, as Alertmanager's `title` and `text` may be.

use std::borrow::Cow;

use balefire_core::message::{Custom, Message};

use super::is_template;
use crate::options::Options;

/// The value of a key that is there and no Go template.
pub(crate) fn fixed<'a>(options: &Options<'a>, key: &str) -> Option<&'a str> {
    options.text(key).filter(|text| !is_template(text))
}

/// Fixed words in place of ours. Go templates are rendered before an entry is built for a message; else they are left out.
#[derive(Debug, Default)]
pub(crate) struct Own {
    title: Option<String>,
    text: Option<String>,
}

impl Own {
    /// The words at these keys; a title at an empty key is empty as soon as there is a text.
    pub(crate) fn of(options: &Options<'_>, title: &str, text: &str) -> Self {
        let words = |key: &str| fixed(options, key).map(ToOwned::to_owned);
        let text = words(text);
        let title = if title.is_empty() {
            text.as_ref().map(|_| String::new())
        } else {
            words(title)
        };
        Self { title, text }
    }

    /// The message in these words, as far as no template of ours gave others.
    pub(crate) fn on<'m>(&self, message: &'m Message) -> Cow<'m, Message> {
        if self.title.is_none() && self.text.is_none() {
            return Cow::Borrowed(message);
        }
        let given = message.custom.clone().unwrap_or_default();
        let custom = Custom {
            title: given.title.or_else(|| self.title.clone()),
            text: given.text.or_else(|| self.text.clone()),
            html: given.html,
            body: given.body,
        };
        Cow::Owned(Message {
            custom: Some(custom),
            ..message.clone()
        })
    }
}
