//! Decisions, notifications, attempts.

use std::sync::Arc;

use balefire_store::{
    Attempt, Decision, Notification, NotificationFilter, NotificationState, Settlement, Store,
};

use crate::place::Place;
use crate::sample::{at, attempt, decision, delivered, failed, notification};

async fn pending(store: &Store) -> Vec<u64> {
    let pending = store.pending(None, 0, 10_000).await.expect("pending");
    pending
        .iter()
        .map(|notification| notification.seq)
        .collect()
}

async fn state(store: &Store, seq: u64) -> NotificationState {
    store
        .notification(seq)
        .await
        .expect("notification")
        .expect("is there")
        .state
}

async fn decide(store: &Store, accounts: &[&str]) -> u64 {
    let notifications = accounts
        .iter()
        .map(|account| notification(account))
        .collect();
    let decided = store
        .writer()
        .decide(decision(0, notifications))
        .await
        .expect("decide");
    decided.notifications.start
}

pub(crate) async fn a_decision_and_its_notifications_are_one(place: Arc<Place>) {
    let store = place.open().await;
    let first = decision(7, vec![notification("robot"), notification("mail")]);
    let decided = store.writer().decide(first).await.expect("decide");
    assert_eq!((decided.decision, decided.notifications), (1, 1..3));
    let empty = store
        .writer()
        .decide(decision(9, Vec::new()))
        .await
        .expect("decide");
    assert_eq!((empty.decision, empty.notifications), (2, 3..3));
    store.close().await;

    let store = place.open().await;
    let stored = store
        .notification(2)
        .await
        .expect("notification")
        .expect("is there");
    assert_eq!(
        stored,
        Notification {
            seq: 2,
            decision: 1,
            ..notification("mail")
        }
    );
    let decisions = store.decisions(0, 10).await.expect("decisions");
    assert_eq!(
        decisions
            .iter()
            .map(|d| (d.seq, d.cursor))
            .collect::<Vec<_>>(),
        [(1, 7), (2, 9)]
    );
    assert_eq!(&*decisions[0].config_version, "c0ffee");
    assert_eq!(decisions[0].body, b"flush records");
    assert_eq!(
        store
            .decision(2)
            .await
            .expect("decision")
            .expect("is there"),
        decisions[1]
    );
    assert_eq!(store.decision(3).await.expect("decision"), None);
    assert_eq!(store.last_decision().await.expect("last"), 2);
    assert_eq!(store.decisions(1, 10).await.expect("decisions").len(), 1);
    store.close().await;
}

pub(crate) async fn a_delivered_notification_leaves_the_pending_ones(place: Arc<Place>) {
    let store = place.open().await;
    decide(&store, &["a", "b", "a"]).await;
    let of_a = store.pending(Some("a"), 0, 10).await.expect("pending");
    assert_eq!(of_a.iter().map(|n| n.seq).collect::<Vec<_>>(), [1, 3]);
    assert!(
        store
            .pending(Some("nobody"), 0, 10)
            .await
            .expect("pending")
            .is_empty()
    );
    store
        .writer()
        .settle(vec![delivered(1)])
        .await
        .expect("settle");
    assert_eq!(pending(&store).await, [2, 3]);
    let after = store.pending(None, 2, 10).await.expect("pending");
    assert_eq!(after.iter().map(|n| n.seq).collect::<Vec<_>>(), [3]);
    let done = store
        .notification(1)
        .await
        .expect("notification")
        .expect("is there");
    assert_eq!(
        (done.state, done.attempts),
        (NotificationState::Delivered, 1)
    );
    assert_eq!(
        store.attempts(1).await.expect("attempts"),
        [attempt(1, 1, "ok")]
    );
    store.close().await;
}

pub(crate) async fn a_failed_try_waits_for_its_time_and_is_then_due(place: Arc<Place>) {
    let store = place.open().await;
    decide(&store, &["a", "a", "a"]).await;
    let settlements = vec![failed(1, 1, at(30)), failed(2, 1, at(20)), delivered(3)];
    store.writer().settle(settlements).await.expect("settle");
    let due = async |now| {
        let due = store.due(now, 10).await.expect("due");
        due.iter()
            .map(|notification| notification.seq)
            .collect::<Vec<_>>()
    };
    assert_eq!(due(at(19)).await, Vec::<u64>::new());
    assert_eq!(due(at(20)).await, [2]);
    assert_eq!(due(at(40)).await, [2, 1]);
    let waiting = store
        .notification(1)
        .await
        .expect("notification")
        .expect("is there");
    assert_eq!(waiting.last_error.as_deref(), Some("connection refused"));
    assert_eq!((waiting.next_try_at, waiting.attempts), (Some(at(30)), 1));
    let second = Settlement {
        attempts: vec![attempt(1, 2, "ok")],
        ..delivered(1)
    };
    store.writer().settle(vec![second]).await.expect("settle");
    let kinds: Vec<_> = store
        .attempts(1)
        .await
        .expect("attempts")
        .iter()
        .map(|a| a.kind.to_string())
        .collect();
    assert_eq!(kinds, ["transient", "ok"]);
    assert_eq!(due(at(40)).await, [2]);
    store.close().await;
}

