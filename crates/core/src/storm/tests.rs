//! Held against the promise itself: all windows of time are counted, over all that was ever told.

use proptest::prelude::*;

use super::*;

/// Who tells what at which second: `(seconds since the last, subject, is critical, way)`.
type Ask = (u64, u64, bool, u8);

const EVERY: u64 = 60;

fn at(second: u64) -> Time {
    Time::from_secs(1_767_585_600).after(Duration::from_secs(second))
}

fn severity(critical: bool) -> Severity {
    if critical {
        Severity::Critical
    } else {
        Severity::Info
    }
}

/// Whether one more telling now keeps every window that ends now within the bound, counted one by one.
fn fits(told: &[(u64, bool)], at_once: u64, critical: bool, now: u64) -> bool {
    let every_window = |told: &[u64], allowed: u64| {
        (0..told.len()).all(|first| {
            let count = (told.len() - first) as u64 + 1;
            let span = now - told[first];
            count <= allowed + span / EVERY
        })
    };
    let all: Vec<u64> = told.iter().map(|(at, _)| *at).collect();
    let alike: Vec<u64> = told.iter().filter(|t| t.1).map(|(at, _)| *at).collect();
    if critical {
        every_window(&all, at_once + 1) && every_window(&alike, at_once)
    } else {
        every_window(&all, at_once)
    }
}

proptest! {
    #[test]
    fn nobody_is_told_more_often_than_the_windows_allow(
        at_once in 1_u32..4,
        asks in prop::collection::vec((0_u64..50, 0_u64..1_000, any::<bool>(), 0_u8..2), 1..200),
    ) {
        let bound = Bound { every: Duration::from_secs(EVERY), at_once };
        let person: Arc<str> = "ada".into();
        let mut slots = Slots::default();
        let mut told: Vec<(u64, bool)> = Vec::new();
        let mut now = 0;
        for (after, subject, critical, way) in asks as Vec<Ask> {
            now += after;
            let ways = [Arc::from(format!("way{way}"))];
            let what = Telling { person: &person, severity: severity(critical), subject, ways: &ways };
            let leave = slots.leave(bound, what, at(now));
            let allowed = fits(&told, u64::from(at_once), critical, now);
            prop_assert_eq!(leave == Leave::Go, allowed, "{:?} at {} after {:?}", leave, now, told);
            match leave {
                Leave::Go => {
                    slots.told(bound, what, at(now));
                    told.push((now, critical));
                }
                Leave::Along => slots.joins(what),
                Leave::Wait(until) => {
                    // Whoever comes back then, and nobody was told meanwhile, is told; a moment before, not.
                    prop_assert_eq!(slots.leave(bound, what, until), Leave::Go);
                    let before = until.before(Duration::from_micros(1));
                    prop_assert_ne!(slots.leave(bound, what, before), Leave::Go);
                }
            }
            let json = serde_json::to_string(slots.get("ada").expect("a slot")).expect("JSON");
            let read: Slot = serde_json::from_str(&json).expect("what was written");
            prop_assert_eq!(Some(&read), slots.get("ada"));
        }
    }

    #[test]
    fn a_clock_that_goes_anywhere_makes_nobody_wait_longer_than_a_storm(
        at_once in 1_u32..4,
        asks in prop::collection::vec((0_u64..100_000, any::<bool>()), 1..50),
    ) {
        let bound = Bound { every: Duration::from_secs(EVERY), at_once };
        let person: Arc<str> = "ada".into();
        let mut slots = Slots::default();
        for (now, critical) in asks {
            let now = at(now);
            let what = Telling { person: &person, severity: severity(critical), subject: 1, ways: &[] };
            match slots.leave(bound, what, now) {
                Leave::Wait(until) => {
                    prop_assert!(until.since(now) <= bound.every * 2);
                }
                _ => slots.told(bound, what, now),
            }
        }
    }
}

fn telling<'t>(
    person: &'t Arc<str>,
    severity: Severity,
    subject: u64,
    ways: &'t [Arc<str>],
) -> Telling<'t> {
    Telling {
        person,
        severity,
        subject,
        ways,
    }
}

#[test]
fn what_is_critical_does_not_wait_for_what_is_milder() {
    let (ada, bound) = (Arc::from("ada"), Bound::default());
    let mut slots = Slots::default();
    let info = telling(&ada, Severity::Info, 1, &[]);
    let critical = telling(&ada, Severity::Critical, 2, &[]);
    slots.told(bound, info, at(0));
    assert_eq!(slots.leave(bound, critical, at(1)), Leave::Go);
    slots.told(bound, critical, at(1));
    assert_eq!(slots.leave(bound, critical, at(2)), Leave::Wait(at(61)));
    // What came early is waited for.
    assert_eq!(slots.leave(bound, info, at(60)), Leave::Wait(at(120)));
    assert_eq!(slots.leave(bound, info, at(120)), Leave::Go);
}

#[test]
fn the_same_thing_may_be_told_by_another_way_once() {
    let (ada, bound) = (Arc::from("ada"), Bound::default());
    let (chat, sms) = ([Arc::from("wecom")], [Arc::from("sms")]);
    let mut slots = Slots::default();
    slots.told(bound, telling(&ada, Severity::Error, 1, &chat), at(0));
    let again = telling(&ada, Severity::Error, 1, &sms);
    assert_eq!(slots.leave(bound, again, at(30)), Leave::Along);
    slots.joins(again);
    assert_eq!(slots.leave(bound, again, at(31)), Leave::Wait(at(60)));
    let other = telling(&ada, Severity::Error, 2, &sms);
    assert_eq!(slots.leave(bound, other, at(31)), Leave::Wait(at(60)));
    let by_chat = telling(&ada, Severity::Error, 1, &chat);
    assert_eq!(slots.leave(bound, by_chat, at(31)), Leave::Wait(at(60)));
}
