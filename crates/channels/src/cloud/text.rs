//! A whole message as the text of an SMS.

use balefire_core::message::Message;

use crate::cut::MARK;
use crate::markup::{Dialect, text_of, title_of};
use crate::spec::Length;

/// What stands between title and text.
const GAP: &str = "\n\n";

/// Title and text within a limit; whatever is left out is marked.
pub(crate) fn whole(message: &Message, limit: Length) -> String {
    let title = title_of(message, Dialect::Plain, limit);
    let room = limit.beside(&title).beside(GAP).beside(MARK);
    let rendered = text_of(message, Dialect::Plain, room);
    let mut text = [title.as_str(), rendered.text.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(GAP);
    // A block that found no room is not marked by those before it.
    if rendered.left_out > 0 && !text.contains(MARK) && limit.beside(&text).fits(MARK) {
        text.push_str(MARK);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cloud::sample::message;

    #[test]
    fn a_link_that_finds_no_room_is_marked() {
        let text = whole(&message(), Length::Chars(60));
        assert!(text.ends_with("99 %…"), "{text}");
        let text = whole(&message(), Length::Chars(200));
        assert!(text.ends_with("group=1"), "{text}");
    }

    proptest! {
        #[test]
        fn it_holds_its_limit(limit in 0_usize..200) {
            prop_assert!(whole(&message(), Length::Chars(limit)).chars().count() <= limit);
        }
    }
}
