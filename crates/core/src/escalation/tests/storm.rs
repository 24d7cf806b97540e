//! Storms of incidents, against a referee that counts what each person heard.

use std::collections::BTreeSet;

use super::*;
use crate::storm::Bound;

const EVERY: u64 = 60;

/// What was said to whom: at which second, by which way, of which incidents, in which turn.
type Said = (u64, Arc<str>, Arc<str>, Vec<u64>, usize);

struct Storm {
    directory: Directory,
    all: Escalations,
    said: Vec<Said>,
    held: Vec<(u64, u64)>,
    turns: usize,
}

impl Storm {
    fn new(at_once: u32) -> Self {
        let policy = r#"{"p": {"steps": [{"notify": [{"person": "dan"}, {"person": "cai"}], "wait": "1h"}]}}"#;
        let mut directory = directory(policies(policy));
        directory.storm = Some(Bound {
            every: Duration::from_secs(EVERY),
            at_once,
        });
        Self {
            directory,
            all: Escalations::default(),
            said: Vec::new(),
            held: Vec::new(),
            turns: 0,
        }
    }

    /// Three incidents, one a second: the first is told, and the others wait.
    fn of_three(severity: Severity) -> Self {
        let mut storm = Self::new(1);
        for incident in 1..=3 {
            let at = secs(incident);
            let facts = facts(incident, severity, at);
            storm.all.insert(Escalation::start("p", facts, at));
            storm.turn(incident);
        }
        storm
    }

    fn turn(&mut self, second: u64) {
        self.turns += 1;
        for action in self.all.due(&self.directory, secs(second)) {
            match action {
                Action::Page {
                    person,
                    by,
                    incidents,
                    ..
                } => {
                    for way in by {
                        let told = incidents.clone();
                        let said = (second, Arc::clone(&person), way, told, self.turns);
                        self.said.push(said);
                    }
                }
                Action::Held {
                    incident, until, ..
                } => self.held.push((incident, until.since(secs(0)).as_secs())),
                _ => {}
            }
        }
    }

    /// Lets time pass up to a second, with all turns that are due before it.
    fn pass(&mut self, until: u64) {
        loop {
            let wake = self.all.wake().since(secs(0)).as_secs();
            if wake > until {
                return;
            }
            self.turn(wake);
        }
    }

    fn restart(&mut self) {
        let mut again = Escalations::default();
        for one in self.all.iter() {
            let json = serde_json::to_string(one).expect("JSON");
            again.insert(serde_json::from_str(&json).expect("what was written"));
        }
        for (person, slot) in self.all.slots().iter() {
            let json = serde_json::to_string(slot).expect("JSON");
            let slot = serde_json::from_str(&json).expect("what was written");
            again.insert_slot(Arc::clone(person), slot);
        }
        self.all = again;
    }

    fn check(&self, seed: u64, at_once: u64, opened: &BTreeMap<u64, (u64, Severity)>) {
        for person in ["dan", "cai"] {
            let heard = self.said.iter().filter(|said| &*said.1 == person);
            let heard: Vec<&Said> = heard.collect();
            let turns: BTreeSet<(usize, u64)> = heard.iter().map(|said| (said.4, said.0)).collect();
            let times: Vec<u64> = turns.into_iter().map(|(_, at)| at).collect();
            for (first, from) in times.iter().enumerate() {
                for (last, to) in times.iter().enumerate().skip(first) {
                    let count = (last - first) as u64 + 1;
                    let most = at_once + 1 + (to - from) / EVERY;
                    assert!(count <= most, "seed {seed}: {person} heard at {times:?}");
                }
            }
            let mut once = BTreeSet::new();
            for (at, _, way, _, turn) in &heard {
                assert!(once.insert((turn, way)), "seed {seed}: {way} twice at {at}");
            }
            for (incident, (since, severity)) in opened {
                let told = heard.iter().find(|said| said.3.contains(incident));
                let Some((at, ..)) = told else { continue };
                let most = if *severity == Severity::Critical {
                    EVERY
                } else {
                    2 * EVERY
                };
                assert!(at - since <= most, "seed {seed}: {incident} at {at}");
            }
        }
    }
}

