//! Buttons of Feishu's cards: `card.action.trigger` under `X-Lark-Signature`, and the card of before it.
//!
//! Vendor pages: <https://open.feishu.cn/document/feishu-cards/card-callback-communication>,
//! <https://open.feishu.cn/document/event-subscription-guide/event-subscriptions/event-subscription-configure-/encrypt-key-encryption-configuration-case>.
//! What calls us does not bring the card along, so that each button carries what it is made anew from. The newer kind
//! takes the changed card in the answer, within three seconds; the older kind is changed by a call.

use balefire_core::message::Message;
use balefire_core::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};

use crate::callback::{CallbackAnswer, CallbackError, CallbackRequest};
use crate::chat::{page, without_main_link};
use crate::click::{
    BUTTONS, Click, Clicks, LONGEST, Reaction, buttons, is_deed, is_fresh, json_answer, stays,
    token,
};
use crate::cut::cut;
use crate::envelope::{self, BLOCK};
use crate::markup::Dialect;
use crate::sign::{is_same, sha1_hex, sha256_hex};
use crate::spec::Length;

/// Feishu's clicks.
pub(crate) static CLICKS: Clicks = Clicks {
    platform: "feishu",
    identity: |person| &person.feishu,
    greet,
    read,
    answer,
};

/// The key of a button's value that says what it does.
const DEED: &str = "balefire";
/// What is kept of a card's text in each of its buttons.
const KEPT: Length = Length::Bytes(1_500);
/// Longest words of a toast.
const TOAST: Length = Length::Chars(190);

/// Feishu asks with a challenge, sealed like everything else, when the address is entered.
fn greet(request: &CallbackRequest<'_>) -> Result<Option<CallbackAnswer>, CallbackError> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let (asked, was_sealed) = opened(request)?;
    if asked["type"] != "url_verification" {
        return Ok(None);
    }
    let known = setting(request, "verification_token");
    let names = known.is_some_and(|known| is_same(known, asked["token"].as_str().unwrap_or("")));
    if !names && (known.is_some() || !was_sealed) {
        return Err(CallbackError::Forged("the verification token is wrong"));
    }
    let challenge = asked["challenge"].as_str().unwrap_or_default();
    Ok(Some(json_answer(&json!({"challenge": challenge}))))
}

fn read(request: &CallbackRequest<'_>) -> Result<Option<Click>, CallbackError> {
    let signature = verify(request)?;
    let (event, _) = opened(request)?;
    let is_newer = event["schema"] == "2.0";
    if let Some(known) = setting(request, "verification_token").filter(|_| is_newer)
        && !is_same(known, event["header"]["token"].as_str().unwrap_or(""))
    {
        return Err(CallbackError::Forged("the verification token is wrong"));
    }
    Ok(if is_newer {
        newer(&event, request.now)
    } else {
        older(&event, signature, request.now)
    })
}

fn setting<'a>(request: &CallbackRequest<'a>, key: &str) -> Option<&'a str> {
    let text = request.account[key].as_str();
    text.filter(|text| !text.is_empty())
}

/// The signature, which the time and a number that is used once are part of.
fn verify<'a>(request: &'a CallbackRequest<'_>) -> Result<&'a str, CallbackError> {
    let forged = CallbackError::Forged;
    let key = setting(request, "encrypt_key");
    let key = key.ok_or(forged("the account has no encrypt_key"))?;
    let header = |name: &str, why: &'static str| request.header(name).ok_or(forged(why));
    let stamp = header(
        "x-lark-request-timestamp",
        "X-Lark-Request-Timestamp is missing",
    )?;
    let nonce = header("x-lark-request-nonce", "X-Lark-Request-Nonce is missing")?;
    let shown = header("x-lark-signature", "X-Lark-Signature is missing")?;
    let signed = |key: &str| [format!("{stamp}{nonce}{key}").as_bytes(), request.body].concat();
    let is_right = if shown.len() == 40 {
        // Cards of the older kind.
        let token = setting(request, "verification_token");
        let token = token.ok_or(forged("the account has no verification_token"))?;
        is_same(&sha1_hex(&signed(token)), shown)
    } else {
        is_same(&sha256_hex(&signed(key)), shown)
    };
    if !is_right {
        return Err(forged("X-Lark-Signature is wrong"));
    }
    let at = stamp.parse().map(Time::from_secs);
    let at = at.map_err(|_| forged("X-Lark-Request-Timestamp is no time"))?;
    if is_fresh(at, request.now) {
        Ok(shown)
    } else {
        Err(forged("the request is older than five minutes"))
    }
}

