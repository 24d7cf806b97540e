//! Buttons of DingTalk's interactive cards: `actionCallback` under `x-ddpaas-signature`, the card changed by the answer.
//!
//! Vendor page: <https://open.dingtalk.com/document/development/event-callback-card>. The signature covers the time alone
//! and not the body, so that the address, whose token only DingTalk knows, and the button's own token count as much.

use balefire_core::time::Time;
use serde_json::{Value, json};

use crate::callback::{CallbackAnswer, CallbackError, CallbackRequest};
use crate::click::{Click, Clicks, LONGEST, Reaction, is_deed, is_fresh, json_answer, no_greeting};
use crate::cut::cut;
use crate::sign::{hmac_sha256_base64, is_same};
use crate::spec::Length;

/// DingTalk's clicks.
pub(crate) static CLICKS: Clicks = Clicks {
    platform: "dingtalk",
    identity: |person| &person.dingtalk,
    greet: no_greeting,
    read,
    answer,
};

/// Longest words of a variable.
const STATUS: Length = Length::Bytes(1_000);

fn read(request: &CallbackRequest<'_>) -> Result<Option<Click>, CallbackError> {
    let stamp = verify(request)?;
    let call: Value = serde_json::from_slice(request.body)
        .map_err(|error| CallbackError::Unreadable(format!("no JSON: {error}")))?;
    Ok(click(&call, stamp, request.now))
}

fn verify<'a>(request: &'a CallbackRequest<'_>) -> Result<&'a str, CallbackError> {
    let forged = CallbackError::Forged;
    let secret = request.account["card_secret"].as_str();
    let secret = secret.filter(|secret| !secret.is_empty());
    let secret = secret.ok_or(forged("the account has no card_secret"))?;
    let stamp = request.header("x-ddpaas-signature-timestamp");
    let stamp = stamp.ok_or(forged("x-ddpaas-signature-timestamp is missing"))?;
    let shown = request.header("x-ddpaas-signature");
    let shown = shown.ok_or(forged("x-ddpaas-signature is missing"))?;
    if !is_same(
        &hmac_sha256_base64(secret.as_bytes(), stamp.as_bytes()),
        shown,
    ) {
        return Err(forged("x-ddpaas-signature is wrong"));
    }
    let at = stamp.parse().map(Time::from_millis);
    let at = at.map_err(|_| forged("x-ddpaas-signature-timestamp is no time"))?;
    if is_fresh(at, request.now) {
        Ok(stamp)
    } else {
        Err(forged("the request is older than five minutes"))
    }
}

fn click(call: &Value, stamp: &str, now: Time) -> Option<Click> {
    // DingTalk writes this as JSON in a text.
    let content: Value = serde_json::from_str(call["content"].as_str()?).ok()?;
    let params = &content["cardPrivateData"]["params"];
    let word = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let deed = word(&params["action"]).filter(|deed| is_deed(deed))?;
    let (user, card) = (word(&call["userId"])?, word(&call["outTrackId"])?);
    Some(Click {
        token: word(&params["token"]).filter(|token| token.len() <= LONGEST)?,
        alias: String::new(),
        at: now,
        press: format!("dingtalk {stamp} {user} {deed} {card}"),
        place: json!({"via": "card", "to_user": user}),
        message: Value::Null,
        deed,
        user,
    })
}

/// What was done, everybody sees; why not, only who pressed.
fn answer(click: &Click, reaction: &Reaction<'_>) -> CallbackAnswer {
    let status = cut(reaction.words, STATUS);
    if !reaction.is_done {
        return json_answer(&json!({"userPrivateData": {"cardParamMap": {"status": status}}}));
    }
    let state = match click.deed.as_str() {
        "acknowledge" => "acknowledged",
        "silence" => "silenced",
        _ => "resolved",
    };
    json_answer(&json!({
        "cardUpdateOptions": {"updateCardDataByKey": true},
        "cardData": {"cardParamMap": {"status": status, "state": state}},
    }))
}
