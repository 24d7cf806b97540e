//! The same document gives what was recorded; and the differences, applied to what was, give what would be.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::alert::{Alert, Lifecycle};
use crate::dispatch::{Dispatch, FlushRecord, IntegrationRule, Rules};
use crate::escalation::{Directory, Event as Happens, Known, Policies, PolicySpec};
use crate::event::{Event, Input};
use crate::label::{Annotations, Labels};
use crate::person::{Person, PersonSpec};
use crate::route::{RouteNode, RouteTree};
use crate::severity::Severity;

const BEGIN: i64 = 1_767_585_600;

fn at(second: u64) -> Time {
    Time::from_secs(BEGIN).after(Duration::from_secs(second))
}

fn rules(interval: u64) -> Arc<Rules> {
    let span = Duration::from_secs;
    let root = RouteNode {
        receiver: Some("ops".into()),
        group_by: Some(vec!["group".into()]),
        group_wait: Some(span(10)),
        group_interval: Some(span(interval)),
        repeat_interval: Some(span(600)),
        ..RouteNode::default()
    };
    let way = IntegrationRule {
        key: "chat".into(),
        send_resolved: true,
    };
    Arc::new(Rules {
        version: "1".into(),
        routes: RouteTree::new(root).expect("routes"),
        receivers: HashMap::from([("ops".into(), vec![way])]),
        inhibit: Vec::new(),
        intervals: BTreeMap::new(),
        resolve_timeout: span(300),
        silence_retention: span(120 * 3600),
    })
}

fn alert(name: u8, second: u64, ends: Option<u64>) -> Alert {
    let (name, group) = (format!("n{name}"), format!("g{}", name % 2));
    let labels = Labels::from_pairs([("name", name.as_str()), ("group", group.as_str())]);
    Alert {
        labels: labels.expect("labels"),
        annotations: Annotations::empty(),
        generator_url: "".into(),
        starts_at: at(second),
        ends_at: ends.map_or(Time::NEVER, at),
        updated_at: at(second),
        timeout: false,
        lifecycle: if ends.is_some_and(|ends| ends > second) {
            Lifecycle::Refreshing
        } else {
            Lifecycle::Explicit
        },
    }
}

/// Seconds since the last, which alert, and when it ends: never, now, or so much later.
fn history(acts: &[(u64, u8, Option<u64>)]) -> Vec<Event> {
    let mut second = 0;
    let event = |(number, (after, name, lasts)): (usize, &(u64, u8, Option<u64>))| {
        second += after;
        let ends = lasts.map(|lasts| second + lasts);
        Event {
            seq: number as u64 + 1,
            at: at(second),
            input: Input::Alert {
                source: "test".into(),
                alert: Box::new(alert(*name, second, ends)),
            },
        }
    };
    acts.iter().enumerate().map(event).collect()
}

/// A dispatcher that looks at the clock every second.
fn recorded(events: &[Event], rules: &Arc<Rules>, until: u64) -> Vec<FlushRecord> {
    let mut state = Dispatch::new(Arc::clone(rules));
    let mut records = Vec::new();
    let mut events = events.iter().peekable();
    for second in 0..=until {
        while let Some(event) = events.next_if(|event| event.at <= at(second)) {
            state.apply(event);
        }
        let flushes = state.turn(at(second), usize::MAX).into_iter();
        records.extend(flushes.filter(|flush| flush.changed).map(|f| f.record));
    }
    records
}

fn rerun(events: &[Event], rules: &Arc<Rules>, until: u64) -> Vec<FlushRecord> {
    let mut rerun = Rerun::new(Arc::clone(rules));
    let mut flushes = Vec::new();
    for event in events {
        rerun.take(event, &mut flushes);
    }
    rerun.pass(at(until), &mut flushes);
    let changed = flushes.into_iter().filter(|flush| flush.changed);
    changed.map(|flush| flush.record).collect()
}

fn tellings(records: &[FlushRecord]) -> Vec<Telling> {
    let mut all = Vec::new();
    for record in records {
        for due in &record.obligations {
            let fires = |(episode, status): &(crate::alert::Episode, crate::message::Status)| {
                let fires = *status == crate::message::Status::Firing;
                (episode.fingerprint, fires)
            };
            all.push(Telling {
                at: record.at,
                who: "robot".into(),
                way: Arc::clone(&due.integration),
                alerts: due.episodes.iter().map(fires).collect(),
            });
        }
    }
    all
}

fn acts() -> impl Strategy<Value = Vec<(u64, u8, Option<u64>)>> {
    let ends = prop_oneof![Just(None), Just(Some(0_u64)), (1_u64..200).prop_map(Some)];
    prop::collection::vec((0_u64..90, 0_u8..5, ends), 1..40)
}

/// The times at which each is told of each alert.
type Heard = BTreeMap<(Arc<str>, Arc<str>, Fingerprint, bool), Vec<Time>>;