pub(crate) async fn a_superseded_notification_that_was_delivered_stays_delivered(
    place: Arc<Place>,
) {
    let store = place.open().await;
    decide(&store, &["a", "a", "a"]).await;
    store
        .writer()
        .settle(vec![delivered(1)])
        .await
        .expect("settle");
    let supersede = |seq| Settlement::state(seq, NotificationState::Superseded, 0);
    let newer = Decision {
        settlements: vec![supersede(1), supersede(2)],
        ..decision(0, vec![notification("a")])
    };
    store.writer().decide(newer).await.expect("decide");
    assert_eq!(state(&store, 1).await, NotificationState::Delivered);
    assert_eq!(state(&store, 2).await, NotificationState::Superseded);
    assert_eq!(pending(&store).await, [3, 4]);
    // The provider took it after all: that is what counts.
    store
        .writer()
        .settle(vec![delivered(2), supersede(2)])
        .await
        .expect("settle");
    assert_eq!(state(&store, 2).await, NotificationState::Delivered);
    store.close().await;
}

pub(crate) async fn the_same_attempt_is_stored_once(place: Arc<Place>) {
    let store = place.open().await;
    decide(&store, &["a"]).await;
    for _ in 0..2 {
        store
            .writer()
            .settle(vec![delivered(1)])
            .await
            .expect("settle");
    }
    assert_eq!(store.attempts(1).await.expect("attempts").len(), 1);
    store.close().await;
}

pub(crate) async fn a_dead_letter_keeps_its_message_and_can_be_sent_again(place: Arc<Place>) {
    let store = place.open().await;
    decide(&store, &["a"]).await;
    let message = "磁盘 ".repeat(100).into_bytes();
    let dead = Settlement {
        attempts: vec![attempt(1, 1, "rejected")],
        last_error: Some("number not in service".into()),
        body: Some(message.clone()),
        ..Settlement::state(1, NotificationState::DeadLettered, 1)
    };
    assert!(
        !store
            .writer()
            .redrive(1, at(9), at(99))
            .await
            .expect("redrive"),
        "still pending"
    );
    store.writer().settle(vec![dead]).await.expect("settle");
    assert_eq!(store.kept_body(1).await.expect("body"), Some(message));
    assert!(
        store
            .writer()
            .redrive(1, at(9), at(99))
            .await
            .expect("redrive")
    );
    assert!(
        !store
            .writer()
            .redrive(1, at(9), at(99))
            .await
            .expect("redrive"),
        "only once"
    );
    let again = store
        .notification(1)
        .await
        .expect("notification")
        .expect("is there");
    assert_eq!(
        (again.next_try_at, again.deadline_at),
        (Some(at(9)), at(99))
    );
    assert_eq!(&*again.target, "+8618712345678");
    assert_eq!(again.payload, notification("a").payload);
    assert_eq!(store.kept_body(1).await.expect("body"), None);
    assert!(
        !store
            .writer()
            .redrive(77, at(9), at(99))
            .await
            .expect("redrive"),
        "unknown"
    );
    store.close().await;
}

