//! Obligations that were given up on.

use super::*;
use crate::alert::Episode;

fn episodes(record: &FlushRecord, integration: &str) -> Vec<Episode> {
    let due = record
        .obligations
        .iter()
        .find(|due| *due.integration == *integration);
    due.expect("obligation")
        .episodes
        .iter()
        .map(|told| told.0)
        .collect()
}

impl World {
    fn give_back(&mut self, record: usize, integration: &str) {
        let record = self.records[record].clone();
        self.dispatch
            .give_back(record.group, integration, &episodes(&record, integration));
    }
}

fn two() -> World {
    World::new(rules(root(), &[("chat", true), ("mail", false)]))
}

#[test]
fn what_still_fires_is_told_again_at_the_next_look_to_that_integration_only() {
    let mut world = two();
    world.fire(0, "a").run(20);
    world.heard();
    world.give_back(0, "mail");
    world.run(200);
    assert_eq!(world.heard(), ["70 mail first notification: a@0 firing"]);
}

#[test]
fn an_end_that_could_not_be_told_comes_back_to_its_group() {
    let mut world = two();
    world.fire(0, "a").resolve(20, "a").run(100);
    world.heard();
    assert_eq!(world.dispatch.groups().count(), 0);
    world.give_back(1, "chat");
    world.run(300);
    assert_eq!(world.heard(), ["70 chat first notification: a@0 missed"]);
    assert_eq!(world.dispatch.groups().count(), 0);
}

#[test]
fn an_end_comes_back_beside_what_still_fires_and_disturbs_nobody_else() {
    let mut world = World::new(rules(root(), &[("chat", true), ("pager", true)]));
    world.fire(0, "a").fire(0, "b").resolve(20, "a").run(100);
    world.heard();
    world.give_back(1, "chat");
    world.run(300);
    assert_eq!(
        world.heard(),
        ["130 chat first notification: a@0 missed, b@0 firing"]
    );
}

#[test]
fn both_integrations_can_give_the_same_end_back() {
    let mut world = World::new(rules(root(), &[("chat", true), ("pager", true)]));
    world.fire(0, "a").resolve(20, "a").run(100);
    world.heard();
    world.give_back(1, "chat");
    world.give_back(1, "pager");
    world.run(300);
    assert_eq!(
        world.heard(),
        [
            "70 chat first notification: a@0 missed",
            "70 pager first notification: a@0 missed"
        ]
    );
}

#[test]
fn what_fires_anew_does_not_bring_the_old_episode_back() {
    let mut world = World::plain();
    world.fire(0, "a").resolve(20, "a").run(75);
    world.fire(80, "a").run(100);
    world.heard();
    world.give_back(1, "chat");
    world.run(300);
    assert_eq!(world.heard(), [""; 0]);
    assert_eq!(world.dispatch.group(world.group()).expect("group").len(), 1);
}

#[test]
fn an_old_end_does_not_come_back_for_ever() {
    let mut world = World::plain();
    world.fire(0, "a").resolve(20, "a").run(100);
    world.heard();
    world.dispatch.collect(secs(2 * 24 * 3600));
    world.give_back(1, "chat");
    assert_eq!(
        (world.dispatch.groups().count(), world.heard()),
        (0, Vec::new())
    );
}

#[test]
fn an_episode_stays_readable_until_its_last_notification_is_settled() {
    let mut world = two();
    world.fire(0, "a").resolve(20, "a").run(75);
    world.fire(80, "a").run(100);
    let record = world.records[0].clone();
    let old = episodes(&record, "chat");
    world.dispatch.collect(secs(10_000));
    assert_eq!(
        world.dispatch.episode(old[0]).expect("pinned").ends_at,
        secs(20)
    );
    // Two of the firing, one of the end.
    for integration in ["chat", "mail", "chat"] {
        assert!(world.dispatch.episode(old[0]).is_some());
        world.dispatch.settled(record.group, integration, &old);
    }
    assert!(world.dispatch.episode(old[0]).is_none());
    assert_eq!(
        world
            .dispatch
            .alert(fingerprint("a"))
            .expect("alert")
            .starts_at,
        secs(80)
    );
}

#[test]
fn repinning_keeps_what_is_pending_and_nothing_else() {
    let mut world = World::plain();
    world.fire(0, "a").resolve(20, "a").run(75);
    world.fire(80, "a").run(100);
    let old = episodes(&world.records[0], "chat");
    world.dispatch.repin(old.iter().copied());
    assert!(world.dispatch.episode(old[0]).is_some());
    world.dispatch.settled(world.records[0].group, "chat", &old);
    assert!(world.dispatch.episode(old[0]).is_none());
}

#[test]
fn an_ended_alert_is_forgotten_after_half_an_hour() {
    let mut world = World::plain();
    world.fire(0, "a").resolve(20, "a").run(75);
    for at in [0, 1] {
        let record = world.records[at].clone();
        world
            .dispatch
            .settled(record.group, "chat", &episodes(&record, "chat"));
    }
    world.dispatch.collect(secs(20 + 1799));
    assert!(world.dispatch.alert(fingerprint("a")).is_some());
    world.dispatch.collect(secs(20 + 1800));
    assert!(world.dispatch.alert(fingerprint("a")).is_none());
}
