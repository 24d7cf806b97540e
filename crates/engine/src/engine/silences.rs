//! Silences: made, edited and ended through the event log.

use balefire_core::event::Input;
use balefire_core::silence::{Silence, SilenceError};
use balefire_core::time::Time;
use balefire_store::StoreError;

use super::Engine;

impl Engine {
    /// Creates or edits a silence; answers its id (a new one where the edit makes a new silence).
    pub async fn put_silence(&self, silence: Silence) -> Result<String, SilenceFailure> {
        let _one_at_a_time = self.inner.silencing.lock().await;
        let now = self.now();
        let id = uuid_v4();
        let put = self.state().silences().put(silence, id, now)?;
        self.append_silences(&put.changed, now).await?;
        Ok(put.id.to_string())
    }

    /// Ends a silence now; ending it twice is fine.
    pub async fn expire_silence(&self, id: &str) -> Result<(), SilenceFailure> {
        let _one_at_a_time = self.inner.silencing.lock().await;
        let now = self.now();
        let changed = self.state().silences().expire(id, now)?;
        self.append_silences(&changed.into_iter().collect::<Vec<_>>(), now)
            .await?;
        Ok(())
    }

    /// Writes silences to the log and waits until the dispatcher has applied them, so that whoever
    /// made one sees it in the next answer.
    pub(super) async fn append_silences(
        &self,
        changed: &[Silence],
        now: Time,
    ) -> Result<(), StoreError> {
        let inputs: Vec<Input> = changed
            .iter()
            .map(|silence| {
                Input::Silence(serde_json::to_string(silence).unwrap_or_default().into())
            })
            .collect();
        if inputs.is_empty() {
            return Ok(());
        }
        let shared = &self.inner.shared;
        let last = *shared.store.writer().append(inputs, now).await?.end();
        tokio::select! {
            () = shared.applied(last) => {}
            // It is in the log; the next start applies it.
            () = self.inner.closing.cancelled() => {}
        }
        Ok(())
    }
}

/// Why a silence was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SilenceFailure {
    /// It breaks a rule.
    #[error(transparent)]
    Rule(#[from] SilenceError),
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A random UUID, version 4, as silences are named.
pub(crate) fn uuid_v4() -> String {
    let mut bytes = [0_u8; 16];
    // Without randomness from the system there is no TLS either; zeros would still be a valid, if repeated, id.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}
