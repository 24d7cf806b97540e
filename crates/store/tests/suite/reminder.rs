//! Reminders and what was told of them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use balefire_core::reminder::{Edit, Handled, Mark, Reminder, Way};
use balefire_core::time::Time;
use balefire_store::{
    ReminderFilter, ReminderKey, ReminderOrder, ReminderPut, Store, StoreError, Told, told,
};

use crate::place::Place;
use crate::sample::{at, decision, notification};

fn reminder(name: &str, expires_at: Time) -> Reminder {
    Reminder {
        id: 0,
        name: name.to_owned(),
        content: "到期后网站打不开\n'; DROP TABLE reminder;--".to_owned(),
        email: "ops@example.com,li@example.com".to_owned(),
        ways: Way::read(r#"[{"account":"ding","options":{"mobiles":["1"]}},{"receiver":"ops"}]"#)
            .expect("ways"),
        owner: Some("chen-min".to_owned()),
        advance_days: 30,
        expires_at,
        handled: None,
        created_at: Time::EPOCH,
        changed_at: Time::EPOCH,
    }
}

fn day(days: i64) -> Time {
    Time::from_secs(days * 86_400)
}

async fn add(store: &Store, new: Reminder) -> Reminder {
    match store.writer().add_reminder(new, at(5)).await {
        Ok(ReminderPut::Stored(made)) => *made,
        other => panic!("{other:?}"),
    }
}

async fn names(store: &Store, filter: ReminderFilter) -> (Vec<String>, u64) {
    let filter = ReminderFilter {
        limit: filter.limit.max(1),
        ..filter
    };
    let (rows, total) = store.reminders(&filter).await.expect("a page");
    (rows.into_iter().map(|row| row.name).collect(), total)
}

pub(crate) async fn a_reminder_reads_back_as_it_was_made_and_changed(place: Arc<Place>) {
    let store = place.open().await;
    let made = add(&store, reminder("' OR 1=1--", day(20_000))).await;
    assert_eq!((made.id, made.created_at), (1, at(5)));
    let key = ReminderKey::Id(made.id);
    assert_eq!(
        store.reminder(&key).await.expect("read"),
        Some(made.clone())
    );
    let edit = Edit {
        name: Some("SSL 证书".to_owned()),
        owner: Some(None),
        handled: Some(Some(Handled {
            at: at(8),
            by: "陈敏".to_owned(),
        })),
        ..Edit::default()
    };
    let changed = store.writer().edit_reminder(key.clone(), edit, at(9)).await;
    let expected = Reminder {
        name: "SSL 证书".to_owned(),
        owner: None,
        handled: Some(Handled {
            at: at(8),
            by: "陈敏".to_owned(),
        }),
        changed_at: at(9),
        ..made
    };
    let stored = ReminderPut::Stored(Box::new(expected.clone()));
    assert_eq!(changed.expect("changed"), stored);
    store.close().await;
    let store = place.open().await;
    let by_name = ReminderKey::Name("SSL 证书".to_owned());
    assert_eq!(
        store.reminder(&by_name).await.expect("read"),
        Some(expected)
    );
    let other = ReminderKey::Name("ssl 证书".to_owned());
    assert_eq!(store.reminder(&other).await.expect("read"), None);
    store.close().await;
}

pub(crate) async fn two_reminders_of_one_name_are_refused_whoever_is_first(place: Arc<Place>) {
    let store = place.open().await;
    let writer = store.writer();
    let tries = (0..8).map(|_| writer.add_reminder(reminder("a", day(20_000)), at(1)));
    let ended = futures_util::future::join_all(tries).await;
    let stored = ended
        .iter()
        .filter(|put| matches!(put, Ok(ReminderPut::Stored(_))));
    assert_eq!(stored.count(), 1);
    let taken = ended
        .iter()
        .filter(|put| matches!(put, Ok(ReminderPut::Taken)));
    assert_eq!(taken.count(), 7);
    let b = add(&store, reminder("b", day(20_000))).await;
    let edit = Edit {
        name: Some("a".to_owned()),
        ..Edit::default()
    };
    let key = ReminderKey::Id(b.id);
    let put = writer.edit_reminder(key.clone(), edit.clone(), at(2)).await;
    assert_eq!(put.expect("asked"), ReminderPut::Taken);
    let none = writer.edit_reminder(ReminderKey::Id(99), edit, at(2)).await;
    assert_eq!(none.expect("asked"), ReminderPut::Missing);
    let wrong = Edit {
        email: Some("nobody".to_owned()),
        ..Edit::default()
    };
    let put = writer.edit_reminder(key.clone(), wrong, at(2)).await;
    assert!(matches!(put, Ok(ReminderPut::Refused(fault)) if fault.field == "email"));
    assert_eq!(store.reminder(&key).await.expect("read"), Some(b.clone()));
    // A name that was removed is free, its number is not.
    assert!(writer.remove_reminder(key.clone()).await.expect("removed"));
    assert!(!writer.remove_reminder(key).await.expect("asked"));
    let again = add(&store, reminder("b", day(20_000))).await;
    assert!(again.id > b.id, "{} after {}", again.id, b.id);
    store.close().await;
}

pub(crate) async fn reminders_are_searched_for_word_by_word_and_paged(place: Arc<Place>) {
    let store = place.open().await;
    for (name, content, expires) in [
        ("SSL 证书", "100% sure", 30),
        ("domain_a", "the 100 things", 10),
        ("domainXa", "\\ back!slash", 20),
    ] {
        let new = Reminder {
            content: content.to_owned(),
            ..reminder(name, day(20_000 + expires))
        };
        add(&store, new).await;
    }
    let all = ReminderFilter {
        limit: 2,
        ..ReminderFilter::default()
    };
    let two = vec!["domain_a".to_owned(), "domainXa".to_owned()];
    assert_eq!(names(&store, all.clone()).await, (two, 3));
    let rest = ReminderFilter { offset: 2, ..all };
    assert_eq!(names(&store, rest).await, (vec!["SSL 证书".to_owned()], 3));
    let last = ReminderFilter {
        order: ReminderOrder::ExpiresLast,
        ..ReminderFilter::default()
    };
    assert_eq!(names(&store, last).await.0, ["SSL 证书"]);
    let found = async |text: &str| {
        let filter = ReminderFilter {
            any: Some(text.to_owned()),
            order: ReminderOrder::Made,
            limit: 9,
            ..ReminderFilter::default()
        };
        names(&store, filter).await.0
    };
    assert_eq!(found("ssl").await, ["SSL 证书"]);
    assert_eq!(found("证").await, ["SSL 证书"]);
    assert_eq!(found("100%").await, ["SSL 证书"]);
    assert_eq!(found("n_A").await, ["domain_a"]);
    assert_eq!(found("\\").await, ["domainXa"]);
    assert_eq!(found("k!s").await, ["domainXa"]);
    assert_eq!(found("li@example").await.len(), 3);
    assert_eq!(found("%").await, ["SSL 证书"]);
    assert!(found("'; DROP TABLE reminder;--").await.is_empty());
    let by_name = ReminderFilter {
        name: Some("DOMAIN".to_owned()),
        content: Some("100".to_owned()),
        limit: 9,
        ..ReminderFilter::default()
    };
    assert_eq!(
        names(&store, by_name).await,
        (vec!["domain_a".to_owned()], 1)
    );
    let handled = ReminderFilter {
        handled: Some(true),
        ..ReminderFilter::default()
    };
    assert_eq!(names(&store, handled).await.1, 0);
    store.close().await;
}

pub(crate) async fn only_what_may_have_to_be_told_is_read(place: Arc<Place>) {
    let store = place.open().await;
    for (name, expires) in [("over", 19_990), ("now", 20_010), ("later", 20_100)] {
        add(&store, reminder(name, day(expires))).await;
    }
    let seen = add(&store, reminder("seen to", day(20_010))).await;
    let edit = Edit {
        handled: Some(Some(Handled {
            at: at(1),
            by: String::new(),
        })),
        ..Edit::default()
    };
    let put = store
        .writer()
        .edit_reminder(ReminderKey::Id(seen.id), edit, at(1))
        .await;
    assert!(matches!(put, Ok(ReminderPut::Stored(_))), "{put:?}");
    let read = async |after, overdue| {
        let page = store
            .reminders_to_tell(after, day(20_000), overdue, 9)
            .await;
        page.expect("a page")
            .into_iter()
            .map(|row| row.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(read(0, false).await, ["now"]);
    assert_eq!(read(0, true).await, ["over", "now"]);
    assert_eq!(read(1, true).await, ["now"]);
    store.close().await;
}

pub(crate) async fn that_a_stage_was_told_is_written_with_the_decision(place: Arc<Place>) {
    let store = place.open().await;
    let one = add(&store, reminder("a", day(20_030))).await;
    let two = add(&store, reminder("b", day(20_030))).await;
    let mark = |stage| Mark { day: 20_030, stage };
    for (stage, way) in [(7, Way::MAIL), (-1, Way::MAIL), (7, "way-1")] {
        let mut told_by = decision(0, Vec::new());
        told_by.facts = vec![told(one.id, mark(stage), way, at(7))];
        store.writer().decide(told_by).await.expect("decided");
    }
    let page = [one.clone(), two];
    let told_of = store.told_of(&page).await.expect("told");
    let of = |way: &str| told_of.get(&(one.id, way.to_owned())).cloned();
    assert_eq!(of(Way::MAIL), Some(BTreeSet::from([mark(-1), mark(7)])));
    assert_eq!(of("way-1"), Some(BTreeSet::from([mark(7)])));
    assert_eq!(told_of.len(), 2);
    let lately = store.told_lately(one.id).await.expect("told");
    assert_eq!(lately.len(), 3);
    let last = Told {
        mark: mark(-1),
        way: Way::MAIL.to_owned(),
        at: at(7),
    };
    assert_eq!(lately[0], last);
    // Another date has none of them.
    let moved = Reminder {
        expires_at: one.expires_at.after(Duration::from_hours(240)),
        ..one.clone()
    };
    assert!(store.told_of(&[moved]).await.expect("told").is_empty());
    let removed = store
        .writer()
        .remove_reminder(ReminderKey::Id(one.id))
        .await;
    assert!(removed.expect("removed"));
    assert!(store.told_lately(one.id).await.expect("told").is_empty());
    store.close().await;
}

pub(crate) async fn of_two_nodes_that_tell_a_stage_one_does(place: Arc<Place>) {
    let one = place.open().await;
    let two = place.beside(&one).await;
    let made = add(&one, reminder("a", day(20_030))).await;
    let tell = async |store: &Store, stage| {
        let mark = Mark { day: 20_030, stage };
        let mut telling = decision(0, vec![notification("mail")]);
        telling.facts = vec![told(made.id, mark, Way::MAIL, at(7))];
        store.writer().decide(telling).await
    };
    let refused = |told: &Result<_, _>| matches!(told, Err(StoreError::Conflict(_)));
    let (first, second) = tokio::join!(tell(&one, 7), tell(&two, 7));
    let both = [&first, &second].map(refused);
    assert!(both[0] != both[1], "{first:?} {second:?}");
    // A neighbour in the same commit comes to no harm.
    let neighbour = decision(0, vec![notification("other")]);
    let (again, beside) = tokio::join!(tell(&two, 7), two.writer().decide(neighbour));
    assert!(refused(&again), "{again:?}");
    beside.expect("the neighbour is decided");
    tell(&one, 3).await.expect("another stage");
    let waiting = one.pending(None, 0, 100).await.expect("pending");
    assert_eq!(waiting.len(), 3, "two stages and the neighbour");
    two.close().await;
    one.close().await;
}
