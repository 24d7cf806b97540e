use jiff::civil::{DateTime, Weekday};
use jiff::{Span, ToSpan};
use proptest::prelude::*;

use super::rule::Rule;
use super::*;
use crate::schedule::{Schedule, ScheduleSpec};

fn at(text: &str) -> Time {
    text.parse::<jiff::Timestamp>().expect(text).into()
}

fn spec(text: &str, names: &[(&str, &str)]) -> ScheduleSpec {
    let names: BTreeMap<&str, &str> = names.iter().copied().collect();
    serde_json::from_value(serde_json::json!({
        "timezone": "Asia/Shanghai",
        "layers": [{"events": {"text": text, "names": names}}],
    }))
    .expect("a schedule")
}

fn schedule(events: &str) -> Schedule {
    let names = [
        ("ada", "ada"),
        ("ada@example.com", "ada"),
        ("Li Wei", "li-wei"),
        ("陈敏", "chen-min"),
    ];
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n",
        events.replace('\n', "\r\n")
    );
    Schedule::new("ops", &spec(&text, &names), &|_| true).expect("a schedule")
}

/// The shifts as `who from/to`, in the schedule's zone.
fn shifts(schedule: &Schedule, from: &str, to: &str) -> Vec<String> {
    let shifts = schedule.shifts(at(from), at(to)).expect("a range");
    let clock = |at: Time| {
        schedule
            .zone()
            .clock(at)
            .strftime("%m-%dT%H:%M")
            .to_string()
    };
    let told = shifts.iter().map(|shift| {
        let (from, to) = (clock(shift.stretch.from), clock(shift.stretch.to));
        format!("{} {from}/{to}", shift.people.join("+"))
    });
    told.collect()
}

#[test]
fn a_weekly_shift_of_google_calendar_with_one_week_given_away() {
    let ops = schedule(
        "BEGIN:VEVENT
DTSTART;TZID=Asia/Shanghai:20260105T090000
DTEND;TZID=Asia/Shanghai:20260112T090000
RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO
EXDATE;TZID=Asia/Shanghai:20260202T090000
DTSTAMP:20260101T000000Z
UID:1abc@google.com
SUMMARY:Li Wei on call
DESCRIPTION:Call the bridge first\\, then look at the dashboard; it is a lo
 ng text that is folded
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=Asia/Shanghai:20260119T120000
DTEND;TZID=Asia/Shanghai:20260120T090000
UID:1abc@google.com
RECURRENCE-ID;TZID=Asia/Shanghai:20260119T090000
SUMMARY:Ada on call
BEGIN:VALARM
ACTION:DISPLAY
SUMMARY:nobody
END:VALARM
END:VEVENT
",
    );
    assert_eq!(
        shifts(&ops, "2026-01-01T00:00:00Z", "2026-02-26T00:00:00Z"),
        [
            "li-wei 01-05T09:00/01-12T09:00",
            "ada 01-19T12:00/01-20T09:00",
            "li-wei 02-16T09:00/02-23T09:00",
        ]
    );
    let there = ops.on_call_at(at("2026-02-17T00:00:00Z"));
    assert_eq!(
        (there.people.join("+").as_str(), there.layer),
        ("li-wei", Some(0))
    );
    assert!(ops.on_call_at(at("2026-02-03T00:00:00Z")).people.is_empty());
}

#[test]
fn days_of_outlook_with_a_zone_of_windows_and_attendees() {
    let ops = schedule(
        "BEGIN:VTIMEZONE
TZID:China Standard Time
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:+0800
TZOFFSETTO:+0800
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
ORGANIZER;CN=Boss:mailto:boss@example.com
ATTENDEE;PARTSTAT=DECLINED;CN=\"Li Wei\":mailto:liwei@example.com
ATTENDEE;ROLE=REQ-PARTICIPANT;CN=\"Ada; the first\":MAILTO:Ada@Example.com
ATTENDEE;CN=陈敏:mailto:unknown@example.com
UID:0400
SUMMARY:Bereitschaft
DTSTART;TZID=China Standard Time:20260301T180000
DTEND;TZID=China Standard Time:20260302T080000
RRULE:FREQ=DAILY;UNTIL=20260303T100000Z
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
END:VEVENT
BEGIN:VEVENT
UID:0401
SUMMARY:Ada
STATUS:CANCELLED
DTSTART:20260304T000000Z
DURATION:PT8H
END:VEVENT
",
    );
    assert_eq!(
        shifts(&ops, "2026-03-01T00:00:00Z", "2026-03-10T00:00:00Z"),
        [
            "ada+chen-min 03-01T18:00/03-02T08:00",
            "ada+chen-min 03-02T18:00/03-03T08:00",
            "ada+chen-min 03-03T18:00/03-04T08:00",
        ]
    );
}

