//! From a sender's report to the alert it means.

use balefire_core::alert::Lifecycle;
use balefire_core::label::Labels;
use balefire_core::time::Time;
use balefire_sources::parsed::{Identity, ParsedAlert, Signal};

use super::world::{EACH, Node, World, firing, resolved};

/// A report under the sender's own key, with the labels beside its name that the sender chose to send.
fn keyed(report: ParsedAlert, more: &[(&str, &str)]) -> ParsedAlert {
    let mut labels: Vec<(&str, &str)> = vec![("alertname", "Story"), ("n", "x")];
    labels.extend(more);
    ParsedAlert {
        identity: Identity::Key("problem-17".to_owned()),
        labels: Labels::from_pairs(labels).expect("labels"),
        ..report
    }
}

/// The alerts that fire, by their labels.
fn fires(node: &Node<'_>) -> Vec<String> {
    let now = node.now();
    let state = node.engine().state();
    let alerts = state.alerts().filter(|alert| !alert.resolved_at(now));
    let mut labels: Vec<String> = alerts.map(|alert| alert.labels.to_string()).collect();
    labels.sort();
    labels
}

#[test]
fn a_resolve_with_fewer_labels_closes_the_right_alert_even_at_once() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    let node = world.start();
    let host = [("host", "db1")];
    node.accept(Lifecycle::Explicit, vec![keyed(firing("x"), &host)]);
    node.accept(Lifecycle::Explicit, vec![keyed(resolved("x"), &[])]);
    node.settle();
    assert_eq!(fires(&node), Vec::<String>::new());
    node.pass(12);
    let last = a.calls().pop().expect("told");
    let group = last.message.group.as_ref().expect("a group");
    assert_eq!(group.alerts[0].labels.value("host"), "db1");
}

#[test]
fn the_key_is_known_after_a_crash_too() {
    let mut world = World::new(EACH);
    let node = world.start();
    let host = [("host", "db1")];
    node.accept(Lifecycle::Explicit, vec![keyed(firing("x"), &host)]);
    node.settle();
    node.crash();
    let node = world.start();
    node.run(node.engine().checkpoint());
    node.crash();
    let node = world.start();
    assert_eq!(fires(&node).len(), 1);
    node.accept(Lifecycle::Explicit, vec![keyed(resolved("x"), &[])]);
    node.settle();
    assert_eq!(fires(&node), Vec::<String>::new());
}

#[test]
fn one_request_may_begin_an_alert_and_end_it_by_its_key() {
    let mut world = World::new(EACH);
    let node = world.start();
    let host = [("host", "db1")];
    let both = vec![keyed(firing("x"), &host), keyed(resolved("x"), &[])];
    node.accept(Lifecycle::Explicit, both);
    node.settle();
    assert_eq!(fires(&node), Vec::<String>::new());
}

#[test]
fn labels_that_changed_under_a_key_close_the_alert_it_stood_for() {
    let mut world = World::new(EACH);
    let node = world.start();
    for host in ["db1", "db2", "db2"] {
        node.accept(
            Lifecycle::Explicit,
            vec![keyed(firing("x"), &[("host", host)])],
        );
        node.settle();
    }
    assert_eq!(
        fires(&node),
        ["{alertname=\"Story\", host=\"db2\", n=\"x\"}"]
    );
}

#[test]
fn an_event_that_happens_twice_is_told_twice() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    let node = world.start();
    let event = ParsedAlert {
        signal: Signal::Event,
        ..firing("x")
    };
    node.accept(Lifecycle::Event, vec![event.clone()]);
    node.pass(15);
    node.accept(Lifecycle::Event, vec![event.clone()]);
    node.pass(15);
    assert_eq!(a.taken().len(), 2);
    let sent = ParsedAlert {
        starts_at: Some(node.now()),
        ..event
    };
    node.accept(Lifecycle::Event, vec![sent.clone()]);
    node.pass(15);
    node.accept(Lifecycle::Event, vec![sent]);
    node.pass(15);
    assert_eq!(a.taken().len(), 3, "the same one sent twice happened once");
}

#[test]
fn a_clock_a_day_ahead_is_taken_and_flagged() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    let node = world.start();
    let tomorrow = Time::from_secs(node.now().secs() + 86_400);
    let report = ParsedAlert {
        starts_at: Some(tomorrow),
        ..firing("x")
    };
    let accepted = node.accept(Lifecycle::Explicit, vec![report]);
    assert_eq!((accepted.alerts, accepted.clock_off), (1, 1));
    node.settle();
    assert_eq!(a.taken().len(), 1);
}

/// A report under the sender's deduplication key.
fn dedup(report: ParsedAlert, summary: &str, severity: &str) -> ParsedAlert {
    let labels = [("alertname", summary), ("severity", severity)];
    ParsedAlert {
        identity: Identity::Dedup("disk/db-01".to_owned()),
        labels: Labels::from_pairs(labels).expect("labels"),
        ..report
    }
}

#[test]
fn further_reports_under_a_deduplication_key_are_about_its_open_alert() {
    let mut world = World::new(EACH);
    let node = world.start();
    for words in ["97 % full", "98 % full"] {
        node.accept(
            Lifecycle::Explicit,
            vec![dedup(firing("x"), words, "warning")],
        );
        node.settle();
    }
    let open = r#"{alertname="97 % full", severity="warning"}"#;
    assert_eq!(fires(&node), [open]);
    node.accept(
        Lifecycle::Explicit,
        vec![dedup(firing("x"), "99 % full", "critical")],
    );
    node.settle();
    let worse = r#"{alertname="97 % full", severity="critical"}"#;
    assert_eq!(fires(&node), [worse], "worse is another alert");
    node.accept(
        Lifecycle::Explicit,
        vec![dedup(resolved("x"), "gone", "info")],
    );
    node.settle();
    assert_eq!(fires(&node), Vec::<String>::new());
    node.accept(
        Lifecycle::Explicit,
        vec![dedup(firing("x"), "again", "info")],
    );
    node.settle();
    let again = r#"{alertname="again", severity="info"}"#;
    assert_eq!(fires(&node), [again], "after the end the key opens anew");
}
