//! Access tokens: fetched once for all who ask at the same time, renewed ahead of their end.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use balefire_core::secret::Secret;
use balefire_core::time::Time;
use parking_lot::Mutex;

use crate::error::{ErrorKind, SendError};
use crate::reports::Reports;
use crate::threads::Threads;

/// How long before its end a token is renewed, or a tenth of its life if that is shorter.
pub const AHEAD: Duration = Duration::from_mins(5);
/// After a renewal ahead of time failed, the old token serves this long before the next try.
pub const CALM: Duration = Duration::from_secs(30);

/// The tokens of one account, by name (`access_token`, `jsapi_ticket`, a tenant).
///
/// One fetch runs at a time per name; those who come meanwhile wait and share its result, good or
/// bad. A failure is never kept: who comes later fetches anew.
#[derive(Debug, Default)]
pub struct Tokens {
    slots: Mutex<HashMap<String, Arc<Slot>>>,
    threads: Arc<Threads>,
    reports: Arc<Reports>,
}

#[derive(Debug, Default)]
struct Slot {
    held: tokio::sync::Mutex<Held>,
    /// Fetches finished so far. Who waited through one shares what it brought.
    finished: std::sync::atomic::AtomicU64,
}

#[derive(Debug, Default)]
struct Held {
    token: Option<Token>,
    last_failure: Option<SendError>,
}

#[derive(Debug, Clone)]
struct Token {
    secret: Secret,
    renew_at: Time,
    ends_at: Time,
}

impl Tokens {
    /// No tokens yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The threads begun through the account: an entry whose words are rendered anew for each message is built anew,
    /// too, and must find them again.
    pub(crate) fn threads(&self) -> Arc<Threads> {
        Arc::clone(&self.threads)
    }

    /// What the account's provider says over a connection that is held open.
    pub fn reports(&self) -> Arc<Reports> {
        Arc::clone(&self.reports)
    }

    /// The token of this name: the one held if it is fresh, else the one that `fetch` brings together with
    /// how long it lives. A token that is still good outlives a failed renewal.
    pub async fn get<F, Fut>(&self, name: &str, now: Time, fetch: F) -> Result<Secret, SendError>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<(Secret, Duration), SendError>>,
    {
        use std::sync::atomic::Ordering;

        let slot = Arc::clone(self.slots.lock().entry(name.to_owned()).or_default());
        let seen = slot.finished.load(Ordering::Acquire);
        let mut held = slot.held.lock().await;
        if let Some(token) = &held.token
            && now < token.renew_at
        {
            return Ok(token.secret.clone());
        }
        if slot.finished.load(Ordering::Acquire) != seen
            && let Some(failure) = &held.last_failure
        {
            return Err(failure.clone());
        }
        let brought = fetch().await;
        slot.finished.fetch_add(1, Ordering::AcqRel);
        held.take_in(brought, now)
    }

    /// Makes a call with the token of this name. One that the provider calls stale is forgotten, so that the next
    /// try brings a new one; no error names the token.
    pub(crate) async fn call<T, F, Fut>(
        &self,
        name: &str,
        now: Time,
        fetch: F,
        call: impl AsyncFnOnce(&Secret) -> Result<T, SendError>,
    ) -> Result<T, SendError>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<(Secret, Duration), SendError>>,
    {
        let token = self.get(name, now, fetch).await?;
        let mut error = match call(&token).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if error.kind == ErrorKind::StaleCredential {
            self.invalidate(name, &token).await;
        }
        error.detail = error.detail.replace(token.reveal(), "…");
        Err(error)
    }

    /// Forgets the token of this name, but only if it is still `stale`: somebody else may have
    /// renewed it already.
    pub async fn invalidate(&self, name: &str, stale: &Secret) {
        let slot = self.slots.lock().get(name).map(Arc::clone);
        if let Some(slot) = slot {
            let mut held = slot.held.lock().await;
            if held
                .token
                .as_ref()
                .is_some_and(|token| token.secret == *stale)
            {
                held.token = None;
            }
        }
    }
}

impl Held {
    fn take_in(
        &mut self,
        brought: Result<(Secret, Duration), SendError>,
        now: Time,
    ) -> Result<Secret, SendError> {
        match brought {
            Ok((secret, life)) => {
                let ends_at = now.after(life);
                let renew_at = ends_at.before(AHEAD.min(life / 10));
                self.token = Some(Token {
                    secret: secret.clone(),
                    renew_at,
                    ends_at,
                });
                self.last_failure = None;
                Ok(secret)
            }
            Err(failure) => match &mut self.token {
                Some(token) if now < token.ends_at => {
                    token.renew_at = now.after(CALM).min(token.ends_at);
                    Ok(token.secret.clone())
                }
                _ => {
                    self.token = None;
                    self.last_failure = Some(failure.clone());
                    Err(failure)
                }
            },
        }
    }
}

#[cfg(test)]
mod tests;
