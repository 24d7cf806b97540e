//! The channel of an entry with Go templates, built with the words they print for the message at hand.

use std::sync::Arc;

use balefire_channels::channel::Channel;
use balefire_config::plan::{Integration, Plan, Receiver};
use balefire_core::message::{Message, Occasion};
use balefire_core::time::Time;

use super::shared::Shared;
use crate::meta::Trouble;

/// The entry's channel. A digest tells of several groups, and what is no group has no data for a template: these go
/// out in our own words, as does a message whose template failed, which is said aloud.
///
/// The templates run here: their engine bounds steps and memory, so that the worst takes a fraction of a second.
pub(super) fn channel(
    shared: &Shared,
    plan: &Plan,
    (receiver, integration): (&Receiver, &Integration),
    message: &Message,
    now: Time,
) -> Arc<dyn Channel> {
    let default = || Arc::clone(&integration.channel);
    let (Some(words), Some(group)) = (&integration.words, &message.group) else {
        return default();
    };
    if !matches!(message.occasion, Occasion::Firing | Occasion::Resolved) {
        return default();
    }
    match words.channel(&plan.go, group, now) {
        Ok(channel) => channel,
        Err(error) => {
            let (receiver, kind) = (&receiver.name, integration.spec.receiver_key);
            shared.findings.report(
                now,
                Trouble::Template,
                &integration.key,
                format!("a Go template of {receiver}, {kind}, failed and the plain message went out instead: {error}"),
            );
            default()
        }
    }
}
