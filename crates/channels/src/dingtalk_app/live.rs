//! Cards that are changed as things stand: `PUT /v1.0/card/instances`.
//!
//! Vendor page: <https://open.dingtalk.com/document/development/interactive-card-update-interface>. By default all variables
//! are replaced; here only those that are named, so that what a press wrote stays. There are no threads: what must ring is a
//! card of its own. DingTalk forbids the call inside the callback of a press, which this never is: the engine asks for it
//! afterwards.

use balefire_core::message::Message;
use balefire_core::time::Time;
use http::Method;
use serde_json::json;

use super::app::App;
use super::names::NO_CARD;
use super::variables;
use crate::channel::{Delivery, Outcome};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::excerpt;
use crate::threads::Threads;

/// Changes the card that the thread hangs on; `token` is the buttons'.
pub(super) async fn replace(
    app: &App,
    threads: Option<&Threads>,
    token: Option<&str>,
    delivery: &Delivery<'_>,
) -> Outcome {
    let message = delivery.message;
    let target = delivery
        .targets
        .first()
        .map_or("", |target| &target.address);
    let first = threads.and_then(|threads| threads.first(&message.thread, target));
    let Some(first) = first else {
        return Err(SendError::new(ErrorKind::Rejected, "there is no card"));
    };
    put(app, &first.id, message, token, delivery.now).await?;
    Ok(Receipt {
        provider_id: first.id,
        answer: String::new(),
    })
}

/// Has the card of this id say what the message does.
pub(super) async fn put(
    app: &App,
    id: &str,
    message: &Message,
    token: Option<&str>,
    now: Time,
) -> Result<(), SendError> {
    let body = json!({
        "outTrackId": id,
        "cardData": {"cardParamMap": variables::changed(message, token)},
        "cardUpdateOptions": {"updateCardDataByKey": true},
    });
    let answer = app.v1_by(Method::PUT, "card/instances", &body, now).await?;
    if answer["success"] == false || answer["result"] == false {
        let detail = excerpt(&format!("the card was not changed: {answer}"));
        return Err(SendError::new(ErrorKind::Rejected, detail));
    }
    Ok(())
}

/// Whether the card is not there any more.
pub(super) fn is_gone(error: &SendError) -> bool {
    error.detail.split(':').next() == Some(NO_CARD)
}
