//! Alarms of `/alarm_v2`, their groups, and the chat groups that were made for them.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::secret::Secret;
use balefire_store::{
    Alarm, AlarmDepartmentRow, AlarmFilter, AlarmGroupRow, AlarmWay, ChatGroup, ChatGroupClaim,
    CutOff, DepartmentPut, Fact, NewAlarm, NotificationState, Retention, Settlement, Store,
};

use crate::place::{Engine, Place};
use crate::sample::{at, decision, delivered, failed, notification};

fn alarm(owner: &str, env: &str, secs: i64) -> NewAlarm {
    NewAlarm {
        at: at(secs),
        env: env.into(),
        owner: owner.into(),
        level: "03".into(),
        dep: "du-op".into(),
        fields: r#"{"alert_host":"it's \"db\"; DROP TABLE alarm;--"}"#.into(),
        webhook: None,
        once_since: None,
    }
}

async fn put(store: &Store, alarm: NewAlarm) -> Option<u64> {
    store.writer().alarm(alarm).await.expect("store")
}

async fn list(store: &Store, filter: AlarmFilter) -> Vec<Alarm> {
    let limit = if filter.limit == 0 { 100 } else { filter.limit };
    let filter = AlarmFilter { limit, ..filter };
    store.alarms(&filter).await.expect("list")
}

fn numbers(alarms: &[Alarm]) -> Vec<u64> {
    alarms.iter().map(|alarm| alarm.seq).collect()
}

pub(crate) async fn alarms_are_listed_by_each_filter_whatever_stands_in_them(place: Arc<Place>) {
    let store = place.open().await;
    let hostile = [
        "' OR 1=1--",
        "\"; DROP TABLE alarm;--",
        "%",
        "\\'",
        "1;SELECT pg_sleep(5)",
        "陈敏 ",
    ];
    for (n, owner) in (0..).zip(hostile) {
        let env = if n % 2 == 0 { "prod" } else { "dev" };
        assert_eq!(put(&store, alarm(owner, env, n)).await, Some(n as u64 + 1));
    }
    let answered = store.writer().alarm_answered(2, 1010).await;
    answered.expect("note");
    let all = list(&store, AlarmFilter::default()).await;
    assert_eq!(numbers(&all), [6, 5, 4, 3, 2, 1]);
    for (found, owner) in all.iter().rev().zip(hostile) {
        assert_eq!(&*found.owner, owner);
        assert_eq!(found.fields, alarm("", "", 0).fields);
        let one = AlarmFilter {
            owner: Some(owner.into()),
            ..AlarmFilter::default()
        };
        assert_eq!(numbers(&list(&store, one).await), [found.seq], "{owner}");
    }
    let by = |change: fn(&mut AlarmFilter)| {
        let mut filter = AlarmFilter::default();
        change(&mut filter);
        list(&store, filter)
    };
    let found = by(|filter| filter.env = Some("dev".into())).await;
    assert_eq!(numbers(&found), [6, 4, 2]);
    let found = by(|filter| filter.owner = Some("陈敏".into())).await;
    assert!(found.is_empty(), "a blank at the end counts");
    let found = by(|filter| filter.level = Some("3".into())).await;
    assert!(found.is_empty(), "as it was sent");
    let found = by(|filter| filter.dep = Some("du-op".into())).await;
    assert_eq!(found.len(), 6);
    let found = by(|filter| filter.code = Some(1010)).await;
    assert_eq!(numbers(&found), [2]);
    assert_eq!(found[0].code, Some(1010));
    let found = by(|filter| (filter.since, filter.until) = (Some(at(2)), Some(at(4)))).await;
    assert_eq!(numbers(&found), [4, 3]);
    let found = by(|filter| (filter.before_seq, filter.limit) = (Some(5), 2)).await;
    assert_eq!(numbers(&found), [4, 3]);
    store.close().await;
}

