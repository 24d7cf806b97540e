//! Heartbeats: heard, shown, paused and resumed.

use std::sync::Arc;

use balefire_config::heartbeat::Heartbeat;
use balefire_core::heartbeat::Beat;
use balefire_core::time::Time;
use balefire_store::StoreError;

use super::Engine;
use crate::heartbeats::{Heard, HeartbeatState, Heartbeats, Written};

impl Engine {
    /// The heartbeats in memory.
    pub(crate) fn heartbeats(&self) -> &Heartbeats {
        &self.inner.heartbeats
    }

    /// Takes in a signal of a job; `Ok` means that it is on disk.
    pub async fn hear(&self, heartbeat: &Heartbeat, heard: Heard) -> Result<(), StoreError> {
        let written = self.heartbeats().hear(heartbeat, heard, self.now());
        self.stored(written).await
    }

    /// All heartbeats that are waited for as they stand, by name.
    pub fn heartbeat_states(&self) -> Vec<HeartbeatState> {
        let all = self.waited();
        all.iter().map(|one| self.heartbeat_state(one)).collect()
    }

    /// A heartbeat as it stands.
    pub fn heartbeat_state(&self, heartbeat: &Arc<Heartbeat>) -> HeartbeatState {
        let state = self.heartbeats().state(heartbeat, self.now());
        HeartbeatState {
            made: self.inner.waited.made(&self.plan(), &heartbeat.name),
            ..state
        }
    }

    /// Lets nobody hear of a heartbeat until it is resumed; an alert that is out ends.
    pub async fn pause_heartbeat(&self, heartbeat: &Heartbeat) -> Result<(), StoreError> {
        self.change_heartbeat(heartbeat, Beat::pause).await
    }

    /// Waits for a heartbeat again, from now on.
    pub async fn resume_heartbeat(&self, heartbeat: &Heartbeat) -> Result<(), StoreError> {
        let resume = |beat: &mut Beat, now| {
            beat.resume(now);
        };
        self.change_heartbeat(heartbeat, resume).await
    }

    async fn change_heartbeat(
        &self,
        heartbeat: &Heartbeat,
        change: impl FnOnce(&mut Beat, Time),
    ) -> Result<(), StoreError> {
        let now = self.now();
        let written = self
            .heartbeats()
            .change(heartbeat, |beat| change(beat, now));
        self.stored(written).await
    }

    async fn stored(&self, written: Written) -> Result<(), StoreError> {
        let stored = written.await.unwrap_or(Err(StoreError::Closed));
        self.inner.shared.changed();
        stored
    }
}
