//! Random policies, incidents, answers, receipts, standstills, clocks that are set back, and restarts at
//! any point. What was done is held against a referee that knows only the promises, not the rules.

use std::collections::BTreeSet;

use super::world::{PEOPLE, known, specs};
use super::*;

const SEEDS: u64 = 1_000;
const INCIDENTS: u64 = 4;

/// What an incident's people may expect, by what was said about it alone.
#[derive(Clone, Debug, Default)]
struct Referee {
    acknowledged: BTreeSet<Arc<str>>,
    quiet: Option<Quiet>,
    /// Whether anything was told, or exhaustion, since it began or began anew.
    heard: bool,
    exhausted: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Quiet {
    Acknowledged,
    Until(Time),
    Resolved,
}

impl Referee {
    /// Takes in what happened, as people understand it.
    fn hear(&mut self, event: &Event, needs: usize, now: Time) {
        if self.quiet == Some(Quiet::Resolved) && *event != Event::Reopened {
            return;
        }
        match event {
            Event::Acknowledged { who } => {
                self.acknowledged.insert(Arc::clone(who));
                if self.acknowledged.len() >= needs {
                    self.quiet = Some(Quiet::Acknowledged);
                }
            }
            Event::Snoozed { until } if *until > now => {
                self.acknowledged.clear();
                self.quiet = Some(Quiet::Until(*until));
            }
            Event::Resolved => self.quiet = Some(Quiet::Resolved),
            Event::EscalateNow if self.quiet.is_none() && self.exhausted == 0 => {}
            Event::Reopened if self.quiet != Some(Quiet::Resolved) => {}
            Event::EscalateNow | Event::Reassigned { .. } | Event::Reopened => {
                *self = Self::default();
            }
            _ => {}
        }
    }