pub(crate) async fn an_alarm_has_its_notifications_with_the_decision_that_makes_them(
    place: Arc<Place>,
) {
    let store = place.open().await;
    for n in 0..2 {
        put(&store, alarm("a", "prod", n)).await;
    }
    let told = |seq, way, count| {
        let mut made = decision(1, vec![notification("a"); count]);
        made.facts = vec![Fact::alarm_told(seq, way)];
        store.writer().decide(made)
    };
    // Both may be in one commit: each has its own numbers.
    let (first, second) = tokio::join!(told(1, AlarmWay::WeCom, 2), told(2, AlarmWay::DingTalk, 3));
    let [first, second] = [first, second].map(|made| made.expect("decide").notifications);
    let found = list(&store, AlarmFilter::default()).await;
    let none = Vec::new();
    let (first, second) = (first.collect::<Vec<_>>(), second.collect::<Vec<_>>());
    assert_eq!(
        found[1].notifications,
        [none.clone(), first.clone(), none.clone()]
    );
    assert_eq!(found[0].notifications, [second.clone(), none.clone(), none]);

    let settlements = vec![
        delivered(first[0]),
        failed(first[1], 1, at(9)),
        Settlement::state(second[0], NotificationState::DeadLettered, 1),
    ];
    store.writer().settle(settlements).await.expect("settle");
    let asked = [first[0], first[1], second[0], second[1], 99];
    let states = store.states(&asked).await.expect("states");
    let of = |seq| states.iter().find(|(known, _)| *known == seq);
    let of = asked.map(|seq| of(seq).map(|(_, state)| *state));
    assert_eq!(
        of,
        [
            Some(NotificationState::Delivered),
            Some(NotificationState::Pending),
            Some(NotificationState::DeadLettered),
            Some(NotificationState::Pending),
            None
        ]
    );
    store.close().await;
}

pub(crate) async fn a_signed_id_is_stored_once(place: Arc<Place>) {
    let store = place.open().await;
    let with = |id: &str| NewAlarm {
        webhook: Some(id.into()),
        ..alarm("a", "prod", 1)
    };
    assert_eq!(put(&store, with("x")).await, Some(1));
    assert_eq!(put(&store, with("x")).await, None);
    assert_eq!(put(&store, with("X")).await, Some(2), "letters count");
    // A folder is one node's.
    if place.engine != Engine::Sqlite {
        let other = place.try_open(2).await.expect("another node");
        assert_eq!(put(&other, with("x")).await, None);
        other.close().await;
    }
    store.close().await;
}

pub(crate) async fn a_mark_counts_for_as_long_as_its_window(place: Arc<Place>) {
    let store = place.open().await;
    let came = |secs, window: i64| NewAlarm {
        webhook: Some("md5 x".into()),
        once_since: Some(at(secs - window)),
        ..alarm("a", "prod", secs)
    };
    assert_eq!(put(&store, came(100, 60)).await, Some(1));
    assert_eq!(put(&store, came(160, 60)).await, None, "within it");
    assert_eq!(put(&store, came(90, 60)).await, None, "a clock set back");
    assert_eq!(put(&store, came(161, 60)).await, Some(2), "after it");
    assert_eq!(
        put(&store, came(170, 60)).await,
        None,
        "the window begins anew"
    );
    assert_eq!(put(&store, came(170, 5)).await, Some(3), "a shorter one");
    let all = list(&store, AlarmFilter::default()).await;
    assert_eq!(numbers(&all), [3, 2, 1], "all of them are kept");
    store.close().await;
}

