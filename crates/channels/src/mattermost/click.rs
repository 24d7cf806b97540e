//! Buttons of Mattermost: an integration's call, and the post changed by the answer to it.
//!
//! Vendor page: <https://developers.mattermost.com/integrate/plugins/interactive-messages/>. Mattermost signs nothing:
//! the address that it calls and the `context` stay on the server, so that both are secrets of the two. The call does not
//! bring the post along, and a webhook cannot read it, so that each button keeps what the post is made anew from.

use balefire_core::message::Message;
use balefire_core::time::Time;
use serde_json::{Value, json};

use super::look::DIALECT;
use crate::callback::{CallbackAnswer, CallbackError, CallbackRequest};
use crate::click::{
    BUTTONS, Click, Clicks, LONGEST, Reaction, buttons, is_deed, json_answer, no_greeting, stays,
    token,
};

/// Mattermost's clicks.
pub(crate) static CLICKS: Clicks = Clicks {
    platform: "mattermost",
    identity: |person| &person.mattermost,
    greet: no_greeting,
    read,
    answer,
};

/// The key of a button's context that says what it does.
const DEED: &str = "balefire";

fn read(request: &CallbackRequest<'_>) -> Result<Option<Click>, CallbackError> {
    let call: Value = serde_json::from_slice(request.body)
        .map_err(|error| CallbackError::Unreadable(format!("no JSON: {error}")))?;
    let mut click = click(&call, request.now);
    if let Some(click) = &mut click {
        // The changed post's buttons call the same address.
        click.message["url"] = request.account["callback_url"].clone();
    }
    Ok(click)
}

fn click(call: &Value, now: Time) -> Option<Click> {
    let word = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let context = &call["context"];
    let deed = word(&context[DEED]).filter(|deed| is_deed(deed))?;
    let (name, post) = (word(&call["user_name"])?, word(&call["post_id"])?);
    // Old servers give a press no name.
    let trigger = call["trigger_id"].as_str().unwrap_or_default();
    Some(Click {
        token: word(&context["token"]).filter(|token| token.len() <= LONGEST)?,
        alias: String::new(),
        at: now,
        press: format!("mattermost {trigger} {name} {deed} {post}"),
        place: json!({"channel": call["channel_id"]}),
        message: json!({"context": context}),
        deed,
        user: name,
    })
}

/// Where the buttons of an account's messages call us; `None` where nobody hears of it.
pub(super) fn address(account: &Value) -> Option<String> {
    let url = account["callback_url"].as_str();
    url.filter(|url| !url.is_empty()).map(ToOwned::to_owned)
}

/// Puts the buttons below an attachment; `names` stands above it. Nothing where there is nothing to answer.
pub(super) fn add_to(attachment: &mut Value, names: &str, message: &Message, url: &str) {
    let Some(token) = token(message) else {
        return;
    };
    let english = |(deed, word)| BUTTONS.iter().any(|(d, en, _)| *d == deed && *en == word);
    let english = buttons(message).all(english);
    let kept = json!({
        "token": token,
        "english": english,
        "names": names,
        "attachment": attachment,
    });
    let deeds = buttons(message).map(|(deed, _)| deed);
    attachment["actions"] = actions(deeds, &kept, url);
}

fn actions<'d>(deeds: impl Iterator<Item = &'d str>, kept: &Value, url: &str) -> Value {
    let action = |deed: &str| {
        let (_, en, zh) = BUTTONS.iter().find(|(known, ..)| *known == deed)?;
        let mut context = kept.clone();
        context[DEED] = deed.into();
        Some(json!({
            // Letters and digits alone, or the button fails.
            "id": deed,
            "type": "button",
            "name": if kept["english"] == false { zh } else { en },
            "style": if deed == "acknowledge" { "primary" } else { "default" },
            "integration": {"url": url, "context": context},
        }))
    };
    deeds.filter_map(action).collect()
}

/// Who may not press hears so alone; what was done is in the post, for everybody.
fn answer(click: &Click, reaction: &Reaction<'_>) -> CallbackAnswer {
    let words = DIALECT.escape(reaction.words);
    if !reaction.is_done {
        return json_answer(&json!({"ephemeral_text": words}));
    }
    let kept = &click.message["context"];
    let mut attachment = kept["attachment"].clone();
    if !attachment.is_object() {
        return json_answer(&json!({"ephemeral_text": words}));
    }
    let text = attachment["text"].as_str().unwrap_or_default();
    attachment["text"] = format!("{text}\n\n{words}").into();
    let left = BUTTONS.iter().map(|(deed, ..)| *deed);
    let left = left.filter(|deed| stays(deed, &click.deed));
    let url = click.message["url"].as_str().unwrap_or_default();
    // What was said so far is part of what the next press starts from.
    let mut kept = kept.clone();
    kept["attachment"] = attachment.clone();
    let actions = actions(left, &kept, url);
    if actions != json!([]) {
        attachment["actions"] = actions;
    }
    json_answer(&json!({"update": {
        "message": kept["names"],
        "props": {"attachments": [attachment]},
    }}))
}
