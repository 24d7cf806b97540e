use balefire_core::schedule::{Booked, Booking, Deed, Stretch};

use super::*;

const DOCUMENT: &str = "people: {chen-min: {name: 陈敏, phone: \"13800138000\"}, li-wei: {}, wang: {}}
schedules:
  a: {timezone: UTC, layers: [{rotation: daily, starts: 2026-01-05T00:00, people: [[li-wei, wang], chen-min]}]}
  b: {timezone: UTC, layers: [{rotation: daily, starts: 2026-01-05T00:00, people: [chen-min, wang]}]}
receivers: [{name: ops}]
route: {receiver: ops}
";

fn plan(document: &str) -> Arc<Plan> {
    let loaded = balefire_config::load(document, "test.yml", &BTreeMap::new());
    Arc::new(
        loaded
            .unwrap_or_else(|problems| panic!("{problems:#?}"))
            .plan,
    )
}

fn at(text: &str) -> Time {
    text.parse::<jiff::Timestamp>().expect(text).into()
}

fn booked(schedule: &str, person: &str) -> Arc<Bookings> {
    let when = Stretch::new(at("2026-01-05T06:00:00Z"), at("2026-01-05T18:00:00Z"));
    let what = Booked::Cover {
        when: when.expect("a stretch"),
        people: vec![person.into()],
    };
    let made = Deed {
        by: "li".to_owned(),
        at: at("2026-01-01T00:00:00Z"),
    };
    let id = "one".into();
    let booking = Booking::new(id, schedule.into(), what, String::new(), made);
    Arc::new(Bookings {
        revision: person.to_owned(),
        list: vec![booking.expect("a booking")],
        left: BTreeMap::new(),
    })
}

fn who(roster: &Roster, when: &str) -> String {
    let there = roster.on_call_at(at(when));
    let keys: Vec<&str> = there.iter().map(|person| person.key.as_str()).collect();
    keys.join(" ")
}

#[test]
fn whoever_is_on_call_in_any_schedule_is_there_once() {
    let roster = Roster::new(&plan(DOCUMENT), &Arc::default(), &Arc::default());
    assert_eq!(who(&roster, "2026-01-04T23:00:00Z"), "");
    assert_eq!(who(&roster, "2026-01-05T12:00:00Z"), "li-wei wang chen-min");
    assert_eq!(who(&roster, "2026-01-06T12:00:00Z"), "chen-min wang");
}

#[test]
fn a_booking_or_a_document_counts_with_the_next_question() {
    let (first, none) = (plan(DOCUMENT), Arc::default());
    let rosters = Rosters {
        fetched: ArcSwap::default(),
        booked: ArcSwap::new(Arc::clone(&none)),
        last: ArcSwap::from_pointee(Roster::new(&first, &Arc::default(), &none)),
    };
    let noon = "2026-01-05T12:00:00Z";
    assert_eq!(who(&rosters.of(&first), noon), "li-wei wang chen-min");
    rosters.booked.store(booked("a", "chen-min"));
    let roster = rosters.of(&first);
    assert_eq!(who(&roster, noon), "chen-min");
    assert!(Arc::ptr_eq(&roster, &rosters.of(&first)), "made once");
    assert_eq!(who(&roster, "2026-01-05T18:00:00Z"), "li-wei wang chen-min");
    let second = plan(&DOCUMENT.replace("people: [chen-min, wang]", "people: [wang]"));
    assert_eq!(who(&rosters.of(&second), noon), "chen-min wang");
}

#[test]
fn who_stood_in_until_they_left_is_still_in_past_shifts() {
    let plan = plan(DOCUMENT);
    let mut booked = (*booked("a", "gone")).clone();
    let noticed = Roster::new(&plan, &Arc::default(), &Arc::new(booked.clone()))
        .left(at("2026-01-05T12:00:00Z"));
    booked.left = noticed.expect("somebody left");
    let roster = Roster::new(&plan, &Arc::default(), &Arc::new(booked.clone()));
    assert_eq!(roster.left(at("2026-01-05T13:00:00Z")), None, "noted once");
    let schedule = roster.schedule("a").expect("it");
    let shifts = schedule.shifts(at("2026-01-05T06:00:00Z"), at("2026-01-05T18:00:00Z"));
    let shifts = shifts.expect("a range");
    let who: Vec<String> = shifts.iter().map(|one| one.people.join("+")).collect();
    assert_eq!(who, ["gone", "li-wei+wang"]);
    assert_eq!(shifts[0].stretch.to, at("2026-01-05T12:00:00Z"));
    assert_eq!(roster.troubles(at("2026-01-05T12:00:00Z")).len(), 1);
    // Who comes back is there again.
    booked.list[0].what = Booked::Cover {
        when: booked.list[0].what.hull(),
        people: vec!["wang".into()],
    };
    let back =
        Roster::new(&plan, &Arc::default(), &Arc::new(booked)).left(at("2026-01-05T14:00:00Z"));
    assert_eq!(back, Some(BTreeMap::new()));
}

#[test]
fn who_left_is_told_and_the_schedule_goes_on() {
    let plan = plan(DOCUMENT);
    let roster = Roster::new(&plan, &Arc::default(), &booked("a", "gone"));
    assert_eq!(who(&roster, "2026-01-05T12:00:00Z"), "li-wei wang chen-min");
    let troubles = roster.troubles(at("2026-01-02T00:00:00Z"));
    let [(schedule, error)] = troubles.as_slice() else {
        panic!("{troubles:?}");
    };
    let later = at("2026-01-06T00:00:00Z");
    assert!(
        roster.troubles(later).is_empty(),
        "what is over troubles nobody"
    );
    assert_eq!(schedule, "a");
    assert!(
        error.to_string().contains("nobody is called \"gone\""),
        "{error}"
    );
    let elsewhere = Roster::new(&plan, &Arc::default(), &booked("no such schedule", "gone"));
    assert!(elsewhere.troubles(at("2026-01-02T00:00:00Z")).is_empty());
}
