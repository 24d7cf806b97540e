//! Answers to our mails: whoever writes back acknowledges, unless it was a robot.

use balefire_engine::engine::{MailFailure, Mailed};
use balefire_sources::mail;
use balefire_store::StoreError;

use super::door::Door;
use super::reply::Reply;

/// What answers that did nothing are recorded as.
pub(super) const RECORD: &str = "mail reply";
/// Of such a mail so many bytes are recorded.
const HEAD: usize = 512;

/// Takes in an answer to a notification.
pub(super) async fn keep(
    door: &Door,
    notification: u64,
    bytes: &[u8],
    is_bounce: bool,
) -> Result<(), Reply> {
    let head = &bytes[..bytes.len().min(HEAD)];
    let note = async |why: &str| door.engine.reject(RECORD, why, head).await;
    let Some(said) = mail::answer(bytes) else {
        note("this is no mail").await;
        return Err(Reply::new(554, "5.6.0 this is no mail"));
    };
    let bounce = is_bounce.then_some("it has no sender, as bounces have none");
    if let Some(why) = bounce.or(said.automatic) {
        // It is not sent back: robots answer what comes back, too.
        note(&format!("an automatic answer acknowledges nothing: {why}")).await;
        return Ok(());
    }
    match door
        .engine
        .take_mail(notification, &said.from, &said.words)
        .await
    {
        Ok(Mailed::Acknowledged) => Ok(()),
        Ok(Mailed::Over) => {
            note("an answer to what is over").await;
            Ok(())
        }
        Err(error @ (MailFailure::Stranger { .. } | MailFailure::Link(_))) => {
            note(&error.to_string()).await;
            Err(Reply::new(
                550,
                format!("5.7.1 nothing was acknowledged: {error}"),
            ))
        }
        Err(MailFailure::Store(StoreError::DiskFull)) => {
            Err(Reply::new(452, "4.3.1 the disk is full"))
        }
        Err(MailFailure::Store(error)) => {
            Err(Reply::new(451, format!("4.3.0 not stored: {error}")))
        }
    }
}
