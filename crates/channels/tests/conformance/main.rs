//! Holds every entry of the registry to docs/spec/channel.md, against simulated providers that check as
//! strictly as the vendors say they do.

mod admit;
mod advice;
mod buttons;
mod content;
mod description;
mod failures;
mod golden;
mod messages;
mod replies;
mod sample;
mod stage;
