//! Services that push to a person's own phone: ntfy, Gotify, Pushover and Bark. The severity decides how loud it is
//! (wire/ntfy_gotify_pushover_bark.md, "Priority mapping").

pub mod bark;
pub mod gotify;
pub mod ntfy;
pub mod pushover;

use balefire_core::message::Message;
use balefire_core::secret::Secret;

use crate::channel::Target;
use crate::markup::safe_url;
use crate::options::Options;
use crate::sign::sha256_hex;

/// Whoever a service reaches by a key that is itself a secret.
#[derive(Debug)]
struct Readers(Vec<(Target, Secret)>);

impl Readers {
    /// The keys of a text with commas, each once; `what` is what a person reads in the delivery record.
    fn of(options: &mut Options<'_>, key: &'static str, what: &str, fix: &str) -> Self {
        let keys: Vec<&str> = options.texts(key);
        let mut readers: Vec<(Target, Secret)> = Vec::new();
        for text in &keys {
            let address: &str = &sha256_hex(text.as_bytes())[..16];
            if readers.iter().any(|(known, _)| &*known.address == address) {
                continue;
            }
            let label = if keys.len() == 1 {
                what.to_owned()
            } else {
                format!("{what} {}", readers.len() + 1)
            };
            let target = Target {
                address: address.into(),
                label: label.into(),
            };
            readers.push((target, Secret::new(*text)));
        }
        if readers.is_empty() {
            options.problem(key, "is missing", fix);
        }
        Self(readers)
    }

    fn targets(&self) -> Vec<Target> {
        self.0.iter().map(|(target, _)| target.clone()).collect()
    }

    /// The key of a target.
    fn key(&self, target: &Target) -> Option<&Secret> {
        let mut readers = self.0.iter();
        let found = readers.find(|(known, _)| known.address == target.address);
        found.map(|(_, key)| key)
    }

    /// All keys, which no answer may show.
    fn keys(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter().map(|(_, key)| key)
    }
}

/// Where a tap leads.
fn click(message: &Message, longest: usize) -> Option<String> {
    let link = message.link.as_ref()?;
    let url = safe_url(&link.url)?;
    (url.starts_with("http") && url.len() <= longest).then_some(url)
}

#[cfg(test)]
mod tests;
