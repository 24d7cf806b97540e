//! A commit of which nobody knows whether it was made: the connection broke before the answer came.
//!
//! Its senders were told to come again, which does no harm. Decisions and records wait here until the database
//! can be asked: written twice, a decision would be told twice, once now and once after the next start.

use crate::db::{Conn, Sql};
use crate::error::StoreError;
use crate::notification::Decided;
use crate::writer::hot::Hot;
use crate::writer::plan::Plan;

const CHECKSUM: Sql = Sql::new("SELECT crc FROM decision WHERE seq = $1");

/// What was being committed.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    /// The first decision's number and checksum, which no other decision has.
    mark: Option<(u64, i64)>,
    decided: Vec<Decided>,
}

/// What was being committed, and who waits for it.
pub(crate) struct Doubt {
    pub(crate) hot: Hot,
    pub(crate) tried: Tried,
}

impl Tried {
    pub(crate) fn of(plan: &Plan) -> Self {
        Self {
            mark: plan.mark,
            decided: plan.decided.clone(),
        }
    }

    /// What was decided, if the database has it. Records alone may be written again.
    pub(crate) async fn committed(
        &mut self,
        conn: &mut Conn,
    ) -> Result<Option<Vec<Decided>>, StoreError> {
        let Some((seq, crc)) = self.mark else {
            return Ok(None);
        };
        let found = conn.number(CHECKSUM, vec![seq.into()]).await?;
        Ok((found == Some(crc)).then(|| std::mem::take(&mut self.decided)))
    }
}
