//! Query strings, read strictly: an unknown key is an error that names the nearest one.

use balefire_core::time::Time;
use jiff::Timestamp;
use url::form_urlencoded;

use crate::error::Problem;

/// Most entries of a list.
pub(crate) const MOST: usize = 1000;
/// Entries of a list when nothing is said.
const USUAL: usize = 100;
/// Most keys of one query.
const KEYS: usize = 64;

/// The pairs of a query string, each key known.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads `query`; only `keys` may appear, each once, and those in `repeated` any number of times.
    pub(crate) fn read(
        query: Option<&str>,
        keys: &[&str],
        repeated: &[&str],
    ) -> Result<Self, Problem> {
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(query.unwrap_or_default().as_bytes())
                .into_owned()
                .take(KEYS + 1)
                .collect();
        if pairs.len() > KEYS {
            return Err(Problem::bad_request(&format!("more than {KEYS} keys")));
        }
        for (place, (key, _)) in pairs.iter().enumerate() {
            let known = keys.iter().chain(repeated).copied();
            if !known.clone().any(|known| known == key) {
                return Err(Problem::bad_request(&unknown("query key", key, known)));
            }
            let again = pairs[..place].iter().any(|(earlier, _)| earlier == key);
            if again && !repeated.contains(&key.as_str()) {
                return Err(Problem::bad_request(&format!("{key:?} is given twice")));
            }
        }
        Ok(Self(pairs))
    }

    /// The value of a key; an empty one counts as not given.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.all(key).next()
    }

    /// All values of a key that may be repeated.
    pub(crate) fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(name, value)| name == key && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// A whole number.
    pub(crate) fn number(&self, key: &str) -> Result<Option<u64>, Problem> {
        let read = |text: &str| {
            text.parse().map_err(|_| {
                Problem::bad_request(&format!("{key} is a whole number, not {text:?}"))
            })
        };
        self.text(key).map(read).transpose()
    }

    /// How many entries are asked for: 1 to 1000, 100 when nothing is said.
    pub(crate) fn limit(&self) -> Result<usize, Problem> {
        match self.number("limit")? {
            None => Ok(USUAL),
            Some(limit) if (1..=MOST as u64).contains(&limit) => Ok(limit as usize),
            Some(limit) => Err(Problem::bad_request(&format!(
                "limit is between 1 and {MOST}, not {limit}"
            ))),
        }
    }

    /// The page of a list in memory that `offset` and `limit` ask for, and the next page's `offset`, if there is one.
    pub(crate) fn page<T>(&self, all: Vec<T>) -> Result<(Vec<T>, Option<u64>), Problem> {
        let (offset, limit) = (self.number("offset")?.unwrap_or(0), self.limit()?);
        let end = offset.saturating_add(limit as u64);
        let next = (end < all.len() as u64).then_some(end);
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok((all.into_iter().skip(from).take(limit).collect(), next))
    }

    /// A time, RFC 3339.
    pub(crate) fn time(&self, key: &str) -> Result<Option<Time>, Problem> {
        let read = |text: &str| {
            text.parse::<Timestamp>().map(Time::from).map_err(|_| {
                Problem::bad_request(&format!(
                    "{key} is a time such as 2026-11-22T08:00:00Z, not {text:?}"
                ))
            })
        };
        self.text(key).map(read).transpose()
    }

    /// One of several words, as what it stands for.
    pub(crate) fn one_of<T: Copy>(
        &self,
        key: &str,
        words: &[(&'static str, T)],
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(key) else {
            return Ok(None);
        };
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, meaning)| Some(*meaning)).ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            Problem::bad_request(&format!(
                "{key} is one of {}, not {text:?}",
                known.join(", ")
            ))
        })
    }
}

/// The words for a name that is not known, with the nearest one that is.
pub(crate) fn unknown<'a>(
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> String {
    let shown: String = name.chars().take(80).collect();
    let nearest = known
        .clone()
        .map(|known| (strsim::damerau_levenshtein(&shown, known), known))
        .filter(|(distance, known)| *distance <= known.chars().count().div_ceil(3).max(1))
        .min();
    if let Some((_, nearest)) = nearest {
        return format!("unknown {what} {shown:?}, did you mean {nearest:?}?");
    }
    let known: Vec<&str> = known.collect();
    let list = if known.is_empty() {
        "none is taken here".to_owned()
    } else {
        format!("there are: {}", known.join(", "))
    };
    format!("unknown {what} {shown:?}; {list}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Query, Problem> {
        Query::read(Some(query), &["limit", "account", "since"], &["filter"])
    }

    fn detail(query: &str) -> String {
        read(query).expect_err("refused").detail
    }

    #[test]
    fn an_unknown_key_is_refused_and_the_nearest_one_named() {
        assert_eq!(
            detail("limt=3"),
            "unknown query key \"limt\", did you mean \"limit\"?"
        );
        assert_eq!(
            detail("colour=red"),
            "unknown query key \"colour\"; there are: limit, account, since, filter"
        );
    }

    #[test]
    fn a_key_counts_once_unless_it_may_be_repeated() {
        assert_eq!(detail("limit=1&limit=2"), "\"limit\" is given twice");
        let query = read("filter=a%3D1&filter=b%3D2&account=").expect("fine");
        assert_eq!(query.all("filter").collect::<Vec<_>>(), ["a=1", "b=2"]);
        assert_eq!(query.text("account"), None);
    }

    #[test]
    fn a_list_is_cut_into_pages_that_lead_from_one_to_the_next() {
        let read = |query| Query::read(Some(query), &["offset", "limit"], &[]).expect("keys");
        let page = |query| read(query).page((0..250).collect());
        assert_eq!(page(""), Ok(((0..100).collect(), Some(100))));
        let query = "offset=100&limit=150";
        assert_eq!(page(query), Ok(((100..250).collect(), None)));
        assert_eq!(page("offset=249"), Ok((vec![249], None)));
        for beyond in ["offset=250", "offset=18446744073709551615"] {
            assert_eq!(page(beyond), Ok((vec![], None)), "{beyond}");
        }
        assert!(page("offset=-1").is_err() && page("limit=0").is_err());
    }

    #[test]
    fn limits_and_times_are_checked() {
        let limit = |query: &str| read(query).expect("keys").limit();
        assert_eq!(limit(""), Ok(100));
        assert_eq!(limit("limit=1000"), Ok(1000));
        assert!(limit("limit=0").is_err() && limit("limit=1001").is_err());
        assert!(limit("limit=-1").is_err() && limit("limit=x").is_err());
        let since = |query: &str| read(query).expect("keys").time("since");
        assert_eq!(
            since("since=1970-01-01T00:00:01Z"),
            Ok(Some(Time::from_secs(1)))
        );
        assert!(since("since=yesterday").is_err());
    }
}
