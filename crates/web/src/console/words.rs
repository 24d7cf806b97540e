//! The reader of a page: language, zone, and the words for times and states.

use balefire_core::message::Locale;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_template::compose::Reader;
use balefire_template::i18n::{self, Argument};
use http::{HeaderMap, header};
use serde::Serialize;

use crate::state::WebState;

/// Whoever looks at a page.
#[derive(Clone, Debug)]
pub(super) struct Viewer {
    /// Language and zone.
    pub(super) reader: Reader,
    /// Whether the language was chosen in the address, so that links must carry it on.
    pub(super) chosen: bool,
    /// When the page was asked for.
    pub(super) now: Time,
}

/// A moment, for a `time` element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct When {
    iso: String,
    relative: String,
    absolute: String,
}

impl Viewer {
    /// The language of `lang`, else the one the browser prefers; the server's zone.
    pub(super) fn of(state: &WebState, lang: Option<&str>, headers: &HeaderMap) -> Self {
        let locale = match lang {
            Some(tag) => Locale::from_tag(tag),
            None => preferred(headers).unwrap_or(state.engine.plan().server.reader.locale),
        };
        let zone = state.engine.plan().server.reader.zone.clone();
        Self {
            reader: Reader { locale, zone },
            chosen: lang.is_some(),
            now: state.engine.now(),
        }
    }

    /// The BCP 47 tag of the page.
    pub(super) const fn tag(&self) -> &'static str {
        match self.reader.locale {
            Locale::En => "en",
            Locale::ZhCn => "zh-CN",
        }
    }

    /// A word of the console.
    pub(super) fn word(&self, key: &str) -> String {
        self.text(key, &[])
    }

    /// A text of the console.
    pub(super) fn text(&self, key: &str, arguments: &[(&str, Argument<'_>)]) -> String {
        i18n::text(self.reader.locale, key, arguments)
    }

    /// A moment in the past or future.
    pub(super) fn when(&self, time: Time) -> When {
        let past = self.now.since(time);
        let relative = if time > self.now {
            let span = self.reader.duration(time.since(self.now));
            self.text("console-in", &[("span", span.into())])
        } else if past.as_secs() < 5 {
            self.word("console-just-now")
        } else {
            let span = self.reader.duration(past);
            self.text("console-ago", &[("span", span.into())])
        };
        When {
            iso: time.rfc3339_millis(),
            relative,
            absolute: self.reader.time(time),
        }
    }

    /// The word for a severity.
    pub(super) fn severity(&self, severity: Severity) -> String {
        self.reader.severity(severity)
    }
}

impl When {
    /// How long ago, or until then.
    pub(super) fn relative(&self) -> &str {
        &self.relative
    }
}

/// A shape for each severity, so that it does not depend on colour.
pub(super) const fn icon(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "▲",
        Severity::Error => "◆",
        Severity::Warning => "●",
        Severity::Info => "ℹ",
    }
}

/// The first of the browser's languages that we speak, in its own order.
fn preferred(headers: &HeaderMap) -> Option<Locale> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    accepted
        .split(',')
        .take(16)
        .map(|entry| entry.split(';').next().unwrap_or(entry).trim())
        .find_map(|tag| {
            let tag = tag.to_ascii_lowercase();
            if tag.starts_with("zh") {
                Some(Locale::ZhCn)
            } else if tag.starts_with("en") {
                Some(Locale::En)
            } else {
                None
            }
        })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_first_language_that_we_speak_is_taken() {
        let of = |text| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(text));
            preferred(&headers)
        };
        assert_eq!(of("zh-CN,zh;q=0.9,en;q=0.8"), Some(Locale::ZhCn));
        assert_eq!(of("de-DE, en-GB;q=0.7, zh;q=0.3"), Some(Locale::En));
        assert_eq!(of("fr"), None);
    }

    #[test]
    fn moments_are_told_in_both_languages() {
        let at = |locale| Viewer {
            reader: Reader {
                locale,
                zone: "UTC".to_owned(),
            },
            chosen: false,
            now: Time::from_secs(200),
        };
        let (en, zh) = (at(Locale::En), at(Locale::ZhCn));
        assert_eq!(en.when(Time::from_secs(20)).relative, "3m ago");
        assert_eq!(en.when(Time::from_secs(198)).relative, "just now");
        assert_eq!(en.when(Time::from_secs(230)).relative, "in 30s");
        assert_eq!(zh.when(Time::from_secs(20)).relative, "3 分前");
    }
}
