//! AUTH PLAIN, LOGIN and XOAUTH2: what the client says, and whether it is the user.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{DEFAULT_OAUTH_TOKEN, DEFAULT_PASSWORD, DEFAULT_USER};

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
pub(super) fn xoauth2(word: &str) -> Answer {
    let Some(text) = decoded(word) else {
        return Answer::Malformed;
    };
    let read = || {
        let text = text.strip_prefix("user=")?.strip_suffix("\u{1}\u{1}")?;
        text.split_once("\u{1}auth=Bearer ")
    };
    match read() {
        None => Answer::Malformed,
        Some((user, token)) if user == DEFAULT_USER && token == DEFAULT_OAUTH_TOKEN => {
            Answer::User(user.to_owned())
        }
        Some(_) => Answer::Wrong,
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
    use super::*;

    #[test]
    fn the_vectors_are_the_user_and_their_neighbours_are_not() {
        let user = || Answer::User(DEFAULT_USER.to_owned());
        assert_eq!(plain("AGFsZXJ0c0BleGFtcGxlLmNvbQBzM2NyZXQ="), user());
        assert_eq!(login("YWxlcnRzQGV4YW1wbGUuY29t", "czNjcmV0"), user());
        let bearer = "dXNlcj1hbGVydHNAZXhhbXBsZS5jb20BYXV0aD1CZWFyZXIgeWEyOS5UT0tFTgEB";
        assert_eq!(xoauth2(bearer), user());
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
        assert_eq!(xoauth2(&STANDARD.encode("user=x")), Answer::Malformed);
    }
}
