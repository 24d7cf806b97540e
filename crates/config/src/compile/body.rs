//! The template of a request's body: what can be said of it without running it.

use balefire_template::check::body_syntax;

use super::Compiler;
use crate::problem::Path;
use crate::tree::Node;

/// Notes what is wrong with an account's `body`.
pub(super) fn check(compiler: &mut Compiler<'_>, account: &Node, path: &Path<'_>) {
    let Some((body, source)) = account
        .at("body")
        .and_then(|body| Some((body, body.text()?)))
    else {
        return;
    };
    let path = path.key("body");
    for problem in body_syntax(source) {
        let words = match problem.at {
            Some(at) => format!(
                "line {}, column {} of the template: {}",
                at.line, at.column, problem.message
            ),
            None => problem.message,
        };
        if problem.warning {
            compiler.findings.warning(body.place, &path, words, "");
        } else {
            compiler.findings.problem(body.place, &path, words, "");
        }
    }
}
