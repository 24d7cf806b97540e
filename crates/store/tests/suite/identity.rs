//! Who people are at platforms, as these said last.

use std::sync::Arc;

use balefire_core::identity::{Identity, Platform, Standing};
use balefire_core::time::Time;
use balefire_store::IdentityRow;

use crate::place::Place;
use crate::sample::at;

pub(crate) async fn what_a_platform_said_last_of_a_person_is_what_is_kept(place: Arc<Place>) {
    let store = place.open().await;
    let row = |person: &str, platform, id: &str, standing| IdentityRow {
        person: person.into(),
        platform,
        identity: Identity {
            asked: [7; 16],
            id: id.to_owned(),
            standing,
            said: "status 5 '; DROP TABLE identity;-- 离职".to_owned(),
            asked_at: at(2),
            found_at: if id.is_empty() { Time::EPOCH } else { at(1) },
        },
    };
    let writer = store.writer();
    for one in [
        row("陈敏", Platform::Wecom, "chenmin", Standing::Active),
        row("li-wei", Platform::Slack, "", Standing::Nobody),
        row("陈敏", Platform::Dingtalk, "m-1", Standing::Inactive),
        row("陈敏", Platform::Wecom, "ChenMin", Standing::Left),
    ] {
        writer.put_identity(one).await.expect("written");
    }
    let found = store.identities().await.expect("read");
    let expected = [
        row("li-wei", Platform::Slack, "", Standing::Nobody),
        row("陈敏", Platform::Dingtalk, "m-1", Standing::Inactive),
        row("陈敏", Platform::Wecom, "ChenMin", Standing::Left),
    ];
    assert_eq!(found, expected);
    let dropped = writer.drop_identity("陈敏", Platform::Dingtalk).await;
    dropped.expect("dropped");
    assert_eq!(store.identities().await.expect("read").len(), 2);
    store.close().await;
}
