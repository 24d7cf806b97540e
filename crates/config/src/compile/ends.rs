//! Whether an entry tells the end of an alert.

use balefire_channels::dial;
use balefire_channels::spec::ChannelSpec;
use serde_json::Value;

use super::Compiler;
use crate::problem::Path;
use crate::tree::Node;

/// What the entry says, else what is usual for its kind; never where it would be a call to somebody whom nothing needs.
pub(super) fn told(
    compiler: &mut Compiler<'_>,
    node: &Node,
    spec: &ChannelSpec,
    options: &Value,
    path: &Path<'_>,
) -> bool {
    let said = node.bool_at("send_resolved");
    if !dial::is_asked(spec, options) {
        return said.unwrap_or(spec.send_resolved);
    }
    if said == Some(true) {
        let place = node
            .at("send_resolved")
            .map_or(node.place, |said| said.place);
        let message = "a telephone that dials would call people for what is over";
        let hint = "leave it out, and tell the end by another way";
        compiler
            .findings
            .problem(place, &path.key("send_resolved"), message, hint);
    }
    false
}