#[test]
fn a_person_hears_once_and_then_once_a_minute_of_all_that_came_together() {
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let at_once = 1 + random.below(3) as u32;
        let mut storm = Storm::new(at_once);
        let mut opened = BTreeMap::new();
        let mut answered = BTreeMap::new();
        let mut now = 0;
        for incident in 1..=60 {
            now += random.below(15);
            storm.pass(now);
            let severity = random.pick(&[Severity::Info, Severity::Error, Severity::Critical]);
            let facts = facts(incident, severity, secs(now));
            storm.all.insert(Escalation::start("p", facts, secs(now)));
            opened.insert(incident, (now, severity));
            storm.turn(now);
            if random.one_in(4) {
                let incident = 1 + random.below(incident);
                let who = Event::Acknowledged { who: "dan".into() };
                storm
                    .all
                    .apply(incident, &who, &storm.directory.clone(), secs(now));
                answered.entry(incident).or_insert(now);
            }
            if random.one_in(6) {
                storm.restart();
            }
        }
        storm.pass(now + 600);
        storm.check(seed, u64::from(at_once), &opened);
        for (at, person, _, incidents, _) in &storm.said {
            for incident in incidents {
                let over = answered.get(incident).is_some_and(|over| over < at);
                assert!(!over, "seed {seed}: {person} heard of {incident} at {at}");
            }
        }
        for incident in opened.keys().filter(|one| !answered.contains_key(one)) {
            for person in ["dan", "cai"] {
                let heard = |said: &&Said| &*said.1 == person && said.3.contains(incident);
                // Dan by chat and SMS, Cai by telephone.
                let ways = if person == "dan" { 2 } else { 1 };
                let count = storm.said.iter().filter(heard).count();
                assert_eq!(count, ways, "seed {seed}: {person} of {incident}");
            }
        }
    }
}

#[test]
fn ten_thousand_incidents_are_told_in_digests_of_a_bounded_size() {
    let mut storm = Storm::new(1);
    for incident in 1..=10_000 {
        let facts = facts(incident, Severity::Error, secs(0));
        storm.all.insert(Escalation::start("p", facts, secs(0)));
    }
    storm.turn(0);
    storm.pass(600);
    let cai = storm.said.iter().filter(|said| &*said.1 == "cai");
    let told: Vec<(u64, usize)> = cai.map(|said| (said.0, said.3.len())).collect();
    let expected = [0, 60, 120, 180, 240].map(|at| (at, crate::storm::MOST));
    assert_eq!(told, expected);
    assert_eq!(storm.held.len(), 16_000, "held once for each person");
}

#[test]
fn what_became_critical_goes_ahead_of_the_digest() {
    let mut storm = Storm::of_three(Severity::Info);
    let worse = Event::Severity(Severity::Critical);
    storm
        .all
        .apply(2, &worse, &storm.directory.clone(), secs(5));
    storm.turn(5);
    storm.pass(600);
    let cai = storm.said.iter().filter(|said| &*said.1 == "cai");
    let told: Vec<(u64, Vec<u64>)> = cai.map(|said| (said.0, said.3.clone())).collect();
    // The digest goes with it.
    assert_eq!(told, [(1, vec![1]), (5, vec![2, 3])]);
}

#[test]
fn what_a_person_asks_for_does_not_wait_for_a_digest() {
    let mut storm = Storm::of_three(Severity::Error);
    let directory = storm.directory.clone();
    let to = vec![Notify::Person("cai".into())];
    let asked = Event::Reassigned { to };
    assert!(storm.all.apply(3, &asked, &directory, secs(5)));
    storm.restart();
    storm.turn(5);
    let heard = |storm: &Storm| -> Vec<(u64, Vec<u64>)> {
        let cai = storm.said.iter().filter(|said| &*said.1 == "cai");
        cai.map(|said| (said.0, said.3.clone())).collect()
    };
    // What had to wait goes along with it.
    assert_eq!(heard(&storm), [(1, vec![1]), (5, vec![3, 2])]);

    // Nobody is left to be told, and when somebody asks again, all are told anew.
    for second in [6, 7] {
        assert!(
            storm
                .all
                .apply(3, &Event::EscalateNow, &directory, secs(second))
        );
        storm.turn(second);
    }
    storm.pass(3_000);
    assert_eq!(heard(&storm), [(1, vec![1]), (5, vec![3, 2]), (7, vec![3])]);
}
