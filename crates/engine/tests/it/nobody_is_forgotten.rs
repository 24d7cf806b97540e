//! Random incidents, answers, refusals and crashes at any moment, in virtual time. What was sent is held against a referee
//! that knows only the promises: nobody is paged for what somebody has, nobody is left out, every obligation ends, nothing is
//! sent that no row stands for, and nothing twice but what was under way at a crash.
//!
//! `BALEFIRE_SIMULATION_STORIES` says how many stories are told, `BALEFIRE_SIMULATION_SEED` from which seed on; a failure
//! prints the seed of its story.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use balefire_channels::error::ErrorKind;
use balefire_core::escalation::State;
use balefire_core::incident::{Change, Draft, EntryKind};
use balefire_core::message::{Block, Message};
use balefire_core::severity::Severity;
use balefire_store::{NotificationState, PageOutcome, Which};

use super::world::random::{Random, number};
use super::world::{Answer, Node, Provider, World};

/// Stories that every run of the tests tells: ten seconds of work on one core.
const STORIES: u64 = 10;
/// Lives of a node in one story; each but the last ends with a crash.
const LIVES: u64 = 4;
const PEOPLE: [&str; 3] = ["ada", "bob", "cai"];
const DOCUMENT: &str = "
accounts:
  mail: {kind: smtp, host: 127.0.0.1, port: 1, tls: none_loopback, from: ops@example.com}
  text: {kind: aliyun_sms, access_key_id: a, access_key_secret: b, sign_name: c, template_code: SMS_1}
