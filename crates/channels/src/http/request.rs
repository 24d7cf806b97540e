//! What is sent.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::Method;
use serde_json::Value;

use super::headers::Header;

/// One request; `Debug` shows neither header values nor the query nor the body, as any of them may
/// hold a credential.
#[derive(Clone)]
pub struct HttpRequest {
    /// GET, POST, PUT …
    pub method: Method,
    /// Absolute; read and judged by the client before anything is sent.
    pub url: String,
    /// Names and values in the order they go out; over the client's own of the same name.
    pub headers: Vec<Header>,
    /// The body; empty for none.
    pub body: Bytes,
}

impl HttpRequest {
    /// A request without headers and body.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// GET.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }

    /// POST of a body of this content type.
    pub fn post(url: impl Into<String>, content_type: &str, body: impl Into<Bytes>) -> Self {
        let mut request = Self::new(Method::POST, url).header("content-type", content_type);
        request.body = body.into();
        request
    }

    /// POST of a JSON value as `application/json; charset=utf-8`, non-ASCII text left readable.
    pub fn post_json(url: impl Into<String>, value: &Value) -> Self {
        Self::post(url, "application/json; charset=utf-8", value.to_string())
    }

    /// POST of pairs as `application/x-www-form-urlencoded`.
    pub fn post_form<'a>(
        url: impl Into<String>,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        Self::post(url, "application/x-www-form-urlencoded", body)
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_ref()).collect();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &super::redact::shown_url(&self.url))
            .field("headers", &names)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}
