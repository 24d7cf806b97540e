//! Escalations that page whoever is on call: an override counts at the step it is there for, not when the incident began.

use std::time::Duration;

use balefire_core::escalation::State;
use balefire_core::incident::EntryKind;
use balefire_core::schedule::{Booked, Given, Stretch};
use balefire_core::time::Time;
use balefire_engine::engine::NewBooking;

use super::nobody_answers::reached;
use super::world::{BEGIN, Node, World};

/// Ada is on call, always; after five minutes the schedule is paged again, and after five more Bob. Nobody waits for a digest.
const DOCUMENT: &str = "
storm: {at_once: 0}
accounts:
  mail: {kind: smtp, host: 127.0.0.1, port: 1, tls: none_loopback, from: ops@example.com}
  hook: {kind: webhook, url: http://127.0.0.1:1/}
people:
  ada: {email: ada@example.com}
  bob: {email: bob@example.com}
  cai: {email: cai@example.com}
schedules:
  duty: {timezone: UTC, layers: [{rotation: weekly, starts: 2026-11-16T09:00, people: [ada]}]}
  other: {timezone: UTC, layers: [{rotation: weekly, starts: 2026-11-16T09:00, people: [cai]}]}
escalations:
  ops:
    steps:
    - {notify: [schedule: duty], by: [email]}
    - {notify: [schedule: duty], by: [email]}
    - {notify: [person: bob], by: [email]}
receivers:
- {name: ops, webhook_configs: [{account: hook}], escalation: ops}
route: {receiver: ops, group_by: [n], group_wait: 0s, group_interval: 10s, repeat_interval: 1h}
";
const STEP: Duration = Duration::from_secs(301);
const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";
const CAI: &str = "cai@example.com";

/// From so many minutes after the world began until so many.
fn minutes(from: u64, to: u64) -> Stretch {
    let at = |minutes: u64| BEGIN.after(Duration::from_mins(minutes));
    Stretch::new(at(from), at(to)).expect("a stretch")
}

fn cover(when: Stretch, people: &[&str]) -> Booked {
    Booked::Cover {
        when,
        people: people.iter().map(|&person| person.into()).collect(),
    }
}

impl Node<'_> {
    fn book(&self, id: &str, what: Booked) {
        let new = NewBooking {
            id: Some(id.to_owned()),
            what,
            reason: String::new(),
        };
        let (_, is_new) = self
            .run(self.engine().book("duty", new, "ada"))
            .expect("booked");
        assert!(is_new);
    }

    /// Who the roster says is on call for what is paged.
    fn on_call(&self, at: Time) -> Vec<String> {
        let there = self.engine().roster().on_call("duty", at).expect("it is");
        there.people.iter().map(ToString::to_string).collect()
    }

    fn passed(&self) -> usize {
        let entries = self.run(self.engine().incident_timeline(1, 0, 200));
        let entries = entries.expect("read").into_iter();
        entries
            .filter(|entry| entry.kind == EntryKind::StepPassed)
            .count()
    }
}

#[test]
fn whoever_an_override_put_on_call_is_paged_and_whoever_it_replaced_is_not() {
    let mut world = World::new(DOCUMENT);
    let mail = world.provider("mail");
    let node = world.start();
    node.book("ill", cover(minutes(0, 600), &["cai"]));
    assert_eq!(node.on_call(node.now()), ["cai"]);
    node.fire(&["x"]);
    node.until(|| reached(&mail) == [CAI]);
    node.leap(STEP);
    node.until(|| reached(&mail) == [CAI, CAI]);
    node.leap(STEP);
    node.until(|| reached(&mail) == [CAI, CAI, BOB]);
}

#[test]
fn an_override_made_and_taken_back_between_two_steps_counts_at_the_next_one() {
    let mut world = World::new(DOCUMENT);
    let mail = world.provider("mail");
    let node = world.start();
    node.fire(&["x"]);
    node.until(|| reached(&mail) == [ADA]);
    // Made while the incident is open: the next step is for the one who came.
    node.book("now", cover(minutes(0, 600), &["cai"]));
    node.leap(STEP);
    node.until(|| reached(&mail) == [ADA, CAI]);
    // Taken back, and the next incident is Ada's again.
    node.run(node.engine().cancel_booking("duty", "now", "ada"))
        .expect("taken back");
    assert_eq!(node.on_call(node.now()), ["ada"]);
    node.fire(&["y"]);
    node.until(|| reached(&mail).len() == 3);
    assert_eq!(reached(&mail)[2], ADA);
}

#[test]
fn an_override_that_begins_and_ends_while_nobody_answers_is_followed_without_a_word() {
    let mut world = World::new(DOCUMENT);
    let mail = world.provider("mail");
    let node = world.start();
    // The second step, five minutes on, is in it; the first is before it.
    node.book("lunch", cover(minutes(4, 7), &["cai"]));
    node.fire(&["x"]);
    node.until(|| reached(&mail) == [ADA]);
    node.leap(STEP);
    node.until(|| reached(&mail) == [ADA, CAI]);
    node.fire(&["y"]);
    node.until(|| reached(&mail) == [ADA, CAI, CAI]);
    // Its second step is after it: Ada is back.
    node.leap(STEP);
    node.until(|| reached(&mail).len() == 5);
    let mut last = reached(&mail).split_off(3);
    last.sort();
    assert_eq!(last, [ADA, BOB]);
}

