//! What badges say, and where they are.

use aws_lc_rs::constant_time;
use balefire_core::heartbeat::Status;

use super::Engine;
use crate::badge::{Badge, BadgeFailure, Subject};

impl Engine {
    /// What a badge says now.
    pub fn badge(&self, subject: &Subject) -> Result<Badge, BadgeFailure> {
        let states: Vec<Status> = if let Subject::One(name) = subject {
            let all = self.waited();
            let one = all.get(name).map(|one| self.heartbeat_state(one));
            one.iter().map(|one| one.standing.status).collect()
        } else {
            let all = self.heartbeat_states().into_iter();
            let meant = all.filter(|one| subject.means(one));
            meant.map(|one| one.standing.status).collect()
        };
        Badge::of(&states).ok_or_else(|| BadgeFailure::Nothing(subject.to_string()))
    }

    /// The token of a badge's address.
    pub async fn badge_token(&self, subject: &Subject) -> Result<String, BadgeFailure> {
        let text = subject.to_string();
        let renewed = self.store().badge_renewed(&text).await?;
        let key = &self.inner.badge_key;
        key.token(self.store(), &text, renewed).await
    }

    /// Whether a token is that of a badge's address.
    pub async fn is_badge_token(
        &self,
        subject: &Subject,
        token: &str,
    ) -> Result<bool, BadgeFailure> {
        let right = self.badge_token(subject).await?;
        Ok(constant_time::verify_slices_are_equal(right.as_bytes(), token.as_bytes()).is_ok())
    }

    /// Gives a badge another address; the one before is nobody's.
    pub async fn renew_badge(&self, subject: &Subject) -> Result<(), BadgeFailure> {
        self.badge(subject)?;
        let writer = self.store().writer();
        Ok(writer.renew_badge(&subject.to_string()).await?)
    }
}
