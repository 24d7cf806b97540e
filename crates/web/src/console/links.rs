//! Addresses within the console, below the configured prefix, with the chosen language carried on.

use balefire_core::schedule::Stretch;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded::Serializer;

/// What stands in a path as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// Where the console's pages are.
#[derive(Clone, Debug)]
pub(super) struct Links {
    /// The prefix of all paths, without a slash at its end.
    pub(super) base: String,
    /// The language to carry on, when it was chosen in the address.
    pub(super) lang: Option<&'static str>,
}

impl Links {
    /// A page with a query; pairs with an empty value are left out.
    fn page(&self, path: &str, pairs: &[(&str, &str)]) -> String {
        let mut query = Serializer::new(String::new());
        let lang = self.lang.map(|lang| ("lang", lang));
        for (name, value) in pairs.iter().copied().chain(lang) {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{path}{mark}{query}", self.base)
    }

    /// The inbox.
    pub(super) fn home(&self) -> String {
        self.page("/", &[])
    }

    /// The silences.
    pub(super) fn silences(&self) -> String {
        self.page("/silences", &[])
    }

    /// The silences, with the form filled in as one that is over was.
    pub(super) fn silence_again(&self, matchers: &str, comment: &str) -> String {
        let pairs = [("matchers", matchers), ("comment", comment)];
        self.page("/silences", &pairs)
    }

    /// Where the form makes a silence.
    pub(super) fn silences_deed(&self, deed: &str) -> String {
        self.page(&format!("/console/silences/{deed}"), &[])
    }

    /// Where a form does something to a silence.
    pub(super) fn silence_deed(&self, id: &str, deed: &str) -> String {
        self.page(&format!("/console/silences/{id}/{deed}"), &[])
    }

    /// Where a form ends a recurring silence.
    pub(super) fn series_end(&self, id: &str) -> String {
        self.page(&format!("/console/silence-series/{id}/end"), &[])
    }

    /// The reminders.
    pub(super) fn reminders(&self) -> String {
        self.page("/reminders", &[])
    }

    /// The form that asks what another document would have told.
    pub(super) fn what_if(&self) -> String {
        self.page("/what-if", &[])
    }

    /// The heartbeats.
    pub(super) fn heartbeats(&self) -> String {
        self.page("/heartbeats", &[])
    }

    /// Where a form makes a heartbeat.
    pub(super) fn heartbeat_make(&self) -> String {
        self.page("/console/heartbeats", &[])
    }

    /// Where a form does something to a heartbeat.
    pub(super) fn heartbeat(&self, name: &str, deed: &str) -> String {
        let name = utf8_percent_encode(name, ESCAPED);
        self.page(&format!("/console/heartbeats/{name}/{deed}"), &[])
    }

    /// The sources.
    pub(super) fn sources(&self) -> String {
        self.page("/sources", &[])
    }

    /// The channels.
    pub(super) fn channels(&self) -> String {
        self.page("/channels", &[])
    }

    /// The channels, with what became of a test.
    pub(super) fn tested(&self, seq: u64) -> String {
        self.page("/channels", &[("tested", &seq.to_string())])
    }

    /// Where a form has an account tested.
    pub(super) fn channel_test(&self, account: &str) -> String {
        self.page("/console/channels/test", &[("account", account)])
    }

    /// The people and their ways.
    pub(super) fn people(&self) -> String {
        self.page("/people", &[])
    }

    /// Where a form has a code sent by a way of a person, or says it.
    pub(super) fn contact(&self, person: &str, way: &str, deed: &str) -> String {
        let path = format!("/console/people/{deed}");
        self.page(&path, &[("person", person), ("way", way)])
    }

    /// Who is on call.
    pub(super) fn on_call(&self) -> String {
        self.page("/on-call", &[])
    }

    /// The figures of so many days.
    pub(super) fn reports(&self, days: u32) -> String {
        let days = if days == 0 {
            String::new()
        } else {
            days.to_string()
        };
        self.page("/reports", &[("days", &days)])
    }

    /// A report as a table for spreadsheets.
    pub(super) fn report_table(&self, table: &str, within: Stretch) -> String {
        let (from, to) = (within.from.to_string(), within.to.to_string());
        let mut query = Serializer::new(String::new());
        query.append_pair("from", &from).append_pair("to", &to);
        format!("{}/api/v1/reports/{table}?{}", self.base, query.finish())
    }

    /// A text as a part of a path.
    pub(super) fn escaped(part: &str) -> String {
        utf8_percent_encode(part, ESCAPED).to_string()
    }

    /// The path of a schedule's page, below the prefix.
    pub(super) fn schedule_path(name: &str) -> String {
        format!("/on-call/{}", Self::escaped(name))
    }

    /// A schedule.
    pub(super) fn schedule(&self, name: &str, pairs: &[(&str, &str)]) -> String {
        self.page(&Self::schedule_path(name), pairs)
    }

    /// Where a form does something to a schedule.
    pub(super) fn schedule_deed(&self, name: &str, deed: &str) -> String {
        self.page(
            &format!("/console{}/{deed}", Self::schedule_path(name)),
            &[],
        )
    }

    /// The inbox, only this group, only before this notification.
    pub(super) fn inbox(&self, group: Option<&str>, before: u64) -> String {
        let before = before.to_string();
        self.page(
            "/",
            &[("group", group.unwrap_or_default()), ("before", &before)],
        )
    }

    /// A group in the inbox.
    pub(super) fn group(&self, key: &str) -> String {
        self.page("/", &[("group", key)])
    }

    /// An alert.
    pub(super) fn alert(&self, fingerprint: &str) -> String {
        self.page(&format!("/alerts/{fingerprint}"), &[])
    }

    /// The incidents that stand so, from this one on.
    pub(super) fn incidents(&self, state: &str, offset: u64) -> String {
        let offset = if offset == 0 {
            String::new()
        } else {
            offset.to_string()
        };
        self.page("/incidents", &[("state", state), ("offset", &offset)])
    }

    /// An incident.
    pub(super) fn incident(&self, id: u64) -> String {
        self.page(&format!("/incidents/{id}"), &[])
    }

    /// Where a form does something to an incident.
    pub(super) fn incident_deed(&self, id: u64, deed: &str) -> String {
        self.page(&format!("/console/incidents/{id}/{deed}"), &[])
    }

    /// The page behind a link in a message.
    pub(super) fn answer(&self, token: &str) -> String {
        self.page(&format!("/a/{token}"), &[])
    }

    /// This page in another language.
    pub(super) fn in_language(&self, lang: &'static str, path: &str, group: &str) -> String {
        let links = Self {
            base: self.base.clone(),
            lang: Some(lang),
        };
        links.page(path, &[("group", group)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_prefix_language_and_escape_what_they_carry() {
        let links = Links {
            base: "/fire".to_owned(),
            lang: Some("zh"),
        };
        assert_eq!(links.home(), "/fire/?lang=zh");
        assert_eq!(
            links.group(r#"{}:{a="b&c"}"#),
            "/fire/?group=%7B%7D%3A%7Ba%3D%22b%26c%22%7D&lang=zh"
        );
        let plain = Links {
            base: String::new(),
            lang: None,
        };
        assert_eq!(plain.home(), "/");
        assert_eq!(plain.inbox(None, 7), "/?before=7");
        assert_eq!(plain.incidents("", 0), "/incidents");
        assert_eq!(plain.incidents("all", 50), "/incidents?state=all&offset=50");
        assert_eq!(
            plain.in_language("en", "/alerts/ab", ""),
            "/alerts/ab?lang=en"
        );
    }
}
