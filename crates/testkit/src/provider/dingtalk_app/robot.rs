//! The application's robot: messages to people and to groups, and DING in the app, by SMS and by phone call.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Map, Value, json};

use super::card::{self, Cards};
use super::{
    CLIENT_ID, Company, Named, Pace, new_fault, opened, refuse_named, template, text, texts,
};
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;

/// Most people of one message, and of one DING by SMS or phone.
pub const MAX_PEOPLE: usize = 20;
/// Most people of one DING in the app.
pub const MAX_DING_PEOPLE: usize = 200;
/// The voices of a phone call.
const VOICES: [&str; 6] = [
    "Standard_Female_Voice",
    "Cantonese_Female_Voice",
    "Gentine_Female_Voice",
    "Overbearing_Female_Voice",
    "Lovely_Girl_Voice",
    "Standard_Male_Voice",
];

/// A group.
#[derive(Clone, Debug, Default)]
pub(super) struct Chat {
    pub(super) has_robot: bool,
    pub(super) disbanded: bool,
}

#[derive(Debug, Default)]
struct State {
    /// People who are over the robot's flow control.
    slowed: BTreeSet<String>,
    /// DINGs by SMS and phone that are paid for; `None`: as many as wanted.
    credit: Option<usize>,
    sent: u64,
    cards: Cards,
}

/// The simulated robot.
#[derive(Debug)]
pub struct DingTalkRobot {
    company: Arc<Company>,
    pace: Pace,
    state: Mutex<State>,
}

/// [`DingTalkRobot`] with its record.
pub type DingTalkRobotSim = Sim<DingTalkRobot>;

impl Sim<DingTalkRobot> {
    /// Where presses of cards of this route go, and what they are signed with.
    pub fn card_route(&self, key: &str) -> Option<(String, String)> {
        self.rules.state.lock().cards.route(key)
    }

    /// The headers of a press of this time (milliseconds, as written).
    pub fn signed(secret: &str, millis: &str) -> [(&'static str, String); 2] {
        card::signed(secret, millis)
    }

    /// The variables of a card as everybody sees them; `None` where there is no such card.
    pub fn card(&self, id: &str) -> Option<BTreeMap<String, String>> {
        self.rules.state.lock().cards.shown(id)
    }

    /// Somebody takes every card back.
    pub fn take_cards_back(&self) {
        self.rules.state.lock().cards.take_back();
    }

    /// A press was answered so, which changes the card.
    pub fn answer_press(&self, id: &str, answer: &Value) {
        self.rules.state.lock().cards.answered(id, answer);
    }

    /// The robot's code.
    pub fn robot_code(&self) -> &'static str {
        CLIENT_ID
    }

    /// Adds a group that the robot is in.
    pub fn add_group(&self, conversation_id: &str) {
        let chat = Chat {
            has_robot: true,
            disbanded: false,
        };
        let mut groups = self.rules.company.groups.lock();
        groups.insert(conversation_id.to_owned(), chat);
    }

    /// Ends a group.
    pub fn disband(&self, conversation_id: &str) {
        if let Some(chat) = self.rules.company.groups.lock().get_mut(conversation_id) {
            chat.disbanded = true;
        }
    }

    /// These people come back as flow-controlled.
    pub fn set_slowed(&self, users: &[&str]) {
        let users = users.iter().map(|&user| user.to_owned()).collect();
        self.rules.state.lock().slowed = users;
    }

    /// So many receivers of DINGs by SMS and phone are paid for.
    pub fn set_ding_credit(&self, receivers: usize) {
        self.rules.state.lock().credit = Some(receivers);
    }
}

impl DingTalkRobot {
    pub(crate) fn new(site: Site, company: &Arc<Company>) -> Self {
        Self {
            company: Arc::clone(company),
            pace: Pace::new(site),
            state: Mutex::default(),
        }
    }

    fn check(&self, call: &Call, now: Time) -> Result<Value, Named> {
        let path = call.uri.path();
        let method = if path == card::INSTANCES {
            &Method::PUT
        } else {
            &Method::POST
        };
        let body = opened(&self.company, call, method, now)?;
        if !self.pace.admits(path, now) {
            let name = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi";
            return Err((403, name, "qps limit".into()));
        }
        if let Some(what) = path.strip_prefix("/v1.0/card/") {
            return self.state.lock().cards.take(what, &body, &self.company);
        }
        let robot = text(&body, "robotCode")?;
        let ding = path == "/v1.0/robot/ding/send";
        if robot != CLIENT_ID {
            let name = if ding {
                "invalid.chatbotId"
            } else {
                "invalidParameter.robotCode.notExsit"
            };
            return Err((400, name, robot.to_owned()));
        }
        let number = {
            let mut state = self.state.lock();
            state.sent += 1;
            state.sent
        };
        match path {
            "/v1.0/robot/oToMessages/batchSend" => self.to_people(&body, number),
            "/v1.0/robot/groupMessages/send" => self.to_group(&body, number),
            _ => self.ding(&body, number),
        }
    }

