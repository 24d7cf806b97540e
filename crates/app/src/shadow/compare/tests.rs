//! Differences by example, and against an independent formulation.

use proptest::prelude::*;

use super::*;

fn name(label: &str, receiver: &str) -> GroupName {
    let labels = Map::from([("alertname".to_owned(), label.to_owned())]);
    GroupName {
        labels,
        receiver: receiver.to_owned(),
    }
}

fn group(label: &str, receiver: &str, alerts: &[(&str, &str)]) -> (GroupName, Alerts) {
    let standing = |by: &str| Standing {
        silenced_by: by.split_whitespace().map(str::to_owned).collect(),
        inhibited_by: Vec::new(),
    };
    let alerts = alerts.iter().map(|(f, by)| ((*f).to_owned(), standing(by)));
    (name(label, receiver), alerts.collect())
}

fn words(there: &[(GroupName, Alerts)], here: &[(GroupName, Alerts)]) -> Vec<String> {
    let (there, here) = (
        there.iter().cloned().collect(),
        here.iter().cloned().collect(),
    );
    compare(&there, &here)
        .0
        .iter()
        .map(Difference::words)
        .collect()
}

#[test]
fn every_kind_of_difference_is_said_in_words() {
    let a = group("A", "ops", &[("01", "")]);
    assert_eq!(
        words(std::slice::from_ref(&a), std::slice::from_ref(&a)),
        Vec::<String>::new()
    );
    assert_eq!(
        words(std::slice::from_ref(&a), &[]),
        ["the group is only there: Balefire would tell nobody"]
    );
    assert_eq!(
        words(&[], std::slice::from_ref(&a)),
        ["the group is only here: the Alertmanager sent no notice of it"]
    );
    assert_eq!(
        words(
            std::slice::from_ref(&a),
            &[group("A", "dba", &[("01", "")])]
        ),
        ["the receiver differs: ops there, dba here"]
    );
    assert_eq!(
        words(
            &[group("A", "ops", &[("01", "s1")])],
            std::slice::from_ref(&a)
        ),
        ["alert 01 is suppressed there by silence s1, and not here"]
    );
    assert_eq!(
        words(
            std::slice::from_ref(&a),
            &[group("A", "ops", &[("01", "s2"), ("02", "")])]
        ),
        [
            "alert 01 is suppressed here by silence s2, and not there",
            "alert 02 is only here: the Alertmanager sent no notice of it",
        ]
    );
}

#[test]
fn silences_of_other_names_are_the_same_silence() {
    let there = group("A", "ops", &[("01", "their-id")]);
    let here = group("A", "ops", &[("01", "our-id")]);
    assert_eq!(words(&[there], &[here]), Vec::<String>::new());
}

#[test]
fn a_group_of_other_alerts_is_not_a_moved_one() {
    let there = group("A", "ops", &[("01", "")]);
    let here = group("A", "dba", &[("02", "")]);
    assert_eq!(words(&[there], &[here]).len(), 2);
}

fn view() -> impl Strategy<Value = View> {
    let standing = (any::<bool>(), any::<bool>()).prop_map(|(silenced, inhibited)| Standing {
        silenced_by: silenced.then(|| "s".to_owned()).into_iter().collect(),
        inhibited_by: inhibited.then(|| "i".to_owned()).into_iter().collect(),
    });
    let alerts = prop::collection::btree_map("[1-4]", standing, 1..4);
    let names = ("[A-C]", "[x-z]").prop_map(|(label, receiver)| name(&label, &receiver));
    prop::collection::btree_map(names, alerts, 0..7)
}

proptest! {
    /// An independent formulation: with receivers laid aside, what differs are exactly the alerts
    /// whose (group, receiver, fingerprint, standing) facts differ, or the groups that moved.
    #[test]
    fn views_differ_exactly_when_a_difference_is_found(there in view(), here in view()) {
        let (found, groups) = compare(&there, &here);
        prop_assert_eq!(found.is_empty(), there == here);
        prop_assert!(groups_of(found.iter()) <= groups);
        let moved = found.iter().filter(|d| matches!(d.kind, Kind::ReceiverDiffers { .. })).count();
        let together: BTreeSet<_> = there.keys().chain(here.keys()).collect();
        prop_assert_eq!(groups, together.len() - moved);
    }

    #[test]
    fn turning_the_views_round_turns_every_difference_round(there in view(), here in view()) {
        let kinds = |found: &[Difference], turned: bool| {
            let mut kinds: Vec<&str> = found.iter().map(|d| match (&d.kind, turned) {
                (Kind::OnlyThere, false) | (Kind::OnlyHere, true) => "only a",
                (Kind::OnlyThere, true) | (Kind::OnlyHere, false) => "only b",
                (Kind::SilencedThere { .. }, false) | (Kind::SilencedHere { .. }, true) => "silenced a",
                (Kind::SilencedThere { .. }, true) | (Kind::SilencedHere { .. }, false) => "silenced b",
                (Kind::InhibitedThere { .. }, false) | (Kind::InhibitedHere { .. }, true) => "inhibited a",
                (Kind::InhibitedThere { .. }, true) | (Kind::InhibitedHere { .. }, false) => "inhibited b",
                (Kind::ReceiverDiffers { .. }, _) => "moved",
            }).collect();
            kinds.sort_unstable();
            kinds
        };
        // Which of several groups counts as moved depends on the side it is looked at from.
        let (forth, back) = (compare(&there, &here).0, compare(&here, &there).0);
        let moved = |found: &[Difference]| found.iter().any(|d| matches!(d.kind, Kind::ReceiverDiffers { .. }));
        prop_assume!(!moved(&forth) && !moved(&back));
        let (forth, back): (Vec<String>, Vec<String>) = (
            kinds(&forth, false).into_iter().map(str::to_owned).collect(),
            kinds(&back, true).into_iter().map(str::to_owned).collect(),
        );
        prop_assert_eq!(forth, back);
    }
}
