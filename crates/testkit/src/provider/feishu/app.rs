//! An application of Feishu: its token, messages with 加急, and the address book; each with a record of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::message;
use crate::provider::{Call, Desk, Fault, Judged, Rules, Sim, Site};
use crate::received::{Book, Verdict};
use crate::reply::Reply;
use crate::window::Window;

/// The application's id and secret.
pub const APP_ID: &str = "cli_simulated0000001";
/// See [`APP_ID`].
pub const APP_SECRET: &str = "SimulatedAppSecretSimulatedAppS1";
/// Largest content of a card or post.
pub const MAX_CARD: usize = 30 * 1_024;
/// Calls of an application in a second.
pub const PER_SECOND: usize = 50;
/// How long the same `uuid` is the same message.
pub const SAME_FOR: Duration = Duration::from_hours(1);

#[derive(Debug)]
struct State {
    /// The secret of each application.
    apps: BTreeMap<String, String>,
    tokens: Vec<String>,
    people: BTreeMap<String, String>,
    /// When and as what each `uuid` was sent.
    sent: BTreeMap<String, (Time, String)>,
    messages: u64,
    buzzes: u64,
    buzzed: Vec<String>,
    skipped: BTreeSet<String>,
    pace: Window,
}

/// What all desks of one tenant share.
#[derive(Clone, Debug)]
struct Tenant(Arc<Mutex<State>>);

impl Tenant {
    fn new() -> Self {
        let apps = [(APP_ID.to_owned(), APP_SECRET.to_owned())];
        Self(Arc::new(Mutex::new(State {
            apps: BTreeMap::from(apps),
            tokens: Vec::new(),
            people: BTreeMap::new(),
            sent: BTreeMap::new(),
            messages: 0,
            buzzes: 1_000,
            buzzed: Vec::new(),
            skipped: BTreeSet::new(),
            pace: Window::new(PER_SECOND, Duration::from_secs(1)),
        })))
    }
}

/// The three desks.
#[derive(Debug)]
pub struct FeishuApp {
    /// Its tokens.
    pub token: FeishuTokenSim,
    /// Messages and 加急.
    pub message: FeishuMessageSim,
    /// The address book.
    pub contact: FeishuContactSim,
}

impl FeishuApp {
    pub(crate) fn new(book: impl Fn(&'static str) -> Book, site: &Site) -> Self {
        let tenant = Tenant::new();
        let message = FeishuMessage {
            site: site.clone(),
            tenant: tenant.clone(),
        };
        Self {
            token: Sim::new(book("feishu_token"), FeishuToken(tenant.clone())),
            message: Sim::new(book("feishu_app"), message),
            contact: Sim::new(book("feishu_contact"), FeishuContact(tenant)),
        }
    }

    /// Every desk, in the order they are shown.
    pub(crate) fn desks(&self) -> [&dyn Desk; 3] {
        [&self.token, &self.message, &self.contact]
    }

    /// The desk that answers a path.
    pub(crate) fn desk(&self, path: &str) -> Option<&dyn Desk> {
        match path {
            "/open-apis/auth/v3/tenant_access_token/internal" => Some(&self.token),
            "/open-apis/contact/v3/users/batch_get_id" => Some(&self.contact),
            _ if path.starts_with("/open-apis/im/v1/messages") => Some(&self.message),
            _ => None,
        }
    }
}

/// A refusal: code and words.
type Refusal = (i64, String);

fn refuse<T>(code: i64, words: &str) -> Result<T, Refusal> {
    Err((code, words.to_owned()))
}

fn refusal((code, words): &Refusal) -> Reply {
    let status = if *code == 99_991_400 { 429 } else { 400 };
    let body = json!({"code": code, "msg": words, "error": {"log_id": "20261121083000SIM"}});
    let reply = Reply::json(&body).with_status(status);
    if *code == 99_991_400 {
        reply.header("x-ogw-ratelimit-reset", "1")
    } else {
        reply
    }
}

fn judged(checked: Result<(Verdict, Value), Refusal>) -> Judged {
    match checked {
        Ok((verdict, data)) => Judged::new(verdict, APP_ID, Reply::json(&data)),
        Err(refused) => {
            let verdict = Verdict::Refused(format!("{} {}", refused.0, refused.1));
            Judged::new(verdict, APP_ID, refusal(&refused))
        }
    }
}

fn scripted(fault: &Fault) -> Reply {
    match fault {
        Fault::Code(code, words) => refusal(&(*code, words.clone())),
        Fault::RateLimited(_) => refusal(&(99_991_400, "request trigger frequency limit".into())),
        Fault::ExpiredToken => {
            refusal(&(99_991_663, "Invalid access token for authorization.".into()))
        }
    }
}

/// The JSON object of a call, and whether its token is good.
fn read(call: &Call, state: &State) -> Result<Value, Refusal> {
    let bearer = call.header("authorization").unwrap_or_default();
    let Some(token) = bearer.strip_prefix("Bearer ") else {
        return refuse(99_991_661, "Missing access token for authorization.");
    };
    if !state.tokens.iter().any(|known| known == token) {
        return refuse(99_991_663, "Invalid access token for authorization.");
    }
    object(call)
}

fn object(call: &Call) -> Result<Value, Refusal> {
    let body: Option<Value> = serde_json::from_slice(&call.body).ok();
    let body = body.filter(|body| body.is_object() && call.is_type("application/json"));
    body.ok_or((230_001, "invalid param: ext=not JSON".into()))
}

/// The token's desk.
#[derive(Debug)]
pub struct FeishuToken(Tenant);

/// [`FeishuToken`] with its record: count its requests to see whether tokens are cached.
pub type FeishuTokenSim = Sim<FeishuToken>;

impl Sim<FeishuToken> {
    /// The application's id.
    pub fn app_id(&self) -> &'static str {
        APP_ID
    }

