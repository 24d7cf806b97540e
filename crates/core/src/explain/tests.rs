use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::dispatch::Verdict as Judged;
use crate::escalation::Notify;
use crate::time::Time;

const PEOPLE: [&str; 3] = ["ada", "bob", "cai"];

/// A small history in whole seconds, of the person `ada`.
#[derive(Clone, Debug)]
struct History {
    at: i64,
    arrived: Option<i64>,
    refused: usize,
    /// When its group was looked at, and what was said: 0 passed, 1 silenced, 2 muted, 3 over in quiet.
    looks: Vec<(i64, u8)>,
    told: Vec<Sent>,
    incident: Option<Incident>,
    contacts: Vec<Sent>,
    reachable: bool,
    quiet: bool,
}

/// Made, and what became of it when: 0 arrived, 1 failed, 2 taken back.
type Sent = (i64, Option<(i64, u8)>);

#[derive(Clone, Debug)]
struct Incident {
    opened: i64,
    answered: Option<(i64, usize)>,
    over: Option<i64>,
    /// For each step: when it was taken, whether it was passed over, whom it names: 0 Ada, 1 Bob, 2 a schedule with Ada on
    /// call, 3 one with Bob, 4 one with nobody, 5 a receiver.
    steps: Vec<(Option<i64>, bool, u8)>,
}

fn secs(secs: i64) -> Time {
    Time::from_secs(secs)
}

fn sent() -> impl Strategy<Value = Sent> {
    (0..40i64, prop::option::of((0..20i64, 0..3u8)))
        .prop_map(|(at, end)| (at, end.map(|(after, what)| (at + after, what))))
}

fn incident() -> impl Strategy<Value = Incident> {
    let step = (prop::option::of(0..40i64), any::<bool>(), 0..6u8);
    (
        0..40i64,
        prop::option::of((0..40i64, 0..3usize)),
        prop::option::of(0..40i64),
        prop::collection::vec(step, 1..4),
    )
        .prop_map(|(opened, answered, over, steps)| Incident {
            opened,
            answered: answered.map(|(after, who)| (opened + after, who)),
            over: over.map(|after| opened + after),
            steps,
        })
}

fn history() -> impl Strategy<Value = History> {
    (
        (0..45i64, prop::option::weighted(0.9, 0..20i64), 0..3usize),
        prop::collection::vec((0..40i64, prop_oneof![4 => Just(0u8), 3 => 1..4u8]), 0..4),
        prop::collection::vec(sent(), 0..3),
        prop::option::weighted(0.8, incident()),
        prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(sent(), 1..3)],
        prop::bool::weighted(0.8),
        prop::bool::weighted(0.3),
    )
        .prop_map(
            |(
                (at, arrived, refused),
                mut looks,
                mut told,
                incident,
                mut contacts,
                reachable,
                quiet,
            )| {
                looks.sort_unstable();
                told.sort_unstable();
                contacts.sort_unstable();
                History {
                    at,
                    arrived,
                    refused,
                    looks,
                    told,
                    incident,
                    contacts,
                    reachable,
                    quiet,
                }
            },
        )
}

fn judged(what: u8) -> Judged {
    match what {
        0 => Judged::Passed,
        1 => Judged::Silenced(vec!["s-1".into()]),
        2 => Judged::Muted,
        _ => Judged::OverInQuiet,
    }
}

fn contacts(sent: &[Sent]) -> Vec<Contact> {
    let contact = |(number, (at, end)): (u64, &Sent)| Contact {
        to: "way".into(),
        notification: number,
        at: secs(*at),
        end: end.map(|(when, what)| {
            let outcome = match what {
                0 => Outcome::Arrived,
                1 => Outcome::Failed("refused".into()),
                _ => Outcome::TakenBack("acknowledged".into()),
            };
            (secs(when), outcome)
        }),
        tries: Vec::new(),
        held: None,
    };
    (1..).zip(sent).map(contact).collect()
}

