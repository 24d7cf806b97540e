//! Where requests go, read and judged.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method};
use url::Url;

/// An address that is called again and again: read, judged and given its constant headers once, by the client
/// that calls it. Its URL may hold a key, which `Debug` does not show.
#[derive(Clone)]
pub struct Endpoint {
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = super::redact::shown_url(self.url.as_str());
        f.debug_tuple("Endpoint").field(&shown).finish()
    }
}

/// One request, ready to leave.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) url: &'a Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}
