//! A request, as sources see it.

use balefire_core::time::Time;
use serde_json::Value;

use crate::form;

/// A request as a source sees it: the raw body is verified before it is parsed.
#[derive(Debug, Clone, Copy)]
pub struct Inbound<'a> {
    /// The method, upper case.
    pub method: &'a str,
    /// The path below the source's own, without a leading slash.
    pub path: &'a str,
    /// The raw query string, without `?`.
    pub query: &'a str,
    /// Header names in lower case, with values.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, decompressed.
    pub body: &'a [u8],
    /// The source's own options from the configuration.
    pub options: &'a Value,
    /// The zone for times sent without one; IANA name.
    pub timezone: &'a str,
    /// When it was received.
    pub now: Time,
    /// The certificate that the source asked for, as PEM.
    pub certificate: Option<&'a [u8]>,
}

impl<'a> Inbound<'a> {
    /// The value of a header, by lower-case name.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        find(self.headers, name)
    }

    /// The first value of a parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        form::parameter_of(self.query, name)
    }
}

/// The value of a header among others, by lower-case name.
pub(crate) fn find<'a>(headers: &[(&'a str, &'a str)], name: &str) -> Option<&'a str> {
    let header = headers.iter().find(|(known, _)| *known == name);
    header.map(|(_, value)| *value)
}
