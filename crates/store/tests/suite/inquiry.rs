//! What providers are to be asked, and when.

use std::sync::Arc;

use balefire_store::Inquiry;

use crate::place::Place;
use crate::sample::at;

fn inquiry(provider_id: &str, next_at: i64) -> Inquiry {
    Inquiry {
        account: "corp".into(),
        provider_id: provider_id.into(),
        place: r#"{"via": "work_notice", "to_user": "陈敏"}"#.into(),
        sent_at: at(1),
        asked: 0,
        next_at: at(next_at),
    }
}

pub(crate) async fn a_question_waits_for_its_time_and_one_of_two_goes_on_with_it(
    there: Arc<Place>,
) {
    let store = there.open().await;
    let writer = store.writer();
    let (one, two) = (inquiry("1", 20), inquiry("2", 10));
    for _ in 0..2 {
        let noted = writer.put_inquiries(vec![one.clone(), two.clone()]).await;
        noted.expect("noted, also twice");
    }
    let due = async |now: i64| store.due_inquiries(at(now), 10).await.expect("read");
    assert_eq!(due(9).await, []);
    assert_eq!(due(10).await, std::slice::from_ref(&two));
    assert_eq!(due(20).await, [two.clone(), one.clone()]);
    let first = writer.go_on_with_inquiry(&two, 1, at(60)).await;
    let second = writer.go_on_with_inquiry(&two, 1, at(60)).await;
    assert_eq!(
        (first.expect("written"), second.expect("read")),
        (true, false)
    );
    store.close().await;

    let store = there.open().await;
    let later = Inquiry {
        asked: 1,
        next_at: at(60),
        ..two
    };
    let due = store.due_inquiries(at(60), 10).await.expect("read");
    assert_eq!(due, [one.clone(), later]);
    store.writer().drop_inquiry(&one).await.expect("dropped");
    assert_eq!(
        store.due_inquiries(at(60), 10).await.expect("read").len(),
        1
    );
    store.close().await;
}
