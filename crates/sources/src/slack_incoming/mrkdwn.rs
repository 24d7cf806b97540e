//! Slack's markup as plain words: `<https://x|words>`, `<!here>`, `&amp;`.

/// Words without markup, and the first link among them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plain {
    pub(super) words: String,
    pub(super) link: Option<String>,
}

/// Longest reference in angle brackets, in bytes; a longer one is words.
const MAX_REFERENCE: usize = 8_192;

/// Reads a text.
pub(super) fn plain(text: &str) -> Plain {
    let mut words = String::with_capacity(text.len());
    let mut link = None;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        words.push_str(before);
        let end = after
            .find(['>', '<', '\n'])
            .filter(|end| *end <= MAX_REFERENCE);
        if let Some(end) = end.filter(|end| after[*end..].starts_with('>')) {
            reference(&after[..end], &mut words, &mut link);
            rest = &after[end + 1..];
        } else {
            words.push('<');
            rest = after;
        }
    }
    words.push_str(rest);
    Plain {
        words: unescaped(&words),
        link,
    }
}

/// What stands between angle brackets.
fn reference(inner: &str, words: &mut String, link: &mut Option<String>) {
    let (target, label) = match inner.split_once('|') {
        Some((target, label)) => (target, Some(label)),
        None => (inner, None),
    };
    if let Some(name) = target.strip_prefix(['@', '#', '!']) {
        let sign = if target.starts_with('#') { '#' } else { '@' };
        let label = label.map(|label| label.trim_start_matches(['@', '#']));
        words.push(sign);
        words.push_str(label.unwrap_or(name));
        return;
    }
    let address = unescaped(target);
    match label {
        Some(label) => words.push_str(label),
        None => words.push_str(target),
    }
    if link.is_none() && address.contains("://") {
        *link = Some(address);
    }
}

/// The three characters that Slack escapes.
fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// A line as a title: without the signs of headings, bold and code.
pub(super) fn title(line: &str) -> String {
    let line = line.trim().trim_start_matches('#').trim();
    line.replace(['*', '`'], "").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_words_and_the_first_link_is_kept() {
        let read = |text: &str| {
            let plain = plain(text);
            (plain.words, plain.link)
        };
        assert_eq!(
            read("disk 97% <https://g.example.com/d?a=1&amp;b=2|dashboard> &lt;now&gt;"),
            (
                "disk 97% dashboard <now>".to_owned(),
                Some("https://g.example.com/d?a=1&b=2".to_owned())
            )
        );
        assert_eq!(
            read("<!here> <@U1|chen> <#C1|ops>: <https://x/>"),
            (
                "@here @chen #ops: https://x/".to_owned(),
                Some("https://x/".to_owned())
            )
        );
        for same in ["a < b", "<", "<a\nb>", "1 <2 <3"] {
            assert_eq!(read(same).0, same);
        }
        assert_eq!(title("#### **[FIRING] `x`**"), "[FIRING] x");
    }
}
