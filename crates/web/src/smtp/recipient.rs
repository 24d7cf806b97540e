//! Whom a mail is for: `{source}[+{token}]@any.domain`, or `ack+{token}@` the domain of answers.

use std::net::IpAddr;
use std::sync::Arc;

use balefire_config::plan::{Plan, Source};
use balefire_sources::mail;

use crate::access::{covers_path, is_inside, same};

/// Whom a mail is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// The source of this name.
    Source(Arc<str>),
    /// Whoever was told by this notification answers it.
    Answer(u64),
}

/// Why a recipient is none; only for the record, since a sender hears the same of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Nobody {
    #[error("no source of kind mail has the recipient's name")]
    Unknown,
    #[error("the recipient's token is missing or wrong")]
    Token,
    #[error("the address of an answer is not one of ours, or is over")]
    Answer,
    #[error("access.rules lets nobody from the sender's network send to this source")]
    Network,
}

/// The token of an address that one of our mails asks to be answered to.
pub(super) fn answer<'a>(plan: &Plan, address: &'a str) -> Option<&'a str> {
    let expected = plan.server.smtp.as_ref()?.reply_domain.as_ref()?;
    let (local, domain) = address.rsplit_once('@')?;
    let (name, token) = local.split_once('+')?;
    let is_ours = domain.eq_ignore_ascii_case(expected) && name.eq_ignore_ascii_case("ack");
    is_ours.then_some(token)
}

/// The source that an address names.
pub(super) fn source<'a>(
    plan: &'a Plan,
    address: &str,
    peer: IpAddr,
) -> Result<&'a Source, Nobody> {
    let local = address.rsplit_once('@').map_or(address, |(local, _)| local);
    let (name, token) = match local.split_once('+') {
        Some((name, token)) => (name, Some(token)),
        None => (local, None),
    };
    let source = named(plan, name).ok_or(Nobody::Unknown)?;
    if let Some(expected) = &source.token
        && !token.is_some_and(|shown| same(expected, shown))
    {
        return Err(Nobody::Token);
    }
    let path = format!("/in/{}", source.name);
    let rule = plan
        .access
        .rules
        .iter()
        .find(|rule| covers_path(rule, &path));
    match rule {
        Some(rule) if !is_inside(rule, peer) => Err(Nobody::Network),
        _ => Ok(source),
    }
}

/// Mail programs change capitals; of two names that differ by them alone the exact one counts.
fn named<'a>(plan: &'a Plan, name: &str) -> Option<&'a Source> {
    let exact = plan.sources.get(name);
    let similar = || {
        let mut all = plan.sources.values();
        all.find(|source| source.name.eq_ignore_ascii_case(name))
    };
    let source = exact.or_else(similar)?;
    (source.spec.kind == mail::SPEC.kind).then_some(source)
}

/// The name a source has in a session.
pub(super) fn name(source: &Source) -> Arc<str> {
    Arc::clone(&source.name)
}
