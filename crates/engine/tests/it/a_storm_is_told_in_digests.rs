//! Storms: whoever is paged hears once, and then once a minute of all that came together; nothing is forgotten.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use balefire_core::alert::Lifecycle;
use balefire_core::incident::{EntryKind, IncidentState};
use balefire_core::time::Time;
use balefire_engine::calls::Agent;
use balefire_store::Which;

use super::nobody_answers::reached;
use super::world::{Node, World, firing};

/// Ada is mailed of whatever happens, each alert by itself.
const MAILED: &str = "
accounts:
  mail: {kind: smtp, host: 127.0.0.1, port: 1, tls: none_loopback, from: ops@example.com}
people:
  ada: {email: ada@example.com, phone: \"13800138001\"}
legacy: {autocall: {}}
escalations:
  ops: {steps: [{notify: [person: ada], by: [email], wait: 2h}]}
receivers: [{name: ops, escalation: ops}]
route: {receiver: ops, group_by: [n], group_wait: 0s, group_interval: 10s, repeat_interval: 1h}
";

/// Groups of the storm, and how often each alert is reported; a hundredth of R35's, since each is opened on a real disk.
const GROUPS: usize = 600;
const REPORTS: usize = 10;

fn names(second: usize) -> Vec<String> {
    let per_second = GROUPS / 60;
    let numbers = second * per_second..(second + 1) * per_second;
    numbers.map(|number| format!("n{number}")).collect()
}

impl Node<'_> {
    fn fire_all(&self, names: &[String]) {
        for _ in 0..REPORTS {
            let alerts = names.iter().map(|name| firing(name)).collect();
            self.accept(Lifecycle::Explicit, alerts);
        }
        self.settle();
    }

    /// How many incidents have been told to somebody.
    fn told(&self) -> usize {
        let store = self.engine().store();
        let told = |incident: u64| {
            let pages = self.run(store.pages_of(incident)).expect("read");
            !pages.is_empty()
        };
        (1..=GROUPS as u64).filter(|one| told(*one)).count()
    }

    fn texts_of(&self, incident: u64, kind: EntryKind) -> Vec<String> {
        let entries = self.run(self.engine().incident_timeline(incident, 0, 200));
        let entries = entries.expect("read").into_iter();
        let of_kind = entries.filter(|entry| entry.kind == kind);
        of_kind.map(|entry| entry.detail.text).collect()
    }

    fn is(&self, incident: u64, state: IncidentState) -> bool {
        let found = self.run(self.engine().incident(&Which::Id(incident)));
        found
            .expect("read")
            .is_some_and(|incident| incident.state == state)
    }

    fn rings(&self) -> Option<String> {
        self.settle();
        let agent = Agent::of(None, Some("m"), IpAddr::V4(Ipv4Addr::LOCALHOST));
        let serve = self.run(async { self.engine().phone_asks(&agent) })?;
        Some(serve.id.to_string())
    }

    /// The call that a telephone gets; one must wait.
    fn next_call(&self) -> String {
        for _ in 0..50 {
            if let Some(call) = self.rings() {
                return call;
            }
        }
        panic!("no call waits");
    }

    fn answer(&self, call: &str) {
        let agent = Agent::of(None, Some("m"), IpAddr::V4(Ipv4Addr::LOCALHOST));
        self.run(
            self.engine()
                .phone_reports(&agent, call, Some("13800138001")),
        )
        .expect("on disk");
        self.settle();
    }
}

fn within_bound(node: &Node<'_>, messages: usize, first: Time) {
    let minutes = node.now().since(first).as_secs() / 60;
    assert!(
        messages as u64 <= 1 + minutes,
        "{messages} messages after {minutes} minutes"
    );
}

#[test]
fn a_person_gets_one_message_a_minute_and_hears_of_every_incident_across_a_crash() {
    let mut world = World::new(MAILED);
    let mail = world.provider("mail");
    let mut node = world.start();
    let first = node.now();
    node.fire_all(&names(0));
    node.until(|| reached(&mail).len() == 1);
    for second in 1..60 {
        node.leap(Duration::from_secs(1));
        node.fire_all(&names(second));
        within_bound(&node, reached(&mail).len(), first);
        if second == 30 {
            node.crash();
            node = world.start();
            node.settle();
            within_bound(&node, reached(&mail).len(), first);
        }
    }
    let held = node.engine().metrics().storm_pages_held.get();
    assert!(held > 0, "the digest is being gathered");
    let mut seconds = 60;
    while node.told() < GROUPS {
        node.leap(Duration::from_secs(1));
        within_bound(&node, reached(&mail).len(), first);
        seconds += 1;
        assert!(seconds < 240, "{} of {GROUPS} are told", node.told());
    }
    node.leap(Duration::from_secs(1));
    within_bound(&node, reached(&mail).len(), first);
    // What is told in a digest says so, and what was held says until when.
    let paged = node.texts_of(GROUPS as u64, EntryKind::Paged);
    assert!(paged[0].contains("told in a digest with "), "{paged:?}");
    let held = node.texts_of(GROUPS as u64, EntryKind::PageHeld);
    assert!(
        held[0].starts_with("ada: paged very often just now, told in the digest at "),
        "{held:?}"
    );
    let alerts = node.engine().state().alerts().count();
    assert_eq!(alerts, GROUPS, "every alert can be asked for");
    assert_eq!(node.engine().metrics().storm_pages_held.get(), 0);
}

#[test]
fn one_rule_that_fires_for_everything_is_one_message() {
    let document = MAILED.replace("group_by: [n]", "group_by: [alertname]");
    let mut world = World::new(&document);
    let mail = world.provider("mail");
    let node = world.start();
    for batch in 0..60 {
        node.fire_all(&names(batch));
    }
    node.until(|| reached(&mail).len() == 1);
    for _ in 0..12 {
        node.leap(Duration::from_secs(10));
    }
    assert_eq!(reached(&mail).len(), 1);
    assert_eq!(node.engine().state().alerts().count(), GROUPS);
}

#[test]
fn one_call_tells_of_all_and_who_answers_it_has_all() {
    let document = MAILED.replace("by: [email]", "by: [autocall]");
    let mut world = World::new(&document);
    let node = world.start();
    node.fire(&["x"]);
    let call = node.next_call();
    node.answer(&call);
    node.until(|| node.is(1, IncidentState::Acknowledged));
    node.leap(Duration::from_secs(10));
    node.fire(&["y", "z"]);
    node.leap(Duration::from_secs(5));
    assert_eq!(
        node.rings(),
        None,
        "the next call is a minute after the first"
    );
    node.pass_until(60, || node.texts_of(3, EntryKind::Paged).len() == 1);
    let paged = node.texts_of(2, EntryKind::Paged);
    assert_eq!(
        paged,
        ["ada: autocall (ops step 1), told in a digest with 1 other"]
    );
    node.answer(&node.next_call());
    node.until(|| {
        node.is(2, IncidentState::Acknowledged) && node.is(3, IncidentState::Acknowledged)
    });
    node.leap(Duration::from_secs(70));
    assert_eq!(node.rings(), None);
}
