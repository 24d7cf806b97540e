//! Monitors: what is looked at has a reminder of its name, which follows it.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::reminder::{Edit, Handled, Reminder};
use balefire_core::time::Time;
use balefire_engine::monitor::MonitorState;
use balefire_store::ReminderKey;

use super::world::{Node, World};

const HOUR: Duration = Duration::from_hours(1);

/// A date that is known, and a certificate on a port where nobody listens.
const DOCUMENT: &str = "
server: {timezone: Asia/Shanghai}
accounts:
  m: {kind: smtp, host: 127.0.0.1, port: 1, tls: none_loopback, from: ops@example.com}
  d: {kind: webhook, url: http://127.0.0.1:1/}
receivers: [{name: ops, webhook_configs: [{account: d}]}]
route: {receiver: ops}
legacy: {apptools: {mail: m}}
meta: {receiver: ops}
monitors:
  contract: {kind: date, expires: 2026-11-28, email: ops@example.com, description: renew it}
  www: {kind: certificate, host: \"127.0.0.1:1\", receivers: [ops], advance_days: 9}
";

fn reminder(node: &Node<'_>, name: &str) -> Option<Reminder> {
    let key = ReminderKey::Name(name.to_owned());
    node.run(node.engine().store().reminder(&key))
        .expect("read")
}

fn state(node: &Node<'_>, name: &str) -> MonitorState {
    let states = node.run(node.engine().monitor_states()).expect("read");
    let found = states.into_iter().find(|one| &*one.monitor.name == name);
    found.expect("it is there")
}

fn hours(node: &Node<'_>, hours: u32) {
    for _ in 0..hours * 2 {
        node.leap(HOUR / 2);
    }
}

#[test]
fn a_date_has_its_reminder_which_follows_the_document_and_is_told() {
    let mut world = World::new(DOCUMENT);
    let mail = world.provider("m");
    let node = world.start();
    node.until(|| reminder(&node, "contract").is_some());
    let made = reminder(&node, "contract").expect("made");
    // The beginning of that day in Shanghai.
    assert_eq!(made.expires_at, Time::from_secs(1_795_795_200));
    assert_eq!((&*made.content, made.advance_days), ("renew it", 30));
    hours(&node, 24);
    let title = mail.taken()[0].message.title.clone();
    assert!(title.contains("contract"), "{title}");
    let taken = mail.taken().len();
    // Seen to is seen to, whatever is looked at; another date is another thing.
    let edit = Edit {
        handled: Some(Some(Handled {
            at: node.now(),
            by: "li".to_owned(),
        })),
        ..Edit::default()
    };
    let key = ReminderKey::Id(made.id);
    let writer = node.engine().store().writer();
    node.run(writer.edit_reminder(key, edit, node.now()))
        .expect("seen to");
    hours(&node, 30);
    let seen_to = reminder(&node, "contract").expect("there");
    assert!(seen_to.handled.is_some());
    assert_eq!(mail.taken().len(), taken);
    node.reload(
        &DOCUMENT
            .replace("2026-11-28", "2026-12-02")
            .replace("renew it", "again"),
    );
    hours(&node, 2);
    let moved = reminder(&node, "contract").expect("there");
    assert_eq!(
        (moved.id, moved.handled, &*moved.content),
        (made.id, None, "again")
    );
    hours(&node, 24);
    assert!(mail.taken().len() > taken);
    // Taken out of the document it is looked at no more, and its reminder stays.
    let without = DOCUMENT.replace("  contract:", "  other:");
    node.reload(&without);
    hours(&node, 1);
    let rows = node.run(node.engine().store().monitors()).expect("rows");
    assert!(rows.iter().all(|row| &*row.name != "contract"));
    assert!(reminder(&node, "contract").is_some());
}

#[test]
fn what_cannot_be_looked_at_is_complained_of_after_a_while() {
    let mut world = World::new(DOCUMENT);
    let meta = world.provider("d");
    let node = world.start();
    node.until(|| state(&node, "www").sight.looked_at.is_some());
    let first = state(&node, "www");
    assert!(first.sight.error.contains("127.0.0.1:1"), "{first:?}");
    assert!(reminder(&node, "www").is_none());
    hours(&node, 5);
    assert_eq!(meta.taken().len(), 0);
    hours(&node, 3);
    node.until(|| meta.taken().len() == 1);
    let words = format!("{:?}", meta.taken()[0].message);
    assert!(words.contains("could not be looked at"), "{words}");
    let seen: Arc<str> = "www".into();
    assert_eq!(state(&node, "www").monitor.name, seen);
}
