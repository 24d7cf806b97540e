//! A random configuration: routes in routes, what keeps alerts quiet, schedules with layers, escalations with conditions,
//! people with rules of their own; and what happens in it.

use std::collections::BTreeMap;

use balefire_core::severity::Severity;
use serde_json::{Value, json};

use crate::world::random::Random;

pub(super) const PEOPLE: [&str; 4] = ["ada", "bob", "cai", "dan"];
const SCHEDULES: [&str; 2] = ["duty", "nights"];
const RECEIVERS: [&str; 4] = ["quiet", "ops", "dba", "letter"];
const WAYS: [&str; 2] = ["email", "sms"];

#[derive(Debug)]
pub(super) struct Configuration {
    pub(super) people: Vec<Person>,
    pub(super) team: Vec<&'static str>,
    pub(super) schedules: Vec<Schedule>,
    pub(super) policies: Vec<Policy>,
    pub(super) root: Route,
    pub(super) inhibit: Vec<Inhibit>,
    pub(super) silence: Option<Silence>,
    pub(super) alerts: Vec<BTreeMap<&'static str, &'static str>>,
    /// The ways whose provider refuses everything.
    pub(super) broken: Vec<&'static str>,
    /// After which minute whoever acknowledges all that is open.
    pub(super) answer: Option<(u64, &'static str)>,
    /// After which minute which alert is over.
    pub(super) over: Option<(u64, usize)>,
    /// How many minutes it lasts.
    pub(super) minutes: u64,
}

#[derive(Debug)]
pub(super) struct Person {
    pub(super) key: &'static str,
    pub(super) ways: Vec<&'static str>,
    /// For a severity ways and minutes.
    pub(super) contact: BTreeMap<Severity, Vec<(&'static str, u64)>>,
    pub(super) quiet: Option<Quiet>,
}

#[derive(Debug)]
pub(super) struct Quiet {
    /// Whether the story lies within its hours.
    pub(super) is_now: bool,
    pub(super) allow: Option<&'static str>,
    pub(super) broken_by: &'static str,
}

#[derive(Debug)]
pub(super) struct Schedule {
    pub(super) name: &'static str,
    /// Hours that its wall is ahead of UTC.
    pub(super) ahead: i64,
    pub(super) layers: Vec<Layer>,
    /// People on call instead, from half past eight until so many minutes later.
    pub(super) cover: Option<(i64, Vec<&'static str>)>,
}

#[derive(Debug)]
pub(super) struct Layer {
    pub(super) every: i64,
    /// Minute of the hour at which turns begin.
    pub(super) minute: i64,
    pub(super) people: Vec<Vec<&'static str>>,
    /// Minutes after eight in UTC between which it is on.
    pub(super) only: Option<(i64, i64)>,
}

#[derive(Debug)]
pub(super) struct Policy {
    pub(super) name: &'static str,
    pub(super) repeat: u64,
    pub(super) then: Option<&'static str>,
    pub(super) steps: Vec<Step>,
}

#[derive(Debug)]
pub(super) struct Step {
    /// Kind and name, as written.
    pub(super) notify: Vec<(&'static str, &'static str)>,
    pub(super) by: Vec<&'static str>,
    pub(super) wait: u64,
    pub(super) severity: Option<Severity>,
    pub(super) within: Option<&'static str>,
    pub(super) one: bool,
}

#[derive(Debug)]
pub(super) struct Route {
    pub(super) receiver: &'static str,
    /// Label, whether it is to be equal, value.
    pub(super) matchers: Vec<(&'static str, bool, &'static str)>,
    pub(super) goes_on: bool,
    pub(super) mute: Option<&'static str>,
    pub(super) active: Option<&'static str>,
    pub(super) routes: Vec<Route>,
}

#[derive(Debug)]
pub(super) struct Inhibit {
    pub(super) source: (&'static str, &'static str),
    pub(super) target: (&'static str, &'static str),
    pub(super) equal: Option<&'static str>,
}

#[derive(Debug)]
pub(super) struct Silence {
    pub(super) label: &'static str,
    pub(super) value: &'static str,
    /// It ends half a minute before this one.
    pub(super) until: u64,
}

impl Configuration {
    pub(super) fn random(random: &mut Random) -> Self {
        let alerts: Vec<_> = (0..=random.below(3)).map(|n| alert(random, n)).collect();
        let minutes = 3 + random.below(6);
        let root = Route {
            matchers: Vec::new(),
            mute: None,
            active: None,
            ..route(random, 2)
        };
        let alone = alerts.len() == 1 && !root.any(&|route| route.goes_on);
        let pick = |random: &mut Random| random.below(alerts.len() as u64) as usize;
        let people: Vec<Person> = PEOPLE.map(|key| person(random, key)).into();
        // Whom a round robin chose is not told where quiet hours hold that one's page back.
        let alone = alone && people.iter().all(|one| one.quiet.is_none());
        Self {
            people,
            team: some(random, &PEOPLE),
            schedules: SCHEDULES.map(|name| schedule(random, name)).into(),
            policies: policies(random, alone),
            inhibit: (0..random.below(3)).map(|_| inhibit(random)).collect(),
            silence: random.one_in(3).then(|| {
                let (label, value) = random.pick(&LABELS);
                let until = 1 + random.below(minutes + 3);
                Silence {
                    label,
                    value,
                    until,
                }
            }),
            broken: random.pick(&[vec![], vec![], vec![], vec!["email"], vec!["sms"]]),
            answer: (random.one_in(2)).then(|| (random.below(minutes), random.pick(&PEOPLE))),
            over: (random.one_in(3)).then(|| (random.below(minutes), pick(random))),
            minutes,
            root,
            alerts,
        }
    }

