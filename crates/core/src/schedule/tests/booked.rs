use proptest::prelude::*;

use super::*;

fn hour(hours: i64) -> Time {
    at("2026-01-05T00:00:00Z").after(Duration::from_secs(hours.unsigned_abs() * 3_600))
}

fn when(from: i64, to: i64) -> Stretch {
    Stretch {
        from: hour(from),
        to: hour(to),
    }
}

fn deed(hours: i64) -> Deed {
    Deed {
        by: "chen".to_owned(),
        at: hour(hours),
    }
}

fn booked(id: &str, what: Booked, made: i64) -> Result<Booking, BookingError> {
    Booking::new(id.into(), "ops".into(), what, String::new(), deed(made))
}

fn cover(from: i64, to: i64, people: &[&str]) -> Booked {
    Booked::Cover {
        when: when(from, to),
        people: people.iter().map(|one| Arc::from(*one)).collect(),
    }
}

fn swap(one: (&str, i64, i64), other: (&str, i64, i64)) -> Booked {
    let given = |(person, from, to): (&str, i64, i64)| Given {
        person: person.into(),
        when: when(from, to),
    };
    Booked::Swap {
        one: given(one),
        other: given(other),
    }
}

/// A day for Ada and Bob each.
fn ops() -> Schedule {
    schedule(
        "UTC",
        r#"{"rotation": "daily", "starts": "2026-01-05T00:00", "people": ["ada", "bob"]}"#,
    )
}

#[test]
fn what_cannot_be_booked_says_why() {
    let words = |what, id: &str| booked(id, what, 10).expect_err("refused").to_string();
    assert!(words(cover(1, 10, &["cai"]), "a").contains("what was cannot be changed"));
    assert!(words(cover(12, 12, &["cai"]), "a").contains("is not after its beginning"));
    assert!(words(cover(11, 12, &["cai"]), "a/1").contains("cannot be an id"));
    assert!(words(cover(11, 12, &["cai"]), "").contains("cannot be an id"));
    let half = swap(("ada", 1, 5), ("bob", 24, 30));
    assert!(words(half, "a").contains("what was cannot be changed"));
    let long = Booking::new(
        "a".into(),
        "ops".into(),
        cover(11, 12, &[]),
        "长".repeat(501),
        deed(1),
    );
    assert_eq!(long, Err(BookingError::Reason));
    let strange = booked("a", cover(11, 12, &["zoe"]), 1).expect("by itself");
    let why = ops().contradicts(&strange, &known).expect("unknown");
    assert!(why.to_string().contains("nobody is called \"zoe\""));
}

#[test]
fn a_booking_holds_from_when_it_is_made_and_up_to_when_it_is_taken_back() {
    let booking = booked("a", cover(0, 20, &["cai"]), 5).expect("booked");
    let taken_back = booking.cancel(deed(8)).expect("under way").expect("news");
    let (ops, wrong) = ops().with_bookings([&taken_back], &known, &|_| None);
    assert_eq!(wrong, []);
    assert_eq!(
        lengths(&ops, "2026-01-05T00:00", "2026-01-06T00:00"),
        ["ada 5:00", "cai 3:00", "ada 16:00"]
    );
    assert_eq!(taken_back.cancel(deed(9)), Ok(None));
    let over = booking.cancel(deed(20)).expect_err("over");
    assert_eq!(over, BookingError::Over("a".into()));
    let before = booked("b", cover(30, 40, &["cai"]), 5).expect("booked");
    let never = before.cancel(deed(6)).expect("coming").expect("news");
    assert_eq!(never.overrides(), []);
}

#[test]
fn a_swap_that_is_taken_back_between_its_halves_keeps_the_half_that_was() {
    let swap = booked("s", swap(("ada", 0, 24), ("bob", 24, 48)), 0).expect("a swap");
    assert_eq!(swap.state(hour(24)), BookingState::UnderWay);
    let (both, wrong) = ops().with_bookings([&swap], &known, &|_| None);
    assert_eq!(wrong, []);
    assert_eq!(
        lengths(&both, "2026-01-05T00:00", "2026-01-07T00:00"),
        ["bob 24:00", "ada 24:00"]
    );
    let half = swap.cancel(deed(24)).expect("under way").expect("news");
    let (half, wrong) = ops().with_bookings([&half], &known, &|_| None);
    assert_eq!(wrong, []);
    assert_eq!(
        lengths(&half, "2026-01-05T00:00", "2026-01-07T00:00"),
        ["bob 24:00", "bob 24:00"]
    );
}

#[test]
fn who_left_costs_no_neighbour_and_what_overlaps_is_refused() {
    let gone = booked("gone", cover(1, 2, &["zoe"]), 0).expect("booked");
    let good = booked("good", cover(2, 4, &["cai"]), 0).expect("booked");
    let (ops, wrong) = ops().with_bookings([&gone, &good], &known, &|_| None);
    assert_eq!(wrong.len(), 1);
    let fits = booked("fits", cover(4, 5, &["dan"]), 0).expect("booked");
    assert_eq!(ops.contradicts(&fits, &known), None);
    let late = booked("late", cover(3, 5, &["dan"]), 0).expect("booked");
    let why = ops.contradicts(&late, &known).expect("overlap").to_string();
    assert!(why.contains("\"good\" and \"late\" both say"), "{why}");
}

#[test]
fn the_same_request_sent_again_is_known_for_it() {
    let first = booked("a", cover(0, 20, &["cai"]), 5).expect("booked");
    let again = booked("a", cover(0, 20, &["cai"]), 6).expect("booked");
    assert!(first.is_again(&again) && again.is_again(&first));
    let other = booked("a", cover(0, 20, &["dan"]), 6).expect("booked");
    assert!(!first.is_again(&other));
}

proptest! {
    /// Hour by hour against the plain rule: the last booking's people where it stands, else the layer's.
    #[test]
    fn every_hour_is_what_the_plain_rule_says(
        bookings in prop::collection::vec((0..70_i64, 1..30_i64, 0..50_i64, prop::option::of(0..80_i64), 0..3_usize), 0..6),
    ) {
        let mut kept: Vec<Booking> = Vec::new();
        let mut plain: Vec<(i64, i64, &str)> = Vec::new();
        let mut now = ops();
        for (number, (from, length, made, cancel, who)) in bookings.into_iter().enumerate() {
            let who = ["cai", "dan", "bob"][who];
            let to = from + length;
            let Ok(mut booking) = booked(&number.to_string(), cover(from, to, &[who]), made) else {
                prop_assert!(to <= made);
                continue;
            };
            let start = from.max(made);
            let overlaps = plain.iter().any(|(a, b, _)| start < *b && *a < to);
            let refused = now.contradicts(&booking, &known).is_some();
            prop_assert_eq!(refused, overlaps);
            if refused {
                continue;
            }
            let mut end = to;
            if let Some(at) = cancel.filter(|at| *at >= made) {
                match booking.cancel(deed(at)) {
                    Ok(Some(cancelled)) => {
                        booking = cancelled;
                        end = to.min(at);
                    }
                    _ => prop_assert!(at >= to),
                }
            }
            if start < end {
                plain.push((start, end, who));
            }
            kept.push(booking);
            now = ops().with_bookings(&kept, &known, &|_| None).0;
        }
        for hours in 0..100 {
            let layer = if (hours / 24) % 2 == 0 { "ada" } else { "bob" };
            let covered = plain.iter().find(|(a, b, _)| *a <= hours && hours < *b);
            let wanted = covered.map_or(layer, |(.., who)| who);
            prop_assert_eq!(names(&now.on_call_at(hour(hours)).people), wanted);
        }
    }
}
