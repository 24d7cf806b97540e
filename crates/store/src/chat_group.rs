//! Chat groups that Balefire made at a platform, and which node makes one now: the row decides.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;

use crate::Store;
use crate::db::{Columns, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

const ONE: Sql = Sql::new(
    "SELECT round, making_until, conversation_id, members, made FROM chat_group WHERE id = $1",
);
const FIRST: Sql = Sql::new(
    "INSERT INTO chat_group (id, round, made, making_until, conversation_id, members, at) \
     VALUES ($1, 1, 0, $2, '', '', $3)",
);
/// Only from the round that was read, so that of two nodes one has it.
const NEXT: Sql = Sql::new(
    "UPDATE chat_group SET round = round + 1, making_until = $1, at = $2 WHERE id = $3 AND round = $4",
);
const MADE: Sql = Sql::new(
    "UPDATE chat_group SET made = made + 1, making_until = 0, conversation_id = $1, members = $2, at = $3 \
     WHERE id = $4 AND round = $5",
);
const FAILED: Sql = Sql::new("UPDATE chat_group SET making_until = 0 WHERE id = $1 AND round = $2");
const GONE: Sql =
    Sql::new("UPDATE chat_group SET conversation_id = '' WHERE id = $1 AND conversation_id = $2");

/// How long a node has for making a group; after it another may.
const MAKING: Duration = Duration::from_mins(1);

/// A group that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatGroup {
    /// As the platform knows it.
    pub conversation_id: Arc<str>,
    /// Those whom it was made for, as the caller writes them: other words are other members.
    pub members: Arc<str>,
}

/// What a node may do about a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatGroupClaim {
    /// It is there, with just these members.
    Ready(ChatGroup),
    /// This caller makes it, or makes it anew.
    Mine {
        /// What tells its leave from those before and after it.
        round: u64,
        /// How many groups there have been.
        made: u64,
    },
    /// Another call or node is making it; the group as it was before, if there was one.
    Others(Option<ChatGroup>),
}

struct Row {
    round: i64,
    made: u64,
    making_until: Time,
    group: Option<ChatGroup>,
}

fn read(row: &dyn Columns) -> Result<Row, StoreError> {
    let group = ChatGroup {
        conversation_id: row.text(2)?.into(),
        members: row.text(3)?.into(),
    };
    Ok(Row {
        round: row.int(0)?,
        made: row.number(4)?,
        making_until: Time::from_micros(row.int(1)?),
        group: Some(group).filter(|group| !group.conversation_id.is_empty()),
    })
}

impl Writer {
    /// Asks for the group `id` (at most 190 characters) of `members`; without one, or when its members are
    /// others, one caller gets leave to make it.
    pub async fn claim_chat_group(
        &self,
        id: &str,
        members: &str,
        now: Time,
    ) -> Result<ChatGroupClaim, StoreError> {
        let (id, wanted): (Arc<str>, Arc<str>) = (id.into(), members.into());
        self.chore(move |desk: &mut Desk<'_>| {
            let (id, wanted) = (Arc::clone(&id), Arc::clone(&wanted));
            Box::pin(async move { claim(desk, &id, &wanted, now).await })
        })
        .await
    }

    /// Notes the group that was made in a round; of a round that is over it is left out.
    pub async fn chat_group_made(
        &self,
        id: &str,
        round: u64,
        group: ChatGroup,
        now: Time,
    ) -> Result<(), StoreError> {
        let id: Arc<str> = id.into();
        self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![
                (&*group.conversation_id).into(),
                (&*group.members).into(),
                now.micros().into(),
                (&*id).into(),
                round.into(),
            ];
            Box::pin(async move { desk.execute(MADE, row).await })
        })
        .await?;
        Ok(())
    }

    /// Notes that a round came to nothing, so that the next alarm tries again.
    pub async fn chat_group_failed(&self, id: &str, round: u64) -> Result<(), StoreError> {
        let id: Arc<str> = id.into();
        self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![(&*id).into(), round.into()];
            Box::pin(async move { desk.execute(FAILED, row).await })
        })
        .await?;
        Ok(())
    }

    /// Notes that the platform no longer has this group.
    pub async fn chat_group_gone(&self, id: &str, conversation_id: &str) -> Result<(), StoreError> {
        let (id, conversation_id): (Arc<str>, Arc<str>) = (id.into(), conversation_id.into());
        self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![(&*id).into(), (&*conversation_id).into()];
            Box::pin(async move { desk.execute(GONE, row).await })
        })
        .await?;
        Ok(())
    }
}

async fn claim(
    desk: &mut Desk<'_>,
    id: &str,
    wanted: &str,
    now: Time,
) -> Result<ChatGroupClaim, StoreError> {
    let until = now.after(MAKING).micros();
    let found = desk.conn.fetch(ONE, vec![id.into()], read).await?;
    let Some(row) = found.into_iter().next() else {
        // Of two nodes one is refused here, and asked again it finds the other's row.
        let row = vec![id.into(), until.into(), now.micros().into()];
        desk.execute(FIRST, row).await?;
        return Ok(ChatGroupClaim::Mine { round: 1, made: 0 });
    };
    if let Some(group) = &row.group
        && *group.members == *wanted
    {
        return Ok(ChatGroupClaim::Ready(group.clone()));
    }
    // A time far ahead is one from before the clock was set back.
    let busy = now < row.making_until && row.making_until <= now.after(MAKING);
    if !busy {
        let args = vec![
            until.into(),
            now.micros().into(),
            id.into(),
            row.round.into(),
        ];
        if desk.execute(NEXT, args).await? == 1 {
            return Ok(ChatGroupClaim::Mine {
                round: row.round.cast_unsigned() + 1,
                made: row.made,
            });
        }
    }
    Ok(ChatGroupClaim::Others(row.group))
}

impl Store {
    /// The chat group of this id, if there is one.
    pub async fn chat_group(&self, id: &str) -> Result<Option<ChatGroup>, StoreError> {
        let row = self.pool().one(ONE, vec![id.into()], read).await?;
        Ok(row.and_then(|row| row.group))
    }
}
