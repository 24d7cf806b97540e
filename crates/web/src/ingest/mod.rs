//! `/in/{source}…`: where every sender's format comes in.

pub(crate) mod body;
pub(crate) mod receive;
pub(crate) mod room;
mod routes;

pub(crate) use self::routes::{builtin, routes};
