//! Who may call what: tokens and users with scopes, the loopback exemption, rules by path and network.

mod caller;
mod credentials;
mod guard;
mod guesses;
mod log_in;
mod network;
mod scope;
mod site;
#[cfg(test)]
mod tests;
mod who;

pub(crate) use self::credentials::{same, source_token_matches};
pub(crate) use self::guard::{ClientAddress, Gate, covers as covers_path, guard, is_inside};
pub(crate) use self::guesses::Guesses;
pub(crate) use self::network::contains;
pub(crate) use self::who::Who;