    /// Its secret.
    pub fn app_secret(&self) -> &'static str {
        APP_SECRET
    }

    /// Makes another application known.
    pub fn add_app(&self, id: &str, secret: &str) {
        let mut state = self.rules.0.0.lock();
        state.apps.insert(id.to_owned(), secret.to_owned());
    }
}

impl FeishuToken {
    fn check(&self, call: &Call) -> Result<Value, Refusal> {
        let body = object(call)?;
        let mut state = self.0.0.lock();
        let id = body["app_id"].as_str().unwrap_or_default();
        let Some(secret) = state.apps.get(id) else {
            return refuse(10_003, "invalid param: app_id");
        };
        if body["app_secret"] != secret.as_str() {
            return refuse(10_014, "app secret invalid");
        }
        let token = format!("t-sim{:012}", state.tokens.len());
        state.tokens.push(token.clone());
        Ok(json!({"code": 0, "msg": "ok", "tenant_access_token": token, "expire": 7_200}))
    }
}

impl Rules for FeishuToken {
    fn judge(&self, call: &Call, _now: Time) -> Judged {
        let answered = self.check(call);
        judged(answered.map(|answer| (Verdict::Answered, answer)))
    }

    fn fault(&self, fault: &Fault) -> Reply {
        scripted(fault)
    }

    fn shown(&self, _body: &Value) -> String {
        String::new()
    }
}

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
    fn check(&self, call: &Call, now: Time) -> Result<(Verdict, Value), Refusal> {
        let mut state = self.tenant.0.lock();
        let body = read(call, &state)?;
        let parts: Vec<&str> = call.segments().skip(3).collect();
        match (&call.method, parts.as_slice()) {
            (&Method::POST, ["messages"]) => {
                let kind = call.query("receive_id_type").unwrap_or_default();
                check_message(&kind, &body)?;
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

fn check_message(kind: &str, body: &Value) -> Result<(), Refusal> {
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
    message::check(&as_of_hook(msg_type, &content)).map_err(|why| (230_099, why))
}

/// The same message as a group's bot would send it.
fn as_of_hook(msg_type: &str, content: &Value) -> Value {
    match msg_type {
        "interactive" => json!({"msg_type": msg_type, "card": content}),
        "post" => json!({"msg_type": msg_type, "content": {"post": content}}),
        _ => json!({"msg_type": msg_type, "content": content}),
    }
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

/// The desk of the address book.
#[derive(Debug)]
pub struct FeishuContact(Tenant);

/// [`FeishuContact`] with its record.
pub type FeishuContactSim = Sim<FeishuContact>;

impl Sim<FeishuContact> {
    /// Adds a person by mobile number (of the mainland without its country) or address.
    pub fn add_person(&self, name: &str, open_id: &str) {
        let mut state = self.rules.0.0.lock();
        state.people.insert(name.to_owned(), open_id.to_owned());
    }
}

impl FeishuContact {
    fn check(&self, call: &Call) -> Result<Value, Refusal> {
        let state = self.0.0.lock();
        let body = read(call, &state)?;
        let mut users = Vec::new();
        for (list, name) in [("mobiles", "mobile"), ("emails", "email")] {
            let asked: Vec<&str> = body[list]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            if asked.len() > 50 {
                return refuse(230_001, "invalid param: ext=too many");
            }
            for asked in asked {
                let mut user = json!({name: asked});
                // Who is not found has no id, and the code is 0 all the same.
                if let Some(id) = state.people.get(asked) {
                    user["user_id"] = id.as_str().into();
                }
                users.push(user);
            }
        }
        Ok(json!({"code": 0, "msg": "success", "data": {"user_list": users}}))
    }
}

impl Rules for FeishuContact {
    fn judge(&self, call: &Call, _now: Time) -> Judged {
        let answered = self.check(call);
        judged(answered.map(|answer| (Verdict::Answered, answer)))
    }

    fn fault(&self, fault: &Fault) -> Reply {
        scripted(fault)
    }

    fn shown(&self, _body: &Value) -> String {
        String::new()
    }
}
