//! The way through a proxy.

use balefire_core::secret::Secret;
use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::redact;
use super::settings::{HttpSetupError, ProxySettings};

/// The proxy as the library knows it, with our headers for it.
pub(super) fn through(proxy: &ProxySettings) -> Result<reqwest::Proxy, HttpSetupError> {
    // The library's own words may quote the URL, which may hold a password.
    let through = reqwest::Proxy::all(proxy.url.reveal())
        .map_err(|_| HttpSetupError::Proxy(redact::shown_url(proxy.url.reveal())))?;
    let headers = headers(&proxy.headers)?;
    let through = if headers.is_empty() {
        through
    } else {
        through.headers(headers)
    };
    Ok(through.no_proxy(reqwest::NoProxy::from_string(&proxy.no_proxy)))
}

/// Several values of one name go in one line, as the library sends one line for each name.
fn headers(given: &[(String, Secret)]) -> Result<HeaderMap, HttpSetupError> {
    let mut headers = HeaderMap::new();
    for (name, _) in given {
        let same = given.iter().filter(|(other, _)| other == name);
        let values: Vec<&str> = same.map(|(_, value)| value.reveal()).collect();
        let refused = || HttpSetupError::Header(name.clone());
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
        let mut value = HeaderValue::from_str(&values.join(", ")).map_err(|_| refused())?;
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    Ok(headers)
}

/// The proxy's host, if its URL can be used.
pub(super) fn host(proxy: &ProxySettings) -> Result<String, HttpSetupError> {
    let refused = |why: &str| HttpSetupError::Proxy(why.to_owned());
    let url = url::Url::parse(proxy.url.reveal()).map_err(|e| refused(&e.to_string()))?;
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
        return Err(refused(
            "the scheme is none of http, https, socks5 and socks5h",
        ));
    }
    url.host_str()
        .map(ToOwned::to_owned)
        .ok_or_else(|| refused("there is no host"))
}
