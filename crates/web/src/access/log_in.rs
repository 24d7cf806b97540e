//! Whether what a caller shows is known, and for which scopes.
//!
//! A password may be kept as a hash whose check costs milliseconds and megabytes. So checks run beside the
//! async runtime, few at a time with a bounded number waiting, and what was right once is remembered: as a
//! keyed hash over the password's hash and what was shown, with a key that lives as long as the process, so
//! that a caller can neither choose nor foresee an entry, and a changed password has none.

use std::collections::HashSet;
use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use balefire_config::password::Password;
use balefire_config::plan::{Access, AccessUser};
use balefire_core::secret::Secret;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::credentials::{Credentials, same};
use super::scope::Scope;
use crate::error::Problem;

/// Checks of hashes under way at once; one of argon2 takes 19 MiB as a rule.
const AT_ONCE: usize = 2;
/// Checks under way or waiting; who comes then is told to come again.
const WAITING: usize = 32;
/// Right passwords remembered at most; all are forgotten when there are more.
const REMEMBERED: usize = 1_024;

type Tag = [u8; 32];

/// The log-ins so far.
pub(crate) struct LogIns {
    /// Without random bytes from the system nothing is remembered.
    key: Option<hmac::Key>,
    good: Mutex<HashSet<Tag>>,
    hands: Arc<Semaphore>,
    seats: Arc<Semaphore>,
}

impl LogIns {
    /// None so far.
    pub(crate) fn new() -> Self {
        Self {
            key: hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok(),
            good: Mutex::default(),
            hands: Arc::new(Semaphore::new(AT_ONCE)),
            seats: Arc::new(Semaphore::new(WAITING)),
        }
    }

    /// Lets a caller do what asks for `scope`, or answers why not.
    pub(crate) async fn allow(
        &self,
        access: &Access,
        credentials: &Credentials,
        scope: Scope,
    ) -> Result<(), Problem> {
        let scopes = match credentials {
            Credentials::None => None,
            Credentials::Bearer(token) => access
                .tokens
                .iter()
                .find(|known| same(&known.token, token.reveal()))
                .map(|known| &known.scopes),
            Credentials::Basic(name, shown) => {
                let user = self.user(access, name, shown).await?;
                user.map(|user| &user.scopes)
            }
        };
        match scopes {
            None => Err(Problem::unauthorized(
                "a token is needed: send `Authorization: Bearer …` with one of access.tokens, or the password of one of access.users",
            )),
            Some(scopes) if scope.within(scopes) => Ok(()),
            Some(_) => Err(Problem::forbidden(&format!(
                "the scope {:?} is needed",
                scope.as_str()
            ))),
        }
    }