#[test]
fn shifts_of_pagerduty_and_oncall_in_utc_and_whole_days() {
    let ops = schedule(
        "BEGIN:VEVENT
DTEND;VALUE=DATE-TIME:20260112T010000Z
DTSTART;VALUE=DATE-TIME:20260105T010000Z
SUMMARY:On Call - Ada - Primary
URL:https://example.pagerduty.com/schedules#P1
ATTENDEE:ada@example.com
UID:Q1
END:VEVENT
BEGIN:VEVENT
SUMMARY:[L1] Li Wei
DTSTART:20260112T010000Z
DTEND:20260119T010000Z
UID:O2-PK
END:VEVENT
BEGIN:VEVENT
SUMMARY:值班 陈敏 和 ada
DTSTART;VALUE=DATE:20260119
DTEND;VALUE=DATE:20260121
UID:3
END:VEVENT
BEGIN:VEVENT
SUMMARY:nevada
DTSTART:20260101T010000Z
DTEND:20260102T010000Z
UID:4
END:VEVENT
",
    );
    assert_eq!(
        shifts(&ops, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
        [
            "ada 01-05T09:00/01-12T09:00",
            "li-wei 01-12T09:00/01-19T00:00",
            "li-wei+chen-min+ada 01-19T00:00/01-19T09:00",
            "chen-min+ada 01-19T09:00/01-21T00:00",
        ]
    );
    let told: Vec<_> = ops
        .left_out()
        .map(|(layer, told)| format!("{layer}: {told}"))
        .collect();
    assert_eq!(told, ["layer 1: event \"nevada\" names nobody known"]);
}

#[test]
fn what_is_no_calendar_is_refused_and_a_bad_event_costs_no_neighbour() {
    let refused = |text: &str, names: &[(&str, &str)]| {
        let errors = Schedule::new("ops", &spec(text, names), &|key| key == "ada");
        errors.expect_err("refused")[0].to_string()
    };
    assert_eq!(
        refused("<html>", &[]),
        "layer 1: events: is no iCalendar file: it has no BEGIN:VCALENDAR"
    );
    assert_eq!(
        refused("BEGIN:VCALENDAR", &[("bob", "bob")]),
        "layer 1: events: names: nobody is called \"bob\""
    );
    let many = "BEGIN:VEVENT\nEND:VEVENT\n".repeat(MAX_EVENTS + 1);
    assert!(refused(&format!("BEGIN:VCALENDAR\n{many}"), &[]).contains("more than 5000 events"));
    let bad = |lines: &str| {
        let good = "BEGIN:VEVENT\nSUMMARY:ada\nDTSTART:20260105T010000Z\nDTEND:20260105T020000Z\nEND:VEVENT\n";
        let ops = schedule(&format!(
            "BEGIN:VEVENT\nSUMMARY:ada\n{lines}\nEND:VEVENT\n{good}"
        ));
        assert_eq!(
            shifts(&ops, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z").len(),
            1
        );
        let told: Vec<&str> = ops.left_out().map(|(_, told)| told).collect();
        told.join("; ")
    };
    let time = "DTSTART:20260101T010000Z\nDTEND:20260101T020000Z";
    for (lines, words) in [
        (
            "DTSTART;TZID=Mars/Olympus:20260101T010000",
            "the time zone \"Mars/Olympus\"",
        ),
        ("DTSTART:2026-01-01", "the time \"2026-01-01\""),
        ("DTSTART:20260230T010000Z", "the time \"20260230T010000Z\""),
        ("DTEND:20260101T020000Z", "its beginning"),
        ("DTSTART:20260101T010000Z\nDURATION:8h", "its length \"8h\""),
        (
            "DTSTART:20260101T010000Z\nDTEND:20260101T010000Z",
            "its length (none, or more than 400 days)",
        ),
        (
            &format!("{time}\nRRULE:FREQ=HOURLY"),
            "its rule \"FREQ=HOURLY\"",
        ),
        (
            &format!("{time}\nRRULE:FREQ=YEARLY;BYWEEKNO=3"),
            "its rule \"BYWEEKNO=3\"",
        ),
        (&format!("{time}\nRRULE:COUNT=3"), "its rule \"COUNT=3\""),
    ] {
        assert_eq!(
            bad(lines),
            format!("event \"ada\": {words} cannot be read"),
            "{lines}"
        );
    }
}

#[test]
fn a_rule_goes_on_for_ever_without_being_walked_through() {
    let ops = schedule(
        "BEGIN:VEVENT\nSUMMARY:ada\nDTSTART;TZID=Europe/Berlin:19700105T000000\nDURATION:PT12H\nRRULE:FREQ=DAILY\nEND:VEVENT\n",
    );
    let begun = shifts(&ops, "9399-07-01T00:00:00Z", "9399-07-02T00:00:00Z");
    assert_eq!(
        begun,
        ["ada 07-01T08:00/07-01T18:00", "ada 07-02T06:00/07-02T08:00"]
    );
    let years = ops.shifts(at("2026-01-01T00:00:00Z"), at("2030-12-31T00:00:00Z"));
    assert_eq!(years.expect("a range").len(), 5 * 365 + 1);
}

/// A rule as its parts, for the model and as text.
#[derive(Clone, Debug)]
struct Parts {
    frequency: &'static str,
    interval: i64,
    count: Option<usize>,
    days: Vec<(i64, Weekday)>,
    month_days: Vec<i8>,
    months: Vec<i8>,
    week_start: Weekday,
}

fn letters(day: Weekday) -> &'static str {
    ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][day.to_monday_zero_offset() as usize]
}

