//! The group a template is tried on: a sample by its name, or data as Alertmanager's webhook and `amtool template
//! render --template.data` have them.

use std::sync::Arc;

use balefire_core::alert::Lifecycle;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use balefire_core::message::{AlertView, GroupView, Status};
use balefire_core::time::Time;
use balefire_template::sample;
use serde_json::Value;

/// Most alerts of such data.
const ALERTS: usize = 5_000;

/// Why data are no group; the word names the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAGroup(pub String);

/// The sample of this name; the error names all.
pub fn sample_of(name: &str) -> Result<GroupView, NotAGroup> {
    let all = sample::all();
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    let names = names.join(", ");
    let found = all.into_iter().find(|(known, _)| *known == name);
    let (_, group) =
        found.ok_or_else(|| NotAGroup(format!("no sample is named {name:?}: {names}")))?;
    Ok(group)
}

/// A group out of a webhook's body; what is left out is worked out of the alerts.
pub fn group_of(data: &Value) -> Result<GroupView, NotAGroup> {
    let Some(list) = data.get("alerts").and_then(Value::as_array) else {
        return Err(NotAGroup(
            "alerts: a list is needed, as in Alertmanager's webhook".to_owned(),
        ));
    };
    if list.len() > ALERTS {
        return Err(NotAGroup(format!("alerts: more than {ALERTS}")));
    }
    let alerts = list
        .iter()
        .enumerate()
        .map(|(at, alert)| alert_of(alert, at));
    let alerts = alerts.collect::<Result<Vec<_>, _>>()?;
    let firing = alerts.iter().any(|alert| alert.status == Status::Firing);
    let common = Labels::common(alerts.iter().map(|alert| &alert.labels));
    let annotations = Labels::common(alerts.iter().map(|alert| &alert.annotations));
    let given = |key: &str, or: Labels| match data.get(key) {
        Some(Value::Object(_)) => labels(data, key, ""),
        _ => Ok(or),
    };
    Ok(GroupView {
        receiver: text(data, "receiver").into(),
        status: status(&data["status"], "status")?.unwrap_or(if firing {
            Status::Firing
        } else {
            Status::Resolved
        }),
        group_labels: given("groupLabels", Labels::empty())?,
        common_labels: given("commonLabels", common)?,
        common_annotations: given("commonAnnotations", annotations)?,
        external_url: text(data, "externalURL").into(),
        group_key: text(data, "groupKey").into(),
        truncated_alerts: 0,
        acknowledge_url: "".into(),
        answer_token: "".into(),
        reason: text(data, "notification_reason").into(),
        alerts,
    })
}

fn text<'d>(data: &'d Value, key: &str) -> &'d str {
    data.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn status(given: &Value, key: &str) -> Result<Option<Status>, NotAGroup> {
    match given.as_str() {
        None | Some("") => Ok(None),
        Some("firing") => Ok(Some(Status::Firing)),
        Some("resolved") => Ok(Some(Status::Resolved)),
        Some(other) => Err(NotAGroup(format!(
            "{key}: {other:?} is neither firing nor resolved"
        ))),
    }
}

fn labels(data: &Value, key: &str, path: &str) -> Result<Labels, NotAGroup> {
    let entries = data.get(key).and_then(Value::as_object);
    let pairs = entries.into_iter().flatten();
    let pairs: Vec<(&str, &str)> = pairs
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()))
        .collect();
    Labels::annotations(pairs).map_err(|error| NotAGroup(format!("{path}{key}: {error}")))
}

fn alert_of(alert: &Value, at: usize) -> Result<AlertView, NotAGroup> {
    let path = format!("alerts[{at}].");
    let time = |key: &str| match text(alert, key) {
        "" | "0001-01-01T00:00:00Z" => Ok(None),
        written => {
            let read = written.parse::<jiff::Timestamp>();
            let wrong = |error| NotAGroup(format!("{path}{key}: {written:?}: {error}"));
            read.map(|read| Some(Time::from(read))).map_err(wrong)
        }
    };
    let labels_given = labels(alert, "labels", &path)?;
    let status = status(&alert["status"], &format!("{path}status"))?.unwrap_or(Status::Firing);
    let starts_at = time("startsAt")?.unwrap_or(Time::EPOCH);
    Ok(AlertView {
        status,
        annotations: labels(alert, "annotations", &path)?,
        starts_at,
        ends_at: time("endsAt")?.filter(|_| status == Status::Resolved),
        generator_url: Arc::from(text(alert, "generatorURL")),
        fingerprint: text(alert, "fingerprint")
            .parse()
            .unwrap_or_else(|_| Fingerprint::of(&labels_given)),
        labels: labels_given,
        lifecycle: Lifecycle::Explicit,
        missed: false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_webhooks_body_is_a_group_and_what_it_leaves_out_is_worked_out() {
        let data = json!({"receiver": "ops", "groupLabels": {"job": "api"}, "alerts": [
            {"status": "resolved", "labels": {"job": "api", "i": "1"}, "startsAt": "2026-11-22T10:00:00Z",
             "endsAt": "2026-11-22T10:05:00Z", "fingerprint": "00000000000000ff"},
            {"labels": {"job": "api", "i": "2"}, "endsAt": "0001-01-01T00:00:00Z"},
        ]});
        let group = group_of(&data).expect("a group");
        assert_eq!(group.status, Status::Firing);
        assert_eq!(group.common_labels.value("job"), "api");
        assert_eq!(group.alerts[0].fingerprint, Fingerprint(255));
        assert_eq!(group.alerts[1].ends_at, None);
    }

    #[test]
    fn what_is_wrong_with_data_is_named() {
        let wrong = |data: Value| {
            group_of(&data)
                .err()
                .map(|error| error.0)
                .unwrap_or_default()
        };
        assert!(wrong(json!({})).starts_with("alerts: "));
        assert!(wrong(json!({"alerts": [{"status": "odd"}]})).starts_with("alerts[0].status: "));
        assert!(wrong(json!({"alerts": [{"startsAt": "x"}]})).starts_with("alerts[0].startsAt: "));
        assert!(sample_of("nothing").is_err_and(|error| error.0.contains("firing, resolved")));
    }
}