people:
  ada: {email: ada@example.com, contact: {info: [{by: email}]}}
  bob: {email: bob@example.com, phone: \"13800138002\", contact: {info: [{by: email}, {by: sms, after: 30s}]}}
  cai: {phone: \"13800138003\"}
escalations:
  line:
    steps:
    - {notify: [person: ada], wait: 1m}
    - {notify: [person: bob], wait: 2m}
    - {notify: [person: cai], wait: 1m}
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox}
";

/// What is promised, by what was said and done alone.
#[derive(Default)]
struct Referee {
    open: BTreeSet<u64>,
    /// Incidents that somebody has, or that are over.
    quiet: BTreeSet<u64>,
    /// Calls of each provider that were looked at.
    looked: BTreeMap<&'static str, usize>,
    /// What each provider took, by the id it was sent under, and in which lives of the node.
    taken: BTreeMap<(&'static str, String), Vec<u64>>,
}

/// The id that providers get with a notification.
fn sent_as(id: &[u8; 16]) -> String {
    let digits = id.iter().map(|byte| format!("{byte:02x}"));
    digits.fold("bf_".to_owned(), |text, byte| text + &byte)
}

/// The incidents that a page names.
fn named(message: &Message) -> BTreeSet<u64> {
    let facts = message.body.iter().filter_map(|block| match block {
        Block::Facts(facts) => Some(facts),
        _ => None,
    });
    let numbers = facts.flatten().filter(|(name, _)| name == "Incident");
    numbers.filter_map(|(_, id)| id.parse().ok()).collect()
}

impl Referee {
    /// Looks at what was sent since it looked last: every page tells of something that nobody has.
    fn look(&mut self, name: &'static str, provider: &Provider, seed: u64) {
        let calls = provider.calls();
        let looked = self.looked.insert(name, calls.len()).unwrap_or(0);
        for call in &calls[looked..] {
            if !call.message.title.starts_with("[Page]") {
                continue;
            }
            let incidents = named(&call.message);
            let wanted = incidents.iter().any(|id| self.open.contains(id));
            assert!(
                wanted,
                "seed {seed}: {:?} was paged for {incidents:?}, of which nobody need hear",
                call.targets
            );
        }
    }
}

struct Story<'s> {
    seed: u64,
    random: Random,
    referee: Referee,
    mail: &'s Provider,
    text: &'s Provider,
}

impl Story<'_> {
    fn look(&mut self) {
        self.referee.look("mail", self.mail, self.seed);
        self.referee.look("text", self.text, self.seed);
    }

    fn open(&mut self, node: &Node<'_>) {
        let severity = Severity::ALL[self.random.below(4) as usize];
        let draft = Draft {
            key: None,
            severity,
            title: "it is down".to_owned(),
            started_at: None,
            fields: Vec::new(),
        };
        let engine = node.engine();
        let opened = node.run(engine.open_escalated(draft, &[], "chen", Some("line")));
        self.referee
            .open
            .insert(opened.expect("opened").incident.id);
    }

    /// Somebody has a random incident, or it is over. What was sent before counts as before.
    fn quieten(&mut self, node: &Node<'_>) {
        let open: Vec<u64> = self.referee.open.iter().copied().collect();
        if open.is_empty() {
            return;
        }
        let id = open[self.random.below(open.len() as u64) as usize];
        let text = String::new();
        let change = if self.random.below(3) == 0 {
            Change::Resolve {
                ended_at: None,
                text,
            }
        } else {
            Change::Acknowledge { text }
        };
        let who = PEOPLE[self.random.below(3) as usize];
        let changed = node
            .engine()
            .change_incident(Which::Id(id), vec![change], who);
        node.run(changed).expect("changed");
        self.look();
        self.referee.open.remove(&id);
        self.referee.quiet.insert(id);
    }

    fn step(&mut self, node: &Node<'_>) {
        match self.random.below(8) {
            0 | 1 => self.open(node),
            2 => self.quieten(node),
            3 => {
                let provider = [self.mail, self.text][self.random.below(2) as usize];
                provider.always(match self.random.below(4) {
                    0 => Answer::fail(ErrorKind::Transient),
                    1 => Answer::fail(ErrorKind::Rejected),
                    _ => Answer::Take,
                });
            }
            _ => {
                // What is being read when time leaps would look like a store that does not answer, and then pages go out.
                node.settle();
                let span = Duration::from_secs(1 + self.random.below(90));
                node.run(tokio::time::advance(span));
                // Not everything that follows has always happened before the next thing does.
                if self.random.below(2) == 0 {
                    node.settle();
                }
            }
        }
        self.look();
    }

    /// Whatever a provider took has a row, and it took nothing twice but across a crash.
    fn count(&mut self, name: &'static str, provider: &Provider, life: u64) {
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for call in provider.taken() {
            *times.entry(call.id).or_default() += 1;
        }
        for (id, times) in times {
            let lives = self.referee.taken.entry((name, id)).or_default();
            let seed = self.seed;
            let before = lives.len();
            assert!(
                times <= before + 1,
                "seed {seed}: {name} took one thing {times} times, in life {life} after {lives:?}"
            );
            lives.extend((before < times).then_some(life));
        }
    }

    /// Every obligation has come to an end, and whatever was sent was one.
    fn settled(&self, node: &Node<'_>) {
        let seed = self.seed;
        let rows = node.notifications();
        for row in &rows {
            assert_ne!(
                row.state,
                NotificationState::Pending,
                "seed {seed}: {row:?} has no end"
            );
        }
        let ids: BTreeSet<String> = rows.iter().map(|row| sent_as(&row.id)).collect();
        for (name, id) in self.referee.taken.keys() {
            assert!(
                ids.contains(id),
                "seed {seed}: {name} got {id}, for which there is no row"
            );
        }
        let store = node.engine().store();
        for incident in self.referee.open.iter().chain(&self.referee.quiet) {
            for page in node.run(store.pages_of(*incident)).expect("read") {
                assert_ne!(
                    page.outcome,
                    PageOutcome::Waiting,
                    "seed {seed}: {page:?} has no end"
                );
            }
        }
    }

    /// Lets everything come to its end, with carriers that take all and people who answer nothing.
    fn end(&mut self, node: &Node<'_>) {
        self.mail.heal();
        self.text.heal();
        for _ in 0..12 {
            node.leap(Duration::from_secs(61));
            self.look();
        }
        for id in &self.referee.open {
            let seed = self.seed;
            let stands = node.escalation(*id);
            assert_eq!(stands.state, State::Exhausted, "seed {seed}: incident {id}");
            let entries = node
                .run(node.engine().incident_timeline(*id, 0, 200))
                .expect("read");
            let count = |kind| entries.iter().filter(|e| e.kind == kind).count();
            assert_eq!(count(EntryKind::EscalationExhausted), 1, "seed {seed}");
            assert_eq!(count(EntryKind::EscalationStarted), 1, "seed {seed}");
            let paged: Vec<&str> = entries
                .iter()
                .filter(|entry| entry.kind == EntryKind::Paged)
                .map(|entry| entry.detail.text.as_str())
                .collect();
            let once: BTreeSet<&&str> = paged.iter().collect();
            assert_eq!(once.len(), paged.len(), "seed {seed}: twice in {paged:?}");
            for wanted in ["ada: email", "bob: email", "bob: sms", "cai: sms"] {
                let found = paged.iter().any(|text| text.starts_with(wanted));
                assert!(
                    found,
                    "seed {seed}: incident {id}: no {wanted} in {paged:?}"
                );
            }
        }
        for id in &self.referee.quiet {
            let waiting = node.escalation(*id).next;
            assert_eq!(waiting, None, "seed {}: incident {id}", self.seed);
        }
        self.settled(node);
    }
}

fn simulate(seed: u64) {
    let mut world = World::new(DOCUMENT);
    let (mail, text) = (world.provider("mail"), world.provider("text"));
    let mut story = Story {
        seed,
        random: Random::new(seed),
        referee: Referee::default(),
        mail: &mail,
        text: &text,
    };
    for life in 1..=LIVES {
        let node = world.start();
        for _ in 0..2 + story.random.below(7) {
            story.step(&node);
        }
        if life == LIVES {
            story.end(&node);
        } else {
            node.crash();
            story.look();
        }
        story.count("mail", &mail, life);
        story.count("text", &text, life);
    }
}

#[test]
fn nobody_is_paged_for_what_somebody_has_and_nobody_is_left_out() {
    let first = number("BALEFIRE_SIMULATION_SEED", 0);
    for seed in first..first + number("BALEFIRE_SIMULATION_STORIES", STORIES) {
        simulate(seed);
    }
}
