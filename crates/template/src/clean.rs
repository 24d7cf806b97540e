//! Alert content made fit to stand in a message: bounded, printable, and links that are links.
//!
//! Content is only ever copied. Nothing in it is compiled, expanded or followed, so `{{7*7}}` and
//! `${jndi:…}` appear as they came.

use url::Url;

/// Longest address that becomes a link, in bytes; longer ones break chat clients.
const ADDRESS: usize = 2048;

/// One line of at most `max` characters: line breaks, tabs and other control characters become single
/// blanks, and what is over is cut with `…`.
pub fn one_line(text: &str, max: usize) -> String {
    let mut line = String::with_capacity(text.len().min(max.saturating_mul(4)));
    let mut pending_blank = false;
    for c in text.chars().filter(|c| !reorders(*c)) {
        if c.is_whitespace() || c.is_control() {
            pending_blank = !line.is_empty();
            continue;
        }
        if std::mem::take(&mut pending_blank) {
            line.push(' ');
        }
        line.push(c);
        // One line of a megabyte need not be read to its end to be cut.
        if line.len() > max.saturating_mul(4).saturating_add(8) {
            break;
        }
    }
    cut(line, max)
}

/// Running text of at most `max` characters: line breaks and tabs stay, other control characters go.
pub fn running_text(text: &str, max: usize) -> String {
    let kept: String = text
        .chars()
        .filter(|c| *c == '\n' || *c == '\t' || !(c.is_control() || reorders(*c)))
        .take(max.saturating_add(1))
        .collect();
    let kept = if kept.len() == kept.trim().len() {
        kept
    } else {
        kept.trim().to_owned()
    };
    cut(kept, max)
}

/// At most `max` characters, the last of them `…` when something was cut.
pub fn cut(mut text: String, max: usize) -> String {
    if let Some((at, _)) = text.char_indices().nth(max) {
        let keep = text
            .char_indices()
            .nth(max.saturating_sub(1))
            .map_or(at, |(at, _)| at);
        text.truncate(keep);
        text.truncate(text.trim_end().len());
        text.push('…');
    }
    text
}

/// The address when it is one that may become a link: http or https with a host, not too long,
/// normalised so that nothing in it ends a markup's link early.
pub fn web_address(text: &str) -> Option<String> {
    web_url(text).map(String::from)
}

/// The same, to be added to.
pub(crate) fn web_url(text: &str) -> Option<Url> {
    let text = text.trim();
    if text.len() > ADDRESS || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    web.then_some(url)
}

/// Characters that change the direction of what follows, and so can show a line as what it is not.
pub const fn reorders(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_holds_no_breaks_and_no_runs_of_blanks() {
        assert_eq!(
            one_line("  disk\r\n\tfull \u{7}now\u{0} ", 80),
            "disk full now"
        );
        assert_eq!(one_line("abcdef", 4), "abc…");
        assert_eq!(one_line("evil\u{202E}txt.exe", 80), "eviltxt.exe");
    }

    #[test]
    fn running_text_keeps_its_lines() {
        assert_eq!(running_text("a\n\tb\u{1b}[31m\n", 80), "a\n\tb[31m");
    }

    #[test]
    fn only_web_addresses_become_links() {
        assert_eq!(
            web_address("https://a.example/x?q=1").as_deref(),
            Some("https://a.example/x?q=1")
        );
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://",
            "//a",
            "x",
        ] {
            assert_eq!(web_address(bad), None, "{bad}");
        }
        assert_eq!(
            web_address(&format!("https://a/{}", "x".repeat(3000))),
            None
        );
    }

    proptest! {
        #[test]
        fn what_is_cut_is_never_longer_than_allowed(text in ".{0,200}", max in 1_usize..50) {
            prop_assert!(one_line(&text, max).chars().count() <= max);
            prop_assert!(running_text(&text, max).chars().count() <= max);
        }

        #[test]
        fn short_plain_text_is_left_alone(text in "[a-z\u{4e00}-\u{4e10}]{1,20}( [a-z{}$]{1,5}){0,5}") {
            prop_assert_eq!(one_line(&text, 100), text.clone());
            prop_assert_eq!(running_text(&text, 100), text);
        }
    }
}
