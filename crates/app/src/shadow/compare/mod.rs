//! Two views of the same alerts laid side by side: pure, so that it can be tested without either server.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Labels.
pub(crate) type Map = BTreeMap<String, String>;
/// The alerts of a group that fire, by fingerprint.
pub(crate) type Alerts = BTreeMap<String, Standing>;
/// The groups of one server.
pub(crate) type View = BTreeMap<GroupName, Alerts>;

/// What both servers call a group. Several routes may make groups of one name; they count as one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GroupName {
    /// The labels it is keyed by.
    pub(crate) labels: Map,
    /// Who is told.
    pub(crate) receiver: String,
}

/// How an alert stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Ids of the silences that keep it quiet.
    pub(crate) silenced_by: Vec<String>,
    /// Fingerprints of the alerts that inhibit it.
    pub(crate) inhibited_by: Vec<String>,
}

/// One thing in which the two servers differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Difference {
    /// The group's labels.
    pub(crate) labels: Map,
    /// The group's receiver; the Alertmanager's where receivers differ.
    pub(crate) receiver: String,
    /// The alert's fingerprint; absent when the group as a whole differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) alert: Option<String>,
    /// In what.
    #[serde(flatten)]
    pub(crate) kind: Kind,
}

/// In what two servers differ; `there` is the Alertmanager.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The group or alert is only there.
    OnlyThere,
    /// The group or alert is only here.
    OnlyHere,
    /// The same alerts go to another receiver here.
    ReceiverDiffers {
        /// The receiver here.
        here: String,
    },
    /// Silenced there, not here.
    SilencedThere {
        /// The silences.
        by: Vec<String>,
    },
    /// Silenced here, not there.
    SilencedHere {
        /// The silences.
        by: Vec<String>,
    },
    /// Inhibited there, not here.
    InhibitedThere {
        /// The alerts.
        by: Vec<String>,
    },
    /// Inhibited here, not there.
    InhibitedHere {
        /// The alerts.
        by: Vec<String>,
    },
}

impl Difference {
    /// The difference for people.
    pub(crate) fn words(&self) -> String {
        let what = self.alert.as_ref().map_or_else(
            || "the group".to_owned(),
            |fingerprint| format!("alert {fingerprint}"),
        );
        match &self.kind {
            Kind::OnlyThere => format!("{what} is only there: Balefire would tell nobody"),
            Kind::OnlyHere => {
                format!("{what} is only here: the Alertmanager sent no notice of it")
            }
            Kind::ReceiverDiffers { here } => {
                format!("the receiver differs: {} there, {here} here", self.receiver)
            }
            Kind::SilencedThere { by } => {
                format!(
                    "{what} is suppressed there by silence {}, and not here",
                    by.join(", ")
                )
            }
            Kind::SilencedHere { by } => {
                format!(
                    "{what} is suppressed here by silence {}, and not there",
                    by.join(", ")
                )
            }
            Kind::InhibitedThere { by } => {
                format!(
                    "{what} is inhibited there by alert {}, and not here",
                    by.join(", ")
                )
            }
            Kind::InhibitedHere { by } => {
                format!(
                    "{what} is inhibited here by alert {}, and not there",
                    by.join(", ")
                )
            }
        }
    }

    /// The group it is about, named as there where both have one.
    fn group(&self) -> (&Map, &str) {
        (&self.labels, &self.receiver)
    }
}

/// How many groups differ in at least one of these.
pub(crate) fn groups_of<'a>(differences: impl Iterator<Item = &'a Difference>) -> usize {
    differences
        .map(Difference::group)
        .collect::<BTreeSet<_>>()
        .len()
}

/// Everything in which the views differ, and how many groups they hold together.
pub(crate) fn compare(there: &View, here: &View) -> (Vec<Difference>, usize) {
    let mut found = Vec::new();
    let mut moved = BTreeSet::new();
    let mut groups = 0;
    for (name, theirs) in there {
        groups += 1;
        if let Some(ours) = here.get(name) {
            alerts(name, theirs, ours, &mut found);
        } else if let Some((other, ours)) = elsewhere(name, theirs, there, here, &moved) {
            moved.insert(other.clone());
            found.push(of(
                name,
                None,
                Kind::ReceiverDiffers {
                    here: other.receiver.clone(),
                },
            ));
            alerts(name, theirs, ours, &mut found);
        } else {
            found.push(of(name, None, Kind::OnlyThere));
        }
    }
    for name in here.keys() {
        if !there.contains_key(name) && !moved.contains(name) {
            groups += 1;
            found.push(of(name, None, Kind::OnlyHere));
        }
    }
    (found, groups)
}

/// The group here that has the same labels and one of the same alerts under another receiver, if it has
/// no partner yet.
fn elsewhere<'a>(
    name: &GroupName,
    theirs: &Alerts,
    there: &View,
    here: &'a View,
    moved: &BTreeSet<GroupName>,
) -> Option<(&'a GroupName, &'a Alerts)> {
    let first = GroupName {
        labels: name.labels.clone(),
        receiver: String::new(),
    };
    here.range(first..)
        .take_while(|(other, _)| other.labels == name.labels)
        .filter(|(other, _)| !there.contains_key(other) && !moved.contains(other))
        .find(|(_, ours)| {
            ours.keys()
                .any(|fingerprint| theirs.contains_key(fingerprint))
        })
}

fn of(name: &GroupName, alert: Option<&String>, kind: Kind) -> Difference {
    Difference {
        labels: name.labels.clone(),
        receiver: name.receiver.clone(),
        alert: alert.cloned(),
        kind,
    }
}

/// Compares the alerts of one group.
fn alerts(name: &GroupName, theirs: &Alerts, ours: &Alerts, found: &mut Vec<Difference>) {
    for (fingerprint, there) in theirs {
        let Some(here) = ours.get(fingerprint) else {
            found.push(of(name, Some(fingerprint), Kind::OnlyThere));
            continue;
        };
        // Ids differ between servers; whether there is one does not.
        let silenced = match (there.silenced_by.is_empty(), here.silenced_by.is_empty()) {
            (false, true) => Some(Kind::SilencedThere {
                by: there.silenced_by.clone(),
            }),
            (true, false) => Some(Kind::SilencedHere {
                by: here.silenced_by.clone(),
            }),
            _ => None,
        };
        let inhibited = match (there.inhibited_by.is_empty(), here.inhibited_by.is_empty()) {
            (false, true) => Some(Kind::InhibitedThere {
                by: there.inhibited_by.clone(),
            }),
            (true, false) => Some(Kind::InhibitedHere {
                by: here.inhibited_by.clone(),
            }),
            _ => None,
        };
        let kinds = silenced.into_iter().chain(inhibited);
        found.extend(kinds.map(|kind| of(name, Some(fingerprint), kind)));
    }
    for fingerprint in ours
        .keys()
        .filter(|fingerprint| !theirs.contains_key(*fingerprint))
    {
        found.push(of(name, Some(fingerprint), Kind::OnlyHere));
    }
}
