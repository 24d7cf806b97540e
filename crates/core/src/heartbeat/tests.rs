use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::wall::Zone;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn at(secs: i64) -> Time {
    Time::from_secs(secs)
}

fn secs(count: i64) -> Duration {
    Duration::from_secs(count.unsigned_abs())
}

fn every(period: i64, grace: i64) -> Pace {
    Pace {
        rhythm: Rhythm::Every(secs(period)),
        grace: secs(grace),
    }
}

fn cron(text: &str, zone: &str) -> Cron {
    Cron::new(text, Zone::named(zone).expect(zone)).expect(text)
}

fn daily(hour: u8, grace: i64) -> Pace {
    Pace {
        rhythm: Rhythm::Cron(Box::new(cron(&format!("0 {hour} * * *"), "UTC"))),
        grace: secs(grace),
    }
}

fn time(text: &str) -> Time {
    text.parse::<Timestamp>().expect(text).into()
}

/// A beat that heard these signals.
fn heard(signals: &[(i64, Signal)]) -> Beat {
    let mut beat = Beat::default();
    for (when, signal) in signals {
        beat.hear(*signal, None, at(*when));
    }
    beat
}

/// Whether it is down at a second, as one would say it: something happened since its last success for which it is
/// missed. `heard` is in order.
fn is_missed(heard: &[(i64, Signal)], (period, grace): (i64, i64), now: i64) -> bool {
    let so_far: Vec<_> = heard.iter().filter(|(when, _)| *when <= now).collect();
    let ends = |from: i64, to: i64, which: &dyn Fn(Signal) -> bool| {
        let mut within = so_far
            .iter()
            .filter(|(when, _)| from < *when && *when <= to);
        within.any(|(_, signal)| which(*signal))
    };
    let success = |signal| signal == Signal::Success;
    let any_end = |signal| !matches!(signal, Signal::Log);
    let causes = so_far.iter().filter_map(|(when, signal)| match signal {
        Signal::Fail(_) => Some(*when),
        Signal::Success => {
            let over = when + period + grace;
            (over <= now && !ends(*when, over, &success)).then_some(over)
        }
        Signal::Start => {
            let over = when + grace;
            (over <= now && !ends(*when, over, &any_end)).then_some(over)
        }
        Signal::Log => None,
    });
    causes
        .max()
        .is_some_and(|cause| !ends(cause, now, &success))
}

fn signals() -> impl Strategy<Value = Signal> {
    prop_oneof![
        4 => Just(Signal::Success),
        2 => Just(Signal::Start),
        1 => Just(Signal::Fail(Some(3))),
        1 => Just(Signal::Log),
    ]
}

