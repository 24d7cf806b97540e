//! An approved template with numbered variables.

use balefire_core::field::{Field, Kind};
use balefire_core::message::Message;

use super::{Param, WORDS, word};
use crate::options::Options;
use crate::spec::Length;

/// The keys of a template.
pub(crate) const FIELDS: [Field; 2] = [
    Field::optional("template_id", Kind::Text, "The approved template's number."),
    Field::optional(
        "template_params",
        Kind::TextOrList,
        "What the variables {1}, {2} … get, in order: title, severity, status, summary, text, count, receiver, started, code, label:NAME, annotation:NAME or =fixed text.",
    ),
];

/// An approved template and what its variables get.
#[derive(Debug)]
pub(crate) struct Template {
    /// Its number at the provider.
    pub(crate) id: String,
    params: Vec<Param>,
    limit: usize,
}

/// The options of a template; problems are noted. `limit` is the usual size of a variable, in characters.
pub(crate) fn template(options: &mut Options<'_>, limit: usize) -> Option<Template> {
    let place = "write the number of an approved template (正文模板管理)";
    let id = word(options, "template_id", place);
    let mut params = Vec::new();
    for source in options.texts("template_params") {
        if let Some(param) = Param::parse(source) {
            params.push(param);
        } else {
            let problem = format!("{source:?} is no part of a message");
            options.problem("template_params", problem, format!("write {WORDS}"));
        }
    }
    let limit = options
        .integer("param_limit")
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(limit);
    Some(Template {
        id: id?,
        params,
        limit,
    })
}

impl Template {
    /// The variables in order, all together at most `most` characters.
    pub(crate) fn filled(&self, message: &Message, most: usize) -> Vec<String> {
        let each = most / self.params.len().max(1);
        let room = Length::Chars(self.limit.min(each));
        self.params
            .iter()
            .map(|param| param.value(message, room))
            .collect()
    }
}