    /// The document; JSON is YAML.
    pub(super) fn document(&self) -> String {
        let people = self.people.iter().map(|one| (one.key, one.written()));
        let schedules = self.schedules.iter().map(|one| (one.name, one.written()));
        let policies = self.policies.iter().map(|one| (one.name, one.written()));
        let hours =
            |from: &str, to: &str| json!([{"times": [{"start_time": from, "end_time": to}]}]);
        let escalated = |name: &str, policy: &str| json!({"name": name, "webhook_configs": [{"account": "hook"}], "escalation": policy});
        let document = json!({
            "accounts": {
                "mail": {"kind": "smtp", "host": "127.0.0.1", "port": 1, "tls": "none_loopback", "from": "ops@example.com"},
                "to_dan": {"kind": "smtp", "host": "127.0.0.1", "port": 1, "tls": "none_loopback", "from": "ops@example.com"},
                "text": {"kind": "aliyun_sms", "access_key_id": "a", "access_key_secret": "b", "sign_name": "c", "template_code": "SMS_1"},
                "hook": {"kind": "webhook", "url": "http://127.0.0.1:1/"},
            },
            "ways": {"email": {"account": "mail"}},
            "people": people.collect::<BTreeMap<_, _>>(),
            "teams": {"team": {"people": self.team}},
            "schedules": schedules.collect::<BTreeMap<_, _>>(),
            "storm": {"at_once": 0},
            "escalations": policies.collect::<BTreeMap<_, _>>(),
            "time_intervals": [
                {"name": "now", "time_intervals": hours("08:00", "09:00")},
                {"name": "later", "time_intervals": hours("12:00", "13:00")},
            ],
            "inhibit_rules": self.inhibit.iter().map(Inhibit::written).collect::<Vec<_>>(),
            "receivers": [
                {"name": "quiet", "webhook_configs": [{"account": "hook"}]},
                escalated("ops", "ops"),
                escalated("dba", "db-ops"),
                {"name": "letter", "webhook_configs": [{"account": "hook"}], "email_configs": [{"account": "to_dan", "to": "dan@example.com"}]},
            ],
            "route": self.root.written(true),
        });
        document.to_string()
    }
}

const LABELS: [(&str, &str); 6] = [
    ("site", "a"),
    ("site", "b"),
    ("team", "db"),
    ("team", "web"),
    ("kind", "root"),
    ("kind", "leaf"),
];

fn some(random: &mut Random, list: &[&'static str]) -> Vec<&'static str> {
    let first = random.below(list.len() as u64) as usize;
    let most = 1 + random.below(2) as usize;
    list.iter().skip(first).take(most).copied().collect()
}

fn alert(random: &mut Random, n: u64) -> BTreeMap<&'static str, &'static str> {
    let mut labels = BTreeMap::from([("alertname", "Story")]);
    labels.insert("n", ["x", "y", "z"][n as usize]);
    for name in ["site", "team", "kind"] {
        let values: Vec<_> = LABELS.iter().filter(|(label, _)| *label == name).collect();
        if !random.one_in(5) {
            labels.insert(name, random.pick(&values).1);
        }
    }
    if !random.one_in(4) {
        labels.insert(
            "severity",
            random.pick(&["info", "warning", "error", "critical"]),
        );
    }
    labels
}

fn person(random: &mut Random, key: &'static str) -> Person {
    // Dan has every way, so that each can be named in a step.
    let ways: Vec<&str> = match random.below(6) {
        _ if key == "dan" => WAYS.into(),
        0 => vec![],
        1 => vec!["sms"],
        2 => vec!["email"],
        _ => WAYS.into(),
    };
    let mut contact = BTreeMap::new();
    for severity in Severity::ALL {
        if !ways.is_empty() && random.one_in(3) {
            let mut list: Vec<(&str, u64)> = Vec::new();
            for way in &ways {
                if list.is_empty() || random.one_in(2) {
                    list.push((way, random.pick(&[0, 0, 0, 1, 2, 4])));
                }
            }
            // In order of their times, as they are made.
            list.sort_by_key(|(_, after)| *after);
            contact.insert(severity, list);
        }
    }
    let quiet = random.one_in(3).then(|| Quiet {
        is_now: !random.one_in(3),
        allow: random.one_in(3).then(|| random.pick(&WAYS)),
        broken_by: random.pick(&["warning", "error", "critical", "nothing"]),
    });
    Person {
        key,
        ways,
        contact,
        quiet,
    }
}

fn schedule(random: &mut Random, name: &'static str) -> Schedule {
    let layer = |random: &mut Random| Layer {
        every: random.pick(&[1, 2, 24]),
        minute: random.pick(&[0, 31, 33, 35]),
        people: (0..=random.below(3))
            .map(|_| some(random, &PEOPLE))
            .collect(),
        only: random
            .one_in(2)
            .then(|| random.pick(&[(0, 60), (0, 33), (34, 60), (120, 180)])),
    };
    Schedule {
        name,
        ahead: random.pick(&[0, 8]),
        layers: (0..=random.below(3)).map(|_| layer(random)).collect(),
        cover: random.one_in(4).then(|| {
            let people = if random.one_in(4) {
                vec![]
            } else {
                some(random, &PEOPLE)
            };
            (random.pick(&[2, 4, 120]), people)
        }),
    }
}

fn policies(random: &mut Random, alone: bool) -> Vec<Policy> {
    let policy = |random: &mut Random, name, then: Option<&'static str>| Policy {
        name,
        repeat: random.pick(&[0, 0, 1]),
        then: then.filter(|_| random.one_in(2)),
        steps: (0..=random.below(3)).map(|_| step(random, alone)).collect(),
    };
    vec![
        policy(random, "ops", None),
        policy(random, "db-ops", Some("ops")),
    ]
}

fn step(random: &mut Random, alone: bool) -> Step {
    let entry = |random: &mut Random| match random.below(8) {
        0..=2 => ("person", random.pick(&PEOPLE)),
        3..=5 => ("schedule", random.pick(&SCHEDULES)),
        6 => ("team", "team"),
        _ => ("receiver", "quiet"),
    };
    let notify: Vec<_> = (0..=random.below(2)).map(|_| entry(random)).collect();
    let has_people = notify.iter().any(|(kind, _)| *kind != "receiver");
    let by = random.pick(&[vec![], vec![], vec!["email"], vec!["sms"], WAYS.into()]);
    Step {
        by: if has_people { by } else { vec![] },
        notify,
        wait: 1 + random.below(4),
        severity: random.one_in(4).then(|| random.pick(&Severity::ALL)),
        within: random.one_in(4).then(|| random.pick(&["now", "later"])),
        one: has_people && alone && random.one_in(3),
    }
}

fn route(random: &mut Random, depth: u64) -> Route {
    let matcher = |random: &mut Random| {
        let (label, value) = random.pick(&LABELS);
        (label, !random.one_in(4), value)
    };
    let children = if depth == 0 { 0 } else { random.below(4) };
    let interval = |random: &mut Random| random.one_in(6).then(|| random.pick(&["now", "later"]));
    Route {
        receiver: random.pick(&[RECEIVERS[0], "ops", "ops", "dba", "dba", "letter"]),
        matchers: (0..random.below(3)).map(|_| matcher(random)).collect(),
        goes_on: random.one_in(3),
        mute: interval(random),
        active: interval(random),
        routes: (0..children).map(|_| route(random, depth - 1)).collect(),
    }
}

fn inhibit(random: &mut Random) -> Inhibit {
    Inhibit {
        source: random.pick(&LABELS),
        target: random.pick(&LABELS),
        equal: random.pick(&[None, Some("site"), Some("team")]),
    }
}

impl Person {
    fn written(&self) -> Value {
        let mut person = json!({});
        let number = PEOPLE
            .iter()
            .position(|key| *key == self.key)
            .unwrap_or_default();
        for way in &self.ways {
            match *way {
                "email" => person["email"] = json!(format!("{}@example.com", self.key)),
                _ => person["phone"] = json!(format!("1380013800{number}")),
            }
        }
        for (severity, list) in &self.contact {
            let list = list
                .iter()
                .map(|(by, after)| json!({"by": by, "after": format!("{after}m")}));
            person["contact"][severity.as_str()] = list.collect();
        }
        if let Some(quiet) = &self.quiet {
            let (from, to) = if quiet.is_now {
                ("08:00", "09:00")
            } else {
                ("12:00", "13:00")
            };
            let allow: Vec<_> = quiet.allow.into_iter().collect();
            person["quiet"] = json!({
                "timezone": "UTC",
                "hours": [{"from": from, "to": to}],
                "allow": allow,
                "broken_by": quiet.broken_by,
            });
        }
        person
    }
}

impl Schedule {
    fn written(&self) -> Value {
        let layers = self.layers.iter().map(|layer| layer.written(self.ahead));
        let cover = self.cover.iter().map(|(until, people)| {
            let to = format!(
                "2026-11-21T{:02}:{:02}:00Z",
                8 + (30 + until) / 60,
                (30 + until) % 60
            );
            json!({"from": "2026-11-21T08:30:00Z", "to": to, "people": people})
        });
        json!({
            "timezone": if self.ahead == 0 { "UTC" } else { "Asia/Shanghai" },
            "layers": layers.collect::<Vec<_>>(),
            "overrides": cover.collect::<Vec<_>>(),
        })
    }
}

impl Layer {
    fn written(&self, ahead: i64) -> Value {
        let clock = |minutes: i64| {
            let minutes = minutes + (8 + ahead) * 60;
            format!("{:02}:{:02}", minutes / 60, minutes % 60)
        };
        let only = self
            .only
            .iter()
            .map(|(from, to)| json!({"from": clock(*from), "to": clock(*to)}));
        json!({
            "rotation": "hourly",
            "every": self.every,
            "starts": format!("2026-11-20T00:{:02}", self.minute),
            "people": self.people,
            "only": only.collect::<Vec<_>>(),
        })
    }
}

impl Policy {
    fn written(&self) -> Value {
        let mut policy = json!({"repeat": self.repeat});
        policy["steps"] = self.steps.iter().map(Step::written).collect();
        if let Some(then) = self.then {
            policy["then"] = json!(then);
        }
        policy
    }
}

impl Step {
    fn written(&self) -> Value {
        let notify = self.notify.iter().map(|(kind, name)| json!({*kind: name}));
        let mut step = json!({"wait": format!("{}m", self.wait)});
        step["notify"] = notify.collect();
        if !self.by.is_empty() {
            step["by"] = json!(self.by);
        }
        if let Some(severity) = self.severity {
            step["when"]["severity"] = json!(severity.as_str());
        }
        if let Some(within) = self.within {
            step["when"]["within"] = json!(within);
        }
        if self.one {
            step["page"] = json!("round_robin");
        }
        step
    }
}

impl Route {
    /// Whether this holds of it or of one below it.
    fn any(&self, holds: &dyn Fn(&Self) -> bool) -> bool {
        holds(self) || self.routes.iter().any(|route| route.any(holds))
    }

    fn written(&self, is_root: bool) -> Value {
        let matcher = |(label, is, value): &(&str, bool, &str)| {
            format!("{label}{}\"{value}\"", if *is { "=" } else { "!=" })
        };
        let mut route = json!({"receiver": self.receiver});
        route["routes"] = self
            .routes
            .iter()
            .map(|route| route.written(false))
            .collect();
        if is_root {
            route["group_by"] = json!(["n"]);
            route["group_wait"] = json!("0s");
            route["group_interval"] = json!("10s");
            route["repeat_interval"] = json!("4h");
            return route;
        }
        route["matchers"] = self.matchers.iter().map(matcher).collect();
        route["continue"] = json!(self.goes_on);
        if let Some(mute) = self.mute {
            route["mute_time_intervals"] = json!([mute]);
        }
        if let Some(active) = self.active {
            route["active_time_intervals"] = json!([active]);
        }
        route
    }
}

impl Inhibit {
    fn written(&self) -> Value {
        let matcher = |(label, value): (&str, &str)| json!([format!("{label}=\"{value}\"")]);
        let equal: Vec<_> = self.equal.into_iter().collect();
        json!({"source_matchers": matcher(self.source), "target_matchers": matcher(self.target), "equal": equal})
    }
}