proptest! {
    #[test]
    fn it_is_down_when_something_happened_since_its_last_success(
        steps in prop::collection::vec((1_i64..40, signals()), 0..12),
        period in 1_i64..30,
        grace in 1_i64..20,
    ) {
        let mut clock = 0;
        let script: Vec<_> = steps
            .into_iter()
            .map(|(wait, signal)| {
                clock += wait;
                (clock, signal)
            })
            .collect();
        let (pace, mut beat) = (every(period, grace), Beat::default());
        let mut left = script.iter().peekable();
        for now in 0..clock + 80 {
            while let Some((when, signal)) = left.next_if(|(when, _)| *when <= now) {
                beat.hear(*signal, None, at(*when));
            }
            beat.miss(&pace, at(now));
            let standing = beat.standing(&pace, at(now));
            let expected = is_missed(&script, (period, grace), now);
            prop_assert_eq!(standing.status == Status::Down, expected, "{:?} at {}: {:?}", script, now, beat);
            // What is said to come next does come then, if nothing is heard before.
            if let Some(down_at) = standing.down_at {
                prop_assert!(down_at > at(now));
                prop_assert!(!beat.clone().miss(&pace, at(down_at.secs() - 1)));
                prop_assert!(beat.clone().miss(&pace, down_at));
            }
        }
    }

    #[test]
    fn nobody_is_missed_for_what_was_lost_in_an_outage(
        period in 1_i64..3 * DAY,
        grace in 1_i64..DAY,
        first in 0_i64..1_000,
        from in 0_i64..5 * DAY,
        length in 2 * MINUTE..2 * DAY,
    ) {
        // A sender that is always in time, of which nothing is heard in an outage.
        let (pace, to) = (every(period, grace), from + length);
        let mut beat = Beat::default();
        let mut ping = first;
        while ping < from {
            beat.hear(Signal::Success, None, at(ping));
            ping += period;
        }
        prop_assert!(!beat.miss(&pace, at(from)));
        beat.excuse(&pace, Outage { from: at(from), to: at(to) });
        while ping < to {
            ping += period;
        }
        for _ in 0..3 {
            prop_assert!(!beat.clone().miss(&pace, at(ping)), "{:?} at {}", beat, ping);
            beat.hear(Signal::Success, None, at(ping));
            ping += period;
        }
        // One that has stopped is found out, at most one period later than by its last success.
        let silent = ping - period;
        prop_assert!(beat.miss(&pace, at(silent + period + grace)));
    }

    #[test]
    fn an_outage_never_hides_a_sender_that_stopped_for_good(
        period in 1_i64..2 * DAY,
        grace in 1_i64..DAY,
        outages in prop::collection::vec((1_i64..DAY, 1_i64..HOUR), 0..6),
    ) {
        let pace = every(period, grace);
        let mut beat = heard(&[(0, Signal::Success)]);
        let mut now = 0;
        for (up, away) in outages {
            now += up;
            if beat.miss(&pace, at(now)) {
                return Ok(());
            }
            beat.excuse(&pace, Outage { from: at(now), to: at(now + away) });
            now += away;
        }
        prop_assert!(beat.miss(&pace, at(now + period + grace)), "{:?}", beat);
    }

    #[test]
    fn a_cron_expression_comes_when_the_clock_shows_it(
        minute in 0_u8..60,
        step in 1_u8..30,
        hour in 0_u8..24,
        weekday in 0_u8..7,
        shape in 0_usize..4,
        start in 0_i64..400 * 24 * 60,
    ) {
        let text = match shape {
            0 => format!("{minute} {hour} * * *"),
            1 => format!("*/{step} * * * *"),
            2 => format!("{minute} {hour} * * {weekday}"),
            _ => format!("{minute} */{} 1,15 * *", step.min(23)),
        };
        // No clock is changed in Shanghai.
        let (cron, zone) = (cron(&text, "Asia/Shanghai"), Zone::named("Asia/Shanghai").expect("zone"));
        let begin = time("2026-01-01T00:00:00Z").secs() + start * MINUTE;
        let shows = |secs: &i64| {
            let wall = zone.clock(at(*secs));
            let (m, h, d) = (wall.minute(), wall.hour(), wall.day());
            let sunday_first = wall.date().weekday().to_sunday_zero_offset();
            let is = |value: i8, wanted: u8| value == wanted.cast_signed();
            let each = |value: i8, step: u8| value % step.cast_signed() == 0;
            match shape {
                0 => is(m, minute) && is(h, hour),
                1 => each(m, step),
                2 => is(m, minute) && is(h, hour) && is(sunday_first, weekday),
                _ => is(m, minute) && each(h, step.min(23)) && (d == 1 || d == 15),
            }
        };
        let minutes = (1..40 * 24 * 60).map(|passed| begin + passed * MINUTE);
        let expected = minutes.clone().find(shows).map(at);
        prop_assert_eq!(cron.next(at(begin)), expected, "{} after {}", text, begin);
        // Seconds into the minute change nothing.
        prop_assert_eq!(cron.next(at(begin + 59)), expected);
    }
}

