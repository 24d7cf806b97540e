//! The Alertmanager beside us, read through its API v2.

use balefire_core::time::Time;
use serde::Deserialize;

use super::compare::{GroupName, Map, Standing, View};
use crate::client::{Client, ClientError};

#[derive(Debug, Deserialize)]
struct Group {
    alerts: Vec<Alert>,
    labels: Map,
    receiver: Named,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Alert {
    fingerprint: String,
    status: AlertStatus,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AlertStatus {
    #[serde(default)]
    silenced_by: Vec<String>,
    #[serde(default)]
    inhibited_by: Vec<String>,
}

/// A silence of the Alertmanager.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Silence {
    pub(super) id: String,
    status: SilenceStatus,
    pub(super) matchers: Vec<Matcher>,
    pub(super) starts_at: Time,
    pub(super) ends_at: Time,
    #[serde(default)]
    pub(super) created_by: String,
    #[serde(default)]
    pub(super) comment: String,
}

#[derive(Clone, Debug, Deserialize)]
struct SilenceStatus {
    state: String,
}

/// A matcher of such a silence.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Matcher {
    pub(super) name: String,
    pub(super) value: String,
    #[serde(default)]
    pub(super) is_regex: bool,
    /// Releases before 0.22 know only positive ones.
    #[serde(default = "yes")]
    pub(super) is_equal: bool,
}

fn yes() -> bool {
    true
}

/// Its groups with the alerts that fire.
pub(super) async fn groups(client: &Client) -> Result<View, ClientError> {
    let groups: Vec<Group> = client.get("/api/v2/alerts/groups", &[]).await?;
    let mut view = View::new();
    for group in groups {
        let name = GroupName {
            labels: group.labels,
            receiver: group.receiver.name,
        };
        let alerts = view.entry(name).or_default();
        for alert in group.alerts {
            let AlertStatus {
                silenced_by,
                inhibited_by,
            } = alert.status;
            alerts.insert(
                alert.fingerprint,
                Standing {
                    silenced_by,
                    inhibited_by,
                },
            );
        }
    }
    view.retain(|_, alerts| !alerts.is_empty());
    Ok(view)
}

/// Its silences that are in force or to come.
pub(super) async fn silences(client: &Client) -> Result<Vec<Silence>, ClientError> {
    let mut silences: Vec<Silence> = client.get("/api/v2/silences", &[]).await?;
    silences.retain(|silence| silence.status.state != "expired");
    Ok(silences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alertmanagers_groups_are_read_as_they_come() {
        let text = r#"[{"alerts":[{"annotations":{},"endsAt":"2026-03-04T02:23:00.123Z",
            "fingerprint":"8facc2af9008977e","receivers":[{"name":"gateway"}],
            "startsAt":"2026-03-04T02:15:00.123Z","updatedAt":"2026-03-04T02:19:00.456Z",
            "status":{"inhibitedBy":[],"silencedBy":["s"],"state":"suppressed"},
            "labels":{"alertname":"InstanceDown"}}],
            "labels":{"alertname":"InstanceDown"},"receiver":{"name":"gateway"}}]"#;
        let groups: Vec<Group> = serde_json::from_str(text).expect("groups");
        assert_eq!(groups[0].receiver.name, "gateway");
        assert_eq!(groups[0].alerts[0].status.silenced_by, ["s"]);
    }

    #[test]
    fn a_silence_of_an_old_release_has_only_positive_matchers() {
        let text = r#"{"id":"7a1f","status":{"state":"active"},"comment":"","createdBy":"me",
            "startsAt":"2026-03-04T02:20:00.000Z","endsAt":"2026-03-04T04:20:00.000Z",
            "matchers":[{"name":"a","value":"b","isRegex":true}]}"#;
        let silence: Silence = serde_json::from_str(text).expect("a silence");
        assert!(silence.matchers[0].is_equal && silence.matchers[0].is_regex);
    }
}
