//! `people`, `messages` and `meta`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use balefire_core::message::{Locale, Mention};
use balefire_core::secret::Secret;
use balefire_template::check::syntax;
use balefire_template::template::{Part, Template};

use super::accounts::Accounts;
use super::{Compiler, section, span};
use crate::check::said;
use crate::plan::{MessageTemplate, Meta, Person, Reader, Receiver, Server};
use crate::problem::Path;
use crate::tree::Node;

/// The people by key.
pub(super) fn people(
    compiler: &mut Compiler<'_>,
    server: Option<&Server>,
) -> BTreeMap<String, Person> {
    let default = server
        .map(|server| server.reader.clone())
        .unwrap_or_default();
    let mut people = BTreeMap::new();
    let Some(section_node) = compiler.find(&["people"]) else {
        return people;
    };
    for entry in section_node.entries() {
        let text = |key| entry.value.text_at(key).unwrap_or_default().to_owned();
        if matches!(entry.key.as_str(), "all" | "oncall") {
            let path = section("people");
            let message = format!("{:?} has a meaning of its own in mention", entry.key);
            compiler.findings.problem(
                entry.place,
                &path.key(&entry.key),
                message,
                "choose another key",
            );
        }
        let contact = Mention {
            name: entry.value.text_at("name").unwrap_or(&entry.key).to_owned(),
            phone: text("phone"),
            email: text("email"),
            dingtalk: text("dingtalk"),
            wecom: text("wecom"),
            feishu: text("feishu"),
            slack: text("slack"),
            telegram: text("telegram"),
            discord: text("discord"),
            mattermost: text("mattermost").trim_start_matches('@').to_owned(),
            matrix: text("matrix"),
            googlechat: text("googlechat"),
        };
        let reader = reader(&entry.value, &default);
        people.insert(
            entry.key.clone(),
            Person {
                key: entry.key.clone(),
                contact,
                reader,
                ..Person::default()
            },
        );
    }
    people
}

/// The language and zone a node names, else those given.
pub(super) fn reader(node: &Node, otherwise: &Reader) -> Reader {
    Reader {
        locale: node
            .text_at("locale")
            .map_or(otherwise.locale, Locale::from_tag),
        zone: node
            .text_at("timezone")
            .unwrap_or(&otherwise.zone)
            .to_owned(),
    }
}

/// The operator's own words by name.
pub(super) fn messages(compiler: &mut Compiler<'_>) -> BTreeMap<String, MessageTemplate> {
    let entries = compiler
        .find(&["messages"])
        .map(Node::entries)
        .unwrap_or_default();
    let mut messages = BTreeMap::new();
    let path = section("messages");
    for entry in entries {
        let text = |key| entry.value.text_at(key).map(ToOwned::to_owned);
        let message = MessageTemplate {
            title: text("title"),
            text: text("text"),
        };
        template(compiler, &entry.value, &message, &path.key(&entry.key));
        messages.insert(entry.key.clone(), message);
    }
    messages
}

/// What can be said of a template without running it.
fn template(compiler: &mut Compiler<'_>, node: &Node, message: &MessageTemplate, path: &Path<'_>) {
    let template = Template {
        title: message.title.clone(),
        text: message.text.clone(),
    };
    if template.is_empty() {
        compiler
            .findings
            .warning(node.place, path, "neither a title nor a text", "");
    }
    for problem in syntax(&template) {
        let key = match problem.at.map(|at| at.part) {
            Some(Part::Text) => "text",
            None if message.text.is_some() => "text",
            _ => "title",
        };
        let place = node.at(key).map_or(node.place, |node| node.place);
        let words = match problem.at {
            Some(at) => {
                format!(
                    "line {}, column {} of the template: {}",
                    at.line, at.column, problem.message
                )
            }
            None => problem.message,
        };
        if problem.warning {
            compiler.findings.warning(place, &path.key(key), words, "");
        } else {
            compiler.findings.problem(place, &path.key(key), words, "");
        }
    }
}

/// Where our own alarms go.
pub(super) fn meta(
    compiler: &mut Compiler<'_>,
    accounts: &mut Accounts<'_>,
    receivers: &[Receiver],
) -> Meta {
    let heartbeat_http = accounts.clients().for_heartbeat(compiler);
    let Some(node) = compiler.find(&["meta"]) else {
        return Meta::default();
    };
    let path = section("meta");
    let receiver = node.at("receiver").and_then(|name| {
        let text = name.text()?;
        let known = receivers.iter().find(|receiver| &*receiver.name == text);
        if known.is_none() {
            let message = format!("no receiver is named {}", said(name));
            let hint = compiler
                .findings
                .nearest(text, receivers.iter().map(|receiver| &*receiver.name));
            compiler
                .findings
                .problem(name.place, &path.key("receiver"), message, hint);
        }
        known.map(|receiver| Arc::clone(&receiver.name))
    });
    let every = node.at("heartbeat_every");
    let heartbeat_every = every.and_then(span).unwrap_or(Duration::from_mins(1));
    if let Some(every) = every
        && heartbeat_every < Duration::from_secs(1)
    {
        let message = "a heartbeat more often than once a second";
        compiler.findings.problem(
            every.place,
            &path.key("heartbeat_every"),
            message,
            "write 1m",
        );
    }
    if let (Some(url), Some(http)) = (node.at("heartbeat_url"), &heartbeat_http)
        && let Some(text) = url.text()
        && let Err(error) = http.check_url(text)
    {
        let path = path.key("heartbeat_url");
        compiler
            .findings
            .problem(url.place, &path, error.to_string(), error.fix());
    }
    Meta {
        receiver,
        heartbeat_url: node.text_at("heartbeat_url").map(Secret::new),
        heartbeat_http,
        heartbeat_every,
    }
}
