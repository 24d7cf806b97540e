//! `MAIL FROM:<…> …` and `RCPT TO:<…> …`, read as RFC 5321 4.1.1 writes them.

use std::collections::BTreeMap;

/// An address with its parameters, keywords in upper case.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) address: String,
    pub(super) parameters: BTreeMap<String, String>,
}

/// Reads what follows the verb: `FROM:<a@b> KEY=value …`. No blank is allowed before the `<`.
pub(super) fn read(text: &str, word: &str) -> Option<Path> {
    let head = text.get(..word.len())?;
    if !head.eq_ignore_ascii_case(word) {
        return None;
    }
    let rest = text[word.len()..].strip_prefix(":<")?;
    let (address, rest) = rest.split_once('>')?;
    if !address.is_empty() && !is_address(address) {
        return None;
    }
    let mut parameters = BTreeMap::new();
    if !rest.is_empty() {
        for item in rest.strip_prefix(' ')?.split(' ') {
            let (key, value) = item.split_once('=').unwrap_or((item, ""));
            let twice = parameters
                .insert(key.to_ascii_uppercase(), value.to_owned())
                .is_some();
            if key.is_empty() || twice {
                return None;
            }
        }
    }
    Some(Path {
        address: address.to_owned(),
        parameters,
    })
}

/// A mailbox: a local part of at most 64 octets, a domain of at most 255.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let is_quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let is_atom = |c: char| !c.is_control() && !" <>()[]\\,;:@\"".contains(c);
    let local_good = is_quoted || !local.is_empty() && local.chars().all(is_atom);
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|c| !c.is_ascii() || c.is_ascii_alphanumeric() || c == '-')
    };
    local_good
        && local.len() <= 64
        && domain.len() <= 255
        && (domain.split('.').all(is_label) || domain.starts_with('[') && domain.ends_with(']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_with_their_parameters() {
        let path = read("FROM:<a@b.example> SIZE=10 body=8BITMIME", "FROM").expect("a path");
        assert_eq!(path.address, "a@b.example");
        assert_eq!(path.parameters["SIZE"], "10");
        assert_eq!(path.parameters["BODY"], "8BITMIME");
        assert_eq!(read("from:<>", "FROM").expect("a path").address, "");
        assert!(read("TO:<\"a b\"@example.com>", "TO").is_some());
        assert!(read("TO:<a@[127.0.0.1]>", "TO").is_some());
    }

    #[test]
    fn what_is_not_a_path_is_refused() {
        for text in [
            "FROM: <a@b>",
            "FROM:a@b",
            "FROM:<a@b",
            "FROM:<a b@c>",
            "FROM:<a@b>SIZE=1",
            "FROM:<a@b> ",
            "FROM:<a@b> SIZE=1 SIZE=2",
            "FROM:<a@@b>",
            "FROM:<@b>",
            "FROM:<a@>",
            "FROM:<a@-b>",
            "FROM:<a@b..c>",
            "TO:<a@b>",
            "FROM:<a@b>\u{e9}",
            "",
        ] {
            assert_eq!(read(text, "FROM"), None, "{text}");
        }
    }
}
