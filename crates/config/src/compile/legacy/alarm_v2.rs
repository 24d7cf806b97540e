//! `legacy.alarm_v2`: who may sign, who is told.

use std::collections::BTreeMap;
use std::time::Duration;

use balefire_core::secret::Secret;

use super::super::span;
use super::{DINGTALK_APP, MAIL, Service, WECOM_APP, number, text, texts};
use crate::legacy::{AlarmGroup, AlarmV2, Department};
use crate::tree::Node;

/// The departments of the original, their names, and the repeats they let through.
const DEPARTMENTS: [(&str, &str, u32); 4] = [
    ("du-op", "运维", 3),
    ("du-srv", "云端", 2),
    ("du-fe", "前端", 0),
    ("du-da", "大数据", 0),
];
impl Service<'_, '_, '_> {
    pub(super) fn alarm_v2(mut self) -> AlarmV2 {
        let groups = self.node.at("groups").map(Node::items).unwrap_or_default();
        let labels = self
            .node
            .at("labels")
            .map(Node::entries)
            .unwrap_or_default();
        let alarm = AlarmV2 {
            salt: self.node.text_at("salt").map(Secret::new),
            departments: self.departments(),
            labels: labels
                .iter()
                .filter_map(|entry| Some((entry.key.clone(), entry.value.text()?.to_owned())))
                .collect(),
            groups: groups.iter().filter_map(group).collect(),
            dingtalk: self.account("dingtalk", DINGTALK_APP),
            wecom: self.account("wecom", WECOM_APP),
            mail: self.account("mail", MAIL),
        };
        for (name, department) in &alarm.departments {
            if alarm.salt.is_none() && department.salt.is_none() {
                let message = format!("the department {name} has no salt, so that nobody can sign");
                let hint = "set legacy.alarm_v2.salt to the salt that callers use";
                self.compiler
                    .findings
                    .problem(self.node.place, &self.path, message, hint);
                break;
            }
        }
        alarm
    }

    fn departments(&self) -> BTreeMap<String, Department> {
        let usual = |name: &str| DEPARTMENTS.iter().find(|(known, ..)| *known == name);
        let Some(given) = self.node.at("departments") else {
            return DEPARTMENTS
                .iter()
                .map(|(name, label, threshold)| {
                    let department = Department {
                        label: (*label).to_owned(),
                        salt: None,
                        threshold: *threshold,
                        window: Duration::from_mins(1),
                        ignore_time: false,
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
                    threshold: number(&entry.value, "threshold")
                        .unwrap_or(known.map_or(0, |(_, _, threshold)| *threshold)),
                    window: entry
                        .value
                        .at("window")
                        .and_then(span)
                        .unwrap_or(Duration::from_mins(1)),
                    ignore_time: entry.value.bool_at("ignore_time").unwrap_or(false),
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
        dingtalk_people: texts(node, "dingtalk_people"),
        wecom_people: texts(node, "wecom_people"),
        email_people: texts(node, "email_people"),
    })
}
