//! A live message is changed as things stand, and what must ring is posted anew.

use std::time::Duration;

use balefire_channels::error::ErrorKind;
use balefire_core::alert::Lifecycle;
use balefire_core::incident::Change;
use balefire_core::label::Annotations;
use balefire_core::matcher::MatchOp;
use balefire_core::message::{Answered, Block, Occasion};
use balefire_core::silence::{Silence, matcher_set};
use balefire_engine::engine::Deed;
use balefire_engine::link::Subject;
use balefire_sources::parsed::{ParsedAlert, Signal};
use balefire_store::NotificationState::{Delivered, Pending};
use balefire_store::Which;

use super::world::{Node, Provider, World, as_bad};

/// One group of all alerts of the name; a change is looked for within a second or two.
const TOGETHER: &str = "
accounts: {a: {kind: webhook, url: http://127.0.0.1:1/}}
receivers: [{name: ops, webhook_configs: [{account: a}]}]
route: {receiver: ops, group_by: [alertname], group_wait: 0s, group_interval: 10s, repeat_interval: 1h}
";

fn fire(node: &Node<'_>, name: &str, severity: &str) {
    node.accept(Lifecycle::Explicit, vec![as_bad(name, severity)]);
    node.settle();
}

fn end(node: &Node<'_>, name: &str, severity: &str) {
    let alert = ParsedAlert {
        signal: Signal::Resolved,
        ..as_bad(name, severity)
    };
    node.accept(Lifecycle::Explicit, vec![alert]);
    node.settle();
}

fn said(names: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    names
        .iter()
        .map(|(name, word)| ((*name).to_owned(), *word))
        .collect()
}

/// What the message of this id shows last.
fn shows(a: &Provider, id: &str) -> Vec<(String, &'static str)> {
    let changed = a.changed();
    let last = changed.iter().rev().find(|(of, _)| of == id);
    last.expect("a change").1.says()
}

fn deeds(a: &Provider) -> Vec<String> {
    let changed = a.changed();
    let (_, last) = changed.last().expect("a change");
    match last.message.body.first() {
        Some(Block::List(lines)) => lines.clone(),
        _ => Vec::new(),
    }
}

/// The only group.
fn group(node: &Node<'_>) -> u64 {
    node.notifications()[0].group
}

/// Somebody answers for the group, wherever they do it.
fn answers(node: &Node<'_>, deed: Deed, who: &str) {
    let subject = Subject::Group(group(node));
    let answer = node.engine().answer(subject, deed, who);
    node.run(answer).expect("answered");
}

#[test]
fn one_more_that_is_no_worse_changes_the_message_and_a_critical_one_rings() {
    let mut world = World::new(TOGETHER);
    let a = world.live("a");
    let node = world.start();
    fire(&node, "x", "warning");
    fire(&node, "y", "warning");
    node.pass_until(20, || !a.changed().is_empty());
    assert_eq!(a.taken().len(), 1, "nothing rang");
    assert_eq!(shows(&a, "m1"), said(&[("x", "firing"), ("y", "firing")]));
    node.until(|| node.states("a") == [Delivered, Delivered]);
    fire(&node, "z", "critical");
    node.pass_until(20, || a.taken().len() == 2);
    assert_eq!(a.taken()[1].below.as_deref(), Some("m1"));
    node.pass_until(20, || shows(&a, "m1").len() == 3);
    node.pass(30);
    assert_eq!(a.changed().len(), 2, "what it shows is not shown again");
}

#[test]
fn an_end_is_shown_at_once_and_rings_with_its_notice() {
    let mut world = World::new(TOGETHER);
    let a = world.live("a");
    let node = world.start();
    fire(&node, "x", "warning");
    node.pass(1);
    end(&node, "x", "warning");
    node.pass_until(5, || !a.changed().is_empty());
    assert_eq!(shows(&a, "m1"), said(&[("x", "resolved")]));
    node.pass_until(20, || a.taken().len() == 2);
    let last = &a.taken()[1];
    assert_eq!(last.message.occasion, Occasion::Resolved);
    assert_eq!(last.below.as_deref(), Some("m1"));
    node.pass(40);
    fire(&node, "x", "warning");
    node.pass_until(20, || a.taken().len() == 3);
    assert_eq!(a.taken()[2].below, None, "it begins anew");
}

#[test]
fn an_acknowledgement_from_elsewhere_is_shown_with_who_did_it() {
    let mut world = World::new(TOGETHER);
    world.skip(Duration::from_micros(123_457));
    let a = world.live("a");
    let node = world.start();
    fire(&node, "x", "warning");
    answers(&node, Deed::Acknowledge, "chen-min");
    node.pass_until(5, || !a.changed().is_empty());
    let lines = deeds(&a);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("acknowledged by chen-min"), "{lines:?}");
    let held = &a.changed()[0].1.message.answering;
    assert!(held.is_held, "nobody is asked to say so again");
    assert_eq!(held.answered, Some(Answered::Acknowledged));
    assert_eq!(shows(&a, "m1"), said(&[("x", "firing")]));
    assert_eq!(a.taken().len(), 1, "nothing rang");
    let resolve = Change::Resolve {
        ended_at: None,
        text: String::new(),
    };
    let changed = node
        .engine()
        .change_incident(Which::Id(1), vec![resolve], "li-wei");
    node.run(changed).expect("resolved");
    node.pass_until(5, || a.changed().len() == 2);
    assert!(deeds(&a)[1].contains("li-wei"), "{:?}", deeds(&a));
    let over = &a.changed()[1].1.message.answering;
    assert_eq!(over.answered, Some(Answered::Resolved));
}

#[test]
fn each_target_of_an_entry_has_a_message_of_its_own_that_lives() {
    let mut world = World::new(TOGETHER);
    let a = world.live("a");
    a.goes_to(&["here", "there"]);
    let node = world.start();
    fire(&node, "x", "warning");
    let told = a.taken().into_iter().map(|call| call.targets);
    let mut told: Vec<_> = told.collect();
    told.sort_unstable();
    assert_eq!(told, [["here".into()], ["there".into()]]);
    fire(&node, "y", "warning");
    node.pass_until(20, || a.changed().len() == 2);
    for message in ["m1", "m2"] {
        assert_eq!(
            shows(&a, message),
            said(&[("x", "firing"), ("y", "firing")])
        );
    }
    node.pass(30);
    assert_eq!((a.taken().len(), a.changed().len()), (2, 2));
}

#[test]
fn what_is_put_off_is_shown_as_open_again() {
    let mut world = World::new(TOGETHER);
    let a = world.live("a");
    let node = world.start();
    fire(&node, "x", "warning");
    answers(&node, Deed::Acknowledge, "chen-min");
    node.pass_until(5, || a.changed().len() == 1);
    let until = node.engine().now().after(Duration::from_mins(10));
    let snooze = Change::Snooze {
        until,
        text: String::new(),
    };
    let changed = node
        .engine()
        .change_incident(Which::Id(1), vec![snooze], "li-wei");
    node.run(changed).expect("put off");
    node.pass_until(5, || a.changed().len() == 2);
    let open = &a.changed()[1].1.message.answering;
    assert_eq!((open.is_held, open.answered), (false, Some(Answered::Open)));
}

#[test]
fn the_message_is_known_after_a_crash_and_what_happened_meanwhile_is_shown() {
    let mut world = World::new(TOGETHER);
    // Real clocks have microseconds.
    world.skip(Duration::from_micros(123_457));
    let a = world.live("a");
    let node = world.start();
    fire(&node, "x", "warning");
    fire(&node, "y", "warning");
    node.pass_until(20, || a.changed().len() == 1);
    a.refuse_changes(Some(ErrorKind::Transient));
    end(&node, "x", "warning");
    node.pass(3);
    node.crash();
    a.forget_threads();
    a.refuse_changes(None);
    let node = world.start();
    node.pass_until(40, || a.changed().len() >= 2);
    assert_eq!(shows(&a, "m1"), said(&[("y", "firing"), ("x", "resolved")]));
    assert_eq!(a.taken().len(), 1);
    fire(&node, "z", "critical");
    node.pass_until(30, || a.taken().len() == 2);
    assert_eq!(a.taken()[1].below.as_deref(), Some("m1"));
}

#[test]
fn what_was_to_be_shown_in_a_message_that_is_gone_is_posted_anew() {
    let mut world = World::new(TOGETHER);
    let a = world.live("a");
    let node = world.start();
    fire(&node, "x", "warning");
    a.delete_all();
    fire(&node, "y", "warning");
    node.pass_until(20, || a.taken().len() == 2);
    let second = &a.taken()[1];
    assert_eq!(second.says(), said(&[("x", "firing"), ("y", "firing")]));
    assert_eq!(second.below, None);
    node.until(|| node.states("a") == [Delivered, Delivered]);
    // A change without a notice, too.
    a.delete_all();
    answers(&node, Deed::Acknowledge, "chen-min");
    node.pass_until(5, || a.taken().len() == 3);
    fire(&node, "z", "warning");
    node.pass_until(20, || !a.changed().is_empty());
    assert_eq!(a.changed()[0].0, "m3", "the newest lives");
}

#[test]
fn a_change_that_cannot_be_made_yet_is_no_delivery() {
    let mut world = World::new(TOGETHER);
    let a = world.live("a");
    let node = world.start();
    fire(&node, "x", "warning");
    a.refuse_changes(Some(ErrorKind::Transient));
    fire(&node, "y", "warning");
    node.pass(15);
    node.until(|| node.states("a") == [Delivered, Pending]);
    a.refuse_changes(Some(ErrorKind::RateLimited));
    node.pass(60);
    node.until(|| node.states("a") == [Delivered, Pending]);
    a.refuse_changes(None);
    node.pass_until(120, || node.states("a") == [Delivered, Delivered]);
    assert_eq!(a.taken().len(), 1);
}

#[test]
fn a_repetition_rings_since_it_is_to_remind() {
    let mut world = World::new(TOGETHER);
    let a = world.live("a");
    let node = world.start();
    fire(&node, "x", "warning");
    node.leap(Duration::from_secs(3_590));
    node.pass_until(40, || a.taken().len() == 2);
    assert_eq!(a.taken()[1].below.as_deref(), Some("m1"));
    assert!(a.changed().is_empty());
}

#[test]
fn a_silence_is_shown_with_who_made_it_and_until_when_and_so_is_its_end() {
    let mut world = World::new(TOGETHER);
    world.skip(Duration::from_micros(123_457));
    let a = world.live("a");
    let node = world.start();
    fire(&node, "x", "warning");
    answers(&node, Deed::Silence, "chen-min");
    node.pass_until(5, || a.changed().len() == 1);
    let lines = deeds(&a);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("silenced by chen-min until"), "{lines:?}");
    let stands = |number: usize| {
        let answering = a.changed()[number].1.message.answering.clone();
        (answering.is_held, answering.is_quiet, answering.answered)
    };
    assert_eq!(stands(0), (false, true, Some(Answered::Silenced)));
    // Another process knows it, and what is said later counts.
    node.crash();
    a.forget_threads();
    let node = world.start();
    answers(&node, Deed::Acknowledge, "li-wei");
    node.pass_until(40, || a.changed().len() == 2);
    assert_eq!(stands(1), (true, true, Some(Answered::Acknowledged)));
    let lines = deeds(&a);
    assert!(
        lines[0].contains("chen-min") && lines[1].contains("li-wei"),
        "{lines:?}"
    );
    node.leap(Duration::from_secs(3_500));
    node.pass_until(200, || a.changed().len() == 3);
    assert_eq!(stands(2), (true, false, Some(Answered::Acknowledged)));
    assert_eq!(deeds(&a).len(), 1, "{:?}", deeds(&a));
    assert_eq!(a.changed()[2].0, "m1");
}

