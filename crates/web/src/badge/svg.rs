//! The picture of a badge: two boxes with a text each, as wide as the texts are.

/// Longest text of a box, in characters.
const LONGEST: usize = 60;
/// Room on each side of a text, in pixels.
const SIDE: u32 = 6;

/// A badge that says `word` of `label`; `colour` stands behind the word.
pub(super) fn draw(label: &str, word: &str, colour: &str) -> String {
    let (label, word) = (short(label), short(word));
    let [left, right] = [&label, &word].map(|text| width(text) + 2 * SIDE);
    let whole = left + right;
    let [label_at, word_at] = [left / 2, left + right / 2];
    let [label_wide, word_wide] = [left - 2 * SIDE, right - 2 * SIDE];
    let (label, word) = (escape(&label), escape(&word));
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" aria-label="{label}: {word}"><title>{label}: {word}</title><clipPath id="c"><rect width="{whole}" height="20" rx="3"/></clipPath><g clip-path="url(#c)"><rect width="{left}" height="20" fill="#454a4f"/><rect x="{left}" width="{right}" height="20" fill="{colour}"/></g><g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,Noto Sans CJK SC,sans-serif" font-size="11"><text x="{label_at}" y="14" textLength="{label_wide}" lengthAdjust="spacingAndGlyphs">{label}</text><text x="{word_at}" y="14" textLength="{word_wide}" lengthAdjust="spacingAndGlyphs">{word}</text></g></svg>"##
    )
}

/// A text as it is shown: one line that is not too long.
fn short(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut shown: String = text.chars().take(LONGEST).map(plain).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

/// About as wide as Verdana shows it with 11 pixels; the text is fitted to it.
fn width(text: &str) -> u32 {
    let of = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | '\'' | '|' | ':' | ' ' => 4,
        'f' | 't' | 'r' | '-' | '(' | ')' | '/' => 5,
        'm' | 'w' | 'M' | 'W' | '=' | '%' | '@' => 10,
        'A'..='Z' => 8,
        c if c.is_ascii() => 7,
        _ => 11,
    };
    text.chars().map(of).sum::<u32>().max(1)
}

/// A text that is no markup, in an element as well as in an attribute; what XML has no room for is left out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // XML 1.0, 2.2: no characters.
            '\u{fffe}' | '\u{ffff}' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How often markup begins, if each `&` begins one of our entities and every character is one of XML's.
    fn markup(picture: &str) -> Option<usize> {
        let known = ["amp;", "lt;", "gt;", "quot;", "#39;"];
        let mut entities = picture.split('&').skip(1);
        let is_known = entities.all(|rest| known.iter().any(|entity| rest.starts_with(entity)));
        let is_text = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
        (is_known && picture.chars().all(is_text)).then(|| picture.matches('<').count())
    }

    proptest! {
        #[test]
        fn whatever_a_label_holds_the_picture_is_well_formed(label in any::<String>(), word in any::<String>()) {
            let plain = markup(&draw("a", "b", "#000"));
            prop_assert!(plain.is_some());
            prop_assert_eq!(markup(&draw(&label, &word, "#000")), plain);
        }
    }

    #[test]
    fn a_long_label_is_cut_and_markup_is_text() {
        let picture = draw(&"</text><script>".repeat(40), "a&b", "#000");
        assert!(!picture.contains("<script>"), "{picture}");
        assert!(
            picture.contains("a&amp;b") && picture.contains('…'),
            "{picture}"
        );
        assert!(picture.len() < 3_000, "{}", picture.len());
    }
}
