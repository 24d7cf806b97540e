//! What the variables of an approved template are filled with: fixed words, so that what a stranger writes into an
//! alert is never more than a value.

use balefire_core::message::{AlertView, Block, GroupView, Locale, Message, Occasion, Status};
use balefire_core::severity::Severity;

use crate::cut::{Length, MARK, cut};
use crate::markup::{Dialect, one_line, render_within, text_of, title_of};

/// The words that stand for a part of the message, for documentation and error texts.
pub(crate) const WORDS: &str = "title, severity, status, summary, text, count, receiver, started, code, label:NAME, \
                                annotation:NAME or =fixed text";

/// What stands for nothing: providers refuse an empty variable.
const NOTHING: &str = "-";

/// Where the value of one variable comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Param {
    Title,
    Severity,
    Status,
    Summary,
    Text,
    Count,
    Receiver,
    Started,
    /// The short code that a page is acknowledged with.
    Code,
    Label(String),
    Annotation(String),
    Fixed(String),
}

impl Param {
    /// Reads one of [`WORDS`].
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        if let Some(text) = word.strip_prefix('=') {
            return named(text.trim()).map(Self::Fixed);
        }
        if let Some((kind, name)) = word.split_once(':') {
            return match kind.trim() {
                "label" => named(name.trim()).map(Self::Label),
                "annotation" => named(name.trim()).map(Self::Annotation),
                _ => None,
            };
        }
        Some(match word.trim() {
            "title" => Self::Title,
            "severity" => Self::Severity,
            "status" => Self::Status,
            "summary" => Self::Summary,
            "text" => Self::Text,
            "count" => Self::Count,
            "receiver" => Self::Receiver,
            "started" => Self::Started,
            "code" => Self::Code,
            _ => return None,
        })
    }

    /// The value in a message, as providers take it: one line without links, never empty, at most `limit`; what
    /// is cut is marked.
    pub(crate) fn value(&self, message: &Message, limit: Length) -> String {
        let text = match self {
            Self::Title => title_of(message, Dialect::Plain, Length::Unlimited),
            Self::Severity => severity(message),
            Self::Status => status(message).to_owned(),
            Self::Summary => summary(message),
            Self::Text => text(message, limit),
            Self::Count => alerts(message).len().max(1).to_string(),
            Self::Receiver => message
                .group
                .as_ref()
                .map(|group| group.receiver.to_string())
                .unwrap_or_default(),
            Self::Started => started(message),
            Self::Code => message.answering.code.clone(),
            Self::Label(name) => common(message, |alert| alert.labels.value(name)),
            Self::Annotation(name) => common(message, |alert| alert.annotations.value(name)),
            Self::Fixed(text) => text.clone(),
        };
        let text = harmless(&text);
        if text.is_empty() {
            return NOTHING.to_owned();
        }
        cut(&text, limit).into_owned()
    }
}

fn alerts(message: &Message) -> &[AlertView] {
    message
        .group
        .as_deref()
        .map(|group: &GroupView| group.alerts.as_slice())
        .unwrap_or_default()
}

/// As the locales say it; a voice reads it aloud.
fn severity(message: &Message) -> String {
    let word = match (message.locale, message.severity) {
        (Locale::ZhCn, Severity::Critical) => "紧急",
        (Locale::ZhCn, Severity::Error) => "重要",
        (Locale::ZhCn, Severity::Warning) => "警告",
        (Locale::ZhCn, Severity::Info) => "提示",
        (Locale::En, severity) => severity.as_str(),
    };
    word.to_owned()
}

fn status(message: &Message) -> &'static str {
    match (message.occasion, message.locale) {
        (Occasion::Firing | Occasion::Digest, Locale::En) => "firing",
        (Occasion::Firing | Occasion::Digest, Locale::ZhCn) => "触发",
        (Occasion::Resolved, Locale::En) => "resolved",
        (Occasion::Resolved, Locale::ZhCn) => "恢复",
        (Occasion::Test, Locale::En) => "test",
        (Occasion::Test, Locale::ZhCn) => "测试",
        (Occasion::Direct | Occasion::Meta, Locale::En) => "notice",
        (Occasion::Direct | Occasion::Meta, Locale::ZhCn) => "通知",
    }
}

/// The annotation `summary`, else `description`, else `message`, else the title.
fn summary(message: &Message) -> String {
    ["summary", "description", "message"]
        .into_iter()
        .map(|name| common(message, |alert| alert.annotations.value(name)))
        .find(|text| !text.is_empty())
        .unwrap_or_else(|| title_of(message, Dialect::Plain, Length::Unlimited))
}

/// The value that all alerts share; where they differ, the first that is told now, marked as one of several.
fn common<'a>(message: &'a Message, value: impl Fn(&'a AlertView) -> &'a str) -> String {
    let alerts = alerts(message);
    let firing = alerts
        .iter()
        .find(|alert| alert.status == Status::Firing)
        .or_else(|| alerts.first());
    let first = firing.map(&value).unwrap_or_default();
    let text = Dialect::Plain.escape(first);
    if text.is_empty() || alerts.iter().all(|alert| value(alert) == first) {
        text
    } else {
        format!("{text}{MARK}")
    }
}

