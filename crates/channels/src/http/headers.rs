//! Headers as they can be sent.

use std::borrow::Cow;

use base64::Engine as _;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, USER_AGENT};

use super::AGENT;
use super::error::HttpError;
use super::settings::{Authorization, HttpSettings, HttpSetupError};

/// A header's name and value.
pub type Header = (Cow<'static, str>, String);

/// Names that belong to the connection, not to us.
const FORBIDDEN: [&str; 7] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "te",
    "trailer",
    "upgrade",
];

/// A header as it can be sent; `None` for line breaks, NUL and the connection's own names. Values may be
/// UTF-8. They are marked sensitive, so that no log of any layer prints them.
fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    if FORBIDDEN.contains(&name.as_str()) {
        return None;
    }
    let mut value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

/// The headers of every request of a client.
pub(super) fn common(settings: &HttpSettings) -> Result<HeaderMap, HttpSetupError> {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    if let Some(auth) = &settings.auth {
        let text = match auth {
            Authorization::Basic { user, password } => {
                let pair = format!("{user}:{}", password.reveal());
                format!(
                    "Basic {}",
                    base64::engine::general_purpose::STANDARD.encode(pair)
                )
            }
            Authorization::Bearer(token) => format!("Bearer {}", token.reveal()),
            Authorization::Scheme {
                scheme,
                credentials,
            } => {
                format!("{scheme} {}", credentials.reveal())
            }
        };
        let (name, value) = header(AUTHORIZATION.as_str(), &text)
            .ok_or_else(|| HttpSetupError::Header(AUTHORIZATION.to_string()))?;
        headers.insert(name, value);
    }
    let mut own = HeaderMap::new();
    for (name, value) in &settings.headers {
        let (name, value) =
            header(name, value.reveal()).ok_or_else(|| HttpSetupError::Header(name.clone()))?;
        own.append(name, value);
    }
    // Several values of one name all go out, and together replace what would stand there without them.
    headers.extend(own);
    Ok(headers)
}

/// These headers with more, which replace those of the same name.
pub(super) fn with(known: &HeaderMap, more: &[Header]) -> Result<HeaderMap, HttpError> {
    let mut headers = known.clone();
    for (name, value) in more {
        let (name, value) =
            header(name, value).ok_or_else(|| HttpError::Header(name.clone().into_owned()))?;
        headers.insert(name, value);
    }
    Ok(headers)
}
