use balefire_core::label::Annotations;

use super::*;

const NOW: Time = Time::from_secs(1_000_000);
const DAY: i64 = 86_400;

/// Start, end and whether the end is ours, all in seconds from now; `None` when it is refused.
fn times(
    lifecycle: Lifecycle,
    signal: Signal,
    starts: Option<i64>,
    ends: Option<i64>,
) -> Option<(i64, i64, bool)> {
    let at = |seconds: i64| Time::from_secs(NOW.secs() + seconds);
    let sender = Sender {
        source: "test".into(),
        lifecycle,
        labels: Labels::empty(),
        resolve_timeout: Duration::from_mins(5),
    };
    let item = ParsedAlert {
        identity: Identity::Labels,
        signal,
        labels: Labels::from_pairs([("alertname", "x")]).expect("labels"),
        annotations: Annotations::empty(),
        starts_at: starts.map(at),
        ends_at: ends.map(at),
        generator_url: "".into(),
    };
    let alert = alert_of(&sender, item, NOW).ok()?;
    let from_now = |time: Time| {
        if time == Time::NEVER {
            i64::MAX
        } else {
            time.secs() - NOW.secs()
        }
    };
    Some((
        from_now(alert.starts_at),
        from_now(alert.ends_at),
        alert.timeout,
    ))
}

#[test]
fn missing_times_are_filled_in_as_the_lifecycle_says() {
    use Lifecycle::{Event, Explicit, Refreshing};
    use Signal::{Firing, Resolved};
    let cases = [
        (Refreshing, Firing, None, None, (0, 300, true)),
        (Refreshing, Firing, Some(-60), None, (-60, 300, true)),
        (Refreshing, Firing, Some(-60), Some(240), (-60, 240, false)),
        (Refreshing, Resolved, None, Some(-60), (-60, -60, false)),
        (Explicit, Firing, Some(-60), None, (-60, i64::MAX, false)),
        (Explicit, Resolved, Some(-60), Some(-30), (-60, -30, false)),
        (Explicit, Resolved, Some(-60), None, (-60, 0, false)),
        (Explicit, Resolved, None, None, (0, 0, false)),
        (Event, Signal::Event, None, None, (0, 300, true)),
    ];
    for (lifecycle, signal, starts, ends, expected) in cases {
        let found = times(lifecycle, signal, starts, ends);
        assert_eq!(
            found,
            Some(expected),
            "{lifecycle:?} {signal:?} {starts:?} {ends:?}"
        );
    }
}

#[test]
fn a_clock_a_day_ahead_costs_no_alert_and_holds_no_resolve_back() {
    use Lifecycle::{Event, Explicit, Refreshing};
    use Signal::{Firing, Resolved};
    let cases = [
        (
            Refreshing,
            Firing,
            Some(DAY),
            Some(DAY + 240),
            (DAY, DAY + 240, false),
        ),
        (Refreshing, Firing, Some(DAY), None, (0, 300, true)),
        (Explicit, Firing, Some(DAY), None, (DAY, i64::MAX, false)),
        (Explicit, Resolved, Some(DAY), Some(DAY + 60), (0, 0, false)),
        (Explicit, Resolved, Some(DAY), None, (0, 0, false)),
        (Event, Signal::Event, Some(DAY), None, (0, 300, true)),
    ];
    for (lifecycle, signal, starts, ends, expected) in cases {
        let found = times(lifecycle, signal, starts, ends);
        assert_eq!(
            found,
            Some(expected),
            "{lifecycle:?} {signal:?} {starts:?} {ends:?}"
        );
    }
}

#[test]
fn an_end_before_its_start_is_refused() {
    use Lifecycle::{Explicit, Refreshing};
    assert_eq!(
        times(Refreshing, Signal::Firing, Some(-60), Some(-61)),
        None
    );
    assert_eq!(
        times(Explicit, Signal::Resolved, Some(-60), Some(-61)),
        None
    );
    // Where only the word "resolved" counts, a sender's own end says nothing.
    let firing = times(Explicit, Signal::Firing, Some(-60), Some(-61));
    assert_eq!(firing, Some((-60, i64::MAX, false)));
}