fn naming(whom: u8) -> Naming {
    let on_call = |who: &[&str]| Duty {
        at: secs(0),
        schedule: "rota".into(),
        who: who.iter().map(|who| Arc::from(*who)).collect(),
        layer: Some("layer 1".into()),
        overrides: Vec::new(),
        shift: None,
    };
    let (entry, duty) = match whom {
        0 => (Notify::Person("ada".into()), None),
        1 => (Notify::Person("bob".into()), None),
        2 => (Notify::Schedule("rota".into()), Some(on_call(&["ada"]))),
        3 => (Notify::Schedule("rota".into()), Some(on_call(&["bob"]))),
        4 => (Notify::Schedule("rota".into()), Some(on_call(&[]))),
        _ => (Notify::Receiver("mail".into()), None),
    };
    Naming {
        entry,
        is_them: matches!(whom, 0 | 2),
        duty,
    }
}

fn escalated(of: &Incident) -> Escalated {
    let step = |(number, (taken, passed, whom)): (usize, &(Option<i64>, bool, u8))| StepFacts {
        policy: "ops".into(),
        number,
        taken: taken.map(secs),
        passed: passed.then(|| "its condition does not hold".into()),
        by: Vec::new(),
        wait: Duration::from_secs(5),
        names: vec![naming(*whom)],
    };
    Escalated {
        incident: 1,
        policy: "ops".into(),
        opened: secs(of.opened),
        answered: of.answered.map(|(at, who)| Answer {
            who: PEOPLE[who].into(),
            at: secs(at),
        }),
        over: of.over.map(secs),
        steps: (1..).zip(&of.steps).map(step).collect(),
        timeline: Vec::new(),
    }
}

fn facts(of: &History, person: bool) -> Facts {
    let look = |(at, what): &(i64, u8)| Look {
        at: secs(*at),
        decision: 1,
        verdict: judged(*what),
        muted_by: Vec::new(),
        owed: Vec::new(),
    };
    let refused = Refused {
        at: secs(of.at),
        source: "access".into(),
        reason: "bad token".into(),
    };
    Facts {
        at: secs(of.at),
        arrived: of.arrived.map(secs),
        receivers: vec!["ops".into()],
        looks: of.looks.iter().map(look).collect(),
        silences: Vec::new(),
        told: contacts(&of.told),
        escalated: of.incident.iter().map(escalated).collect(),
        person: person.then(|| Person {
            key: "ada".into(),
            is_reachable: of.reachable,
            quiet_until: of.quiet.then(|| secs(100)),
            unverified: Vec::new(),
            ways: Vec::new(),
            contacts: contacts(&of.contacts),
        }),
        refused: vec![refused; of.refused],
    }
}

/// What somebody knows who watched the whole time, second by second, and is asked at the end. It never looks ahead, and
/// knows nothing of the rules' order but what was seen last.
#[derive(Default)]
struct Watcher {
    arrived: bool,
    looked: Vec<u8>,
    told: Vec<Option<u8>>,
    mine: Vec<Option<u8>>,
    has_incident: bool,
    /// Whether the answer was there before it was over.
    answered: Option<bool>,
    over: bool,
    taken: Vec<usize>,
}

impl Watcher {
    fn watch(of: &History) -> Self {
        let mut seen = Self::default();
        for now in 0..=of.at {
            seen.second(of, now);
        }
        seen
    }

    fn second(&mut self, of: &History, now: i64) {
        self.arrived |= of.arrived == Some(now);
        for (_, what) in of.looks.iter().filter(|(at, _)| *at == now) {
            self.looked.push(*what);
        }
        for (list, sent) in [(&mut self.told, &of.told), (&mut self.mine, &of.contacts)] {
            for (place, (at, end)) in sent.iter().enumerate() {
                if *at == now {
                    list.push(None);
                }
                if let Some((_, what)) = end.filter(|(when, _)| *when == now) {
                    list[place] = Some(what);
                }
            }
        }
        let Some(incident) = &of.incident else { return };
        self.has_incident |= incident.opened == now;
        if incident.answered.is_some_and(|(at, _)| at == now) {
            self.answered = Some(!self.over);
        }
        self.over |= incident.over == Some(now);
        let taken = incident.steps.iter().enumerate();
        self.taken.extend(
            taken
                .filter(|(_, step)| step.0 == Some(now))
                .map(|(place, _)| place),
        );
    }

