//! Whatever comes in, the parts of the memory agree with each other.

use proptest::prelude::*;

use super::*;
use crate::alert::Episode;

#[derive(Clone, Debug)]
enum Blow {
    Alert {
        name: u8,
        starts_at: i64,
        ends_at: i64,
        lifecycle: Lifecycle,
        at: i64,
    },
    Refresh {
        name: u8,
        ends_at: i64,
        at: i64,
    },
    Turn {
        at: i64,
        max: usize,
    },
    GiveBack {
        record: usize,
        also: bool,
    },
    Settle {
        record: usize,
    },
    Rules {
        flat: bool,
        version: u8,
    },
    Restart,
    Collect {
        at: i64,
    },
}

/// Seconds, mostly near each other, sometimes at the ends of time.
fn moment() -> impl Strategy<Value = i64> {
    prop_oneof![
        12 => 0..4000_i64,
        1 => Just(i64::MAX),
        1 => Just(i64::MIN),
        1 => -10_000_000..10_000_000_i64,
    ]
}

fn blow() -> impl Strategy<Value = Blow> {
    let lifecycle = prop::sample::select(vec![
        Lifecycle::Event,
        Lifecycle::Explicit,
        Lifecycle::Refreshing,
    ]);
    prop_oneof![
        8 => (0..5_u8, moment(), moment(), lifecycle, moment()).prop_map(
            |(name, starts_at, ends_at, lifecycle, at)| {
                Blow::Alert { name, starts_at, ends_at, lifecycle, at }
            }
        ),
        2 => (0..5_u8, moment(), moment())
            .prop_map(|(name, ends_at, at)| Blow::Refresh { name, ends_at, at }),
        8 => (moment(), 0..4_usize).prop_map(|(at, max)| Blow::Turn { at, max }),
        3 => (0..20_usize, any::<bool>()).prop_map(|(record, also)| Blow::GiveBack { record, also }),
        2 => (0..20_usize).prop_map(|record| Blow::Settle { record }),
        1 => (any::<bool>(), 0..3_u8).prop_map(|(flat, version)| Blow::Rules { flat, version }),
        1 => Just(Blow::Restart),
        2 => moment().prop_map(|at| Blow::Collect { at }),
    ]
}

fn tree(flat: bool) -> RouteNode {
    let child = |receiver: &str, proceed| RouteNode {
        receiver: Some(receiver.into()),
        matchers: matchers(&[("group", "g")]),
        group_by: Some(vec!["...".into()]),
        proceed,
        ..RouteNode::default()
    };
    let routes = if flat {
        vec![]
    } else {
        vec![child("ops", true), child("dba", false)]
    };
    RouteNode { routes, ..root() }
}

fn under(flat: bool, version: u8) -> Arc<Rules> {
    let version = format!("{version}{flat}").into();
    Arc::new(Rules {
        version,
        ..rules(tree(flat), &[("chat", true), ("mail", false)])
    })
}

impl World {
    fn strike(&mut self, blow: &Blow) {
        match *blow {
            Blow::Alert {
                name,
                starts_at,
                ends_at,
                lifecycle,
                at,
            } => {
                let alert = Alert {
                    lifecycle,
                    ..refreshing(&name.to_string(), starts_at, at, ends_at)
                };
                self.feed(
                    at,
                    Input::Alert {
                        source: "t".into(),
                        alert: Box::new(alert),
                    },
                );
            }
            Blow::Refresh { name, ends_at, at } => {
                let fingerprint = fingerprint(&name.to_string());
                self.feed(
                    at,
                    Input::Refresh {
                        fingerprint,
                        ends_at: secs(ends_at),
                        timeout: true,
                    },
                );
            }
            Blow::Turn { at, max } => {
                let flushes = self.dispatch.turn(secs(at), max);
                self.records
                    .extend(flushes.into_iter().map(|flush| flush.record));
            }
            Blow::GiveBack { record, also } => {
                for due in self.obligations(record) {
                    let keys = if also {
                        vec!["chat", "mail"]
                    } else {
                        vec![&*due.1]
                    };
                    for key in keys {
                        self.dispatch.give_back(due.0, key, &due.2);
                    }
                }
            }
            Blow::Settle { record } => {
                for due in self.obligations(record) {
                    self.dispatch.settled(due.0, &due.1, &due.2);
                }
            }
            Blow::Rules { flat, version } => {
                self.dispatch
                    .set_rules(under(flat, version), self.dispatch.clock);
            }
            Blow::Restart => {
                let rules = Arc::clone(self.dispatch.rules());
                self.dispatch = Dispatch::restore(rules, self.dispatch.checkpoint());
            }
            Blow::Collect { at } => self.dispatch.collect(secs(at)),
        }
    }

    fn feed(&mut self, at: i64, input: Input) {
        self.seq += 1;
        self.dispatch.apply(&Event {
            seq: self.seq,
            at: secs(at),
            input,
        });
    }

    fn obligations(&self, record: usize) -> Vec<(super::super::GroupId, Arc<str>, Vec<Episode>)> {
        let record = self.records.get(record).into_iter();
        record
            .flat_map(|record| record.obligations.iter().map(|due| (record.group, due)))
            .map(|(group, due)| {
                let episodes = due.episodes.iter().map(|told| told.0).collect();
                (group, Arc::clone(&due.integration), episodes)
            })
            .collect()
    }
}

/// What must hold of the memory at all times.
fn sound(dispatch: &Dispatch) {
    let timers: Vec<_> = dispatch
        .groups
        .iter()
        .map(|(id, group)| (group.next, *id))
        .collect();
    assert_eq!(
        timers
            .iter()
            .copied()
            .collect::<std::collections::BTreeSet<_>>(),
        dispatch.timers
    );
    let mut memberships: BTreeMap<Episode, u32> = BTreeMap::new();
    for (id, group) in &dispatch.groups {
        assert!(!group.members.is_empty(), "{id:?} is empty");
        for episode in group.members.iter() {
            *memberships.entry(episode).or_default() += 1;
        }
        for ledger in &group.ledgers {
            assert!(
                ledger.told.is_sorted_by_key(|told| told.episode),
                "{ledger:?}"
            );
        }
    }
    for (episode, groups) in &memberships {
        let entry = dispatch
            .roll
            .entry(*episode)
            .expect("a member is in memory");
        assert_eq!((entry.groups, entry.since), (*groups, episode.starts_at));
    }
    for (fingerprint, entry) in &dispatch.roll.newest {
        let episode = Episode {
            fingerprint: *fingerprint,
            starts_at: entry.since,
        };
        assert_eq!(
            entry.groups,
            memberships.get(&episode).copied().unwrap_or(0)
        );
        assert!(
            !dispatch.roll.older.contains_key(&episode),
            "{episode:?} is there twice"
        );
    }
    for (episode, entry) in &dispatch.roll.older {
        assert!(entry.needed(), "{episode:?} is needed by nobody");
        assert_eq!(entry.groups, memberships.get(episode).copied().unwrap_or(0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_memory_stays_sound(blows in prop::collection::vec(blow(), 1..80)) {
        let mut world = World::with(Dispatch::new(under(false, 0)));
        for blow in &blows {
            world.strike(blow);
            sound(&world.dispatch);
        }
    }
}
