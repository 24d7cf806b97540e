use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const HOUR: i64 = 3_600;

fn at(secs: i64) -> Time {
    Time::from_secs(secs)
}

/// What a day and more of looks that all end the same look like: the hours between them.
fn gaps(name: &str, works: bool, until: i64) -> Vec<i64> {
    let mut sight = Sight::default();
    let (mut now, mut looks) = (0, Vec::new());
    while now < until {
        if sight.next_look(name, at(now)) <= at(now) {
            looks.push(now);
            if works {
                sight.see(at(1_000_000), String::new(), None, at(now));
            } else {
                sight.fail("no", at(now));
            }
        }
        now += 60;
    }
    looks.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

proptest! {
    #[test]
    fn a_monitor_is_looked_at_daily_and_within_the_hour_after_a_failure(name in "[a-z0-9.-]{1,20}") {
        let daily = gaps(&name, true, 5 * 24 * HOUR);
        prop_assert!(daily.len() >= 4);
        prop_assert!(daily.iter().all(|gap| (22 * HOUR..=24 * HOUR + 60).contains(gap)), "{:?}", daily);
        let failing = gaps(&name, false, 24 * HOUR);
        prop_assert!(failing.len() >= 22);
        prop_assert!(failing.iter().all(|gap| (50 * 60..=HOUR + 60).contains(gap)), "{:?}", failing);
    }
}

#[test]
fn many_monitors_do_not_come_together() {
    let turns: BTreeSet<i64> = (0..100)
        .map(|n| gaps(&format!("host-{n}"), true, 30 * HOUR)[0])
        .collect();
    assert!(turns.len() > 40, "{}", turns.len());
}

#[test]
fn who_cannot_be_looked_at_is_complained_of_once_a_day_after_a_while() {
    let mut sight = Sight::default();
    sight.see(at(900), "CA".to_owned(), None, at(0));
    let mut told = Vec::new();
    for hour in 1..60 {
        sight.fail("refused", at(hour * HOUR));
        if sight.complain(at(hour * HOUR)) {
            told.push(hour);
        }
    }
    assert_eq!(told, [7, 31, 55]);
    assert_eq!((sight.expires_at, &*sight.detail), (Some(at(900)), "CA"));
    sight.see(at(901), String::new(), None, at(61 * HOUR));
    assert!(!sight.complain(at(90 * HOUR)));
    assert_eq!((sight.failing_since, &*sight.error), (None, ""));
    sight.fail(&"长".repeat(1_000), at(91 * HOUR));
    assert_eq!(sight.error.chars().count(), 500);
}

#[test]
fn a_clock_that_was_set_back_is_a_reason_to_look() {
    let mut sight = Sight::default();
    sight.see(at(900), String::new(), None, at(100 * HOUR));
    assert_eq!(sight.next_look("a", at(50 * HOUR)), at(50 * HOUR));
}
