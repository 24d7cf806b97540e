//! An approved template with named variables.

use balefire_core::message::Message;
use serde_json::{Map, Value};

use crate::cloud::{Param, WORDS, word};
use crate::options::Options;
use crate::spec::Length;

/// An approved template and what its variables get.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) code: String,
    params: Vec<(String, Param)>,
    limit: usize,
}

/// The options of a template with named variables; problems are noted.
pub(super) fn template(options: &mut Options<'_>, example: &str, limit: usize) -> Option<Template> {
    let code = word(options, "template_code", example);
    let mut params = Vec::new();
    let given = options.value("template_params").and_then(Value::as_object);
    for (name, source) in given.into_iter().flatten() {
        if let Some(param) = source.as_str().and_then(Param::parse) {
            params.push((name.clone(), param));
        } else {
            let key = format!("template_params.{name}");
            let problem = format!("{source} is no part of a message");
            options.problem(&key, problem, format!("write {WORDS}"));
        }
    }
    let limit = options
        .integer("param_limit")
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(limit);
    Some(Template {
        code: code?,
        params,
        limit,
    })
}

impl Template {
    /// The variables as the JSON text that the provider wants, of fewer than `most` characters; `None` when the
    /// template has none.
    pub(super) fn filled(&self, message: &Message, most: usize) -> Option<String> {
        if self.params.is_empty() {
            return None;
        }
        let mut limit = self.limit;
        loop {
            let room = Length::Chars(limit);
            let fill = |(name, param): &(String, Param)| {
                (name.clone(), Value::from(param.value(message, room)))
            };
            let filled: Map<String, Value> = self.params.iter().map(fill).collect();
            let text = Value::Object(filled).to_string();
            if text.chars().count() < most || limit <= 1 {
                return Some(text);
            }
            limit -= (limit / 8).max(1);
        }
    }
}
