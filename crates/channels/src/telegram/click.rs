//! Buttons of Telegram: `callback_query` under the webhook's secret, the message changed by `editMessageText`.
//!
//! Vendor pages: <https://core.telegram.org/bots/api#setwebhook>, <https://core.telegram.org/bots/api#callbackquery>.
//! Set the webhook with `secret_token` and `allowed_updates: ["callback_query"]`.

use balefire_core::message::Message;
use balefire_core::time::Time;
use serde_json::{Value, json};

use crate::callback::{CallbackAnswer, CallbackError, CallbackRequest};
use crate::click::{BUTTONS, Click, Clicks, Reaction, buttons, no_greeting, silent, stays, token};
use crate::cut::cut;
use crate::sign::is_same;
use crate::spec::Length;

/// Telegram's clicks.
pub(crate) static CLICKS: Clicks = Clicks {
    platform: "telegram",
    identity: |person| &person.telegram,
    greet: no_greeting,
    read,
    answer,
};

/// Bytes of a button's data.
const DATA: usize = 64;
/// Longest text of a message, with room for what is said below it.
const TEXT: Length = Length::Utf16(3_700);
/// Longest words that come up after a press.
const TOAST: Length = Length::Chars(190);

fn read(request: &CallbackRequest<'_>) -> Result<Option<Click>, CallbackError> {
    let secret = request.account["webhook_secret"]
        .as_str()
        .unwrap_or_default();
    let shown = request.header("x-telegram-bot-api-secret-token");
    let shown = shown.ok_or(CallbackError::Forged("the webhook's secret is missing"))?;
    if secret.is_empty() || !is_same(secret, shown) {
        return Err(CallbackError::Forged("the webhook's secret is wrong"));
    }
    let update: Value = serde_json::from_slice(request.body)
        .map_err(|error| CallbackError::Unreadable(format!("no JSON: {error}")))?;
    Ok(click(&update, request.now))
}

fn click(update: &Value, now: Time) -> Option<Click> {
    let query = &update["callback_query"];
    let (short, token) = query["data"].as_str()?.split_once(':')?;
    let (deed, ..) = BUTTONS
        .into_iter()
        .find(|(deed, ..)| deed.starts_with(short))?;
    if short.len() != 1 {
        return None;
    }
    let chat = query["message"]["chat"]["id"].as_i64()?;
    Some(Click {
        deed: deed.to_owned(),
        token: token.to_owned(),
        user: query["from"]["id"].as_i64()?.to_string(),
        alias: String::new(),
        at: now,
        press: format!("telegram {}", query["id"].as_str()?),
        place: json!({"chat_id": chat.to_string()}),
        message: json!({
            "id": query["id"],
            "chat": chat,
            "message_id": query["message"]["message_id"],
            "text": query["message"]["text"],
            "entities": query["message"]["entities"],
            "buttons": query["message"]["reply_markup"]["inline_keyboard"],
        }),
    })
}

/// The answer is itself a call: the button stops turning, and who pressed it sees what came of it.
fn answer(click: &Click, reaction: &Reaction<'_>) -> CallbackAnswer {
    let Some(id) = click.message["id"].as_str() else {
        return silent();
    };
    let call = json!({
        "method": "answerCallbackQuery",
        "callback_query_id": id,
        "text": cut(reaction.words, TOAST),
        "show_alert": !reaction.is_done,
    });
    CallbackAnswer {
        media_type: "application/json",
        body: call.to_string(),
    }
}

/// The row of buttons below a message; `None` where there is nothing to answer, and where it does not fit.
pub(super) fn keyboard(message: &Message) -> Option<Value> {
    let token = token(message).filter(|token| token.len() + 2 <= DATA)?;
    let button = |(deed, word): (&str, &str)| json!({"text": word, "callback_data": format!("{}:{token}", &deed[..1])});
    let row: Vec<Value> = buttons(message).map(button).collect();
    Some(json!({"inline_keyboard": [row]}))
}

/// What changes the message so that it says what was done. Its text comes back without markup, its parts apart.
pub(crate) fn edit(click: &Click, reaction: &Reaction<'_>) -> Option<Value> {
    if !reaction.is_done {
        return None;
    }
    let message = &click.message;
    let text = message["text"].as_str()?;
    let rows = message["buttons"].as_array().into_iter().flatten();
    let left = rows.filter_map(|row| {
        let left = row.as_array()?.iter().filter(|button| {
            let data = button["callback_data"].as_str().unwrap_or_default();
            let short = data.split(':').next().unwrap_or_default();
            let deed = BUTTONS.iter().find(|(deed, ..)| deed.starts_with(short));
            deed.is_none_or(|(deed, ..)| stays(deed, &click.deed))
        });
        let left: Vec<Value> = left.cloned().collect();
        (!left.is_empty()).then_some(left)
    });
    let mut body = json!({
        "chat_id": message["chat"],
        "message_id": message["message_id"],
        "text": format!("{}\n\n{}", cut(text, TEXT), cut(reaction.words, TOAST)),
        "link_preview_options": {"is_disabled": true},
        "reply_markup": {"inline_keyboard": left.collect::<Vec<_>>()},
    });
    if message["entities"].is_array() && cut(text, TEXT) == text {
        body["entities"] = message["entities"].clone();
    }
    Some(body)
}
