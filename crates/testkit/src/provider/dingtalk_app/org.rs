//! The company: its address book (`/topapi/v2/user/…`) and the groups that the application makes.

use std::sync::Arc;

use balefire_core::time::Time;
use http::Method;
use serde_json::{Value, json};

use super::robot::Chat;
use super::{
    CLIENT_ID, Company, Named, Refusal, answer, new_fault, old_fault, opened, refuse, refuse_named,
    text, texts,
};
use crate::provider::{Call, Fault, Judged, Rules, Sim};
use crate::received::Verdict;
use crate::reply::Reply;

/// Longest name of a group, and of a scene group.
const MAX_NAME: usize = 20;
/// See [`MAX_NAME`].
const MAX_SCENE_NAME: usize = 30;
/// The template of scene groups that there is; its groups have the robot.
pub const TEMPLATE: &str = "sim-template-0001";

/// The simulated company.
#[derive(Debug)]
pub struct DingTalkOrg {
    company: Arc<Company>,
}

/// [`DingTalkOrg`] with its record.
pub type DingTalkOrgSim = Sim<DingTalkOrg>;

impl Sim<DingTalkOrg> {
    /// From now on only these people are in the company.
    pub fn set_people(&self, users: &[&str]) {
        let users = users.iter().map(|&user| user.to_owned()).collect();
        self.rules.company.people.lock().users = Some(users);
    }

    /// Writes a mobile number into the address book.
    pub fn set_mobile(&self, mobile: &str, user: &str) {
        let mut people = self.rules.company.people.lock();
        people.mobiles.insert(mobile.to_owned(), user.to_owned());
    }

    /// This person has never logged in.
    pub fn set_inactive(&self, user: &str) {
        let mut people = self.rules.company.people.lock();
        people.inactive.insert(user.to_owned());
    }

    /// The application may not see this person.
    pub fn hide(&self, user: &str) {
        let mut people = self.rules.company.people.lock();
        people.hidden.insert(user.to_owned());
    }

    /// The template of scene groups that there is.
    pub fn template(&self) -> &'static str {
        TEMPLATE
    }
}

impl DingTalkOrg {
    pub(crate) fn new(company: &Arc<Company>) -> Self {
        Self {
            company: Arc::clone(company),
        }
    }

    fn look_up(&self, call: &Call, now: Time) -> Result<Value, Refusal> {
        let token = call.query("access_token");
        let checked = self.company.tokens.check(token.as_deref(), now);
        checked.map_err(|code| (code, "不合法的access_token".to_owned()))?;
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let missing = || (400_002, "参数错误".to_owned());
        if call.uri.path().ends_with("/getbymobile") {
            let mobile = body["mobile"].as_str().ok_or_else(missing)?;
            if mobile.is_empty() || !mobile.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err((40_104, "无效的手机号码".into()));
            }
            let people = self.company.people.lock();
            let user = people.mobiles.get(mobile);
            let user = user.ok_or_else(|| (60_121, "找不到该用户".to_owned()))?;
            // The vendor's sample has this list as a text.
            return Ok(json!({"userid": user, "exclusive_account_userid_list": "[]"}));
        }
        let user = body["userid"].as_str().ok_or_else(missing)?;
        if self.company.people.lock().hidden.contains(user) {
            return Err((50_002, "企业授权范围内不包含该员工".into()));
        }
        if self.company.employs(user) {
            let active = !self.company.people.lock().inactive.contains(user);
            Ok(json!({"userid": user, "name": user, "active": active}))
        } else {
            Err((60_121, "找不到该用户".into()))
        }
    }

    fn create(&self, call: &Call, now: Time) -> Result<Value, Named> {
        let body = opened(&self.company, call, &Method::POST, now)?;
        let scene = call.uri.path() == "/v1.0/im/sceneGroup/create";
        let (name, owner, users, most) = if scene {
            ("title", "owner_user_id", "user_ids", MAX_SCENE_NAME)
        } else {
            ("name", "owner", "useridlist", MAX_NAME)
        };
        let (name, owner, users) = (
            text(&body, name)?,
            text(&body, owner)?,
            texts(&body, users)?,
        );
        if name.chars().count() > most {
            let words = format!("the name is longer than {most}");
            return Err((400, "invalidParameter.name", words));
        }
        if scene && text(&body, "template_id")? != TEMPLATE {
            return Err((400, "template.stopped", "no such template".into()));
        }
        let unknown: Vec<&str> = std::iter::once(owner)
            .chain(users)
            .filter(|user| !self.company.employs(user))
            .collect();
        if !unknown.is_empty() {
            // Who it is, the answer does not say.
            return Err((400, "staffId.notExisted", "staffId is not existed".into()));
        }
        let mut groups = self.company.groups.lock();
        let id = match body["uuid"].as_str() {
            Some(uuid) => format!("cid-{uuid}"),
            None => format!("cid-sim-{}", groups.len() + 1),
        };
        groups.entry(id.clone()).or_insert(Chat {
            has_robot: scene,
            disbanded: false,
        });
        Ok(if scene {
            json!({"open_conversation_id": id, "chat_id": format!("chat-{id}")})
        } else {
            json!({"openConversationId": id, "chatid": format!("chat-{id}"), "conversationTag": 2})
        })
    }
}

impl Rules for DingTalkOrg {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        if call.uri.path().starts_with("/v1.0/") {
            return match self.create(call, now) {
                Ok(answer) => Judged::new(Verdict::Answered, CLIENT_ID, Reply::json(&answer)),
                Err(refusal) => refuse_named(CLIENT_ID, &refusal),
            };
        }
        match self.look_up(call, now) {
            Ok(result) => {
                let reply = json!({"errcode": 0, "errmsg": "ok", "result": result,
                    "request_id": "sim-request"});
                Judged::new(Verdict::Answered, CLIENT_ID, Reply::json(&reply))
            }
            Err(refusal) => refuse(CLIENT_ID, &refusal, Vec::new()),
        }
    }

    /// An HTTP status is a fault of the groups, every other code one of the address book.
    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(400..=599, _) => new_fault(fault),
            Fault::Code(code, words) => answer(*code, words),
            other => old_fault(other),
        }
    }

    fn shown(&self, _body: &Value) -> String {
        String::new()
    }
}
