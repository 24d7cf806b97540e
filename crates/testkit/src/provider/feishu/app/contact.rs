//! `POST /open-apis/contact/v3/users/batch_get_id` and `GET /open-apis/contact/v3/users/{id}`.

use balefire_core::time::Time;
use serde_json::{Value, json};

use super::{Refusal, State, Tenant, judged, read, refuse, scripted, token};
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

impl Sim<FeishuContact> {
    /// This part of the person's status is true: `is_frozen`, `is_resigned`, …; `gone` for nobody of that id.
    pub fn set_status(&self, id: &str, part: &'static str) {
        let mut state = self.rules.0.0.lock();
        state.statuses.insert(id.to_owned(), part);
    }

    /// The application may not see this person.
    pub fn hide(&self, id: &str) {
        self.rules.0.0.lock().hidden.insert(id.to_owned());
    }

    /// The application lacks `contact:user.employee:readonly`: nobody's status is shown.
    pub fn set_lacking_employee(&self, lacks: bool) {
        self.rules.0.0.lock().lacks_employee = lacks;
    }
}

/// One person, as far as the application may see them.
fn show(call: &Call, state: &State) -> Result<Value, Refusal> {
    token(call, state)?;
    let id = call.uri.path().rsplit('/').next().unwrap_or_default();
    let kind = call.query("user_id_type").unwrap_or_default();
    let fits = match &*kind {
        "open_id" => id.starts_with("ou_"),
        "union_id" => id.starts_with("on_"),
        "user_id" => !id.starts_with("ou_") && !id.starts_with("on_"),
        _ => return refuse(40_001, "invalid user_id_type"),
    };
    let status = state.statuses.get(id).copied();
    if !fits || status == Some("gone") {
        return refuse(41_012, "user id invalid error");
    }
    if state.hidden.contains(id) {
        return refuse(41_050, "no user authority error");
    }
    let mut user = json!({"open_id": id, "name": id});
    if !state.lacks_employee {
        let mut parts = json!({"is_frozen": false, "is_resigned": false, "is_activated": true,
            "is_exited": false, "is_unjoin": false});
        if let Some(part) = status {
            parts[part] = true.into();
        }
        user["status"] = parts;
    }
    Ok(json!({"code": 0, "msg": "success", "data": {"user": user}}))
}

impl FeishuContact {
    pub(super) fn new(tenant: Tenant) -> Self {
        Self(tenant)
    }

    fn check(&self, call: &Call) -> Result<Value, Refusal> {
        let state = self.0.0.lock();
        if call.method == http::Method::GET {
            return show(call, &state);
        }
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