pub(crate) async fn departments_set_by_api_keep_the_secrets_that_are_not_named(place: Arc<Place>) {
    let store = place.open().await;
    let row = |dep: &str, salt: Option<&str>, body: &str| AlarmDepartmentRow {
        dep: dep.into(),
        salt: salt.map(Secret::new),
        signing_secret: Some(Secret::new("盐'; DROP TABLE alarm_department;--")),
        body: body.into(),
        changed_at: at(1),
    };
    let set = async |row, kept| {
        let put = store.writer().set_alarm_department(row, kept).await;
        put.expect("set")
    };
    let anew = [false, false];
    assert_eq!(set(row("DU-x", None, "{}"), anew).await, DepartmentPut::New);
    let first = set(row("du-x", Some("one"), "{}"), anew).await;
    assert_eq!(first, DepartmentPut::New, "letters count");
    let changed = set(row("du-x", None, "{\"a\":1}"), [true, false]).await;
    assert_eq!(changed, DepartmentPut::Changed);
    let found = store
        .alarm_department("du-x")
        .await
        .expect("read")
        .expect("there");
    assert_eq!(found.salt, Some(Secret::new("one")));
    assert_eq!(&*found.body, "{\"a\":1}");
    assert!(!format!("{found:?}").contains("one"), "{found:?}");
    set(row("du-x", None, "{}"), anew).await;
    let found = store
        .alarm_department("du-x")
        .await
        .expect("read")
        .expect("there");
    assert_eq!(found.salt, None);
    assert_eq!(found.signing_secret, row("", None, "").signing_secret);
    let all = store.alarm_departments().await.expect("all");
    assert_eq!(all.len(), 2);
    let drop = async |dep| {
        store
            .writer()
            .drop_alarm_department(dep)
            .await
            .expect("drop")
    };
    assert!(drop("du-x").await);
    assert!(!drop("du-x").await);
    assert!(
        store
            .alarm_department("du-x")
            .await
            .expect("read")
            .is_none()
    );
    store.close().await;
}

pub(crate) async fn old_alarms_go_and_the_newest_stays(place: Arc<Place>) {
    let store = place.open().await;
    for n in 0..10 {
        put(&store, alarm("a", "prod", n * 60)).await;
    }
    let hour = Retention {
        age: Duration::from_hours(1),
        bytes: None,
    };
    let pruned = store.prune(hour, at(3_600 + 5 * 60)).await.expect("prune");
    assert_eq!(pruned.alarms, 5);
    let pruned = store.prune(hour, at(1_000_000)).await.expect("prune");
    assert_eq!(pruned.alarms, 4);
    let left = list(&store, AlarmFilter::default()).await;
    assert_eq!(numbers(&left), [10]);
    assert_eq!(put(&store, alarm("a", "prod", 0)).await, Some(11));
    store.close().await;
}

