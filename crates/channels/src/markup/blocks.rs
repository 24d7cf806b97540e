//! Blocks to text, within a limit.

use balefire_core::message::{Block, Link, Locale};

use super::{Dialect, Rendered, one_line, safe_url};
use crate::cut::{Length, MARK, cut};

/// A block as lines that may be left out one by one; `head` and `foot` stand around what remains.
struct Lines {
    head: &'static str,
    each: Vec<String>,
    foot: &'static str,
}

impl Lines {
    fn one(line: String) -> Self {
        Self {
            head: "",
            each: vec![line],
            foot: "",
        }
    }

    fn text(&self, dialect: Dialect, kept: usize, more: Option<&str>) -> String {
        let mut lines: Vec<&str> = self.each[..kept].iter().map(String::as_str).collect();
        lines.extend(more);
        format!(
            "{}{}{}",
            self.head,
            lines.join(line_end(dialect)),
            self.foot
        )
    }
}

/// What ends a line inside a block.
fn line_end(dialect: Dialect) -> &'static str {
    match dialect {
        // DingTalk joins lines unless the first ends in two blanks.
        Dialect::DingTalkMarkdown => "  \n",
        // Some of Teams' clients join lines that are not paragraphs.
        Dialect::TeamsMarkdown => "\n\n",
        Dialect::Html => "",
        _ => "\n",
    }
}

/// What stands between blocks. A blank line everywhere: it is what ends a list or a quote.
fn gap(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Html => "\n",
        _ => "\n\n",
    }
}

pub(super) fn render(
    blocks: &[Block],
    dialect: Dialect,
    limit: Length,
    locale: Locale,
) -> Rendered {
    let (blocks, links) = with_trailing_links(blocks, dialect, limit);
    let mut room = limit;
    if !links.is_empty() {
        room = room.beside(&links).beside(gap(dialect));
    }
    let mut out = Rendered::default();
    for (at, block) in blocks.iter().enumerate() {
        let separator = if out.text.is_empty() {
            ""
        } else {
            gap(dialect)
        };
        let left = room.beside(&out.text).beside(separator);
        let (text, missing) = block_within(block, dialect, left, locale);
        if !text.is_empty() {
            out.text.push_str(separator);
            out.text.push_str(&text);
        }
        if missing > 0 {
            out.left_out = missing + blocks.len() - at - 1;
            break;
        }
    }
    if !links.is_empty() {
        if !out.text.is_empty() {
            out.text.push_str(gap(dialect));
        }
        out.text.push_str(&links);
    }
    out
}

/// Splits off the links at the end, rendered, if they leave at least half the room.
fn with_trailing_links(blocks: &[Block], dialect: Dialect, limit: Length) -> (&[Block], String) {
    let links = blocks
        .iter()
        .rev()
        .take_while(|block| matches!(block, Block::Link(_)))
        .count();
    let (before, tail) = blocks.split_at(blocks.len() - links);
    let text: Vec<String> = tail
        .iter()
        .map(|block| {
            let block = lines_of(block, dialect);
            block.text(dialect, block.each.len(), None)
        })
        .collect();
    let text = text.join(gap(dialect));
    if limit.of(&text) <= limit.most() / 2 {
        (before, text)
    } else {
        (blocks, String::new())
    }
}

/// One block within a limit, and how much of it is missing.
fn block_within(block: &Block, dialect: Dialect, limit: Length, locale: Locale) -> (String, usize) {
    if let Block::Text(text) = block {
        return paragraph(text, dialect, limit);
    }
    let lines = lines_of(block, dialect);
    let all = lines.each.len();
    let whole = lines.text(dialect, all, None);
    if limit.fits(&whole) {
        return (whole, 0);
    }
    for kept in (0..all).rev() {
        let more = more_line(all - kept, dialect, locale);
        let text = lines.text(dialect, kept, Some(&more));
        if limit.fits(&text) {
            return (text, all - kept);
        }
    }
    (String::new(), all.max(1))
}

fn more_line(count: usize, dialect: Dialect, locale: Locale) -> String {
    let text = match locale {
        Locale::En => format!("{MARK} and {count} more"),
        Locale::ZhCn => format!("{MARK} 另有 {count} 项"),
    };
    match dialect {
        Dialect::Html => format!("<div style=\"{LINE}\">{text}</div>"),
        _ => text,
    }
}

fn paragraph(text: &str, dialect: Dialect, limit: Length) -> (String, usize) {
    const OPEN: &str = "<p style=\"margin:0 0 12px;line-height:1.5\">";
    const CLOSE: &str = "</p>";
    let room = match dialect {
        Dialect::Html => limit.beside(OPEN).beside(CLOSE),
        _ => limit,
    };
    let (text, missing) = escape_within(text, dialect, room);
    if text.is_empty() {
        return (text, missing);
    }
    match dialect {
        Dialect::Html => (format!("{OPEN}{text}{CLOSE}"), missing),
        _ => (text, missing),
    }
}

fn escaped_lines(text: &str, dialect: Dialect) -> String {
    let text = dialect.escape(text);
    match dialect {
        Dialect::Html => text.replace('\n', "<br>"),
        Dialect::DingTalkMarkdown | Dialect::TeamsMarkdown => text.replace('\n', line_end(dialect)),
        _ => text,
    }
}

