//! The address book as an application sees it: `GET /cgi-bin/user/get` and `POST /cgi-bin/user/get_userid_by_email`.
//!
//! Fields and codes follow developer.work.weixin.qq.com/document/path/90196 and 95402.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::token::{Tokens, WeComToken};
use super::{Refusal, body, common_fault, missing, refuse};
use crate::provider::{Call, Fault, Judged, Rules, Sim};
use crate::received::Verdict;
use crate::reply::Reply;

/// The simulated address book.
#[derive(Debug)]
pub struct WeComContact {
    tokens: Arc<Tokens>,
    state: Mutex<State>,
}

/// [`WeComContact`] with its record.
pub type WeComContactSim = Sim<WeComContact>;

#[derive(Debug, Default)]
struct State {
    /// The status of those whose status is not 1.
    statuses: BTreeMap<String, i64>,
    /// Members who were deleted.
    deleted: BTreeSet<String>,
    /// Members outside the application's scope.
    hidden: BTreeSet<String>,
    /// User ids by address.
    emails: BTreeMap<String, String>,
}

impl Sim<WeComContact> {
    /// The member's status: 1 active, 2 disabled, 4 not activated, 5 left.
    pub fn set_status(&self, user: &str, status: i64) {
        let mut state = self.rules.state.lock();
        state.statuses.insert(user.to_owned(), status);
    }

    /// The member is deleted from the address book.
    pub fn delete(&self, user: &str) {
        self.rules.state.lock().deleted.insert(user.to_owned());
    }

    /// The application may not see this member.
    pub fn hide(&self, user: &str) {
        self.rules.state.lock().hidden.insert(user.to_owned());
    }

    /// This address is that member's.
    pub fn add_email(&self, email: &str, user: &str) {
        let mut state = self.rules.state.lock();
        state.emails.insert(email.to_owned(), user.to_owned());
    }
}

impl WeComContact {
    pub(crate) fn new(token: &WeComToken) -> Self {
        Self {
            tokens: Arc::clone(&token.tokens),
            state: Mutex::default(),
        }
    }

    fn check(&self, call: &Call, now: Time) -> Result<Value, Refusal> {
        self.tokens
            .check(call.query("access_token").as_deref(), now)?;
        let state = self.state.lock();
        if call.uri.path() == "/cgi-bin/user/get" {
            if call.method != Method::GET {
                return Err((43_001, "require GET method".into()));
            }
            let user = call.query("userid").filter(|user| !user.is_empty());
            return state.show(&user.ok_or_else(|| missing("userid"))?);
        }
        if call.method != Method::POST {
            return Err((43_002, "require POST method".into()));
        }
        let body = body(&call.body)?;
        let email = body["email"].as_str().ok_or_else(|| missing("email"))?;
        match body["email_type"].as_i64() {
            // Without it the company's own addresses are meant.
            None | Some(1) => {}
            Some(2) => return Err((46_004, "user not exist".into())),
            Some(_) => return Err((40_035, "invalid parameter: email_type".into())),
        }
        match state.emails.get(email) {
            Some(user) => Ok(json!({"errcode": 0, "errmsg": "ok", "userid": user})),
            None => Err((46_004, "user not exist".into())),
        }
    }
}

impl State {
    fn show(&self, user: &str) -> Result<Value, Refusal> {
        if self.hidden.contains(user) {
            let words = "no privilege to access/modify contact/party/agent";
            return Err((60_011, words.into()));
        }
        if self.deleted.contains(user) {
            return Err((60_111, "userid not found".into()));
        }
        let status = self.statuses.get(user).copied().unwrap_or(1);
        Ok(json!({
            "errcode": 0, "errmsg": "ok", "userid": user, "name": user, "department": [1],
            "status": status,
        }))
    }
}

impl Rules for WeComContact {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok(answer) => Judged::new(Verdict::Answered, "", Reply::json(&answer)),
            Err(refusal) => refuse("", &refusal, Vec::new()),
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        if matches!(fault, Fault::ExpiredToken) {
            self.tokens.expire();
        }
        common_fault(fault)
    }

    fn shown(&self, _body: &Value) -> String {
        String::new()
    }
}