pub(crate) async fn a_list_is_narrowed_by_each_filter(place: Arc<Place>) {
    let store = place.open().await;
    let variant = |change: fn(&mut Notification)| {
        let mut notification = notification("a");
        change(&mut notification);
        notification
    };
    let variants = vec![
        variant(|_| ()),
        variant(|n| n.account = "b".into()),
        variant(|n| n.receiver = "dev".into()),
        variant(|n| n.group = 5),
        variant(|n| (n.account, n.created_at) = ("b".into(), at(500))),
    ];
    store
        .writer()
        .decide(decision(0, variants))
        .await
        .expect("decide");
    store
        .writer()
        .settle(vec![delivered(2)])
        .await
        .expect("settle");
    let list = async |narrow: fn(&mut NotificationFilter)| {
        let mut filter = NotificationFilter::default();
        narrow(&mut filter);
        let listed = store.notifications(&filter).await.expect("list");
        listed
            .iter()
            .map(|notification| notification.seq)
            .collect::<Vec<_>>()
    };
    assert_eq!(list(|_| ()).await, [5, 4, 3, 2, 1]);
    assert_eq!(list(|f| f.limit = 2).await, [5, 4]);
    assert_eq!(list(|f| f.before_seq = Some(3)).await, [2, 1]);
    assert_eq!(
        list(|f| f.state = Some(NotificationState::Delivered)).await,
        [2]
    );
    assert_eq!(
        list(|f| f.state = Some(NotificationState::Cancelled)).await,
        [0_u64; 0]
    );
    let waiting = Some(NotificationState::Pending);
    assert_eq!(
        list(|f| f.state = Some(NotificationState::Pending)).await,
        [5, 4, 3, 1]
    );
    let of_b = NotificationFilter {
        state: waiting,
        account: Some("b".into()),
        ..Default::default()
    };
    let of_b = store.notifications(&of_b).await.expect("list");
    assert_eq!(of_b.iter().map(|n| n.seq).collect::<Vec<_>>(), [5]);
    assert_eq!(list(|f| f.receiver = Some("dev".into())).await, [3]);
    assert_eq!(list(|f| f.group = Some(5)).await, [4]);
    assert_eq!(list(|f| f.group = Some(u64::MAX - 7)).await, [5, 3, 2, 1]);
    assert_eq!(list(|f| f.since = Some(at(500))).await, [5]);
    assert_eq!(
        list(|f| f.account = Some("nobody".into())).await,
        [0_u64; 0]
    );
    store.close().await;
}

pub(crate) async fn a_thousand_settlements_of_all_kinds_take_effect(place: Arc<Place>) {
    let store = place.open().await;
    let accounts = vec!["a"; 1000];
    assert_eq!(decide(&store, &accounts).await, 1);
    let expected = |seq: u64| match seq % 7 {
        0 => NotificationState::Superseded,
        1 => NotificationState::Pending,
        2 => NotificationState::DeadLettered,
        3 => NotificationState::HandedOver,
        _ => NotificationState::Delivered,
    };
    let settlements = (1..=1000).map(|seq| match expected(seq) {
        NotificationState::Pending => failed(seq, 1, at(seq as i64)),
        NotificationState::Delivered => delivered(seq),
        other => Settlement::state(seq, other, 1),
    });
    store
        .writer()
        .settle(settlements.collect())
        .await
        .expect("settle");
    let filter = NotificationFilter {
        limit: 1000,
        ..Default::default()
    };
    let all = store.notifications(&filter).await.expect("list");
    assert_eq!(all.len(), 1000);
    for notification in all {
        assert_eq!(
            notification.state,
            expected(notification.seq),
            "{}",
            notification.seq
        );
    }
    assert_eq!(pending(&store).await.len(), 143);
    assert_eq!(store.due(at(5000), 1000).await.expect("due").len(), 143);
    store.close().await;
}

pub(crate) async fn an_answer_with_nul_or_too_long_is_kept_as_far_as_possible(place: Arc<Place>) {
    let store = place.open().await;
    decide(&store, &["a"]).await;
    let long: Arc<str> = "错".repeat(1000).into();
    let attempts = vec![
        Attempt {
            answer: Some("bad\0answer".into()),
            ..attempt(1, 1, "transient")
        },
        Attempt {
            answer: Some(long),
            provider_id: Some("id-1".into()),
            ..attempt(1, 2, "ok")
        },
    ];
    let settlement = Settlement {
        attempts,
        tries: 2,
        ..delivered(1)
    };
    store
        .writer()
        .settle(vec![settlement])
        .await
        .expect("settle");
    let stored = store.attempts(1).await.expect("attempts");
    assert_eq!(stored[0].answer.as_deref(), Some("bad\u{FFFD}answer"));
    assert_eq!(stored[1].answer.as_deref(), Some(&*"错".repeat(85)));
    assert_eq!(stored[1].provider_id.as_deref(), Some("id-1"));
    store.close().await;
}

