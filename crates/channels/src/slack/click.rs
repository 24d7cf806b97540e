//! Buttons of Slack: `block_actions` under the signature `v0`, and the message changed by `chat.update`.
//!
//! Vendor pages: <https://docs.slack.dev/authentication/verifying-requests-from-slack>,
//! <https://docs.slack.dev/reference/interaction-payloads/block_actions-payload>. The payload's `response_url` is not
//! called: the bot changes its own message through its own token.

use balefire_core::message::Message;
use balefire_core::time::Time;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::callback::{CallbackError, CallbackRequest};
use crate::click::{
    Click, Clicks, LONGEST, Reaction, buttons, is_deed, is_fresh, no_greeting, silent, stays, token,
};
use crate::markup::Dialect;
use crate::sign::{hmac_sha256_hex, is_same};

/// Slack's clicks.
pub(crate) static CLICKS: Clicks = Clicks {
    platform: "slack",
    identity: |person| &person.slack,
    greet: no_greeting,
    read,
    // Within three seconds, and without words.
    answer: |_, _| silent(),
};

/// What our buttons' ids begin with.
const OURS: &str = "balefire_";

fn read(request: &CallbackRequest<'_>) -> Result<Option<Click>, CallbackError> {
    verify(request)?;
    let unreadable = |why: &str| CallbackError::Unreadable(why.to_owned());
    let mut form = form_urlencoded::parse(request.body);
    let payload = form.find(|(name, _)| name == "payload");
    let (_, payload) = payload.ok_or_else(|| unreadable("the form has no payload"))?;
    let payload: Value =
        serde_json::from_str(&payload).map_err(|_| unreadable("the payload is no JSON"))?;
    Ok(click(&payload, request.now))
}

fn verify(request: &CallbackRequest<'_>) -> Result<(), CallbackError> {
    let forged = CallbackError::Forged;
    let secret = request.account["signing_secret"].as_str();
    let secret = secret.filter(|secret| !secret.is_empty());
    let secret = secret.ok_or(forged("the account has no signing_secret"))?;
    let stamp = request
        .header("x-slack-request-timestamp")
        .ok_or(forged("X-Slack-Request-Timestamp is missing"))?;
    let shown = request
        .header("x-slack-signature")
        .ok_or(forged("X-Slack-Signature is missing"))?;
    let mut signed = format!("v0:{stamp}:").into_bytes();
    signed.extend_from_slice(request.body);
    let signature = format!("v0={}", hmac_sha256_hex(secret.as_bytes(), &signed));
    if !is_same(&signature, shown) {
        return Err(forged("X-Slack-Signature is wrong"));
    }
    let at = stamp.parse().map(Time::from_secs);
    let at = at.map_err(|_| forged("X-Slack-Request-Timestamp is no time"))?;
    if !is_fresh(at, request.now) {
        return Err(forged("the request is older than five minutes"));
    }
    Ok(())
}

fn click(payload: &Value, now: Time) -> Option<Click> {
    if payload["type"] != "block_actions" {
        return None;
    }
    let action = &payload["actions"][0];
    let word = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let deed = action["action_id"].as_str()?.strip_prefix(OURS)?;
    let channel = payload["container"]["channel_id"]
        .as_str()
        .or(payload["channel"]["id"].as_str())?;
    let ts = payload["container"]["message_ts"]
        .as_str()
        .or(payload["message"]["ts"].as_str())?;
    let user = word(&payload["user"]["id"])?;
    let pressed = action["action_ts"].as_str().unwrap_or_default();
    let token = word(&action["value"]).filter(|token| token.len() <= LONGEST)?;
    is_deed(deed).then(|| Click {
        deed: deed.to_owned(),
        token,
        press: format!("slack {pressed} {user} {deed} {ts}"),
        user,
        alias: String::new(),
        at: now,
        place: json!({"channel": channel}),
        message: json!({
            "channel": channel,
            "ts": ts,
            "text": payload["message"]["text"],
            "blocks": payload["message"]["blocks"],
            "attachments": payload["message"]["attachments"],
        }),
    })
}

/// The row of buttons below a message; `None` where there is nothing to answer.
pub(super) fn actions(message: &Message) -> Option<Value> {
    let token = token(message)?;
    let button = |(deed, word): (&str, &str)| {
        let mut button = json!({
            "type": "button",
            "action_id": format!("{OURS}{deed}"),
            "text": {"type": "plain_text", "text": word},
            "value": token,
        });
        if deed == "acknowledge" {
            button["style"] = "primary".into();
        }
        button
    };
    let elements: Vec<Value> = buttons(message).map(button).collect();
    Some(json!({"type": "actions", "elements": elements}))
}

/// Puts the row of buttons where the message's blocks are.
pub(super) fn add_to(body: &mut Value, actions: Value) {
    let blocks = match body["attachments"][0].get("blocks") {
        Some(_) => &mut body["attachments"][0]["blocks"],
        None => &mut body["blocks"],
    };
    match blocks.as_array_mut() {
        Some(blocks) => blocks.push(actions),
        None => *blocks = json!([actions]),
    }
}

/// The method that shows what came of a click, and its arguments.
pub(crate) fn reaction(click: &Click, reaction: &Reaction<'_>) -> (&'static str, Value) {
    let words = Dialect::SlackMrkdwn.escape(reaction.words);
    let message = &click.message;
    if !reaction.is_done {
        let body = json!({"channel": message["channel"], "user": click.user, "text": words});
        return ("chat.postEphemeral", body);
    }
    let note = json!({"type": "context", "elements": [{"type": "mrkdwn", "text": words}]});
    let mut attachments: Vec<Value> = list(&message["attachments"])
        .map(|attachment| {
            let mut kept = json!({"blocks": settled(&attachment["blocks"], &click.deed)});
            for key in ["color", "fallback"] {
                if attachment[key].is_string() {
                    kept[key] = attachment[key].clone();
                }
            }
            kept
        })
        .collect();
    let mut blocks = settled(&message["blocks"], &click.deed);
    match attachments
        .last_mut()
        .and_then(|last| last["blocks"].as_array_mut())
    {
        Some(last) => last.push(note),
        None => blocks.push(note),
    }
    let body = json!({
        "channel": message["channel"],
        "ts": message["ts"],
        "text": message["text"].as_str().unwrap_or_default(),
        // What is left out of a change may stay as it was.
        "blocks": if attachments.is_empty() { blocks } else { Vec::new() },
        "attachments": attachments,
    });
    ("chat.update", body)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The blocks without the buttons that are no longer needed.
fn settled(blocks: &Value, done: &str) -> Vec<Value> {
    let mut kept = Vec::new();
    for block in list(blocks) {
        if block["type"] != "actions" {
            kept.push(block.clone());
            continue;
        }
        let left = list(&block["elements"]).filter(|element| {
            let id = element["action_id"].as_str().unwrap_or_default();
            id.strip_prefix(OURS).is_none_or(|deed| stays(deed, done))
        });
        let left: Vec<Value> = left.cloned().collect();
        if !left.is_empty() {
            kept.push(json!({"type": "actions", "elements": left}));
        }
    }
    kept
}
