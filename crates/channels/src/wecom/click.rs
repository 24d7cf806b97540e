//! Buttons of WeCom's template cards: `template_card_event`, sealed and signed, and the card changed by
//! `update_template_card`.
//!
//! Vendor pages: <https://developer.work.weixin.qq.com/document/path/90238> (sealing), 96458 (the event), 94888 (the
//! change). An event does not bring the card along, and its code changes the card once: the buttons become one line that
//! says who did what, for everybody who got the card. Whoever may not press is told so in a message of their own.

use balefire_core::message::Message;
use balefire_core::time::Time;
use serde_json::{Value, json};
use url::Url;

use super::form;
use super::sealed::{Sealed, element, signature};
use crate::callback::{CallbackAnswer, CallbackError, CallbackRequest};
use crate::click::{Click, Clicks, LONGEST, Reaction, buttons, is_deed, is_fresh, silent, token};
use crate::cut::cut;
use crate::sign::{is_same, sha256_hex};
use crate::spec::Length;

/// WeCom's clicks.
pub(crate) static CLICKS: Clicks = Clicks {
    platform: "wecom",
    identity: |person| &person.wecom,
    greet,
    read,
    // Within five seconds, and without words.
    answer: |_, _| silent(),
};

/// Longest words in the place of the buttons.
const LINE: Length = Length::Chars(60);
/// How much of a hash tells cards apart.
const TASK: usize = 40;

/// WeCom asks for an opened text when the address is entered.
fn greet(request: &CallbackRequest<'_>) -> Result<Option<CallbackAnswer>, CallbackError> {
    if !request.body.is_empty() {
        return Ok(None);
    }
    let query = Query::of(request.url);
    let Some(sealed) = query.value("echostr") else {
        return Ok(None);
    };
    let opened = open(request, &query, &sealed)?;
    let body = String::from_utf8(opened);
    let body = body.map_err(|_| CallbackError::Unreadable("echostr is no text".to_owned()))?;
    Ok(Some(CallbackAnswer {
        media_type: "text/plain; charset=utf-8",
        body,
    }))
}

fn read(request: &CallbackRequest<'_>) -> Result<Option<Click>, CallbackError> {
    let unreadable = |why: &str| CallbackError::Unreadable(why.to_owned());
    let body = std::str::from_utf8(request.body).map_err(|_| unreadable("the body is no text"))?;
    let sealed = element(body, "Encrypt").ok_or_else(|| unreadable("the body has no Encrypt"))?;
    let opened = open(request, &Query::of(request.url), sealed)?;
    let event = String::from_utf8(opened).map_err(|_| unreadable("what was sealed is no text"))?;
    Ok(click(&event, request.now))
}

/// The parts of the query that sign it.
struct Query(Vec<(String, String)>);

impl Query {
    fn of(url: &str) -> Self {
        let url = Url::parse(url);
        let pairs = url.iter().flat_map(Url::query_pairs);
        Self(
            pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// The only value of this name.
    fn value(&self, name: &str) -> Option<String> {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        let first = values.next().map(|(_, value)| value.clone());
        first.filter(|_| values.next().is_none())
    }
}

/// What was sealed, if it was signed just now with the account's token and is for its company.
fn open(
    request: &CallbackRequest<'_>,
    query: &Query,
    sealed: &str,
) -> Result<Vec<u8>, CallbackError> {
    let forged = CallbackError::Forged;
    let setting = |key: &str, why: &'static str| {
        let text = request.account[key].as_str();
        text.filter(|text| !text.is_empty()).ok_or(forged(why))
    };
    let token = setting("receive_token", "the account has no receive_token")?;
    let key = setting("encoding_aes_key", "the account has no encoding_aes_key")?;
    let corp = setting("corp_id", "the account has no corp_id")?;
    let part = |name: &str, why: &'static str| query.value(name).ok_or(forged(why));
    let shown = part("msg_signature", "msg_signature is missing")?;
    let stamp = part("timestamp", "timestamp is missing")?;
    let nonce = part("nonce", "nonce is missing")?;
    if !is_same(&signature(token, &stamp, &nonce, sealed), &shown) {
        return Err(forged("msg_signature is wrong"));
    }
    let at = stamp.parse().map(Time::from_secs);
    let at = at.map_err(|_| forged("timestamp is no time"))?;
    if !is_fresh(at, request.now) {
        return Err(forged("the request is older than five minutes"));
    }
    let opened = Sealed::open(key, sealed);
    let opened = opened.ok_or(forged("encoding_aes_key does not open it"))?;
    if opened.receiver == corp.as_bytes() {
        Ok(opened.text)
    } else {
        Err(forged("it is for another company"))
    }
}

fn click(event: &str, now: Time) -> Option<Click> {
    let word = |name: &str| element(event, name).filter(|word| !word.is_empty());
    if word("MsgType") != Some("event") || word("Event") != Some("template_card_event") {
        return None;
    }
    let (deed, token) = word("EventKey")?.split_once(':')?;
    let (user, task) = (word("FromUserName")?, word("TaskId")?);
    let at = word("CreateTime").unwrap_or_default();
    (is_deed(deed) && token.len() <= LONGEST).then(|| Click {
        deed: deed.to_owned(),
        token: token.to_owned(),
        user: user.to_owned(),
        // An id is the same whatever its case.
        alias: user.to_ascii_lowercase(),
        at: now,
        press: format!("wecom {user} {at} {deed} {task}"),
        place: json!({"to_user": user}),
        message: json!({"code": word("ResponseCode")}),
    })
}

/// The card with buttons; `None` where there is nothing to answer.
pub(super) fn card(message: &Message, id: &str) -> Option<Value> {
    let token = token(message)?;
    let mut card = form::asking(message);
    let row: Vec<Value> = buttons(message)
        .map(|(deed, word)| {
            let style = if deed == "acknowledge" { 1 } else { 3 };
            json!({"text": word, "style": style, "key": format!("{deed}:{token}")})
        })
        .collect();
    card["button_list"] = row.into();
    // The same on every try, as long as the card is the same: WeCom knows a card by it.
    let hash = sha256_hex(format!("{id} {card}").as_bytes());
    card["task_id"] = hash[..TASK].into();
    Some(json!({"msgtype": "template_card", "template_card": card}))
}

/// The method that shows what came of a click, and its arguments; `None` where the event had no code.
pub(super) fn reaction(
    click: &Click,
    reaction: &Reaction<'_>,
    agent_id: i64,
) -> Option<(&'static str, Value)> {
    if !reaction.is_done {
        let body = json!({
            "touser": click.user,
            "msgtype": "text",
            "agentid": agent_id,
            "text": {"content": reaction.words},
        });
        return Some(("message/send", body));
    }
    let body = json!({
        "atall": 1,
        "agentid": agent_id,
        "response_code": click.message["code"].as_str()?,
        "button": {"replace_name": cut(reaction.words, LINE)},
    });
    Some(("message/update_template_card", body))
}
