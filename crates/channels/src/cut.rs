//! Fitting text into a provider's limit without breaking what a reader sees as one character.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

/// What stands where text was cut.
pub const MARK: &str = "…";

/// A length in the unit the provider counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// No limit known.
    Unlimited,
    /// Bytes of UTF-8.
    Bytes(usize),
    /// Unicode scalar values.
    Chars(usize),
    /// Code units of UTF-16, in which a character beyond the first plane (emoji) counts twice.
    Utf16(usize),
}

impl Length {
    /// How long a text is in this unit.
    pub fn of(self, text: &str) -> usize {
        match self {
            Self::Unlimited | Self::Bytes(_) => text.len(),
            Self::Chars(_) => text.chars().count(),
            Self::Utf16(_) => text.encode_utf16().count(),
        }
    }

    /// The most that fits; `usize::MAX` when there is no limit.
    pub const fn most(self) -> usize {
        match self {
            Self::Unlimited => usize::MAX,
            Self::Bytes(most) | Self::Chars(most) | Self::Utf16(most) => most,
        }
    }

    /// Whether a text fits.
    pub fn fits(self, text: &str) -> bool {
        self.of(text) <= self.most()
    }

    /// What is left of this limit beside a text; zero at worst.
    #[must_use]
    pub fn beside(self, text: &str) -> Self {
        match self {
            Self::Unlimited => Self::Unlimited,
            Self::Bytes(most) => Self::Bytes(most.saturating_sub(self.of(text))),
            Self::Chars(most) => Self::Chars(most.saturating_sub(self.of(text))),
            Self::Utf16(most) => Self::Utf16(most.saturating_sub(self.of(text))),
        }
    }
}

/// The text, or as many whole graphemes of it as fit together with [`MARK`]. For text without markup; a
/// rendered message is shortened by [`crate::markup::render_within`].
pub fn cut(text: &str, limit: Length) -> Cow<'_, str> {
    if limit.fits(text) {
        return Cow::Borrowed(text);
    }
    if !limit.fits(MARK) {
        return Cow::Borrowed(&text[..prefix(text, limit)]);
    }
    let kept = &text[..prefix(text, limit.beside(MARK))];
    Cow::Owned(format!("{}{MARK}", kept.trim_end()))
}

/// The text in pieces that each fit, nothing added and nothing lost. Breaks after a line where that wastes
/// less than half a piece, else after a word, else between graphemes; a grapheme that is longer than the
/// limit is broken between characters, and a character that is longer stands alone.
pub fn split(text: &str, limit: Length) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !limit.fits(rest) {
        let end = prefix(rest, limit);
        let end = match end {
            0 => rest.chars().next().map_or(rest.len(), char::len_utf8),
            end => break_before(rest, end),
        };
        pieces.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        pieces.push(rest.to_owned());
    }
    pieces
}

/// The end of the longest run of whole graphemes at the beginning of `text` that fits; of whole
/// characters when not even the first grapheme does.
fn prefix(text: &str, limit: Length) -> usize {
    let whole = run(text.grapheme_indices(true), limit);
    if whole > 0 {
        whole
    } else {
        run(
            text.char_indices()
                .map(|(at, c)| (at, &text[at..at + c.len_utf8()])),
            limit,
        )
    }
}

fn run<'a>(parts: impl Iterator<Item = (usize, &'a str)>, limit: Length) -> usize {
    let mut used = 0_usize;
    let mut end = 0;
    for (at, part) in parts {
        used += limit.of(part);
        if used > limit.most() {
            break;
        }
        end = at + part.len();
    }
    end
}

