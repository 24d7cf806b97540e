//! `storm`: how often one person is told while very much happens at once.

use std::time::Duration;

use balefire_core::storm::{Bound, LONGEST_EVERY};

use super::{Compiler, section, span};
use crate::check::said;

/// `None` where everybody is told at once.
pub(super) fn compile(compiler: &mut Compiler<'_>) -> Option<Bound> {
    let usual = Bound::default();
    let Some(node) = compiler.find(&["storm"]) else {
        return Some(usual);
    };
    let at_once = compiler.whole(&["storm", "at_once"], u64::from(usual.at_once));
    let given = node.at("every");
    let every = given.and_then(span).unwrap_or(usual.every);
    if let Some(given) = given
        && !(Duration::from_secs(1)..=LONGEST_EVERY).contains(&every)
    {
        let message = format!("{} is no time between two messages", said(given));
        let path = section("storm");
        let hint = "write 1s to 1h, or at_once: 0 to tell everything at once";
        compiler
            .findings
            .problem(given.place, &path.key("every"), message, hint);
    }
    (at_once > 0).then_some(Bound {
        every,
        at_once: u32::try_from(at_once).unwrap_or(u32::MAX),
    })
}
