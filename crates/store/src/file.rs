//! Files as rows: pieces first, each in a transaction of its own, then the row that makes them a file.
//!
//! Pieces that belong to no file (an upload that broke off, a file that was removed) are known by their row
//! in `file_draft` and are swept in small steps. What a full disk keeps back for notifications is not for files.

use std::sync::Arc;

use balefire_core::time::Time;

use crate::Store;
use crate::codec;
use crate::db::{Columns, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

/// Pieces that a transaction of the sweep removes.
const SWEPT_AT_ONCE: i64 = 16;

const LAST: Sql = Sql::new("SELECT MAX(seq) FROM file");
const TOTALS: Sql = Sql::new("SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS {whole}) FROM file");
const PUT: Sql = Sql::new(
    "INSERT INTO file (id, seq, at, size, name, media_type) VALUES ($1, $2, $3, $4, $5, $6)",
);
const DROP: Sql = Sql::new("DELETE FROM file WHERE id = $1");
const BY_ID: Sql = Sql::new("SELECT id, seq, at, size, name, media_type FROM file WHERE id = $1");
const BY_NAME: Sql = Sql::new(
    "SELECT id, seq, at, size, name, media_type FROM file WHERE name = $1 ORDER BY seq DESC LIMIT 1",
);
const LIST: Sql = Sql::new(
    "SELECT id, seq, at, size, name, media_type FROM file WHERE seq < $1 ORDER BY seq DESC LIMIT $2",
);
const LIST_OF_NAME: Sql = Sql::new(
    "SELECT id, seq, at, size, name, media_type FROM file WHERE name = $1 AND seq < $2 \
     ORDER BY seq DESC LIMIT $3",
);
const PUT_PART: Sql =
    Sql::new("INSERT INTO file_part (file, part, crc, body) VALUES ($1, $2, $3, $4)");
const PART: Sql = Sql::new("SELECT crc, body FROM file_part WHERE file = $1 AND part = $2");
const PARTS: Sql = Sql::new("SELECT COUNT(*) FROM file_part WHERE file = $1");
const FIRST_PART: Sql = Sql::new("SELECT MIN(part) FROM file_part WHERE file = $1");
const DROP_PARTS: Sql =
    Sql::new("DELETE FROM file_part WHERE file = $1 AND part >= $2 AND part < $3");
const PUT_DRAFT: Sql = Sql::new("INSERT INTO file_draft (id, at) VALUES ($1, $2)");
const TOUCH_DRAFT: Sql = Sql::new("UPDATE file_draft SET at = $1 WHERE id = $2");
const DROP_DRAFT: Sql = Sql::new("DELETE FROM file_draft WHERE id = $1");
const OLD_DRAFT: Sql = Sql::new("SELECT id FROM file_draft WHERE at < $1 ORDER BY at LIMIT 1");

/// A file that is there; its bytes are read with [`Store::file_part`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its id; at most 190 characters, given by whoever stored it.
    pub id: Arc<str>,
    /// Its number; the newest has the highest.
    pub seq: u64,
    /// When it was whole.
    pub at: Time,
    /// Its bytes.
    pub size: u64,
    /// Its name; several may have the same.
    pub name: Arc<str>,
    /// What it is.
    pub media_type: Arc<str>,
}

impl File {
    /// Bytes of a piece; the last may have fewer. Small enough that alerts which wait for the writer do not
    /// notice, and that a database's largest packet (MySQL: 4 MiB and more) never matters.
    pub const PART: usize = 256 * 1024;

    /// How many pieces it has.
    pub const fn parts(&self) -> u64 {
        self.size.div_ceil(Self::PART as u64)
    }
}

/// How many files and bytes may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileQuota {
    /// Files.
    pub count: u64,
    /// Their bytes together.
    pub bytes: u64,
}

/// How many files and bytes there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileTotals {
    /// Files.
    pub count: u64,
    /// Their bytes together.
    pub bytes: u64,
}

