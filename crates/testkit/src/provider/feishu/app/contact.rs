//! `POST /open-apis/contact/v3/users/batch_get_id`.

use balefire_core::time::Time;
use serde_json::{Value, json};

use super::{Refusal, Tenant, judged, read, refuse, scripted};
use crate::provider::{Call, Fault, Judged, Rules, Sim};
use crate::received::Verdict;
use crate::reply::Reply;

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
    pub(super) fn new(tenant: Tenant) -> Self {
        Self(tenant)
    }

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