    fn to_people(&self, body: &Value, number: u64) -> Result<Value, Named> {
        let users = texts(body, "userIds")?;
        if users.len() > MAX_PEOPLE {
            let words = format!("userIds exceeds {MAX_PEOPLE}");
            return Err((400, "invalidParameter.userIds.overMax", words));
        }
        template::check(body)?;
        let (known, unknown): (Vec<&str>, Vec<&str>) =
            users.iter().partition(|user| self.company.employs(user));
        if known.is_empty() {
            return Err((400, "staffId.notExisted", unknown.join(",")));
        }
        let slowed = &self.state.lock().slowed;
        let slow: Vec<&&str> = known
            .iter()
            .filter(|user| slowed.contains(**user))
            .collect();
        Ok(json!({
            "processQueryKey": format!("sim-query-{number}"),
            "invalidStaffIdList": unknown,
            "flowControlledStaffIdList": slow,
        }))
    }

    fn to_group(&self, body: &Value, number: u64) -> Result<Value, Named> {
        let id = text(body, "openConversationId")?;
        template::check(body)?;
        let groups = self.company.groups.lock();
        match groups.get(id) {
            Some(chat) if chat.disbanded => Err((400, "group.disbanded", id.to_owned())),
            Some(chat) if chat.has_robot => {
                Ok(json!({"processQueryKey": format!("sim-query-{number}")}))
            }
            _ => Err((400, "invalid.openConversationId", id.to_owned())),
        }
    }

    fn ding(&self, body: &Value, number: u64) -> Result<Value, Named> {
        let invalid = |words: &str| (400, "invalidParameter.param.invalid", words.to_owned());
        let remind = body["remindType"].as_u64().unwrap_or_default();
        if !(1..=3).contains(&remind) {
            return Err(invalid("remindType"));
        }
        if text(body, "content")
            .map(str::trim)
            .is_ok_and(str::is_empty)
        {
            return Err(invalid("content"));
        }
        text(body, "content")?;
        let voice = &body["callVoice"];
        if !voice.is_null() && !voice.as_str().is_some_and(|voice| VOICES.contains(&voice)) {
            return Err(invalid("callVoice"));
        }
        let users = texts(body, "receiverUserIdList")
            .map_err(|(_, _, words)| (400, "miss.staffId", words))?;
        let most = if remind == 1 {
            MAX_DING_PEOPLE
        } else {
            MAX_PEOPLE
        };
        if users.len() > most {
            let words = "ding receiver count limit".into();
            return Err((400, "ding.receivercount.limit", words));
        }
        let (known, unknown): (Vec<&str>, Vec<&str>) =
            users.iter().partition(|user| self.company.employs(user));
        if remind > 1 {
            self.pay(known.len())?;
        }
        let mut failed = Map::new();
        if !unknown.is_empty() {
            failed.insert("员工不存在".into(), unknown.into());
        }
        Ok(json!({"openDingId": format!("sim-ding-{number}"), "failedList": failed}))
    }

    fn pay(&self, receivers: usize) -> Result<(), Named> {
        let mut state = self.state.lock();
        let Some(credit) = &mut state.credit else {
            return Ok(());
        };
        let Some(left) = credit.checked_sub(receivers) else {
            let words = "ding server quota insufficient".into();
            return Err((400, "ding.serverquota.insufficient", words));
        };
        *credit = left;
        Ok(())
    }
}

impl Rules for DingTalkRobot {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok(answer) => {
                let path = call.uri.path();
                let is_told = path != card::INSTANCES && !path.ends_with("/callbacks/register");
                let verdict = if is_told {
                    Verdict::Accepted
                } else {
                    Verdict::Answered
                };
                Judged::new(verdict, CLIENT_ID, Reply::json(&answer))
            }
            Err(refusal) => refuse_named(CLIENT_ID, &refusal),
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        new_fault(fault)
    }

    fn shown(&self, body: &Value) -> String {
        let card = &body["cardData"]["cardParamMap"];
        match (body["content"].as_str(), card["title"].as_str()) {
            (Some(content), _) => content.to_owned(),
            (None, Some(title)) => format!("{title}\n{}", card["text"].as_str().unwrap_or("")),
            (None, None) => template::shown(body),
        }
    }
}
