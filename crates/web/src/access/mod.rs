//! Who may call what: tokens and users with scopes, the loopback exemption, rules by path and network.

mod credentials;
mod guard;
mod network;

pub(crate) use self::credentials::source_token_matches;
pub(crate) use self::guard::guard;
