//! Policies that nobody answers, against a plain calculation of their times.

use super::*;

/// A policy in plain figures: the wait of each step and the receivers it tells.
struct Plain {
    name: &'static str,
    steps: Vec<(u64, Vec<&'static str>)>,
    repeat: u32,
    then: Option<&'static str>,
}

fn random(random: &mut Random) -> Vec<Plain> {
    let names = ["p", "q", "r"];
    let count = 1 + random.below(3) as usize;
    let policies = names[..count].iter().enumerate().map(|(at, name)| Plain {
        name,
        steps: (0..=random.below(4))
            .map(|_| {
                let told = match random.below(4) {
                    // Nobody: a team that cannot be reached.
                    0 => vec![],
                    1 => vec!["robot", "mail"],
                    _ => vec![random.pick(&["robot", "mail"])],
                };
                (5 + random.below(900), told)
            })
            .collect(),
        repeat: random.below(4) as u32,
        then: names[..count]
            .get(at + 1)
            .copied()
            .filter(|_| !random.one_in(3)),
    });
    policies.collect()
}

fn written(policies: &[Plain]) -> String {
    let step = |(wait, told): &(u64, Vec<&str>)| {
        let receivers = told
            .iter()
            .map(|receiver| format!(r#"{{"receiver": "{receiver}"}}"#));
        let notify: Vec<String> = receivers
            .chain([r#"{"team": "silent"}"#.to_owned()])
            .collect();
        format!(r#"{{"notify": [{}], "wait": "{wait}s"}}"#, notify.join(","))
    };
    let policy = |plain: &Plain| {
        let steps: Vec<String> = plain.steps.iter().map(step).collect();
        let then = plain
            .then
            .map_or_else(String::new, |then| format!(r#", "then": "{then}""#));
        format!(
            r#""{}": {{"steps": [{}], "repeat": {}{then}}}"#,
            plain.name,
            steps.join(","),
            plain.repeat
        )
    };
    format!(
        "{{{}}}",
        policies.iter().map(policy).collect::<Vec<_>>().join(",")
    )
}

/// When each receiver is told, and when nobody is left.
fn expected(policies: &[Plain]) -> Vec<(u64, String)> {
    let mut list = Vec::new();
    let mut at = 0;
    let mut next = policies.first();
    while let Some(policy) = next {
        let empty = policy.steps.iter().all(|step| step.1.is_empty());
        let rounds = if empty { 1 } else { policy.repeat + 1 };
        for _ in 0..rounds {
            for (wait, told) in policy.steps.iter().filter(|step| !step.1.is_empty()) {
                list.extend(told.iter().map(|receiver| (at, (*receiver).to_owned())));
                at += wait;
            }
        }
        next = policies
            .iter()
            .find(|other| Some(other.name) == policy.then);
    }
    list.push((at, "exhausted".to_owned()));
    list
}

#[test]
fn steps_come_at_the_sums_of_their_waits() {
    for seed in 0..1_000 {
        let plain = random(&mut Random::new(seed));
        let directory = directory(policies(&written(&plain)));
        let mut one = Escalation::start("p", facts(1, Severity::Error, secs(0)), secs(0));
        let mut list = Vec::new();
        while !one.wake().is_never() {
            let now = one.wake();
            for action in one.due(&directory, now) {
                let at = now.since(secs(0)).as_secs();
                match action {
                    Action::Tell { receiver, .. } => list.push((at, receiver.to_string())),
                    Action::Exhausted { .. } => list.push((at, "exhausted".to_owned())),
                    Action::Passed { why, .. } => assert_eq!(why, WhyPassed::NobodyReachable),
                    Action::Page { .. } | Action::Held { .. } | Action::Taken { .. } => {
                        panic!("seed {seed}: nobody can be reached")
                    }
                }
            }
        }
        assert_eq!(list, expected(&plain), "seed {seed}: {}", written(&plain));
    }
}
