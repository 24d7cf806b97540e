//! `/in/{source}…`: where every sender's format comes in.

mod answer;
mod ask;
pub(crate) mod body;
mod deeds;
mod edits;
mod outside;
pub(crate) mod receive;
pub(crate) mod room;
mod routes;

pub(crate) use self::routes::{builtin, origin_of, routes};
