//! The self-built application: messages to members, groups it makes, and uploads, all under
//! `/cgi-bin/` with an access token in the query.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::addressed::Addressed;
use super::chat::Chats;
use super::media::Media;
use super::message::{self, Sender};
use super::token::{CORP_ID, CORP_SECRET, Tokens, WeComToken};
use super::{Refusal, body, common_fault, refuse};
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::Window;

/// The application's agent id.
pub const AGENT_ID: i64 = 1_000_002;
/// Messages of one application to one member in a minute; more are dropped without a word.
pub const MEMBER_PER_MINUTE: usize = 30;
/// … and in an hour.
pub const MEMBER_PER_HOUR: usize = 1_000;
/// Calls in a minute; one more is refused with 45009.
pub const CALLS_PER_MINUTE: usize = 10_000;
/// Numbers that nobody has, after which the address book is shut.
pub const MISSES: usize = 5;
/// Bodies remembered for the duplicate check.
const REMEMBERED: usize = 1_000;

/// The simulated application.
#[derive(Debug)]
pub struct WeComApp {
    site: Site,
    tokens: Arc<Tokens>,
    media: Media,
    chats: Chats,
    state: Mutex<State>,
}

/// [`WeComApp`] with its record.
pub type WeComAppSim = Sim<WeComApp>;

#[derive(Debug)]
struct State {
    /// Members there are, in lower case; `None`: everybody asked for.
    members: Option<BTreeSet<String>>,
    /// Members without a licence for the API.
    unlicensed: BTreeSet<String>,
    minute: Window,
    pace: BTreeMap<String, (Window, Window)>,
    seen: VecDeque<(Time, Value)>,
    sent: u64,
    /// Codes of cards that may yet be changed.
    codes: BTreeSet<String>,
    /// User ids by mobile number.
    mobiles: BTreeMap<String, String>,
    /// Numbers asked for that nobody has.
    misses: usize,
}

impl Sim<WeComApp> {
    /// This number is that member's.
    pub fn add_mobile(&self, mobile: &str, user: &str) {
        let mut state = self.rules.state.lock();
        state.mobiles.insert(mobile.to_owned(), user.to_owned());
    }

    /// The code of a press below a card, good for one change.
    pub fn press(&self) -> String {
        let mut state = self.rules.state.lock();
        let code = format!("sim-press-{}", state.codes.len());
        state.codes.insert(code.clone());
        code
    }

    /// The base of all addresses.
    pub fn base_url(&self) -> &str {
        &self.rules.site.base
    }

    /// The enterprise's id.
    pub fn corp_id(&self) -> &'static str {
        CORP_ID
    }

    /// The application's secret.
    pub fn secret(&self) -> &'static str {
        CORP_SECRET
    }

    /// The application's agent id.
    pub fn agent_id(&self) -> i64 {
        AGENT_ID
    }

    /// From now on only these people exist; the others come back as `invaliduser`.
    pub fn set_members(&self, members: &[&str]) {
        let members = members.iter().map(|id| id.to_ascii_lowercase()).collect();
        self.rules.state.lock().members = Some(members);
    }

    /// These people come back as `unlicenseduser`.
    pub fn set_unlicensed(&self, members: &[&str]) {
        let members = members.iter().map(|id| id.to_ascii_lowercase()).collect();
        self.rules.state.lock().unlicensed = members;
    }

    /// Every token issued so far is refused with 42001 from now on.
    pub fn expire_tokens(&self) {
        self.rules.tokens.expire();
    }

    /// Every token issued so far is refused with 40014 from now on.
    pub fn forget_tokens(&self) {
        self.rules.tokens.forget();
    }
}

/// Who of those addressed gets it.
#[derive(Debug, Default)]
struct Reached {
    invalid: Vec<String>,
    unlicensed: Vec<String>,
    /// Named members who get it.
    named: Vec<String>,
    /// A party, a tag or everybody is addressed too.
    many: bool,
}

