use super::*;

/// What is said of a layer with these keys beside its people.
fn layer(keys: &str) -> String {
    let people = if keys.contains("\"people\"") {
        ""
    } else {
        r#", "people": ["ada"]"#
    };
    let json = format!(r#"{{"timezone": "UTC", "layers": [{{{keys}{people}}}]}}"#);
    checked(&json).expect_err(keys)
}

fn daily(keys: &str) -> String {
    layer(&format!(
        r#""rotation": "daily", "starts": "2026-01-05T09:00", {keys}"#
    ))
}

#[test]
fn a_schedule_that_cannot_work_says_why() {
    let of = |zone: &str, layers: &str| {
        checked(&format!(
            r#"{{"timezone": "{zone}", "layers": [{layers}]}}"#
        ))
        .expect_err(layers)
    };
    let one = r#"{"rotation": "daily", "starts": "2026-01-05T09:00", "people": ["ada"]}"#;
    assert_eq!(
        of("Asia/Peking", one),
        "timezone: no time zone is called \"Asia/Peking\"; write an IANA name such as Asia/Shanghai or UTC"
    );
    assert_eq!(
        of("UTC", ""),
        "layers: a schedule has 1 to 32 layers, not 0"
    );
    assert_eq!(
        of("UTC", &[one; 33].join(",")),
        "layers: a schedule has 1 to 32 layers, not 33"
    );
    assert_eq!(
        of(
            "UTC",
            &format!(
                "{one},{}",
                one.replace("ada", "zoe")
                    .replacen('{', r#"{"name": "late", "#, 1)
            )
        ),
        "layer 2 (late): people: turn 1: nobody is called \"zoe\"; add them to people, or mend the name"
    );
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let json = r#"{"timezone": "UTC", "layers": [
        {"rotation": "daily", "starts": "soon", "until": "late", "people": [], "only": [{"from": "x", "to": "y"}, {"days": []}]},
        {"rotation": "daily", "starts": "2026-01-05T09:00", "until": "2026-01-04T09:00", "people": ["zoe"]}]}"#;
    assert_eq!(
        checked(json)
            .expect_err("refused")
            .lines()
            .collect::<Vec<_>>(),
        [
            "layer 1: people: nobody is listed; name at least one person",
            "layer 1: starts: \"soon\" is not a time without zone; write 2026-01-05T09:00",
            "layer 1: until: \"late\" is not a time without zone; write 2026-01-05T09:00",
            "layer 1: only: restriction 1: \"x\" is not a time; write HH:MM up to 24:00, or a weekday before it: friday 18:00",
            "layer 1: only: restriction 2: none of its days is ever one of any_day in the calendar, so it would never be on",
            "layer 2: people: turn 1: nobody is called \"zoe\"; add them to people, or mend the name",
            "layer 2: until: 2026-01-04T09:00 is not after starts: 2026-01-05T09:00",
        ]
    );
}

