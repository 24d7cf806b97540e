//! The keys of an account and of a receiver's entry, and whom an entry names.

use balefire_core::field::{Field, Kind};

use super::via::{self, Via};
use crate::channel::Target;
use crate::chat::is_template;
use crate::options::Options;

/// The current API's address unless the account gives another.
pub(super) const API: &str = "https://api.dingtalk.com";
/// The older API's: work notices and the address book are only there.
pub(super) const OAPI: &str = "https://oapi.dingtalk.com";

pub(super) static ACCOUNT: [Field; 13] = [
    Field::optional(
        "client_id",
        Kind::Text,
        "The application's Client ID (formerly AppKey).",
    ),
    Field::optional(
        "client_secret",
        Kind::Secret,
        "The application's Client Secret (formerly AppSecret).",
    ),
    Field::optional(
        "client_secret_file",
        Kind::Text,
        "A file with the Client Secret.",
    ),
    Field::optional(
        "corp_id",
        Kind::Text,
        "The company's CorpId; with it tokens come from the newest call for them.",
    ),
    Field::optional(
        "agent_id",
        Kind::Text,
        "The application's AgentId, for work notices.",
    ),
    Field::optional(
        "robot_code",
        Kind::Text,
        "The application robot's code, where it is not the Client ID.",
    ),
    Field::optional(
        "base_url",
        Kind::Url,
        "One address for both of DingTalk's APIs: a proxy with a fixed address, or a private gateway.",
    ),
    Field::optional(
        "card_template_id",
        Kind::Text,
        "The template (模板 ID) of interactive cards, for via: card.",
    ),
    Field::optional(
        "card_secret",
        Kind::Secret,
        "What DingTalk signs presses with; any text of one's own. With it and callback_token, cards can be answered.",
    ),
    crate::click::WHO,
    Field::optional(
        "receipts",
        Kind::Bool,
        "Whether DingTalk is asked after a work notice who has it and who has read it: up to four calls a notice.",
    )
    .or("true"),
    Field::optional("api_url", Kind::Url, "The current API's address alone.").or(API),
    Field::optional("oapi_url", Kind::Url, "The older API's address alone.").or(OAPI),
];

pub(super) static RECEIVER: [Field; 8] = [
    crate::threads::LIVE,
    Field::optional(
        "via",
        Kind::OneOf(via::WORDS),
        "The way: a work notice, the robot to people or to groups, an interactive card, or DING in the app, by SMS or by phone call.",
    )
    .or("work_notice"),
    Field::optional(
        "to_user",
        Kind::TextOrList,
        "User ids, separated by | or commas.",
    ),
    Field::optional(
        "to_mobile",
        Kind::TextOrList,
        "Mobile numbers; their user ids are looked up in the company's address book.",
    ),
    Field::optional(
        "to_dept",
        Kind::TextOrList,
        "Department ids, for work notices.",
    ),
    Field::optional(
        "conversation_id",
        Kind::TextOrList,
        "The openConversationId of groups that the robot is in, for via: group and via: card.",
    ),
    Field::optional(
        "message_type",
        Kind::OneOf(&["markdown", "text", "action_card"]),
        "The form of a work notice or of the robot's message; an action card needs a link, and is markdown without one.",
    )
    .or("markdown"),
    Field::optional(
        "call_voice",
        Kind::OneOf(VOICES),
        "The voice of a phone call.",
    ),
];

/// The voices there are, as the vendor spells them.
const VOICES: &[&str] = &[
    "Standard_Female_Voice",
    "Cantonese_Female_Voice",
    "Gentine_Female_Voice",
    "Overbearing_Female_Voice",
    "Lovely_Girl_Voice",
    "Standard_Male_Voice",
];

/// The keys that name somebody, and what stands before the id in the target's address.
const KEYS: [(&str, &str); 4] = [
    ("to_user", "user:"),
    ("to_mobile", "mobile:"),
    ("to_dept", "dept:"),
    ("conversation_id", "group:"),
];

/// Those that an entry names, each once; a key that its way has no use for is a problem.
pub(super) fn targets(options: &mut Options<'_>, via: Via) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for (key, prefix) in KEYS {
        let ids = options.texts(key);
        if !ids.is_empty() && !takes(via, key) {
            let fix = "take it out, or choose another via";
            options.problem(key, format!("has no use with via: {}", via.word()), fix);
            continue;
        }
        if ids.iter().any(|id| is_template(id)) {
            let fix = "write the ids themselves, or route to receivers of their own";
            options.problem(key, "is a Go template, which is not run here", fix);
            continue;
        }
        for id in ids.iter().flat_map(|ids| ids.split('|')).map(str::trim) {
            let address = format!("{prefix}{id}");
            if !id.is_empty() && !targets.iter().any(|known| *known.address == *address) {
                let label = if prefix == "dept:" { &address } else { id };
                targets.push(Target {
                    label: label.into(),
                    address: address.as_str().into(),
                });
            }
        }
    }
    if targets.is_empty() {
        let (key, fix) = match via {
            Via::Group => (
                "conversation_id",
                "give the openConversationId of a group that the robot is in",
            ),
            Via::Card => ("to_user", "give conversation_id, to_user or to_mobile"),
            Via::WorkNotice => ("to_user", "give to_user, to_mobile or to_dept"),
            Via::Robot | Via::Ding(_) => ("to_user", "give to_user or to_mobile"),
        };
        options.problem(key, "nobody is named", fix);
    }
    targets
}

fn takes(via: Via, key: &str) -> bool {
    match key {
        "conversation_id" => matches!(via, Via::Group | Via::Card),
        "to_dept" => via == Via::WorkNotice,
        _ => via != Via::Group,
    }
}
