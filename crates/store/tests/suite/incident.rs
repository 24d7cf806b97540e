//! Incidents: opened once, changed with their timeline, found again whatever their texts hold.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::incident::{Change, Draft, EntryKind, Field, Incident, Refused, Role};
use balefire_core::severity::Severity;
use balefire_store::{
    Filed, IncidentFilter, IncidentSort, Opened, SameText, Store, StoreError, Which,
};
use tokio::time::Instant;

use crate::place::{Engine, Place};
use crate::sample::at;

fn draft(key: Option<&str>, title: &str) -> Draft {
    Draft {
        key: key.map(str::to_owned),
        severity: Severity::Error,
        title: title.to_owned(),
        started_at: Some(at(1)),
        fields: Vec::new(),
    }
}

async fn open(store: &Store, draft: Draft) -> Opened {
    let changed = Incident::open(draft, "chen", at(10)).expect("opens");
    store
        .writer()
        .open_incident(changed)
        .await
        .expect("written")
}

async fn change(
    store: &Store,
    id: u64,
    change: Change,
    actor: &'static str,
) -> Option<Result<Incident, Refused>> {
    let decide = move |incident: &Incident| incident.change(&change, actor, at(20));
    let changed = store.writer().change_incident(Which::Id(id), decide);
    changed.await.expect("written")
}

fn acknowledge() -> Change {
    Change::Acknowledge {
        text: String::new(),
    }
}

async fn kinds(store: &Store, id: u64) -> Vec<EntryKind> {
    let timeline = store.incident_timeline(id, 0, 100).await.expect("timeline");
    assert!((1..).zip(&timeline).all(|(n, entry)| entry.number == n));
    timeline.into_iter().map(|entry| entry.kind).collect()
}

async fn titles(store: &Store, filter: &IncidentFilter) -> Vec<String> {
    let page = store.incidents(filter).await.expect("a page");
    let total = store.count_incidents(filter).await.expect("a number");
    assert!(total >= page.len() as u64);
    page.into_iter().map(|i| i.title).collect()
}

pub(crate) async fn an_incident_and_its_timeline_are_read_back_after_a_reopen(place: Arc<Place>) {
    let store = place.open().await;
    let mut words = draft(Some("fault/数据库 🔥"), "数据库 🔥 is down");
    words.fields = vec![
        Field::Responsible(Some("陈敏".to_owned())),
        Field::Cause(Some(String::new())),
        Field::Report(Some("r".repeat(100_000))),
        Field::EndedAt(Some(at(90))),
    ];
    let opened = open(&store, words).await;
    assert!(opened.is_new);
    let id = opened.incident.id;
    let taken = change(&store, id, acknowledge(), "li").await;
    let taken = taken.expect("there").expect("taken");
    let note = Change::Note {
        text: "换了磁盘 😀".to_owned(),
    };
    let noted = change(&store, id, note, "chen").await;
    assert_eq!(noted, Some(Ok(taken.clone())));
    store.close().await;

    let store = place.open().await;
    let by_key = Which::Key("fault/数据库 🔥".into());
    let found = store.incident(&by_key).await.expect("read").expect("there");
    assert_eq!(found, taken);
    assert_eq!(found.cause.as_deref(), Some(""), "empty is not unknown");
    assert_eq!(found.summary, None);
    let timeline = store.incident_timeline(id, 1, 100).await.expect("timeline");
    assert_eq!(timeline.len(), 2);
    assert_eq!(timeline[0].kind, EntryKind::Acknowledged);
    assert_eq!((timeline[0].actor.as_str(), timeline[0].at), ("li", at(20)));
    assert_eq!(timeline[1].detail.text, "换了磁盘 😀");
    store.close().await;
}

