use super::*;

#[test]
fn a_daily_handover_stays_at_its_hour_when_clocks_change() {
    let ops = schedule(
        "Europe/London",
        r#"{"rotation": "daily", "starts": "2026-01-01T09:00", "people": ["ada", "bob"]}"#,
    );
    let spring = lengths(&ops, "2026-03-27T09:00", "2026-03-30T09:00");
    assert_eq!(spring, ["bob 24:00", "ada 23:00", "bob 24:00"]);
    let autumn = lengths(&ops, "2026-10-23T09:00", "2026-10-26T09:00");
    assert_eq!(autumn, ["bob 24:00", "ada 25:00", "bob 24:00"]);
}

#[test]
fn hourly_rotations_stay_on_the_same_hours_of_the_wall() {
    let six = schedule(
        "America/Chicago",
        r#"{"rotation": "hourly", "every": 6, "starts": "2026-01-01T03:00", "people": ["ada", "bob", "cai", "dan"]}"#,
    );
    assert_eq!(
        lengths(&six, "2026-03-07T21:00", "2026-03-08T15:00"),
        ["dan 5:00", "ada 6:00", "bob 6:00"]
    );
    assert_eq!(
        lengths(&six, "2026-10-31T21:00", "2026-11-01T15:00"),
        ["dan 7:00", "ada 6:00", "bob 6:00"]
    );
}

#[test]
fn an_hour_that_comes_twice_is_one_turn_and_one_that_never_comes_is_none() {
    let ops = schedule(
        "Europe/London",
        r#"{"rotation": "hourly", "starts": "2026-01-01T00:00", "people": ["ada", "bob", "cai", "dan"]}"#,
    );
    // 01:00 comes twice.
    assert_eq!(
        lengths(&ops, "2026-10-25T00:00", "2026-10-25T04:00"),
        ["ada 1:00", "bob 2:00", "cai 1:00", "dan 1:00"]
    );
    // 01:00 never comes: bob is passed over, and nobody's turn moves.
    assert_eq!(
        lengths(&ops, "2026-03-29T00:00", "2026-03-29T04:00"),
        ["ada 1:00", "cai 1:00", "dan 1:00"]
    );
}

#[test]
fn half_an_hour_can_come_twice() {
    let ops = schedule(
        "Australia/Lord_Howe",
        r#"{"rotation": "hourly", "starts": "2026-01-01T00:00", "people": ["ada", "bob", "cai"]}"#,
    );
    // 01:30 to 02:00 comes twice; bob has the hour from 01:00.
    assert_eq!(
        lengths(&ops, "2026-04-05T00:00", "2026-04-05T03:00"),
        ["ada 1:00", "bob 1:30", "cai 1:00"]
    );
    // 02:00 to 02:30 never comes; cai's handover is the end of that gap.
    assert_eq!(
        lengths(&ops, "2026-10-04T00:00", "2026-10-04T03:00"),
        ["ada 1:00", "bob 1:00", "cai 0:30"]
    );
}

#[test]
fn a_day_that_a_date_line_swallows_is_nobodys() {
    let midnight = schedule(
        "Pacific/Apia",
        r#"{"rotation": "daily", "starts": "2011-12-01T00:00", "people": ["ada", "bob", "cai"]}"#,
    );
    // The 30th would be cai's.
    assert_eq!(
        lengths(&midnight, "2011-12-28T00:00", "2012-01-01T00:00"),
        ["ada 24:00", "bob 24:00", "ada 24:00"]
    );
    let nine = schedule(
        "Pacific/Apia",
        r#"{"rotation": "daily", "starts": "2011-12-01T09:00", "people": ["ada", "bob", "cai"]}"#,
    );
    // The 30th's handover is the end of the gap, the 31st's is at its hour.
    assert_eq!(
        lengths(&nine, "2011-12-28T09:00", "2012-01-01T09:00"),
        ["ada 24:00", "bob 15:00", "cai 9:00", "ada 24:00"]
    );
}

#[test]
fn a_window_begins_at_the_first_and_ends_at_the_last_of_a_time_that_comes_twice() {
    let window = |from: &str, to: &str| {
        let ops = schedule(
            "Europe/London",
            &format!(
                r#"{{"rotation": "weekly", "starts": "2026-01-01T00:00", "people": ["ada"],
                     "only": [{{"from": "{from}", "to": "{to}"}}]}}"#
            ),
        );
        lengths(&ops, "2026-10-25T00:00", "2026-10-25T05:00")
    };
    assert_eq!(window("01:30", "01:45"), ["- 1:30", "ada 1:15", "- 3:15"]);
    assert_eq!(window("00:30", "01:30"), ["- 0:30", "ada 2:00", "- 3:30"]);
    assert_eq!(window("01:30", "03:00"), ["- 1:30", "ada 2:30", "- 2:00"]);
    assert_eq!(window("02:00", "03:00"), ["- 3:00", "ada 1:00", "- 2:00"]);
}

#[test]
fn a_window_within_a_gap_does_not_open() {
    let ops = schedule(
        "Europe/London",
        r#"{"rotation": "weekly", "starts": "2026-01-01T00:00", "people": ["ada"],
            "only": [{"from": "01:10", "to": "01:50"}, {"from": "01:30", "to": "02:30", "days": ["sunday"]}]}"#,
    );
    assert_eq!(
        lengths(&ops, "2026-03-29T00:00", "2026-03-29T05:00"),
        ["- 1:00", "ada 0:30", "- 2:30"]
    );
}

#[test]
fn layers_that_share_a_day_leave_no_hole_when_clocks_change() {
    let ops = schedule(
        "Europe/London",
        r#"{"rotation": "weekly", "starts": "2026-01-01T00:00", "people": ["ada"], "only": [{"from": "01:30", "to": "13:30"}]},
           {"rotation": "weekly", "starts": "2026-01-01T00:00", "people": ["bob"], "only": [{"from": "13:30", "to": "01:30"}]}"#,
    );
    for (from, to) in [
        ("2026-03-27T00:00", "2026-03-31T00:00"),
        ("2026-10-23T00:00", "2026-10-27T00:00"),
    ] {
        let found = ops
            .coverage(on_wall(&ops, from), on_wall(&ops, to), &|_| true)
            .expect("coverage");
        assert_eq!(found.gaps, []);
    }
    assert_eq!(
        lengths(&ops, "2026-10-24T13:30", "2026-10-25T13:30"),
        ["bob 13:00", "ada 12:00"],
        "in the hour that comes twice the later layer wins"
    );
}

#[test]
fn a_layer_within_a_gap_is_good_and_never_on() {
    let ops = schedule(
        "Europe/London",
        r#"{"rotation": "daily", "starts": "2026-03-29T01:10", "until": "2026-03-29T01:50", "people": ["ada"]}"#,
    );
    assert_eq!(
        lengths(&ops, "2026-03-29T00:00", "2026-03-29T04:00"),
        ["- 3:00"]
    );
    assert!(ops.on_call_at(at("2026-03-29T01:00:00Z")).people.is_empty());
}
