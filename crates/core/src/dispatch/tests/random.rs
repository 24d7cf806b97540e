//! Random histories, told by the dispatcher and by the plain model.

use proptest::prelude::*;

use super::super::Verdict;
use super::model::{Model, SECOND, Sent, group_of};
use super::*;
use crate::alert::Episode;

#[derive(Clone, Debug)]
pub(super) enum Act {
    Fire(char),
    Resolve(char),
    /// A report with times of its own, seconds before and after it is sent.
    Post {
        name: char,
        ago: i64,
        ahead: i64,
    },
    Refresh {
        name: char,
        ahead: i64,
    },
    Silence {
        name: char,
        delay: i64,
        lasts: i64,
    },
}

pub(super) const INTEGRATIONS: [(&str, bool); 2] = [("chat", true), ("mail", false)];

fn name() -> impl Strategy<Value = char> {
    prop::sample::select(vec!['a', 'b', 'c', 'd'])
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => name().prop_map(Act::Fire),
        3 => name().prop_map(Act::Resolve),
        3 => (name(), 0..100_i64, -40..200_i64).prop_map(|(name, ago, ahead)| {
            Act::Post { name, ago, ahead: ahead.max(-ago) }
        }),
        2 => (name(), 1..200_i64).prop_map(|(name, ahead)| Act::Refresh { name, ahead }),
        1 => (name(), 0..50_i64, 1..300_i64).prop_map(|(name, delay, lasts)| {
            Act::Silence { name, delay, lasts }
        }),
    ]
}

/// Seconds since the last act, and the act.
pub(super) fn history() -> impl Strategy<Value = Vec<(i64, Act)>> {
    prop::collection::vec((0..45_i64, act()), 1..60)
}

fn named(name: char, alert: Alert) -> Alert {
    let pairs = [
        ("name", name.to_string()),
        ("group", group_of(name).to_string()),
    ];
    let labels = Labels::from_pairs(pairs.iter().map(|(n, v)| (*n, v.as_str())));
    Alert {
        labels: labels.expect("labels"),
        ..alert
    }
}

impl World {
    pub(super) fn act(&mut self, at: i64, act: &Act) {
        match *act {
            Act::Fire(name) => self.post(at, named(name, alert("", at, None))),
            Act::Resolve(name) => self.post(at, named(name, alert("", at, Some(at)))),
            Act::Post { name, ago, ahead } => {
                self.post(at, named(name, refreshing("", at - ago, at, at + ahead)))
            }
            Act::Refresh { name, ahead } => {
                let fingerprint = named(name, alert("", 0, None)).fingerprint();
                let ends_at = secs(at + ahead);
                self.input(
                    at,
                    Input::Refresh {
                        fingerprint,
                        ends_at,
                        timeout: true,
                    },
                );
                self
            }
            Act::Silence { name, delay, lasts } => {
                self.silence(at, at + delay, at + delay + lasts, &name.to_string())
            }
        };
    }
}

impl World {
    /// Everything told so far has arrived.
    fn settle_all(&mut self) {
        for record in self.records.iter().skip(self.settled) {
            for due in &record.obligations {
                let episodes: Vec<Episode> = due.episodes.iter().map(|told| told.0).collect();
                self.dispatch
                    .settled(record.group, &due.integration, &episodes);
            }
        }
        self.settled = self.records.len();
    }
}

impl Model {
    fn act(&mut self, at: i64, act: &Act) {
        let now = at * SECOND;
        let sent = |name, start: i64, end: i64| Sent {
            name,
            start,
            end,
            timeout: false,
        };
        match *act {
            Act::Fire(name) => self.post(&sent(name, now, i64::MAX), now),
            Act::Resolve(name) => self.post(&sent(name, now, now), now),
            Act::Post { name, ago, ahead } => {
                self.post(&sent(name, now - ago * SECOND, now + ahead * SECOND), now);
            }
            Act::Refresh { name, ahead } => self.refresh(name, now + ahead * SECOND, now),
            Act::Silence { name, delay, lasts } => {
                let from = now + delay * SECOND;
                self.silences.push((name, from, from + lasts * SECOND));
            }
        }
    }

    /// Counts the seconds from the start to `until`.
    fn live(&mut self, history: &[(i64, Act)], until: i64) {
        let mut acts = history.iter();
        let mut next = acts.next();
        let mut due = next.map(|(after, _)| *after);
        for second in 0..=until {
            while let (Some((_, act)), Some(at)) = (next, due) {
                if at != second {
                    break;
                }
                self.act(second, act);
                next = acts.next();
                due = next.map(|(after, _)| at + after);
            }
            self.flush_due(second * SECOND);
        }
    }
}

/// `a` keeps `b` quiet.
pub(super) fn random_rules() -> Rules {
    random_rules_for(&INTEGRATIONS)
}

fn random_rules_for(integrations: &[(&str, bool)]) -> Rules {
    let mut rules = rules(root(), integrations);
    rules.inhibit = vec![InhibitRule {
        source: matchers(&[("name", "a")]),
        target: matchers(&[("name", "b")]),
        equal: vec!["group".to_owned()],
        ..InhibitRule::default()
    }];
    rules
}

fn sorted(mut heard: Vec<(i64, String)>) -> Vec<(i64, String)> {
    heard.sort_unstable();
    heard
}

