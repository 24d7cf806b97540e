//! Pictures of alerts, fetched just before a message is sent, for entries that ask for them. One that does not come in
//! time stays the link that it is without us.

use std::sync::Arc;

use balefire_channels::channel::Channel;
use balefire_channels::picture;
use balefire_config::plan::Plan;
use balefire_core::message::Message;

/// The message with its pictures.
pub(super) async fn with_pictures(
    plan: &Plan,
    message: Arc<Message>,
    channel: &dyn Channel,
) -> Arc<Message> {
    let Some(http) = plan.pictures.as_ref().filter(|_| channel.shows_pictures()) else {
        return message;
    };
    let pictures = picture::fetch_all(http, &message).await;
    let mut message = message;
    if !pictures.is_empty() {
        Arc::make_mut(&mut message).attachments.extend(pictures);
    }
    message
}
