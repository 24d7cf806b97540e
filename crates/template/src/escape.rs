//! Values that a template inserts become text of the channel's markup, not markup.
//!
//! The operator's own words pass as they are; what comes from an alert can create neither links nor
//! tags nor headings. Calls of everybody are taken out once more by the channels, from templates too.

use serde::{Deserialize, Serialize};

/// The markup that a template writes, and so what inserted values are escaped for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Escape {
    /// No markup: SMS, voice, plain text.
    #[default]
    None,
    /// HTML: mail, Telegram.
    Html,
    /// Markdown in any of the chat platforms' dialects.
    Markdown,
    /// Slack's own.
    SlackMrkdwn,
    /// JSON that a program reads: texts as they stand between quotes; lists and mappings whole.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

impl Escape {
    /// The word by which the template engine knows it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::SlackMrkdwn => "slack",
            Self::Json => "json",
            Self::Form => "form",
        }
    }

    /// The form of this word; `None` for those that the engine escapes itself.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        let own = [Self::Markdown, Self::SlackMrkdwn, Self::Json, Self::Form];
        own.into_iter().find(|escape| escape.as_str() == word)
    }

    /// The text so that this markup shows it and nothing more.
    pub fn apply(self, text: &str) -> String {
        match self {
            Self::None => text.to_owned(),
            Self::Html => html(text),
            Self::Markdown => markdown(text),
            Self::SlackMrkdwn => slack(text),
            Self::Json => json(text),
            Self::Form => url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        }
    }
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

/// As a JSON text is written, without its quotes.
fn json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let inner = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

/// Slack decodes exactly these three (docs.slack.dev, "Formatting message text").
fn slack(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The chat platforms disagree on backslashes and character references (DingTalk and WeCom document
/// neither), so what would be markup is written with a character that looks the same and means nothing.
/// Underscores inside a word stay, since every dialect leaves `node_load1` alone.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = '\n';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or('\n');
        let line_start = before == '\n';
        let inside = before.is_alphanumeric() && after.is_alphanumeric();
        out.push(match c {
            '*' => '∗',
            '_' if !inside => '＿',
            '~' if before == '~' || after == '~' => '～',
            '`' => 'ˋ',
            '[' => '［',
            ']' => '］',
            '\\' if after.is_ascii_punctuation() => '＼',
            '<' if !after.is_whitespace() && !after.is_ascii_digit() => '＜',
            '&' if after == '#' || after.is_ascii_alphabetic() => '＆',
            '#' if line_start || before == '#' => '＃',
            '>' if line_start => '＞',
            '|' if line_start => '｜',
            '=' if line_start => '＝',
            '-' | '+' if line_start && !after.is_ascii_digit() => '‐',
            c => c,
        });
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn links_tags_and_headings_lose_their_meaning() {
        let told = |text| Escape::Markdown.apply(text);
        assert_eq!(
            told("[click](https://evil.example)"),
            "［click］(https://evil.example)"
        );
        assert_eq!(
            told("![](https://evil.example/x.png)"),
            "!［］(https://evil.example/x.png)"
        );
        assert_eq!(told("<at id=all></at> <@U1>"), "＜at id=all>＜/at> ＜@U1>");
        assert_eq!(told("# big\n> quote"), "＃ big\n＞ quote");
        assert_eq!(told("**bold** `code`"), "∗∗bold∗∗ ˋcodeˋ");
    }

    #[test]
    fn ordinary_values_stay_as_they_are() {
        for value in [
            "node_load1",
            "95.2 %",
            "-5",
            "a < 3",
            "10.0.0.1:9100",
            "ops@example.com",
            r"C:\Temp",
            "磁盘已满",
        ] {
            assert_eq!(Escape::Markdown.apply(value), value);
            assert_eq!(Escape::None.apply(value), value);
        }
    }

    #[test]
    fn slack_can_be_made_to_call_nobody() {
        assert_eq!(
            Escape::SlackMrkdwn.apply("<!channel> a&b"),
            "&lt;!channel&gt; a&amp;b"
        );
    }

    proptest! {
        #[test]
        fn a_value_stays_one_text_of_json_and_one_value_of_a_form(text in ".{0,60}", other in "[a-z\"&=\\\\]{0,9}") {
            let body = format!("{{\"a\":\"{}\",\"b\":\"{}\"}}", Escape::Json.apply(&text), Escape::Json.apply(&other));
            let read: serde_json::Value = serde_json::from_str(&body).expect("JSON");
            prop_assert_eq!(&read, &serde_json::json!({"a": text, "b": other}));
            let body = format!("a={}&b={}", Escape::Form.apply(&text), Escape::Form.apply(&other));
            let read: Vec<_> = url::form_urlencoded::parse(body.as_bytes()).collect();
            let pairs: Vec<(&str, &str)> = read.iter().map(|(name, value)| (&**name, &**value)).collect();
            prop_assert_eq!(pairs, [("a", &*text), ("b", &*other)]);
        }

        #[test]
        fn no_value_opens_a_link_or_a_tag(text in r"[\[\]()<>!@a-z&;#*`_~\\ \n]{0,60}") {
            let markdown = Escape::Markdown.apply(&text);
            prop_assert!(!markdown.contains(['[', ']', '*', '`']));
            let opens = markdown.split('<').skip(1).any(|rest| rest.starts_with(|c: char| !c.is_whitespace()));
            prop_assert!(!opens, "{markdown}");
            prop_assert!(!Escape::SlackMrkdwn.apply(&text).contains(['<', '>']));
            prop_assert!(!Escape::Html.apply(&text).contains(['<', '>', '"', '\'']));
        }
    }
}
