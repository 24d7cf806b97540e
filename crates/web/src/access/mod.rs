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

pub(crate) use self::credentials::{same, source_token_matches};
pub(crate) use self::guard::{Gate, guard};
