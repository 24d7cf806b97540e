//! What a page's address asks for.

use url::form_urlencoded;

/// Longest group key that is looked for, in bytes.
const KEY: usize = 4096;

/// The query of a page. People edit addresses by hand, so what is not known is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// The language.
    pub(super) lang: Option<String>,
    /// Only this group, by Alertmanager's key.
    pub(super) group: Option<String>,
    /// Only what is older than this notification.
    pub(super) before: Option<u64>,
    /// Only incidents that stand so.
    pub(super) state: Option<String>,
    /// How many incidents to leave out.
    pub(super) offset: Option<u64>,
}

impl Address {
    pub(super) fn of(query: Option<&str>) -> Self {
        let mut address = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()).take(16) {
            if value.is_empty() || value.len() > KEY {
                continue;
            }
            match &*name {
                "lang" => address.lang = Some(value.into_owned()),
                "group" => address.group = Some(value.into_owned()),
                "before" => address.before = value.parse().ok(),
                "state" => address.state = Some(value.into_owned()),
                "offset" => address.offset = value.parse().ok(),
                _ => {}
            }
        }
        address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_from_a_message_finds_its_group() {
        let link =
            balefire_template::compose::group_page("http://h:1", r#"{}/{a=~"x|y"}:{b="c d"}"#)
                .expect("an address");
        let query = link.split_once('?').map(|(_, query)| query);
        let address = Address::of(query);
        assert_eq!(address.group.as_deref(), Some(r#"{}/{a=~"x|y"}:{b="c d"}"#));
        assert_eq!(Address::of(Some("before=x&lang=&z=1")), Address::default());
    }
}