impl Parts {
    fn written(&self) -> String {
        let join = |list: Vec<String>| list.join(",");
        let day = |(number, day): &(i64, Weekday)| match number {
            0 => letters(*day).to_owned(),
            _ => format!("{number}{}", letters(*day)),
        };
        let texts = |list: &[i8]| join(list.iter().map(ToString::to_string).collect());
        let parts = [
            ("FREQ", self.frequency.to_owned()),
            ("INTERVAL", self.interval.to_string()),
            ("WKST", letters(self.week_start).to_owned()),
            (
                "COUNT",
                self.count.map(|n| n.to_string()).unwrap_or_default(),
            ),
            ("BYDAY", join(self.days.iter().map(day).collect())),
            ("BYMONTHDAY", texts(&self.month_days)),
            ("BYMONTH", texts(&self.months)),
        ];
        let parts = parts.iter().filter(|(_, value)| !value.is_empty());
        let parts: Vec<String> = parts
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        parts.join(";")
    }

    /// Whether a day is one of the rule's, said of that day alone.
    fn holds(&self, start: DateTime, day: DateTime) -> bool {
        let (s, d) = (start.date(), day.date());
        let between = i64::from((d - s).get_days());
        let number = |at: i64, all: i64| [(at - 1) / 7 + 1, -((all - at) / 7 + 1)];
        let weekday = |places: [i64; 2]| {
            let own = self.days.iter().filter(|(_, day)| *day == d.weekday());
            own.into_iter().any(|(n, _)| *n == 0 || places.contains(n))
        };
        let in_month = || weekday(number(i64::from(d.day()), i64::from(d.days_in_month())));
        let back = d.day() - d.days_in_month() - 1;
        let month_day = self.month_days.contains(&d.day()) || self.month_days.contains(&back);
        if !self.months.is_empty() && !self.months.contains(&d.month()) {
            return false;
        }
        let (no_days, no_month_days) = (self.days.is_empty(), self.month_days.is_empty());
        let by_parts = |otherwise: bool| match (no_days, no_month_days) {
            (true, true) => otherwise,
            _ => (no_days || in_month()) && (no_month_days || month_day),
        };
        let months = (i64::from(d.year()) * 12 + i64::from(d.month()))
            - (i64::from(s.year()) * 12 + i64::from(s.month()));
        match self.frequency {
            "DAILY" => between % self.interval == 0 && by_parts(true),
            "WEEKLY" => {
                let offset = i64::from(s.weekday().since(self.week_start));
                let weeks = (between + offset).div_euclid(7);
                weeks % self.interval == 0
                    && (if no_days {
                        d.weekday() == s.weekday()
                    } else {
                        in_month()
                    })
                    && (no_month_days || month_day)
            }
            "MONTHLY" => months % self.interval == 0 && by_parts(d.day() == s.day()),
            _ => {
                let years = i64::from(d.year() - s.year());
                let month = !self.months.is_empty() || !no_month_days || d.month() == s.month();
                let in_year = number(i64::from(d.day_of_year()), i64::from(d.days_in_year()));
                years % self.interval == 0
                    && if self.months.is_empty() && !no_days && no_month_days {
                        weekday(in_year)
                    } else {
                        month && by_parts(d.day() == s.day())
                    }
            }
        }
    }
}