pub(crate) async fn what_to_do_about_a_failure_is_kept_beside_the_answer(place: Arc<Place>) {
    let store = place.open().await;
    decide(&store, &["a"]).await;
    let said = |number, answer: Option<&str>, fix: Option<&str>| Attempt {
        answer: answer.map(Into::into),
        fix: fix.map(Into::into),
        ..attempt(1, number, "misconfigured")
    };
    let long = "错".repeat(1000);
    let attempts = vec![
        said(1, Some(&long), Some("check the secret")),
        said(2, None, Some("check the secret")),
        said(3, Some("no\u{1e}pay us"), None),
        said(4, None, None),
    ];
    let settlement = Settlement {
        attempts,
        tries: 4,
        ..failed(1, 4, at(9))
    };
    store
        .writer()
        .settle(vec![settlement])
        .await
        .expect("settle");
    let stored = store.attempts(1).await.expect("attempts");
    let stored: Vec<_> = stored
        .iter()
        .map(|kept| (kept.answer.as_deref(), kept.fix.as_deref()))
        .collect();
    let short = "错".repeat(85);
    let fix = Some("check the secret");
    assert_eq!(stored[..2], [(Some(&*short), fix), (None, fix)]);
    // A provider's own separator adds no advice.
    assert_eq!(stored[2..], [(Some("no pay us"), None), (None, None)]);
    store.close().await;
}

pub(crate) async fn an_end_without_a_try_keeps_its_reason_and_the_tries_before_it(
    place: Arc<Place>,
) {
    let store = place.open().await;
    decide(&store, &["a", "a", "a"]).await;
    let end = |seq, state, tries, why: &str| Settlement {
        last_error: Some(why.into()),
        ..Settlement::state(seq, state, tries)
    };
    store
        .writer()
        .settle(vec![failed(1, 1, at(9)), failed(1, 2, at(10))])
        .await
        .expect("settle");
    let ends = vec![
        end(1, NotificationState::HandedOver, 2, "deadline"),
        end(2, NotificationState::Superseded, 0, "newer"),
        end(3, NotificationState::Cancelled, 0, "silenced"),
    ];
    store.writer().settle(ends).await.expect("settle");
    let found = async |seq| {
        let found = store
            .notification(seq)
            .await
            .expect("notification")
            .expect("is there");
        (
            found.state,
            found.attempts,
            found.last_error.map(|error| error.to_string()),
        )
    };
    assert_eq!(
        found(1).await,
        (
            NotificationState::HandedOver,
            2,
            Some("deadline".to_owned())
        )
    );
    assert_eq!(
        found(2).await,
        (NotificationState::Superseded, 0, Some("newer".to_owned()))
    );
    assert_eq!(
        found(3).await,
        (NotificationState::Cancelled, 0, Some("silenced".to_owned()))
    );
    let numbers: Vec<_> = store
        .attempts(1)
        .await
        .expect("attempts")
        .iter()
        .map(|attempt| attempt.number)
        .collect();
    assert_eq!(numbers, [1, 2], "an end is no try");
    assert!(store.attempts(2).await.expect("attempts").is_empty());
    store.close().await;
}

pub(crate) async fn a_dead_letter_that_was_sent_again_is_listed_by_what_became_of_it(
    place: Arc<Place>,
) {
    let store = place.open().await;
    decide(&store, &["a", "a", "a"]).await;
    let dead = |seq| Settlement {
        attempts: vec![attempt(seq, 1, "rejected")],
        ..Settlement::state(seq, NotificationState::DeadLettered, 1)
    };
    store
        .writer()
        .settle((1..=3).map(dead).collect())
        .await
        .expect("settle");
    for seq in [1, 2] {
        assert!(
            store
                .writer()
                .redrive(seq, at(9), at(99))
                .await
                .expect("redrive")
        );
    }
    let again = Settlement {
        attempts: vec![attempt(1, 2, "ok")],
        ..Settlement::state(1, NotificationState::Delivered, 2)
    };
    store.writer().settle(vec![again]).await.expect("settle");
    for (state, seqs) in [
        (NotificationState::Delivered, [1]),
        (NotificationState::Pending, [2]),
        (NotificationState::DeadLettered, [3]),
    ] {
        let filter = NotificationFilter {
            state: Some(state),
            ..NotificationFilter::default()
        };
        let listed = store.notifications(&filter).await.expect("list");
        assert_eq!(
            listed.iter().map(|n| n.seq).collect::<Vec<_>>(),
            seqs,
            "{state:?}"
        );
    }
    assert_eq!(
        store
            .notification(2)
            .await
            .expect("read")
            .expect("is there")
            .attempts,
        1
    );
    store.close().await;
}

pub(crate) async fn a_notification_that_is_born_settled_never_waits(place: Arc<Place>) {
    let store = place.open().await;
    let born = Notification {
        state: NotificationState::Cancelled,
        ..notification("a")
    };
    store
        .writer()
        .decide(decision(0, vec![born]))
        .await
        .expect("decide");
    assert_eq!(pending(&store).await, Vec::<u64>::new());
    assert_eq!(state(&store, 1).await, NotificationState::Cancelled);
    store.close().await;
}
