//! Who is told for an owner and level: as set by API, else as the document says.

use balefire_config::legacy::{AlarmGroup, AlarmV2};
use balefire_config::plan::{Person, Plan};
use balefire_core::message::Mention;
use balefire_store::{AlarmGroupRow, Store, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A group as the API takes and shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct GroupBody {
    /// Title of its messages; `告警` when it is left out.
    pub(crate) title: Option<String>,
    /// Its DingTalk group; without it one is made, or people get work notices.
    pub(crate) conversation_id: String,
    /// What a group that is made is called; the title when it is left out.
    pub(crate) chat_name: String,
    /// People told by DingTalk, by key or name.
    pub(crate) dingtalk_people: Vec<String>,
    /// People told by WeCom.
    pub(crate) wecom_people: Vec<String>,
    /// People told by mail.
    pub(crate) email_people: Vec<String>,
}

/// A platform at which people are told: the key that lists them, and the address they need.
pub(crate) type Platform = (&'static str, fn(&Mention) -> &str);

/// DingTalk.
pub(crate) const DINGTALK: Platform = ("dingtalk", |contact| &contact.dingtalk);
/// WeCom.
pub(crate) const WECOM: Platform = ("wecom", |contact| &contact.wecom);
/// Mail.
pub(crate) const EMAIL: Platform = ("email", |contact| &contact.email);

impl GroupBody {
    /// The group's body, from the document.
    pub(crate) fn of(group: &AlarmGroup) -> Self {
        Self {
            title: Some(group.title.clone()),
            conversation_id: group.conversation_id.clone(),
            chat_name: group.chat_name.clone(),
            dingtalk_people: group.dingtalk_people.clone(),
            wecom_people: group.wecom_people.clone(),
            email_people: group.email_people.clone(),
        }
    }

    /// The group of this owner and level.
    pub(crate) fn group(self, owner: &str, level: u32) -> AlarmGroup {
        AlarmGroup {
            owner: owner.to_owned(),
            level,
            title: self.title.unwrap_or_else(|| "告警".to_owned()),
            conversation_id: self.conversation_id,
            chat_name: self.chat_name,
            dingtalk_people: self.dingtalk_people,
            wecom_people: self.wecom_people,
            email_people: self.email_people,
        }
    }
}

/// A level as it was sent: decimal digits, with or without zeros before them.
pub(crate) fn level(text: &str) -> Option<u32> {
    let text = text.trim();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// The group of an owner and level.
pub(crate) async fn find(
    store: &Store,
    service: &AlarmV2,
    owner: &str,
    level: u32,
) -> Result<Option<AlarmGroup>, StoreError> {
    if let Some(row) = store.alarm_group(owner, level).await? {
        return Ok(Some(read(&row)));
    }
    let ours = |group: &&AlarmGroup| group.owner == owner && group.level == level;
    Ok(service.groups.iter().find(ours).cloned())
}

/// A group that was set by API.
pub(crate) fn read(row: &AlarmGroupRow) -> AlarmGroup {
    // Only bodies that were read once are stored.
    let body: GroupBody = serde_json::from_str(&row.body).unwrap_or_default();
    body.group(&row.owner, row.level)
}

/// The addresses of people at a platform, and the places in the list of those who have none there.
pub(crate) fn addresses(
    plan: &Plan,
    names: &[String],
    (platform, address): Platform,
) -> (Vec<String>, Vec<String>) {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for (place, name) in names.iter().enumerate() {
        let contact = person(plan, name).map(|person| address(&person.contact));
        match contact.filter(|address| !address.is_empty()) {
            Some(address) => found.push(address.to_owned()),
            None => missing.push(format!("{platform}_people[{place}]")),
        }
    }
    (found, missing)
}

/// Somebody by key, else by name.
pub(crate) fn person<'p>(plan: &'p Plan, name: &str) -> Option<&'p Person> {
    plan.people.get(name).or_else(|| {
        plan.people
            .values()
            .find(|person| person.contact.name == name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_its_digits() {
        for (text, found) in [
            ("3", Some(3)),
            ("03", Some(3)),
            (" 3 ", Some(3)),
            ("0", Some(0)),
            ("abc", None),
            ("3a", None),
            ("+3", None),
            ("-3", None),
            ("3.0", None),
            ("", None),
            ("٣", None),
            ("99999999999", None),
        ] {
            assert_eq!(level(text), found, "{text}");
        }
    }
}