#[test]
fn times_that_the_clock_leaves_out_or_shows_twice_are_due_once() {
    let next = |text: &str, zone: &str, after: &str| {
        let next = cron(text, zone).next(time(after)).expect("a time");
        next.to_string()
    };
    // Put forward from 1 to 2 o'clock: due when it has been.
    let london = "Europe/London";
    assert_eq!(
        next("30 1 * * *", london, "2026-03-28T12:00:00Z"),
        "2026-03-29T01:00:00.000Z"
    );
    assert_eq!(
        next("30 1 * * *", london, "2026-03-29T01:00:00Z"),
        "2026-03-30T00:30:00.000Z"
    );
    // Put back from 2 to 1 o'clock: due the first time, and not again.
    assert_eq!(
        next("30 1 * * *", london, "2026-10-24T12:00:00Z"),
        "2026-10-25T00:30:00.000Z"
    );
    assert_eq!(
        next("30 1 * * *", london, "2026-10-25T00:30:00Z"),
        "2026-10-26T01:30:00.000Z"
    );
    // Within the hour that comes again nothing is due before its end.
    assert_eq!(
        next("*/10 * * * *", london, "2026-10-25T01:15:00Z"),
        "2026-10-25T02:00:00.000Z"
    );
    assert_eq!(
        next("* * * * *", london, "2026-10-25T01:00:00Z"),
        "2026-10-25T02:00:00.000Z"
    );
}

#[test]
fn what_is_no_cron_expression_says_so() {
    let refused = |text: &str| {
        let refused = Cron::new(text, Zone::utc()).expect_err(text);
        refused.to_string()
    };
    assert!(refused("* * * *").contains("five fields"));
    assert!(refused("0 2 * * * Asia/Shanghai").contains("not 6"));
    assert!(refused("61 * * * *").starts_with("not a cron expression"));
    assert!(refused("H * * * *").starts_with("not a cron expression"));
    assert!(refused("a b c d e").starts_with("not a cron expression"));
    assert!(refused("时 * * * *").starts_with("not a cron expression"));
    assert_eq!(refused("0 0 30 2 *"), "this time never comes");
    assert!(refused(&"1,".repeat(200)).contains("256"));
    assert!(Cron::new("  0  2 * *\tmon-fri ", Zone::utc()).is_ok());
}

#[test]
fn a_run_has_its_grace_and_its_length_is_kept() {
    let pace = every(HOUR, 10 * MINUTE);
    let mut beat = heard(&[(0, Signal::Success), (3_000, Signal::Start)]);
    let standing = beat.standing(&pace, at(3_001));
    assert_eq!(
        (standing.status, standing.due),
        (Status::Up, Some(at(HOUR)))
    );
    assert_eq!(standing.down_at, Some(at(3_600)));
    assert!(beat.miss(&pace, at(3_600)));
    assert_eq!(beat.down.map(|down| down.why), Some(Why::Unended));
    beat.hear(Signal::Success, None, at(3_700));
    assert_eq!((beat.down, beat.took), (None, Some(secs(700))));
    assert_eq!(beat.standing(&pace, at(3_700)).status, Status::Up);
    // One that was never heard of is new, and missed only where it began and did not end.
    let mut fresh = Beat::default();
    assert!(!fresh.miss(&pace, at(100 * DAY)));
    assert_eq!(fresh.standing(&pace, at(0)).status, Status::New);
    fresh.hear(Signal::Start, None, at(100 * DAY));
    assert!(fresh.miss(&pace, at(100 * DAY + 10 * MINUTE)));
}

#[test]
fn it_is_late_for_its_grace_and_then_down_since_the_end_of_it() {
    let pace = every(5 * MINUTE, MINUTE);
    let mut beat = heard(&[(0, Signal::Success)]);
    let status = |beat: &Beat, now| beat.standing(&pace, at(now)).status;
    assert_eq!(status(&beat, 299), Status::Up);
    assert_eq!(status(&beat, 300), Status::Late);
    assert_eq!(status(&beat, 359), Status::Late);
    assert!(!beat.miss(&pace, at(359)) && beat.miss(&pace, at(400)));
    let down = Down {
        since: at(360),
        why: Why::Late,
    };
    assert_eq!(beat.down, Some(down));
    assert!(!beat.miss(&pace, at(500)), "it is told once");
    beat.hear(Signal::Fail(Some(2)), None, at(600));
    let failed = Down {
        why: Why::Failed(Some(2)),
        ..down
    };
    assert_eq!(beat.down, Some(failed), "it is down since then");
    beat.hear(Signal::Log, None, at(610));
    beat.hear(Signal::Start, None, at(620));
    assert_eq!(status(&beat, 630), Status::Down);
    beat.hear(Signal::Success, None, at(640));
    assert_eq!(status(&beat, 650), Status::Up);
}

