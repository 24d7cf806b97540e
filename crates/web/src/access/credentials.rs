//! What a caller shows: a bearer token, a user and password, a source's own token.

use balefire_core::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};

/// What the `Authorization` header holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// None, or one we cannot read.
    None,
    /// A bearer token.
    Bearer(Secret),
    /// A user and a password.
    Basic(String, Secret),
}

impl Credentials {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let Some(text) = headers
            .get(header::AUTHORIZATION)
            .and_then(|v| v.to_str().ok())
        else {
            return Self::None;
        };
        let Some((scheme, value)) = text.split_once(' ') else {
            return Self::None;
        };
        if scheme.eq_ignore_ascii_case("bearer") {
            return Self::Bearer(Secret::new(value.trim()));
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return Self::None;
        }
        let plain = STANDARD
            .decode(value.trim())
            .ok()
            .and_then(|b| String::from_utf8(b).ok());
        plain
            .as_deref()
            .and_then(|plain| plain.split_once(':'))
            .map_or(Self::None, |(user, password)| {
                Self::Basic(user.to_owned(), Secret::new(password))
            })
    }
}

/// Compares secrets in a time that does not depend on where they differ.
pub(crate) fn same(a: &Secret, b: &str) -> bool {
    let digest =
        |text: &str| aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    aws_lc_rs::constant_time::verify_slices_are_equal(
        digest(a.reveal()).as_ref(),
        digest(b).as_ref(),
    )
    .is_ok()
}

/// A source's token may come as the first part of the path, as a bearer token or as a basic password;
/// answers the path that is left.
pub(crate) fn source_token_matches<'a>(
    token: &Secret,
    rest: &'a str,
    headers: &HeaderMap,
) -> Option<&'a str> {
    // Whoever shows it twice does not mean that the path begins with it.
    if let Some(left) = below_token(token, rest) {
        return Some(left);
    }
    match Credentials::of(headers) {
        Credentials::Bearer(shown) | Credentials::Basic(_, shown) => {
            same(token, shown.reveal()).then_some(rest)
        }
        Credentials::None => None,
    }
}

/// The path that is left below a token in it.
fn below_token<'a>(token: &Secret, path: &'a str) -> Option<&'a str> {
    let (first, left) = path.split_once('/').unwrap_or((path, ""));
    same(token, first).then_some(left)
}
