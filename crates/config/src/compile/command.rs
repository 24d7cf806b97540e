//! Which commands of this machine a document may run: only those of its own list, so that whoever may write an account
//! does not choose what runs beside the node.

use std::path::Path as File;

use balefire_channels::command::is_plain_path;

use super::{Compiler, section};
use crate::check::said;
use crate::problem::Path;
use crate::tree::Node;

/// What is wrong with `server.commands` itself.
pub(super) fn check_list(compiler: &mut Compiler<'_>) {
    let Some(list) = compiler.find(&["server", "commands"]) else {
        return;
    };
    let server = section("server");
    let path = server.key("commands");
    for (index, item) in list.items().iter().enumerate() {
        if item
            .text()
            .is_some_and(|text| is_plain_path(File::new(text)))
        {
            continue;
        }
        let message = format!("{} is not a whole path", said(item));
        let hint = "begin at /, without . and ..; whoever may write there decides what runs";
        compiler
            .findings
            .problem(item.place, &path.index(index), message, hint);
    }
}

/// An account's command must be in the list, letter for letter.
pub(super) fn check_account(compiler: &mut Compiler<'_>, account: &Node, path: &Path<'_>) {
    let Some(command) = account.at("command") else {
        return;
    };
    let list = compiler.find(&["server", "commands"]);
    let allowed = list.map(Node::texts).unwrap_or_default();
    if command.text().is_none_or(|text| allowed.contains(&text)) {
        return;
    }
    let message = format!("this node may not run {}", said(command));
    let hint = "add it to server.commands, which is empty unless this document says otherwise";
    compiler
        .findings
        .problem(command.place, &path.key("command"), message, hint);
}
