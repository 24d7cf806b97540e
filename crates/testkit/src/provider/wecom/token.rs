//! `GET /cgi-bin/gettoken`: the access token of an application.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{Refusal, answer, common_fault, refuse};
use crate::provider::{Call, Fault, Judged, Rules, Sim};
use crate::received::Verdict;
use crate::reply::Reply;

/// The enterprise's id.
pub const CORP_ID: &str = "wwsim0123456789ab";
/// The application's secret.
pub const CORP_SECRET: &str = "sim-corp-secret-0123456789-abcdefghijklmnop";
/// How long a token lives.
pub const LIFE: Duration = Duration::from_hours(2);
/// Tokens remembered, so that an old one is told from one that never was.
const REMEMBERED: usize = 1_000;

#[derive(Debug)]
struct Issued {
    token: String,
    until: Time,
}

/// The tokens issued so far; shared by the application's calls.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    issued: Mutex<Vec<Issued>>,
}

impl Tokens {
    /// The token in force, with what is left of its life; a new one if there is none.
    fn give(&self, now: Time) -> (String, Duration) {
        let mut issued = self.issued.lock();
        if let Some(last) = issued.last()
            && now < last.until
        {
            return (last.token.clone(), last.until.since(now));
        }
        if issued.len() == REMEMBERED {
            issued.remove(0);
        }
        // Longer than an id, shorter than the 512 bytes that a client must have room for.
        let token = format!(
            "sim-{}-{}",
            now.micros(),
            "t".repeat(180 + issued.len() % 10)
        );
        issued.push(Issued {
            token: token.clone(),
            until: now.after(LIFE),
        });
        (token, LIFE)
    }

    pub(super) fn check(&self, token: Option<&str>, now: Time) -> Result<(), Refusal> {
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Err((41_001, "access_token missing".into()));
        };
        let issued = self.issued.lock();
        match issued.iter().find(|issued| issued.token == token) {
            None => Err((40_014, "invalid access_token".into())),
            Some(known) if now >= known.until => Err((42_001, "access_token expired".into())),
            Some(_) => Ok(()),
        }
    }

    /// Ends the life of every token.
    pub(super) fn expire(&self) {
        for issued in self.issued.lock().iter_mut() {
            issued.until = Time::EPOCH;
        }
    }

    /// Forgets every token: using one gives 40014.
    pub(super) fn forget(&self) {
        self.issued.lock().clear();
    }
}

/// The simulated token service.
#[derive(Debug)]
pub struct WeComToken {
    pub(super) tokens: Arc<Tokens>,
}

/// [`WeComToken`] with its record: count its requests to see whether tokens are cached.
pub type WeComTokenSim = Sim<WeComToken>;

impl WeComToken {
    pub(crate) fn new() -> Self {
        Self {
            tokens: Arc::default(),
        }
    }

    fn check(call: &Call) -> Result<(), Refusal> {
        if call.method != http::Method::GET {
            return Err((43_001, "require GET method".into()));
        }
        let Some(corp_id) = call.query("corpid") else {
            return Err((41_002, "corpid missing".into()));
        };
        let Some(secret) = call.query("corpsecret") else {
            return Err((41_004, "corpsecret missing".into()));
        };
        if corp_id != CORP_ID {
            return Err((40_013, "invalid corpid".into()));
        }
        if secret != CORP_SECRET {
            return Err((40_001, "invalid credential".into()));
        }
        Ok(())
    }
}

impl Rules for WeComToken {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        let account = call.query("corpid").unwrap_or_default().into_owned();
        if let Err(refusal) = Self::check(call) {
            return refuse(&account, &refusal, Vec::new());
        }
        let (token, left) = self.tokens.give(now);
        let reply = Reply::json(&json!({
            "errcode": 0,
            "errmsg": "ok",
            "access_token": token,
            "expires_in": left.as_secs(),
        }));
        Judged::new(Verdict::Answered, account, reply)
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::ExpiredToken => answer(40_001, "invalid credential"),
            other => common_fault(other),
        }
    }

    fn shown(&self, _body: &Value) -> String {
        String::new()
    }
}
