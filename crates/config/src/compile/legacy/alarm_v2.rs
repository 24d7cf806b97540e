//! `legacy.alarm_v2`: who may sign, who is told.

use std::collections::BTreeMap;
use std::time::Duration;

use balefire_core::secret::Secret;

use super::super::span;
use super::{DINGTALK_APP, MAIL, Service, WECOM_APP, number, text, texts};
use crate::legacy::{
    AlarmGroup, AlarmV2, Department, LONGEST_REPLAY_WINDOW, MakeGroups, PUBLISHED_SALT, SigningKey,
};
use crate::tree::Node;

/// The departments of the original, their names, and the repeats they let through.
const DEPARTMENTS: [(&str, &str, u32); 4] = [
    ("du-op", "运维", 3),
    ("du-srv", "云端", 2),
    ("du-fe", "前端", 0),
    ("du-da", "大数据", 0),
];

/// Longest `owner` in characters, as the original's table had it.
const LONGEST_OWNER: usize = 100;

impl Service<'_, '_, '_> {
    pub(super) fn alarm_v2(mut self) -> AlarmV2 {
        let labels = self
            .node
            .at("labels")
            .map(Node::entries)
            .unwrap_or_default();
        self.refuse_published_salts();
        let replay_window = self.replay_window(self.node, &[], None);
        let alarm = AlarmV2 {
            salt: self.node.text_at("salt").map(Secret::new),
            signing_key: self.signing_key(self.node, &[]),
            allow_published_salt: self.allows_published_salt(),
            replay_window,
            departments: self.departments(replay_window),
            labels: labels
                .iter()
                .filter_map(|entry| Some((entry.key.clone(), entry.value.text()?.to_owned())))
                .collect(),
            groups: self.groups(),
            make_groups: self.make_groups(),
            dingtalk: self.account("dingtalk", DINGTALK_APP),
            wecom: self.account("wecom", WECOM_APP),
            mail: self.account("mail", MAIL),
        };
        let signs = alarm.salt.is_some() || alarm.signing_key.is_some();
        // A secret that cannot be used has been told of.
        let told = self.compiler.findings.any_below(&self.path);
        for (name, department) in &alarm.departments {
            if !told && !signs && department.salt.is_none() && department.signing_key.is_none() {
                let message = format!(
                    "the department {name} has no salt and no signing secret, so that nobody can sign"
                );
                let hint =
                    "set legacy.alarm_v2.salt to the salt that callers use, or a signing_secret";
                self.compiler
                    .findings
                    .problem(self.node.place, &self.path, message, hint);
                break;
            }
        }
        alarm
    }

    fn allows_published_salt(&self) -> bool {
        self.node.bool_at("allow_published_salt") == Some(true)
    }

    /// A salt that everybody can read signs nothing, unless the operator says that it is to be so.
    fn refuse_published_salts(&mut self) {
        if self.allows_published_salt() {
            return;
        }
        let departments = self.node.at("departments");
        let departments = departments.map(Node::entries).unwrap_or_default();
        let own = departments
            .iter()
            .map(|entry| (&entry.value, Some(&entry.key)));
        for (node, department) in std::iter::once((self.node, None)).chain(own) {
            let published = |salt: &&Node| salt.text() == Some(PUBLISHED_SALT);
            let Some(salt) = node.at("salt").filter(published) else {
                continue;
            };
            let message =
                "this salt is printed in the original's documentation: everybody can sign";
            let hint = "give callers a salt of your own, or set legacy.alarm_v2.allow_published_salt: true while they change over";
            let all = self.path.key("departments");
            let own = department.map(|name| all.key(name));
            let path = own.as_ref().unwrap_or(&self.path).key("salt");
            self.compiler
                .findings
                .problem(salt.place, &path, message, hint);
        }
    }

    /// The key of a `signing_secret`.
    fn signing_key(&mut self, node: &Node, below: &[&str]) -> Option<SigningKey> {
        let given = node.at("signing_secret")?;
        let message = match SigningKey::read(given.text()?) {
            Ok(key) => return Some(key),
            Err(message) => message,
        };
        self.say(given, below, "signing_secret", message, SigningKey::HINT);
        None
    }

    /// For how long a signature is taken once: what stands here, else `otherwise`; zero is always.
    fn replay_window(
        &mut self,
        node: &Node,
        below: &[&str],
        otherwise: Option<Duration>,
    ) -> Option<Duration> {
        let Some((given, window)) = node
            .at("replay_window")
            .and_then(|given| Some((given, span(given)?)))
        else {
            return otherwise;
        };
        if window > LONGEST_REPLAY_WINDOW {
            let message = "signatures are not remembered for so long".to_owned();
            self.say(given, below, "replay_window", message, "write at most 30d");
        }
        Some(window).filter(|window| !window.is_zero())
    }

    /// Notes a problem with a key of the service, or of a department.
    fn say(&mut self, given: &Node, below: &[&str], key: &str, message: String, hint: &str) {
        let (findings, place) = (&mut *self.compiler.findings, given.place);
        match below {
            [name] => {
                let all = self.path.key("departments");
                let path = all.key(name);
                findings.problem(place, &path.key(key), message, hint);
            }
            _ => findings.problem(place, &self.path.key(key), message, hint),
        }
    }

    fn make_groups(&mut self) -> Option<MakeGroups> {
        let word = |key| self.node.text_at(key).map(ToOwned::to_owned);
        let wanted = MakeGroups {
            owner: word("group_owner"),
            template: word("group_template"),
        };
        let asked = self.node.at("make_groups");
        if let Some(asked) = asked.filter(|node| node.truth() == Some(true)) {
            if self.node.at("dingtalk").is_none() {
                let message = "groups are made through the DingTalk app, and none is named";
                let hint = "set legacy.alarm_v2.dingtalk to an account of kind dingtalk_app";
                let path = self.path.key("make_groups");
                self.compiler
                    .findings
                    .problem(asked.place, &path, message, hint);
            }
            return Some(wanted);
        }
        for key in ["group_owner", "group_template"] {
            if let Some(node) = self.node.at(key) {
                let hint = "set make_groups: true, or take it out";
                let path = self.path.key(key);
                let message = "has no use while no groups are made";
                self.compiler
                    .findings
                    .problem(node.place, &path, message, hint);
            }
        }
        None
    }

    fn groups(&mut self) -> Vec<AlarmGroup> {
        let nodes = self.node.at("groups").map(Node::items).unwrap_or_default();
        let all = self.path.key("groups");
        let mut groups: Vec<AlarmGroup> = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let Some(made) = group(node) else {
                continue;
            };
            let path = all.index(index);
            if made.owner.chars().count() > LONGEST_OWNER {
                let message = format!("an owner has at most {LONGEST_OWNER} characters");
                let hint = "shorten it, here and at its callers";
                self.compiler
                    .findings
                    .problem(node.place, &path.key("owner"), message, hint);
            }
            let same =
                |other: &AlarmGroup| (&other.owner, other.level) == (&made.owner, made.level);
            if groups.iter().any(same) {
                let message = "this owner and level stand here twice, and the first counts";
                let hint = "put the people into one group";
                self.compiler
                    .findings
                    .warning(node.place, &path, message, hint);
            }
            groups.push(made);
        }
        groups
    }

    fn departments(&mut self, replay_window: Option<Duration>) -> BTreeMap<String, Department> {
        let usual = |name: &str| DEPARTMENTS.iter().find(|(known, ..)| *known == name);
        let Some(given) = self.node.at("departments") else {
            return DEPARTMENTS
                .iter()
                .map(|(name, label, threshold)| {
                    let department = Department {
                        label: (*label).to_owned(),
                        threshold: *threshold,
                        window: Duration::from_mins(1),
                        replay_window,
                        ..Department::default()
                    };
                    ((*name).to_owned(), department)
                })
                .collect();
        };
        given
            .entries()
            .iter()
            .map(|entry| {
                let known = usual(&entry.key);
                let label = known.map_or(entry.key.as_str(), |(_, label, _)| label);
                let department = Department {
                    label: entry.value.text_at("label").unwrap_or(label).to_owned(),
                    salt: entry.value.text_at("salt").map(Secret::new),
                    signing_key: self.signing_key(&entry.value, &[&entry.key]),
                    threshold: number(&entry.value, "threshold")
                        .unwrap_or(known.map_or(0, |(_, _, threshold)| *threshold)),
                    window: entry
                        .value
                        .at("window")
                        .and_then(span)
                        .unwrap_or(Duration::from_mins(1)),
                    ignore_time: entry.value.bool_at("ignore_time").unwrap_or(false),
                    replay_window: self.replay_window(&entry.value, &[&entry.key], replay_window),
                };
                (entry.key.clone(), department)
            })
            .collect()
    }
}

fn group(node: &Node) -> Option<AlarmGroup> {
    Some(AlarmGroup {
        owner: node.text_at("owner")?.to_owned(),
        level: number(node, "level")?,
        title: node.text_at("title").unwrap_or("告警").to_owned(),
        conversation_id: text(node, "conversation_id"),
        chat_name: text(node, "chat_name"),
        dingtalk_people: texts(node, "dingtalk_people"),
        wecom_people: texts(node, "wecom_people"),
        email_people: texts(node, "email_people"),
    })
}