fn heard(tellings: &[Telling]) -> Heard {
    let mut heard = Heard::new();
    for telling in tellings {
        for (alert, fires) in &telling.alerts {
            let key = (
                Arc::clone(&telling.who),
                Arc::clone(&telling.way),
                *alert,
                *fires,
            );
            heard.entry(key).or_default().push(telling.at);
        }
    }
    for times in heard.values_mut() {
        times.sort_unstable();
    }
    heard
}

/// What comes of it when the differences are done.
fn patched(before: &[Telling], differences: &[Difference]) -> Heard {
    let mut heard = heard(before);
    for one in differences {
        for (alert, fires) in &one.alerts {
            let key = (Arc::clone(&one.who), Arc::clone(&one.way), *alert, *fires);
            let times = heard.entry(key).or_default();
            if one.how != How::OnlyAfter {
                let place = times.iter().position(|at| *at == one.at);
                times.remove(place.expect("it was told then"));
            }
            match one.how {
                How::OnlyBefore => {}
                How::OnlyAfter => times.push(one.at),
                How::Later(span) => times.push(one.at.after(span)),
                How::Earlier(span) => times.push(one.at.before(span)),
            }
        }
    }
    heard.retain(|_, times| !times.is_empty());
    for times in heard.values_mut() {
        times.sort_unstable();
    }
    heard
}

proptest! {
    #[test]
    fn the_same_rules_give_what_was_recorded(acts in acts()) {
        let (events, rules) = (history(&acts), rules(60));
        let until = acts.iter().map(|act| act.0).sum::<u64>() + 700;
        let recorded = recorded(&events, &rules, until);
        prop_assert_eq!(&rerun(&events, &rules, until), &recorded);
        let told = tellings(&recorded);
        prop_assert_eq!(compare(&told, &tellings(&rerun(&events, &rules, until))), vec![]);
    }

    #[test]
    fn the_differences_done_to_what_was_give_what_would_be(acts in acts(), interval in 10_u64..400) {
        let events = history(&acts);
        let until = acts.iter().map(|act| act.0).sum::<u64>() + 700;
        let before = tellings(&rerun(&events, &rules(60), until));
        let after = tellings(&rerun(&events, &rules(interval), until));
        let differences = compare(&before, &after);
        prop_assert_eq!(patched(&before, &differences), heard(&after));
        for one in &differences {
            if let How::Later(span) | How::Earlier(span) = one.how {
                prop_assert!(span > Duration::ZERO && span <= Duration::from_hours(1));
            }
        }
    }
}

fn directory(wait: &str) -> Directory {
    let json = format!(
        r#"{{"p": {{"steps": [{{"notify": [{{"person": "ada"}}], "wait": "{wait}"}}, {{"notify": [{{"person": "bob"}}]}}]}}}}"#
    );
    let specs: BTreeMap<Arc<str>, PolicySpec> = serde_json::from_str(&json).expect("policies");
    let names = |list: &[&str]| list.iter().map(|name| Arc::from(*name)).collect();
    let known = Known {
        people: names(&["ada", "bob"]),
        teams: BTreeMap::new(),
        schedules: names(&[]),
        receivers: names(&[]),
        channels: names(&["sms"]),
    };
    let person = || {
        let ways = std::iter::once(Arc::from("sms")).collect();
        Person::new(&PersonSpec::default(), ways).expect("a person")
    };
    Directory {
        policies: Policies::new(&specs, &known).expect("policies"),
        people: [("ada".into(), person()), ("bob".into(), person())].into(),
        ..Directory::default()
    }
}

#[test]
fn a_longer_wait_pages_the_next_later_and_an_answer_that_came_stops_it() {
    let alerts: BTreeSet<Fingerprint> = [alert(1, 0, None).fingerprint()].into();
    let word = |second, is_over| Word {
        at: at(second),
        group: 7,
        is_over,
        policy: "p".into(),
        severity: Severity::Error,
        alerts: alerts.clone(),
    };
    let words = [word(0, false), word(3_000, true), word(4_000, false)];
    let answers = [Answer {
        at: at(4_400),
        alerts: alerts.clone(),
        event: Happens::Acknowledged { who: "ada".into() },
    }];
    let heard = |wait| {
        let pages = pages(&words, &answers, &directory(wait), at(9_000));
        let words = pages.iter().map(|page| {
            let second = page.at.since(at(0)).as_secs();
            format!("{} {} by {}", second, page.who, page.by.join("+"))
        });
        words.collect::<Vec<_>>()
    };
    assert_eq!(
        heard("5m"),
        [
            "0 ada by sms",
            "300 bob by sms",
            "4000 ada by sms",
            "4300 bob by sms"
        ]
    );
    assert_eq!(
        heard("10m"),
        ["0 ada by sms", "600 bob by sms", "4000 ada by sms"]
    );
}
