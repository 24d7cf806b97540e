//! The cases in which Alertmanager says nothing and should (spec/alertmanager.md).

use std::sync::Arc;

use super::*;

/// Everything written down and read back, as after a kill.
fn killed(world: &World) -> World {
    let rules = Arc::clone(world.dispatch.rules());
    World::with(Dispatch::restore(rules, world.dispatch.checkpoint()))
}

#[test]
fn case_a_what_fired_and_was_over_while_the_receiver_was_down_is_owed() {
    let mut world = World::plain();
    world.fire(0, "a").run(WAIT);
    assert_eq!(world.heard(), ["10 chat first notification: a@0 firing"]);
    // The obligation stands; it is read when the receiver is back, from the state as of then.
    world.resolve(12, "a").run(24);
    let episode = world.records[0].obligations[0].episodes[0].0;
    world.dispatch.collect(secs(100_000));
    let state = world.dispatch.episode(episode).expect("pinned");
    assert!(state.resolved_at(secs(24)));
}

#[test]
fn case_a_an_episode_over_before_its_first_flush_is_told_as_missed() {
    let mut world = World::plain();
    world.fire(0, "a").resolve(5, "a").run(1000);
    assert_eq!(world.heard(), ["10 chat first notification: a@0 missed"]);
}

#[test]
fn case_a_a_dead_letter_comes_back_as_what_it_was() {
    let mut world = World::plain();
    world.fire(0, "a").resolve(12, "a").run(INTERVAL);
    assert_eq!(world.heard(), ["10 chat first notification: a@0 firing"]);
    let record = world.records[0].clone();
    let told: Vec<_> = record.obligations[0]
        .episodes
        .iter()
        .map(|told| told.0)
        .collect();
    world.dispatch.give_back(record.group, "chat", &told);
    world.run(1000);
    assert_eq!(world.heard(), ["70 chat first notification: a@0 missed"]);
}

#[test]
fn case_b_a_kill_inside_group_wait_loses_nothing() {
    let mut world = World::plain();
    world.fire(0, "a").run(1);
    let mut world = killed(&world);
    world.run(9);
    assert_eq!(world.heard(), [""; 0]);
    world.run(1000);
    assert_eq!(world.heard()[0], "10 chat first notification: a@0 firing");
}

#[test]
fn case_b_a_kill_that_lasts_past_the_end_loses_nothing() {
    let mut world = World::plain();
    world.post(0, refreshing("a", 0, 0, 30)).run(1);
    let mut world = killed(&world);
    let flushes = world.dispatch.turn(secs(500), 10);
    assert_eq!(
        flushes.iter().flat_map(told).collect::<Vec<_>>(),
        ["chat first notification: a@0 missed"]
    );
}

#[test]
fn case_c_the_end_that_came_while_we_were_dead_is_told() {
    let mut world = World::plain();
    world.post(0, refreshing("a", 0, 0, 14)).run(WAIT);
    assert_eq!(world.heard(), ["10 chat first notification: a@0 firing"]);
    let mut world = killed(&world);
    let flushes = world.dispatch.turn(secs(500), 10);
    assert_eq!(
        flushes.iter().flat_map(told).collect::<Vec<_>>(),
        ["chat all alerts resolved: a@0 resolved"]
    );
    assert_eq!(world.dispatch.groups().count(), 0);
}

#[test]
fn case_d_an_alert_that_fires_again_after_a_silenced_end_is_told_at_once() {
    let mut world = World::plain();
    world.fire(0, "a").run(20);
    assert_eq!(world.heard(), ["10 chat first notification: a@0 firing"]);
    world.silence(30, 30, 140, "a").resolve(80, "a").run(140);
    // The end came under the silence and stays quiet, as in Alertmanager.
    assert_eq!(world.heard(), [""; 0]);
    world.fire(150, "a").run(200);
    assert_eq!(world.heard(), ["160 chat first notification: a@150 firing"]);
}

#[test]
fn case_d_an_alert_that_fires_again_before_its_end_was_told_is_told() {
    let mut world = World::plain();
    world.fire(0, "a").resolve(20, "a").fire(30, "a").run(100);
    assert_eq!(
        world.heard(),
        [
            "10 chat first notification: a@0 firing",
            "70 chat new alerts added: a@30 firing"
        ]
    );
}
