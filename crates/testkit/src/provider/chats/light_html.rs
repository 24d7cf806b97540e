//! The little HTML that Telegram reads: a handful of tags, each closed, and four named entities.

/// The tags that mean something.
const TAGS: [&str; 17] = [
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "code",
    "pre",
    "a",
    "blockquote",
    "tg-spoiler",
    "tg-emoji",
    "tg-time",
    "span",
];

/// The text that a reader sees, or why it cannot be read.
pub(super) fn visible(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('&') {
            let (c, length) = entity(rest);
            out.push_str(c);
            rest = &rest[length..];
            continue;
        }
        let end = rest.find('>').ok_or("Unclosed start tag")?;
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Err(format!("Unmatched end tag {name:?}"));
            }
            continue;
        }
        let name = tag.split([' ', '\n']).next().unwrap_or_default();
        if !TAGS.contains(&name) {
            return Err(format!("Unsupported start tag {name:?}"));
        }
        open.push(name);
    }
    out.push_str(rest);
    match open.pop() {
        Some(name) => Err(format!(
            "Can't find end tag corresponding to start tag {name:?}"
        )),
        None => Ok(out),
    }
}

/// The character that an entity stands for, and its length; an ampersand alone is itself.
fn entity(rest: &str) -> (&'static str, usize) {
    for (entity, c) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
        ("&quot;", "\""),
        ("&#39;", "'"),
    ] {
        if rest.starts_with(entity) {
            return (c, entity.len());
        }
    }
    ("&", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_whole_and_known() {
        assert_eq!(
            visible("<b>a</b> &lt;c&gt; <a href=\"x\">d</a>").as_deref(),
            Ok("a <c> d")
        );
        for wrong in [
            "<b>a",
            "<p>a</p>",
            "a</b>",
            "<b><i>a</b></i>",
            "a <",
            "<br>",
        ] {
            assert!(visible(wrong).is_err(), "{wrong}");
        }
    }
}
