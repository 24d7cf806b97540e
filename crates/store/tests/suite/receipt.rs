//! What providers will say something of, and what they said.

use std::sync::Arc;

use balefire_store::{Awaited, Receipt, ReceiptState};

use crate::place::Place;
use crate::sample::{at, decision, notification};

fn awaited(account: &str, provider_id: &str, notification: u64) -> Awaited {
    Awaited {
        account: account.into(),
        provider_id: provider_id.into(),
        notification,
    }
}

fn receipt(state: ReceiptState, provider_id: &str) -> Receipt {
    Receipt {
        at: at(5),
        state,
        provider_id: provider_id.into(),
        detail: "用户接收成功 🔥".into(),
    }
}

pub(crate) async fn a_providers_id_finds_the_notifications_of_its_call(there: Arc<Place>) {
    let store = there.open().await;
    let rows = vec![
        awaited("sms", "100^0", 7),
        awaited("sms", "100^0", 8),
        awaited("other", "100^0", 9),
    ];
    for _ in 0..2 {
        let noted = store.writer().await_receipts(rows.clone()).await;
        noted.expect("noted, also twice");
    }
    let found = async |account: &str, id: &str| store.awaiting(account, id).await.expect("read");
    assert_eq!(found("sms", "100^0").await, [8, 7]);
    assert_eq!(found("other", "100^0").await, [9]);
    assert_eq!(found("sms", "100^1").await, [] as [u64; 0]);
    assert_eq!(found("", "sms\u{0}100^0").await, [] as [u64; 0]);
    store.close().await;
}

pub(crate) async fn an_account_awaits_receipts_until_they_have_come(there: Arc<Place>) {
    let store = there.open().await;
    let rows = vec![
        notification("sms"),
        notification("sms"),
        notification("other"),
    ];
    let decided = store.writer().decide(decision(1, rows)).await;
    let first = decided.expect("decided").notifications.start;
    let awaits = async |account: &str, since: i64| {
        let awaits = store.awaits_receipts(account, at(since)).await;
        awaits.expect("read")
    };
    assert!(!awaits("sms", 0).await, "nothing is awaited yet");
    let rows = vec![
        awaited("sms", "100", first),
        awaited("sms", "101", first + 1),
    ];
    store.writer().await_receipts(rows).await.expect("noted");
    assert!(awaits("sms", 0).await);
    assert!(!awaits("sms", 3).await, "it is older");
    for account in ["other", "nobody"] {
        assert!(!awaits(account, 0).await, "{account}");
    }
    for seq in [first, first + 1] {
        assert!(awaits("sms", 0).await);
        let put = store
            .writer()
            .put_receipt(seq, receipt(ReceiptState::Delivered, "100"));
        assert!(put.await.expect("written"));
    }
    assert!(!awaits("sms", 0).await);
    store.close().await;
}

pub(crate) async fn receipts_are_kept_once_each_in_the_order_they_were_heard(there: Arc<Place>) {
    let store = there.open().await;
    let put = async |seq: u64, receipt: &Receipt| {
        let put = store.writer().put_receipt(seq, receipt.clone()).await;
        put.expect("written")
    };
    let (pressed, answered) = (
        receipt(ReceiptState::Pressed, "a"),
        receipt(ReceiptState::Answered, "a"),
    );
    assert!(put(7, &pressed).await && put(7, &answered).await && put(8, &answered).await);
    assert!(!put(7, &pressed).await, "said before");
    let again = receipt(ReceiptState::Pressed, "b");
    assert!(put(7, &again).await, "another try's");
    let kept = store.receipts(7).await.expect("read");
    assert_eq!(kept, [pressed, answered.clone(), again]);
    assert_eq!(store.receipts(8).await.expect("read"), [answered]);
    let long = Receipt {
        detail: "字".repeat(5_000).into(),
        ..receipt(ReceiptState::Failed, "c")
    };
    assert!(put(9, &long).await);
    let kept = store.receipts(9).await.expect("read");
    assert_eq!(kept[0].detail.chars().count(), 300);
    for number in 0..100 {
        let id = format!("id {number}");
        put(10, &receipt(ReceiptState::Delivered, &id)).await;
    }
    assert_eq!(store.receipts(10).await.expect("read").len(), 32);
    store.close().await;
}