impl WeComApp {
    pub(crate) fn new(site: Site, token: &WeComToken) -> Self {
        let state = State {
            members: None,
            unlicensed: BTreeSet::new(),
            minute: Window::new(CALLS_PER_MINUTE, Duration::from_mins(1)),
            pace: BTreeMap::new(),
            seen: VecDeque::new(),
            sent: 0,
            codes: BTreeSet::new(),
            mobiles: BTreeMap::new(),
            misses: 0,
        };
        Self {
            site,
            tokens: Arc::clone(&token.tokens),
            media: Media::default(),
            chats: Chats::default(),
            state: Mutex::new(state),
        }
    }

    fn check(
        &self,
        call: &Call,
        now: Time,
        notes: &mut Vec<String>,
    ) -> Result<(Verdict, Reply), Refusal> {
        if call.method != Method::POST {
            return Err((43_002, "require POST method".into()));
        }
        self.tokens
            .check(call.query("access_token").as_deref(), now)?;
        if !self.site.unlimited && !self.state.lock().minute.admit(now) {
            return Err((45_009, "api freq out of limit".into()));
        }
        match call.uri.path() {
            "/cgi-bin/media/upload" => {
                let kinds = ["image", "voice", "video", "file"];
                Ok((Verdict::Answered, self.media.take(call, "", &kinds, now)?))
            }
            "/cgi-bin/appchat/create" => {
                Ok((Verdict::Answered, self.chats.create(&body(&call.body)?)?))
            }
            "/cgi-bin/appchat/send" => {
                let body = body(&call.body)?;
                self.chats.check(&body)?;
                self.check_payload(Sender::Chat, &body, now, notes)?;
                Ok((Verdict::Accepted, super::answer(0, "ok")))
            }
            "/cgi-bin/message/update_template_card" => self.update(&body(&call.body)?),
            "/cgi-bin/user/getuserid" => self.find(&body(&call.body)?),
            _ => self.send(&body(&call.body)?, now, notes),
        }
    }

    fn check_payload(
        &self,
        sender: Sender,
        body: &Value,
        now: Time,
        notes: &mut Vec<String>,
    ) -> Result<(), Refusal> {
        let media = |id: &str, kind: &str| self.media.check(id, "", kind, now);
        message::check(sender, body, media, notes)
    }

    /// Changes a card, once for each code.
    fn update(&self, body: &Value) -> Result<(Verdict, Reply), Refusal> {
        if body["agentid"].as_i64() != Some(AGENT_ID) {
            return Err((40_056, "invalid agentid".into()));
        }
        let users = body["userids"]
            .as_array()
            .is_some_and(|ids| !ids.is_empty());
        if !users && body["atall"] != 1 {
            return Err((40_063, "some parameters are empty: userids".into()));
        }
        let named = body["button"]["replace_name"].as_str();
        if named.is_none_or(str::is_empty) && !body["template_card"].is_object() {
            return Err((40_063, "some parameters are empty: button".into()));
        }
        let code = body["response_code"].as_str().unwrap_or_default();
        if !self.state.lock().codes.remove(code) {
            return Err((40_035, "invalid parameter: response_code".into()));
        }
        Ok((Verdict::Answered, super::answer(0, "ok")))
    }

    /// Whose mobile number it is; who asks for too many that nobody has is shut out.
    fn find(&self, body: &Value) -> Result<(Verdict, Reply), Refusal> {
        let mobile = body["mobile"].as_str().unwrap_or_default();
        if !(5..=32).contains(&mobile.len()) {
            return Err((60_103, "invalid mobile".into()));
        }
        let mut state = self.state.lock();
        if state.misses >= MISSES {
            return Err((45_009, "api freq out of limit".into()));
        }
        let Some(user) = state.mobiles.get(mobile).cloned() else {
            state.misses += 1;
            return Err((46_004, "user not exist".into()));
        };
        let reply = json!({"errcode": 0, "errmsg": "ok", "userid": user});
        Ok((Verdict::Answered, Reply::json(&reply)))
    }

