//! Cards that are changed as things stand, and what answers them.
//!
//! Vendor pages: <https://open.feishu.cn/document/server-docs/im-v1/message-card/patch>,
//! <https://open.feishu.cn/document/server-docs/im-v1/message/reply>. A card of one's own, at most 14 days old, that says
//! `update_multi`.

use http::Method;
use serde_json::{Value, json};

use super::FeishuApp;
use super::pictures::Album;
use crate::channel::{Delivery, Outcome};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::threads::Posted;

/// Changes the card that the thread hangs on.
pub(super) async fn replace(app: &FeishuApp, delivery: &Delivery<'_>) -> Outcome {
    let target = delivery
        .targets
        .first()
        .map_or("", |target| &target.address);
    let first = app.threads.first(&delivery.message.thread, target);
    let Some(first) = first.filter(|first| is_wordy(&first.id)) else {
        return Err(SendError::new(ErrorKind::Rejected, "there is no message"));
    };
    let (_, content) = app.content(delivery.message, &Album::default());
    let path = format!("im/v1/messages/{}", first.id);
    let body = json!({"content": content});
    app.app
        .call(Method::PATCH, &path, &body, delivery.now)
        .await?;
    Ok(Receipt {
        provider_id: first.id,
        answer: String::new(),
    })
}

/// Where a message is answered, and with what.
pub(super) fn answer_to(first: &Posted, mut body: Value) -> (String, Value) {
    if let Some(fields) = body.as_object_mut() {
        fields.remove("receive_id");
    }
    (format!("im/v1/messages/{}/reply", first.id), body)
}

fn is_wordy(id: &str) -> bool {
    let wordy = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    !id.is_empty() && id.chars().all(wordy)
}
