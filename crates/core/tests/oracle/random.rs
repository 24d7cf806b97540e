//! Random schedules, around moments where clocks change more often than not.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// Zones with hours, half hours and whole days that are skipped and repeated, and quiet ones. Until
/// about 1920, in some until 1972, clocks were off by seconds; such times are left out, as the oracle reads minutes.
pub(crate) const ZONES: [&str; 16] = [
    "Europe/London",
    "America/Chicago",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Asia/Shanghai",
    "America/Sao_Paulo",
    "UTC",
    "America/Havana",
    "Pacific/Kwajalein",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Pacific/Kiritimati",
];
/// The years compared: 1900 to 2100, without the margins that a look needs around it.
const YEARS: (i64, i64) = (-2_208_000_000, 4_102_000_000);
/// Around the part that is compared, clocks must show whole minutes: what the oracle reads of them, and more.
const AROUND: i64 = 3 * 86_400;
const WEEKDAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];
const PEOPLE: [&str; 6] = ["ada", "bob", "cai", "dan", "eva", "fei"];

/// Numbers from a seed: SplitMix64, <https://prng.di.unimi.it/splitmix64.c>.
#[derive(Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_F491_4F6C_DD1D))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Both ends included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % (high - low + 1) as u64) as i64
    }

    fn one_in(&mut self, n: i64) -> bool {
        self.between(1, n) == 1
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.between(0, list.len() as i64 - 1) as usize]
    }
}

/// A schedule, overrides, and the part of time to compare, in minutes since 1970.
pub(crate) struct Case {
    pub(crate) random: Random,
    pub(crate) schedule: Value,
    pub(crate) overrides: Vec<Value>,
    pub(crate) from: i64,
    pub(crate) to: i64,
}

impl Case {
    pub(crate) fn new(mut random: Random) -> Self {
        let zone = random.pick(&ZONES);
        let (from, to) = part(&mut random, zone);
        let layers: Vec<Value> = (0..random.pick(&[1, 1, 2, 3]))
            .map(|_| layer(&mut random, zone, from))
            .collect();
        let schedule = json!({
            "timezone": zone,
            "layers": layers,
            "calendar": calendar(&mut random, zone, from),
        });
        let overrides = overrides(&mut random, from, to);
        Self {
            random,
            schedule,
            overrides,
            from,
            to,
        }
    }

    pub(crate) fn request(&self) -> Value {
        json!({
            "schedule": self.schedule,
            "from": self.from,
            "to": self.to,
            "overrides": self.overrides,
        })
    }
}

/// A part of the years compared, throughout which the clock shows whole minutes.
fn part(random: &mut Random, zone: &str) -> (i64, i64) {
    loop {
        let middle = moment(random, zone);
        let from = middle - random.between(0, 2 * 1440);
        let length = if random.one_in(30) {
            14 * 1440
        } else {
            random.between(600, 2 * 1440)
        };
        let to = from + length;
        if shows_whole_minutes(zone, from * 60 - AROUND, to * 60 + AROUND) {
            return (from, to);
        }
    }
}

fn shows_whole_minutes(zone: &str, from: i64, to: i64) -> bool {
    let zone = TimeZone::get(zone).expect("a zone");
    let from = Timestamp::from_second(from).expect("in range");
    let changes = zone.following(from).map(|change| change.timestamp());
    let changes = changes.take_while(|at| at.as_second() <= to);
    std::iter::once(from)
        .chain(changes)
        .all(|at| zone.to_offset(at).seconds() % 60 == 0)
}

/// A minute of the years compared; mostly close to where the clock changes.
fn moment(random: &mut Random, zone: &str) -> i64 {
    let second = random.between(YEARS.0, YEARS.1);
    let at = Timestamp::from_second(second).expect("in range");
    let zone = TimeZone::get(zone).expect("a zone");
    // Date lines move once in a lifetime, so they are sought.
    let from = if random.one_in(4) {
        Timestamp::from_second(random.between(YEARS.0, 1_400_000_000)).expect("in range")
    } else {
        at
    };
    let change = zone
        .following(from)
        .next()
        .map(|change| change.timestamp().as_second());
    let near = change.filter(|change| *change < YEARS.1 && !random.one_in(4));
    near.unwrap_or(second).div_euclid(60)
}

/// What the clock shows, as text.
fn wall(zone: &str, minute: i64) -> jiff::civil::DateTime {
    let at = Timestamp::from_second(minute * 60).expect("in range");
    TimeZone::get(zone).expect("a zone").to_datetime(at)
}

fn time_of_day(random: &mut Random) -> String {
    // Where clocks change, and anywhere.
    let hour = if random.one_in(2) {
        random.between(0, 3)
    } else {
        random.between(0, 23)
    };
    format!("{hour:02}:{:02}", random.pick(&[0, 0, 0, 15, 30, 45, 59]))
}

