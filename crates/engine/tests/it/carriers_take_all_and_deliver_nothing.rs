//! Carriers that take every message and never deliver one: the next step fires for each incident all the same, and the one
//! after it, whatever receipts say or do not say.

use std::time::Duration;

use balefire_channels::callback::Said;
use balefire_channels::channel::Fate;
use balefire_core::incident::EntryKind;
use balefire_store::Which;

use super::nobody_answers::{LINE, reached};
use super::world::{Node, World};

/// Incidents of one story.
const INCIDENTS: u64 = 100;

/// Without the bound of storms, so that every page goes out when its step is taken.
fn document() -> String {
    format!("storm: {{at_once: 0}}\n{LINE}")
}

/// What a provider says when it is asked.
fn fate(said: Said) -> Fate {
    Fate {
        said,
        detail: format!("{said:?}"),
        is_last: true,
    }
}

/// How many incidents somebody was paged about; a page may be about several.
fn paged(node: &Node<'_>, person: &str) -> u64 {
    let is_about = |incident: &u64| {
        let pages = node.engine().store().pages_of(*incident);
        let pages = node.run(pages).expect("pages");
        pages.iter().any(|page| *page.person == *person)
    };
    (1..=INCIDENTS).filter(is_about).count() as u64
}

/// Fires all, and lets the waits of the first two steps pass.
fn nobody_answers(node: &Node<'_>) {
    let names: Vec<String> = (0..INCIDENTS).map(|n| format!("x{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    node.fire(&names);
    node.until(|| paged(node, "ada") == INCIDENTS);
    node.leap(Duration::from_secs(290));
    assert_eq!(paged(node, "bob"), 0);
    node.leap(Duration::from_secs(11));
    node.until(|| paged(node, "bob") == INCIDENTS);
    assert_eq!(paged(node, "cai"), 0);
    node.leap(Duration::from_secs(301));
    node.until(|| paged(node, "cai") == INCIDENTS);
}

#[test]
fn the_next_step_fires_for_every_incident_without_a_receipt() {
    let mut world = World::new(&document());
    let (mail, text) = (world.provider("mail"), world.provider("text"));
    let node = world.start();
    nobody_answers(&node);
    let to: Vec<String> = [reached(&mail), reached(&text)].concat();
    for whom in ["ada@example.com", "bob@example.com", "13800138002"] {
        assert!(to.contains(&whom.to_owned()), "{whom}: {to:?}");
    }
}

#[test]
fn a_receipt_that_says_delivered_is_no_answer_of_a_person() {
    let mut world = World::new(&document());
    let (mail, text) = (world.provider("mail"), world.provider("text"));
    let delivered = || fate(Said::Delivered);
    mail.answers_questions([
        ("ada@example.com", delivered()),
        ("bob@example.com", delivered()),
    ]);
    text.answers_questions([("13800138002", delivered())]);
    let node = world.start();
    nobody_answers(&node);
}

#[test]
fn a_page_that_is_reported_as_not_delivered_brings_the_next_in_line_forward() {
    let mut world = World::new(&document());
    let (mail, text) = (world.provider("mail"), world.provider("text"));
    mail.answers_questions([("ada@example.com", fate(Said::Failed))]);
    let node = world.start();
    node.fire(&["x"]);
    node.until(|| reached(&mail) == ["ada@example.com"]);
    assert_eq!(reached(&text), Vec::<String>::new());
    node.pass_until(60, || reached(&text) == ["13800138002"]);
    assert!(node.kinds(1).contains(&EntryKind::PageFailed));
}

#[test]
fn a_key_that_is_pressed_in_a_page_takes_all_that_it_was_about() {
    let mut world = World::new(&document());
    let (mail, text) = (world.provider("mail"), world.provider("text"));
    text.answers_questions([("13800138002", fate(Said::Pressed('1')))]);
    let node = world.start();
    node.fire(&["x", "y"]);
    node.until(|| paged(&node, "ada") == 2);
    node.leap(Duration::from_secs(301));
    node.until(|| paged(&node, "bob") == 2);
    node.pass_until(60, || {
        let held = |id| node.run(node.engine().incident(&Which::Id(id)));
        [1, 2].into_iter().all(|id| {
            let incident = held(id).expect("read").expect("there");
            incident.acknowledged.is_some_and(|held| held.by == "bob")
        })
    });
    node.leap(Duration::from_mins(10));
    assert_eq!(paged(&node, "cai"), 0, "nobody else is paged");
    assert!(reached(&mail).len() >= 2);
}
