//! Escalations: the next in line is paged until somebody answers, across crashes, refusals and changes of mind.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use balefire_channels::error::ErrorKind;
use balefire_core::escalation::{Notify, State};
use balefire_core::incident::{Change, Draft, EntryKind, IncidentState};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_engine::calls::Agent;
use balefire_engine::engine::{EscalationView, IncidentFailure};
use balefire_store::{IncidentFilter, NotificationState, Which};

use super::world::{Answer, Node, Provider, World};

/// Ada is mailed; after five minutes Bob by mail and text message; after five more Cai is called. `hook` is told of
/// alerts, and of what is wrong with Balefire itself.
pub(crate) const LINE: &str = "
accounts:
  mail: {kind: smtp, host: 127.0.0.1, port: 1, tls: none_loopback, from: ops@example.com}
  text: {kind: aliyun_sms, access_key_id: a, access_key_secret: b, sign_name: c, template_code: SMS_1}
  hook: {kind: webhook, url: http://127.0.0.1:1/}
  meta: {kind: webhook, url: http://127.0.0.1:1/}
people:
  ada: {name: 艾达, email: ada@example.com, phone: \"13800138001\"}
  bob: {email: bob@example.com, phone: \"13800138002\"}
  cai: {email: cai@example.com, phone: \"13800138003\", contact: {info: [{by: email}, {by: sms, after: 2m}]}}
teams: {duty: {people: [bob, cai]}}
legacy: {autocall: {}}
escalations:
  ops:
    steps:
    - {notify: [person: ada], by: [email]}
    - {notify: [person: bob], by: [email, sms]}
    - {notify: [person: cai], by: [autocall]}
receivers:
- {name: ops, webhook_configs: [{account: hook}], escalation: ops}
- {name: meta, webhook_configs: [{account: meta}]}
meta: {receiver: meta}
route: {receiver: ops, group_by: [n], group_wait: 0s, group_interval: 10s, repeat_interval: 1h}
";

/// Whom a provider was asked to reach, in order.
pub(crate) fn reached(provider: &Provider) -> Vec<String> {
    let calls = provider.taken().into_iter();
    calls.map(|call| call.targets.join(" ")).collect()
}

/// The same with the beginning of what they were told.
fn told(provider: &Provider) -> Vec<String> {
    let calls = provider.taken().into_iter();
    calls
        .map(|call| format!("{} {}", call.targets.join(" "), call.message.title))
        .collect()
}

impl Node<'_> {
    pub(crate) fn escalation(&self, incident: u64) -> EscalationView {
        let found = self.run(self.engine().escalation(incident));
        found.expect("read").expect("an escalation")
    }

    pub(crate) fn acknowledge(&self, incident: u64, who: &str) {
        let which = Which::Id(incident);
        self.run(
            self.engine()
                .acknowledge_incident(which, who, String::new()),
        )
        .expect("acknowledged");
        self.settle();
    }

    fn open(&self, title: &str, severity: Severity, escalation: &str) -> u64 {
        let draft = Draft {
            key: None,
            severity,
            title: title.to_owned(),
            started_at: None,
            fields: Vec::new(),
        };
        let engine = self.engine();
        let opened = self.run(engine.open_escalated(draft, &[], "chen", Some(escalation)));
        let id = opened.expect("opened").incident.id;
        self.settle();
        id
    }

    pub(crate) fn kinds(&self, incident: u64) -> Vec<EntryKind> {
        let entries = self.run(self.engine().incident_timeline(incident, 0, 200));
        entries.expect("read").iter().map(|e| e.kind).collect()
    }

    fn texts(&self, incident: u64, kind: EntryKind) -> Vec<String> {
        let entries = self.run(self.engine().incident_timeline(incident, 0, 200));
        let entries = entries.expect("read").into_iter();
        let of_kind = entries.filter(|entry| entry.kind == kind);
        of_kind.map(|entry| entry.detail.text).collect()
    }

    fn state(&self, incident: u64) -> IncidentState {
        let found = self.run(self.engine().incident(&Which::Id(incident)));
        found.expect("read").expect("an incident").state
    }

    fn asks_for_call(&self) -> Option<(String, String)> {
        self.settle();
        let agent = Agent::of(None, Some("m"), IpAddr::V4(Ipv4Addr::LOCALHOST));
        let serve = self.run(async { self.engine().phone_asks(&agent) })?;
        Some((serve.id.to_string(), serve.phones.join(" ")))
    }
}

#[test]
fn when_nobody_answers_the_next_in_line_is_paged_and_the_last_one_is_called() {
    let mut world = World::new(LINE);
    let (mail, text) = (world.provider("mail"), world.provider("text"));
    let node = world.start();
    node.fire(&["x"]);
    node.until(|| reached(&mail) == ["ada@example.com"]);
    let stands = node.escalation(1);
    assert_eq!(stands.state, State::Running);
    assert_eq!(
        stands.next.expect("a step").1.since(node.now()).as_secs(),
        300
    );
    node.pass_until(301, || reached(&mail).len() == 2);
    assert_eq!(reached(&mail)[1], "bob@example.com");
    node.until(|| reached(&text) == ["13800138002"]);
    node.leap(Duration::from_mins(5));
    node.leap(Duration::from_secs(1));
    node.until(|| node.asks_for_call().is_some());
    assert_eq!(node.asks_for_call().expect("a call").1, "13800138003");
    assert_eq!(reached(&mail).len(), 2);
    let paged = node.texts(1, EntryKind::Paged);
    assert_eq!(
        paged,
        [
            "ada: email (ops step 1)",
            "bob: email (ops step 2)",
            "bob: sms (ops step 2)",
            "cai: autocall (ops step 3)"
        ]
    );
}

#[test]
fn an_acknowledgement_stops_everything_and_those_who_were_paged_hear_who_has_it() {
    let mut world = World::new(LINE);
    let (mail, text) = (world.provider("mail"), world.provider("text"));
    let node = world.start();
    node.fire(&["x"]);
    node.until(|| reached(&mail).len() == 1);
    node.leap(Duration::from_secs(301));
    node.until(|| reached(&text).len() == 1 && reached(&mail).len() == 2);
    node.acknowledge(1, "bob");
    node.until(|| reached(&mail).len() == 3);
    assert!(
        told(&mail)[2].starts_with("ada@example.com bob has it: "),
        "{:?}",
        told(&mail)
    );
    for _ in 0..20 {
        node.leap(Duration::from_mins(5));
    }
    assert_eq!((reached(&mail).len(), reached(&text).len()), (3, 1));
    assert_eq!(node.asks_for_call(), None);
    assert_eq!(node.escalation(1).state, State::Acknowledged);
    let metrics = node.engine().metrics().encode();
    for line in [
        "balefire_escalation_events_total{event=\"paged\"} 3",
        "balefire_escalation_events_total{event=\"page_delivered\"} 3",
        "balefire_incident_acknowledge_seconds_count 1",
        "balefire_incident_acknowledge_seconds_bucket{le=\"390.625\"} 1",
        "balefire_incident_acknowledge_seconds_bucket{le=\"156.25\"} 0",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
    // The group is over, and so is its incident.
    node.resolve(&["x"]);
    node.leap(Duration::from_secs(11));
    node.until(|| node.state(1) == IncidentState::Resolved);
}

#[test]
fn whoever_answers_the_telephone_has_the_incident() {
    let mut world = World::new(LINE);
    let mail = world.provider("mail");
    let node = world.start();
    node.fire(&["x"]);
    node.until(|| reached(&mail).len() == 1);
    node.leap(Duration::from_secs(301));
    node.leap(Duration::from_secs(301));
    node.until(|| node.asks_for_call().is_some());
    let (id, number) = node.asks_for_call().expect("a call");
    let agent = Agent::of(None, Some("m"), IpAddr::V4(Ipv4Addr::LOCALHOST));
    node.run(node.engine().phone_reports(&agent, &id, Some(&number)))
        .expect("on disk");
    node.until(|| node.state(1) == IncidentState::Acknowledged);
    let incident = node
        .run(node.engine().incident(&Which::Id(1)))
        .expect("read");
    assert_eq!(incident.expect("it").acknowledged.expect("held").by, "cai");
    node.until(|| node.escalation(1).state == State::Acknowledged);
}

#[test]
fn an_acknowledgement_takes_a_call_back_that_no_telephone_has_answered() {
    let mut world = World::new(LINE);
    let mail = world.provider("mail");
    let node = world.start();
    node.fire(&["x"]);
    node.until(|| reached(&mail).len() == 1);
    node.leap(Duration::from_secs(301));
    node.leap(Duration::from_secs(301));
    node.until(|| node.asks_for_call().is_some());
    node.acknowledge(1, "ada");
    node.until(|| node.asks_for_call().is_none());
    node.until(|| node.states("/autocall") == [NotificationState::Cancelled]);
    let withdrawn = node.texts(1, EntryKind::PagesWithdrawn);
    assert_eq!(withdrawn, ["cai: autocall"]);
}

#[test]
fn a_crash_at_any_moment_forgets_nobody_and_pages_nobody_twice() {
    let mut world = World::new(LINE);
    let (mail, text) = (world.provider("mail"), world.provider("text"));
    let node = world.start();
    node.fire(&["x"]);
    node.until(|| reached(&mail).len() == 1);
    node.pass(100);
    node.crash();
    let node = world.start();
    node.settle();
    node.pass_until(205, || reached(&mail).len() == 2);
    node.until(|| reached(&text).len() == 1);
    node.crash();
    let node = world.start();
    node.leap(Duration::from_secs(10));
    assert_eq!((reached(&mail).len(), reached(&text).len()), (2, 1));
    node.acknowledge(1, "ada");
    node.crash();
    let node = world.start();
    for _ in 0..5 {
        node.leap(Duration::from_mins(5));
    }
    // Bob was reached, and hears who has it, whichever life did it.
    assert_eq!(
        told(&mail)[2..],
        ["bob@example.com 艾达 has it: [FIRING:1] Story · x"]
    );
    assert_eq!(reached(&text).len(), 1);
    assert_eq!(node.asks_for_call(), None);
}

#[test]
fn a_page_that_is_refused_brings_the_next_in_line_forward() {
    let mut world = World::new(LINE);
    let (mail, text) = (world.provider("mail"), world.provider("text"));
    mail.always(Answer::fail(ErrorKind::Rejected));
    let node = world.start();
    node.fire(&["x"]);
    node.until(|| reached(&text) == ["13800138002"]);
    assert!(node.kinds(1).contains(&EntryKind::PageFailed));
}

#[test]
fn a_page_that_waits_for_its_next_try_is_taken_back() {
    let mut world = World::new(LINE);
    let mail = world.provider("mail");
    mail.always(Answer::fail(ErrorKind::Transient));
    let node = world.start();
    node.fire(&["x"]);
    node.until(|| mail.calls().len() == 1);
    node.acknowledge(1, "bob");
    node.until(|| node.states("mail") == [NotificationState::Cancelled]);
    let tries = mail.calls().len();
    mail.heal();
    for _ in 0..5 {
        node.leap(Duration::from_mins(5));
    }
    assert_eq!(mail.calls().len(), tries);
}

#[test]
fn when_nobody_is_left_those_who_run_balefire_hear_of_it() {
    let mut world = World::new(&LINE.replace(
        "    - {notify: [person: bob], by: [email, sms]}\n    - {notify: [person: cai], by: [autocall]}\n",
        "",
    ));
    let (mail, meta) = (world.provider("mail"), world.provider("meta"));
    let node = world.start();
    node.fire(&["x"]);
    node.until(|| reached(&mail).len() == 1);
    node.leap(Duration::from_secs(301));
    node.until(|| !meta.taken().is_empty());
    let said = told(&meta).join("\n");
    assert!(said.contains("An escalation reaches nobody"), "{said}");
    assert_eq!(node.escalation(1).state, State::Exhausted);
    assert!(node.kinds(1).contains(&EntryKind::EscalationExhausted));
    let metrics = node.engine().metrics().encode();
    let counted = "balefire_escalation_events_total{event=\"escalation_exhausted\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
}

#[test]
fn several_incidents_at_once_are_one_page() {
    let mut world = World::new(LINE);
    let mail = world.provider("mail");
    let node = world.start();
    node.fire(&["a", "b", "c"]);
    node.until(|| !reached(&mail).is_empty());
    node.leap(Duration::from_secs(20));
    let pages = told(&mail);
    assert!(pages.len() <= 2, "{pages:?}");
    assert!(pages.last().expect("a page").contains("more"), "{pages:?}");
}

#[test]
fn a_snooze_ends_in_a_new_beginning_and_a_reassignment_pages_others() {
    let mut world = World::new(LINE);
    let (mail, text) = (world.provider("mail"), world.provider("text"));
    let node = world.start();
    let id = node.open("disk", Severity::Critical, "ops");
    node.until(|| reached(&mail).len() == 1);
    let until = node.now().after(Duration::from_mins(30));
    let engine = node.engine();
    let snoozed = engine.snooze_incident(Which::Id(id), until, String::new(), "chen");
    node.run(snoozed).expect("snoozed");
    for _ in 0..5 {
        node.leap(Duration::from_mins(5));
    }
    assert_eq!(reached(&mail).len(), 1);
    assert_eq!(node.escalation(id).state, State::Snoozed { until });
    node.leap(Duration::from_mins(5));
    node.leap(Duration::from_secs(1));
    node.until(|| reached(&mail).len() == 2);
    assert!(node.kinds(id).contains(&EntryKind::SnoozeEnded));
    node.acknowledge(id, "ada");
    let to = vec![Notify::Team("duty".into())];
    let given = engine.reassign_incident(Which::Id(id), to, "yours".to_owned(), "ada");
    assert_eq!(node.run(given).expect("given").state, IncidentState::Open);
    node.until(|| reached(&text) == ["13800138002"]);
    node.until(|| reached(&mail).len() == 4);
    node.leap(Duration::from_secs(121));
    node.until(|| reached(&text).len() == 2);
    // Now, please: the steps go on where they were.
    let now = engine.escalate_incident(Which::Id(id), None, String::new(), "chen");
    node.run(now).expect("asked");
    node.until(|| reached(&text).len() == 3);
    assert_eq!(reached(&text)[2], "13800138002");
}

#[test]
fn what_cannot_be_is_refused_with_a_reason() {
    let mut world = World::new(LINE);
    let node = world.start();
    let id = node.open("disk", Severity::Warning, "ops");
    let engine = node.engine();
    let which = || Which::Id(id);
    let to = |person: &str| vec![Notify::Person(person.into())];
    let unknown = node.run(engine.reassign_incident(which(), to("bobby"), String::new(), "c"));
    let words = unknown.expect_err("refused").to_string();
    assert_eq!(
        words,
        "no person is named \"bobby\"; there are: ada, bob, cai"
    );
    let past = engine.snooze_incident(which(), Time::EPOCH, String::new(), "c");
    let words = node.run(past).expect_err("refused").to_string();
    assert_eq!(words, "until is not ahead of now by at most 7 days");
    let nobody = engine.reassign_incident(which(), Vec::new(), String::new(), "c");
    node.run(nobody).expect_err("refused");
    let missing = node.run(engine.escalate_incident(Which::Id(9), None, String::new(), "c"));
    assert!(matches!(missing, Err(IncidentFailure::NotFound)));
    let draft = Draft {
        key: None,
        severity: Severity::Info,
        title: "plain".to_owned(),
        started_at: None,
        fields: Vec::new(),
    };
    let plain = node
        .run(engine.open_incident(draft, &[], "c"))
        .expect("opened");
    let which = Which::Id(plain.incident.id);
    let missing = node.run(engine.escalate_incident(which.clone(), None, String::new(), "c"));
    assert!(matches!(missing, Err(IncidentFailure::NotEscalated)));
    let other = engine.escalate_incident(which.clone(), Some("nope"), String::new(), "c");
    assert!(node.run(other).is_err());
    let begun = engine.escalate_incident(which, Some("ops"), String::new(), "c");
    node.run(begun).expect("begun");
    node.until(|| node.escalation(plain.incident.id).next.is_some());
    let over = vec![Change::Resolve {
        ended_at: None,
        text: String::new(),
    }];
    node.run(engine.change_incident(Which::Id(id), over, "c"))
        .expect("over");
    let late = engine.reassign_incident(Which::Id(id), to("bob"), String::new(), "c");
    assert!(node.run(late).is_err());
}

#[test]
fn somebody_who_is_gone_after_a_reload_is_passed_over_and_said_aloud() {
    let mut world = World::new(LINE);
    let (mail, text) = (world.provider("mail"), world.provider("text"));
    let meta = world.provider("meta");
    let node = world.start();
    node.fire(&["x"]);
    node.until(|| reached(&mail).len() == 1);
    // Bob has left, and with him his step.
    let without = LINE
        .replace(
            "  bob: {email: bob@example.com, phone: \"13800138002\"}\n",
            "",
        )
        .replace("    - {notify: [person: bob], by: [email, sms]}\n", "")
        .replace("[bob, cai]", "[cai]");
    node.reload(&without);
    node.leap(Duration::from_secs(301));
    node.until(|| node.asks_for_call().is_some());
    assert_eq!(reached(&text).len(), 0);
    // The whole policy goes.
    let gone = without.replace(", escalation: ops", "");
    let begin = gone.find("escalations:").expect("there");
    let end = gone.find("receivers:").expect("there");
    node.reload(&format!("{}{}", &gone[..begin], &gone[end..]));
    node.leap(Duration::from_secs(301));
    node.until(|| node.escalation(1).state == State::Exhausted);
    node.until(|| !meta.taken().is_empty());
}

#[test]
fn all_incidents_of_a_group_are_one_until_it_is_over() {
    let mut world = World::new(LINE);
    let mail = world.provider("mail");
    let node = world.start();
    node.fire(&["x"]);
    node.until(|| reached(&mail).len() == 1);
    node.leap(Duration::from_hours(1));
    node.leap(Duration::from_hours(1));
    let count = || node.run(node.engine().count_incidents(&IncidentFilter::default()));
    assert_eq!(count().expect("read"), 1);
    node.resolve(&["x"]);
    node.leap(Duration::from_secs(11));
    node.until(|| node.state(1) == IncidentState::Resolved);
    node.fire(&["x"]);
    node.leap(Duration::from_secs(11));
    node.until(|| count().expect("read") == 2);
}
