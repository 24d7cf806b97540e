//! `POST /open-apis/auth/v3/tenant_access_token/internal`.

use balefire_core::time::Time;
use serde_json::{Value, json};

use super::{APP_ID, APP_SECRET, Refusal, Tenant, judged, object, refuse, scripted};
use crate::provider::{Call, Fault, Judged, Rules, Sim};
use crate::received::Verdict;
use crate::reply::Reply;

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
    pub(super) fn new(tenant: Tenant) -> Self {
        Self(tenant)
    }

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
