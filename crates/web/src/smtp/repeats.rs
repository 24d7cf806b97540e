//! Mails that came before. A sender whose connection broke before it heard our `250` sends the same mail again; by then
//! the alert may be over, and must not begin anew.

use std::collections::VecDeque;

use aws_lc_rs::digest::{Context, SHA256};
use parking_lot::Mutex;

use super::hops;

/// Mails that are remembered: of the last minutes, which is when senders come back. A restart forgets them.
const REMEMBERED: usize = 4_096;

/// A mail to one source, by its Message-ID and body; the header grows on its way.
pub(super) type Mark = [u8; 32];

/// The last mails that are on disk.
#[derive(Default)]
pub(super) struct Repeats(Mutex<VecDeque<Mark>>);

impl Repeats {
    pub(super) fn knows(&self, mark: &Mark) -> bool {
        self.0.lock().contains(mark)
    }

    pub(super) fn remember(&self, mark: Mark) {
        let mut marks = self.0.lock();
        if marks.len() == REMEMBERED {
            marks.pop_front();
        }
        marks.push_back(mark);
    }
}

/// The mark of a mail; `None` for one without a Message-ID.
pub(super) fn mark(source: &str, mail: &[u8]) -> Option<Mark> {
    let (name, body) = hops::name_and_body(mail)?;
    let mut context = Context::new(&SHA256);
    for part in [source.as_bytes(), b"\0", name, b"\0", body] {
        context.update(part);
    }
    context.finish().as_ref().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_mail_is_known_again_for_a_while_whichever_way_it_came() {
        let repeats = Repeats::default();
        let mail = |id: u32, via: &str| {
            let mail = format!("Received: {via}\r\nMessage-ID: <{id}@x>\r\n\r\nhello");
            mark("ops", mail.as_bytes()).expect("a mark")
        };
        repeats.remember(mail(0, "a"));
        assert!(repeats.knows(&mail(0, "b")) && !repeats.knows(&mail(1, "a")));
        assert_ne!(
            mark("other", b"Message-ID: 1\r\n\r\n"),
            mark("ops", b"Message-ID: 1\r\n\r\n")
        );
        assert_eq!(mark("ops", b"Subject: x\r\n\r\nhello"), None);
        for id in 1..=REMEMBERED as u32 {
            repeats.remember(mail(id, "a"));
        }
        assert!(!repeats.knows(&mail(0, "a")) && repeats.knows(&mail(1, "a")));
    }
}