/// The body, and whether it was sealed.
fn opened(request: &CallbackRequest<'_>) -> Result<(Value, bool), CallbackError> {
    let unreadable = |why: &str| CallbackError::Unreadable(why.to_owned());
    let body: Value =
        serde_json::from_slice(request.body).map_err(|_| unreadable("the body is no JSON"))?;
    let Some(sealed) = body["encrypt"].as_str() else {
        return Ok((body, false));
    };
    let key = setting(request, "encrypt_key");
    let key = key.ok_or(CallbackError::Forged("the account has no encrypt_key"))?;
    let plain = unseal(key, sealed);
    let plain = plain.ok_or(CallbackError::Forged("encrypt_key does not open the body"))?;
    let body = serde_json::from_slice(&plain);
    let body = body.map_err(|_| unreadable("what was sealed is no JSON"))?;
    Ok((body, true))
}

/// AES-256-CBC: the key is the hash of the Encrypt Key, the vector stands before the text.
fn unseal(key: &str, sealed: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(sealed).ok()?;
    let (vector, sealed) = bytes.split_first_chunk::<BLOCK>()?;
    let mut hash = [0; 32];
    hex::decode_to_slice(sha256_hex(key.as_bytes()), &mut hash).ok()?;
    envelope::open(&hash, *vector, sealed, BLOCK)
}

fn newer(event: &Value, now: Time) -> Option<Click> {
    if event["header"]["event_type"] != "card.action.trigger" {
        return None;
    }
    let (id, event) = (&event["header"]["event_id"], &event["event"]);
    let place = &event["context"];
    let mut click = click(&event["operator"], place, &event["action"], now)?;
    click.press = format!("feishu {}", id.as_str()?);
    click.message["newer"] = true.into();
    Some(click)
}

fn older(event: &Value, signature: &str, now: Time) -> Option<Click> {
    let mut click = click(event, event, &event["action"], now)?;
    // Its time and number are part of it, so that no two presses have the same.
    click.press = format!("feishu {signature}");
    Some(click)
}

fn click(who: &Value, place: &Value, action: &Value, now: Time) -> Option<Click> {
    let word = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let value = &action["value"];
    let deed = word(&value[DEED]).filter(|deed| is_deed(deed))?;
    let user = word(&who["open_id"])?;
    let chat = place["open_chat_id"].as_str();
    Some(Click {
        deed,
        token: word(&value["token"]).filter(|token| token.len() <= LONGEST)?,
        alias: word(&who["user_id"]).unwrap_or_default(),
        at: now,
        press: String::new(),
        place: match chat {
            Some(chat) => json!({"to_chat": chat}),
            None => json!({"to_user": user}),
        },
        message: json!({
            "id": place["open_message_id"],
            "value": value,
        }),
        user,
    })
}

