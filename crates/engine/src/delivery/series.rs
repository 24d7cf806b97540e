//! Messages of a series: what was decided before the newest is never told, not by another account or node, after a
//! restart, or when a dead letter is sent again.

use balefire_channels::error::{ErrorKind, SendError};

use super::content::Content;
use super::dial::Tried;
use super::send::Work;
use super::shared::Shared;

/// What becomes of a try whose message is not the newest of its series any more, or of which that cannot be said;
/// `None` for all others.
pub(super) async fn overtaken(shared: &Shared, work: &Work) -> Option<Tried> {
    let first = work.bundles.first()?;
    let row = first.rows.first().filter(|row| row.group != 0)?;
    let Content::Direct { .. } = &first.content else {
        return None;
    };
    match shared.store.forwarded(row.group).await {
        Ok(newest) => {
            let is_older = newest.is_some_and(|newest| row.seq < newest.notification);
            let why = "a newer message of its series took its place";
            is_older.then(|| Tried::Cancelled(why.into()))
        }
        Err(error) => {
            let why = format!("whether a newer one took its place could not be read: {error}");
            let failed = Err(SendError::new(ErrorKind::Transient, why));
            Some(Tried::Outcomes(vec![failed; first.rows.len()]))
        }
    }
}
