//! One to three phones and some calls, with everything that goes wrong: requests and answers that are lost, phones
//! that start anew or die, second by second.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::*;
use super::app::{Act, App};
use super::{at, board, phones};

const MODELS: [&str; 3] = ["Mi 10", "P30", "V2001A"];

/// A call to be made.
#[derive(Clone, Debug)]
struct Plan {
    list: Vec<u8>,
    at: i64,
    critical: bool,
    rounds: u32,
    minutes: u64,
    withdrawn_at: Option<i64>,
}

fn plan() -> impl Strategy<Value = Plan> {
    (
        prop::collection::vec(0..4_u8, 1..6),
        0..1_200_i64,
        any::<bool>(),
        1..4_u32,
        2..31_u64,
        prop::option::weighted(0.2, 0..2_400_i64),
    )
        .prop_map(|(list, at, critical, rounds, minutes, withdrawn_at)| Plan {
            list,
            at,
            critical,
            rounds,
            minutes,
            withdrawn_at,
        })
}

/// What the network and people do, one word after the other.
struct Fate(Vec<u8>, usize);

impl Fate {
    fn next(&mut self) -> u8 {
        self.1 += 1;
        self.0[self.1 % self.0.len()]
    }
}

/// What was seen of a call.
#[derive(Default)]
struct Seen {
    list: Option<Vec<Arc<str>>>,
    /// Who had it last, and when.
    last: Option<(&'static str, i64)>,
    ended: bool,
}

struct Estate {
    board: Switchboard,
    fate: Fate,
    calls: BTreeMap<String, Seen>,
}

impl Estate {
    fn end(&mut self, id: &str) {
        let seen = self.calls.get_mut(id).expect("a known call");
        assert!(!seen.ended, "{id} ended twice");
        seen.ended = true;
    }

    fn look(&mut self, serve: &Serve, model: &'static str, second: i64) {
        let seen = self.calls.get_mut(&*serve.id).expect("a known call");
        assert!(!seen.ended, "{} is over and was served", serve.id);
        let once: BTreeSet<&Arc<str>> = serve.phones.iter().collect();
        assert_eq!(once.len(), serve.phones.len(), "a number comes twice");
        let list = seen.list.get_or_insert_with(|| serve.phones.clone());
        assert_eq!(*list, serve.phones, "the list changed");
        if let Some((other, at)) = seen.last.filter(|(other, _)| *other != model) {
            assert!(second - at >= 90, "{other} had {} at {at}", serve.id);
        }
        seen.last = Some((model, second));
    }

    /// Somebody gave a call back: another may have it at once.
    fn free(&mut self, id: &str) {
        if let Some(seen) = self.calls.get_mut(id) {
            seen.last = None;
        }
    }

    fn report(&mut self, app: &mut App, act: &Act, second: i64) {
        // One in five requests is lost on its way, one in five answers on theirs.
        let lost = self.fate.next() % 5;
        if lost == 0 {
            return app.failed(at(second));
        }
        match act {
            Act::Answered(id, number) => {
                let was_over = self.calls.get(id).is_none_or(|seen| seen.ended);
                match self.board.answered(id, number) {
                    Some(_) => self.end(id),
                    None => assert!(was_over, "an answer was lost"),
                }
            }
            Act::Nobody(id) => match self.board.unanswered(id, app.model, at(second)) {
                Round::Over(_) => self.end(id),
                Round::Again(_) => self.free(id),
                Round::Ignored => {}
            },
            Act::Nothing | Act::Ask => {}
        }
        if lost == 1 {
            app.failed(at(second));
        } else {
            app.reported(at(second));
        }
    }

    fn ask(&mut self, app: &mut App, second: i64) {
        let lost = self.fate.next() % 10;
        if lost == 0 {
            return app.failed(at(second));
        }
        let serve = self.board.poll(app.model, at(second));
        if let Some(serve) = &serve {
            // What it left for something worse may go to another.
            let left: Vec<String> = self
                .calls
                .iter()
                .filter(|(id, seen)| {
                    ***id != *serve.id && seen.last.is_some_and(|(model, _)| model == app.model)
                })
                .map(|(id, _)| id.clone())
                .collect();
            for id in &left {
                self.free(id);
            }
            self.look(serve, app.model, second);
        }
        if lost == 1 {
            return app.failed(at(second));
        }
        let Some(serve) = serve else {
            return app.idle(at(second));
        };
        let fate = &mut self.fate;
        let mut dial = |_: &str| {
            let word = fate.next();
            (word.is_multiple_of(6), i64::from(word % 100) + 5)
        };
        app.work(&serve.id, &serve.phones, at(second), &mut dial);
    }
}

fn run(plans: &[Plan], count: usize, words: Vec<u8>) {
    let mut apps: Vec<App> = MODELS[..count]
        .iter()
        .map(|model| App::new(model))
        .collect();
    let mut estate = Estate {
        board: board(),
        fate: Fate(words, 0),
        calls: BTreeMap::new(),
    };
    for second in 0..3_100 {
        for (number, plan) in plans.iter().enumerate() {
            let id = format!("c{number}");
            if plan.at == second {
                let names: Vec<String> =
                    plan.list.iter().map(|n| format!("1380013800{n}")).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let wanted = Wanted {
                    id: id.as_str().into(),
                    phones: distinct(phones(&names)),
                    priority: if plan.critical {
                        Severity::Critical
                    } else {
                        Severity::Warning
                    },
                    at: at(second),
                    rounds: plan.rounds,
                    done: 0,
                    max_age: Duration::from_mins(plan.minutes),
                };
                assert!(estate.board.place(wanted, at(second)));
                estate.calls.insert(id.clone(), Seen::default());
            }
            if plan.withdrawn_at == Some(second) && estate.board.withdraw(&id) {
                estate.end(&id);
            }
        }
        for id in estate.board.due(at(second)) {
            estate.end(&id);
        }
        for app in &mut apps {
            // About once in twenty minutes somebody starts the app anew, or its telephone dies for a while.
            if estate.fate.next() == 7 && estate.fate.next().is_multiple_of(8) {
                app.restart(at(second));
            }
            match app.next(at(second)) {
                Act::Nothing => {}
                Act::Ask => estate.ask(app, second),
                act => estate.report(app, &act, second),
            }
        }
    }
    assert!(
        estate.board.is_empty(),
        "a call never ends: {:?}",
        estate.board
    );
    assert!(estate.calls.values().all(|seen| seen.ended));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_call_ends_and_no_two_phones_are_on_one(
        plans in prop::collection::vec(plan(), 1..6),
        count in 1..4_usize,
        words in prop::collection::vec(any::<u8>(), 97..400),
    ) {
        run(&plans, count, words);
    }
}
