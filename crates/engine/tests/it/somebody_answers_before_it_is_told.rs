//! What people do about an alert between its arrival and the first word of its group goes to the incident of the group.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::alert::Alert;
use balefire_core::escalation::Notify;
use balefire_core::incident::{Change, Incident, IncidentState};
use balefire_store::{IncidentFilter, NotificationState::Delivered, Which};

use super::nobody_answers::{LINE, reached};
use super::world::{Node, World};

/// The same, where groups wait for half a minute.
fn slow() -> String {
    LINE.replace("group_wait: 0s", "group_wait: 30s")
}

impl Node<'_> {
    /// The alert of a name, as a sender finds it.
    fn alert_of(&self, name: &str) -> Arc<Alert> {
        let state = self.engine().state();
        let mut alerts = state.alerts();
        let found = alerts.find(|alert| alert.labels.value("n") == name);
        Arc::clone(found.expect("the alert is in memory"))
    }

    fn does(&self, name: &str, change: &Change) {
        let alert = self.alert_of(name);
        let done = self
            .engine()
            .change_incidents_of(&alert, change, "ada", true);
        self.run(done).expect("done");
        self.settle();
    }

    fn all_incidents(&self) -> Vec<Incident> {
        let filter = IncidentFilter {
            limit: 10,
            ..IncidentFilter::default()
        };
        self.run(self.engine().incidents(&filter)).expect("read")
    }
}

#[test]
fn an_acknowledgement_before_the_first_word_holds_for_the_group() {
    let mut world = World::new(&slow());
    let (mail, hook) = (world.provider("mail"), world.provider("hook"));
    let node = world.start();
    node.fire(&["x"]);
    let text = "seen on the screen".to_owned();
    node.does("x", &Change::Acknowledge { text });
    node.leap(Duration::from_secs(31));
    node.until(|| node.states("hook") == [Delivered]);
    node.crash();
    let node = world.start();
    node.pass(20);
    node.leap(Duration::from_hours(1));
    let all = node.all_incidents();
    assert_eq!(all.len(), 1, "{all:?}");
    let holder = all[0].acknowledged.as_ref().map(|held| &*held.by);
    assert_eq!(holder, Some("ada"));
    assert_eq!(&*node.escalation(all[0].id).policy, "ops");
    assert_eq!(reached(&mail), Vec::<String>::new(), "nobody is paged");
    node.resolve(&["x"]);
    node.leap(Duration::from_secs(11));
    node.until(|| node.all_incidents()[0].state == IncidentState::Resolved);
    assert!(
        hook.taken().len() >= 2,
        "that it fires, and that it is over"
    );
}

#[test]
fn what_is_over_before_the_first_word_leaves_no_incident_open() {
    let mut world = World::new(&slow());
    let mail = world.provider("mail");
    let node = world.start();
    node.fire(&["x"]);
    let text = "mine".to_owned();
    node.does("x", &Change::Acknowledge { text });
    node.resolve(&["x"]);
    node.leap(Duration::from_secs(31));
    node.until(|| node.all_incidents()[0].state == IncidentState::Resolved);
    assert_eq!(reached(&mail), Vec::<String>::new());
}

#[test]
fn a_note_before_the_first_word_calls_nobody_sooner() {
    let mut world = World::new(&slow());
    let mail = world.provider("mail");
    let node = world.start();
    node.fire(&["x"]);
    let text = "the disk was due anyway".to_owned();
    node.does("x", &Change::Note { text });
    node.pass(20);
    assert_eq!(reached(&mail), Vec::<String>::new());
    node.pass_until(20, || !reached(&mail).is_empty());
    assert_eq!(reached(&mail), ["ada@example.com"]);
    assert_eq!(node.all_incidents().len(), 1);
}

#[test]
fn who_is_asked_for_before_the_first_word_is_paged_at_once() {
    let mut world = World::new(&slow());
    let mail = world.provider("mail");
    let node = world.start();
    node.fire(&["x"]);
    let to = vec![Notify::Person("cai".into())];
    let text = "it is the printer".to_owned();
    node.does("x", &Change::Reassign { to, text });
    node.until(|| !reached(&mail).is_empty());
    assert_eq!(reached(&mail), ["cai@example.com"]);
    let (id, text) = (node.all_incidents()[0].id, String::new());
    let taken = node
        .engine()
        .acknowledge_incident(Which::Id(id), "cai", text);
    node.run(taken).expect("taken");
    node.leap(Duration::from_mins(10));
    node.settle();
    assert_eq!(node.all_incidents().len(), 1);
    assert_eq!(reached(&mail), ["cai@example.com"], "nobody else");
}
