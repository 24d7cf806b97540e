//! The rules of the layers around a channel: when to try again, whether a quota has room, whether a
//! provider is worth asking. Pure: time is an argument, nothing sleeps.

pub mod backoff;
pub mod breaker;
pub mod rate;
