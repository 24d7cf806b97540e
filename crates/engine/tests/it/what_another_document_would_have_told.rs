//! What if: the last hours gone through again with another document, beside a node that goes on.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::what_if::{Counted, How};
use balefire_engine::what_if::{WhatIf, WhatIfError};
use balefire_store::NotificationState::Delivered;

use super::nobody_answers::{LINE, reached};
use super::world::{Node, World};

const HOUR: Duration = Duration::from_hours(1);

impl Node<'_> {
    fn what_if(&self, document: &str) -> WhatIf {
        let plan = Arc::new(self.plan_of(document));
        self.run(self.engine().what_if(plan, HOUR))
            .expect("an answer")
    }
}

fn count(found: &WhatIf, who: &str) -> (usize, usize) {
    let Counted { before, after } = found.people.get(who).copied().unwrap_or_default();
    (before, after)
}

/// Two incidents: of one Bob is paged, too, since nobody answers; Ada has the other at once.
fn lived(node: &Node<'_>, mail: &super::world::Provider) {
    node.fire(&["x"]);
    node.until(|| reached(mail).len() == 1);
    node.leap(Duration::from_secs(301));
    node.until(|| reached(mail).len() == 2);
    node.acknowledge(1, "bob");
    node.leap(Duration::from_secs(100));
    node.fire(&["y"]);
    node.until(|| {
        reached(mail)
            .iter()
            .filter(|to| *to == "ada@example.com")
            .count()
            >= 2
    });
    node.leap(Duration::from_secs(30));
    node.acknowledge(2, "ada");
    node.leap(Duration::from_secs(400));
    node.resolve(&["x", "y"]);
    node.leap(Duration::from_secs(20));
    // Of both, that they fire and that they are over.
    node.until(|| node.states("hook") == [Delivered; 4]);
    node.settle();
}

#[test]
fn the_same_document_tells_the_same_and_what_it_says_is_what_was_recorded() {
    let mut world = World::new(LINE);
    let mail = world.provider("mail");
    let node = world.start();
    lived(&node, &mail);
    let found = node.what_if(LINE);
    assert_eq!((found.differences.as_slice(), found.count), (&[][..], 0));
    assert!(found.complete && found.all_answers);
    // As many as were written down, whatever tells who has it apart.
    let store = node.engine().store();
    let mut pages = Vec::new();
    for incident in [1, 2] {
        pages.extend(node.run(store.pages_of(incident)).expect("read"));
    }
    for who in ["ada", "bob", "cai"] {
        let recorded = pages.iter().filter(|page| *page.person == *who).count();
        assert_eq!(count(&found, who), (recorded, recorded), "{who}");
    }
    let rows = node.notifications();
    let recorded = rows.iter().filter(|row| *row.account == *"hook").count();
    let ops = found.receivers["ops"];
    assert_eq!((ops.before, ops.after), (recorded, recorded));
}

#[test]
fn a_longer_wait_and_another_person_are_told_as_differences() {
    let mut world = World::new(LINE);
    let mail = world.provider("mail");
    let node = world.start();
    lived(&node, &mail);
    let before = node.notifications().len();
    // The next in line after four minutes, not five: before Bob had it.
    let sooner = LINE.replace(
        "by: [email]}\n    - {notify: [person: bob]",
        "by: [email], wait: 4m}\n    - {notify: [person: bob]",
    );
    let found = node.what_if(&sooner);
    let ways: Vec<(&str, &str, How)> = found
        .differences
        .iter()
        .map(|one| (&*one.who, &*one.way, one.how))
        .collect();
    let minute = How::Earlier(Duration::from_mins(1));
    assert_eq!(ways, [("bob", "email", minute), ("bob", "sms", minute)]);
    let labels = found.labels.values().next().expect("the alert's labels");
    assert_eq!(labels.value("n"), "x");

    let other = LINE.replace("[person: ada]", "[person: cai]");
    let found = node.what_if(&other);
    let mut hows: Vec<(&str, How)> = found
        .differences
        .iter()
        .map(|one| (&*one.who, one.how))
        .collect();
    hows.sort_unstable();
    let (gone, new) = (How::OnlyBefore, How::OnlyAfter);
    assert_eq!(
        hows,
        [("ada", gone), ("ada", gone), ("cai", new), ("cai", new)]
    );
    assert_eq!(
        (count(&found, "ada"), count(&found, "cai")),
        ((2, 0), (0, 2))
    );

    let quiet = LINE.replace(
        "webhook_configs: [{account: hook}], escalation",
        "escalation",
    );
    let found = node.what_if(&quiet);
    let ops = found.receivers.get("ops").copied().unwrap_or_default();
    assert!(ops.before > 0 && ops.after == 0, "{ops:?}");
    assert_eq!(node.notifications().len(), before, "nothing is sent");
}

#[test]
fn there_is_one_at_a_time() {
    let mut world = World::new(LINE);
    let mail = world.provider("mail");
    let node = world.start();
    lived(&node, &mail);
    let plan = Arc::new(node.plan_of(LINE));
    let (first, second) = node.run(async {
        let engine = node.engine();
        tokio::join!(
            engine.what_if(Arc::clone(&plan), HOUR),
            engine.what_if(Arc::clone(&plan), HOUR)
        )
    });
    assert!(first.is_ok());
    assert!(matches!(second, Err(WhatIfError::Busy)));
    assert_eq!(node.engine().what_if_progress().seen(), None);
}
