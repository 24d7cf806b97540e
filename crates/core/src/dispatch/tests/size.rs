//! What things cost.

use super::super::group::{Group, Ledger, Told};
use super::super::roll::Entry;
use super::*;

#[test]
fn a_group_of_one_alert_is_small() {
    // Together with the alert itself a hundred thousand of these stay well below 60 MB.
    assert!(size_of::<Entry>() <= 32, "{}", size_of::<Entry>());
    assert!(size_of::<Group>() <= 104, "{}", size_of::<Group>());
    assert!(size_of::<Ledger>() <= 40, "{}", size_of::<Ledger>());
    assert!(size_of::<Told>() <= 24, "{}", size_of::<Told>());
}

#[test]
fn a_record_of_one_alert_is_below_a_hundred_bytes_apart_from_the_integration() {
    let mut world = World::new(rules(root(), &[("ops/dingtalk/1", true)]));
    world.fire(1_800_000_000, "a").run(1_800_000_010);
    let record = &world.records[0];
    let packed = postcard::to_allocvec(record).expect("packed");
    assert!(packed.len() < 100, "{}", packed.len());
    assert_eq!(
        postcard::from_bytes::<FlushRecord>(&packed).expect("record"),
        *record
    );
}

#[test]
fn many_members_and_few_are_the_same_to_the_eye() {
    let mut members = super::super::group::Members::none();
    let episode = |n: u64| crate::alert::Episode {
        fingerprint: Fingerprint(n % 100),
        starts_at: secs((n / 100).cast_signed()),
    };
    for n in (0..200).rev() {
        assert!(members.insert(episode(n)));
        assert!(!members.insert(episode(n)));
    }
    assert_eq!(members.of(Fingerprint(7)), [episode(7), episode(107)]);
    assert!(members.iter().is_sorted());
    for n in 0..200 {
        assert!(members.contains(episode(n)) && members.remove(episode(n)));
        assert!(!members.remove(episode(n)));
    }
    assert!(members.is_empty());
}

#[test]
fn reasons_are_alertmanagers_words() {
    let reasons = [
        Reason::FirstNotification,
        Reason::NewAlerts,
        Reason::SomeResolved,
        Reason::AllResolved,
        Reason::RepeatInterval,
    ];
    assert_eq!(
        reasons.map(Reason::as_str),
        [
            "first notification",
            "new alerts added",
            "some alerts resolved",
            "all alerts resolved",
            "repeat interval elapsed"
        ]
    );
    assert_eq!(Status::Firing.as_str(), "firing");
}
