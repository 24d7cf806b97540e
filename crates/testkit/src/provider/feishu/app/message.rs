//! `POST /open-apis/im/v1/messages` and `…/images`, and 加急 of what was sent.

use balefire_core::time::Time;
use http::Method;
use serde_json::{Value, json};

use super::super::message;
use super::{
    MAX_CARD, Refusal, SAME_FOR, State, Tenant, image, judged, read, refuse, scripted, token,
};
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;

/// The desk of messages.
#[derive(Debug)]
pub struct FeishuMessage {
    site: Site,
    tenant: Tenant,
}

/// [`FeishuMessage`] with its record.
pub type FeishuMessageSim = Sim<FeishuMessage>;

impl Sim<FeishuMessage> {
    /// Who was buzzed, and how: `phone ou_demo1`.
    pub fn buzzed(&self) -> Vec<String> {
        self.rules.tenant.0.lock().buzzed.clone()
    }

    /// How many buzzes are paid for.
    pub fn set_buzzes(&self, left: u64) {
        self.rules.tenant.0.lock().buzzes = left;
    }

    /// This person has no number, and is skipped.
    pub fn skip_buzz(&self, open_id: &str) {
        self.rules
            .tenant
            .0
            .lock()
            .skipped
            .insert(open_id.to_owned());
    }
}

impl FeishuMessage {
    pub(super) fn new(site: Site, tenant: Tenant) -> Self {
        Self { site, tenant }
    }

    fn check(&self, call: &Call, now: Time) -> Result<(Verdict, Value), Refusal> {
        let mut state = self.tenant.0.lock();
        let parts: Vec<&str> = call.segments().skip(3).collect();
        if (&call.method, parts.as_slice()) == (&Method::POST, ["images"].as_slice()) {
            token(call, &state)?;
            return Ok((Verdict::Answered, image::take(call, &mut state)?));
        }
        let body = read(call, &state)?;
        match (&call.method, parts.as_slice()) {
            (&Method::POST, ["messages"]) => {
                let kind = call.query("receive_id_type").unwrap_or_default();
                check_message(&kind, &body, &state)?;
                self.send(&mut state, &body, now)
            }
            (&Method::POST, ["messages", message, "reply"]) => {
                if !state.sent.values().any(|(_, id)| id == message) {
                    return refuse(230_011, "The message is withdrawn");
                }
                check_content(&body, &state)?;
                self.send(&mut state, &body, now)
            }
            (&Method::PATCH, ["messages", message, way]) => {
                let way = way.strip_prefix("urgent_").unwrap_or_default();
                if !["app", "sms", "phone"].contains(&way)
                    || call.query("user_id_type").as_deref() != Some("open_id")
                {
                    return refuse(230_001, "invalid param: ext=urgent");
                }
                buzz(&mut state, message, way, &body)
            }
            (&Method::PATCH, ["messages", message]) => change(&state, message, &body),
            _ => refuse(230_001, "invalid param: ext=path"),
        }
    }

    fn send(
        &self,
        state: &mut State,
        body: &Value,
        now: Time,
    ) -> Result<(Verdict, Value), Refusal> {
        let uuid = body["uuid"].as_str().unwrap_or_default();
        let answer = |id: &str| json!({"code": 0, "msg": "success", "data": {"message_id": id}});
        if let Some((at, id)) = state.sent.get(uuid)
            && now.since(*at) < SAME_FOR
        {
            return Ok((Verdict::Repeated, answer(id)));
        }
        if !self.site.unlimited && !state.pace.admit(now) {
            return refuse(99_991_400, "request trigger frequency limit");
        }
        state.messages += 1;
        let id = format!("om_sim{:08}", state.messages);
        if !uuid.is_empty() {
            state.sent.insert(uuid.to_owned(), (now, id.clone()));
        }
        Ok((Verdict::Accepted, answer(&id)))
    }
}

fn check_message(kind: &str, body: &Value, state: &State) -> Result<(), Refusal> {
    let id = body["receive_id"].as_str().unwrap_or_default();
    let good = match kind {
        "open_id" => id.starts_with("ou_"),
        "chat_id" => id.starts_with("oc_"),
        "email" => id.contains('@'),
        _ => false,
    };
    if !good {
        return refuse(
            230_001,
            "Your request contains an invalid request parameter, ext=invalid receive_id",
        );
    }
    check_content(body, state)
}

