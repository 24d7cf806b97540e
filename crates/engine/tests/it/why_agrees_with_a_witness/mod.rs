//! Random configurations and what happens in them: why each person was told of each alert, or was not, as the engine explains
//! it from what it has stored, is what somebody says who was there and knows the document's words alone.
//!
//! Storms are off here, as the witness knows no digests: `a_storm_is_told_in_digests` and `core::storm` have those.
//!
//! `BALEFIRE_EXPLAIN_CONFIGURATIONS` says how many are compared, `BALEFIRE_EXPLAIN_SEED` from which seed on; a failure prints
//! the seed and the document.

mod configuration;
mod pursuit;
mod witness;

use std::collections::BTreeMap;
use std::time::Duration;

use balefire_channels::error::ErrorKind;
use balefire_core::alert::Lifecycle;
use balefire_core::escalation::State;
use balefire_core::explain::Verdict;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use balefire_core::matcher::MatchOp;
use balefire_core::silence::{Silence, matcher_set};
use balefire_core::time::Time;
use balefire_engine::explain::{Asked, Question};
use balefire_sources::parsed::{ParsedAlert, Signal};
use balefire_store::{PageOutcome, Which};

use self::configuration::{Configuration, PEOPLE};
use self::witness::{BEFORE, TICK, Witness};
use super::world::random::{Random, number};
use super::world::{Answer, BEGIN, Node, World, firing};

/// Configurations that every run of the tests compares: ten seconds of work on one core.
const CONFIGURATIONS: u64 = 6;

/// How often what must follow is looked for before the two are compared all the same.
const LOOKS: usize = 300;

/// What an explanation says, as the witness would.
fn words(verdict: &Verdict) -> String {
    let word = verdict.as_str();
    match verdict {
        Verdict::Reached { by, .. } | Verdict::Failed { by, .. } => format!("{word} {by}"),
        Verdict::StepPassed { step, .. } | Verdict::OthersTurn { step } => format!("{word} {step}"),
        Verdict::AnsweredFirst { who, .. } => format!("{word} {who}"),
        Verdict::NotYet { policy, step } => format!("{word} {policy} {step}"),
        Verdict::NotOnCall { duty } => format!("{word} {}", duty.who.join(", ")),
        _ => word.to_owned(),
    }
}

fn labels(of: &Configuration, alert: usize) -> Labels {
    Labels::from_pairs(of.alerts[alert].iter().map(|(k, v)| (*k, *v))).expect("labels")
}

impl Node<'_> {
    fn report(&self, of: &Configuration, alerts: &[usize], signal: Signal) {
        let report = |alert: &usize| ParsedAlert {
            signal,
            labels: labels(of, *alert),
            ..firing("")
        };
        self.accept(Lifecycle::Explicit, alerts.iter().map(report).collect());
    }

    fn silence(&self, of: &configuration::Silence) {
        let set = matcher_set(0, [(of.label, MatchOp::Equal, of.value)]).expect("a set");
        let silence = Silence {
            id: "".into(),
            matcher_sets: vec![set],
            starts_at: BEGIN,
            ends_at: BEGIN.after(Duration::from_secs(of.until * TICK - 30)),
            updated_at: BEGIN,
            created_by: "chen".to_owned(),
            comment: "a drill".to_owned(),
            annotations: balefire_core::label::Annotations::empty(),
        };
        self.run(self.engine().put_silence(silence)).expect("put");
    }

    /// Lets all follow that follows: so many incidents are there, no step of theirs is due, and no page has no end.
    fn calm(&self, incidents: usize) {
        let is_calm = |id: u64| {
            let view = self.run(self.engine().escalation(id)).expect("read");
            view.is_some_and(|view| {
                let later = |at: &Time| *at > self.now();
                // One that was opened and has not begun has neither a step nor an end.
                let rests = view.state != State::Running;
                view.next.map_or(rests, |(_, at)| later(&at))
                    && view
                        .pages
                        .iter()
                        .all(|page| page.outcome != PageOutcome::Waiting)
                    && view.under_way.iter().all(|(_, at)| later(at))
            })
        };
        self.settle();
        for _ in 0..LOOKS {
            self.settle();
            if (1..=incidents as u64).all(is_calm) {
                return;
            }
        }
    }

    fn wait(&self, seconds: u64) {
        self.run(tokio::time::advance(Duration::from_secs(seconds)));
    }

    fn why(&self, fingerprint: Fingerprint, who: &str, at: Time) -> String {
        let question = Question {
            alert: Asked::Fingerprint(fingerprint),
            person: Some(who.into()),
            at,
        };
        let explained = self.run(self.engine().explain(&question)).expect("read");
        words(&explained.explanation.verdict)
    }
}