pub(crate) async fn roles_are_read_back_by_number_key_and_list(place: Arc<Place>) {
    let store = place.open().await;
    let id = open(&store, draft(Some("group/db"), "db"))
        .await
        .incident
        .id;
    open(&store, draft(None, "nobody plays a part here")).await;
    let give = |role: &str, to: Option<&str>| Change::Role {
        role: Role::of(role).expect("a role"),
        to: to.map(str::to_owned),
        text: String::new(),
    };
    change(&store, id, give("commander", Some("陈敏 🔥")), "li").await;
    let given = change(&store, id, give("dba", Some("li")), "li").await;
    let given = given.expect("there").expect("given");
    assert_eq!(given.roles.len(), 2);
    store.close().await;

    let store = place.open().await;
    for which in [Which::Id(id), Which::Key("group/db".into())] {
        let found = store.incident(&which).await.expect("read");
        assert_eq!(found, Some(given.clone()));
    }
    let listed = store.incidents(&IncidentFilter::default()).await;
    let roles: Vec<usize> = listed
        .expect("a page")
        .iter()
        .map(|one| one.roles.len())
        .collect();
    assert_eq!(roles, [0, 2]);
    let back = change(&store, id, give("commander", None), "li").await;
    change(&store, id, give("dba", None), "li").await;
    assert!(back.expect("there").is_ok());
    let bare = store.incident(&Which::Id(id)).await.expect("read");
    assert_eq!(bare.expect("there").roles, []);
    let kinds = kinds(&store, id).await;
    let expected = [
        EntryKind::Opened,
        EntryKind::RoleGiven,
        EntryKind::RoleGiven,
    ];
    assert_eq!(kinds[..3], expected);
    assert_eq!(kinds[3..], [EntryKind::RoleReturned; 2]);
    store.close().await;
}

pub(crate) async fn a_key_is_opened_once_however_many_ask(place: Arc<Place>) {
    let store = place.open().await;
    let opening = (0..20).map(|i| {
        let store = store.clone();
        tokio::spawn(
            async move { open(&store, draft(Some("group/db"), &format!("number {i}"))).await },
        )
    });
    let mut new = 0;
    let mut ids = Vec::new();
    for task in opening.collect::<Vec<_>>() {
        let opened = task.await.expect("no panic");
        new += usize::from(opened.is_new);
        ids.push(opened.incident.id);
    }
    assert_eq!(new, 1);
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(kinds(&store, ids[0]).await, [EntryKind::Opened]);
    // Another case, another blank, another key. Without one, there may be many.
    for key in ["group/DB", "group/db "] {
        assert!(open(&store, draft(Some(key), "x")).await.is_new, "{key}");
    }
    for _ in 0..2 {
        assert!(open(&store, draft(None, "x")).await.is_new);
    }
    // What another program wrote is refused by the database itself.
    place
        .meddle("UPDATE incident SET incident_key = 'group/taken' WHERE id = 2")
        .await;
    let known = open(&store, draft(Some("group/taken"), "x")).await;
    assert_eq!((known.incident.id, known.is_new), (2, false));
    store.close().await;
}

pub(crate) async fn what_is_refused_changes_nothing(place: Arc<Place>) {
    let store = place.open().await;
    let id = open(&store, draft(None, "x")).await.incident.id;
    let early = Change::Resolve {
        ended_at: Some(at(0)),
        text: String::new(),
    };
    let refused = change(&store, id, early, "chen").await;
    assert_eq!(refused, Some(Err(Refused::EndsBeforeStart)));
    let same = Change::Edit(vec![Field::Title("x".to_owned())]);
    assert!(matches!(
        change(&store, id, same, "chen").await,
        Some(Ok(_))
    ));
    assert_eq!(kinds(&store, id).await, [EntryKind::Opened]);
    assert_eq!(change(&store, id + 1, acknowledge(), "chen").await, None);
    store.close().await;
}

pub(crate) async fn one_of_many_who_acknowledge_at_once_has_it(place: Arc<Place>) {
    let store = place.open().await;
    let id = open(&store, draft(None, "x")).await.incident.id;
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let tasks = names.map(|name| {
        let store = store.clone();
        tokio::spawn(async move { change(&store, id, acknowledge(), name).await })
    });
    for task in tasks {
        task.await.expect("no panic").expect("there").expect("fine");
    }
    let incident = store.incident(&Which::Id(id)).await.expect("read");
    let held = incident.expect("there").acknowledged.expect("held").by;
    let timeline = store.incident_timeline(id, 0, 100).await.expect("timeline");
    assert_eq!(timeline.len(), 1 + names.len());
    assert_eq!(timeline[1].kind, EntryKind::Acknowledged);
    assert_eq!(timeline[1].actor, held);
    let also = |entry: &&balefire_core::incident::Entry| entry.kind == EntryKind::AlsoAcknowledged;
    assert_eq!(timeline.iter().filter(also).count(), names.len() - 1);
    store.close().await;
}

