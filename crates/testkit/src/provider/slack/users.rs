//! The workspace's members: `GET /api/users.lookupByEmail` and `GET /api/users.info`; neither reads JSON.
//!
//! Fields and errors follow docs.slack.dev/reference/methods/users.lookupByEmail and users.info.

use std::collections::{BTreeMap, BTreeSet};

use balefire_core::time::Time;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::bot::DEFAULT_TOKEN;
use crate::provider::{Call, Fault, Judged, Rules, Sim};
use crate::received::Verdict;
use crate::reply::Reply;

/// The simulated members.
#[derive(Debug, Default)]
pub struct SlackUsers {
    state: Mutex<State>,
}

/// [`SlackUsers`] with its record.
pub type SlackUsersSim = Sim<SlackUsers>;

#[derive(Debug, Default)]
struct State {
    emails: BTreeMap<String, String>,
    deleted: BTreeSet<String>,
    unknown: BTreeSet<String>,
    /// The scope that the app lacks.
    lacks: Option<&'static str>,
}

impl Sim<SlackUsers> {
    /// This address is that member's.
    pub fn add_email(&self, email: &str, user: &str) {
        let mut state = self.rules.state.lock();
        state.emails.insert(email.to_owned(), user.to_owned());
    }

    /// The member has left.
    pub fn delete(&self, user: &str) {
        self.rules.state.lock().deleted.insert(user.to_owned());
    }

    /// There is no such member.
    pub fn forget(&self, user: &str) {
        self.rules.state.lock().unknown.insert(user.to_owned());
    }

    /// The app lacks this scope.
    pub fn set_lacking(&self, scope: Option<&'static str>) {
        self.rules.state.lock().lacks = scope;
    }
}

impl SlackUsers {
    fn check(&self, call: &Call) -> Result<Value, Value> {
        let named = |name: &str| json!({"ok": false, "error": name});
        match call.header("authorization") {
            None => return Err(named("not_authed")),
            Some(header) if header.strip_prefix("Bearer ") == Some(DEFAULT_TOKEN) => {}
            Some(_) => return Err(named("invalid_auth")),
        }
        let state = self.state.lock();
        if let Some(scope) = state.lacks {
            let mut refused = named("missing_scope");
            refused["needed"] = scope.into();
            return Err(refused);
        }
        let member = |id: &str| {
            let deleted = state.deleted.contains(id);
            json!({"ok": true, "user": {"id": id, "team_id": "T0SIM00001", "deleted": deleted}})
        };
        // Arguments in a JSON body are not read.
        if call.uri.path() == "/api/users.info" {
            let user = call.query("user").filter(|user| !user.is_empty());
            let user = user.ok_or_else(|| named("user_not_found"))?;
            if state.unknown.contains(&*user) || !user.starts_with(['U', 'W']) {
                return Err(named("user_not_found"));
            }
            return Ok(member(&user));
        }
        let email = call.query("email").filter(|email| !email.is_empty());
        let email = email.ok_or_else(|| named("invalid_arguments"))?;
        match state.emails.get(&*email) {
            Some(id) if !state.deleted.contains(id) => Ok(member(id)),
            _ => Err(named("users_not_found")),
        }
    }
}

impl Rules for SlackUsers {
    fn judge(&self, call: &Call, _now: Time) -> Judged {
        match self.check(call) {
            Ok(answer) => Judged::new(Verdict::Answered, "", Reply::json(&answer)),
            Err(refused) => {
                let name = refused["error"].as_str().unwrap_or_default().to_owned();
                Judged::new(Verdict::Refused(name), "", Reply::json(&refused))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        let refused = |name: &str| Reply::json(&json!({"ok": false, "error": name}));
        match fault {
            Fault::Code(_, name) => refused(name),
            Fault::RateLimited(wait) => refused("ratelimited")
                .with_status(429)
                .header("retry-after", wait.to_string()),
            Fault::ExpiredToken => refused("token_expired"),
        }
    }

    fn shown(&self, _body: &Value) -> String {
        String::new()
    }
}
