//! Calls and the telephones that place them.

use std::sync::Arc;

use balefire_store::{CallEnd, CallFilter, CallState, PhoneAgent, PhoneCall, Store};

use crate::place::Place;
use crate::sample::at;

fn call(number: u64) -> PhoneCall {
    PhoneCall {
        id: format!("bf_{number}").into(),
        seq: number,
        tried: 1,
        at: at(0),
        title: "磁盘快满了 🔥".into(),
        phones: vec!["13800138000".into(), "13900139000".into()],
        state: CallState::Waiting,
        rounds: 2,
        done: 0,
        ended_at: None,
        answered_by: None,
        person: None,
        agent: None,
    }
}

fn answered() -> CallEnd {
    CallEnd {
        state: CallState::Answered,
        at: at(60),
        answered_by: Some("13900139000".into()),
        person: Some("li-wei".into()),
        agent: Some("Mi 10".into()),
    }
}

async fn place(store: &Store, call: PhoneCall) -> PhoneCall {
    store.writer().place_call(call).await.expect("placed")
}

pub(crate) async fn a_call_is_placed_once_and_the_first_end_counts(there: Arc<Place>) {
    let store = there.open().await;
    assert_eq!(place(&store, call(1)).await, call(1));
    store.writer().call_rounds("bf_1", 1).await.expect("noted");
    let later = PhoneCall {
        at: at(99),
        ..call(1)
    };
    let there_already = PhoneCall { done: 1, ..call(1) };
    assert_eq!(place(&store, later).await, there_already, "it goes on");
    assert!(
        store
            .writer()
            .end_call("bf_1", answered())
            .await
            .expect("ended")
    );
    let second = CallEnd {
        state: CallState::Unanswered,
        ..answered()
    };
    assert!(
        !store
            .writer()
            .end_call("bf_1", second.clone())
            .await
            .expect("asked")
    );
    assert!(
        !store
            .writer()
            .end_call("bf_2", second)
            .await
            .expect("asked")
    );
    store.writer().call_rounds("bf_1", 2).await.expect("noted");
    store.close().await;
    let store = there.open().await;
    let kept = store.call("bf_1").await.expect("read").expect("a call");
    assert_eq!((kept.state, kept.done), (CallState::Answered, 1));
    assert_eq!(kept.answered_by.as_deref(), Some("13900139000"));
    assert_eq!(kept.person.as_deref(), Some("li-wei"));
    assert_eq!(kept.ended_at, Some(at(60)));
    assert_eq!(place(&store, call(1)).await, kept, "asked for again");
    assert_eq!(store.call("BF_1").await.expect("read"), None);
    store.close().await;
}

pub(crate) async fn a_later_try_begins_a_call_anew(there: Arc<Place>) {
    let store = there.open().await;
    place(&store, call(1)).await;
    let nobody = CallEnd {
        state: CallState::Unanswered,
        answered_by: None,
        person: None,
        ..answered()
    };
    assert!(
        store
            .writer()
            .end_call("bf_1", nobody)
            .await
            .expect("ended")
    );
    let again = PhoneCall {
        tried: 2,
        at: at(500),
        phones: vec!["13700137000".into()],
        rounds: 3,
        ..call(1)
    };
    assert_eq!(place(&store, again.clone()).await, again);
    store.close().await;
}

pub(crate) async fn calls_are_listed_newest_first_by_state_and_page(there: Arc<Place>) {
    let store = there.open().await;
    for number in 1..=5 {
        place(&store, call(number)).await;
    }
    for id in ["bf_2", "bf_4"] {
        store
            .writer()
            .end_call(id, answered())
            .await
            .expect("ended");
    }
    let list = async |state, before, limit| -> Vec<u64> {
        let filter = CallFilter {
            state,
            before,
            limit,
        };
        let calls = store.calls(filter).await.expect("a list");
        calls.iter().map(|call| call.seq).collect()
    };
    assert_eq!(list(None, None, 10).await, [5, 4, 3, 2, 1]);
    assert_eq!(list(None, Some(4), 2).await, [3, 2]);
    assert_eq!(list(Some(CallState::Waiting), None, 10).await, [5, 3, 1]);
    assert_eq!(list(Some(CallState::Answered), Some(4), 10).await, [2]);
    store.close().await;
}

pub(crate) async fn telephones_are_kept_by_name_and_only_the_latest(there: Arc<Place>) {
    let store = there.open().await;
    let ask = async |name: &str, secs| {
        let agent = PhoneAgent {
            name: name.into(),
            at: at(secs),
            address: "192.0.2.7".into(),
        };
        store.writer().phone_agent(agent).await.expect("noted");
    };
    ask("Mi 10", 1).await;
    ask("mi 10", 2).await;
    ask("Mi 10", 3).await;
    let agents = store.phone_agents().await.expect("a list");
    let seen: Vec<_> = agents
        .iter()
        .map(|agent| (&*agent.name, agent.at))
        .collect();
    assert_eq!(seen, [("Mi 10", at(3)), ("mi 10", at(2))]);
    for number in 0..100 {
        ask(&format!("stranger {number}"), 10 + number).await;
    }
    let agents = store.phone_agents().await.expect("a list");
    assert_eq!(agents.len(), 64);
    assert_eq!(&*agents[0].name, "stranger 99");
    store.close().await;
}
