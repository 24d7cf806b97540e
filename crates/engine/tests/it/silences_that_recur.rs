//! Recurring silences: each occurrence is a silence like others, made before it begins.

use std::time::Duration;

use balefire_core::matcher::{Mode, parse_one};
use balefire_core::schedule::RestrictionSpec;
use balefire_core::silence::{SERIES, Series, Silence, SilenceState};
use balefire_core::time::Time;
use balefire_engine::engine::SeriesFailure;

use super::world::{EACH, Node, World};

/// Every day from 08:35 to 08:40 UTC, five minutes after the world begins.
fn series() -> Series {
    let matcher = parse_one("alertname=Story", Mode::Fallback).expect("a matcher");
    Series {
        id: "".into(),
        matcher_sets: vec![std::iter::once(matcher).collect()],
        timezone: "UTC".to_owned(),
        times: vec![RestrictionSpec {
            from: Some("08:35".to_owned()),
            to: Some("08:40".to_owned()),
            ..RestrictionSpec::default()
        }],
        rules: Vec::new(),
        created_by: "chen".to_owned(),
        comment: "backups".to_owned(),
        created_at: Time::EPOCH,
        ended: false,
    }
}

impl Node<'_> {
    fn make(&self, series: Series) -> Series {
        self.run(self.engine().make_series(series)).expect("made")
    }

    fn silences(&self) -> Vec<(SilenceState, Silence)> {
        let now = self.now();
        let list = self.engine().state().silences().list(now);
        list.into_iter()
            .map(|(state, silence)| (state, Silence::clone(&silence)))
            .collect()
    }

    fn told_by(&self, provider: &super::world::Provider) -> usize {
        self.settle();
        provider.taken().len()
    }
}

#[test]
fn alerts_are_quiet_while_it_is_on_and_the_next_one_is_there_in_time_across_a_crash() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    let node = world.start();
    let made = node.make(series());
    let silences = node.silences();
    assert_eq!(silences.len(), 1, "{silences:?}");
    let (state, first) = &silences[0];
    assert_eq!(*state, SilenceState::Pending);
    assert_eq!(first.annotations.value(SERIES), &*made.id);
    assert_eq!(first.comment, "backups (recurring: 08:35-08:40 UTC)");
    node.fire(&["x"]);
    node.until(|| node.told_by(&a) == 1);
    node.leap(Duration::from_secs(301));
    node.fire(&["y"]);
    node.leap(Duration::from_secs(15));
    assert_eq!(node.told_by(&a), 1, "it is on");
    node.crash();
    let node = world.start();
    node.leap(Duration::from_secs(35));
    let states: Vec<SilenceState> = node.silences().iter().map(|one| one.0).collect();
    assert_eq!(
        states,
        [SilenceState::Active, SilenceState::Pending],
        "the next"
    );
    assert_eq!(
        node.silences()[1].1.starts_at,
        first.starts_at.after(Duration::from_hours(24))
    );
    node.leap(Duration::from_mins(5));
    node.leap(Duration::from_secs(15));
    node.until(|| node.told_by(&a) == 2);
}

#[test]
fn one_occurrence_is_ended_by_itself_and_all_with_the_series() {
    let mut world = World::new(EACH);
    let _a = world.provider("a");
    let node = world.start();
    let made = node.make(series());
    let first = std::sync::Arc::clone(&node.silences()[0].1.id);
    node.run(node.engine().expire_silence(&first))
        .expect("ended");
    node.leap(Duration::from_secs(40));
    let open = |node: &Node<'_>| {
        let all = node.silences().into_iter();
        all.filter(|(state, _)| *state != SilenceState::Expired)
            .map(|(_, silence)| silence.id)
            .collect::<Vec<_>>()
    };
    // It is not made again; the next is made when it is the next.
    assert!(!open(&node).contains(&first));
    node.leap(Duration::from_secs(400));
    node.leap(Duration::from_secs(40));
    assert_eq!(open(&node).len(), 1);
    node.run(node.engine().end_series(&made.id)).expect("ended");
    assert_eq!(open(&node).len(), 0);
    node.leap(Duration::from_hours(24));
    node.leap(Duration::from_secs(40));
    assert_eq!(open(&node).len(), 0);
    let all = node.run(node.engine().silence_series()).expect("read");
    assert!(all[0].ended);
    let unknown = node.run(node.engine().end_series("nobody"));
    assert!(matches!(unknown, Err(SeriesFailure::Unknown)));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let mut world = World::new(EACH);
    let _a = world.provider("a");
    let node = world.start();
    let zone = Series {
        timezone: "Mars/Olympus".to_owned(),
        ..series()
    };
    let refused = node.run(node.engine().make_series(zone));
    assert!(
        matches!(refused, Err(SeriesFailure::Times(_))),
        "{refused:?}"
    );
    let nothing = Series {
        matcher_sets: Vec::new(),
        ..series()
    };
    let refused = node.run(node.engine().make_series(nothing));
    assert!(
        matches!(refused, Err(SeriesFailure::Silence(_))),
        "{refused:?}"
    );
    assert_eq!(node.run(node.engine().silence_series()).expect("read"), []);
}
