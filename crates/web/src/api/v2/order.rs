//! The orders in which Alertmanager lists alerts and groups.

use std::cmp::Ordering;

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

/// Alerts of a group: by job, then by instance, those without one last; then by their labels.
pub(super) fn alerts(a: &Labels, b: &Labels) -> Ordering {
    let by = |name: &str| match (a.get(name), b.get(name)) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => a.cmp(b),
    };
    by("job")
        .then_with(|| by("instance"))
        .then_with(|| labels(a, b))
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
                assert_eq!(alerts(&of(a), &of(b)), i.cmp(&j), "{a} and {b}");
            }
        }
    }
}
