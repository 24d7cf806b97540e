//! What a kind of source is.

use balefire_core::alert::Lifecycle;
use balefire_core::field::Field;

use crate::manners::Manners;
use crate::parsed::{Parsed, Refusal};

pub use crate::inbound::Inbound;

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
    /// What to do at the sender's side, in Markdown with the placeholders of [`crate::setup`].
    pub setup: &'static str,
    /// How its senders are spoken to.
    pub manners: Manners,
    /// Reads a request.
    pub parse: fn(&Inbound<'_>) -> Result<Parsed, Refusal>,
}