    fn send(
        &self,
        body: &Value,
        now: Time,
        notes: &mut Vec<String>,
    ) -> Result<(Verdict, Reply), Refusal> {
        match &body["agentid"] {
            Value::Null => return Err((41_011, "missing agentid".into())),
            id if id.as_i64() != Some(AGENT_ID) => return Err((40_056, "invalid agentid".into())),
            _ => {}
        }
        let addressed = Addressed::read(body)?;
        self.check_payload(Sender::App, body, now, notes)?;
        message::check_switches(body)?;
        let mut state = self.state.lock();
        let mut reached = state.reach(&addressed);
        if reached.named.is_empty() && !reached.many {
            return Err((81_013, "user & party & tag all invalid".into()));
        }
        let verdict = if state.is_repeated(body, now) {
            Verdict::Repeated
        } else if !self.site.unlimited && state.drops(&mut reached, now, notes) {
            Verdict::Dropped
        } else {
            Verdict::Accepted
        };
        state.sent += 1;
        let mut reply = json!({
            "errcode": 0,
            "errmsg": "ok",
            "invaliduser": reached.invalid.join("|"),
            "invalidparty": "",
            "invalidtag": "",
            "unlicenseduser": reached.unlicensed.join("|"),
            "msgid": format!("sim-msg-{}", state.sent),
        });
        if body["msgtype"] == "template_card" {
            reply["response_code"] = format!("sim-response-{}", state.sent).into();
        }
        Ok((verdict, Reply::json(&reply)))
    }
}

impl State {
    fn reach(&self, addressed: &Addressed) -> Reached {
        if addressed.everybody {
            return Reached {
                many: true,
                ..Reached::default()
            };
        }
        let mut reached = Reached {
            many: addressed.groups > 0,
            ..Reached::default()
        };
        for user in &addressed.users {
            if self
                .members
                .as_ref()
                .is_some_and(|members| !members.contains(user))
            {
                reached.invalid.push(user.clone());
            } else if self.unlicensed.contains(user) {
                reached.unlicensed.push(user.clone());
            } else {
                reached.named.push(user.clone());
            }
        }
        reached
    }

    /// Whether the duplicate check is on and the same body was sent within its interval.
    fn is_repeated(&mut self, body: &Value, now: Time) -> bool {
        if body["enable_duplicate_check"] != 1 {
            return false;
        }
        let interval = body["duplicate_check_interval"].as_u64().unwrap_or(1_800);
        let interval = Duration::from_secs(interval);
        if self
            .seen
            .iter()
            .any(|(at, seen)| seen == body && now.since(*at) < interval)
        {
            return true;
        }
        if self.seen.len() == REMEMBERED {
            self.seen.pop_front();
        }
        self.seen.push_back((now, body.clone()));
        false
    }

    /// Counts the message against each member's limits; whether nobody is left who sees it.
    fn drops(&mut self, reached: &mut Reached, now: Time, notes: &mut Vec<String>) -> bool {
        reached.named.retain(|user| {
            let (minute, hour) = self.pace.entry(user.clone()).or_insert_with(|| {
                let minute = Window::new(MEMBER_PER_MINUTE, Duration::from_mins(1));
                (
                    minute,
                    Window::new(MEMBER_PER_HOUR, Duration::from_hours(1)),
                )
            });
            let fits = minute.has_room(now) && hour.has_room(now);
            if fits {
                minute.take(now);
                hour.take(now);
            } else {
                notes.push(format!(
                    "{user} has had too many messages and does not see this one"
                ));
            }
            fits
        });
        reached.named.is_empty() && !reached.many
    }
}

impl Rules for WeComApp {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        let account = AGENT_ID.to_string();
        let mut notes = Vec::new();
        match self.check(call, now, &mut notes) {
            Ok((verdict, reply)) => Judged {
                notes,
                ..Judged::new(verdict, account, reply)
            },
            Err(refusal) => refuse(&account, &refusal, notes),
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        if matches!(fault, Fault::ExpiredToken) {
            self.tokens.expire();
        }
        common_fault(fault)
    }

    fn shown(&self, body: &Value) -> String {
        message::shown(body)
    }
}
