use super::*;

fn when(from: &str, to: &str) -> Stretch {
    let (from, to) = (
        at(&format!("2026-01-{from}:00Z")),
        at(&format!("2026-01-{to}:00Z")),
    );
    Stretch { from, to }
}

fn cover(id: &str, from: &str, to: &str, people: &[&str]) -> Override {
    Override {
        id: id.into(),
        when: when(from, to),
        instead: Instead::Cover(people.iter().map(|person| Arc::from(*person)).collect()),
        swap: None,
    }
}

fn stand_in(id: &str, from: &str, to: &str, absent: &str, by: Option<&str>) -> Override {
    Override {
        id: id.into(),
        when: when(from, to),
        instead: Instead::StandIn {
            absent: absent.into(),
            by: by.map(Arc::from),
        },
        swap: None,
    }
}

/// A day for Ada and Bob each, from 5 January; each with Cai on the weekend of the 10th.
fn ops() -> Schedule {
    schedule(
        "UTC",
        r#"{"rotation": "daily", "starts": "2026-01-05T00:00", "people": ["ada", "bob"]},
           {"rotation": "daily", "starts": "2026-01-05T00:00", "people": [["ada", "cai"], ["bob", "cai"]],
            "only": [{"days": ["saturday", "sunday"]}]}"#,
    )
}

