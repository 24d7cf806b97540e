//! Recurring silences.

use std::sync::Arc;

use crate::place::Place;

pub(crate) async fn what_recurs_is_read_back_and_written_anew_under_its_id(place: Arc<Place>) {
    let store = place.open().await;
    assert_eq!(store.silence_series().await.expect("read"), []);
    let put = async |id: &str, body: &str| {
        let written = store.writer().put_silence_series(id, body).await;
        written.expect("written");
    };
    put("b", r#"{"comment": "备份"}"#).await;
    put("a", "{}").await;
    put("b", r#"{"comment": "over"}"#).await;
    let all = [
        ("a".into(), "{}".to_owned()),
        ("b".into(), r#"{"comment": "over"}"#.to_owned()),
    ];
    assert_eq!(store.silence_series().await.expect("read"), all);
    store.close().await;
}
