//! A whole mail, put on disk in each source that it is for, or taken as an answer.

use balefire_store::StoreError;
use http::HeaderMap;

use super::door::Door;
use super::recipient::For;
use super::reply::Reply;
use super::{answers, hops, repeats};
use crate::ingest::origin_of;
use crate::ingest::receive::{self, Incoming, ReceiveError};

/// What the sender hears of a mail to these: `250` only when all of them have it on disk.
pub(super) async fn keep(door: &Door, (whom, is_bounce): (&[For], bool), mail: &[u8]) -> Reply {
    if hops::is_loop(mail) {
        return Reply::new(554, "5.4.6 the mail goes round in circles");
    }
    for one in whom {
        let kept = match one {
            For::Source(source) => keep_in(door, source, mail).await,
            For::Answer(notification) => answers::keep(door, *notification, mail, is_bounce).await,
        };
        if let Err(reply) = kept {
            return reply;
        }
    }
    Reply::new(250, "2.0.0 stored")
}

async fn keep_in(door: &Door, source: &str, mail: &[u8]) -> Result<(), Reply> {
    let mark = repeats::mark(source, mail);
    if mark.is_some_and(|mark| door.repeats.knows(&mark)) {
        return Ok(());
    }
    let plan = door.engine.plan();
    // It may have been taken out of the document since the recipient was accepted.
    let Some(origin) = plan.sources.get(source).map(origin_of) else {
        return Err(Reply::new(550, "5.1.1 this source is gone"));
    };
    let incoming = Incoming {
        method: "POST",
        path: "",
        query: "",
        headers: &HeaderMap::new(),
    };
    let received = receive::keep(&door.engine, &origin, &incoming, mail)
        .await
        .map_err(|error| failed(&error))?;
    if received.accepted.alerts == 0
        && let Some(complaint) = received.accepted.complaints.first()
    {
        let words = format!("5.6.0 {}: {}", complaint.path, complaint.problem);
        return Err(Reply::new(554, words));
    }
    if let Some(mark) = mark {
        door.repeats.remember(mark);
    }
    Ok(())
}

/// What can be stored later is kept by the sender; what can never be is sent back to its author.
fn failed(error: &ReceiveError) -> Reply {
    match error {
        ReceiveError::Refused(refusal) => Reply::new(554, format!("5.6.0 {refusal}")),
        ReceiveError::Store(StoreError::DiskFull) => Reply::new(452, "4.3.1 the disk is full"),
        other => Reply::new(451, format!("4.3.0 not stored: {other}")),
    }
}
