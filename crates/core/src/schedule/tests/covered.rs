use super::*;

#[test]
fn gaps_hidden_layers_and_silent_people_are_reported() {
    let ops = schedule(
        "UTC",
        r#"{"rotation": "daily", "starts": "2026-01-05T00:00", "people": ["ada", "bob"], "only": [{"from": "08:00", "to": "20:00"}]},
           {"rotation": "daily", "starts": "2026-01-05T00:00", "people": ["cai"], "only": [{"from": "18:00", "to": "22:00"}]}"#,
    );
    let cover = Override {
        id: "away".into(),
        when: Stretch {
            from: at("2026-01-05T10:00:00Z"),
            to: at("2026-01-05T11:00:00Z"),
        },
        instead: Instead::Cover(vec![]),
        swap: None,
    };
    let ops = ops.with_overrides(vec![cover], &known).expect("override");
    let found = ops
        .coverage(
            at("2026-01-05T00:00:00Z"),
            at("2026-01-06T12:00:00Z"),
            &|person| person != "bob",
        )
        .expect("coverage");
    let gaps: Vec<_> = found
        .gaps
        .iter()
        .map(|gap| (gap.stretch.length().as_secs() / 3_600, gap.overrides.len()))
        .collect();
    assert_eq!(gaps, [(8, 0), (1, 1), (10, 0)]);
    let hidden: Vec<_> = found
        .hidden
        .iter()
        .map(|h| (h.layer, h.by, names(&h.people), h.stretch.length()))
        .collect();
    assert_eq!(hidden, [(0, 1, "ada".to_owned(), Duration::from_hours(2))]);
    let silent: Vec<_> = found
        .unreachable
        .iter()
        .map(|u| (names(&u.people), u.is_gap()))
        .collect();
    assert_eq!(silent, [("bob".to_owned(), true)]);
    assert_eq!(found.calendar_ends, None);
}

#[test]
fn the_burden_is_counted_in_hours_nights_weekends_and_holidays() {
    let json = r#"{"timezone": "Asia/Shanghai", "calendar": "china",
        "layers": [{"rotation": "weekly", "starts": "2026-02-09T09:00", "people": ["ada", "bob"]},
                   {"rotation": "weekly", "starts": "2027-02-09T09:00", "people": ["dan"]}]}"#;
    let ops = checked(json).expect("a schedule");
    let found = ops
        .coverage(
            on_wall(&ops, "2026-02-09T09:00"),
            on_wall(&ops, "2026-02-23T09:00"),
            &|_| true,
        )
        .expect("coverage");
    let hours = Duration::from_hours;
    let load = |person: &str| found.load[person];
    let ada = Load {
        shifts: 1,
        total: hours(168),
        nights: hours(56),
        weekends: hours(48),
        holidays: hours(24 + 9),
    };
    assert_eq!(load("ada"), ada);
    let bob = Load {
        shifts: 1,
        total: hours(168),
        nights: hours(56),
        weekends: hours(48),
        holidays: hours(168),
    };
    assert_eq!(load("bob"), bob);
    assert_eq!(load("dan"), Load::default());
    let next_year = ops
        .coverage(
            on_wall(&ops, "2026-12-01T00:00"),
            on_wall(&ops, "2027-03-01T00:00"),
            &|_| true,
        )
        .expect("coverage");
    assert_eq!(
        next_year.calendar_ends,
        Some(jiff::civil::date(2026, 10, 10))
    );
}

#[test]
fn figures_add_up_over_a_year_of_changes() {
    let ops = schedule(
        "America/Chicago",
        r#"{"rotation": "hourly", "every": 7, "starts": "2025-06-01T00:00", "people": ["ada", ["bob", "cai"]]},
           {"rotation": "daily", "starts": "2025-06-01T00:00", "people": ["dan", "ada"], "only": [{"from": "23:00", "to": "01:30"}, {"days": ["sunday"]}]}"#,
    );
    let (from, to) = (
        on_wall(&ops, "2026-01-01T00:00"),
        on_wall(&ops, "2027-01-01T00:00"),
    );
    let found = ops.coverage(from, to, &|_| true).expect("coverage");
    let shifts = ops.shifts(from, to).expect("shifts");
    assert!(found.gaps.is_empty() && shifts.len() > 1_000);
    let total: Duration = found.load.values().map(|load| load.total).sum();
    let people: Duration = shifts
        .iter()
        .map(|s| s.stretch.length() * s.people.len() as u32)
        .sum();
    assert_eq!(total, people);
    let once: Duration = shifts.iter().map(|shift| shift.stretch.length()).sum();
    assert_eq!(once, to.since(from));
    assert!(
        shifts
            .windows(2)
            .all(|pair| pair[0].stretch.to == pair[1].stretch.from)
    );
    let maximal = |a: &Shift, b: &Shift| (&a.people, a.layer) != (&b.people, b.layer);
    assert!(shifts.windows(2).all(|pair| maximal(&pair[0], &pair[1])));
}

