//! AUTH PLAIN, LOGIN, XOAUTH2 and OAUTHBEARER: what the client says, and whether it is the user.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{DEFAULT_PASSWORD, DEFAULT_USER};

/// What comes of a mechanism's last word.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The user is who they say.
    User(String),
    /// Wrong user, password or token.
    Wrong,
    /// Not base64, or not the mechanism's form.
    Malformed,
}

/// `authzid NUL user NUL password`; the first may be empty or the user.
pub(super) fn plain(word: &str) -> Answer {
    let Some(text) = decoded(word) else {
        return Answer::Malformed;
    };
    let parts: Vec<&str> = text.split('\0').collect();
    let [acting, user, password] = parts[..] else {
        return Answer::Malformed;
    };
    if !acting.is_empty() && acting != user {
        return Answer::Wrong;
    }
    known(user, password)
}

/// User and password, each on its own line.
pub(super) fn login(user: &str, password: &str) -> Answer {
    match (decoded(user), decoded(password)) {
        (Some(user), Some(password)) => known(&user, &password),
        _ => Answer::Malformed,
    }
}

/// `user=…^Aauth=Bearer …^A^A`.
pub(super) fn xoauth2(word: &str, good: &str) -> Answer {
    let Some(text) = decoded(word) else {
        return Answer::Malformed;
    };
    let read = || {
        let text = text.strip_prefix("user=")?.strip_suffix("\u{1}\u{1}")?;
        text.split_once("\u{1}auth=Bearer ")
    };
    match read() {
        None => Answer::Malformed,
        Some((user, token)) => bearer(user, token, good),
    }
}

/// `n,a=…,^Ahost=…^Aport=…^Aauth=Bearer …^A^A` (RFC 7628 3.1); host and port may be left out.
pub(super) fn oauthbearer(word: &str, good: &str) -> Answer {
    let Some(text) = decoded(word) else {
        return Answer::Malformed;
    };
    let read = || {
        let (head, pairs) = text.strip_suffix("\u{1}\u{1}")?.split_once('\u{1}')?;
        let user = head.strip_prefix("n,a=")?.strip_suffix(',')?;
        let mut token = None;
        for pair in pairs.split('\u{1}') {
            match pair.split_once('=')? {
                ("auth", value) => token = value.strip_prefix("Bearer "),
                ("host" | "port", value) if !value.is_empty() => {}
                _ => return None,
            }
        }
        // The user is a saslname (RFC 5801 4): a comma and an equals sign are written in hex.
        Some((user.replace("=2C", ",").replace("=3D", "="), token?))
    };
    match read() {
        None => Answer::Malformed,
        Some((user, token)) => bearer(&user, token, good),
    }
}

fn bearer(user: &str, token: &str, good: &str) -> Answer {
    if user == DEFAULT_USER && token == good {
        Answer::User(user.to_owned())
    } else {
        Answer::Wrong
    }
}

fn known(user: &str, password: &str) -> Answer {
    if user == DEFAULT_USER && password == DEFAULT_PASSWORD {
        Answer::User(user.to_owned())
    } else {
        Answer::Wrong
    }
}

fn decoded(word: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(word).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::DEFAULT_OAUTH_TOKEN;
    use super::*;

    #[test]
    fn the_vectors_are_the_user_and_their_neighbours_are_not() {
        let user = || Answer::User(DEFAULT_USER.to_owned());
        assert_eq!(plain("AGFsZXJ0c0BleGFtcGxlLmNvbQBzM2NyZXQ="), user());
        assert_eq!(login("YWxlcnRzQGV4YW1wbGUuY29t", "czNjcmV0"), user());
        let bearer = "dXNlcj1hbGVydHNAZXhhbXBsZS5jb20BYXV0aD1CZWFyZXIgeWEyOS5UT0tFTgEB";
        assert_eq!(xoauth2(bearer, DEFAULT_OAUTH_TOKEN), user());
        assert_eq!(
            plain(&STANDARD.encode("\0alerts@example.com\0wrong")),
            Answer::Wrong
        );
        assert_eq!(
            plain(&STANDARD.encode("boss\0alerts@example.com\0s3cret")),
            Answer::Wrong
        );
        assert_eq!(
            plain(&STANDARD.encode("alerts@example.com\0s3cret")),
            Answer::Malformed
        );
        assert_eq!(plain("%%%"), Answer::Malformed);
        assert_eq!(login("YWxlcnRzQGV4YW1wbGUuY29t", "czNjcmV1"), Answer::Wrong);
        assert_eq!(
            xoauth2(&STANDARD.encode("user=x"), DEFAULT_OAUTH_TOKEN),
            Answer::Malformed
        );
    }

    #[test]
    fn the_standard_bearer_is_read_by_its_parts() {
        let said = |text: &str| oauthbearer(&STANDARD.encode(text), "tok");
        let good = "n,a=alerts@example.com,\u{1}host=mail.example\u{1}port=465\u{1}auth=Bearer tok\u{1}\u{1}";
        assert_eq!(said(good), Answer::User(DEFAULT_USER.to_owned()));
        assert_eq!(
            said(&good.replace("Bearer tok", "Bearer old")),
            Answer::Wrong
        );
        for broken in [
            good.replace("n,a=", "a="),
            good.replace("Bearer", "Basic"),
            good.replace("port=465", "port"),
            good.trim_end_matches('\u{1}').to_owned(),
        ] {
            assert_eq!(said(&broken), Answer::Malformed, "{broken:?}");
        }
    }
}