    fn of_alert(&self) -> &'static str {
        match (self.arrived, self.looked.last()) {
            (false, _) => "never_arrived",
            (_, None) => "not_decided",
            (_, Some(1)) => "silenced",
            (_, Some(2)) => "muted",
            (_, Some(3)) => "over_in_quiet",
            _ if self.told.contains(&Some(0)) => "told",
            _ if self.told.contains(&None) => "sending",
            _ if self.told.is_empty() => "nobody_to_tell",
            _ => "undelivered",
        }
    }

    fn of_ada(&self, of: &History) -> &'static str {
        if !self.arrived {
            return "never_arrived";
        }
        if self.mine.contains(&Some(0)) {
            return "reached";
        }
        match self.mine.last() {
            Some(_) if self.mine.contains(&None) => return "being_sent",
            Some(Some(2)) => return "taken_back",
            Some(_) => return "failed",
            None => {}
        }
        if !self.looked.contains(&0) {
            return match self.of_alert() {
                quiet @ ("not_decided" | "silenced" | "muted" | "over_in_quiet") => quiet,
                other => unreachable!("{other}"),
            };
        }
        match &of.incident {
            Some(incident) if self.has_incident => self.of_escalation(of, incident),
            _ => "routed_elsewhere",
        }
    }

    fn of_escalation(&self, of: &History, incident: &Incident) -> &'static str {
        let whom: Vec<u8> = incident.steps.iter().map(|step| step.2).collect();
        let Some(first) = whom.iter().position(|whom| [0, 2].contains(whom)) else {
            let has_schedule = whom.contains(&3) || whom.contains(&4);
            return if has_schedule {
                "not_on_call"
            } else {
                "not_in_escalation"
            };
        };
        let came = self.taken.contains(&first);
        if came && incident.steps[first].1 {
            return "step_passed";
        }
        if came && !of.reachable {
            return "unreachable";
        }
        if came && of.quiet {
            return "quiet_hours";
        }
        if self.answered == Some(true) {
            return "answered_first";
        }
        match (self.over, came) {
            (true, _) => "over_first",
            (_, true) => "others_turn",
            _ => "not_yet",
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn a_watcher_who_saw_it_all_gives_the_same_answer(history in history()) {
        let seen = Watcher::watch(&history);
        let of_alert = explain(&facts(&history, false));
        prop_assert_eq!(of_alert.verdict.as_str(), seen.of_alert());
        let of_ada = explain(&facts(&history, true));
        prop_assert_eq!(of_ada.verdict.as_str(), seen.of_ada(&history));
    }

    #[test]
    fn what_happened_later_changes_no_answer(history in history()) {
        let mut past = history.clone();
        past.looks.retain(|look| look.0 <= past.at);
        past.told.retain(|sent| sent.0 <= past.at);
        past.contacts.retain(|sent| sent.0 <= past.at);
        for sent in past.told.iter_mut().chain(&mut past.contacts) {
            sent.1 = sent.1.filter(|end| end.0 <= past.at);
        }
        past.arrived = past.arrived.filter(|at| *at <= past.at);
        past.incident = past.incident.filter(|one| one.opened <= past.at);
        if let Some(incident) = &mut past.incident {
            incident.answered = incident.answered.filter(|one| one.0 <= past.at);
            incident.over = incident.over.filter(|over| *over <= past.at);
        }
        let now = explain(&facts(&history, true));
        let then = explain(&facts(&past, true));
        prop_assert_eq!(now.verdict, then.verdict);
        let times: Vec<_> = now.rungs.iter().filter_map(|rung| rung.at).collect();
        prop_assert!(times.is_sorted(), "{:?}", times);
    }
}

#[test]
fn it_is_said_how_long_before_their_step_was_due_somebody_was_first() {
    let incident = Incident {
        opened: 1,
        answered: Some((3, 1)),
        over: None,
        steps: vec![(Some(1), false, 1), (None, false, 0)],
    };
    let history = History {
        at: 10,
        arrived: Some(0),
        refused: 0,
        looks: vec![(1, 0)],
        told: Vec::new(),
        incident: Some(incident),
        contacts: Vec::new(),
        reachable: true,
        quiet: false,
    };
    let verdict = explain(&facts(&history, true)).verdict;
    let early = Some(Duration::from_secs(3));
    assert_eq!(
        verdict,
        Verdict::AnsweredFirst {
            who: "bob".into(),
            at: secs(3),
            early
        }
    );
    assert_eq!(verdict.line().key, "why-answered-early");
}
