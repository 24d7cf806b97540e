//! The text that a telephone obeys: `|NUMBER|KEYWORD|TITLE`.

use balefire_core::message::{Answering, Mentions, Message};

use crate::cloud::harmless;
use crate::cut::{Length, cut};
use crate::markup::{Dialect, title_of};

/// The words that the app obeys; the last one hangs up.
const KEYWORDS: [&str; 3] = ["autocall", "alertcall", "downcall"];
/// What each of them ends in.
const ENDING: usize = "call".len();

/// How commands are written.
#[derive(Debug)]
pub(super) struct Command {
    keyword: String,
    limit: Length,
}

impl Command {
    /// With this word, and no longer than that.
    pub(super) fn new(keyword: &str, limit: Length) -> Self {
        Self {
            keyword: keyword.to_owned(),
            limit,
        }
    }

    /// What must stand there for this number; a title is no part of it.
    fn head(&self, number: &str) -> String {
        format!("|{number}|{}|", self.keyword)
    }

    /// The length of a command without a title.
    pub(super) fn least(&self, number: &str) -> usize {
        self.limit.of(&self.head(number))
    }

    /// The command for a message, with as much of its title as finds room; `None` when not even the number does.
    pub(super) fn text(&self, number: &str, message: &Message) -> Option<String> {
        let head = self.head(number);
        if !self.limit.fits(&head) {
            return None;
        }
        let title = plain(&title_of(message, Dialect::Plain, Length::Unlimited));
        let title = cut(&title, self.limit.beside(&head));
        Some(head + &title)
    }

    /// A message whose title is the command and that has nothing else to say.
    pub(super) fn message(&self, number: &str, message: &Message) -> Option<Message> {
        Some(Message {
            title: self.text(number, message)?,
            body: Vec::new(),
            group: None,
            mentions: Mentions::default(),
            custom: None,
            link: None,
            attachments: Vec::new(),
            answering: Answering::default(),
            ..message.clone()
        })
    }
}

/// A title that is no part of a command and that the variable of any template takes as it stands.
fn plain(title: &str) -> String {
    let title = title.replace('|', "/");
    // Twice: what is left out may have kept the halves of a link apart, and then the command would be left out with it.
    apart(&harmless(&harmless(&title)))
}

/// The title with its own keywords in two words, in whatever case.
fn apart(title: &str) -> String {
    let small = title.to_ascii_lowercase();
    let mut places: Vec<usize> = KEYWORDS
        .iter()
        .flat_map(|word| {
            small
                .match_indices(word)
                .map(|(at, _)| at + word.len() - ENDING)
        })
        .collect();
    places.sort_unstable();
    let mut title = title.to_owned();
    for at in places.into_iter().rev() {
        title.insert(at, ' ');
    }
    title
}