fn layer(random: &mut Random, zone: &str, from: i64) -> Value {
    let pace = random.pick(&[
        "hourly", "daily", "weekly", "monthly", "custom", "hourly", "daily",
    ]);
    let mut layer = json!({"rotation": pace});
    let ago = if random.one_in(5) {
        random.between(-2_000, 2_000)
    } else {
        random.between(0, 900 * 1440)
    };
    // Schedules start in 1900 at the earliest, in any zone.
    let day = wall(zone, (from - ago).max(YEARS.0 / 60)).date();
    layer["starts"] = json!(format!("{day}T{}", time_of_day(random)));
    match pace {
        "custom" => {
            let units: &[&str] = random.pick(&[
                &["15m", "45m", "2h"][..],
                &["1d", "2d", "5d"],
                &["1h", "7h", "16h"],
            ]);
            let lengths: Vec<&str> = (0..random.between(1, 4))
                .map(|_| random.pick(units))
                .collect();
            layer["lengths"] = json!(lengths);
        }
        "hourly" => layer["every"] = json!(random.pick(&[1, 1, 2, 3, 5, 6, 8, 12, 24, 36])),
        "monthly" => layer["every"] = json!(random.pick(&[1, 1, 2, 3])),
        _ if random.one_in(2) => layer["every"] = json!(random.between(1, 3)),
        _ => {}
    }
    if matches!(pace, "daily" | "weekly") && random.one_in(2) {
        let mut handover = json!({"time": time_of_day(random)});
        if pace == "weekly" && random.one_in(2) {
            handover["weekday"] = json!(random.pick(&WEEKDAYS));
        }
        layer["handover"] = handover;
    }
    if random.one_in(6) {
        let end = wall(zone, from + random.between(0, 2 * 1440)).date();
        let until = format!("{end}T{}", time_of_day(random));
        // Texts of the same form are in the order of their times.
        if until.as_str() > layer["starts"].as_str().unwrap_or_default() {
            layer["until"] = json!(until);
        }
    }
    let people: Vec<Value> = (0..random.between(1, 5))
        .map(|_| {
            let one = random.between(0, 5) as usize;
            if random.one_in(5) {
                json!([PEOPLE[one], PEOPLE[(one + 1) % 6]])
            } else {
                json!(PEOPLE[one])
            }
        })
        .collect();
    layer["people"] = json!(people);
    if random.one_in(2) {
        let only: Vec<Value> = (0..random.between(1, 3))
            .map(|_| restriction(random))
            .collect();
        layer["only"] = json!(only);
    }
    layer
}

fn restriction(random: &mut Random) -> Value {
    let from = time_of_day(random);
    let to = if random.one_in(8) {
        "24:00".to_owned()
    } else {
        time_of_day(random)
    };
    // The same time twice would never be on.
    let same = from == to;
    match random.between(1, 4) {
        1 => {
            let (first, last) = (random.pick(&WEEKDAYS), random.pick(&WEEKDAYS));
            if same && first == last {
                return json!({"days": [first]});
            }
            json!({"from": format!("{first} {from}"), "to": format!("{last} {to}")})
        }
        2 if same => json!({}),
        2 => json!({"from": from, "to": to}),
        3 => {
            let on = random.pick(&["workdays", "days_off", "holidays"]);
            if same {
                json!({"on": on})
            } else {
                json!({"from": from, "to": to, "on": on})
            }
        }
        _ => {
            let first = random.between(0, 6) as usize;
            let last = random.between(first as i64, 6) as usize;
            let days = [format!("{}:{}", WEEKDAYS[first], WEEKDAYS[last])];
            if same {
                json!({"days": days})
            } else {
                json!({"from": from, "to": to, "days": days})
            }
        }
    }
}

fn calendar(random: &mut Random, zone: &str, from: i64) -> Value {
    let mut lines = Vec::new();
    for days in -2..14 {
        if random.one_in(4) {
            let date = wall(zone, from + days * 1440).date();
            lines.push((date, random.pick(&["holiday", "workday"])));
        }
    }
    // A day that is skipped gives its neighbour twice.
    lines.dedup_by_key(|line| line.0);
    let lines: Vec<Value> = lines
        .into_iter()
        .map(|(date, kind)| json!({"date": date.to_string(), "kind": kind}))
        .collect();
    json!(lines)
}

/// Covers one after the other, and stand-ins for different people.
fn overrides(random: &mut Random, from: i64, to: i64) -> Vec<Value> {
    let mut overrides = Vec::new();
    let mut at = from - 300;
    while random.one_in(3) {
        at += random.between(1, to - from);
        let end = at + random.between(1, 900);
        let people: Vec<&str> = (0..random.between(0, 2))
            .map(|n| PEOPLE[n as usize])
            .collect();
        overrides.push(json!({"from": at, "to": end, "cover": people}));
        at = end;
    }
    for (number, absent) in PEOPLE.iter().enumerate() {
        if random.one_in(4) {
            let begins = random.between(from - 300, to);
            let by =
                (!random.one_in(4)).then(|| PEOPLE[(number + random.between(1, 5) as usize) % 6]);
            let end = begins + random.between(1, 3_000);
            overrides.push(json!({"from": begins, "to": end, "absent": absent, "by": by}));
        }
    }
    overrides
}