/// When the first alert began, on the reader's clock.
fn started(message: &Message) -> String {
    let Some(first) = alerts(message).iter().map(|alert| alert.starts_at).min() else {
        return String::new();
    };
    let stamp = first.timestamp();
    match stamp.in_tz(&message.zone) {
        Ok(local) => local.strftime("%m-%d %H:%M").to_string(),
        Err(_) => stamp.strftime("%m-%d %H:%M UTC").to_string(),
    }
}

/// Everything below the title but links, which templates do not take.
fn text(message: &Message, limit: Length) -> String {
    let own = message.custom.as_ref().and_then(|own| own.text.as_ref());
    let rendered = if own.is_some() {
        text_of(message, Dialect::Plain, limit)
    } else {
        let body: Vec<Block> = message
            .body
            .iter()
            .filter(|block| !matches!(block, Block::Link(_) | Block::Image(_) | Block::Rule))
            .cloned()
            .collect();
        render_within(&body, Dialect::Plain, limit, message.locale)
    };
    let lines = rendered
        .text
        .lines()
        .map(|line| line.trim_start_matches('•').trim());
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let mut text = lines.join("; ");
    // A block that found no room is not marked by those before it.
    if rendered.left_out > 0 && !text.contains(MARK) {
        text.push_str(MARK);
    }
    text
}

/// One line that no provider's filter takes for an address or a signature: links are left out, a name such as
/// `db.example.com` is written with blanks, 【】 as brackets, and what is beyond Unicode's first plane (emoji) dropped.
pub(crate) fn harmless(text: &str) -> String {
    let line = one_line(text);
    let words = line.split(' ').filter(|word| !is_link(word));
    let line = words.collect::<Vec<_>>().join(" ");
    let mut out = String::with_capacity(line.len());
    let mut before = ' ';
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let in_name = |next: &char| next.is_ascii_alphabetic();
        match c {
            '【' => out.push('['),
            '】' => out.push(']'),
            '.' if before.is_ascii_alphanumeric() && chars.peek().is_some_and(in_name) => {
                out.push(' ');
            }
            c if u32::from(c) > 0xffff || ('\u{2600}'..='\u{27bf}').contains(&c) => {}
            c => out.push(c),
        }
        before = c;
    }
    one_line(&out)
}

fn is_link(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word.contains("://") || word.starts_with("www.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cloud::sample::message;

    fn value(word: &str, limit: usize) -> String {
        let param = Param::parse(word).unwrap_or_else(|| panic!("{word}"));
        param.value(&message(), Length::Chars(limit))
    }

    #[test]
    fn each_word_stands_for_its_part_of_the_message() {
        for (word, expected) in [
            ("title", "[告警:2] 磁盘将满"),
            ("severity", "紧急"),
            ("status", "触发"),
            ("summary", "/var 99 %"),
            ("text", "实例: db-1; db-1 example com /var 99 %"),
            ("count", "2"),
            ("receiver", "ops"),
            ("started", "11-21 16:25"),
            ("label:alertname", "DiskFull"),
            ("label:instance", "db-1…"),
            ("label:nothing", "-"),
            ("annotation:summary", "/var 99 %"),
            ("= 值班台", "值班台"),
        ] {
            assert_eq!(value(word, 100), expected, "{word}");
        }
    }

    #[test]
    fn other_words_are_refused() {
        for word in [
            "",
            "Title",
            "labels",
            "label:",
            "lable:x",
            "=",
            "= ",
            "{{ .Title }}",
        ] {
            assert_eq!(Param::parse(word), None, "{word:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_cut_with_a_mark() {
        assert_eq!(value("title", 7), "[告警:2]…");
        assert_eq!(value("label:alertname", 5), "Disk…");
    }

    #[test]
    fn no_value_looks_like_a_link_a_signature_or_an_emoji() {
        for (text, expected) in [
            ("see https://evil.example/x now", "see now"),
            ("WWW.evil.example", ""),
            (
                "db-1.example.com:9100 at 99.5 %",
                "db-1 example com:9100 at 99.5 %",
            ),
            ("10.0.0.1", "10.0.0.1"),
            ("【假签名】你好", "[假签名]你好"),
            ("🔴 ✅ down\nnow", "down now"),
        ] {
            assert_eq!(harmless(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_value_is_one_line_within_its_limit(text in "\\PC{0,80}", limit in 1_usize..60) {
            let mut message = message();
            message.title = text;
            let value = Param::Title.value(&message, Length::Chars(limit));
            prop_assert!(!value.is_empty() && value.chars().count() <= limit);
            prop_assert!(!value.contains(['\n', '【', '】']) && !value.contains("://"));
        }
    }
}
