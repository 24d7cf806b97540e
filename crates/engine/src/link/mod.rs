//! Signed links: whoever holds one may answer for what it is about, without logging in.
//!
//! A link says what it is about, for whom it was made, for what purpose and until when, under a signature with a key
//! that is kept in the store. Nothing is written for a link, so that a message costs no row; another key makes all
//! links that were handed out worthless.

mod address;
mod claim;
mod key;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use balefire_core::time::Time;
use balefire_store::{Store, StoreError};

pub(crate) use self::address::{address, let_answer, mailbox, theirs};
pub use self::claim::{Claim, LinkError, Purpose, Subject};
use self::key::Key;

/// Where the key is kept.
const ITEM: &str = "link_key";

/// Signs links and reads them back.
#[derive(Debug, Default)]
pub(crate) struct Links(ArcSwapOption<Key>);

impl Links {
    /// With the key of this deployment; made now if there is none. A store that takes nothing must not keep a node
    /// from starting: then messages go out without links.
    pub(crate) async fn open(store: &Store) -> Self {
        let links = Self::default();
        if let Err(error) = links.first_key(store).await {
            tracing::warn!(%error, "messages have no links to acknowledge: their key cannot be stored");
        }
        links
    }

    async fn first_key(&self, store: &Store) -> Result<(), StoreError> {
        if self.reread(store).await? {
            return Ok(());
        }
        if let Some(key) = Key::made() {
            store.writer().first_meta(ITEM, &key.text()).await?;
            // Another node may have been first.
            self.reread(store).await?;
        }
        Ok(())
    }

    /// Takes over the key that is in the store; whether that is news.
    async fn reread(&self, store: &Store) -> Result<bool, StoreError> {
        let kept = store.meta(ITEM).await?;
        let Some(key) = kept.as_deref().and_then(Key::read) else {
            return Ok(false);
        };
        let is_news = self.0.load().as_deref() != Some(&key);
        self.0.store(Some(Arc::new(key)));
        Ok(is_news)
    }

    /// Makes another key: no link that was handed out is good any more.
    pub(crate) async fn renew(&self, store: &Store) -> Result<(), StoreError> {
        if let Some(key) = Key::made() {
            store.writer().set_meta(ITEM, &key.text()).await?;
            self.0.store(Some(Arc::new(key)));
        }
        Ok(())
    }

    /// The token that makes a claim; `None` without a key.
    pub(crate) fn sign(&self, claim: &Claim) -> Option<String> {
        Some(self.0.load().as_deref()?.sign(claim))
    }

    /// What the name of a mailbox says that makes a claim; `None` without a key.
    pub(crate) fn sign_for_mail(&self, claim: &Claim) -> Option<String> {
        Some(self.0.load().as_deref()?.sign_for_mail(claim))
    }

    /// What a token claims, if it is ours, for this purpose and not over.
    pub(crate) fn read(
        &self,
        token: &str,
        purpose: Purpose,
        now: Time,
    ) -> Result<Claim, LinkError> {
        let key = self.0.load_full().ok_or(LinkError::Forged)?;
        let claim = match purpose {
            Purpose::Mail => key.open_from_mail(token),
            Purpose::Page | Purpose::Button | Purpose::Key => key.open(token),
        };
        let claim = claim.ok_or(LinkError::Forged)?;
        if claim.purpose != purpose {
            return Err(LinkError::Forged);
        }
        if claim.expires_at <= now {
            return Err(LinkError::Expired);
        }
        Ok(claim)
    }

    /// The same, looking again in the store when the token is not ours: another node may have made another key.
    pub(crate) async fn check(
        &self,
        store: &Store,
        token: &str,
        purpose: Purpose,
        now: Time,
    ) -> Result<Claim, LinkError> {
        let read = self.read(token, purpose, now);
        if read == Err(LinkError::Forged) && self.reread(store).await.unwrap_or(false) {
            return self.read(token, purpose, now);
        }
        read
    }
}