impl FileTotals {
    /// Whether a file of so many bytes more is within the quota.
    pub const fn has_room(self, more: u64, quota: FileQuota) -> bool {
        self.count < quota.count && self.bytes.saturating_add(more) <= quota.bytes
    }
}

/// What became of a file whose pieces are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileKept {
    /// It is a file now.
    Kept(File),
    /// The quota has no room for it.
    NoRoom(FileTotals),
}

fn read(row: &dyn Columns) -> Result<File, StoreError> {
    Ok(File {
        id: row.text(0)?.into(),
        seq: row.number(1)?,
        at: Time::from_micros(row.int(2)?),
        size: row.number(3)?,
        name: row.text(4)?.into(),
        media_type: row.text(5)?.into(),
    })
}

fn read_totals(row: &dyn Columns) -> Result<FileTotals, StoreError> {
    Ok(FileTotals {
        count: row.number(0)?,
        bytes: row.number(1)?,
    })
}

fn swept(id: &str) -> StoreError {
    StoreError::Conflict(format!("the pieces of file {id} are gone, send it again"))
}

impl Writer {
    /// Says that pieces of a new file will come.
    pub async fn begin_file(&self, id: &str, at: Time) -> Result<(), StoreError> {
        let id: Arc<str> = id.into();
        self.bulk(move |desk: &mut Desk<'_>| {
            let row = vec![(&*id).into(), at.micros().into()];
            Box::pin(async move { desk.execute(PUT_DRAFT, row).await })
        })
        .await?;
        Ok(())
    }

    /// Stores the piece with this number, from 0: [`File::PART`] bytes, of the last one fewer.
    pub async fn file_part(
        &self,
        id: &str,
        part: u64,
        body: Vec<u8>,
        at: Time,
    ) -> Result<(), StoreError> {
        let id: Arc<str> = id.into();
        let crc = codec::crc(&[part.cast_signed()], &body);
        self.bulk(move |desk: &mut Desk<'_>| {
            let (id, body) = (Arc::clone(&id), body.clone());
            Box::pin(async move {
                let touch = vec![at.micros().into(), (&*id).into()];
                if desk.execute(TOUCH_DRAFT, touch).await? == 0 {
                    return Err(swept(&id));
                }
                let row = vec![(&*id).into(), part.into(), crc.into(), body.into()];
                desk.execute(PUT_PART, row).await
            })
        })
        .await?;
        Ok(())
    }

    /// Makes the pieces a file, if the quota has room for it. The file's number is given here.
    pub async fn keep_file(&self, file: File, quota: FileQuota) -> Result<FileKept, StoreError> {
        self.bulk(move |desk: &mut Desk<'_>| {
            let mut file = file.clone();
            Box::pin(async move {
                let totals = desk.conn.fetch(TOTALS, Vec::new(), read_totals).await?;
                let totals = totals.first().copied().unwrap_or_default();
                if !totals.has_room(file.size, quota) {
                    return Ok(FileKept::NoRoom(totals));
                }
                let id = || vec![(&*file.id).into()];
                let parts = desk.conn.number(PARTS, id()).await?.unwrap_or(0);
                let begun = desk.execute(DROP_DRAFT, id()).await? == 1;
                if !begun || parts.cast_unsigned() != file.parts() {
                    return Err(swept(&file.id));
                }
                file.seq = desk.next(LAST).await?.cast_unsigned();
                let row = vec![
                    (&*file.id).into(),
                    file.seq.into(),
                    file.at.micros().into(),
                    file.size.into(),
                    (&*file.name).into(),
                    (&*file.media_type).into(),
                ];
                desk.execute(PUT, row).await?;
                Ok(FileKept::Kept(file))
            })
        })
        .await
    }

    /// Gives up a file that was begun; the next sweep takes its pieces.
    pub async fn drop_draft(&self, id: &str) -> Result<(), StoreError> {
        let id: Arc<str> = id.into();
        self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![0_i64.into(), (&*id).into()];
            Box::pin(async move { desk.execute(TOUCH_DRAFT, row).await })
        })
        .await?;
        Ok(())
    }

    /// Removes a file; whether it was there. The next sweep takes its pieces.
    pub async fn remove_file(&self, id: &str) -> Result<bool, StoreError> {
        let id: Arc<str> = id.into();
        self.chore(move |desk: &mut Desk<'_>| {
            let id = Arc::clone(&id);
            Box::pin(async move {
                if desk.execute(DROP, vec![(&*id).into()]).await? == 0 {
                    return Ok(false);
                }
                desk.execute(PUT_DRAFT, vec![(&*id).into(), 0_i64.into()])
                    .await?;
                Ok(true)
            })
        })
        .await
    }
}