#[test]
fn two_who_changed_places_are_paged_in_each_others_time() {
    // Ada has this week, Bob the next one.
    let mut world = World::new(&DOCUMENT.replace("people: [ada]", "people: [ada, bob]"));
    let mail = world.provider("mail");
    let node = world.start();
    let week = 7 * 24 * 60;
    let swap = Booked::Swap {
        one: Given {
            person: "ada".into(),
            when: minutes(0, 60),
        },
        other: Given {
            person: "bob".into(),
            when: minutes(week, week + 60),
        },
    };
    node.book("swap", swap);
    node.fire(&["x"]);
    node.until(|| reached(&mail) == [BOB]);
    node.acknowledge(1, "bob");
    node.leap(Duration::from_mins(week + 1));
    let before = reached(&mail).len();
    node.fire(&["y"]);
    node.until(|| reached(&mail).len() > before);
    assert_eq!(reached(&mail)[before], ADA);
}

#[test]
fn an_override_survives_a_crash_and_a_reload_in_the_middle_of_an_escalation() {
    let mut world = World::new(DOCUMENT);
    let mail = world.provider("mail");
    let node = world.start();
    node.fire(&["x"]);
    node.until(|| reached(&mail) == [ADA]);
    node.book("now", cover(minutes(0, 600), &["cai"]));
    node.crash();
    let node = world.start();
    assert_eq!(node.on_call(node.now()), ["cai"]);
    node.leap(STEP);
    node.until(|| reached(&mail) == [ADA, CAI]);
    node.reload(&DOCUMENT.replace("[ada]", "[ada, bob]"));
    node.fire(&["y"]);
    node.until(|| reached(&mail) == [ADA, CAI, CAI]);
}

#[test]
fn when_an_override_leaves_nobody_the_next_step_is_taken_at_once() {
    let mut world = World::new(DOCUMENT);
    let mail = world.provider("mail");
    let node = world.start();
    node.book("nobody", cover(minutes(0, 600), &[]));
    node.fire(&["x"]);
    node.until(|| reached(&mail) == [BOB]);
    assert_eq!(node.passed(), 2);
    assert_eq!(node.escalation(1).state, State::Running);
}

#[test]
fn who_leaves_while_on_call_and_while_being_paged_is_said_aloud_and_the_rest_goes_on() {
    let with_meta = DOCUMENT
        .replace(
            "accounts:",
            "meta: {receiver: meta}\naccounts:\n  meta: {kind: webhook, url: http://127.0.0.1:1/}\n  text: {kind: aliyun_sms, access_key_id: a, access_key_secret: b, sign_name: c, template_code: SMS_1}",
        )
        .replace("receivers:", "receivers:\n- {name: meta, webhook_configs: [{account: meta}]}")
        .replace(
            "cai: {email: cai@example.com}",
            "cai: {email: cai@example.com, phone: \"13800138003\", contact: {info: [{by: email}, {by: sms, after: 2m}]}}",
        )
        .replace("[schedule: duty], by: [email]", "[schedule: duty]");
    let mut world = World::new(&with_meta);
    let (mail, text) = (world.provider("mail"), world.provider("text"));
    let meta = world.provider("meta");
    let node = world.start();
    node.book("ill", cover(minutes(0, 600), &["cai"]));
    node.fire(&["x"]);
    node.until(|| reached(&mail) == [CAI]);
    node.leap(Duration::from_mins(1));
    // Cai is taken out of the document: as whoever is on call by the override, and with a text message still to come.
    let begin = with_meta.find("  cai: {email").expect("there");
    let end = with_meta.find("schedules:").expect("there");
    let without = format!("{}{}", &with_meta[..begin], &with_meta[end..]);
    node.reload(&without.replace("people: [cai]", "people: [bob]"));
    let told = |words: &str| {
        let calls = meta.taken().into_iter();
        let texts = calls.map(|call| format!("{:?}", call.message));
        texts.filter(|text| text.contains(words)).count()
    };
    node.leap(Duration::from_secs(6));
    node.until(|| told("nobody is called") == 1);
    assert_eq!(node.on_call(node.now()), ["ada"]);
    // The past stays as it was.
    assert_eq!(node.on_call(BEGIN.after(Duration::from_secs(30))), ["cai"]);
    node.leap(Duration::from_mins(1));
    node.until(|| told("nobody is known by that key any more") == 1);
    assert_eq!(reached(&text).len(), 0);
    node.leap(STEP);
    node.until(|| reached(&mail).len() == 2);
    assert_eq!(reached(&mail)[1], ADA);
}
