//! Which files go with a mail, and what the mail says of those that do not.

use std::borrow::Cow;

use balefire_core::message::{Answering, Attachment, Block, Enclosed, Locale, Message};

use crate::markup::{Dialect, one_line};

/// All attachments together, in bytes; providers take 10 to 50 MB, and base64 adds a third.
const MOST_ATTACHED: usize = 25 << 20;

/// A mail's files and words.
pub(super) struct Sorted<'m> {
    /// The files that go with it, with their bytes.
    pub(super) enclosed: Vec<(&'m Attachment, &'m [u8])>,
    /// The pictures that stand in its page: address, file and bytes.
    pub(super) pictures: Vec<(&'m str, &'m Attachment, &'m [u8])>,
    /// Its words, with a line for each file that does not.
    pub(super) words: Cow<'m, Message>,
}

/// Why a file does not go with the mail.
#[derive(Clone, Copy)]
enum LeftOut {
    Gone,
    TooLarge,
}

/// Sorts a message's files; without `attach` none goes, as the server found the mail too large with them.
pub(super) fn sort(message: &Message, attach: bool) -> Sorted<'_> {
    let mut room = if attach { MOST_ATTACHED } else { 0 };
    let mut sorted = Sorted {
        enclosed: Vec::new(),
        pictures: Vec::new(),
        words: Cow::Borrowed(message),
    };
    let mut lines = Vec::new();
    for attachment in &message.attachments {
        let left_out = match &attachment.enclosed {
            Enclosed::File(_) => LeftOut::Gone,
            Enclosed::Content(bytes) if attach && bytes.len() <= room => {
                room -= bytes.len();
                sorted.enclosed.push((attachment, bytes));
                continue;
            }
            Enclosed::Content(_) => LeftOut::TooLarge,
            Enclosed::Picture { url, content } => {
                // One without room stays what it is without us: an address in the page.
                if attach && content.len() <= room {
                    room -= content.len();
                    sorted.pictures.push((url, attachment, content));
                }
                continue;
            }
        };
        lines.push(line(&attachment.name, left_out, message.locale));
    }
    if !lines.is_empty() {
        let mut words = without_files(message);
        for line in &lines {
            add(&mut words, line);
        }
        sorted.words = Cow::Owned(words);
    }
    sorted
}

/// A copy without the files, whose bytes nobody needs twice.
fn without_files(message: &Message) -> Message {
    Message {
        occasion: message.occasion,
        severity: message.severity,
        title: message.title.clone(),
        body: message.body.clone(),
        group: message.group.clone(),
        mentions: message.mentions.clone(),
        custom: message.custom.clone(),
        locale: message.locale,
        zone: message.zone.clone(),
        link: message.link.clone(),
        thread: message.thread.clone(),
        attachments: Vec::new(),
        answering: Answering::default(),
    }
}

fn line(name: &str, left_out: LeftOut, locale: Locale) -> String {
    let name = one_line(name);
    match (locale, left_out) {
        (Locale::En, LeftOut::Gone) => {
            format!("Not attached: {name} (no longer stored)")
        }
        (Locale::En, LeftOut::TooLarge) => {
            format!("Not attached: {name} (too large for the mail server)")
        }
        (Locale::ZhCn, LeftOut::Gone) => format!("未附上：{name}（文件已不在）"),
        (Locale::ZhCn, LeftOut::TooLarge) => {
            format!("未附上：{name}（邮件服务器不接受这么大的邮件）")
        }
    }
}

/// Puts a line below a message's words, whoever wrote them.
fn add(message: &mut Message, line: &str) {
    message.body.push(Block::Text(line.to_owned()));
    let Some(custom) = &mut message.custom else {
        return;
    };
    if let Some(text) = &mut custom.text {
        text.push_str("\n\n");
        text.push_str(line);
    }
    if let Some(page) = &mut custom.html {
        let end = page.to_ascii_lowercase().rfind("</body");
        let line = format!("<p>{}</p>", Dialect::Html.escape(line));
        page.insert_str(end.unwrap_or(page.len()), &line);
    }
}
