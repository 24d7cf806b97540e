//! The orders in which Alertmanager lists alerts and groups.

use std::cmp::Ordering;
use std::sync::Arc;

use balefire_core::alert::Alert;
use balefire_core::label::Labels;

/// Label sets: fewer labels first; of as many, at the first difference the set without the name
/// in question comes first, else the smaller value.
pub(super) fn labels(a: &Labels, b: &Labels) -> Ordering {
    let differ = || {
        a.iter().zip(b).find(|(a, b)| a != b).map_or(
            Ordering::Equal,
            |((name_a, value_a), (name_b, value_b))| {
                name_b.cmp(name_a).then_with(|| value_a.cmp(value_b))
            },
        )
    };
    a.len().cmp(&b.len()).then_with(differ)
}

/// What an alert is sorted by in its group: job, then instance, those without one last; then its
/// labels.
struct Key<'a> {
    job: (bool, Option<&'a str>),
    instance: (bool, Option<&'a str>),
    labels: &'a Labels,
}

impl<'a> Key<'a> {
    fn of(set: &'a Labels) -> Self {
        let last_without = |name| {
            let value = set.get(name);
            (value.is_none(), value)
        };
        Self {
            job: last_without("job"),
            instance: last_without("instance"),
            labels: set,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        (self.job, self.instance)
            .cmp(&(other.job, other.instance))
            .then_with(|| labels(self.labels, other.labels))
    }
}

/// The alerts of a group, sorted. A group may hold very many, so each is looked into once.
pub(super) fn sorted(alerts: &[Arc<Alert>]) -> Vec<Arc<Alert>> {
    let mut keyed: Vec<(Key<'_>, &Arc<Alert>)> = alerts
        .iter()
        .map(|alert| (Key::of(&alert.labels), alert))
        .collect();
    keyed.sort_by(|(a, _), (b, _)| a.compare(b));
    keyed
        .into_iter()
        .map(|(_, alert)| Arc::clone(alert))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Labels {
        let pairs = text
            .split_terminator(',')
            .filter_map(|pair| pair.split_once('='));
        Labels::from_pairs(pairs).expect("labels")
    }

    #[test]
    fn label_sets_are_listed_by_number_then_by_what_differs_first() {
        let listed = [
            "", "z=9", "a=1", "a=2", "b=1,c=1", "a=1,c=1", "a=1,b=2", "a=2,b=1",
        ];
        for (i, a) in listed.iter().enumerate() {
            for (j, b) in listed.iter().enumerate() {
                assert_eq!(labels(&of(a), &of(b)), i.cmp(&j), "{a} and {b}");
            }
        }
    }

    #[test]
    fn alerts_are_listed_by_job_and_instance_and_those_without_last() {
        let listed = [
            "instance=9,job=a",
            "job=a",
            "instance=1,job=b,x=1",
            "instance=1",
            "a=1",
        ];
        for (i, a) in listed.iter().enumerate() {
            for (j, b) in listed.iter().enumerate() {
                assert_eq!(
                    Key::of(&of(a)).compare(&Key::of(&of(b))),
                    i.cmp(&j),
                    "{a} and {b}"
                );
            }
        }
    }
}