fn with(overrides: Vec<Override>) -> Schedule {
    ops()
        .with_overrides(overrides, &known)
        .unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_cover_holds_for_its_time_and_may_be_nobody() {
    let ops = with(vec![
        cover("1", "05T06:00", "05T08:00", &["dan"]),
        cover("2", "05T08:00", "05T09:00", &[]),
        cover("3", "04T22:00", "05T01:00", &["dan", "cai"]),
    ]);
    assert_eq!(
        lengths(&ops, "2026-01-04T20:00", "2026-01-06T00:00"),
        [
            "- 2:00",
            "dan+cai 2:00",
            "dan+cai 1:00",
            "ada 5:00",
            "dan 2:00",
            "- 1:00",
            "ada 15:00"
        ]
    );
    let night = ops.on_call_at(at("2026-01-04T23:00:00Z"));
    assert_eq!((night.layer, night.overrides.len()), (None, 1));
    let nobody = ops.on_call_at(at("2026-01-05T08:30:00Z"));
    assert_eq!((nobody.layer, nobody.people.len()), (Some(0), 0));
}

#[test]
fn a_stand_in_is_there_whenever_the_absent_one_would_be() {
    let ops = with(vec![stand_in(
        "1",
        "05T12:00",
        "12T00:00",
        "ada",
        Some("dan"),
    )]);
    assert_eq!(
        lengths(&ops, "2026-01-05T00:00", "2026-01-12T00:00"),
        [
            "ada 12:00",
            "dan 12:00",
            "bob 24:00",
            "dan 24:00",
            "bob 24:00",
            "dan 24:00",
            "bob+cai 24:00",
            "dan+cai 24:00"
        ]
    );
    let nobody = with(vec![stand_in("1", "05T00:00", "12T00:00", "cai", None)]);
    assert_eq!(
        names(&nobody.on_call_at(at("2026-01-10T00:00:00Z")).people),
        "bob"
    );
    let twice = with(vec![stand_in(
        "1",
        "05T00:00",
        "12T00:00",
        "cai",
        Some("bob"),
    )]);
    assert_eq!(
        names(&twice.on_call_at(at("2026-01-10T00:00:00Z")).people),
        "bob"
    );
}

#[test]
fn a_swap_is_two_halves_that_stay_together() {
    let given = |person: &str, from: &str, to: &str| Given {
        person: person.into(),
        when: when(from, to),
    };
    let [one, other] = Override::swap(
        "s",
        &given("ada", "05T00:00", "06T00:00"),
        &given("bob", "06T00:00", "07T00:00"),
    );
    let swapped = with(vec![one.clone(), other.clone()]);
    assert_eq!(
        lengths(&swapped, "2026-01-05T00:00", "2026-01-08T00:00"),
        ["bob 24:00", "ada 24:00", "ada 24:00"]
    );
    let error = ops().with_overrides(vec![other], &known).expect_err("half");
    assert_eq!(
        error.to_string(),
        "swap \"s\" has 1 of its two stand-ins; make and remove both together"
    );
    let [a, b] = Override::swap(
        "t",
        &given("ada", "05T00:00", "09T00:00"),
        &given("bob", "05T00:00", "09T00:00"),
    );
    assert_eq!(
        lengths(&with(vec![a, b]), "2026-01-05T00:00", "2026-01-07T00:00"),
        ["bob 24:00", "ada 24:00"],
        "who stand in for each other change places"
    );
}

#[test]
fn a_cover_goes_before_a_stand_in() {
    let ops = with(vec![
        stand_in("1", "05T00:00", "07T00:00", "ada", Some("dan")),
        cover("2", "05T06:00", "05T12:00", &["ada"]),
    ]);
    assert_eq!(
        lengths(&ops, "2026-01-05T00:00", "2026-01-06T00:00"),
        ["dan 6:00", "ada 6:00", "dan 12:00"]
    );
}

#[test]
fn overrides_that_contradict_each_other_are_refused() {
    let refused = |overrides: Vec<Override>| {
        let error = ops()
            .with_overrides(overrides, &known)
            .expect_err("refused");
        error.to_string()
    };
    assert_eq!(
        refused(vec![
            cover("b", "05T06:00", "05T12:00", &["ada"]),
            cover("a", "05T00:00", "05T06:01", &["bob"]),
        ]),
        "overrides \"a\" and \"b\" both say who is there from 2026-01-05T06:00:00.000Z to 2026-01-05T06:01:00.000Z; end one where the other begins"
    );
    assert!(
        refused(vec![
            stand_in("a", "05T00:00", "09T00:00", "ada", None),
            stand_in("b", "06T00:00", "07T00:00", "ada", Some("bob")),
        ])
        .contains("both say who is there")
    );
    for (overrides, words) in [
        (
            vec![cover("a", "05T06:00", "05T06:00", &[])],
            "override \"a\" ends at 2026-01-05T06:00:00.000Z, which is not after its beginning at 2026-01-05T06:00:00.000Z",
        ),
        (
            vec![cover("a", "05T06:00", "05T07:00", &["zoe"])],
            "override \"a\": nobody is called \"zoe\"",
        ),
        (
            vec![cover("a", "05T06:00", "05T07:00", &["ada", "ada"])],
            "override \"a\": a cover is up to 20 different people",
        ),
        (
            vec![stand_in("a", "05T06:00", "05T07:00", "ada", Some("ada"))],
            "override \"a\": \"ada\" cannot stand in for themselves",
        ),
        (
            vec![
                cover("a", "05T06:00", "05T07:00", &[]),
                stand_in("a", "05T06:00", "05T07:00", "ada", None),
            ],
            "two overrides are called \"a\"",
        ),
    ] {
        assert_eq!(refused(overrides), words);
    }
    let many = |n: usize| stand_in(&n.to_string(), "05T00:00", "05T01:00", "ada", None);
    assert_eq!(
        refused((0..10_001).map(many).collect()),
        "10001 overrides; 10000 at most: remove past ones"
    );
}

#[test]
fn what_does_not_hold_any_more_costs_no_neighbour() {
    let given = |person: &str, from: &str, to: &str| Given {
        person: person.into(),
        when: when(from, to),
    };
    let swap = |id: &str, one: &str, other: &str| {
        Override::swap(
            id,
            &given(one, "07T00:00", "08T00:00"),
            &given(other, "08T00:00", "09T00:00"),
        )
    };
    let mut overrides = vec![
        cover("gone", "05T00:00", "06T00:00", &["zoe"]),
        cover("early", "05T06:00", "05T12:00", &["dan"]),
        cover("late", "05T11:00", "05T13:00", &["cai"]),
        cover("early", "06T06:00", "06T12:00", &["dan"]),
        cover("after", "05T12:00", "05T13:00", &["dan"]),
    ];
    overrides.extend(swap("good", "ada", "bob"));
    overrides.extend(swap("half", "cai", "zoe"));
    let (schedule, errors) = ops().with_those_that_hold(overrides, &known);
    let ids: Vec<&str> = schedule.overrides().iter().map(|one| &*one.id).collect();
    assert_eq!(ids, ["early", "after", "good/1", "good/2"]);
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "override \"gone\": nobody is called \"zoe\"",
            "override \"half/1\": nobody is called \"zoe\"",
            "override \"half/2\": nobody is called \"zoe\"",
            "two overrides are called \"early\"",
            "overrides \"early\" and \"late\" both say who is there from 2026-01-05T11:00:00.000Z to 2026-01-05T12:00:00.000Z; end one where the other begins",
        ]
    );
}

#[test]
fn an_override_reads_back_from_text_and_packed() {
    let given = |person: &str| Given {
        person: person.into(),
        when: when("05T00:00", "06T00:00"),
    };
    let [half, _] = Override::swap("s", &given("ada"), &given("bob"));
    for one in [
        half,
        cover("c", "05T00:00", "06T00:00", &[]),
        stand_in("a", "05T00:00", "06T00:00", "ada", None),
    ] {
        let json = serde_json::to_string(&one).expect("json");
        assert_eq!(serde_json::from_str::<Override>(&json).expect(&json), one);
        let packed = postcard::to_allocvec(&one).expect("packed");
        assert_eq!(
            postcard::from_bytes::<Override>(&packed).expect("unpacked"),
            one
        );
    }
}