/// A configuration whose document is good, with it.
fn drawn(random: &mut Random, seed: u64) -> (Configuration, String) {
    loop {
        let of = Configuration::random(random);
        let document = of.document();
        match balefire_config::load(&document, "story.yml", &BTreeMap::new()) {
            Ok(_) => return (of, document),
            // Two routes of one parent with the same matchers; another is drawn.
            Err(problems) => {
                let told = |one: &balefire_config::problem::Problem| {
                    one.message.starts_with("no alert gets here")
                };
                assert!(
                    problems.iter().all(told),
                    "seed {seed}: {problems:#?}\n{document}"
                );
            }
        }
    }
}

/// Plays a configuration through, and compares at a minute and at the end; how many answers there were, or `None` when it held a race.
fn compare(seed: u64) -> Option<usize> {
    let mut random = Random::new(seed);
    let (of, document) = drawn(&mut random, seed);
    let mut world = World::new(&document);
    for (account, way) in [("mail", "email"), ("text", "sms")] {
        let provider = world.provider(account);
        if of.broken.contains(&way) {
            provider.always(Answer::fail(ErrorKind::Rejected));
        }
    }
    world.provider("to_dan").goes_to(&["dan@example.com"]);
    let node = world.start();
    let mut witness = Witness::new(&of);
    let all: Vec<usize> = (0..of.alerts.len()).collect();
    if let Some(silence) = &of.silence {
        node.silence(silence);
    }
    node.report(&of, &all, Signal::Firing);
    let (mut compared, asked) = (0, random.below(of.minutes));
    for minute in 0..=of.minutes {
        let now = minute * TICK;
        if minute > 0 {
            node.wait(TICK - BEFORE);
            witness.look(now - BEFORE);
            witness.run(now - BEFORE);
            node.calm(witness.incidents());
            node.wait(BEFORE);
        } else {
            witness.look(0);
        }
        witness.run(now);
        node.calm(witness.incidents());
        if let Some((_, who)) = of.answer.filter(|(at, _)| *at == minute) {
            for id in 1..=witness.incidents() as u64 {
                let which = Which::Id(id);
                // One that is over is not acknowledged, nor one that somebody has.
                let _ = node.run(
                    node.engine()
                        .acknowledge_incident(which, who, String::new()),
                );
            }
            witness.answer(who);
            node.calm(witness.incidents());
        }
        if let Some((_, alert)) = of.over.filter(|(at, _)| *at == minute) {
            node.report(&of, &[alert], Signal::Resolved);
            witness.end(alert);
        }
        if witness.is_a_race {
            return None;
        }
        if minute != asked && minute != of.minutes {
            continue;
        }
        for alert in &all {
            let fingerprint = Fingerprint::of(&labels(&of, *alert));
            for who in PEOPLE {
                let (ours, theirs) = (
                    node.why(fingerprint, who, node.now()),
                    witness.why(*alert, who),
                );
                assert!(
                    theirs.contains(&ours),
                    "seed {seed}, minute {minute}: {who} and alert {alert}: {ours:?}, but it was {theirs:?}\n{of:#?}\n{document}"
                );
                compared += 1;
            }
        }
    }
    Some(compared)
}

#[test]
fn why_somebody_was_told_or_not_is_what_a_witness_says() {
    let first = number("BALEFIRE_EXPLAIN_SEED", 0);
    let count = number("BALEFIRE_EXPLAIN_CONFIGURATIONS", CONFIGURATIONS);
    let (mut compared, mut races) = (0, 0);
    for seed in first..first + count {
        match compare(seed) {
            Some(answers) => compared += answers,
            None => races += 1,
        }
    }
    assert!(races * 10 <= count, "{races} of {count} hold a race");
    assert!(compared as u64 >= count, "{compared} answers");
}
