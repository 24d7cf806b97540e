//! `contacts`: how far the ways of people are trusted, and whether platforms are asked who they are.

use super::Compiler;
use crate::plan::{Contacts, Unverified};

pub(super) fn compile(compiler: &Compiler<'_>) -> Contacts {
    let node = compiler.find(&["contacts"]);
    let unverified = node.and_then(|node| node.text_at("unverified"));
    Contacts {
        unverified: match unverified {
            Some("warn") => Unverified::Warn,
            Some("refuse") => Unverified::Refuse,
            // What is none of the words has been reported already.
            _ => Unverified::Use,
        },
        look_up: node
            .and_then(|node| node.bool_at("look_up"))
            .unwrap_or(true),
    }
}