fn check_content(body: &Value, state: &State) -> Result<(), Refusal> {
    if body["uuid"].as_str().is_some_and(|uuid| uuid.len() > 50) {
        return refuse(230_001, "invalid param: ext=uuid");
    }
    let content = body["content"].as_str().unwrap_or_default();
    let msg_type = body["msg_type"].as_str().unwrap_or_default();
    let most = if msg_type == "text" {
        150 * 1_024
    } else {
        MAX_CARD
    };
    if content.len() > most {
        return refuse(230_025, "The message content reaches its limit");
    }
    let Ok(content) = serde_json::from_str::<Value>(content) else {
        return refuse(
            230_001,
            "content is not a string in json format, ext=content",
        );
    };
    image::check(&content, state)?;
    message::check(&as_of_hook(msg_type, &content)).map_err(|why| (230_099, why))
}

/// The same message as a group's bot would send it.
fn as_of_hook(msg_type: &str, content: &Value) -> Value {
    match msg_type {
        "interactive" => json!({"msg_type": msg_type, "card": without_callbacks(content)}),
        "post" => json!({"msg_type": msg_type, "content": {"post": content}}),
        _ => json!({"msg_type": msg_type, "content": content}),
    }
}

/// The card without the buttons that call back, which only an application's have.
fn without_callbacks(card: &Value) -> Value {
    let mut card = card.clone();
    let Some(elements) = card["elements"].as_array_mut() else {
        return card;
    };
    for element in elements.iter_mut() {
        if let Some(actions) = element["actions"].as_array_mut() {
            actions.retain(|button| !button["value"].is_object());
        }
    }
    elements.retain(|element| element["actions"] != json!([]));
    card
}

/// A card of one's own is changed where it says that it is one card for all.
fn change(state: &State, message: &str, body: &Value) -> Result<(Verdict, Value), Refusal> {
    if !state.sent.values().any(|(_, id)| id == message) {
        return refuse(230_012, "Bot is NOT the sender of the message.");
    }
    let content = body["content"].as_str().unwrap_or_default();
    let Ok(card) = serde_json::from_str::<Value>(content) else {
        return refuse(
            230_001,
            "content is not a string in json format, ext=content",
        );
    };
    if content.len() > MAX_CARD || card["config"]["update_multi"] != true {
        return refuse(230_099, "the card cannot be changed");
    }
    image::check(&card, state)?;
    message::check(&as_of_hook("interactive", &card)).map_err(|why| (230_099, why))?;
    Ok((
        Verdict::Answered,
        json!({"code": 0, "msg": "success", "data": {}}),
    ))
}

fn buzz(
    state: &mut State,
    message: &str,
    way: &str,
    body: &Value,
) -> Result<(Verdict, Value), Refusal> {
    if !state.sent.values().any(|(_, id)| id == message) {
        return refuse(230_012, "Bot is NOT the sender of the message.");
    }
    let ids = body["user_id_list"].as_array().into_iter().flatten();
    let ids: Vec<&str> = ids.filter_map(Value::as_str).collect();
    if ids.is_empty() || ids.len() > 200 {
        return refuse(230_001, "invalid param: ext=user_id_list");
    }
    let paid = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    if state.buzzes < paid {
        return refuse(230_024, "Reach the upper limit of urgent message.");
    }
    state.buzzes -= paid;
    let (skipped, told): (Vec<&str>, Vec<&str>) =
        ids.into_iter().partition(|id| state.skipped.contains(*id));
    state
        .buzzed
        .extend(told.iter().map(|id| format!("{way} {id}")));
    let data = json!({"invalid_user_id_list": skipped});
    Ok((
        Verdict::Answered,
        json!({"code": 0, "msg": "success", "data": data}),
    ))
}

impl Rules for FeishuMessage {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        judged(self.check(call, now))
    }

    fn fault(&self, fault: &Fault) -> Reply {
        scripted(fault)
    }

    fn shown(&self, body: &Value) -> String {
        let content = body["content"].as_str().unwrap_or_default();
        let content: Value = serde_json::from_str(content).unwrap_or_default();
        message::shown(&as_of_hook(
            body["msg_type"].as_str().unwrap_or_default(),
            &content,
        ))
    }
}