fn lived(history: &[(i64, Act)], until: i64) -> World {
    lived_under(random_rules(), history, until)
}

fn lived_under(rules: Rules, history: &[(i64, Act)], until: i64) -> World {
    let mut world = World::new(rules);
    let mut at = 0;
    for (after, act) in history {
        at += after;
        world.act(at, act);
    }
    world.run(until);
    world
}

/// Longer than any history takes.
const LONG: i64 = 3500;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_plain_model_tells_the_same(history in history()) {
        let mut model = Model::new(false, &INTEGRATIONS);
        model.live(&history, LONG);
        let world = lived(&history, LONG);
        prop_assert_eq!(sorted(world.heard), sorted(model.heard));
    }

    #[test]
    fn the_same_history_is_told_the_same(history in history()) {
        let (one, two) = (lived(&history, LONG), lived(&history, LONG));
        prop_assert_eq!(one.records, two.records);
    }

    #[test]
    fn settling_and_collecting_change_no_decision(history in history()) {
        let slow: Vec<_> = history.into_iter().map(|(after, act)| (15 * after, act)).collect();
        let mut at = 0;
        let (mut tidy, mut hoarding) = (World::new(random_rules()), World::new(random_rules()));
        for (after, act) in &slow {
            at += after;
            tidy.act(at, act);
            hoarding.act(at, act);
            tidy.settle_all();
            tidy.dispatch.collect(secs(at));
        }
        tidy.run(at + LONG);
        hoarding.run(at + LONG);
        prop_assert_eq!(tidy.records, hoarding.records);
        tidy.dispatch.collect(secs(at + 10 * LONG));
        prop_assert!(tidy.dispatch.alerts().count() <= hoarding.dispatch.alerts().count());
    }

    #[test]
    fn every_episode_is_told_to_everybody_or_was_kept_quiet(history in history()) {
        let world = lived(&history, LONG);
        let mut fates: BTreeMap<Episode, &Verdict> = BTreeMap::new();
        let mut told: BTreeMap<(Episode, &str), Vec<&str>> = BTreeMap::new();
        for record in &world.records {
            fates.extend(record.alerts.iter().map(|judged| (judged.episode, &judged.verdict)));
            for due in &record.obligations {
                for (episode, status) in &due.episodes {
                    let missed = due.missed.contains(episode);
                    let word = if missed { "missed" } else { status.as_str() };
                    told.entry((*episode, &due.integration)).or_default().push(word);
                }
            }
        }
        for (episode, verdict) in fates {
            for (integration, send_resolved) in INTEGRATIONS {
                let words = told.get(&(episode, integration)).map_or(&[][..], Vec::as_slice);
                let passed = *verdict == Verdict::Passed;
                prop_assert!(!passed || !words.is_empty(), "{integration} never heard of {episode:?}");
                // An end is told to who has heard of the beginning, and to who asked for it.
                for (before, word) in words.iter().zip(words.iter().skip(1)) {
                    prop_assert!(*word != "resolved" || *before == "firing", "{words:?}");
                }
                prop_assert!(words.first() != Some(&"resolved"), "{words:?}");
                prop_assert!(send_resolved || !words.contains(&"resolved"), "{words:?}");
            }
        }
    }
}

/// Histories in which Alertmanager loses nothing: every alert has a state long enough for a look
/// at its group to see it, and nothing is silenced. Each of the turns changes one alert.
fn calm(turns: Vec<char>, pauses: &[i64]) -> Vec<(i64, Act)> {
    let mut open: Vec<char> = Vec::new();
    let change = |(name, pause): (char, &i64)| {
        let act = if open.contains(&name) {
            open.retain(|other| *other != name);
            Act::Resolve(name)
        } else {
            open.push(name);
            Act::Fire(name)
        };
        (pause + 2 * (WAIT + INTERVAL), act)
    };
    turns
        .into_iter()
        .zip(pauses.iter().cycle())
        .map(change)
        .collect()
}

/// Alertmanager as written and the dispatcher, over the same history.
fn both(
    history: &[(i64, Act)],
    integrations: &'static [(&'static str, bool)],
) -> [Vec<(i64, String)>; 2] {
    let mut model = Model::new(true, integrations);
    model.live(history, LONG);
    let world = lived_under(random_rules_for(integrations), history, LONG);
    [sorted(world.heard), sorted(model.heard)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn in_calm_times_alertmanager_tells_the_same(
        turns in prop::collection::vec(prop::sample::select(vec!['a', 'c', 'd']), 1..14),
        pauses in prop::collection::vec(0..50_i64, 5),
    ) {
        let [ours, theirs] = both(&calm(turns, &pauses), &[("chat", true)]);
        prop_assert_eq!(ours, theirs);
    }

    /// An alert that fires again while others fire is lost to who asks for no ends; here none does.
    #[test]
    fn alertmanager_tells_the_same_without_send_resolved(
        turns in Just(vec!['a', 'c', 'd', 'a', 'c', 'd']).prop_shuffle(),
        pauses in prop::collection::vec(0..50_i64, 5),
    ) {
        let [ours, theirs] = both(&calm(turns, &pauses), &INTEGRATIONS);
        prop_assert_eq!(ours, theirs);
    }
}
