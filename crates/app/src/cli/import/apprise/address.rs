//! An Apprise URL taken apart. It looks like one of RFC 3986 and is none: tokens with colons and case stand where a host
//! would, and `#` begins a channel's name.

use std::borrow::Cow;
use std::collections::BTreeMap;

use url::form_urlencoded;

/// What every service takes, and what is another matter here: formats, time limits, certificates.
const COMMON: [&str; 12] = [
    "verify",
    "overflow",
    "format",
    "cto",
    "rto",
    "tz",
    "emojis",
    "image",
    "interpret",
    "store",
    "retry",
    "wait",
];

/// An Apprise URL in its parts, each without its percent-encoding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// In small letters.
    pub(super) schema: String,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    /// Host or token, without the port.
    pub(super) host: String,
    /// Host and port, or a token with a colon, as it was written.
    pub(super) place: String,
    pub(super) port: Option<u16>,
    /// What stands between the slashes.
    pub(super) path: Vec<String>,
    query: BTreeMap<String, String>,
}

impl Address {
    /// Takes a URL apart; `None` for what is none.
    pub(super) fn of(text: &str) -> Option<Self> {
        let (schema, rest) = text.trim().split_once("://")?;
        let named = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if schema.is_empty() || !schema.chars().all(named) {
            return None;
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user_info, place) = match authority.rsplit_once('@') {
            Some((user_info, place)) => (Some(user_info), place),
            None => (None, authority),
        };
        let (user, password) =
            match user_info.map(|info| info.split_once(':').unwrap_or((info, ""))) {
                Some((user, password)) => (filled(user), filled(password)),
                None => (None, None),
            };
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.is_empty() && port.chars().all(|c| c.is_ascii_digit()) => {
                (host, port.parse().ok())
            }
            _ => (place, None),
        };
        let pairs = form_urlencoded::parse(query.as_bytes());
        let pairs = pairs.map(|(name, value)| (name.to_lowercase(), value.into_owned()));
        Some(Self {
            schema: schema.to_ascii_lowercase(),
            user,
            password,
            host: decoded(host),
            place: decoded(place),
            port,
            path: path.split('/').filter_map(filled).collect(),
            query: pairs.collect(),
        })
    }

    /// A value of the query, which counts as used from now on.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.query.remove(name).filter(|value| !value.is_empty())
    }

    /// The same for any of several names.
    pub(super) fn take_any(&mut self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.take(name))
    }

    /// Whether a switch of the query is on.
    pub(super) fn is_on(&mut self, name: &str) -> bool {
        let word = self.take(name).unwrap_or_default().to_lowercase();
        matches!(word.as_str(), "yes" | "true" | "1" | "on" | "y" | "t")
    }

    /// Another value for a key, as Apprise's YAML says it beside the URL.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        match name {
            "user" => self.user = filled(value),
            "pass" | "password" => self.password = filled(value),
            "port" => self.port = value.parse().ok(),
            _ => {
                self.query.insert(name.to_lowercase(), value.to_owned());
            }
        }
    }

    /// The rest of the path and `to`, as Apprise reads targets.
    pub(super) fn targets(&mut self, from: usize) -> Vec<String> {
        let mut targets: Vec<String> = self.path.iter().skip(from).cloned().collect();
        let more = self.take("to").unwrap_or_default();
        let parts = more
            .split([',', ' '])
            .map(str::trim)
            .filter(|part| !part.is_empty());
        targets.extend(parts.map(ToOwned::to_owned));
        targets
    }

    /// The keys of the query that nobody has used, but for those that are no matter of the service.
    pub(super) fn left(&self) -> Vec<String> {
        let matters = |name: &&String| !COMMON.contains(&name.as_str());
        self.query.keys().filter(matters).cloned().collect()
    }

    /// `http://host:port` of a server of one's own; https for a schema that ends so.
    pub(super) fn base(&self) -> String {
        let scheme = if self.schema.ends_with('s') {
            "https"
        } else {
            "http"
        };
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}://{}{port}", self.host)
    }
}

/// Pieces of a path behind their slashes.
pub(super) fn folder(pieces: &[String]) -> String {
    let add = |path: String, piece: &String| path + "/" + piece;
    pieces.iter().fold(String::new(), add)
}

fn filled(text: &str) -> Option<String> {
    Some(decoded(text)).filter(|text| !text.is_empty())
}

fn decoded(text: &str) -> String {
    // A plus is a plus outside of a query.
    let text: Cow<'_, str> = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    text.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_keep_their_case_and_their_colons() {
        let mut address = Address::of("tgram://123456789:AAE-x_Y/-1001/%40ops?topic=7&silent=yes")
            .expect("a URL");
        assert_eq!((&*address.place, address.port), ("123456789:AAE-x_Y", None));
        assert_eq!(address.path, ["-1001", "@ops"]);
        assert_eq!(address.take("topic").as_deref(), Some("7"));
        assert!(address.is_on("silent") && address.left().is_empty());
        let address =
            Address::of("slack://Bot@T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general/+C01")
                .expect("a URL");
        assert_eq!(address.user.as_deref(), Some("Bot"));
        assert_eq!(address.path[2..], ["#general", "+C01"]);
        let address =
            Address::of("mailtos://me:p%40ss%3A1@smtp.example.com:465/a@b.c").expect("a URL");
        assert_eq!(address.password.as_deref(), Some("p@ss:1"));
        assert_eq!(
            (&*address.host, address.port),
            ("smtp.example.com", Some(465))
        );
        for wrong in ["", "ops", "ops = a, b", "://x", "a b://x"] {
            assert_eq!(Address::of(wrong), None, "{wrong:?}");
        }
    }
}
