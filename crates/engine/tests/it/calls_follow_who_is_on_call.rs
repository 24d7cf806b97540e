//! Telephones whose calls go to whoever is on call: told once at each change, never late, never in the wrong order.

use std::time::Duration;

use balefire_channels::error::ErrorKind;
use balefire_store::NotificationState::{Cancelled, DeadLettered, Delivered, Superseded};

use super::world::{Answer, BEGIN, Node, Provider, World};

/// Li is on call from the 20th at 09:00, half an hour before the world begins a day later; then Chen, then Li.
/// Gaps are told by themselves, so here they are not: what is told is told of the telephone.
const DOCUMENT: &str = "
people:
  chen: {name: Chen, phone: \"+8613800138000\"}
  li: {name: Li, phone: \"139 0013 9000\"}
  wang: {name: Wang}
accounts:
  s: {kind: vonage_sms, api_key: k, api_secret: s, from: Balefire}
  m: {kind: webhook, url: http://127.0.0.1:1/}
schedules:
  ops:
    timezone: UTC
    gap_notice: 0s
    layers: [{rotation: daily, starts: 2026-11-01T09:00, people: [chen, li]}]
    forward: [{account: s, agent: \"+8618700000000\"}]
receivers: [{name: meta, webhook_configs: [{account: m}]}]
meta: {receiver: meta}
route: {receiver: meta}
";
const CHEN: &str = "*7213800138000";
const LI: &str = "*7213900139000";
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// What the telephone was told, in order.
fn told(sms: &Provider) -> Vec<String> {
    let taken = sms.taken().into_iter();
    taken.map(|call| call.targets.join(" ")).collect()
}

/// Lets time pass, a second at a time, until there are so many.
fn until_told(node: &Node<'_>, sms: &Provider, count: usize) -> u64 {
    node.pass_until(120, || sms.taken().len() >= count)
}

/// With this in place of the layers' people.
fn covered(by: &str) -> String {
    let cover = format!(
        "    overrides: [{{from: 2026-11-20T00:00, to: 2026-12-20T00:00, people: {by}}}]\n"
    );
    DOCUMENT.replace("    forward:", &format!("{cover}    forward:"))
}

#[test]
fn each_handover_is_told_once_and_in_time_across_restarts() {
    let mut world = World::new(DOCUMENT);
    let sms = world.provider("s");
    let node = world.start();
    until_told(&node, &sms, 1);
    node.leap(Duration::from_mins(29));
    assert_eq!(told(&sms), [LI]);
    node.crash();
    let node = world.start();
    until_told(&node, &sms, 2);
    assert_eq!(told(&sms), [LI, CHEN]);
    let call = sms.taken()[1].clone();
    assert_eq!(call.message.title, "ops: Chen");
    let late = call.at.since(BEGIN.after(Duration::from_mins(30)));
    assert!(late <= Duration::from_secs(1), "{late:?}");
    for _ in 0..20 {
        node.leap(HOUR);
    }
    node.stop(Duration::from_secs(8));
    let node = world.start();
    for _ in 0..8 {
        node.leap(HOUR);
    }
    until_told(&node, &sms, 3);
    assert_eq!(told(&sms), [LI, CHEN, LI]);
}

#[test]
fn after_a_standstill_only_the_newest_is_told() {
    let mut world = World::new(DOCUMENT);
    let sms = world.provider("s");
    let node = world.start();
    until_told(&node, &sms, 1);
    node.leap(5 * DAY);
    until_told(&node, &sms, 2);
    node.leap(2 * DAY);
    node.pass(60);
    assert_eq!(told(&sms), [LI, CHEN], "the same person again is no news");
    node.crash();
    // It was away for days.
    world.skip(3 * DAY);
    let node = world.start();
    until_told(&node, &sms, 3);
    node.pass(60);
    assert_eq!(told(&sms), [LI, CHEN, LI]);
}

#[test]
fn an_override_and_another_number_are_told_as_a_handover_is() {
    let mut world = World::new(DOCUMENT);
    let sms = world.provider("s");
    let node = world.start();
    until_told(&node, &sms, 1);
    node.reload(&covered("chen"));
    until_told(&node, &sms, 2);
    node.reload(&covered("[wang, chen]"));
    node.pass(60);
    assert_eq!(told(&sms), [LI, CHEN], "the first who has a number");
    let moved = covered("chen").replace("+8613800138000", "+442079460958");
    node.reload(&moved);
    until_told(&node, &sms, 3);
    assert_eq!(told(&sms)[2], "*72+442079460958");
    let called = DOCUMENT.replace("forward: [{", "forward: [{code: \"\", ");
    node.reload(&called);
    until_told(&node, &sms, 4);
    assert_eq!(
        told(&sms)[3],
        "13900139000",
        "without a code they are called"
    );
}

#[test]
fn what_was_not_delivered_before_the_next_handover_never_is() {
    let mut world = World::new(DOCUMENT);
    let sms = world.provider("s");
    sms.always(Answer::fail(ErrorKind::Transient));
    let node = world.start();
    node.pass_until(60, || !sms.calls().is_empty());
    node.leap(Duration::from_mins(30));
    node.pass_until(120, || {
        sms.calls().iter().any(|call| *call.targets[0] == *CHEN)
    });
    sms.heal();
    node.pass_until(600, || !sms.taken().is_empty());
    node.leap(HOUR);
    assert_eq!(told(&sms), [CHEN]);
    let states = node.states("s");
    // Taken over where it waited, or found to be old when it was tried.
    let is_gone = matches!(states[..], [Superseded | Cancelled, Delivered]);
    assert!(is_gone, "{states:?}");
}

#[test]
fn a_newer_message_waits_for_the_older_that_is_under_way() {
    let mut world = World::new(DOCUMENT);
    let sms = world.provider("s");
    sms.next(Answer::Hang);
    let node = world.start();
    node.pass_until(60, || !sms.calls().is_empty());
    node.reload(&covered("chen"));
    node.pass(5);
    assert_eq!(sms.calls().len(), 1, "it is held back");
    sms.heal();
    until_told(&node, &sms, 2);
    assert_eq!(told(&sms), [LI, CHEN]);
}

#[test]
fn nobody_to_forward_to_is_an_alarm_once_and_not_silence() {
    let mut world = World::new(DOCUMENT);
    let (sms, meta) = (world.provider("s"), world.provider("m"));
    let node = world.start();
    until_told(&node, &sms, 1);
    node.reload(&covered("[]"));
    node.pass_until(60, || meta.taken().len() == 1);
    node.leap(DAY);
    node.pass(60);
    node.reload(&covered("wang"));
    node.pass_until(60, || meta.taken().len() == 2);
    let alarms: Vec<String> = meta
        .taken()
        .iter()
        .map(|call| format!("{:?}", call.message))
        .collect();
    assert!(alarms[0].contains("nobody is on call in ops"), "{alarms:?}");
    assert!(alarms[0].contains("still go to Li"), "{alarms:?}");
    assert!(
        alarms[1].contains("has a number that can be dialled (wang)"),
        "{alarms:?}"
    );
    node.reload(&covered("li"));
    node.pass(60);
    assert_eq!(told(&sms), [LI], "it was never told anybody else");
    let otherwise = covered("[]").replace("forward: [{", "forward: [{otherwise: \"13700137000\", ");
    node.reload(&otherwise);
    until_told(&node, &sms, 2);
    assert_eq!(told(&sms)[1], "*7213700137000");
    assert_eq!(meta.taken().len(), 2);
}

#[test]
fn what_was_given_up_on_is_told_again_and_never_once_it_is_old() {
    let mut world = World::new(DOCUMENT);
    let (sms, meta) = (world.provider("s"), world.provider("m"));
    sms.always(Answer::fail(ErrorKind::Rejected));
    let node = world.start();
    node.pass_until(60, || meta.taken().len() == 1);
    sms.heal();
    node.leap(Duration::from_mins(10));
    node.pass(20);
    assert_eq!(told(&sms), [""; 0], "not at once");
    node.reload(&covered("li"));
    node.leap(Duration::from_mins(20));
    until_told(&node, &sms, 1);
    assert_eq!(told(&sms), [LI]);
    node.reload(&covered("chen"));
    until_told(&node, &sms, 2);
    let dead = node.notifications()[0].clone();
    assert_eq!(dead.state, DeadLettered);
    assert!(node.run(node.engine().redrive(dead.seq)).expect("redriven"));
    node.pass(60);
    assert_eq!(told(&sms), [LI, CHEN]);
    assert_eq!(node.states("s")[0], Cancelled);
}

#[test]
fn a_clock_that_is_set_back_brings_nothing_old_back() {
    let mut world = World::new(DOCUMENT);
    let sms = world.provider("s");
    let node = world.start();
    until_told(&node, &sms, 1);
    node.leap(Duration::from_mins(30));
    until_told(&node, &sms, 2);
    assert_eq!(told(&sms), [LI, CHEN]);
    node.set_clock(node.now().before(Duration::from_mins(2)));
    node.pass(60);
    assert_eq!(told(&sms), [LI, CHEN]);
    node.leap(Duration::from_mins(3));
    node.pass(20);
    assert_eq!(told(&sms), [LI, CHEN]);
}

#[test]
fn in_shadow_mode_no_telephone_is_told() {
    let mut world = World::new(DOCUMENT);
    world.shadow = true;
    let sms = world.provider("s");
    let node = world.start();
    node.leap(DAY);
    node.pass(60);
    assert_eq!(sms.calls().len(), 0);
}
