//! WeCom (企业微信): the group robot, the messages of a self-built application to people, and to groups
//! that the application has made.
//!
//! Every answer is HTTP 200 with `errcode`; the words are unstable and end with the address that called, which is
//! what an operator needs for the list of trusted addresses.

pub mod app;
pub(crate) mod click;
mod codes;
mod credential;
pub(crate) mod directory;
mod form;
pub mod groupchat;
mod image;
mod lookup;
mod reached;
pub mod robot;
mod sealed;

use balefire_core::time::Time;

use self::codes::CODES;
use crate::chat::{Answer, refusal};
use crate::error::SendError;
use crate::http::HttpReply;

/// The provider's address unless the account gives another.
const BASE: &str = "https://qyapi.weixin.qq.com";

/// The answer if it is a yes.
fn accepted(reply: &HttpReply, now: Time) -> Result<Answer, SendError> {
    let answer = Answer::read(reply, now, &["errcode"], &["errmsg"])?;
    if answer.code == 0 {
        Ok(answer)
    } else {
        Err(refusal(&answer, reply, now, CODES))
    }
}

#[cfg(test)]
mod tests;