/// A kinder place to break within the second half of `text[..end]`: after a line, else after a blank.
fn break_before(text: &str, end: usize) -> usize {
    let head = &text[..end];
    let kind = |found: Option<usize>| found.map(|at| at + 1).filter(|at| *at > end / 2);
    kind(head.rfind('\n'))
        .or_else(|| kind(head.rfind(' ')))
        .unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FAMILY: &str = "👨‍👩‍👧";

    #[test]
    fn a_text_of_exactly_the_limit_stays_whole() {
        for n in [2000, 4000, 6000] {
            let text = "告".repeat(n);
            assert_eq!(cut(&text, Length::Chars(n)), text);
            assert_eq!(cut(&text, Length::Bytes(3 * n)), text);
            assert_eq!(split(&text, Length::Chars(2000)).len(), n / 2000);
        }
    }

    #[test]
    fn a_cut_is_marked_and_keeps_graphemes_whole() {
        assert_eq!(cut("abcdef", Length::Bytes(5)), "ab…");
        assert_eq!(cut(&format!("ab{FAMILY}cdef"), Length::Chars(6)), "ab…");
        assert_eq!(
            cut(&format!("ab{FAMILY}cdef"), Length::Chars(8)),
            format!("ab{FAMILY}…")
        );
        assert_eq!(
            cut("e\u{301}e\u{301}e\u{301}", Length::Chars(4)),
            "e\u{301}…"
        );
    }

    #[test]
    fn an_emoji_is_two_units_of_utf16() {
        assert_eq!(Length::Utf16(9).of("🔴告a"), 4);
        assert_eq!(cut("🔴🔴🔴", Length::Utf16(5)), "🔴🔴…");
        assert_eq!(cut("🔴🔴🔴", Length::Utf16(4)), "🔴…");
    }

    #[test]
    fn a_limit_smaller_than_the_mark_still_holds() {
        assert_eq!(cut("abc", Length::Bytes(2)), "ab");
        assert_eq!(cut("告警", Length::Bytes(2)), "");
        assert_eq!(cut("abc", Length::Bytes(0)), "");
    }

    #[test]
    fn a_split_prefers_lines_then_words() {
        assert_eq!(
            split("one two\nthree four", Length::Bytes(12)),
            ["one two\n", "three four"]
        );
        assert_eq!(
            split("one two three", Length::Bytes(9)),
            ["one two ", "three"]
        );
    }

    fn any_text() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            any::<char>().prop_map(String::from),
            Just(FAMILY.to_owned()),
            Just("\n".to_owned()),
            Just("告警".to_owned()),
            Just("e\u{301}\u{302}".to_owned()),
            "[a-z ]{0,8}",
        ];
        proptest::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
    }

    fn any_limit() -> impl Strategy<Value = Length> {
        prop_oneof![
            (0_usize..80).prop_map(Length::Bytes),
            (0_usize..80).prop_map(Length::Chars),
            (0_usize..80).prop_map(Length::Utf16)
        ]
    }

    proptest! {
        #[test]
        fn a_cut_fits_and_begins_like_the_text(text in any_text(), limit in any_limit()) {
            let short = cut(&text, limit);
            prop_assert!(limit.fits(&short));
            if short != text {
                let kept = short.strip_suffix(MARK).unwrap_or(&short);
                prop_assert!(text.starts_with(kept));
            }
        }

        #[test]
        fn pieces_fit_and_join_to_the_text(text in any_text(), limit in any_limit()) {
            let pieces = split(&text, limit);
            prop_assert_eq!(pieces.concat(), text);
            for piece in &pieces {
                prop_assert!(!piece.is_empty());
                prop_assert!(limit.fits(piece) || piece.chars().count() == 1);
            }
        }

        #[test]
        fn pieces_break_between_graphemes_when_these_fit(
            text in any_text(),
            most in 40_usize..80,
        ) {
            let borders: std::collections::HashSet<usize> =
                text.grapheme_indices(true).map(|(at, _)| at).chain([text.len()]).collect();
            let longest = text.graphemes(true).map(str::len).max().unwrap_or(0);
            prop_assume!(longest <= most);
            let mut at = 0;
            for piece in split(&text, Length::Bytes(most)) {
                at += piece.len();
                // A piece of a text begins its own clusters, so only the borders of the rest count.
                prop_assert!(borders.contains(&at) || text[..at].ends_with('\n'));
            }
        }
    }
}
