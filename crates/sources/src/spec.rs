//! What a kind of source is.

use balefire_core::alert::Lifecycle;
use balefire_core::field::Field;
use balefire_core::time::Time;
use serde_json::Value;

use crate::form;
use crate::manners::{self, Manners};
use crate::parsed::{Parsed, Refusal};

/// The static description of a source kind.
#[derive(Debug)]
pub struct SourceSpec {
    /// The kind, as in `kind: grafana`.
    pub kind: &'static str,
    /// What people call it, in English and in Chinese.
    pub title: (&'static str, &'static str),
    /// How it ends alerts.
    pub lifecycle: Lifecycle,
    /// Largest body in bytes, after decompression: 8 MiB for batch sources, 1 MiB for others.
    pub body_limit: usize,
    /// Keys of a configured source besides the common ones (`kind`, `token`, `labels`, `timezone`, `access`).
    pub fields: &'static [Field],
    /// How its senders are spoken to.
    pub manners: Manners,
    /// Reads a request.
    pub parse: fn(&Inbound<'_>) -> Result<Parsed, Refusal>,
}

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
        manners::find(self.headers, name)
    }

    /// The first value of a parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        form::parameter_of(self.query, name)
    }
}
