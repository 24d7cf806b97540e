//! WeCom (企业微信): the group robot, the self-built application and its access tokens.
//!
//! Every answer is HTTP 200 with `errcode`; limits and codes follow
//! developer.work.weixin.qq.com/document/path/90236, 91039, 99110 and 90454.

use serde_json::{Value, json};

use crate::received::Verdict;
use crate::reply::Reply;

use super::{Fault, Judged};

mod addressed;
pub mod app;
pub mod callback;
mod chat;
pub mod contact;
mod media;
mod message;
pub mod robot;
pub mod token;

/// A refusal: code and words.
type Refusal = (i64, String);

/// The words that go with a code end like the vendor's, who calls them unstable.
fn answer(code: i64, words: &str) -> Reply {
    let words = if code == 0 {
        words.to_owned()
    } else {
        format!(
            "{words}, hint: [1795249800000000001], from ip: 127.0.0.1, more info at \
             https://open.work.weixin.qq.com/devtool/query?e={code}"
        )
    };
    Reply::json(&json!({"errcode": code, "errmsg": words}))
}

fn refuse(account: &str, (code, words): &Refusal, notes: Vec<String>) -> Judged {
    let verdict = Verdict::Refused(format!("{code} {words}"));
    Judged {
        notes,
        ..Judged::new(verdict, account, answer(*code, words))
    }
}

fn over_limit(what: &str, limit: usize) -> Refusal {
    (
        40_058,
        format!("{what} exceed max length {limit}. invalid Request Parameter"),
    )
}

fn missing(what: &str) -> Refusal {
    (40_063, format!("some parameters are empty: {what}"))
}

/// A body as WeCom reads it: what is no JSON has no fields, and the words say so.
fn body(bytes: &[u8]) -> Result<Value, Refusal> {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) if value.is_object() => Ok(value),
        _ => Err((
            40_008,
            "Warning: wrong json format. invalid message type".into(),
        )),
    }
}

fn common_fault(fault: &Fault) -> Reply {
    match fault {
        Fault::Code(code, words) => answer(*code, words),
        Fault::RateLimited(_) => answer(45_009, "api freq out of limit"),
        Fault::ExpiredToken => answer(42_001, "access_token expired"),
    }
}

#[cfg(test)]
mod tests;
