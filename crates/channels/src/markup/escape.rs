//! Making foreign text harmless: cleaned of what nobody should see, and escaped so that it can create
//! neither markup nor links nor mentions, whatever an alert's author wrote into a label.

use std::fmt::Write as _;

use url::Url;

use super::Dialect;

/// Whether a character is dropped everywhere: controls (C0, C1, DEL), and those that hide or reorder text
/// (direction marks and overrides, zero-width space, byte order mark, tag characters). Line feed and tab
/// count as hidden here; [`clean`] keeps them. The zero-width joiner and non-joiner stay: emoji and
/// several scripts need them.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text without hidden characters, line ends as `\n`.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    cleaned.push('\n');
                }
            }
            '\u{85}' | '\u{2028}' | '\u{2029}' => cleaned.push('\n'),
            '\n' | '\t' => cleaned.push(c),
            c if is_hidden(c) => {}
            c => cleaned.push(c),
        }
    }
    cleaned
}

/// The text on one line: cleaned, every run of blanks and line ends one space.
pub fn one_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The address in its normal form if it is http, https or mailto; `None` otherwise.
pub fn safe_url(url: &str) -> Option<String> {
    let url = Url::parse(url.trim()).ok()?;
    matches!(url.scheme(), "http" | "https" | "mailto").then(|| url.to_string())
}

/// Words after `@` that call everybody somewhere.
const EVERYBODY: [&str; 8] = [
    "all",
    "room",
    "everyone",
    "channel",
    "here",
    "所有人",
    "全体成员",
    "全員",
];

/// Writes `@` before a word for everybody as `＠`, and `<` before what a platform reads as a mention or a
/// tag as `＜`: both look the same and mean nothing. For operators' own templates too, since mentions come
/// from routing only.
pub fn without_mentions(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        out.push(match c {
            '@' if calls_everybody(rest) => '＠',
            '<' if opens_mention(rest) => '＜',
            c => c,
        });
    }
    out
}

fn calls_everybody(rest: &str) -> bool {
    EVERYBODY.iter().any(|word| {
        rest.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    })
}

/// `<@…`, `<!…` (Slack, WeCom), `<at …` (Feishu).
fn opens_mention(rest: &str) -> bool {
    rest.starts_with(['@', '!'])
        || (rest
            .get(..2)
            .is_some_and(|start| start.eq_ignore_ascii_case("at"))
            && !rest[2..].starts_with(|c: char| c.is_alphanumeric()))
}

/// Foreign text for this dialect.
pub(super) fn escape(text: &str, dialect: Dialect) -> String {
    let text = clean(text);
    match dialect {
        Dialect::Plain => without_mentions(&text),
        Dialect::DingTalkMarkdown | Dialect::WecomMarkdown => {
            without_mentions(&look_alikes(&text, opens_tag))
        }
        Dialect::SlackMrkdwn => slack(&without_mentions(&look_alikes(&text, |_| false))),
        Dialect::FeishuLark => without_mentions(&feishu(&text)),
        Dialect::Html => html(&text),
        Dialect::ChatMarkdown => {
            // Two bars hide what stands between them (Discord).
            let text = look_alikes(&text, opens_tag).replace("||", "¦¦");
            without_names(&without_mentions(&text))
        }
        Dialect::TeamsMarkdown => without_mentions(&look_alikes(&text, opens_tag)),
        Dialect::LightHtml => html(&without_names(&without_mentions(&text))),
    }
}

/// Writes `@` before a word as `＠`, unless it stands in one as in an address: these platforms call whoever has
/// that name.
fn without_names(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let names = !before.is_alphanumeric() && chars.peek().is_some_and(|c| c.is_alphanumeric());
        out.push(if c == '@' && names { '＠' } else { c });
        before = c;
    }
    out
}

fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Slack knows three escapes and decodes them everywhere (docs.slack.dev, "formatting text").
fn slack(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn opens_tag(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '@' | '?'))
}

/// For dialects without dependable escapes: characters that would be read as markup are replaced by ones that look
/// alike, those that mean something only at the start of a line are moved off it by a
/// zero-width space, and `](` is pulled apart.
fn look_alikes(text: &str, tag: fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        if opens_block(line) {
            out.push('\u{200b}');
        }
        let mut before = ' ';
        for (at, c) in line.char_indices() {
            let rest = &line[at + c.len_utf8()..];
            let after = rest.chars().next().unwrap_or(' ');
            let alone = before.is_whitespace() && after.is_whitespace();
            let inside = before.is_alphanumeric() && after.is_alphanumeric();
            match c {
                '*' if !alone => out.push('∗'),
                '_' if !alone && !inside => out.push('＿'),
                '~' if !alone => out.push('～'),
                '`' => out.push('ˋ'),
                '\\' => out.push('＼'),
                '(' if before == ']' => out.push_str(" ("),
                '<' if tag(rest) => out.push('＜'),
                c => out.push(c),
            }
            before = c;
        }
    }
    out
}

/// Whether a line would start a heading, quote, list, rule, table, link definition or code block.
fn opens_block(line: &str) -> bool {
    if line.starts_with("    ") || line.starts_with('\t') {
        return true;
    }
    let line = line.trim_start();
    let defines = || {
        line.split_once("]:")
            .is_some_and(|(name, _)| !name.contains(']'))
    };
    let numbered = || {
        let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < line.len() && rest.starts_with(['.', ')'])
    };
    match line.chars().next() {
        Some('#' | '>' | '-' | '+' | '*' | '=' | '|') => true,
        Some('[') => defines(),
        Some(_) => numbered(),
        None => false,
    }
}

/// Feishu's cards decode character references (open.feishu.cn, "rich text / special characters").
fn feishu(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut line_start = true;
    for c in text.chars() {
        let always = matches!(
            c,
            '&' | '<' | '>' | '*' | '~' | '`' | '[' | ']' | '_' | '$' | '\\'
        );
        let at_start =
            line_start && (matches!(c, '-' | '#' | '+' | '=' | '|') || c.is_ascii_digit());
        if always || at_start {
            out.push_str("&#");
            out.push_str(&u32::from(c).to_string());
            out.push(';');
        } else {
            out.push(c);
        }
        line_start = c == '\n' || (line_start && c.is_whitespace());
    }
    out
}

/// An address as it stands inside this dialect's link.
pub(super) fn escape_url(url: &str, dialect: Dialect) -> String {
    let mut out = String::with_capacity(url.len());
    for c in url.chars() {
        match (dialect, c) {
            (Dialect::Plain, c) => out.push(c),
            (Dialect::Html | Dialect::LightHtml | Dialect::SlackMrkdwn, '&') => {
                out.push_str("&amp;");
            }
            (Dialect::Html | Dialect::LightHtml, '\'') => out.push_str("&#39;"),
            (_, '(' | ')' | '<' | '>' | '|' | '"' | '\\' | '`' | '*' | '[' | ']' | ' ') => {
                out.push('%');
                // Writing to a String cannot fail.
                let _ = write!(out, "{:02X}", u32::from(c));
            }
            (_, c) => out.push(c),
        }
    }
    out
}