/// Puts the buttons below a card, each with what the card is made anew from; nothing where there is nothing to answer.
pub(super) fn add_to(card: &mut Value, message: &Message) {
    let Some(token) = token(message).filter(|_| card["elements"].is_array()) else {
        return;
    };
    let bare = without_main_link(message);
    let mut kept = json!({
        "token": token,
        "title": card["header"]["title"]["content"],
        "tone": card["header"]["template"],
        "text": page(&bare, Dialect::FeishuLark, KEPT, "", ""),
        "lang": buttons(message).next().map(|(_, word)| word),
    });
    let link = list(&card["elements"]).find(|element| element["tag"] == "action");
    if let Some(link) = link {
        kept["open"] = link["actions"][0]["text"]["content"].clone();
        kept["url"] = link["actions"][0]["url"].clone();
    }
    let row: Vec<Value> = buttons(message)
        .map(|(deed, word)| button(deed, word, &kept))
        .collect();
    if let Some(elements) = card["elements"].as_array_mut() {
        elements.push(json!({"tag": "action", "actions": row}));
    }
    // One card for everybody: what one person does, all see.
    card["config"]["update_multi"] = true.into();
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn button(deed: &str, word: &str, kept: &Value) -> Value {
    let mut value = kept.clone();
    value[DEED] = deed.into();
    json!({
        "tag": "button",
        "text": {"tag": "plain_text", "content": word},
        "type": if deed == "acknowledge" { "primary" } else { "default" },
        "value": value,
    })
}

/// The card as it is after a press.
fn card(click: &Click, reaction: &Reaction<'_>) -> Value {
    let value = &click.message["value"];
    let text = |key: &str| value[key].as_str().unwrap_or_default();
    let mut elements = Vec::new();
    if !text("text").trim().is_empty() {
        elements.push(json!({"tag": "markdown", "content": text("text")}));
    }
    elements.push(json!({"tag": "note", "elements": [
        {"tag": "plain_text", "content": reaction.words},
    ]}));
    let mut row = Vec::new();
    if text("url").starts_with("http") {
        row.push(json!({
            "tag": "button",
            "text": {"tag": "plain_text", "content": text("open")},
            "type": "default",
            "url": text("url"),
        }));
    }
    let is_english = BUTTONS.iter().any(|(_, en, _)| *en == text("lang"));
    let left = BUTTONS.iter().filter(|(deed, ..)| stays(deed, &click.deed));
    row.extend(left.map(|(deed, en, zh)| button(deed, if is_english { en } else { zh }, value)));
    if !row.is_empty() {
        elements.push(json!({"tag": "action", "actions": row}));
    }
    let tone = match click.deed.as_str() {
        "resolve" => "green",
        _ => text("tone"),
    };
    json!({
        "config": {"wide_screen_mode": true, "update_multi": true},
        "header": {"template": tone, "title": {"tag": "plain_text", "content": text("title")}},
        "elements": elements,
    })
}

/// The newer kind shows words to who pressed, and the card to everybody; the older kind takes nothing.
fn answer(click: &Click, reaction: &Reaction<'_>) -> CallbackAnswer {
    if click.message["newer"] != true {
        return json_answer(&json!({}));
    }
    let tone = if reaction.is_done { "success" } else { "error" };
    let mut body = json!({"toast": {"type": tone, "content": cut(reaction.words, TOAST)}});
    if reaction.is_done {
        body["card"] = json!({"type": "raw", "data": card(click, reaction)});
    }
    json_answer(&body)
}

/// The call that shows what came of a press of the older kind; `None` where the answer did.
pub(crate) fn call(click: &Click, reaction: &Reaction<'_>) -> Option<(Method, String, Value)> {
    if click.message["newer"] == true {
        return None;
    }
    if reaction.is_done {
        let id = click.message["id"].as_str()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let path = format!("im/v1/messages/{id}");
        let body = json!({"content": card(click, reaction).to_string()});
        return id.chars().all(plain).then_some((Method::PATCH, path, body));
    }
    let body = json!({
        "receive_id": click.user,
        "msg_type": "text",
        "content": json!({"text": reaction.words}).to_string(),
    });
    let path = "im/v1/messages?receive_id_type=open_id".to_owned();
    Some((Method::POST, path, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::sdk::{cases, text};

    #[test]
    fn what_feishus_own_library_opens_is_opened_the_same() {
        for case in cases("lark") {
            let opened = unseal(text(&case, "key"), text(&case, "sealed"));
            assert_eq!(
                opened.as_deref(),
                Some(text(&case, "text").as_bytes()),
                "{case}"
            );
        }
    }
}
