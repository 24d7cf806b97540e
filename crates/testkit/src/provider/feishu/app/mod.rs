//! An application of Feishu: its token, messages with 加急, and the address book; each with a record of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use parking_lot::Mutex;
use serde_json::{Value, json};

use self::contact::{FeishuContact, FeishuContactSim};
use self::message::{FeishuMessage, FeishuMessageSim};
use self::token::{FeishuToken, FeishuTokenSim};
use crate::provider::{Call, Desk, Fault, Judged, Sim, Site};
use crate::received::{Book, Verdict};
use crate::reply::Reply;
use crate::window::Window;

pub mod callback;
pub mod contact;
mod image;
pub mod message;
pub mod token;

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
    /// The part of their status that is true, of those who are not simply there.
    statuses: BTreeMap<String, &'static str>,
    /// Who is outside the application's data scope.
    hidden: BTreeSet<String>,
    /// Whether the application lacks the right to see how people stand.
    lacks_employee: bool,
    /// When and as what each `uuid` was sent.
    sent: BTreeMap<String, (Time, String)>,
    /// The keys of pictures.
    images: BTreeSet<String>,
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
            statuses: BTreeMap::new(),
            hidden: BTreeSet::new(),
            lacks_employee: false,
            sent: BTreeMap::new(),
            images: BTreeSet::new(),
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
        let message = FeishuMessage::new(site.clone(), tenant.clone());
        Self {
            token: Sim::new(book("feishu_token"), FeishuToken::new(tenant.clone())),
            message: Sim::new(book("feishu_app"), message),
            contact: Sim::new(book("feishu_contact"), FeishuContact::new(tenant)),
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
            _ if path.starts_with("/open-apis/contact/v3/users/") => Some(&self.contact),
            "/open-apis/im/v1/images" => Some(&self.message),
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
    token(call, state)?;
    object(call)
}

/// Whether the token of a call is good.
fn token(call: &Call, state: &State) -> Result<(), Refusal> {
    let bearer = call.header("authorization").unwrap_or_default();
    let Some(token) = bearer.strip_prefix("Bearer ") else {
        return refuse(99_991_661, "Missing access token for authorization.");
    };
    if !state.tokens.iter().any(|known| known == token) {
        return refuse(99_991_663, "Invalid access token for authorization.");
    }
    Ok(())
}

fn object(call: &Call) -> Result<Value, Refusal> {
    let body: Option<Value> = serde_json::from_slice(&call.body).ok();
    let body = body.filter(|body| body.is_object() && call.is_type("application/json"));
    body.ok_or((230_001, "invalid param: ext=not JSON".into()))
}
