//! The message's text: a line a field, department and environment first.

use std::borrow::Cow;

use balefire_config::legacy::{AlarmV2, Department};
use serde_json::{Map, Value};

use super::ENVIRONMENTS;

/// The names of the fields that have one of their own.
const LABELS: [(&str, &str); 12] = [
    ("dep", "部门"),
    ("env", "环境"),
    ("alert_business", "告警业务"),
    ("alert_function", "告警功能"),
    ("alert_host", "告警主机"),
    ("alert_ip", "主机 IP"),
    ("alert_level", "告警等级"),
    ("alert_time", "告警时间"),
    ("exception_spec", "异常说明"),
    ("notes", "备注"),
    ("others", "其他"),
    ("status", "目前状态"),
];
/// Fields that are not shown.
const HIDDEN: [&str; 3] = ["id", "level", "sign"];

/// `label:value`, two spaces and a line break each; after `dep` and `env` in the order of the keys.
pub(super) fn text(
    service: &AlarmV2,
    department: Option<&Department>,
    fields: &Map<String, Value>,
) -> String {
    let mut names: Vec<&str> = fields.keys().map(String::as_str).collect();
    names.retain(|name| !HIDDEN.contains(name));
    names.sort_unstable_by_key(|name| (*name != "dep", *name != "env", *name));
    let mut text = String::new();
    for name in names {
        let value = match fields.get(name) {
            Some(Value::String(text)) => Cow::Borrowed(text.as_str()),
            // Only a request with signed headers has others.
            Some(value) => Cow::Owned(value.to_string()),
            None => Cow::Borrowed(""),
        };
        text.push_str(label(service, name));
        text.push(':');
        text.push_str(shown(department, name, &value));
        // Two blanks, so that Markdown breaks the line.
        text.push_str("  \n");
    }
    text
}

fn label<'s>(service: &'s AlarmV2, name: &'s str) -> &'s str {
    let usual = LABELS.iter().find(|(known, _)| *known == name);
    match service.labels.get(name) {
        Some(label) => label,
        None => usual.map_or(name, |(_, label)| label),
    }
}

fn shown<'s>(department: Option<&'s Department>, name: &str, value: &'s str) -> &'s str {
    match name {
        "dep" => department.map_or(value, |department| &department.label),
        "env" => {
            let known = ENVIRONMENTS.iter().find(|(known, _)| *known == value);
            known.map_or(value, |(_, name)| name)
        }
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_a_field_in_the_order_people_know() {
        let department = Department {
            label: "运维".to_owned(),
            ..Department::default()
        };
        let service = AlarmV2 {
            labels: BTreeMap::from([("status".to_owned(), "状态".to_owned())]),
            ..AlarmV2::default()
        };
        let fields = json!({
            "zone": "b", "status": "坏", "alert_ip": "10.0.0.1", "env": "prod", "dep": "du-op", "id": "x", "level": "3",
            "sign": "s", "alert_business": "db",
        });
        assert_eq!(
            text(
                &service,
                Some(&department),
                fields.as_object().expect("an object")
            ),
            "部门:运维  \n环境:生产环境  \n告警业务:db  \n主机 IP:10.0.0.1  \n状态:坏  \nzone:b  \n"
        );
    }
}