pub(crate) async fn what_two_nodes_write_at_once_is_all_there(place: Arc<Place>) {
    let first = place.open().await;
    // A data folder belongs to one process; there both are the same.
    let second = match place.engine {
        Engine::Sqlite => first.clone(),
        _ => place.try_open(2).await.expect("a second node"),
    };
    let id = open(&first, draft(Some("group/db"), "x")).await.incident.id;
    let both = [(&first, "one"), (&second, "two")].map(|(store, actor)| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut written = 0;
            for i in 0..10 {
                let text = i.to_string();
                let note = Change::Note { text };
                let decide = move |incident: &Incident| incident.change(&note, actor, at(20));
                let changed = store.writer().change_incident(Which::Id(id), decide);
                match changed.await {
                    Ok(done) => {
                        done.expect("there").expect("fine");
                        written += 1;
                    }
                    // Overtaken twice in a row: nothing was written, and that is said.
                    Err(StoreError::Conflict(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            written
        })
    });
    let [one, two] = both;
    let written = one.await.expect("no panic") + two.await.expect("no panic");
    assert_eq!(kinds(&first, id).await.len(), 1 + written);
    let known = open(&second, draft(Some("group/db"), "y")).await;
    assert_eq!((known.is_new, known.incident.title.as_str()), (false, "x"));
    first.close().await;
    second.close().await;
}

pub(crate) async fn a_removed_incident_leaves_nothing_and_its_number_is_not_given_again(
    place: Arc<Place>,
) {
    let store = place.open().await;
    for i in 1..=3 {
        let key = format!("fault/{i}");
        assert_eq!(open(&store, draft(Some(&key), "x")).await.incident.id, i);
    }
    let writer = store.writer();
    let filed = writer.attach_file(3, "f1", "chen", at(20)).await;
    assert_eq!(filed.expect("written"), Filed::Done(true));
    let gone = writer.delete_incident(Which::Key("fault/3".into())).await;
    assert_eq!(gone.expect("written").map(|i| i.id), Some(3));
    let again = writer.delete_incident(Which::Key("fault/3".into())).await;
    assert_eq!(again.expect("written"), None);
    assert!(kinds(&store, 3).await.is_empty());
    assert!(store.incident_files(3).await.expect("files").is_empty());
    assert_eq!(change(&store, 3, acknowledge(), "chen").await, None);
    writer.delete_incident(Which::Id(1)).await.expect("written");
    store.close().await;
    let store = place.open().await;
    let next = open(&store, draft(Some("fault/3"), "x")).await;
    assert_eq!((next.incident.id, next.is_new), (4, true));
    store.close().await;
}

pub(crate) async fn files_are_put_on_an_incidents_list_and_taken_off(place: Arc<Place>) {
    let store = place.open().await;
    let id = open(&store, draft(None, "x")).await.incident.id;
    let writer = store.writer();
    for (file, fresh) in [("b", true), ("a", true), ("b", false)] {
        let filed = writer.attach_file(id, file, "chen", at(20)).await;
        assert_eq!(filed.expect("written"), Filed::Done(fresh), "{file}");
    }
    assert_eq!(store.incident_files(id).await.expect("files"), ["a", "b"]);
    for fresh in [true, false] {
        let filed = writer.detach_file(id, "b", "li", at(30)).await;
        assert_eq!(filed.expect("written"), Filed::Done(fresh));
    }
    assert_eq!(store.incident_files(id).await.expect("files"), ["a"]);
    assert_eq!(
        kinds(&store, id).await,
        [
            EntryKind::Opened,
            EntryKind::Attached,
            EntryKind::Attached,
            EntryKind::Detached
        ]
    );
    let nowhere = writer.attach_file(9, "a", "chen", at(20)).await;
    assert_eq!(nowhere.expect("written"), Filed::NoIncident);
    for i in 0..99 {
        let file = format!("more-{i}");
        let filed = writer.attach_file(id, &file, "chen", at(20)).await;
        assert_eq!(filed.expect("written"), Filed::Done(true));
    }
    let over = writer.attach_file(id, "over", "chen", at(20)).await;
    assert_eq!(over.expect("written"), Filed::TooMany(100));
    store.close().await;
}

const DISK: &str = "Disk full";
const NET: &str = "net 50% down";
const SLOW: &str = "disk_1 slow";

/// Three incidents: the first resolved, the second acknowledged, the third open.
async fn three_incidents(store: &Store) {
    for (key, title, severity, starts, worker) in [
        ("fault/a", DISK, Severity::Info, 30, Some("li")),
        ("fault/b", NET, Severity::Critical, 10, Some("li wei")),
        ("group/c/1", SLOW, Severity::Error, 20, None),
    ] {
        let mut words = draft(Some(key), title);
        words.severity = severity;
        words.started_at = Some(at(starts));
        words.fields = vec![Field::Worker(worker.map(str::to_owned))];
        open(store, words).await;
    }
    change(store, 2, acknowledge(), "chen").await;
    let done = Change::Resolve {
        ended_at: Some(at(40)),
        text: String::new(),
    };
    change(store, 1, done, "chen").await;
}

pub(crate) async fn a_list_of_incidents_has_an_order_and_pages(place: Arc<Place>) {
    let store = place.open().await;
    three_incidents(&store).await;
    let all = IncidentFilter::default();
    for (sort, titles_in_order) in [
        (IncidentSort::Newest, [SLOW, NET, DISK]),
        (IncidentSort::Oldest, [DISK, NET, SLOW]),
        (IncidentSort::StartedLast, [DISK, SLOW, NET]),
        (IncidentSort::StartedFirst, [NET, SLOW, DISK]),
        (IncidentSort::ChangedLast, [NET, DISK, SLOW]),
        (IncidentSort::ChangedFirst, [SLOW, NET, DISK]),
        (IncidentSort::Worst, [NET, SLOW, DISK]),
        (IncidentSort::Mildest, [DISK, SLOW, NET]),
    ] {
        let sorted = IncidentFilter {
            sort,
            ..all.clone()
        };
        assert_eq!(titles(&store, &sorted).await, titles_in_order, "{sort:?}");
    }
    let second = IncidentFilter {
        offset: 1,
        limit: 1,
        ..all
    };
    let total = store.count_incidents(&second).await.expect("a number");
    assert_eq!(
        (titles(&store, &second).await, total),
        (vec![NET.to_owned()], 3)
    );
    store.close().await;
}

pub(crate) async fn a_list_of_incidents_is_narrowed_by_each_filter(place: Arc<Place>) {
    let store = place.open().await;
    three_incidents(&store).await;
    let all = IncidentFilter::default();
    let text = |text: &str| IncidentFilter {
        text: Some(text.into()),
        ..all.clone()
    };
    for (searched, found) in [
        ("disk", vec![SLOW, DISK]),
        ("50%", vec![NET]),
        ("k_1", vec![SLOW]),
        ("k_f", vec![]),
        ("LI WEI", vec![NET]),
        ("%", vec![NET]),
        ("!", vec![]),
        ("\\", vec![]),
    ] {
        assert_eq!(titles(&store, &text(searched)).await, found, "{searched}");
    }
    let same = IncidentFilter {
        same: Some((SameText::Worker, "li".into())),
        ..all.clone()
    };
    assert_eq!(titles(&store, &same).await, [DISK]);
    for (namespace, found) in [
        ("fault", vec![NET, DISK]),
        ("group", vec![SLOW]),
        ("group/c", vec![SLOW]),
        ("group/c/1", vec![]),
        ("grou", vec![]),
    ] {
        let filter = IncidentFilter {
            namespace: Some(namespace.into()),
            ..all.clone()
        };
        assert_eq!(titles(&store, &filter).await, found, "{namespace}");
    }
    for (key, found) in [
        ("fault/b", vec![NET]),
        ("fault/B", vec![]),
        ("fault/%", vec![]),
    ] {
        let filter = IncidentFilter {
            key: Some(key.into()),
            ..all.clone()
        };
        assert_eq!(titles(&store, &filter).await, found, "{key}");
    }
    let unresolved = IncidentFilter {
        unresolved: true,
        ..all.clone()
    };
    assert_eq!(titles(&store, &unresolved).await, [SLOW, NET]);
    store.close().await;
}

/// Texts that would do harm where they are not kept apart from the statement.
const HOSTILE: [&str; 12] = [
    "' OR 1=1--",
    "\"; DROP TABLE fault;--",
    "'; DROP TABLE incident;--",
    "%",
    "_",
    "\\'",
    "1;SELECT pg_sleep(5)",
    "' UNION SELECT NULL--",
    "${7*7}{{7*7}}$1",
    "a!b%c_d\\e",
    "😀🔥 \u{202e}",
    "x' AND SLEEP(5) AND 'a'='a",
];

pub(crate) async fn texts_that_look_like_statements_are_texts(place: Arc<Place>) {
    let store = place.open().await;
    for text in HOSTILE {
        let mut words = draft(Some(&format!("fault/{text}")), text);
        words.fields = vec![
            Field::Responsible(Some(text.to_owned())),
            Field::Worker(Some(text.to_owned())),
            Field::Cause(Some(text.to_owned())),
            Field::Summary(Some(text.to_owned())),
            Field::Report(Some(text.to_owned())),
        ];
        let id = open(&store, words).await.incident.id;
        let note = Change::Note {
            text: text.to_owned(),
        };
        change(&store, id, note, "' OR 1=1--").await;
        let filed = store.writer().attach_file(id, text, text, at(20)).await;
        assert_eq!(filed.expect("written"), Filed::Done(true));
        assert_eq!(store.incident_files(id).await.expect("files"), [text]);
    }
    for text in HOSTILE {
        let started = Instant::now();
        let key = Which::Key(format!("fault/{text}").into());
        let found = store.incident(&key).await.expect("read").expect("there");
        assert_eq!(
            (found.title.as_str(), found.report.as_deref()),
            (text, Some(text))
        );
        let timeline = store.incident_timeline(found.id, 0, 9).await;
        assert_eq!(timeline.expect("timeline")[1].detail.text, text);
        let same = IncidentFilter {
            same: Some((SameText::Cause, text.into())),
            ..IncidentFilter::default()
        };
        assert_eq!(titles(&store, &same).await, [text]);
        let searched = IncidentFilter {
            text: Some(text.into()),
            limit: 1000,
            ..IncidentFilter::default()
        };
        let with = HOSTILE.iter().rev().filter(|other| other.contains(text));
        assert_eq!(
            titles(&store, &searched).await,
            with.copied().collect::<Vec<_>>()
        );
        assert!(started.elapsed() < Duration::from_secs(5), "{text} slept");
    }
    let gone = store
        .writer()
        .delete_incident(Which::Key("fault/' OR 1=1--".into()));
    assert!(gone.await.expect("written").is_some());
    let all = IncidentFilter::default();
    let left = store.count_incidents(&all).await.expect("a number");
    assert_eq!(left, HOSTILE.len() as u64 - 1);
    for (with_report, report) in [(false, None), (true, Some(HOSTILE[11]))] {
        let filter = IncidentFilter {
            with_report,
            ..IncidentFilter::default()
        };
        let page = store.incidents(&filter).await.expect("a page");
        assert_eq!(page[0].report.as_deref(), report);
    }
    store.close().await;
}

pub(crate) async fn damage_in_a_row_is_named(place: Arc<Place>) {
    let store = place.open().await;
    let id = open(&store, draft(None, "x")).await.incident.id;
    for damage in [
        "UPDATE incident SET severity = 9",
        "UPDATE incident SET severity = 1, state = 7",
    ] {
        place.meddle(damage).await;
        let found = store.incident(&Which::Id(id)).await;
        assert!(matches!(found, Err(StoreError::Corrupt(_))), "{damage}");
    }
    place.meddle("UPDATE incident_event SET kind = 'odd'").await;
    let found = store.incident_timeline(id, 0, 9).await;
    assert!(matches!(found, Err(StoreError::Corrupt(_))));
    store.close().await;
}
