//! Reading the mappings a channel is built from: the receiver's word goes before the account's.

use std::time::Duration;

use balefire_core::duration;
use balefire_core::field::Field;
use balefire_core::secret::Secret;
use serde_json::Value;

use crate::spec::{Build, BuildError};

/// The key that says, with `true`, that an entry's Go templates have been rendered for the message at hand.
pub const RENDERED: &str = "go templates rendered";

/// The two mappings of a [`Build`], and the problems found so far.
#[derive(Debug)]
pub struct Options<'a> {
    account: &'a Value,
    receiver: &'a Value,
    problems: Vec<BuildError>,
}

impl<'a> Options<'a> {
    /// Reads from this build.
    pub fn of(build: &Build<'a>) -> Self {
        Self {
            account: build.account,
            receiver: build.receiver,
            problems: Vec::new(),
        }
    }

    /// The value of a key: the receiver's, else the account's; null counts as absent.
    pub fn value(&self, key: &str) -> Option<&'a Value> {
        let found = |map: &'a Value| map.get(key).filter(|value| !value.is_null());
        found(self.receiver).or_else(|| found(self.account))
    }

    /// Whether the entry's texts are this message's own rather than the document's.
    pub fn is_rendered(&self) -> bool {
        self.receiver.get(RENDERED).and_then(Value::as_bool) == Some(true)
    }

    /// A text that is not blank, without blanks around it.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.value(key)?
            .as_str()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// A text kept as a secret.
    pub fn secret(&self, key: &str) -> Option<Secret> {
        self.text(key).map(Secret::new)
    }

    /// A whole number; the field table has checked its range.
    pub fn integer(&self, key: &str) -> Option<i64> {
        self.value(key)?.as_i64()
    }

    /// true or false.
    pub fn boolean(&self, key: &str) -> Option<bool> {
        self.value(key)?.as_bool()
    }

    /// A duration as Prometheus writes it; zero counts as absent, as in Alertmanager.
    pub fn duration(&mut self, key: &str) -> Option<Duration> {
        let text = self.text(key)?;
        match duration::parse(text) {
            Ok(span) => Some(span).filter(|span| !span.is_zero()),
            Err(e) => {
                self.problem(key, e.to_string(), "write a duration such as 10s or 1m30s");
                None
            }
        }
    }

    /// The texts of a list, or of one text split at commas; blanks around them dropped.
    pub fn texts(&self, key: &str) -> Vec<&'a str> {
        let parts: Vec<&str> = match self.value(key) {
            Some(Value::String(text)) => text.split(',').collect(),
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        parts
            .into_iter()
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .collect()
    }

    /// Notes a problem of a key; the prefix `account.` is added when the value stands there.
    pub fn problem(&mut self, key: &str, problem: impl Into<String>, fix: impl Into<String>) {
        let head = key.split('.').next().unwrap_or(key);
        let has = |map: &Value| map.get(head).is_some_and(|value| !value.is_null());
        let of_account = has(self.account) && !has(self.receiver);
        let key = if of_account {
            format!("account.{key}")
        } else {
            key.to_owned()
        };
        self.problems.push(BuildError {
            key,
            problem: problem.into(),
            fix: fix.into(),
        });
    }

    /// What was built, unless there were problems.
    pub fn finish<T>(self, built: Option<T>) -> Result<T, Vec<BuildError>> {
        match built {
            Some(built) if self.problems.is_empty() => Ok(built),
            _ => Err(self.problems),
        }
    }
}

/// Two field tables as one; `N` is the sum of both.
pub(crate) const fn joined<const A: usize, const B: usize, const N: usize>(
    first: [Field; A],
    second: [Field; B],
) -> [Field; N] {
    assert!(A + B == N);
    let mut all = [first[0]; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < A { first[at] } else { second[at - A] };
        at += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::http::{Http, HttpSettings};
    use crate::token::Tokens;

    #[test]
    fn the_receivers_word_goes_before_the_accounts() {
        let account = json!({"url": "http://a", "to": "x, y ,", "timeout": "0s", "bad": "10"});
        let receiver = json!({"url": "http://r", "to": null, "port": 25, "html": " "});
        let build = Build {
            account_name: "a",
            account: &account,
            receiver: &receiver,
            http: Http::new(HttpSettings::default()).expect("a client"),
            tokens: Arc::new(Tokens::new()),
        };
        let mut options = Options::of(&build);
        assert_eq!(options.text("url"), Some("http://r"));
        assert_eq!(options.texts("to"), ["x", "y"]);
        assert_eq!(options.integer("port"), Some(25));
        assert_eq!(options.text("html"), None);
        assert_eq!(options.duration("timeout"), None);
        assert_eq!(options.duration("bad"), None);
        options.problem("url", "no", "");
        let errors = options.finish(Some(())).expect_err("problems");
        let keys: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
        assert_eq!(keys, ["account.bad", "url"]);
    }
}
