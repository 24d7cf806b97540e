//! Calendars at addresses: what happens when nothing answers there. That one is fetched is a story of the binary's.

use std::time::Duration;

use balefire_core::schedule::{CalendarCopy, calendar_essence};
use balefire_core::time::Time;
use balefire_engine::calendar::CalendarState;
use balefire_store::CalendarSettled;

use super::world::{BEGIN, Node, World};

/// Nobody listens on that port.
const DOCUMENT: &str = "
accounts:
  hook: {kind: webhook, url: http://127.0.0.1:1/}
people: {ada: {email: ada@example.com}, bob: {email: bob@example.com}}
schedules:
  duty:
    timezone: UTC
    layers: [{name: outlook, events: {url: http://127.0.0.1:1/secret1/oncall.ics, stale_after: 1d}}]
receivers: [{name: ops, webhook_configs: [{account: hook}]}]
route: {receiver: ops}
meta: {receiver: ops}
";
const HOUR: Duration = Duration::from_hours(1);

fn state(node: &Node<'_>) -> CalendarState {
    let states = node.run(node.engine().calendar_states(Some("duty")));
    let mut states = states.expect("read");
    assert_eq!(states.len(), 1);
    states.remove(0)
}

/// Who is on call.
fn there(node: &Node<'_>, at: Time) -> String {
    let there = node.engine().roster().on_call("duty", at).expect("it is");
    there.people.join(" ")
}

fn always(who: &str) -> String {
    calendar_essence(&format!(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20200101T000000Z\nDURATION:P1D\nRRULE:FREQ=DAILY\nSUMMARY:{who}\nEND:VEVENT\nEND:VCALENDAR"
    ))
    .expect("a calendar")
}

/// As if a node had fetched it now.
fn fetched(node: &Node<'_>, who: &str) {
    let (store, now) = (node.engine().store(), node.now());
    let mut row = node.run(store.calendar_rows()).expect("read").remove(0);
    let claimed = node.run(store.writer().claim_calendar(&row, now));
    assert!(claimed.expect("claimed"));
    row.fetching.tried_at = Some(now);
    row.fetching.fetched(now);
    let settled = CalendarSettled {
        row,
        copy: Some(CalendarCopy {
            text: always(who),
            since: now,
            past: vec![],
        }),
        instead_of: None,
        revision: format!("{who} {now}"),
    };
    let settled = node.run(store.writer().settle_calendar(settled));
    assert!(settled.expect("settled"));
}

#[test]
fn a_calendar_that_was_never_fetched_is_told_and_its_layer_is_off() {
    let mut world = World::new(DOCUMENT);
    let hook = world.provider("hook");
    let node = world.start();
    node.until(|| state(&node).fetching.failing_since.is_some());
    let found = state(&node);
    assert_eq!(found.read, None);
    assert!(found.fetching.error.contains("cannot connect"), "{found:?}");
    assert!(!format!("{found:?}").contains("secret1"), "{found:?}");
    assert_eq!(there(&node, node.now()), "");
    node.pass_until(60, || !hook.taken().is_empty());
    let told = format!("{:?}", hook.taken());
    assert!(told.contains("layer 1 (outlook) is off"), "{told}");
    assert!(!told.contains("secret1"), "{told}");
    // It is tried again by itself, sooner than a good one.
    let tried = found.fetching.tried_at.expect("tried");
    assert_eq!(found.next_try, tried.after(Duration::from_mins(5)));
    node.pass(310);
    node.until(|| state(&node).fetching.tried_at > Some(tried));
    assert_eq!(state(&node).fetching.failing_since, Some(tried));
}

#[test]
fn the_last_good_copy_counts_for_long_through_a_restart_and_is_told_when_it_is_stale() {
    let mut world = World::new(DOCUMENT);
    let hook = world.provider("hook");
    let node = world.start();
    node.until(|| state(&node).fetching.failing_since.is_some());
    fetched(&node, "ada");
    node.pass(6);
    let since = node.now();
    assert_eq!(
        there(&node, since),
        "ada",
        "what a node has fetched counts at all of them"
    );
    assert_eq!(there(&node, BEGIN.before(HOUR)), "", "and not before");
    hook.heal();
    let before = hook.taken().len();
    for _ in 0..23 {
        node.leap(HOUR);
    }
    node.until(|| state(&node).fetching.failing_since.is_some());
    assert!(!state(&node).is_stale);
    assert_eq!(hook.taken().len(), before, "a day is not over");
    node.leap(HOUR);
    node.leap(HOUR);
    node.until(|| hook.taken().len() > before);
    assert!(state(&node).is_stale);
    let told = format!("{:?}", hook.taken().last());
    assert!(told.contains("may be out of date"), "{told}");
    assert_eq!(there(&node, node.now()), "ada", "it stays in force");
    node.crash();

    let node = world.start();
    assert_eq!(
        there(&node, node.now()),
        "ada",
        "and is there at once after a restart"
    );
    // Another address of the same layer: until something is fetched there, the copy of the old one counts.
    node.reload(&DOCUMENT.replace("secret1", "secret2"));
    assert_eq!(there(&node, node.now()), "ada");
    node.reload(&DOCUMENT.replace("outlook", "another"));
    assert_eq!(
        there(&node, node.now()),
        "ada",
        "an address is known by itself, too"
    );
    node.reload(
        &DOCUMENT
            .replace("secret1", "secret2")
            .replace("outlook", "another"),
    );
    assert_eq!(there(&node, node.now()), "", "that is another calendar");
}
