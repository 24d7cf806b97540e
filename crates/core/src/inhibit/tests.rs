use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::alert::Lifecycle;
use crate::label::Annotations;
use crate::matcher::{Mode, parse};

fn labels(pairs: &[(&str, &str)]) -> Labels {
    Labels::from_pairs(pairs.iter().copied()).expect("labels")
}

fn at(seconds: i64) -> Time {
    Time::from_secs(seconds)
}

fn alert(labels: &Labels, ends_at: Time) -> Alert {
    Alert {
        labels: labels.clone(),
        annotations: Annotations::empty(),
        generator_url: "".into(),
        starts_at: Time::EPOCH,
        ends_at,
        updated_at: Time::EPOCH,
        timeout: false,
        lifecycle: Lifecycle::Refreshing,
    }
}

fn rule(source: &str, target: &str, equal: &[&str]) -> InhibitRule {
    let matchers = |text| Matchers(parse(text, Mode::Fallback).expect("matchers"));
    InhibitRule {
        name: String::new(),
        source: matchers(source),
        target: matchers(target),
        equal: equal.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn set(inhibitor: &mut Inhibitor, labels: &Labels, ends_at: Time) -> Fingerprint {
    let fingerprint = Fingerprint::of(labels);
    inhibitor.set(fingerprint, &alert(labels, ends_at));
    fingerprint
}

#[test]
fn a_firing_source_inhibits_targets_with_the_same_values() {
    let mut inhibitor = Inhibitor::new([rule(
        "severity=critical",
        "severity=warning",
        &["host", "dc"],
    )]);
    let source = labels(&[("severity", "critical"), ("host", "a")]);
    let fingerprint = set(&mut inhibitor, &source, at(10));
    let target =
        |host: &str, dc: &str| labels(&[("severity", "warning"), ("host", host), ("dc", dc)]);
    assert_eq!(
        inhibitor.inhibited_by(&target("a", ""), at(9)),
        Some(fingerprint)
    );
    assert_eq!(
        inhibitor.inhibited_by(&target("a", ""), at(10)),
        None,
        "it is over"
    );
    assert_eq!(
        inhibitor.inhibited_by(&target("b", ""), at(9)),
        None,
        "another host"
    );
    assert_eq!(
        inhibitor.inhibited_by(&target("a", "x"), at(9)),
        None,
        "missing is empty"
    );
    assert_eq!(
        inhibitor.inhibited_by(&source, at(9)),
        None,
        "it is no target"
    );
}

#[test]
fn a_resolved_source_does_not_hide_one_that_fires() {
    let mut inhibitor = Inhibitor::new([rule("severity=critical", "severity=warning", &["dc"])]);
    let source = |host: &str| labels(&[("severity", "critical"), ("dc", "1"), ("host", host)]);
    let target = labels(&[("severity", "warning"), ("dc", "1")]);
    let (a, b) = (source("a"), source("b"));
    set(&mut inhibitor, &a, at(100));
    let b = set(&mut inhibitor, &b, at(50));
    set(&mut inhibitor, &a, at(20));
    assert_eq!(inhibitor.inhibited_by(&target, at(30)), Some(b));
    inhibitor.remove(b);
    assert_eq!(inhibitor.inhibited_by(&target, at(30)), None);
    set(&mut inhibitor, &a, Time::NEVER);
    assert!(
        inhibitor
            .inhibited_by(&target, at(i64::from(i32::MAX)))
            .is_some()
    );
}

#[test]
fn alerts_that_match_both_sides_do_not_inhibit_one_another() {
    let mut inhibitor = Inhibitor::new([rule("a=~.+", "b=~.+", &[])]);
    let both = |value: &str| labels(&[("a", value), ("b", value)]);
    let first = set(&mut inhibitor, &both("1"), at(10));
    set(&mut inhibitor, &both("2"), at(20));
    assert_eq!(inhibitor.inhibited_by(&both("1"), at(5)), None);
    assert!(
        inhibitor
            .inhibited_by(&labels(&[("b", "3")]), at(5))
            .is_some()
    );
    let source = set(&mut inhibitor, &labels(&[("a", "3")]), at(7));
    assert_eq!(inhibitor.inhibited_by(&both("1"), at(5)), Some(source));
    assert_ne!(source, first);
}

#[test]
fn an_empty_rule_inhibits_nothing() {
    let mut inhibitor = Inhibitor::new([InhibitRule::default()]);
    let x = labels(&[("a", "x")]);
    set(&mut inhibitor, &x, at(10));
    set(&mut inhibitor, &labels(&[("a", "y")]), at(10));
    assert_eq!(inhibitor.inhibited_by(&x, at(5)), None);
}

#[test]
fn nothing_is_kept_of_alerts_that_are_gone_or_on_no_side() {
    let mut inhibitor = Inhibitor::new([rule("a=1", "b=1", &["c"]), rule("a=~.+", "b=2", &[])]);
    set(&mut inhibitor, &labels(&[("x", "y")]), at(10));
    assert!(inhibitor.is_empty());
    let gone = set(&mut inhibitor, &labels(&[("a", "1"), ("c", "2")]), at(10));
    assert_eq!(inhibitor.len(), 1);
    inhibitor.remove(gone);
    assert!(inhibitor.is_empty() && inhibitor.slots.iter().all(FxHashMap::is_empty));
}

const SIDES: [&str; 5] = ["", "a=x", "a=~x|y", "b!=x", "a=x,b=y"];

fn any_rule() -> impl Strategy<Value = InhibitRule> {
    let side = || prop::sample::select(SIDES.to_vec());
    let equal = prop::sample::subsequence(vec!["a", "b", "c"], 0..=3);
    (side(), side(), equal).prop_map(|(source, target, equal)| rule(source, target, &equal))
}

fn any_labels() -> impl Strategy<Value = Labels> {
    ("[xyz]?", "[xyz]?", "[xyz]?").prop_map(|(a, b, c)| labels(&[("a", &a), ("b", &b), ("c", &c)]))
}

/// Whether one alert may inhibit another by a rule, word by word.
fn applies(rule: &InhibitRule, source: &Labels, target: &Labels) -> bool {
    let both = |labels| rule.source.matches(labels) && rule.target.matches(labels);
    rule.source.matches(source)
        && rule.target.matches(target)
        && rule
            .equal
            .iter()
            .all(|name| source.value(name) == target.value(name))
        && !(both(source) && both(target))
}

proptest! {
    #[test]
    fn an_alert_is_inhibited_exactly_when_some_alert_of_all_would(
        rules in prop::collection::vec(any_rule(), 0..4),
        changes in prop::collection::vec((any_labels(), prop::option::of(0..10_i64)), 0..24),
        target in any_labels(),
        now in 0..10_i64,
    ) {
        let mut inhibitor = Inhibitor::new(rules.clone());
        let mut known = BTreeMap::new();
        for (labels, ends_at) in changes {
            if let Some(ends_at) = ends_at {
                set(&mut inhibitor, &labels, at(ends_at));
                known.insert(labels, at(ends_at));
            } else {
                inhibitor.remove(Fingerprint::of(&labels));
                known.remove(&labels);
            }
        }
        let firing = |rule: &InhibitRule| -> Vec<(Time, Fingerprint)> {
            known
                .iter()
                .filter(|(source, ends_at)| **ends_at > at(now) && applies(rule, source, &target))
                .map(|(source, ends_at)| (*ends_at, Fingerprint::of(source)))
                .collect()
        };
        let expected = rules.iter().enumerate().find_map(|(index, rule)| {
            firing(rule).into_iter().max().map(|(_, source)| Inhibition { source, rule: index })
        });
        prop_assert_eq!(inhibitor.inhibition(&target, at(now)), expected);
    }
}
