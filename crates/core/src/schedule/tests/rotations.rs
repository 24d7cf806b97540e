use super::*;

#[test]
fn a_weekly_rotation_hands_over_at_the_hour_it_started() {
    let ops = schedule(
        "Asia/Shanghai",
        r#"{"rotation": "weekly", "starts": "2026-01-05T09:00", "people": ["ada", "bob"]}"#,
    );
    for (time, who) in [
        ("2026-01-05T00:59:59Z", ""),
        ("2026-01-05T01:00:00Z", "ada"),
        ("2026-01-12T00:59:59Z", "ada"),
        ("2026-01-12T01:00:00Z", "bob"),
        ("2026-01-19T01:00:00Z", "ada"),
        ("2036-01-07T01:00:00Z", "ada"),
    ] {
        assert_eq!(names(&ops.on_call_at(at(time)).people), who, "{time}");
    }
    let next = ops.next_handover(at("2026-01-06T00:00:00Z")).expect("one");
    assert_eq!(
        (next.at, names(&next.before), names(&next.after)),
        (at("2026-01-12T01:00:00Z"), "ada".into(), "bob".into())
    );
}

#[test]
fn a_handover_of_its_own_makes_the_first_turn_shorter() {
    // 2026-01-07 is a Wednesday.
    let ops = schedule(
        "UTC",
        r#"{"rotation": "weekly", "starts": "2026-01-07T12:00",
            "handover": {"time": "09:00", "weekday": "monday"}, "people": ["ada", "bob"]}"#,
    );
    assert_eq!(
        lengths(&ops, "2026-01-06T12:00", "2026-01-20T09:00"),
        ["- 24:00", "ada 117:00", "bob 168:00", "ada 24:00"]
    );
    let before_nine = schedule(
        "UTC",
        r#"{"rotation": "daily", "starts": "2026-01-07T08:00", "handover": {"time": "09:00"},
            "people": ["ada", "bob"]}"#,
    );
    assert_eq!(
        lengths(&before_nine, "2026-01-07T08:00", "2026-01-08T10:00"),
        ["ada 1:00", "bob 24:00", "ada 1:00"]
    );
}

#[test]
fn months_hand_over_on_their_last_day_where_the_31st_is_missing() {
    let ops = schedule(
        "UTC",
        r#"{"rotation": "monthly", "starts": "2026-01-31T10:00", "people": ["ada", "bob", "cai"]}"#,
    );
    let begins: Vec<String> = ops
        .shifts(at("2026-01-31T10:00:00Z"), at("2026-06-01T00:00:00Z"))
        .expect("shifts")
        .iter()
        .map(|shift| {
            format!(
                "{} {}",
                names(&shift.people),
                &shift.stretch.from.to_string()[..10]
            )
        })
        .collect();
    assert_eq!(
        begins,
        [
            "ada 2026-01-31",
            "bob 2026-02-28",
            "cai 2026-03-31",
            "ada 2026-04-30",
            "bob 2026-05-31"
        ]
    );
    let leap = schedule(
        "UTC",
        r#"{"rotation": "monthly", "every": 12, "starts": "2024-02-29T00:00", "people": ["ada", "bob"]}"#,
    );
    let turns = [
        "2025-02-27T23:59:59Z",
        "2025-02-28T00:00:00Z",
        "2028-02-28T23:59:59Z",
        "2028-02-29T00:00:00Z",
    ];
    let who: Vec<String> = turns
        .iter()
        .map(|turn| names(&leap.on_call_at(at(turn)).people))
        .collect();
    assert_eq!(who, ["ada", "bob", "bob", "ada"]);
}

#[test]
fn lengths_of_ones_own_go_round_with_the_people() {
    let ops = schedule(
        "UTC",
        r#"{"rotation": "custom", "lengths": ["5d", "2d"], "starts": "2026-01-05T09:00",
            "people": ["ada", "bob", "cai"]}"#,
    );
    assert_eq!(
        lengths(&ops, "2026-01-05T09:00", "2026-01-26T09:00"),
        [
            "ada 120:00",
            "bob 48:00",
            "cai 120:00",
            "ada 48:00",
            "bob 120:00",
            "cai 48:00"
        ]
    );
}