#[test]
fn a_silence_that_is_taken_back_lets_the_message_ask_again_and_one_of_a_part_is_none() {
    let mut world = World::new(TOGETHER);
    let a = world.live("a");
    let node = world.start();
    fire(&node, "x", "warning");
    fire(&node, "y", "warning");
    node.pass_until(20, || a.changed().len() == 1);
    let now = node.engine().now();
    let silence = |label: &str, value: &str| Silence {
        id: "".into(),
        matcher_sets: vec![matcher_set(0, [(label, MatchOp::Equal, value)]).expect("a set")],
        starts_at: now,
        ends_at: now.after(Duration::from_mins(10)),
        updated_at: now,
        created_by: "amtool".to_owned(),
        comment: "work".to_owned(),
        annotations: Annotations::empty(),
    };
    let put = node.engine().put_silence(silence("n", "x"));
    node.run(put).expect("put");
    node.pass(40);
    assert_eq!(a.changed().len(), 1, "the other one is not quiet");
    let put = node.engine().put_silence(silence("n", "y"));
    node.run(put).expect("put");
    let put = node.engine().put_silence(silence("alertname", "Story"));
    let id = node.run(put).expect("put");
    node.pass_until(40, || a.changed().len() == 2);
    assert!(
        deeds(&a)[0].contains("silenced by amtool"),
        "{:?}",
        deeds(&a)
    );
    node.run(node.engine().expire_silence(&id))
        .expect("expired");
    node.pass_until(40, || a.changed().len() == 3);
    let open = &a.changed()[2].1.message.answering;
    assert_eq!(
        (open.is_quiet, open.answered),
        (false, Some(Answered::Open))
    );
    assert!(open.deeds.is_empty(), "{:?}", open.deeds);
}
