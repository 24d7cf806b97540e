//! Calls that telephones of one's own place: from an alert to who answered.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use balefire_core::call::Serve;
use balefire_core::incident::{Incident, IncidentState};
use balefire_engine::calls::{Agent, Report, TakenBack};
use balefire_engine::direct::{Destination, Direct, Words};
use balefire_store::NotificationState::{
    Cancelled, DeadLettered, Delivered, HandedOver, Pending, Superseded,
};
use balefire_store::{CallEnd, CallState, IncidentFilter, PhoneCall, Which};
use serde_json::json;

use super::world::{Node, World, message};

const LANE: &str = "/autocall";

/// Chen Min is called, then a number; `a` is the fallback and hears of dead letters.
const CALLS: &str = "
accounts: {a: {kind: webhook, url: http://127.0.0.1:1/}}
people: {chen-min: {name: 陈敏, phone: \"+8613800138000\"}}
legacy: {autocall: {}}
receivers:
- {name: ops, autocall_configs: [{people: chen-min, phones: [\"13900139000\"]}]}
- {name: mail, webhook_configs: [{account: a}]}
route: {receiver: ops, group_by: [n], group_wait: 0s, group_interval: 10s, repeat_interval: 1h}
";

fn with_fallback(within: &str) -> String {
    CALLS.replace(
        "{name: ops,",
        &format!("{{name: ops, fallback: mail, deliver_within: {within},"),
    )
}

fn phone(model: &str) -> Agent {
    Agent::of(None, Some(model), IpAddr::V4(Ipv4Addr::LOCALHOST))
}

impl Node<'_> {
    fn asks(&self, model: &str) -> Option<Serve> {
        self.settle();
        self.run(async { self.engine().phone_asks(&phone(model)) })
    }

    /// The call that a telephone gets at this instant, as soon as it is on disk.
    fn gets(&self, model: &str) -> Serve {
        let served = RefCell::new(None);
        self.until(|| {
            *served.borrow_mut() = self.asks(model);
            served.borrow().is_some()
        });
        served.into_inner().expect("a call")
    }

    fn says(&self, model: &str, id: &str, number: Option<&str>) -> Report {
        let agent = phone(model);
        let report = self
            .run(self.engine().phone_reports(&agent, id, number))
            .expect("on disk");
        self.settle();
        report
    }

    /// A round in which nobody answers.
    fn round(&self, model: &str) -> Report {
        let serve = self.gets(model);
        self.pass(20);
        self.asks(model);
        self.says(model, &serve.id, None)
    }

    /// The newest incident.
    fn incident(&self) -> Incident {
        let all = IncidentFilter::default();
        let mut incidents = self.run(self.engine().incidents(&all)).expect("read");
        assert_eq!(incidents.len(), 1);
        incidents.remove(0)
    }

    /// What became of the newest notification.
    fn said_last(&self) -> String {
        let last = self.notifications().pop().expect("a row");
        let tries = self.run(self.engine().store().attempts(last.seq));
        let last = tries.expect("tries").pop().expect("a try");
        last.answer.expect("words").to_string()
    }

    fn call(&self, id: &str) -> PhoneCall {
        let call = self.run(self.engine().store().call(id));
        call.expect("read").expect("a call")
    }
}

#[test]
fn who_answers_is_in_the_record_of_the_notification() {
    let mut world = World::new(CALLS);
    let node = world.start();
    assert_eq!(node.asks("m"), None);
    node.fire(&["x"]);
    let serve = node.gets("m");
    assert_eq!(serve.phones.join(" "), "13800138000 13900139000");
    assert_eq!(node.asks("m").as_ref(), Some(&serve));
    assert_eq!(node.states(LANE), [Pending]);
    let said = node.says("m", &serve.id, Some("13800138000"));
    assert_eq!(said, Report::Noted);
    node.until(|| node.states(LANE) == [Delivered]);
    let row = &node.notifications()[0];
    let tries = node
        .run(node.engine().store().attempts(row.seq))
        .expect("tries");
    assert_eq!(tries[0].answer.as_deref(), Some("answered by chen-min"));
    let call = node.call(&serve.id);
    assert_eq!(call.state, CallState::Answered);
    assert_eq!(call.person.as_deref(), Some("chen-min"));
    assert_eq!(call.agent.as_deref(), Some("m"));
    assert_eq!(node.asks("m"), None);
    // What is said again and of calls that never were changes nothing.
    for id in [&*serve.id, "bf_0", "' OR 1=1", ""] {
        assert_eq!(node.says("m", id, Some("13900139000")), Report::Nothing);
        assert_eq!(node.says("m", id, None), Report::Nothing);
    }
    assert_eq!(node.call(&serve.id), call);
}

#[test]
fn when_nobody_answers_in_two_rounds_the_fallback_is_told() {
    let mut world = World::new(&with_fallback("1h"));
    let a = world.provider("a");
    let node = world.start();
    node.fire(&["x"]);
    assert_eq!(node.round("m"), Report::Noted);
    assert_eq!(a.taken().len(), 0);
    assert_eq!(node.round("m"), Report::Noted);
    node.until(|| a.taken().len() == 1);
    assert_eq!(node.states(LANE), [HandedOver]);
    assert_eq!(node.asks("m"), None);
}

#[test]
fn without_a_fallback_an_unanswered_call_is_a_dead_letter_that_can_be_called_again() {
    let mut world = World::new(CALLS);
    let node = world.start();
    node.run(node.engine().send(&direct(), None))
        .expect("taken");
    let id = node.gets("m").id;
    node.round("m");
    node.round("m");
    node.until(|| node.states(LANE) == [DeadLettered]);
    assert_eq!(node.call(&id).state, CallState::Unanswered);
    let seq = node.notifications()[0].seq;
    assert!(node.run(node.engine().redrive(seq)).expect("taken"));
    node.until(|| node.states(LANE) == [Pending]);
    node.until(|| node.asks("m").is_some_and(|serve| serve.id == id));
    node.says("m", &id, Some("66123"));
    node.until(|| node.states(LANE) == [Delivered]);
}

fn direct() -> Direct {
    Direct {
        to: Destination::Account {
            name: LANE.to_owned(),
            options: json!({"phones": ["66123"]}),
        },
        words: Words::Text {
            title: "come".to_owned(),
            text: String::new(),
        },
        ..message(LANE, "")
    }
}

#[test]
fn the_fallbacks_turn_comes_also_while_a_telephone_is_on_the_call() {
    let mut world = World::new(&with_fallback("2m"));
    let a = world.provider("a");
    let node = world.start();
    node.fire(&["x"]);
    let serve = node.gets("m");
    node.pass(119);
    assert_eq!(a.taken().len(), 0);
    node.pass(2);
    node.until(|| a.taken().len() == 1);
    assert_eq!(node.states(LANE), [HandedOver]);
    assert_eq!(node.asks("m"), None);
    assert_eq!(node.call(&serve.id).state, CallState::Unanswered);
}

#[test]
fn a_call_that_no_telephone_takes_is_over_after_half_an_hour() {
    let mut world = World::new(CALLS);
    let node = world.start();
    node.fire(&["x"]);
    for _ in 0..29 {
        node.leap(Duration::from_mins(1));
    }
    assert_eq!(node.states(LANE), [Pending]);
    node.leap(Duration::from_mins(1));
    node.until(|| node.states(LANE) == [DeadLettered]);
}

#[test]
fn a_newer_notice_that_all_is_over_calls_back_the_call_under_way() {
    let mut world = World::new(CALLS);
    let node = world.start();
    node.fire(&["x"]);
    let serve = node.gets("m");
    node.resolve(&["x"]);
    node.pass(10);
    node.until(|| node.states(LANE) == [Superseded, Delivered]);
    assert_eq!(node.call(&serve.id).state, CallState::Withdrawn);
    assert_eq!(node.asks("m"), None);
    let last = node.notifications().pop().expect("a row");
    let tries = node
        .run(node.engine().store().attempts(last.seq))
        .expect("tries");
    let said = tries[0].answer.as_deref();
    assert_eq!(said, Some("nobody was called: the alerts are over"));
}

#[test]
fn no_number_is_given_out_for_alerts_that_are_over_already() {
    let document = CALLS.replace("phones: [", "send_resolved: false, phones: [");
    let mut world = World::new(&document);
    let node = world.start();
    node.fire(&["x"]);
    let serve = node.gets("m");
    node.resolve(&["x"]);
    assert_eq!(node.asks("m"), None, "before any newer notice");
    node.until(|| node.states(LANE) == [Delivered]);
    assert_eq!(node.call(&serve.id).state, CallState::Withdrawn);
    assert_eq!(
        node.says("m", &serve.id, Some("13800138000")),
        Report::Nothing
    );
}

#[test]
fn a_newer_notice_that_still_fires_waits_for_the_call_under_way() {
    let document = CALLS.replace("group_by: [n]", "group_by: [alertname]");
    let mut world = World::new(&document);
    let node = world.start();
    node.fire(&["x"]);
    let first = node.gets("m");
    node.fire(&["y"]);
    node.pass(11);
    assert_eq!(node.states(LANE), [Pending, Pending]);
    assert_eq!(node.asks("m").as_ref(), Some(&first));
    node.round("m");
    node.round("m");
    node.until(|| node.states(LANE)[..2] == [DeadLettered, Pending]);
    let second = node.gets("m");
    assert_ne!(second.id, first.id);
}

#[test]
fn a_crash_goes_on_with_the_same_call_and_the_rounds_it_had() {
    let mut world = World::new(&with_fallback("1h"));
    let a = world.provider("a");
    let node = world.start();
    node.fire(&["x"]);
    let before = node.gets("m");
    node.round("m");
    node.crash();
    let node = world.start();
    assert_eq!(node.gets("m"), before);
    node.round("m");
    node.until(|| a.taken().len() == 1);
}

#[test]
fn an_answer_that_reached_the_disk_before_a_crash_rings_nobody_again() {
    let mut world = World::new(CALLS);
    let node = world.start();
    node.fire(&["x"]);
    let serve = node.gets("m");
    let end = CallEnd {
        state: CallState::Answered,
        at: node.now(),
        answered_by: Some("13800138000".into()),
        person: Some("chen-min".into()),
        agent: Some("m".into()),
    };
    let writer = node.engine().store().writer().clone();
    assert!(node.run(writer.end_call(&serve.id, end)).expect("on disk"));
    node.crash();
    let node = world.start();
    node.until(|| node.states(LANE) == [Delivered]);
    assert_eq!(node.asks("m"), None);
}

#[test]
fn an_answer_that_comes_before_the_call_is_placed_again_counts() {
    let mut world = World::new(CALLS);
    let node = world.start();
    node.fire(&["x"]);
    let serve = node.gets("m");
    node.crash();
    let node = world.start();
    assert_eq!(
        node.says("m", &serve.id, Some("13800138000")),
        Report::Noted
    );
    node.until(|| node.states(LANE) == [Delivered]);
}

#[test]
fn a_stop_in_order_does_not_wait_for_calls() {
    let mut world = World::new(CALLS);
    let node = world.start();
    node.fire(&["x"]);
    let before = node.gets("m");
    let started = node.now();
    node.stop(Duration::from_secs(64));
    let node = world.start();
    assert!(node.now().since(started) < Duration::from_secs(30));
    assert_eq!(node.gets("m"), before);
    let row = &node.notifications()[0];
    assert_eq!((row.state, row.attempts), (Pending, 0));
}

#[test]
fn a_call_can_be_taken_back_once() {
    let mut world = World::new(CALLS);
    let node = world.start();
    node.fire(&["x"]);
    let id = node.gets("m").id;
    let back = |id: &str| {
        node.run(node.engine().take_call_back(id, "by hand"))
            .expect("on disk")
    };
    assert_eq!(back("bf_never"), TakenBack::Unknown);
    assert_eq!(back(&id), TakenBack::Done);
    assert_eq!(back(&id), TakenBack::Over);
    node.until(|| node.states(LANE) == [Cancelled]);
    assert_eq!(node.asks("m"), None);
}

#[test]
fn who_answers_has_the_incident_and_nobody_else_is_called_until_it_is_over() {
    let document = CALLS.replace("repeat_interval: 1h", "repeat_interval: 1m");
    let mut world = World::new(&document);
    let node = world.start();
    node.fire(&["x"]);
    let serve = node.gets("m");
    assert_eq!(node.incident().state, IncidentState::Open);
    node.says("m", &serve.id, Some("13800138000"));
    node.until(|| node.states(LANE) == [Delivered]);
    let incident = node.incident();
    assert_eq!(incident.state, IncidentState::Acknowledged);
    assert_eq!(incident.acknowledged.expect("somebody").by, "chen-min");
    let about = incident.title;
    assert!(about.contains("Story"), "{about}");
    node.pass(75);
    assert_eq!(node.asks("m"), None, "the repeat rings nobody");
    assert_eq!(node.states(LANE), [Delivered, Delivered]);
    assert_eq!(
        node.said_last(),
        "nobody was called: acknowledged by chen-min"
    );
    node.resolve(&["x"]);
    node.pass(61);
    assert_eq!(node.incident().state, IncidentState::Resolved);
    assert_eq!(node.said_last(), "nobody was called: the alerts are over");
    // It comes again: that is another incident, and people are called.
    node.fire(&["x"]);
    node.pass(61);
    node.gets("m");
}

#[test]
fn an_acknowledgement_from_elsewhere_ends_the_calls_of_the_group() {
    let mut world = World::new(CALLS);
    let node = world.start();
    node.fire(&["x"]);
    let id = node.gets("m").id;
    let which = Which::Id(node.incident().id);
    let acknowledged = node
        .engine()
        .acknowledge_incident(which, "li-wei", String::new());
    node.run(acknowledged).expect("on disk");
    node.until(|| node.states(LANE) == [Delivered]);
    let call = node.call(&id);
    assert_eq!(call.state, CallState::Withdrawn);
    assert_eq!(call.answered_by.as_deref(), Some("acknowledged by li-wei"));
    assert_eq!(node.asks("m"), None);
}

#[test]
fn two_telephones_have_a_call_each_and_the_worst_comes_first() {
    let mut world = World::new(CALLS);
    let node = world.start();
    node.fire(&["x", "y"]);
    let first = node.gets("m");
    let second = node.gets("n");
    assert_ne!(first.id, second.id);
    assert_eq!(node.asks("o"), None);
    node.pass(200);
    assert_eq!(node.asks("o"), None, "the first number may still ring");
    node.pass(110);
    assert_eq!(node.asks("o").as_ref(), Some(&first), "m is dead");
}

#[test]
fn that_no_telephone_asks_is_told() {
    let mut world = World::new(&format!("{CALLS}meta: {{receiver: mail}}\n"));
    let a = world.provider("a");
    let node = world.start();
    node.fire(&["x"]);
    node.pass(110);
    assert_eq!(a.taken().len(), 0);
    node.pass(20);
    node.until(|| a.taken().len() == 1);
    let told = a.taken()[0].message.title.clone();
    assert!(told.contains("No telephone asks"), "{told}");
}

#[test]
fn a_telephone_is_known_by_its_token_and_model_else_by_its_address() {
    let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
    let name = |token, model| Agent::of(token, model, address).name.to_string();
    assert_eq!(name(Some("desk"), Some("Mi 10")), "desk/Mi 10");
    assert_eq!(name(None, Some(" Mi\u{7} 10 ")), "Mi 10");
    assert_eq!(name(Some("desk"), None), "desk");
    assert_eq!(name(None, Some(" ")), "192.0.2.7");
    assert_eq!(name(None, Some(&"x".repeat(500))).len(), 64);
}
