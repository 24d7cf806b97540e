//! What people were paged for last.

use std::sync::Arc;

use balefire_store::told_last;

use crate::place::Place;
use crate::sample::{decision, notification};

pub(crate) async fn what_somebody_was_told_last_is_written_with_the_decision_that_tells_them(
    place: Arc<Place>,
) {
    let store = place.open().await;
    assert_eq!(store.told_last().await.expect("read"), []);
    for body in ["{}", "{\"spent\":7}"] {
        let mut telling = decision(0, vec![notification("sms")]);
        telling.facts = vec![told_last("陈敏", body), told_last("ada", "{}")];
        store.writer().decide(telling).await.expect("on disk");
    }
    store.close().await;
    let store = place.open().await;
    let told = store.told_last().await.expect("read");
    let told: Vec<(&str, &str)> = told.iter().map(|(who, body)| (&**who, &**body)).collect();
    assert_eq!(told, [("ada", "{}"), ("陈敏", "{\"spent\":7}")]);
    store.close().await;
}
