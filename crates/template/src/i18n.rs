//! Every word Balefire says by itself, in the reader's language.
//!
//! The texts are Fluent resources under `locales/`, compiled in; each locale has the same keys.
//! Bidi isolation marks are off: SMS gateways count them and chat robots show them as boxes.

use std::borrow::Cow;
use std::sync::LazyLock;

use balefire_core::message::Locale;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// The English texts.
pub const EN: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../locales/en.ftl"));
/// The Chinese texts.
pub const ZH_CN: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../locales/zh-CN.ftl"
));

/// What fills a place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument<'a> {
    /// Words, inserted as they are.
    Text(Cow<'a, str>),
    /// A count; decides the plural form.
    Count(u64),
}

impl<'a> From<&'a str> for Argument<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Argument<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<usize> for Argument<'_> {
    fn from(count: usize) -> Self {
        Self::Count(u64::try_from(count).unwrap_or(u64::MAX))
    }
}

impl From<u64> for Argument<'_> {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

static ENGLISH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle("en", EN));
static CHINESE: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle("zh-CN", ZH_CN));

fn bundle(tag: &str, source: &str) -> FluentBundle<FluentResource> {
    let locale: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    bundle.set_use_isolating(false);
    // The sources are part of the binary and a test parses them strictly; what Fluent can read of a
    // damaged one is still better than no words at all.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(part, _)| part);
    let _duplicates = bundle.add_resource(resource);
    bundle
}

/// The text of `key` with its places filled; the key itself when there is no such text.
pub fn text(locale: Locale, key: &str, arguments: &[(&str, Argument<'_>)]) -> String {
    lookup(locale, key, arguments).unwrap_or_else(|| key.to_owned())
}

/// The text of `key`, or `None` when the locale has none.
pub fn lookup(locale: Locale, key: &str, arguments: &[(&str, Argument<'_>)]) -> Option<String> {
    let bundle = match locale {
        Locale::En => &*ENGLISH,
        Locale::ZhCn => &*CHINESE,
    };
    let pattern = bundle.get_message(key)?.value()?;
    let mut filled = FluentArgs::with_capacity(arguments.len());
    for (name, argument) in arguments {
        filled.set(
            (*name).to_owned(),
            match argument {
                Argument::Text(text) => FluentValue::from(text.as_ref().to_owned()),
                Argument::Count(count) => FluentValue::from(*count as f64),
            },
        );
    }
    let mut errors = Vec::new();
    Some(
        bundle
            .format_pattern(pattern, Some(&filled), &mut errors)
            .into_owned(),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fluent_bundle::FluentResource;

    use super::*;

    fn keys(source: &str) -> BTreeSet<String> {
        let resource = FluentResource::try_new(source.to_owned())
            .map_err(|(_, errors)| errors)
            .expect("a well-formed resource");
        drop(resource);
        source
            .lines()
            .filter(|line| !line.starts_with(['#', ' ', '}']))
            .filter_map(|line| line.split_once(" = ").map(|(key, _)| key.to_owned()))
            .collect()
    }

    fn places(source: &str) -> BTreeSet<(String, String)> {
        let mut key = String::new();
        let mut found = BTreeSet::new();
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line.split_once(" = ").filter(|_| !line.starts_with(' ')) {
                name.clone_into(&mut key);
            }
            for place in line.split('$').skip(1) {
                let name = place.split([' ', '}']).next().unwrap_or_default();
                found.insert((key.clone(), name.to_owned()));
            }
        }
        found
    }

    #[test]
    fn both_locales_have_the_same_keys_with_the_same_places() {
        assert_eq!(keys(EN), keys(ZH_CN));
        assert_eq!(places(EN), places(ZH_CN));
        assert!(keys(EN).len() > 50);
    }

    #[test]
    fn every_text_fills_in_both_languages() {
        let arguments: Vec<(&str, Argument<'_>)> = places(EN)
            .into_iter()
            .map(|(_, name)| -> (&str, Argument<'_>) { (String::leak(name), Argument::Count(3)) })
            .collect();
        for key in keys(EN) {
            for locale in [Locale::En, Locale::ZhCn] {
                let text = lookup(locale, &key, &arguments).expect("a text");
                assert!(
                    !text.contains(['$', '{', '\u{2068}', '\u{2069}']),
                    "{key}: {text}"
                );
            }
        }
    }

    #[test]
    fn plurals_follow_the_count() {
        let told = |count: usize| text(Locale::En, "missed-all", &[("count", count.into())]);
        assert_eq!(
            told(1),
            "This alert fired and was over before anyone could be told."
        );
        assert_eq!(
            told(1000),
            "These 1000 alerts fired and were over before anyone could be told."
        );
        let told = |count: usize| text(Locale::ZhCn, "missed-all", &[("count", count.into())]);
        assert!(told(1).starts_with("该告警") && told(12).starts_with("这 12 条告警"));
    }

    #[test]
    fn an_unknown_key_reads_as_itself() {
        assert_eq!(text(Locale::En, "no-such-key", &[]), "no-such-key");
    }
}
