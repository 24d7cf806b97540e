//! Codes of pages by number, and whether addresses are known to reach their people.

use std::sync::Arc;

use balefire_core::reply::Code;
use balefire_core::time::Time;
use balefire_core::verification::{Refused, Verification};
use balefire_store::{ReplyCode, coded};

use crate::place::Place;
use crate::sample::{at, decision, notification};

pub(crate) async fn a_code_is_its_numbers_until_it_is_over(place: Arc<Place>) {
    let store = place.open().await;
    let one = |code: i64, incidents: &[u64], now: Time| {
        let code = Code::from_number(code).expect("a code");
        ReplyCode::new(code, &"陈敏".into(), incidents.to_vec(), now)
    };
    let (old, new) = (one(4711, &[7], at(0)), one(4712, &[8, 9], at(60)));
    let mut paging = decision(0, vec![notification("sms")]);
    paging.facts = vec![
        coded("+8613800138000", &old),
        coded("+8613800138000", &new),
        coded("+8613800138001", &old),
    ];
    store.writer().decide(paging).await.expect("decided");
    let codes = async |phone: &str, now: Time| store.reply_codes(phone, now).await.expect("read");
    assert_eq!(
        codes("+8613800138000", at(60)).await,
        [new.clone(), old.clone()]
    );
    assert_eq!(
        codes("+8613800138001", at(60)).await,
        std::slice::from_ref(&old)
    );
    assert_eq!(codes("+8613800138002", at(60)).await, []);
    assert_eq!(
        codes("+8613800138000", old.expires_at).await,
        std::slice::from_ref(&new)
    );
    store
        .writer()
        .drop_codes(old.expires_at)
        .await
        .expect("dropped");
    assert_eq!(codes("+8613800138001", at(60)).await, []);
    assert_eq!(codes("+8613800138000", at(60)).await, [new]);
    // The same code again is about what it was given for last.
    let again = one(4712, &[10], at(120));
    let mut paging = decision(1, vec![notification("sms")]);
    paging.facts = vec![coded("+8613800138000", &again)];
    store.writer().decide(paging).await.expect("decided");
    assert_eq!(codes("+8613800138000", at(120)).await, [again]);
    store.close().await;
}

pub(crate) async fn an_address_is_verified_for_one_person_and_no_other_address(place: Arc<Place>) {
    let store = place.open().await;
    let (here, there) = ([7; 16], [8; 16]);
    let send = async |person: &str, code: [u8; 16], now: Time| {
        let decide = move |stands: &mut Verification| stands.send(code, now);
        let sent = store.writer().verify_contact(person, here, decide).await;
        sent.expect("written")
    };
    let confirm = async |person: &str, address: [u8; 16], code: [u8; 16], now: Time| {
        let decide = move |stands: &mut Verification| stands.confirm(code, now);
        let said = store.writer().verify_contact(person, address, decide).await;
        said.expect("written")
    };
    assert_eq!(send("ada", [1; 16], at(0)).await, Ok(()));
    assert_eq!(
        confirm("ada", here, [2; 16], at(1)).await,
        Err(Refused::Wrong { left: 4 })
    );
    assert_eq!(
        confirm("ada", there, [1; 16], at(1)).await,
        Err(Refused::NotSent)
    );
    assert_eq!(
        confirm("bob", here, [1; 16], at(1)).await,
        Err(Refused::NotSent)
    );
    let standing = async |person: &str| {
        let known = store.contacts(person).await.expect("read");
        let found = known.into_iter().find(|(address, _)| *address == here);
        found.map(|(_, stands)| stands).unwrap_or_default()
    };
    let pending = standing("ada").await.pending.expect("a code");
    assert_eq!(
        (pending.hash, pending.guesses, pending.sent_at),
        ([1; 16], 1, at(0))
    );
    assert_eq!(confirm("ada", here, [1; 16], at(2)).await, Ok(()));
    let stands = standing("ada").await;
    assert_eq!((stands.verified_at, stands.pending), (Some(at(2)), None));
    assert_eq!(standing("bob").await.verified_at, None);
    let verified = store.verified_contacts().await.expect("read");
    assert_eq!(verified, [("ada".into(), here)]);
    store.close().await;
}
