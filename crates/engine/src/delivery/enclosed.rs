//! The files of a message, fetched just before it is sent: while it waits, it only names them.

use std::sync::Arc;

use balefire_core::message::{Enclosed, Message};
use balefire_store::{Store, StoreError};

use super::shared::Shared;
use crate::meta::Trouble;

/// The message with the bytes of its files. One that is no longer there stays without, which the channel says
/// in its place. An error passes: the store may answer later.
pub(crate) async fn enclosed(
    shared: &Shared,
    message: &Arc<Message>,
) -> Result<Arc<Message>, &'static str> {
    let mut whole = Arc::clone(message);
    for (place, attachment) in message.attachments.iter().enumerate() {
        let Enclosed::File(id) = &attachment.enclosed else {
            continue;
        };
        match bytes(&shared.store, id).await {
            Ok(Some(bytes)) => {
                let attachment = &mut Arc::make_mut(&mut whole).attachments[place];
                attachment.enclosed = Enclosed::Content(bytes);
            }
            Ok(None) => {}
            Err(error) if error.is_transient() => {
                return Err("the store did not hand out the file");
            }
            // The words matter more than the file.
            Err(error) => {
                let text = format!("{} goes with no mail: {error}", attachment.name);
                let now = shared.clock.now();
                shared.findings.report(now, Trouble::Store, "files", text);
            }
        }
    }
    Ok(whole)
}

/// All bytes of a file, which is small enough for a mail; `None` when it is not there, or not any more.
async fn bytes(store: &Store, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(file) = store.file(id).await? else {
        return Ok(None);
    };
    let mut bytes = Vec::with_capacity(usize::try_from(file.size).unwrap_or_default());
    for part in 0..file.parts() {
        match store.file_part(id, part).await? {
            Some(piece) => bytes.extend_from_slice(&piece),
            None => return Ok(None),
        }
    }
    Ok(Some(bytes))
}
