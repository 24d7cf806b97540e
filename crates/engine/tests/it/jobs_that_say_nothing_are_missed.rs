//! Heartbeats: who is silent too long is told of once, who is back is told of, and what we could not hear is held
//! against nobody.

use std::sync::Arc;
use std::time::Duration;

use balefire_config::heartbeat::Heartbeat;
use balefire_core::heartbeat::{Signal, Status, Wanted};
use balefire_engine::engine::HeartbeatFailure;
use balefire_engine::heartbeats::{Heard, HeartbeatState};

use super::world::{Node, Provider, World};

const HOUR: Duration = Duration::from_hours(1);

/// One heartbeat that is due every 20 s and has a grace of 10 s; `n` is what stories tell alerts apart by.
const DOCUMENT: &str = "
accounts: {a: {kind: webhook, url: http://127.0.0.1:1/}}
receivers: [{name: ops, webhook_configs: [{account: a}]}]
route: {receiver: ops, group_by: [heartbeat], group_wait: 0s, group_interval: 1s, repeat_interval: 1w}
heartbeats:
  backup: {token: 0123456789abcdef, period: 20s, grace: 10s, labels: {n: backup}}
";

fn heartbeat(node: &Node<'_>) -> Arc<Heartbeat> {
    let plan = node.engine().plan();
    Arc::clone(plan.heartbeats.get("backup").expect("it is there"))
}

fn hear(node: &Node<'_>, signal: Signal) {
    let heard = Heard {
        signal,
        run: None,
        sender: "192.0.2.1".into(),
        body: "done".into(),
    };
    let heartbeat = heartbeat(node);
    node.run(node.engine().hear(&heartbeat, heard))
        .expect("on disk");
    node.settle();
}

fn state(node: &Node<'_>) -> HeartbeatState {
    node.run(async { node.engine().heartbeat_state(&heartbeat(node)) })
}

fn status(node: &Node<'_>) -> Status {
    state(node).standing.status
}

/// All that was said of alerts, in order.
fn said(provider: &Provider) -> Vec<&'static str> {
    let calls = provider.taken().into_iter();
    calls
        .flat_map(|call| call.says())
        .map(|(_, word)| word)
        .collect()
}

#[test]
fn who_is_silent_is_told_of_once_across_a_crash_and_so_is_who_is_back() {
    let mut world = World::new(DOCUMENT);
    let hook = world.provider("a");
    let node = world.start();
    assert_eq!(status(&node), Status::New);
    node.pass(40);
    hear(&node, Signal::Success);
    node.pass(15);
    hear(&node, Signal::Success);
    node.pass(19);
    assert_eq!(status(&node), Status::Up);
    node.pass(2);
    assert_eq!((status(&node), said(&hook)), (Status::Late, vec![]));
    let waited = node.pass_until(20, || !said(&hook).is_empty());
    assert!((8..=11).contains(&waited), "{waited}");
    assert_eq!((status(&node), said(&hook)), (Status::Down, vec!["firing"]));
    let call = hook.taken().remove(0);
    let words = format!("{:?}", call.message.body);
    assert!(words.contains("backup was not heard of in time"), "{words}");
    node.crash();

    let node = world.start();
    node.pass(5);
    assert_eq!(status(&node), Status::Down);
    hear(&node, Signal::Success);
    node.pass_until(20, || said(&hook).len() == 2);
    assert_eq!(said(&hook), ["firing", "resolved"]);
    assert_eq!(status(&node), Status::Up);
    node.crash();
    let node = world.start();
    node.pass(10);
    assert_eq!(said(&hook).len(), 2);
    assert_eq!(state(&node).beat.pings, 3);
    assert_eq!(
        (&*state(&node).body, &*state(&node).sender),
        ("done", "192.0.2.1")
    );
}

#[test]
fn what_could_not_be_heard_is_held_against_nobody() {
    let mut world = World::new(DOCUMENT);
    let hook = world.provider("a");
    for _ in 0..2 {
        let node = world.start();
        hear(&node, Signal::Success);
        node.crash();
        world.later(HOUR);
    }
    let node = world.start();
    node.pass(18);
    hear(&node, Signal::Success);
    // The process sleeps for an hour, then the clock is put ahead a day, then back two.
    node.leap(HOUR);
    node.pass(15);
    hear(&node, Signal::Success);
    node.set_clock(node.now().after(24 * HOUR));
    node.pass(15);
    hear(&node, Signal::Success);
    node.set_clock(node.now().before(48 * HOUR));
    node.pass(15);
    assert_eq!(said(&hook), Vec::<&str>::new());
    // Nothing of it hides that it is silent from now on.
    node.pass_until(30, || !said(&hook).is_empty());
    assert_eq!(said(&hook), ["firing"]);
}

#[test]
fn a_job_that_fails_or_does_not_end_is_told_of_at_once_or_after_its_grace() {
    let mut world = World::new(DOCUMENT);
    let hook = world.provider("a");
    let node = world.start();
    hear(&node, Signal::Success);
    hear(&node, Signal::Fail(Some(3)));
    node.until(|| said(&hook).len() == 1);
    let words = format!("{:?}", hook.taken()[0].message.body);
    assert!(words.contains("failed with exit code 3"), "{words}");
    hear(&node, Signal::Start);
    node.pass(3);
    assert_eq!(status(&node), Status::Down);
    hear(&node, Signal::Success);
    node.pass_until(10, || said(&hook).len() == 2);
    assert_eq!(state(&node).beat.took, Some(Duration::from_secs(3)));
    hear(&node, Signal::Start);
    let waited = node.pass_until(20, || said(&hook).len() == 3);
    assert!((9..=13).contains(&waited), "{waited}");
    assert_eq!(said(&hook), ["firing", "resolved", "firing"]);
}

#[test]
fn what_is_paused_taken_out_or_named_otherwise_leaves_no_alert_behind() {
    let mut world = World::new(DOCUMENT);
    let hook = world.provider("a");
    let node = world.start();
    hear(&node, Signal::Fail(None));
    node.until(|| said(&hook).len() == 1);
    node.run(node.engine().pause_heartbeat(&heartbeat(&node)))
        .expect("on disk");
    node.pass_until(10, || said(&hook).len() == 2);
    hear(&node, Signal::Fail(None));
    node.pass(60);
    assert_eq!((status(&node), said(&hook).len()), (Status::Paused, 2));
    node.run(node.engine().resume_heartbeat(&heartbeat(&node)))
        .expect("on disk");
    assert_eq!(status(&node), Status::New);
    hear(&node, Signal::Fail(None));
    node.pass_until(10, || said(&hook).len() == 3);
    // Another label is another alert.
    node.reload(&DOCUMENT.replace("n: backup", "n: backup, team: db"));
    node.pass_until(10, || said(&hook).len() == 5);
    assert_eq!(said(&hook)[3..], ["resolved", "firing"]);
    node.reload(&DOCUMENT.replace("  backup:", "  other:"));
    node.pass_until(10, || said(&hook).len() == 6);
    assert_eq!(said(&hook)[5..], ["resolved"]);
    let rows = node.run(node.engine().store().heartbeats()).expect("rows");
    assert_eq!(rows, [], "it is forgotten");
}

#[test]
fn another_pace_is_counted_from_when_it_is_in_force() {
    let slow = DOCUMENT.replace("period: 20s", "cron: \"0 2 * * *\"");
    let mut world = World::new(&slow);
    let hook = world.provider("a");
    let node = world.start();
    hear(&node, Signal::Success);
    node.pass(60);
    node.reload(DOCUMENT);
    // It is noticed within a second.
    node.pass(22);
    assert_eq!((status(&node), said(&hook).len()), (Status::Late, 0));
    node.pass_until(15, || said(&hook).len() == 1);
}

#[test]
fn what_people_make_is_missed_and_told_like_the_documents_and_survives_a_crash() {
    let mut world = World::new(DOCUMENT);
    let hook = world.provider("a");
    let node = world.start();
    let wanted = Wanted {
        name: "sync".to_owned(),
        period: Some("20s".to_owned()),
        grace: Some("10s".to_owned()),
        labels: [("n".to_owned(), "sync".to_owned())].into(),
        ..Wanted::default()
    };
    let made = node.run(node.engine().make_heartbeat(wanted.clone(), "chen"));
    let (state, token) = made.expect("made");
    assert_eq!(state.standing.status, Status::New);
    let again = node.run(node.engine().make_heartbeat(wanted.clone(), "li"));
    assert!(
        matches!(again, Err(HeartbeatFailure::Taken(_))),
        "{again:?}"
    );
    let of_document = Wanted {
        name: "backup".to_owned(),
        ..wanted
    };
    let refused = node.run(node.engine().make_heartbeat(of_document, "li"));
    assert!(
        matches!(refused, Err(HeartbeatFailure::OfDocument(_))),
        "{refused:?}"
    );
    let signal = |node: &Node<'_>| {
        let found = node.run(node.engine().heartbeat_of_token(token.reveal()));
        let heard = Heard {
            signal: Signal::Success,
            run: None,
            sender: "192.0.2.1".into(),
            body: "".into(),
        };
        let heartbeat = found.expect("its token is known");
        node.run(node.engine().hear(&heartbeat, heard))
            .expect("on disk");
        node.settle();
    };
    signal(&node);
    node.crash();
    let node = world.start();
    signal(&node);
    let passed = node.pass_until(60, || !said(&hook).is_empty());
    assert!((28..=32).contains(&passed), "{passed}");
    let edit = |wanted: &mut Wanted| wanted.grace = Some("1h".to_owned());
    let edited = node.run(node.engine().edit_heartbeat("sync", edit, "li"));
    let made = edited.expect("changed").made.expect("who made it");
    assert_eq!((&*made.by, &*made.changed_by), ("chen", "li"));
    node.run(node.engine().remove_heartbeat("sync"))
        .expect("gone");
    node.pass_until(10, || said(&hook).len() == 2);
    assert_eq!(said(&hook), ["firing", "resolved"]);
    let rows = node.run(node.engine().store().heartbeats()).expect("rows");
    assert_eq!(rows, [], "what was heard is forgotten");
    assert!(
        node.run(node.engine().heartbeat_of_token(token.reveal()))
            .is_none()
    );
}
