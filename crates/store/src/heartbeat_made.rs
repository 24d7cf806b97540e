//! Heartbeats that people make while the node runs, and which addresses of badges count.
//!
//! Whoever writes a heartbeat first writes the revision, and holds its row until the end of the transaction: so of two
//! nodes the second sees what the first has made, and whoever keeps a copy sees by the revision that it is old.

use std::sync::Arc;

use balefire_core::time::Time;

use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

/// Most heartbeats that are made while the node runs.
pub const MAX_HEARTBEATS: usize = 10_000;

const ALL: Sql = Sql::new(
    "SELECT name, token, body, made_by, made_at, changed_by, changed_at FROM heartbeat_made ORDER BY name LIMIT $1",
);
const ONE: Sql = Sql::new(
    "SELECT name, token, body, made_by, made_at, changed_by, changed_at FROM heartbeat_made WHERE name = $1",
);
const COUNT: Sql = Sql::new("SELECT COUNT(*) FROM heartbeat_made");
const PUT: Sql = Sql::new(
    "INSERT INTO heartbeat_made (name, token, body, made_by, made_at, changed_by, changed_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)\
     {upsert:name:token,body,changed_by,changed_at}",
);
const DROP: Sql = Sql::new("DELETE FROM heartbeat_made WHERE name = $1");
const REVISION: Sql = Sql::new("SELECT content FROM meta WHERE item = 'heartbeat_made.revision'");
const SET_REVISION: Sql = Sql::new(
    "INSERT INTO meta (item, content) VALUES ('heartbeat_made.revision', $1){upsert:item:content}",
);
const RENEWED: Sql = Sql::new("SELECT renewed FROM badge WHERE subject = $1");
const RENEW: Sql =
    Sql::new("INSERT INTO badge (subject, renewed) VALUES ($1, $2){upsert:subject:renewed}");

/// A heartbeat that somebody made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeHeartbeat {
    /// Its name, at most 190 characters.
    pub name: Arc<str>,
    /// What its token hashes to, hexadecimal.
    pub token: Arc<str>,
    /// What was asked for, JSON.
    pub body: Arc<str>,
    /// Who made it.
    pub made_by: Arc<str>,
    /// When.
    pub made_at: Time,
    /// Who changed it last.
    pub changed_by: Arc<str>,
    /// When.
    pub changed_at: Time,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MadeHeartbeats {
    /// Changes with every change of one; empty before the first.
    pub revision: String,
    /// By name; at most [`MAX_HEARTBEATS`].
    pub list: Vec<MadeHeartbeat>,
}

/// What is to become of a heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeartbeatChange {
    /// It is written, new or in place of the one of its name.
    Put(MadeHeartbeat),
    /// It is taken away.
    Drop,
    /// Nothing.
    Leave,
}

fn read(row: &dyn Columns) -> Result<MadeHeartbeat, StoreError> {
    Ok(MadeHeartbeat {
        name: row.text(0)?.into(),
        token: row.text(1)?.into(),
        body: row.text(2)?.into(),
        made_by: row.text(3)?.into(),
        made_at: Time::from_micros(row.int(4)?),
        changed_by: row.text(5)?.into(),
        changed_at: Time::from_micros(row.int(6)?),
    })
}

fn args(row: &MadeHeartbeat) -> Vec<Arg> {
    vec![
        (&*row.name).into(),
        (&*row.token).into(),
        (&*row.body).into(),
        (&*row.made_by).into(),
        row.made_at.micros().into(),
        (&*row.changed_by).into(),
        row.changed_at.micros().into(),
    ]
}

impl Writer {
    /// Makes, changes or takes away the heartbeat of a name by what `decide` makes of the one there is and of how many
    /// there are in all. `revision` is a text that was never used for this. `decide` may be asked again when another
    /// node was first.
    pub async fn change_heartbeat<R, F>(
        &self,
        name: &str,
        revision: &str,
        decide: F,
    ) -> Result<R, StoreError>
    where
        R: Send + 'static,
        F: Fn(Option<&MadeHeartbeat>, usize) -> (HeartbeatChange, R) + Send + Sync + 'static,
    {
        let job = Arc::new((name.to_owned(), revision.to_owned(), decide));
        self.chore(move |desk: &mut Desk<'_>| {
            let job = Arc::clone(&job);
            Box::pin(async move {
                let (name, revision, decide) = &*job;
                desk.execute(SET_REVISION, vec![revision.as_str().into()])
                    .await?;
                let one = vec![name.as_str().into()];
                let found = desk.conn.fetch(ONE, one, read).await?;
                let count = desk.conn.number(COUNT, Vec::new()).await?;
                let count = usize::try_from(count.unwrap_or_default()).unwrap_or_default();
                let (change, answer) = decide(found.first(), count);
                match change {
                    HeartbeatChange::Put(row) => desk.execute(PUT, args(&row)).await?,
                    HeartbeatChange::Drop => desk.execute(DROP, vec![name.as_str().into()]).await?,
                    HeartbeatChange::Leave => 0,
                };
                Ok(answer)
            })
        })
        .await
    }

    /// Renews the address of a badge: those before are nobody's.
    pub async fn renew_badge(&self, subject: &str) -> Result<(), StoreError> {
        let subject: Arc<str> = subject.into();
        self.chore(move |desk: &mut Desk<'_>| {
            let subject = Arc::clone(&subject);
            Box::pin(async move {
                let of = vec![(&*subject).into()];
                let renewed = desk.conn.number(RENEWED, of).await?.unwrap_or_default();
                let row = vec![(&*subject).into(), (renewed + 1).into()];
                desk.execute(RENEW, row).await
            })
        })
        .await
        .map(drop)
    }
}

impl Store {
    /// The revision of the heartbeats that were made; empty before the first.
    pub async fn heartbeats_revision(&self) -> Result<String, StoreError> {
        let found = self.pool().one(REVISION, vec![], |row| row.text(0)).await?;
        Ok(found.unwrap_or_default())
    }

    /// All heartbeats that were made. One that is made meanwhile may be in the list before it shows in the revision, never
    /// the other way round.
    pub async fn made_heartbeats(&self) -> Result<MadeHeartbeats, StoreError> {
        let revision = self.heartbeats_revision().await?;
        let most = vec![(MAX_HEARTBEATS as i64).into()];
        let list = self.pool().fetch(ALL, most, read).await?;
        Ok(MadeHeartbeats { revision, list })
    }

    /// How often the address of a badge was renewed.
    pub async fn badge_renewed(&self, subject: &str) -> Result<i64, StoreError> {
        let of = vec![subject.into()];
        let found = self.pool().one(RENEWED, of, |row| row.int(0)).await?;
        Ok(found.unwrap_or_default())
    }
}