fn parts() -> impl Strategy<Value = Parts> {
    let weekday = (0..7i8).prop_map(|n| Weekday::from_monday_zero_offset(n).expect("a day"));
    let days = prop::collection::vec(
        (
            prop_oneof![3 => Just(0i64), 1 => 1..6i64, 1 => -5..0i64],
            weekday.clone(),
        ),
        0..3,
    );
    let month_day = prop_oneof![1..=31i8, -31..=-1i8];
    (
        prop::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
        1..5i64,
        prop::option::of(1..40usize),
        prop_oneof![Just(vec![]), days],
        prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(month_day, 1..3)],
        prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(1..=12i8, 1..4)],
        weekday,
    )
        .prop_map(
            |(frequency, interval, count, mut days, month_days, months, week_start)| {
                if matches!(frequency, "DAILY" | "WEEKLY") {
                    for (number, _) in &mut days {
                        *number = 0;
                    }
                }
                Parts {
                    frequency,
                    interval,
                    count,
                    days,
                    month_days,
                    months,
                    week_start,
                }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn a_rule_repeats_on_the_days_of_which_its_words_hold(parts in parts(), ahead in 0..2_000i64, skip in 0..3_000i64) {
        let start = DateTime::constant(2024, 1, 1, 9, 30, 0, 0).saturating_add(Span::new().days(ahead));
        let from = start.saturating_add(skip.days());
        let to = from.saturating_add(900.days());
        let rule = Rule::read(&parts.written(), |_| None).expect("a rule");
        let mut ours = Vec::new();
        rule.each(start, (from, to), |time| {
            if time >= from && time <= to {
                ours.push(time);
            }
            time <= to
        });
        let days = (0..=skip + 900).map(|n| start.saturating_add(n.days()));
        let theirs = days.filter(|day| parts.holds(start, *day)).take(parts.count.unwrap_or(usize::MAX));
        let theirs: Vec<DateTime> = theirs.filter(|day| *day >= from).collect();
        prop_assert_eq!(ours, theirs, "{} from {}", parts.written(), start);
    }

    #[test]
    fn nothing_that_is_read_makes_it_fall(text in "(BEGIN:VEVENT\n(SUMMARY:ada\n|DTSTART[;:A-Z=0-9TZ]{0,24}\n|DURATION:P[0-9TWDHMS]{0,6}\n|RRULE:FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)[;=,A-Z0-9-]{0,20}\n|EXDATE:[0-9TZ,]{0,20}\n| x\n){0,6}END:VEVENT\n){0,4}") {
        let names = [("ada", "ada")];
        let text = format!("BEGIN:VCALENDAR\n{text}");
        let ops = Schedule::new("ops", &spec(&text, &names), &|_| true).expect("a schedule");
        let _ = ops.shifts(at("2026-01-01T00:00:00Z"), at("2026-03-01T00:00:00Z"));
        let _ = ops.on_call_at(at("2026-02-01T00:00:00Z"));
    }
}

#[test]
fn the_last_workday_of_a_month_is_found() {
    let rule = Rule::read(
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3",
        |_| None,
    );
    let start = DateTime::constant(2026, 1, 30, 9, 0, 0, 0);
    let mut days = Vec::new();
    let to = start.saturating_add(1.years());
    rule.expect("a rule").each(start, (start, to), |time| {
        days.push(time.date().to_string());
        true
    });
    assert_eq!(days, ["2026-01-30", "2026-02-27", "2026-03-31"]);
}
