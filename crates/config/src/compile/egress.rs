//! `access.egress`: how far the calls of this document reach.

use balefire_channels::http::{Allowed, Egress};

use super::Compiler;
use super::access::network;
use crate::check::said;
use crate::problem::Path;
use crate::tree::Node;

/// The ring that `access.egress` draws.
pub(super) fn compile(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Egress {
    let mut allowed = Allowed::default();
    let path = path.key("allow");
    let list = node.at("allow");
    let items = list.map(Node::items).unwrap_or_default();
    for (index, item) in items.iter().enumerate() {
        let Some(text) = item.text() else { continue };
        let near = compiler.findings.nearest(text, ["loopback", "private"]);
        let opened = match network(text) {
            Some(networks) => networks.iter().all(|network| allowed.open(network)),
            None => !near.starts_with("did") && allowed.open(text),
        };
        if opened {
            continue;
        }
        let hint = if near.starts_with("did") {
            near
        } else {
            "write 10.0.0.0/8, 192.0.2.7, fd00::/8, loopback, private, hook.corp or *.corp"
                .to_owned()
        };
        let message = format!("{} is neither a network nor a name", said(item));
        compiler
            .findings
            .problem(item.place, &path.index(index), message, hint);
    }
    if node.bool_at("strict") == Some(true) {
        return Egress::Strict(allowed);
    }
    if let Some(list) = list {
        let message = "without strict it opens nothing: this document may call private hosts anyway, \
                       and payloads lead to public addresses only";
        compiler.findings.warning(
            list.place,
            &path,
            message,
            "write strict: true, or leave it out",
        );
    }
    Egress::Operator
}
