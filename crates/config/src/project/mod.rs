//! The document as others may see it: without secrets, and as Alertmanager's schema.

mod alertmanager;
mod receivers;
mod redact;

use crate::schema::form::Form;
use crate::tree::{Node, emit};

/// What stands where a secret is.
pub const REDACTED: &str = "<secret>";

/// The whole document with secrets as `<secret>`; values from the environment and from files are
/// shown as their references.
pub fn redacted(root: &Node) -> String {
    emit(&redact::redact(root, &Form::document()))
}

/// The document on Alertmanager's schema, as `/api/v2/status` shows it and `amtool` parses it,
/// strictly: what is ours is left out, and a receiver of ours alone is a bare name.
pub fn alertmanager(root: &Node) -> String {
    let redacted = redact::redact(root, &Form::document());
    emit(&alertmanager::project(&redacted, root))
}