#[test]
fn turns_of_nobody_are_refused() {
    for (people, words) in [
        (
            "[]",
            "layer 1: people: nobody is listed; name at least one person",
        ),
        (
            r#"["ada", []]"#,
            "layer 1: people: turn 2 has 0 people; 1 to 20",
        ),
        (
            r#"[["ada", "bob", "ada"]]"#,
            "layer 1: people: turn 1: \"ada\" is there twice",
        ),
    ] {
        assert_eq!(daily(&format!(r#""people": {people}"#)), words);
    }
    let many = format!(r#""people": [{}]"#, [r#""ada""#; 401].join(","));
    assert_eq!(daily(&many), "layer 1: people: 401 turns; 400 at most");
}

#[test]
fn lengths_that_make_no_turns_are_refused() {
    let at = r#""starts": "2026-01-05T09:00""#;
    for (keys, words) in [
        (
            r#""rotation": "daily", "every": 0"#,
            "every: 0 would be turns without length; write 1 or more",
        ),
        (
            r#""rotation": "weekly", "every": 4294967295"#,
            "turns of 43293270333600 minutes: write a length from 15m to 3660d",
        ),
        (
            r#""rotation": "monthly", "every": 200"#,
            "turns of 8640000 minutes: write a length from 15m to 3660d",
        ),
        (
            r#""rotation": "custom""#,
            "a custom rotation has 1 to 366 lengths, not 0; write lengths: [5d, 2d]",
        ),
        (
            r#""rotation": "custom", "lengths": ["0"]"#,
            "turns of 0 minutes: write a length from 15m to 3660d",
        ),
        (
            r#""rotation": "custom", "lengths": ["1d", "14m"]"#,
            "turns of 14 minutes: write a length from 15m to 3660d",
        ),
        (
            r#""rotation": "custom", "lengths": ["292y"]"#,
            "turns of 153475200 minutes: write a length from 15m to 3660d",
        ),
        (
            r#""rotation": "custom", "lengths": ["90s"]"#,
            "lengths: \"90s\" is not a length in whole minutes; write 12h, 5d or 1w",
        ),
        (
            r#""rotation": "custom", "lengths": ["soon"]"#,
            "lengths: \"soon\" is not a length in whole minutes; write 12h, 5d or 1w",
        ),
        (
            r#""rotation": "custom", "every": 2, "lengths": ["1d"]"#,
            "every belongs to another rotation: lengths to custom, every to all others",
        ),
        (
            r#""rotation": "daily", "lengths": ["1d"]"#,
            "lengths belongs to another rotation: lengths to custom, every to all others",
        ),
    ] {
        assert_eq!(layer(&format!("{keys}, {at}")), format!("layer 1: {words}"));
    }
}

#[test]
fn moments_that_are_none_are_refused() {
    for (starts, words) in [
        (
            "soon",
            "\"soon\" is not a time without zone; write 2026-01-05T09:00",
        ),
        (
            "2026-02-30T09:00",
            "\"2026-02-30T09:00\" is not a time without zone; write 2026-01-05T09:00",
        ),
        (
            "2026-01-05T09:00Z",
            "\"2026-01-05T09:00Z\" is not a time without zone; write 2026-01-05T09:00",
        ),
        (
            "2026-01-05T09:00:30",
            "2026-01-05T09:00:30 is not a whole minute of the years 1900 to 9000",
        ),
        (
            "1899-12-31T09:00",
            "1899-12-31T09:00:00 is not a whole minute of the years 1900 to 9000",
        ),
    ] {
        assert_eq!(
            layer(&format!(r#""rotation": "daily", "starts": "{starts}""#)),
            format!("layer 1: starts: {words}")
        );
    }
    assert_eq!(
        daily(r#""until": "2026-01-05T09:00""#),
        "layer 1: until: 2026-01-05T09:00 is not after starts: 2026-01-05T09:00"
    );
    for (handover, words) in [
        (
            r#"{"time": "9:00"}"#,
            "handover: \"9:00\" is not a time of day; write HH:MM",
        ),
        (
            r#"{"time": "24:00"}"#,
            "handover: \"24:00\" is not a time of day; write HH:MM",
        ),
        (
            r#"{"weekday": "montag"}"#,
            "handover: \"montag\" is not a day of the week",
        ),
        (
            r#"{"weekday": "monday:friday"}"#,
            "handover: \"monday:friday\" is not a day of the week",
        ),
        (
            r#"{"weekday": "monday"}"#,
            "handover: a weekday needs a cycle of whole weeks; leave it out, or change the length",
        ),
    ] {
        assert_eq!(
            daily(&format!(r#""handover": {handover}"#)),
            format!("layer 1: {words}")
        );
    }
    assert_eq!(
        layer(
            r#""rotation": "hourly", "starts": "2026-01-05T09:00", "handover": {"time": "09:00"}"#
        ),
        "layer 1: handover: a time needs turns of whole days; leave it out, or change the length"
    );
    assert!(layer(r#""rotation": "monthly", "starts": "2026-01-05T09:00", "handover": {"weekday": "monday"}"#).contains("whole weeks"));
}

#[test]
fn restrictions_that_are_never_on_are_refused() {
    for (only, words) in [
        (
            r#"{"from": "09:00"}"#,
            "from and to belong together; leave both out for the whole day",
        ),
        (
            r#"{"from": "09:00", "to": "9 pm"}"#,
            "\"9 pm\" is not a time; write HH:MM up to 24:00, or a weekday before it: friday 18:00",
        ),
        (
            r#"{"from": "09:00", "to": "24:01"}"#,
            "\"24:01\" is not a time; write HH:MM up to 24:00, or a weekday before it: friday 18:00",
        ),
        (
            r#"{"from": "friday 09:00", "to": "17:00"}"#,
            "\"friday 09:00\" to \"17:00\": give both ends a weekday, or neither",
        ),
        (
            r#"{"from": "09:00", "to": "09:00"}"#,
            "from and to are both \"09:00\", so it would never be on; leave both out for the whole day",
        ),
        (
            r#"{"from": "friday 09:00", "to": "friday 09:00"}"#,
            "from and to are both \"friday 09:00\", so it would never be on; leave both out for the whole day",
        ),
        (
            r#"{"from": "friday 09:00", "to": "monday 09:00", "on": "workdays"}"#,
            "from and to name their weekdays already; leave out days and on",
        ),
        (
            r#"{"days": ["montag"]}"#,
            "\"montag\" is not a day of the week; write monday or monday:friday",
        ),
        (
            r#"{"days": []}"#,
            "none of its days is ever one of any_day in the calendar, so it would never be on",
        ),
        (
            r#"{"days": ["saturday"], "on": "workdays"}"#,
            "none of its days is ever one of workdays in the calendar, so it would never be on",
        ),
        (
            r#"{"days": ["monday:friday"], "on": "days_off"}"#,
            "none of its days is ever one of days_off in the calendar, so it would never be on",
        ),
        (
            r#"{"on": "holidays"}"#,
            "none of its days is ever one of holidays in the calendar, so it would never be on",
        ),
    ] {
        assert_eq!(
            daily(&format!(r#""only": [{only}]"#)),
            format!("layer 1: only: restriction 1: {words}")
        );
    }
    let many = [r#"{"from": "09:00", "to": "10:00"}"#; 65].join(",");
    assert_eq!(
        daily(&format!(r#""only": [{many}]"#)),
        "layer 1: only: 65 restrictions; 64 at most"
    );
    // With make-up workdays there are Saturdays that are worked on.
    let json = r#"{"timezone": "UTC", "calendar": "china", "layers": [{"rotation": "daily",
        "starts": "2026-01-05T09:00", "people": ["ada"], "only": [{"days": ["saturday"], "on": "workdays"}]}]}"#;
    assert!(checked(json).is_ok());
}

#[test]
fn a_schedule_reads_and_prints_as_it_is_written() {
    let json = r#"{"timezone":"UTC","layers":[{"name":"n","rotation":"weekly","every":2,"starts":"2026-01-05T09:00","until":"2027-01-05T09:00","handover":{"time":"09:00","weekday":"monday"},"people":["ada",["bob","cai"]],"only":[{"from":"09:00","to":"18:00","days":["monday:friday"],"on":"workdays"}]}],"calendar":[]}"#;
    let spec: ScheduleSpec = serde_json::from_str(json).expect("a spec");
    assert_eq!(serde_json::to_string(&spec).expect("json"), json);
    let unknown = json.replace("\"every\"", "\"evry\"");
    assert!(serde_json::from_str::<ScheduleSpec>(&unknown).is_err());
}
