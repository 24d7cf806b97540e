//! Services that push to one person's own WeChat, the successors of PushBear: ServerChan, PushPlus and WxPusher.
//!
//! They are consumer services: no receipt, no mention, and limits that are kept without a word. Each key is the right
//! to send, wherever it stands.

pub mod pushplus;
pub mod serverchan;
pub mod wxpusher;

use balefire_core::message::Message;
use balefire_core::secret::Secret;

use crate::channel::{Outcome, Target};
use crate::chat::is_template;
use crate::error::{ErrorKind, SendError};
use crate::markup::{Dialect, text_of, title_of};
use crate::options::Options;
use crate::sign::sha256_hex;
use crate::spec::Length;

/// Their Markdown has headings, lists and links like CommonMark.
const DIALECT: Dialect = Dialect::DingTalkMarkdown;

/// The account's key, which must be there.
fn key(options: &mut Options<'_>, name: &'static str, place: &str) -> Option<Secret> {
    let key = options.secret(name);
    match &key {
        None => options.problem(name, "is missing", format!("copy it from {place}")),
        Some(key) if is_template(key.reveal()) => {
            let fix = "write the value itself";
            options.problem(name, "is a Go template, which is not run here", fix);
        }
        Some(_) => {}
    }
    key
}

/// The only target of a key: whoever it belongs to.
fn owner(key: &Secret, label: &str) -> Target {
    Target {
        address: sha256_hex(key.reveal().as_bytes())[..16].into(),
        label: label.into(),
    }
}

/// The text below a title, which begins with the whole title where that did not fit.
fn text(message: &Message, title: Length, limit: Length) -> String {
    let whole = title_of(message, DIALECT, Length::Unlimited);
    let shown = title_of(message, Dialect::Plain, Length::Unlimited);
    // A sign and a blank stand before it.
    let body = if title.beside("🔴 ").fits(&shown) {
        text_of(message, DIALECT, limit).text
    } else {
        let heading = format!("### {whole}\n\n");
        let rest = text_of(message, DIALECT, limit.beside(&heading)).text;
        format!("{heading}{rest}")
    };
    if body.trim().is_empty() { whole } else { body }
}

/// Such a service can only be asked by sending.
fn unasked() -> Outcome {
    let error = SendError::new(
        ErrorKind::Unsupported,
        "the service can only be tried by sending",
    );
    Err(error.fix("send a test message"))
}

#[cfg(test)]
mod tests;