pub(crate) async fn groups_set_by_api_are_kept_by_owner_and_level(place: Arc<Place>) {
    let store = place.open().await;
    let group = |owner: &str, level, body: &str| AlarmGroupRow {
        owner: owner.into(),
        level,
        body: body.into(),
        changed_at: at(1),
    };
    let set = |group| store.writer().set_alarm_group(group);
    assert_eq!(set(group("it's", 3, "{}")).await.expect("set"), Some(true));
    let again = group("it's", 3, r#"{"title":"x"}"#);
    assert_eq!(set(again.clone()).await.expect("set"), Some(false));
    assert_eq!(set(group("it's", 30, "{}")).await.expect("set"), Some(true));
    let found = store.alarm_group("it's", 3).await.expect("read");
    assert_eq!(found, Some(again));
    assert_eq!(store.alarm_group("IT'S", 3).await.expect("read"), None);
    assert_eq!(store.alarm_groups().await.expect("read").len(), 2);
    let drop = || store.writer().drop_alarm_group("it's", 3);
    assert!(drop().await.expect("drop"));
    assert!(!drop().await.expect("drop"));
    store.close().await;
}

fn mine(round: u64, made: u64) -> ChatGroupClaim {
    ChatGroupClaim::Mine { round, made }
}

pub(crate) async fn one_caller_makes_a_chat_group(place: Arc<Place>) {
    let store = place.open().await;
    let writer = store.writer();
    let claim = |members: &'static str, secs| {
        let now = at(secs);
        async move {
            writer
                .claim_chat_group("corp/3/it's", members, now)
                .await
                .expect("claim")
        }
    };
    let (one, other) = tokio::join!(claim("a", 0), claim("a", 0));
    assert_eq!([one, other], [mine(1, 0), ChatGroupClaim::Others(None)]);
    writer
        .chat_group_failed("corp/3/it's", 1)
        .await
        .expect("note");
    assert_eq!(claim("a", 1).await, mine(2, 0), "at once after a failure");
    assert_eq!(claim("a", 60).await, ChatGroupClaim::Others(None));
    assert_eq!(claim("a", 61).await, mine(3, 0), "its maker is gone");
    let group = |id: &str| ChatGroup {
        conversation_id: id.into(),
        members: "a".into(),
    };
    let made = |round, id: &str| writer.chat_group_made("corp/3/it's", round, group(id), at(70));
    made(2, "late").await.expect("note");
    assert_eq!(store.chat_group("corp/3/it's").await.expect("read"), None);
    made(3, "cid1").await.expect("note");
    assert_eq!(claim("a", 71).await, ChatGroupClaim::Ready(group("cid1")));
    assert_eq!(claim("b", 71).await, mine(4, 1), "others belong to it");
    assert_eq!(
        claim("b", 72).await,
        ChatGroupClaim::Others(Some(group("cid1")))
    );
    writer
        .chat_group_failed("corp/3/it's", 4)
        .await
        .expect("note");
    let gone = |id: &'static str| writer.chat_group_gone("corp/3/it's", id);
    gone("other").await.expect("note");
    assert_eq!(claim("a", 73).await, ChatGroupClaim::Ready(group("cid1")));
    gone("cid1").await.expect("note");
    assert_eq!(claim("a", 73).await, mine(5, 1));
    assert_eq!(
        claim("a", -9_000).await,
        mine(6, 1),
        "the clock was set back"
    );
    store.close().await;
}

pub(crate) async fn an_alarm_that_nobody_came_back_to_is_taken_over_by_one(place: Arc<Place>) {
    let one = place.open().await;
    let two = place.beside(&one).await;
    for n in 0..4 {
        put(&one, alarm("a", "prod", n)).await;
    }
    one.writer().alarm_answered(2, 0).await.expect("note");
    let claim = async |store: &Store, which, secs| {
        let claimed = store.writer().claim_alarms(which, at(secs)).await;
        numbers(&claimed.expect("a claim"))
    };
    let none: [u64; 0] = [];
    assert_eq!(claim(&two, CutOff::OfAll, 300).await, none, "still at it");
    let mine = CutOff::OfThisNode(at(2));
    assert_eq!(claim(&one, mine, 300).await, [1], "came before the start");
    assert_eq!(claim(&one, mine, 301).await, none, "it has leave");
    if place.engine != Engine::Sqlite {
        let theirs = CutOff::OfThisNode(at(400));
        assert_eq!(claim(&two, theirs, 301).await, none, "of the other node");
    }
    let (first, second) = tokio::join!(
        claim(&one, CutOff::OfAll, 700),
        claim(&two, CutOff::OfAll, 700)
    );
    let mut both = [first, second].concat();
    both.sort_unstable();
    assert_eq!(both, [3, 4], "each by one of them; 1 is in hand");
    assert_eq!(
        claim(&two, CutOff::OfAll, 901).await,
        [1],
        "nor it came back"
    );
    for seq in [1, 3] {
        two.writer().alarm_answered(seq, 0).await.expect("note");
    }
    assert_eq!(claim(&one, CutOff::OfAll, 9_000).await, [4]);
    // A clock that was set back: a leave far ahead does not count.
    assert_eq!(claim(&one, CutOff::OfAll, 700).await, [4]);
    two.close().await;
    one.close().await;
}
