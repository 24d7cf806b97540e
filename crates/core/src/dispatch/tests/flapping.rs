//! Alerts that come and go.

use proptest::prelude::*;

use super::*;
use crate::route::{Flapping, Noise};

const STARTS: u32 = 3;
const WITHIN: i64 = 1_000;
const HOLD: i64 = 200;

fn detecting() -> Rules {
    let flapping = Flapping {
        starts: STARTS,
        within: span(WITHIN),
        hold: span(HOLD),
    };
    let noise = Noise {
        flapping: Some(flapping),
        backoff: None,
    };
    let root = RouteNode { noise, ..root() };
    rules(root, &[("chat", true), ("log", false)])
}

/// What one integration heard.
fn of<'w>(world: &'w World, integration: &str) -> Vec<(i64, &'w str)> {
    let heard = world.heard.iter();
    heard
        .filter(|(_, words)| words.starts_with(integration))
        .map(|(at, words)| (*at, words.as_str()))
        .collect()
}

/// R36: an alert that changes every second for an hour.
#[test]
fn an_hour_of_flapping_is_two_messages_and_a_state() {
    let mut world = World::new(detecting());
    for at in (0..3_600).step_by(2) {
        world.fire(at, "a").resolve(at + 1, "a");
    }
    let told = of(&world, "chat");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].1.ends_with("firing") || told[0].1.ends_with("missed"),
        "{told:?}"
    );
    let status = world.dispatch.status(fingerprint("a"), secs(3_599));
    assert_eq!(status.flapping_since, Some(secs(0)));
    let judged = &world.records.last().expect("a record").alerts[0];
    assert_eq!(
        judged.verdict,
        super::super::Verdict::Flapping { since: secs(0) }
    );
    world.run(20_000);
    let told = of(&world, "chat");
    assert_eq!(told.len(), 2, "{told:?}");
    let end = told[1].0;
    assert!(
        (3_599 + HOLD..=3_599 + HOLD + INTERVAL).contains(&end),
        "{told:?}"
    );
    assert_eq!(world.dispatch.groups().len(), 0);
    assert_eq!(
        world
            .dispatch
            .status(fingerprint("a"), secs(20_000))
            .flapping_since,
        None
    );
}

#[test]
fn what_stays_on_for_long_enough_is_told_although_it_flapped() {
    let mut world = World::new(detecting());
    for at in (0..100).step_by(2) {
        world.fire(at, "a").resolve(at + 1, "a");
    }
    world.heard.clear();
    world.fire(101, "a").run(101 + HOLD - 1);
    assert_eq!(of(&world, "chat"), []);
    world.run(101 + HOLD);
    let told = of(&world, "chat");
    assert_eq!(told.len(), 1, "exactly when it has stayed: {told:?}");
    assert!(told[0].1.contains("a@101 firing"), "{told:?}");
}

#[test]
fn neighbours_in_the_group_are_told_as_ever() {
    let mut world = World::new(detecting());
    for at in (0..300).step_by(2) {
        world.fire(at, "a").resolve(at + 1, "a");
    }
    world.heard.clear();
    world.fire(301, "b").run(400).resolve(401, "b").run(480);
    let told: Vec<&str> = of(&world, "chat")
        .into_iter()
        .map(|(_, words)| words)
        .collect();
    assert!(
        told[0].contains("b@301 firing") && told[1].contains("b@301 resolved"),
        "{told:?}"
    );
}

#[test]
fn a_lost_announcement_is_made_again_and_a_clock_that_is_set_back_keeps_nobody_quiet() {
    let mut world = World::new(detecting());
    for at in (0..40).step_by(2) {
        world.fire(at, "a").resolve(at + 1, "a");
    }
    world.fire(41, "a").run(60);
    let record = world.records.last().expect("a record").clone();
    let told = record.obligations.first();
    if let Some(lost) = told {
        let episodes: Vec<_> = lost.episodes.iter().map(|(episode, _)| *episode).collect();
        world.dispatch.give_back(record.group, "chat", &episodes);
    }
    world.heard.clear();
    world.run(200);
    assert_eq!(of(&world, "chat").len(), 1, "{:?}", world.heard);
    let status = |world: &World| {
        world
            .dispatch
            .status(fingerprint("a"), secs(41))
            .flapping_since
    };
    assert!(status(&world).is_some());
    world.dispatch.turn(secs(1), 10);
    assert_eq!(status(&world), None);
}

/// On and off at these lengths, in seconds.
fn lengths() -> impl Strategy<Value = Vec<(i64, i64)>> {
    let length = prop_oneof![1_i64..20, 20_i64..400];
    prop::collection::vec((length.clone(), length), 1..40)
}

fn play(world: &mut World, lengths: &[(i64, i64)], from: i64) -> i64 {
    let mut at = from;
    for (on, off) in lengths {
        world.fire(at, "a");
        at += on;
        world.resolve(at, "a");
        at += off;
    }
    at
}

/// The last thing an integration heard of an alert: whether it fires.
fn last_word(world: &World, until: i64) -> Option<bool> {
    let mut heard = of(world, "chat").into_iter();
    heard
        .rfind(|(at, _)| *at <= until)
        .map(|(_, words)| words.ends_with("firing"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Said without the rules: whoever fires for the hold and a look longer has been told of; in the end the last word
    /// is that it is over; and each time it was on is told at most twice, as without detection. (Message for message the two
    /// cannot be compared: what comes and goes may fall into one look of a group in one of them, and into two in the other.)
    #[test]
    fn nothing_that_stays_is_hidden_and_each_time_is_told_twice_at_most(lengths in lengths()) {
        let mut world = World::new(detecting());
        let end = play(&mut world, &lengths, 0);
        world.run(end + 10_000);
        let mut at = 0;
        for (on, off) in &lengths {
            let seen = at + HOLD.max(WAIT) + INTERVAL;
            if *on > HOLD + INTERVAL {
                prop_assert_eq!(last_word(&world, seen), Some(true), "on at {} for {}: {:?}", at, on, world.heard);
            }
            at += on + off;
        }
        prop_assert_eq!(last_word(&world, i64::MAX), Some(false), "{:?}", world.heard);
        prop_assert!(of(&world, "chat").len() <= 2 * lengths.len());
        prop_assert_eq!(world.dispatch.groups().len(), 0);
    }

    /// A node that was restarted from a checkpoint, or from its log, says the same as one that was not.
    #[test]
    fn a_restart_changes_nothing(before in lengths(), after in lengths()) {
        let mut world = World::new(detecting());
        let at = play(&mut world, &before, 0);
        let chunks: Vec<_> = world.dispatch.checkpoint().collect();
        let mut other = World::with(Dispatch::restore(Arc::new(detecting()), chunks));
        world.heard.clear();
        world.run(at);
        other.run(at);
        world.dispatch.collect(secs(at));
        let end = play(&mut world, &after, at);
        play(&mut other, &after, at);
        world.run(end + 5_000);
        other.run(end + 5_000);
        prop_assert_eq!(&world.heard, &other.heard);
    }
}

#[test]
fn routes_without_it_keep_no_count() {
    let mut world = World::plain();
    for at in (0..100).step_by(2) {
        world.fire(at, "a").resolve(at + 1, "a");
    }
    assert_eq!(
        world
            .dispatch
            .status(fingerprint("a"), secs(100))
            .flapping_since,
        None
    );
}