/// One step of the sweep: how many pieces went, `None` when nothing is left to do.
async fn sweep_step(desk: &mut Desk<'_>, cutoff: Time) -> Result<Option<u64>, StoreError> {
    let old = vec![cutoff.micros().into()];
    let drafts = desk.conn.fetch(OLD_DRAFT, old, |row| row.text(0)).await?;
    let Some(id) = drafts.first().map(String::as_str) else {
        return Ok(None);
    };
    let Some(first) = desk.conn.number(FIRST_PART, vec![id.into()]).await? else {
        desk.execute(DROP_DRAFT, vec![id.into()]).await?;
        return Ok(Some(0));
    };
    let range = vec![id.into(), first.into(), (first + SWEPT_AT_ONCE).into()];
    desk.execute(DROP_PARTS, range).await.map(Some)
}

impl Store {
    /// A file by its id.
    pub async fn file(&self, id: &str) -> Result<Option<File>, StoreError> {
        self.pool().one(BY_ID, vec![id.into()], read).await
    }

    /// The newest file of a name.
    pub async fn file_named(&self, name: &str) -> Result<Option<File>, StoreError> {
        self.pool().one(BY_NAME, vec![name.into()], read).await
    }

    /// Up to `limit` files before number `before`, newest first; of one name only, or all.
    pub async fn files(
        &self,
        name: Option<&str>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<File>, StoreError> {
        let before = before.map_or(i64::MAX, u64::cast_signed);
        let limit = limit as i64;
        let pool = self.pool();
        match name {
            None => {
                let range = vec![before.into(), limit.into()];
                pool.fetch(LIST, range, read).await
            }
            Some(name) => {
                let range = vec![name.into(), before.into(), limit.into()];
                pool.fetch(LIST_OF_NAME, range, read).await
            }
        }
    }

    /// How many files and bytes there are.
    pub async fn file_totals(&self) -> Result<FileTotals, StoreError> {
        let totals = self.pool().one(TOTALS, Vec::new(), read_totals).await?;
        Ok(totals.unwrap_or_default())
    }

    /// A piece of a file, verified; `None` when it is not there, or not any more.
    pub async fn file_part(&self, id: &str, part: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let key = vec![id.into(), part.into()];
        let found = self
            .pool()
            .one(PART, key, |row| Ok((row.int(0)?, row.bytes(1)?)))
            .await?;
        let Some((stored, body)) = found else {
            return Ok(None);
        };
        let part = part.cast_signed();
        codec::verify(
            &format!("file {id}, piece"),
            part,
            stored,
            codec::crc(&[part], &body),
        )?;
        Ok(Some(body))
    }

    /// Removes the pieces of removed files, and of files of which no piece has come since `cutoff`; how many.
    pub async fn sweep_files(&self, cutoff: Time) -> Result<u64, StoreError> {
        let mut pieces = 0;
        loop {
            let step = self
                .writer()
                .chore(move |desk: &mut Desk<'_>| Box::pin(sweep_step(desk, cutoff)));
            let Some(gone) = step.await? else {
                return Ok(pieces);
            };
            pieces += gone;
            tokio::task::yield_now().await;
        }
    }
}