    async fn user<'a>(
        &self,
        access: &'a Access,
        name: &str,
        shown: &Secret,
    ) -> Result<Option<&'a AccessUser>, Problem> {
        let user = access.users.iter().find(|user| user.name == name);
        // A name that does not exist takes as long as one that does.
        let stand_in = || access.users.iter().find(|user| user.password.is_hash());
        let Some(compared) = user.or_else(stand_in) else {
            return Ok(None);
        };
        let right = self.matches(&compared.password, shown).await?;
        Ok(user.filter(|_| right))
    }

    async fn matches(&self, password: &Password, shown: &Secret) -> Result<bool, Problem> {
        if !password.is_hash() {
            return Ok(password.matches(shown.reveal()));
        }
        let tag = self.tag(password, shown);
        if tag.is_some_and(|tag| self.good.lock().contains(&tag)) {
            return Ok(true);
        }
        let busy = || Problem::busy("too many log-ins at once: try again in a moment");
        let seat = Arc::clone(&self.seats).try_acquire_owned();
        let seat = seat.map_err(|_| busy())?;
        let hand = Arc::clone(&self.hands).acquire_owned().await;
        let hand = hand.map_err(|_| busy())?;
        let (password, shown) = (password.clone(), shown.clone());
        // The permits go along: a caller who hangs up does not end the check.
        let check = tokio::task::spawn_blocking(move || {
            let _held = (seat, hand);
            password.matches(shown.reveal())
        });
        let right = check.await.map_err(|_| busy())?;
        if let Some(tag) = tag.filter(|_| right) {
            self.remember(tag);
        }
        Ok(right)
    }

    fn remember(&self, tag: Tag) {
        let mut good = self.good.lock();
        if good.len() >= REMEMBERED {
            good.clear();
        }
        good.insert(tag);
    }

    fn tag(&self, password: &Password, shown: &Secret) -> Option<Tag> {
        let mut context = hmac::Context::with_key(self.key.as_ref()?);
        let text = password.text().reveal().as_bytes();
        // The length keeps what is ours and what the caller sent apart.
        context.update(&(text.len() as u64).to_be_bytes());
        context.update(text);
        context.update(shown.reveal().as_bytes());
        context.sign().as_ref().try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashed(plain: &str) -> Password {
        let hash = Password::hash(plain).expect("a hash");
        Password::read(&hash).expect("a password")
    }

    fn user(name: &str, password: Password) -> AccessUser {
        AccessUser {
            name: name.to_owned(),
            password,
            scopes: vec!["read".to_owned()],
        }
    }

    #[tokio::test]
    async fn only_the_right_password_is_let_in_and_only_that_is_remembered() {
        let access = Access {
            users: vec![
                user("chen", hashed("correct-horse")),
                user("li", Password::read("in-clear-text").expect("a password")),
            ],
            ..Access::default()
        };
        let log_ins = LogIns::new();
        for _ in 0..2 {
            for (name, shown, expected) in [
                ("chen", "correct-horse", 0),
                ("chen", "correct-horsf", 401),
                ("chen", "", 401),
                ("li", "in-clear-text", 0),
                ("li", "correct-horse", 401),
                ("nobody", "correct-horse", 401),
                ("nobody", "in-clear-text", 401),
            ] {
                let credentials = Credentials::Basic(name.to_owned(), Secret::new(shown));
                let allowed = log_ins.allow(&access, &credentials, Scope::Read).await;
                let status = allowed.map_or_else(|problem| problem.status, |()| 0);
                assert_eq!(status, expected, "{name} {shown}");
            }
            assert_eq!(log_ins.good.lock().len(), 1);
        }
        let writes = Credentials::Basic("chen".to_owned(), Secret::new("correct-horse"));
        let refused = log_ins.allow(&access, &writes, Scope::Write).await;
        assert_eq!(refused.map_err(|problem| problem.status), Err(403));
    }

    #[tokio::test]
    async fn a_flood_of_log_ins_is_told_to_wait_and_those_who_are_known_are_let_in() {
        let log_ins = LogIns::new();
        let password = hashed("correct-horse");
        let right = Secret::new("correct-horse");
        let status = |answer: Result<bool, Problem>| answer.map_err(|problem| problem.status);
        assert_eq!(status(log_ins.matches(&password, &right).await), Ok(true));
        let flood = Arc::clone(&log_ins.seats).try_acquire_many_owned(WAITING as u32);
        let flood = flood.expect("all seats");
        assert_eq!(status(log_ins.matches(&password, &right).await), Ok(true));
        let another = Secret::new("another-one");
        assert_eq!(status(log_ins.matches(&password, &another).await), Err(503));
        // A new password has nothing remembered, though the old one was the same.
        let changed = hashed("correct-horse");
        assert_eq!(status(log_ins.matches(&changed, &right).await), Err(503));
        drop(flood);
        assert_eq!(
            status(log_ins.matches(&password, &another).await),
            Ok(false)
        );
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let log_ins = LogIns::new();
        for number in 0..3 * REMEMBERED {
            let mut tag = [0; 32];
            tag[..8].copy_from_slice(&(number as u64).to_be_bytes());
            log_ins.remember(tag);
        }
        assert!(log_ins.good.lock().len() <= REMEMBERED);
    }
}
