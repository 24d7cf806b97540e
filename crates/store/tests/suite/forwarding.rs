//! What telephones were told to forward their calls to.

use std::sync::Arc;

use balefire_store::{Fact, Forwarding, Store, StoreError};

use crate::place::Place;
use crate::sample::{at, decision, notification};

const PHONE: u64 = u64::MAX - 5;

fn told(round: u64, number: &str) -> Forwarding {
    Forwarding {
        series: PHONE,
        round,
        at: at(7),
        person: "陈敏".into(),
        number: number.into(),
    }
}

pub(crate) async fn of_two_nodes_that_tell_a_telephone_of_a_change_one_does(place: Arc<Place>) {
    let one = place.open().await;
    let two = place.beside(&one).await;
    assert_eq!(one.forwarded(PHONE).await.expect("read"), None);
    let tell = async |store: &Store, round, number| {
        let mut telling = decision(0, vec![notification("sms")]);
        telling.facts = Fact::forwarded(&told(round, number));
        store.writer().decide(telling).await
    };
    let (first, second) = tokio::join!(tell(&one, 1, "*721"), tell(&two, 1, "*721"));
    let refused = |told: &Result<_, _>| matches!(told, Err(StoreError::Conflict(_)));
    let both = [&first, &second].map(refused);
    assert!(both[0] != both[1], "{first:?} {second:?}");
    for round in 2..=60 {
        tell(&one, round, "*722").await.expect("the next round");
    }
    let last = two.forwarded(PHONE).await.expect("read").expect("told");
    assert_eq!(last.told, told(60, "*722"));
    let waiting = one.pending(None, 0, 100).await.expect("pending");
    assert_eq!(waiting.len(), 60, "one for each round");
    assert_eq!(waiting[59].seq, last.notification);
    // What is long ago is gone, and its number is not taken for a new round.
    tell(&two, 1, "*721").await.expect("no row of it is left");
    let last = one.forwarded(PHONE).await.expect("read").expect("told");
    assert_eq!(last.told.round, 60);
    assert_eq!(one.forwarded(7).await.expect("read"), None);
    two.close().await;
    one.close().await;
}
