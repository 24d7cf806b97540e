//! `POST /v1.0/oauth2/accessToken` and `POST /v1.0/oauth2/{corpId}/token`: the application's access token.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{CLIENT_ID, CLIENT_SECRET, CORP_ID, Company, Named, new_fault, object, refuse_named};
use crate::provider::{Call, Fault, Judged, Rules, Sim};
use crate::received::Verdict;
use crate::reply::Reply;

/// How long a token lives.
pub const LIFE: Duration = Duration::from_hours(2);

/// The tokens issued so far.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    issued: Mutex<Vec<(String, Time)>>,
}

impl Tokens {
    /// The token in force, or a new one; either way it lives on from now.
    fn give(&self, now: Time) -> String {
        let mut issued = self.issued.lock();
        let until = now.after(LIFE);
        if let Some((token, end)) = issued.last_mut()
            && now < *end
        {
            *end = until;
            return token.clone();
        }
        let token = format!("sim-ding-{}-{}", now.micros(), issued.len());
        issued.push((token.clone(), until));
        token
    }

    /// Whether a token is good; the code of the older API if not.
    pub(super) fn check(&self, token: Option<&str>, now: Time) -> Result<(), i64> {
        let issued = self.issued.lock();
        let known = issued
            .iter()
            .find(|(known, _)| Some(known.as_str()) == token);
        match known {
            None => Err(40_014),
            Some((_, end)) if now >= *end => Err(42_001),
            Some(_) => Ok(()),
        }
    }

    pub(super) fn expire(&self) {
        for (_, end) in self.issued.lock().iter_mut() {
            *end = Time::EPOCH;
        }
    }
}

/// The simulated token service.
#[derive(Debug)]
pub struct DingTalkToken {
    company: Arc<Company>,
}

/// [`DingTalkToken`] with its record: count its requests to see whether tokens are cached.
pub type DingTalkTokenSim = Sim<DingTalkToken>;

impl Sim<DingTalkToken> {
    /// The application's Client ID.
    pub fn client_id(&self) -> &'static str {
        CLIENT_ID
    }

    /// Its Client Secret.
    pub fn client_secret(&self) -> &'static str {
        CLIENT_SECRET
    }

    /// The company's CorpId.
    pub fn corp_id(&self) -> &'static str {
        CORP_ID
    }

    /// Every token issued so far is refused from now on.
    pub fn expire_tokens(&self) {
        self.rules.company.tokens.expire();
    }
}

impl DingTalkToken {
    pub(crate) fn new(company: &Arc<Company>) -> Self {
        Self {
            company: Arc::clone(company),
        }
    }

    fn check(&self, call: &Call, now: Time) -> Result<Value, Named> {
        let body = object(call)?;
        let good = |id: &str, secret: &str| body[id] == CLIENT_ID && body[secret] == CLIENT_SECRET;
        if call.uri.path() == "/v1.0/oauth2/accessToken" {
            if !good("appKey", "appSecret") {
                let words = "无效的clientId或者clientSecret".into();
                return Err((400, "invalidClientIdOrSecret", words));
            }
            let token = self.company.tokens.give(now);
            return Ok(json!({"accessToken": token, "expireIn": LIFE.as_secs()}));
        }
        if body["grant_type"] != "client_credentials" {
            let words = "unsupported grant type".into();
            return Err((400, "unsupported.grant.type", words));
        }
        let corp = call.segments().nth(2).unwrap_or_default();
        if corp != CORP_ID || !good("client_id", "client_secret") {
            return Err((400, "invalid.client", "invalid client".into()));
        }
        let token = self.company.tokens.give(now);
        Ok(json!({"access_token": token, "expires_in": LIFE.as_secs()}))
    }
}

impl Rules for DingTalkToken {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok(answer) => Judged::new(Verdict::Answered, CLIENT_ID, Reply::json(&answer)),
            Err(refusal) => refuse_named("", &refusal),
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        new_fault(fault)
    }

    fn shown(&self, _body: &Value) -> String {
        String::new()
    }
}
