//! Repeats that become rarer.

use super::*;
use crate::route::{Backoff, Noise};

fn growing() -> Rules {
    let noise = Noise {
        flapping: None,
        backoff: Some(Backoff {
            percent: 200,
            longest: span(3_000),
        }),
    };
    let root = RouteNode { noise, ..root() };
    rules(root, &[("chat", true)])
}

fn times(world: &mut World) -> Vec<i64> {
    std::mem::take(&mut world.heard)
        .into_iter()
        .map(|(at, _)| at)
        .collect()
}

/// After each message the next look that is later than the wait.
fn expected(waits: &[i64]) -> Vec<i64> {
    let mut at = WAIT;
    let mut times = vec![at];
    for wait in waits {
        // Looks are an interval apart, and a wait must be over, not only reached.
        at += (wait / INTERVAL + 1) * INTERVAL;
        times.push(at);
    }
    times
}

#[test]
fn each_repeat_comes_later_up_to_the_longest_and_news_begin_anew() {
    let mut world = World::new(growing());
    world.fire(0, "a").run(16_000);
    let mut all = expected(&[600, 1_200, 2_400, 3_000, 3_000, 3_000]);
    all.retain(|at| *at <= 16_000);
    assert_eq!(times(&mut world), all);
    world.fire(16_001, "b").run(19_000);
    let after = times(&mut world);
    assert_eq!(after[1] - after[0], 660, "{after:?}");
}

#[test]
fn the_count_survives_a_restart() {
    let mut world = World::new(growing());
    world.fire(0, "a").run(2_500);
    let chunks: Vec<_> = world.dispatch.checkpoint().collect();
    let restored = Dispatch::restore(Arc::new(growing()), chunks);
    let mut other = World::with(restored);
    world.heard.clear();
    world.run(20_000);
    other.run(20_000);
    assert_eq!(times(&mut other), times(&mut world));
    let mut replayed = World::new(growing());
    replayed.dispatch.apply(&Event {
        seq: 1,
        at: secs(0),
        input: Input::Alert {
            source: "test".into(),
            alert: Box::new(alert("a", 0, None)),
        },
    });
    for record in &world.records {
        replayed.dispatch.replay(record);
    }
    assert_eq!(
        replayed.run(60_000).heard.first().map(|(at, _)| *at),
        world.run(60_000).heard.first().map(|(at, _)| *at)
    );
}

#[test]
fn without_it_repeats_come_as_alertmanager_s_do() {
    let mut world = World::plain();
    world.fire(0, "a").run(3_000);
    assert_eq!(times(&mut world), expected(&[600, 600, 600, 600]));
}