/// Foreign text escaped, shortened *before* escaping until it fits; 1 when something is missing.
pub(super) fn escape_within(text: &str, dialect: Dialect, limit: Length) -> (String, usize) {
    let text = &super::clean(text);
    let whole = escaped_lines(text, dialect);
    if limit.fits(&whole) {
        return (whole, 0);
    }
    // Escaping lengthens a text or keeps its length, so the limit itself is where to start.
    let mut most = limit.most().min(limit.of(text));
    while most > 0 {
        let raw = match limit {
            Length::Unlimited => text.into(),
            Length::Bytes(_) => cut(text, Length::Bytes(most)),
            Length::Chars(_) => cut(text, Length::Chars(most)),
            Length::Utf16(_) => cut(text, Length::Utf16(most)),
        };
        let short = escaped_lines(&raw, dialect);
        if limit.fits(&short) {
            return (short, 1);
        }
        let over = limit.of(&short) - limit.most();
        most = most.saturating_sub((over / 4).max(1));
    }
    (String::new(), 1)
}

const LINE: &str = "margin:2px 0;line-height:1.5";

fn lines_of(block: &Block, dialect: Dialect) -> Lines {
    match block {
        Block::Heading(text) => Lines::one(heading(&one_line(text), dialect)),
        Block::Text(text) => Lines::one(escaped_lines(text, dialect)),
        Block::Facts(facts) => facts_of(facts, dialect),
        Block::List(items) => list_of(items, dialect),
        Block::Link(link) => Lines::one(match dialect {
            Dialect::Html => format!("<p style=\"margin:0 0 12px\">{}</p>", dialect.link(link)),
            _ => dialect.link(link),
        }),
        Block::Image(url) => image(url, dialect),
        Block::Rule => Lines::one(rule(dialect).to_owned()),
    }
}

fn heading(text: &str, dialect: Dialect) -> String {
    let text = dialect.escape(text);
    match dialect {
        Dialect::Plain => text,
        Dialect::DingTalkMarkdown | Dialect::WecomMarkdown => format!("#### {text}"),
        Dialect::FeishuLark
        | Dialect::SlackMrkdwn
        | Dialect::ChatMarkdown
        | Dialect::TeamsMarkdown
        | Dialect::LightHtml => dialect.bold(&text),
        Dialect::Html => {
            format!("<h3 style=\"margin:16px 0 8px;font-size:15px;line-height:1.4\">{text}</h3>")
        }
    }
}

fn rule(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::DingTalkMarkdown | Dialect::FeishuLark => "---",
        Dialect::Html => "<hr style=\"border:0;border-top:1px solid #e3e6ea;margin:16px 0\">",
        _ => "――――――",
    }
}

fn facts_of(facts: &[(String, String)], dialect: Dialect) -> Lines {
    let line = |(name, value): &(String, String)| {
        let name = dialect.escape(&one_line(name));
        let value = dialect.escape(&one_line(value));
        match dialect {
            Dialect::Plain => format!("{name}: {value}"),
            Dialect::DingTalkMarkdown => format!("**{name}**: {value}"),
            Dialect::WecomMarkdown => format!("> {name}: <font color=\"comment\">{value}</font>"),
            Dialect::FeishuLark | Dialect::ChatMarkdown | Dialect::TeamsMarkdown => {
                format!("**{name}:** {value}")
            }
            Dialect::LightHtml => format!("<b>{name}:</b> {value}"),
            Dialect::SlackMrkdwn => format!("*{name}:* {value}"),
            Dialect::Html => format!(
                "<div style=\"{LINE}\"><span style=\"color:#6b7480\">{name}:</span> {value}</div>"
            ),
        }
    };
    wrapped(facts.iter().map(line).collect(), dialect)
}

fn list_of(items: &[String], dialect: Dialect) -> Lines {
    let line = |item: &String| {
        let item = dialect.escape(&one_line(item));
        match dialect {
            Dialect::DingTalkMarkdown
            | Dialect::FeishuLark
            | Dialect::ChatMarkdown
            | Dialect::TeamsMarkdown => format!("- {item}"),
            Dialect::Html => format!("<div style=\"{LINE}\">• {item}</div>"),
            _ => format!("• {item}"),
        }
    };
    wrapped(items.iter().map(line).collect(), dialect)
}

fn wrapped(lines: Vec<String>, dialect: Dialect) -> Lines {
    match dialect {
        Dialect::Html if !lines.is_empty() => Lines {
            head: "<div style=\"margin:0 0 12px\">",
            each: lines,
            foot: "</div>",
        },
        _ => Lines {
            head: "",
            each: lines,
            foot: "",
        },
    }
}

fn image(url: &str, dialect: Dialect) -> Lines {
    let Some(safe) = safe_url(url).filter(|url| !url.starts_with("mailto:")) else {
        return Lines {
            head: "",
            each: Vec::new(),
            foot: "",
        };
    };
    let address = super::escape::escape_url(&safe, dialect);
    Lines::one(match dialect {
        Dialect::DingTalkMarkdown => format!("![]({address})"),
        Dialect::Html => format!(
            "<p style=\"margin:0 0 12px\"><img src=\"{address}\" alt=\"\" style=\"max-width:100%\"></p>"
        ),
        // No picture by URL in these: a link to it.
        _ => dialect.link(&Link {
            text: safe.clone(),
            url: safe,
        }),
    })
}
