//! Rejected requests, configuration versions and single facts by name.

use std::sync::Arc;

use balefire_core::time::Time;

use crate::Store;
use crate::db::{Columns, Sql};
use crate::error::StoreError;
use crate::record::{ConfigVersion, Rejected};
use crate::writer::{Desk, Writer};

const LAST_REJECTED: Sql = Sql::new("SELECT MAX(seq) FROM rejected");
const PUT_REJECTED: Sql =
    Sql::new("INSERT INTO rejected (seq, at, source, reason, head) VALUES ($1, $2, $3, $4, $5)");
const REJECTED: Sql = Sql::new(
    "SELECT seq, at, source, reason, head FROM rejected WHERE seq < $1 ORDER BY seq DESC LIMIT $2",
);
const PUT_CONFIG: Sql = Sql::new(
    "INSERT INTO config_version (hash, at, document, redacted) VALUES ($1, $2, $3, $4){ignore:hash}",
);
const CONFIG: Sql =
    Sql::new("SELECT hash, at, document, redacted FROM config_version WHERE hash = $1");
const CONFIGS: Sql = Sql::new(
    "SELECT hash, at, document, redacted FROM config_version ORDER BY at DESC, hash LIMIT $1",
);
const PUT_META: Sql =
    Sql::new("INSERT INTO meta (item, content) VALUES ($1, $2){upsert:item:content}");
const PUT_FIRST_META: Sql =
    Sql::new("INSERT INTO meta (item, content) VALUES ($1, $2){ignore:item}");
const META: Sql = Sql::new("SELECT content FROM meta WHERE item = $1");

impl Writer {
    /// Records a refused request.
    pub async fn reject(&self, rejected: Rejected) -> Result<(), StoreError> {
        self.chore(move |desk: &mut Desk<'_>| {
            let rejected = rejected.clone();
            Box::pin(async move {
                let seq = desk.next(LAST_REJECTED).await?;
                let head = &rejected.head[..rejected.head.len().min(Rejected::MAX_HEAD)];
                let row = vec![
                    seq.into(),
                    rejected.at.micros().into(),
                    (&*rejected.source).into(),
                    (&*rejected.reason).into(),
                    head.to_vec().into(),
                ];
                desk.execute(PUT_REJECTED, row).await
            })
        })
        .await?;
        Ok(())
    }

    /// Stores a configuration under its hash; one that is already there stays as it is.
    pub async fn config_version(&self, version: ConfigVersion) -> Result<(), StoreError> {
        self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![
                (&*version.hash).into(),
                version.at.micros().into(),
                (&*version.document).into(),
                (&*version.redacted).into(),
            ];
            Box::pin(async move { desk.execute(PUT_CONFIG, row).await })
        })
        .await?;
        Ok(())
    }

    /// Notes a fact under a name of at most 190 characters, in place of the one before.
    pub async fn set_meta(&self, item: &str, content: &str) -> Result<(), StoreError> {
        let (item, content): (Arc<str>, Arc<str>) = (item.into(), content.into());
        self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![(&*item).into(), (&*content).into()];
            Box::pin(async move { desk.execute(PUT_META, row).await })
        })
        .await?;
        Ok(())
    }

    /// Notes a fact under a name unless one is noted there already, which stays.
    pub async fn first_meta(&self, item: &str, content: &str) -> Result<(), StoreError> {
        let (item, content): (Arc<str>, Arc<str>) = (item.into(), content.into());
        self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![(&*item).into(), (&*content).into()];
            Box::pin(async move { desk.execute(PUT_FIRST_META, row).await })
        })
        .await?;
        Ok(())
    }
}

fn read_config(row: &dyn Columns) -> Result<ConfigVersion, StoreError> {
    Ok(ConfigVersion {
        hash: row.text(0)?.into(),
        at: Time::from_micros(row.int(1)?),
        document: row.text(2)?.into(),
        redacted: row.text(3)?.into(),
    })
}

impl Store {
    /// Up to `limit` refused requests before number `before`, newest first.
    pub async fn rejected(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Rejected>, StoreError> {
        let before = before.map_or(i64::MAX, u64::cast_signed);
        self.pool()
            .fetch(
                REJECTED,
                vec![before.into(), (limit as i64).into()],
                |row| {
                    Ok(Rejected {
                        seq: row.number(0)?,
                        at: Time::from_micros(row.int(1)?),
                        source: row.text(2)?.into(),
                        reason: row.text(3)?.into(),
                        head: row.bytes(4)?,
                    })
                },
            )
            .await
    }

    /// A configuration by its hash.
    pub async fn config_version(&self, hash: &str) -> Result<Option<ConfigVersion>, StoreError> {
        self.pool()
            .one(CONFIG, vec![hash.into()], read_config)
            .await
    }

    /// Up to `limit` configurations, the newest first.
    pub async fn config_versions(&self, limit: usize) -> Result<Vec<ConfigVersion>, StoreError> {
        self.pool()
            .fetch(CONFIGS, vec![(limit as i64).into()], read_config)
            .await
    }

    /// A fact by its name.
    pub async fn meta(&self, item: &str) -> Result<Option<String>, StoreError> {
        self.pool()
            .one(META, vec![item.into()], |row| row.text(0))
            .await
    }
}
