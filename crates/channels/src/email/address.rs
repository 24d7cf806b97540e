//! Mail addresses: read once, refused when they could break out of a command or a header.

use lettre::Address;
use lettre::message::{Mailbox, Mailboxes};

/// Why an address cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum AddressError {
    /// A Go template where an address must stand.
    #[error("Go templates in addresses are not run: {0:?}")]
    Template(String),
    /// Not an address.
    #[error("{0:?} is not a mail address")]
    NotAnAddress(String),
}

/// The mailboxes of a comma-separated list such as `Ops <ops@example.com>, a@example.com`.
pub(super) fn mailboxes(text: &str) -> Result<Vec<Mailbox>, AddressError> {
    if text.contains("{{") {
        return Err(AddressError::Template(shown(text)));
    }
    let refused = || AddressError::NotAnAddress(shown(text));
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err(refused());
    }
    let list: Mailboxes = text.parse().map_err(|_| refused())?;
    list.into_iter()
        .map(|mailbox| Ok(Mailbox::new(mailbox.name, checked(&mailbox.email)?)))
        .collect()
}

/// One mailbox.
pub(super) fn mailbox(text: &str) -> Result<Mailbox, AddressError> {
    let mut list = mailboxes(text)?;
    match (list.pop(), list.is_empty()) {
        (Some(only), true) => Ok(only),
        _ => Err(AddressError::NotAnAddress(shown(text))),
    }
}

/// An address whose local part is plain ASCII and whose domain is written in ASCII (IDNA), so that it needs no
/// SMTPUTF8 and cannot be read as an option.
fn checked(address: &Address) -> Result<Address, AddressError> {
    let refused = || AddressError::NotAnAddress(shown(address.as_ref()));
    let user = address.user();
    let plain = !user.is_empty()
        && user.len() <= 64
        && user.is_ascii()
        && !user.starts_with('-')
        && !user.contains(|c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | ',')
        });
    if !plain {
        return Err(refused());
    }
    let domain = match address.domain() {
        literal if literal.starts_with('[') => literal.to_owned(),
        name => url::Host::parse(name).map_err(|_| refused())?.to_string(),
    };
    if domain.len() > 253 {
        return Err(refused());
    }
    Address::new(user, domain).map_err(|_| refused())
}

fn shown(text: &str) -> String {
    crate::http::excerpt(text).chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Vec<String> {
        let list = mailboxes(text).expect("addresses");
        list.into_iter()
            .map(|mailbox| mailbox.to_string())
            .collect()
    }

    #[test]
    fn lists_as_alertmanager_takes_them() {
        assert_eq!(written("a@example.com"), ["a@example.com"]);
        assert_eq!(
            written("Ops <ops@example.com>, b+x@example.com"),
            ["Ops <ops@example.com>", "b+x@example.com"]
        );
        assert_eq!(
            written("运维 <a@例子.中国>")[0],
            "运维 <a@xn--fsqu00a.xn--fiqs8s>"
        );
    }

    #[test]
    fn nothing_that_breaks_out_is_an_address() {
        for text in [
            "",
            "a",
            "a@",
            "@b",
            "a@b@c",
            "a@example.com\r\nBcc: x@evil.example",
            "a@example.com> SIZE=1",
            "a b@example.com",
            "\"a b\"@example.com",
            "-oQ@example.com",
            "a@example.com\0",
            "用户@example.com",
            "{{ .To }}",
            "a@exa mple.com",
        ] {
            assert!(mailboxes(text).is_err(), "{text:?}");
        }
        assert!(mailbox("a@example.com, b@example.com").is_err());
    }
}
