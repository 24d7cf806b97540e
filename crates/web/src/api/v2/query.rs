//! Query parameters as go-openapi reads them.

use balefire_core::label::Labels;
use balefire_core::matcher::{MatchOp, Matcher, Matchers, Mode, parse_one};
use url::form_urlencoded;

use super::error::ApiError;

/// Words that mean yes, in any case; everything else means no.
const YES: [&str; 10] = [
    "true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled",
];

/// A request's parameters, in the order in which they came.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a raw query string; parameters nobody asks for count for nothing.
    pub(super) fn of(raw: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(raw.unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// The last value of a parameter that is not empty.
    pub(super) fn last(&self, name: &str) -> Option<&str> {
        let values = self.values(name);
        values.last().filter(|value| !value.is_empty())
    }

    /// A flag that is on unless the request says otherwise; `maybe` says otherwise.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.last(name)
            .is_none_or(|value| YES.iter().any(|yes| value.eq_ignore_ascii_case(yes)))
    }

    /// The matchers of a repeated parameter; all must pass.
    pub(super) fn matchers(&self, name: &str) -> Result<Matchers, ApiError> {
        self.values(name)
            .map(|text| parse_one(text, Mode::Fallback))
            .collect::<Result<Vec<Matcher>, _>>()
            .map(Matchers::from)
            .map_err(|error| {
                let words = error.to_string();
                ApiError::domain(if name == "filter" {
                    words
                } else {
                    format!("failed to parse {name} param: {words}")
                })
            })
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }
}

/// Which receivers a request asks about.
#[derive(Debug)]
pub(super) struct ReceiverFilter {
    name: Option<Matcher>,
    matchers: Matchers,
}

impl ReceiverFilter {
    /// From `receiver`, an anchored pattern, and `receiver_matchers`, matchers on their labels.
    pub(super) fn of(query: &Query) -> Result<Self, ApiError> {
        let name = query
            .last("receiver")
            .map(|pattern| Matcher::new("receiver", MatchOp::Regex, pattern))
            .transpose()
            .map_err(|error| {
                ApiError::domain(format!("failed to parse receiver param: {error}"))
            })?;
        let matchers = query.matchers("receiver_matchers")?;
        Ok(Self { name, matchers })
    }

    /// Whether every receiver passes.
    pub(super) fn is_empty(&self) -> bool {
        self.name.is_none() && self.matchers.is_empty()
    }

    /// Whether the name passes.
    pub(super) fn admits_name(&self, name: &str) -> bool {
        self.name.as_ref().is_none_or(|m| m.matches_value(name))
    }

    /// Whether the labels pass.
    pub(super) fn admits_labels(&self, labels: &Labels) -> bool {
        self.matchers.matches(labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_on_unless_the_last_word_for_it_means_no() {
        for (raw, on) in [
            ("", true),
            ("active", true),
            ("active=", true),
            ("active=TRUE", true),
            ("active=1", true),
            ("active=false", false),
            ("active=maybe", false),
            ("active=false&active=on", true),
            ("active=on&active=0", false),
            ("inactive=false", true),
        ] {
            assert_eq!(Query::of(Some(raw)).flag("active"), on, "{raw}");
        }
        assert!(Query::of(None).flag("active"));
    }

    #[test]
    fn repeated_filters_must_all_pass_and_a_missing_label_is_empty() {
        let labels = Labels::from_pairs([("a", "x"), ("b", "y")]).expect("labels");
        for (raw, passes) in [
            ("", true),
            ("filter=a%3Dx", true),
            ("filter=a%3Dx&filter=b%3D%22y%22", true),
            ("filter=a%3Dx&filter=b%3D%22z%22", false),
            ("filter=c%3D%22%22", true),
            ("filter=a%3D%22%22", false),
            ("filter=c%21%3D%22%22", false),
            ("filter=a%21%3D%22%22", true),
            ("filter=a%3D~%22x%7Cz%22", true),
            ("filter=a%21~%22x.*%22", false),
        ] {
            let matchers = Query::of(Some(raw)).matchers("filter").expect(raw);
            assert_eq!(matchers.matches(&labels), passes, "{raw}");
        }
    }

    #[test]
    fn the_receiver_pattern_is_anchored_and_matchers_look_at_labels() {
        let filter = |raw| ReceiverFilter::of(&Query::of(Some(raw)));
        let labels = Labels::from_pairs([("owner", "db")]).expect("labels");
        assert!(filter("").expect("no filter").is_empty());
        let pattern = filter("receiver=pag.*").expect("pattern");
        assert!(pattern.admits_name("pager") && !pattern.admits_name("a pager"));
        let matchers = filter("receiver_matchers=owner%3Ddb").expect("matchers");
        assert!(matchers.admits_labels(&labels) && !matchers.admits_labels(&Labels::empty()));
        for raw in [
            "receiver=%5B",
            "receiver_matchers=%7B",
            "receiver_matchers=a",
        ] {
            let error = filter(raw).expect_err(raw);
            assert!(
                matches!(&error, ApiError::Words(_, words) if words.starts_with("failed to parse receiver")),
                "{error:?}"
            );
        }
    }
}
