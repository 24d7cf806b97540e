use proptest::prelude::*;

use super::*;

/// A report: when it began, when it ends, when it came; `timeout` if the end was invented.
fn report(starts_at: i64, ends_at: i64, updated_at: i64, timeout: bool) -> Alert {
    let words = format!("{starts_at} {ends_at} {updated_at}");
    Alert {
        labels: Labels::from_pairs([("alertname", "X")]).expect("labels"),
        annotations: Annotations::annotations([("words", words.as_str())]).expect("words"),
        generator_url: words.into(),
        starts_at: Time::from_secs(starts_at),
        ends_at: Time::from_secs(ends_at),
        updated_at: Time::from_secs(updated_at),
        timeout,
        lifecycle: Lifecycle::Refreshing,
    }
}

/// Start, end, when it came, whether the end was invented.
type Row = (i64, i64, i64, bool);
/// A name, what is known, what comes in, and what becomes of it: start, end, when the words came.
type Case = (&'static str, Row, Row, (i64, i64, i64));

const SENT: bool = false;
const INVENTED: bool = true;

#[rustfmt::skip]
const MERGES: [Case; 11] = [
    ("refreshed", (10, 20, 10, INVENTED), (12, 25, 15, INVENTED), (10, 25, 15)),
    ("resolved", (10, 40, 10, INVENTED), (10, 28, 28, SENT), (10, 28, 28)),
    ("a sent end stays", (10, 60, 10, SENT), (12, 45, 15, INVENTED), (10, 60, 15)),
    ("an invented end goes", (10, 60, 10, INVENTED), (12, 45, 15, INVENTED), (10, 45, 15)),
    ("both resolved", (10, 25, 10, SENT), (12, 20, 15, SENT), (10, 25, 15)),
    ("a late report", (10, 60, 20, SENT), (12, 50, 15, SENT), (10, 60, 20)),
    ("an earlier start", (10, 60, 10, SENT), (5, 50, 15, SENT), (5, 60, 15)),
    ("again after the end", (10, 20, 10, SENT), (25, 60, 25, INVENTED), (25, 60, 25)),
    ("again at the end", (10, 20, 10, SENT), (20, 60, 25, INVENTED), (20, 60, 25)),
    ("a later end", (10, 40, 10, SENT), (10, 60, 15, INVENTED), (10, 60, 15)),
    ("wider on both sides", (10, 40, 10, SENT), (5, 60, 15, SENT), (5, 60, 15)),
];

#[test]
fn reports_of_one_occurrence_become_one_and_others_replace() {
    let make = |(start, end, came, timeout): Row| report(start, end, came, timeout);
    for (case, known, incoming, (start, end, words)) in MERGES {
        let merged = make(known).merged(make(incoming), Time::from_secs(30));
        let words = make(if words == incoming.2 { incoming } else { known });
        let (starts_at, ends_at) = (Time::from_secs(start), Time::from_secs(end));
        assert_eq!(
            merged,
            Alert {
                starts_at,
                ends_at,
                ..words
            },
            "{case}"
        );
    }
}

prop_compose! {
    fn any_report()(start in 0..10_i64, length in 0..10_i64, at in 0..4_i64, t in any::<bool>())
        -> Alert { report(start, start + length, at, t) }
}

proptest! {
    #[test]
    fn merging_is_what_the_rule_declares(
        known in any_report(),
        incoming in any_report(),
        now in 0..20_i64,
    ) {
        let now = Time::from_secs(now);
        let merged = known.clone().merged(incoming.clone(), now);
        let inside = |time| known.starts_at < time && time < known.ends_at;
        if !inside(incoming.starts_at) && !inside(incoming.ends_at) {
            prop_assert_eq!(merged, incoming);
            return Ok(());
        }
        // Whichever was received later speaks, the incoming one when in doubt.
        let (first, last) = if known.updated_at > incoming.updated_at {
            (&incoming, &known)
        } else {
            (&known, &incoming)
        };
        // The earlier one's end counts beside it if it is as final as the later one's.
        let counts = if last.ends_at <= now { first.ends_at <= now } else { !first.timeout };
        let ends = [Some(last.ends_at), counts.then_some(first.ends_at)];
        let expected = Alert {
            starts_at: known.starts_at.min(incoming.starts_at),
            ends_at: ends.into_iter().flatten().max().expect("one end"),
            ..last.clone()
        };
        prop_assert_eq!(merged, expected);
    }

    #[test]
    fn merging_a_report_with_itself_changes_nothing(known in any_report(), now in 0..20_i64) {
        let merged = known.clone().merged(known.clone(), Time::from_secs(now));
        prop_assert_eq!(merged, known);
    }
}