#[test]
fn ranges_are_bounded() {
    let ops = schedule(
        "UTC",
        r#"{"rotation": "daily", "starts": "2026-01-05T00:00", "people": ["ada"]}"#,
    );
    let from = at("2026-01-01T00:00:00Z");
    assert_eq!(
        ops.shifts(from, from).expect_err("empty").to_string(),
        "2026-01-01T00:00:00.000Z is not after 2026-01-01T00:00:00.000Z"
    );
    assert_eq!(
        ops.shifts(from, at("2036-01-01T00:00:00Z"))
            .expect_err("long")
            .to_string(),
        "2026-01-01T00:00:00.000Z to 2036-01-01T00:00:00.000Z is more than five years; ask for less at a time"
    );
    assert!(ops.shifts(from, from.after(MAX_RANGE)).is_ok());
}

#[test]
fn a_lower_layer_whose_people_are_called_anyway_is_not_hidden() {
    let ops = schedule(
        "UTC",
        r#"{"rotation": "daily", "starts": "2026-01-05T00:00", "people": ["ada", "bob"]},
           {"rotation": "daily", "starts": "2026-01-05T00:00", "people": [["ada", "cai"]]}"#,
    );
    let found = ops
        .coverage(
            at("2026-01-05T00:00:00Z"),
            at("2026-01-07T00:00:00Z"),
            &|_| true,
        )
        .expect("coverage");
    let hidden: Vec<_> = found
        .hidden
        .iter()
        .map(|h| (names(&h.people), h.stretch.length()))
        .collect();
    assert_eq!(hidden, [("bob".to_owned(), Duration::from_hours(24))]);
}

#[test]
fn what_layers_say_by_themselves_is_what_they_say_at_every_instant() {
    let ops = schedule(
        "Europe/Berlin",
        r#"{"rotation": "custom", "lengths": ["5d", "2d"], "starts": "2026-03-25T00:00", "people": ["ada", ["bob", "cai"]]},
           {"rotation": "hourly", "every": 6, "starts": "2026-03-26T09:00", "people": ["cai", "dan"], "only": [{"from": "22:00", "to": "02:30"}]}"#,
    );
    let (from, to) = (at("2026-03-24T00:00:00Z"), at("2026-04-03T00:00:00Z"));
    let layers = ops.layer_shifts(from, to).expect("a range");
    let mut now = from;
    while now < to {
        let said = layers.iter().map(|shifts| {
            let mut holding = shifts.iter().filter(|shift| shift.stretch.contains(now));
            let one = holding.next().map(|shift| People::clone(&shift.people));
            assert_eq!(holding.next(), None, "{now}");
            one
        });
        assert_eq!(
            said.collect::<Vec<_>>(),
            ops.on_call_at(now).layers,
            "{now}"
        );
        now = now.after(Duration::from_mins(10));
    }
    assert!(ops.layer_shifts(to, from).is_err());
}

#[test]
fn quality_is_what_asking_every_hour_gives() {
    let ops = schedule(
        "Asia/Shanghai",
        r#"{"rotation": "daily", "starts": "2026-01-05T09:00", "people": ["ada", "bob", "ada"], "only": [{"from": "09:00", "to": "21:00"}]},
           {"rotation": "daily", "starts": "2026-01-05T09:00", "people": ["cai"], "only": [{"days": ["sunday"]}]}"#,
    );
    let (from, to) = (at("2026-01-05T00:00:00Z"), at("2026-03-02T00:00:00Z"));
    let found = ops
        .coverage(from, to, &|key| key != "cai")
        .expect("coverage");
    let quality = found.quality();
    let (mut hours, mut covered, mut reachable) = (0_u32, 0_u32, 0_u32);
    let mut each = std::collections::BTreeMap::from([("ada", 0_u32), ("bob", 0), ("cai", 0)]);
    let mut now = from;
    while now < to {
        let people = ops.on_call_at(now).people;
        hours += 1;
        covered += u32::from(!people.is_empty());
        reachable += u32::from(people.iter().any(|key| &**key != "cai"));
        for key in people.iter() {
            *each.get_mut(&**key).expect("known") += 1;
        }
        now = now.after(Duration::from_hours(1));
    }
    let near = |found: f64, counted: f64| (found - counted).abs() < 1e-9;
    assert!(near(quality.covered, f64::from(covered) / f64::from(hours)));
    assert!(near(
        quality.reachable,
        f64::from(reachable) / f64::from(hours)
    ));
    let (least, most) = (each.values().min(), each.values().max());
    let evenness = f64::from(*least.expect("people")) / f64::from(*most.expect("people"));
    assert!(near(quality.evenness.expect("three people"), evenness));
}
