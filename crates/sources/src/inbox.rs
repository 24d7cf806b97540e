//! The built-in inbox: `/in/inbox` takes anything, so that a first trial needs no configuration.
//!
//! A body that has the marks of a known format is read as that format; other JSON by the usual
//! names; everything else is plain text.

use balefire_core::alert::Lifecycle;

use crate::detect;
use crate::manners::Manners;
use crate::spec::SourceSpec;

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "inbox",
    title: ("Inbox (any format)", "收件箱（任意格式）"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 8 * 1_048_576,
    fields: &[],
    setup: include_str!("../setup/inbox.md"),
    manners: Manners::USUAL,
    parse: detect::read,
};