#[test]
fn what_is_paused_stays_so_and_is_waited_for_anew() {
    let pace = every(5 * MINUTE, MINUTE);
    let mut beat = heard(&[(0, Signal::Success), (10, Signal::Fail(None))]);
    beat.pause(at(20));
    assert_eq!((beat.down, beat.miss(&pace, at(DAY))), (None, false));
    beat.hear(Signal::Fail(None), None, at(DAY));
    beat.hear(Signal::Success, None, at(DAY + 1));
    let standing = beat.standing(&pace, at(DAY + 2));
    assert_eq!((standing.status, standing.due), (Status::Paused, None));
    assert!(beat.resume(at(2 * DAY)) && !beat.resume(at(2 * DAY)));
    let standing = beat.standing(&pace, at(2 * DAY));
    assert_eq!(standing.due, Some(at(2 * DAY + 300)));
    let mut fresh = Beat::default();
    fresh.pause(at(0));
    assert!(fresh.resume(at(1)));
    assert_eq!(fresh.standing(&pace, at(1)).status, Status::New);
}

#[test]
fn a_restart_hides_no_daily_run_that_was_missed_and_a_long_outage_excuses_it() {
    // Due at 2, with a grace until 4.
    let pace = daily(2, 2 * HOUR);
    let ran = heard(&[(2 * HOUR, Signal::Success)]);
    let missed = DAY + 2 * HOUR;
    let away = |from: i64, to: i64| {
        let mut beat = ran.clone();
        let outage = Outage {
            from: at(from),
            to: at(to),
        };
        beat.excuse(&pace, outage);
        beat.standing(&pace, at(to)).down_at
    };
    let minute_long = away(missed + HOUR, missed + HOUR + MINUTE);
    assert_eq!(
        minute_long,
        Some(at(missed + 3 * HOUR + MINUTE)),
        "a grace anew"
    );
    let hour_long = away(missed - HOUR, missed + HOUR);
    assert_eq!(hour_long, Some(at(missed + DAY + 2 * HOUR)), "the next one");
    let before = away(missed - 2 * HOUR, missed - HOUR);
    assert_eq!(before, Some(at(missed + 2 * HOUR)), "it was not due yet");
    let after = away(missed + 3 * HOUR, missed + 9 * HOUR);
    assert_eq!(after, Some(at(missed + 11 * HOUR)), "it was over before");
}

#[test]
fn an_outage_forgets_a_run_whose_end_may_be_lost() {
    let pace = every(5 * MINUTE, MINUTE);
    let mut beat = heard(&[(0, Signal::Success), (290, Signal::Start)]);
    let outage = Outage {
        from: at(300),
        to: at(310),
    };
    beat.excuse(&pace, outage);
    assert_eq!(beat.runs.count(), 0);
    assert_eq!(beat.standing(&pace, at(310)).down_at, Some(at(670)));
}

#[test]
fn a_clock_that_is_set_back_makes_nobody_wait_longer_than_anew() {
    let pace = every(5 * MINUTE, MINUTE);
    let mut beat = heard(&[(DAY, Signal::Success)]);
    assert!(!beat.clone().set_back(at(DAY)));
    assert!(beat.set_back(at(HOUR)));
    assert_eq!(beat.standing(&pace, at(HOUR)).down_at, Some(at(HOUR + 360)));
}

#[test]
fn signals_and_reasons_read_back() {
    for (word, signal) in [
        ("", Signal::Success),
        ("0", Signal::Success),
        ("start", Signal::Start),
        ("fail", Signal::Fail(None)),
        ("255", Signal::Fail(Some(255))),
        ("log", Signal::Log),
    ] {
        assert_eq!(Signal::read(word), Some(signal), "{word}");
        let parts = (signal.as_str(), signal.code());
        assert_eq!(Signal::from_parts(parts.0, parts.1), Some(signal));
    }
    for word in [
        "256",
        "-1",
        "1.0",
        "starts",
        "Start",
        "٣",
        "00000000000000000001000",
    ] {
        assert_eq!(Signal::read(word), None, "{word}");
    }
    for why in [
        Why::Late,
        Why::Unended,
        Why::Failed(Some(1)),
        Why::Failed(None),
    ] {
        assert_eq!(Why::from_parts(why.as_str(), why.code()), Some(why));
    }
}