    fn time(&mut self, now: Time) {
        if matches!(self.quiet, Some(Quiet::Until(until)) if until <= now) {
            *self = Self::default();
        }
    }
}

struct World {
    random: Random,
    directory: Directory,
    needs: usize,
    all: Escalations,
    referees: BTreeMap<u64, Referee>,
    now: Time,
    trace: Vec<(Time, String)>,
    restarts: bool,
}

fn policy(random: &mut Random, then: Option<&str>) -> String {
    let needs = if random.one_in(4) { 2 } else { 1 };
    let steps: Vec<String> = (0..=random.below(4))
        .map(|_| {
            let notify: Vec<&str> = (0..=random.below(2))
                .map(|_| {
                    random.pick(&[
                        r#"{"schedule": "ops"}"#,
                        r#"{"schedule": "dba"}"#,
                        r#"{"team": "duty"}"#,
                        r#"{"team": "silent"}"#,
                        r#"{"person": "ada"}"#,
                        r#"{"person": "bob"}"#,
                        r#"{"receiver": "robot"}"#,
                    ])
                })
                .collect();
            let people = notify.iter().any(|entry| !entry.contains("receiver"));
            let by = random.pick(&[
                "",
                "",
                r#", "by": ["wecom", "sms"]"#,
                r#", "by": ["voice"]"#,
            ]);
            let page = random.pick(&["", "", r#", "page": "round_robin""#]);
            let when = random.pick(&["", "", "", r#", "when": {"severity": "error"}"#]);
            let extra = if people {
                format!("{by}{page}")
            } else {
                String::new()
            };
            let wait = 5 + random.below(1_200);
            format!(
                r#"{{"notify": [{}], "wait": "{wait}s"{extra}{when}}}"#,
                notify.join(",")
            )
        })
        .chain([r#"{"notify": [{"schedule": "ops"}]}"#.to_owned()])
        .collect();
    let then = then.map_or_else(String::new, |then| format!(r#", "then": "{then}""#));
    let repeat = random.below(3);
    format!(
        r#"{{"needs": {needs}, "repeat": {repeat}, "steps": [{}]{then}}}"#,
        steps.join(",")
    )
}

impl World {
    fn new(seed: u64, restarts: bool) -> Self {
        let mut random = Random::new(seed);
        let second = policy(&mut random, None);
        let then = random.one_in(2).then_some("q");
        let first = policy(&mut random, then);
        let written = specs(&format!(r#"{{"p": {first}, "q": {second}}}"#));
        let policies =
            Policies::new(&written, &known()).unwrap_or_else(|e| panic!("{seed}: {e:?}"));
        let now = secs(random.below(7 * 86_400));
        Self {
            needs: written["p"].needs as usize,
            directory: directory(policies),
            random,
            all: Escalations::default(),
            referees: BTreeMap::new(),
            now,
            trace: Vec::new(),
            restarts,
        }
    }

    fn open(&mut self) {
        let incident = self.referees.len() as u64 + 1;
        let facts = Facts {
            incident,
            severity: self.random.pick(&Severity::ALL),
            opened: self.now,
            ordinal: self.random.below(100),
        };
        self.all.insert(Escalation::start("p", facts, self.now));
        self.referees.insert(incident, Referee::default());
        self.turn();
    }

    /// Something random happens to a random incident.
    fn happen(&mut self) {
        let incident = 1 + self.random.below(self.referees.len() as u64);
        let who: Arc<str> = self.random.pick(&PEOPLE).into();
        let event = match self.random.below(20) {
            0..=2 => Event::Acknowledged { who },
            3 => Event::Snoozed {
                until: Time::from_secs(self.now.secs() + 3_600 - self.random.below(3_700) as i64),
            },
            4 => Event::Reassigned {
                to: vec![Notify::Person(who), Notify::Team("duty".into())],
            },
            5 => Event::EscalateNow,
            6 => Event::Resolved,
            7 => Event::Reopened,
            8 => Event::Severity(self.random.pick(&Severity::ALL)),
            _ => Event::Receipt {
                person: who,
                by: self.random.pick(&["sms", "voice", "wecom"]).into(),
                receipt: self.random.pick(&[
                    Receipt::Delivered,
                    Receipt::Read,
                    Receipt::Failed,
                    Receipt::Failed,
                    Receipt::Declined,
                ]),
            },
        };
        self.trace
            .push((self.now, format!("EVENT {incident} {event:?}")));
        let before = self.all.get(incident).cloned();
        let changed = self.all.apply(incident, &event, &self.directory, self.now);
        if !changed && before.as_ref().is_some_and(|one| one.seen == self.now) {
            assert_eq!(self.all.get(incident), before.as_ref(), "{event:?}");
        }
        let (needs, now) = (self.needs, self.now);
        if let Some(referee) = self.referees.get_mut(&incident) {
            referee.time(now);
            referee.hear(&event, needs, now);
        }
        self.turn();
    }

    fn turn(&mut self) {
        if self.restarts && self.random.one_in(4) {
            self.restart();
        } else if !self.restarts {
            // The same numbers are drawn with and without restarts.
            self.random.one_in(4);
        }
        for referee in self.referees.values_mut() {
            referee.time(self.now);
        }
        let actions = self.all.due(&self.directory, self.now);
        assert_eq!(
            self.all.due(&self.directory, self.now),
            [],
            "nothing more at once"
        );
        self.judge(&actions);
        self.trace
            .extend(actions.iter().map(|action| (self.now, words(action))));
    }

    /// All that is kept in memory is written and read back, as text or packed.
    fn restart(&mut self) {
        let mut back = Escalations::default();
        for one in self.all.iter() {
            let json = serde_json::to_string(one).expect("json");
            let from_json: Escalation = serde_json::from_str(&json).expect("from json");
            let packed = postcard::to_allocvec(one).expect("packed");
            let from_packed: Escalation = postcard::from_bytes(&packed).expect("unpacked");
            assert_eq!((&from_json, &from_packed), (one, one));
            back.insert(from_json);
        }
        self.all = back;
    }

    fn judge(&mut self, actions: &[Action]) {
        let mut pages = BTreeSet::new();
        let mut steps: BTreeMap<u64, BTreeSet<&At>> = BTreeMap::new();
        for action in actions {
            match action {
                Action::Page {
                    person,
                    by,
                    incidents,
                    ..
                } => {
                    assert!(
                        !by.is_empty() && pages.insert((person, by)),
                        "one page for each person"
                    );
                    for incident in incidents {
                        self.told(*incident);
                        let referee = &self.referees[incident];
                        assert!(
                            !referee.acknowledged.contains(person),
                            "{person} has answered {incident}"
                        );
                    }
                    assert!(
                        incidents
                            .windows(2)
                            .all(|pair| self.rank(pair[0]) > self.rank(pair[1]))
                    );
                }
                Action::Tell { incident, at, .. } => {
                    self.told(*incident);
                    steps.entry(*incident).or_default().insert(at);
                }
                Action::Exhausted { incident, .. } => {
                    let referee = self.referees.get_mut(incident).expect("opened");
                    assert_eq!(
                        referee.quiet, None,
                        "{incident} was exhausted although it is quiet"
                    );
                    referee.heard = true;
                    referee.exhausted += 1;
                    assert_eq!(referee.exhausted, 1, "{incident} is exhausted once");
                }
                Action::Held { .. } | Action::Taken { .. } | Action::Passed { .. } => {}
            }
        }
        assert!(
            steps.values().all(|steps| steps.len() == 1),
            "one step in a turn"
        );
        for one in self.all.iter() {
            let referee = &self.referees[&one.facts().incident];
            let held = one.pages.iter().any(|page| !page.ladder.is_done());
            // Somebody was told, or nobody is left, or everybody is held by quiet hours.
            assert!(referee.quiet.is_some() || referee.heard || held, "{one:?}");
            assert_eq!(
                referee.quiet == Some(Quiet::Acknowledged),
                one.state() == State::Acknowledged
            );
            assert_eq!(
                referee.quiet == Some(Quiet::Resolved),
                one.state() == State::Resolved
            );
            assert!(one.wake() > self.now);
        }
    }

    fn told(&mut self, incident: u64) {
        let referee = self.referees.get_mut(&incident).expect("opened");
        assert_eq!(
            referee.quiet, None,
            "{incident} was told although it is quiet"
        );
        referee.heard = true;
    }

    fn rank(&self, incident: u64) -> (Severity, Time, u64) {
        let facts = self.all.get(incident).expect("opened").facts();
        (facts.severity, facts.opened, facts.incident)
    }

    fn run(&mut self) {
        self.open();
        for _ in 0..40 {
            let until_wake = self.all.wake().since(self.now).as_secs().min(86_400);
            let ahead = match self.random.below(12) {
                // Nobody asked in time.
                0 => until_wake + 1 + self.random.below(20_000),
                1..=6 => until_wake,
                _ => self.random.below(until_wake.max(1)),
            };
            self.now = self.now.after(Duration::from_secs(ahead));
            if self.random.one_in(40) {
                self.now = self
                    .now
                    .before(Duration::from_secs(self.random.below(7_200)));
            }
            match self.random.below(3) {
                0 => self.turn(),
                1 if (self.referees.len() as u64) < INCIDENTS && self.random.one_in(3) => {
                    self.open();
                }
                _ => self.happen(),
            }
        }
        self.left_alone();
    }

    /// From here on nobody answers: everything ends, and whoever is not answered for is exhausted.
    fn left_alone(&mut self) {
        let mut turns = 0;
        while !self.all.wake().is_never() {
            self.now = self.now.max(self.all.wake());
            self.turn();
            turns += 1;
            assert!(turns < 3_000, "it ends");
        }
        for (incident, referee) in &self.referees {
            assert!(
                referee.quiet.is_some() || referee.exhausted == 1,
                "{incident}"
            );
        }
    }
}

#[test]
fn promises_hold_whatever_happens_and_restarts_change_nothing() {
    let mut actions = 0;
    for seed in 0..SEEDS {
        let run = |restarts| {
            let mut world = World::new(seed, restarts);
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.run()));
            assert!(outcome.is_ok(), "seed {seed}; before: {:#?}", world.trace);
            world.trace
        };
        let plain = run(false);
        assert_eq!(plain, run(true), "seed {seed}: a restart changes nothing");
        actions += plain.len();
    }
    assert!(actions as u64 > SEEDS * 20, "{actions} actions");
}