#[test]
fn week_53_leap_days_and_2038_are_days_like_others() {
    let ops = schedule(
        "Europe/London",
        r#"{"rotation": "daily", "starts": "2020-02-28T09:00", "people": ["ada", "bob", "cai"]}"#,
    );
    for (from, to) in [
        ("2020-02-28T09:00", "2020-03-02T09:00"),
        ("2020-12-31T09:00", "2021-01-03T09:00"),
        ("2038-01-18T09:00", "2038-01-21T09:00"),
    ] {
        let shifts = lengths(&ops, from, to);
        assert_eq!(shifts.len(), 3, "{from}");
        assert!(
            shifts.iter().all(|shift| shift.ends_with("24:00")),
            "{from}"
        );
    }
}

#[test]
fn later_layers_win_where_they_are_on() {
    let ops = schedule(
        "UTC",
        r#"{"rotation": "daily", "starts": "2026-01-05T00:00", "people": ["ada"]},
           {"name": "nights", "rotation": "weekly", "starts": "2026-01-05T00:00", "people": ["bob"],
            "only": [{"from": "22:00", "to": "06:00"}]}"#,
    );
    assert_eq!(
        lengths(&ops, "2026-01-06T00:00", "2026-01-07T06:00"),
        ["bob 6:00", "ada 16:00", "bob 8:00"]
    );
    let night = ops.on_call_at(at("2026-01-06T23:00:00Z"));
    let layers: Vec<_> = night
        .layers
        .iter()
        .flatten()
        .map(|people| names(people))
        .collect();
    assert_eq!(
        (night.layer, layers),
        (Some(1), vec!["ada".to_owned(), "bob".to_owned()])
    );
    assert_eq!(ops.layer_name(1).to_string(), "layer 2 (nights)");
    assert_eq!(ops.layer_name(0).to_string(), "layer 1");
}

#[test]
fn several_people_can_be_on_call_together() {
    let ops = schedule(
        "UTC",
        r#"{"rotation": "daily", "starts": "2026-01-05T00:00", "people": [["ada", "bob"], "cai"]}"#,
    );
    assert_eq!(
        lengths(&ops, "2026-01-05T00:00", "2026-01-07T00:00"),
        ["ada+bob 24:00", "cai 24:00"]
    );
}

#[test]
fn a_layer_ends_when_it_is_said_to() {
    let ops = schedule(
        "UTC",
        r#"{"rotation": "daily", "starts": "2026-01-05T00:00", "until": "2026-01-06T12:00", "people": ["ada", "bob"]}"#,
    );
    assert_eq!(
        lengths(&ops, "2026-01-05T00:00", "2026-01-07T00:00"),
        ["ada 24:00", "bob 12:00", "- 12:00"]
    );
    assert_eq!(ops.next_handover(at("2026-01-06T13:00:00Z")), None);
}

#[test]
fn the_ends_of_time_are_answered() {
    let ops = schedule(
        "America/New_York",
        r#"{"rotation": "hourly", "starts": "2026-01-05T00:00", "people": ["ada", "bob"],
            "only": [{"from": "22:00", "to": "06:00"}]},
           {"rotation": "monthly", "starts": "2026-01-05T00:00", "people": ["cai"]}"#,
    );
    assert_eq!(names(&ops.on_call_at(Time::NEVER).people), "cai");
    assert_eq!(
        names(&ops.on_call_at(Time::from_micros(i64::MIN)).people),
        ""
    );
    assert_eq!(ops.next_handover(Time::NEVER), None);
    let late = at("9998-12-30T00:00:00Z");
    assert!(ops.shifts(late, at("9999-12-30T00:00:00Z")).is_ok());
    assert!(ops.shifts(late, Time::NEVER).is_err());
}
