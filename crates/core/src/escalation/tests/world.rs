//! People, schedules and policies for the tests.

use super::*;
use crate::person::{Person, PersonSpec};
use crate::schedule::{Schedule, ScheduleSpec};

/// Numbers from a seed: SplitMix64, <https://prng.di.unimi.it/splitmix64.c>.
#[derive(Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_F491_4F6C_DD1D))
    }

    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    pub(super) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }
}

pub(super) const PEOPLE: [&str; 6] = ["ada", "bob", "cai", "dan", "eva", "fei"];

/// What is known: Ada is called by her own rules, Bob sleeps at night, Fei cannot be reached. `ops` has
/// Ada by day and Bob by night, `dba` has Cai from the 6th on, at the weekend nobody.
pub(super) fn directory(policies: Policies) -> Directory {
    let person = |json: &str, ways: &[&str]| {
        let spec: PersonSpec = serde_json::from_str(json).expect(json);
        let ways = ways.iter().map(|way| Arc::from(*way)).collect();
        Person::new(&spec, ways).unwrap_or_else(|errors| panic!("{errors:?}"))
    };
    let all = ["sms", "voice", "wecom"];
    let ladder = r#"{"contact": {"warning": [{"by": "wecom"}, {"by": "sms", "after": "2m"}, {"by": "voice", "after": "6m"}]}}"#;
    let sleeper = r#"{"contact": {"info": [{"by": "sms"}, {"by": "voice", "after": "1m"}]},
        "quiet": {"timezone": "Asia/Shanghai", "hours": [{"from": "22:00", "to": "07:00"}], "allow": ["wecom"]}}"#;
    let people = [
        ("ada", person(ladder, &all)),
        ("bob", person(sleeper, &all)),
        ("cai", person("{}", &["voice"])),
        ("dan", person("{}", &["sms", "wecom"])),
        ("eva", person(ladder, &all)),
        ("fei", person("{}", &[])),
    ];
    let schedule = |name: &str, layers: &str| {
        let json = format!(r#"{{"timezone": "Asia/Shanghai", "layers": [{layers}]}}"#);
        let spec: ScheduleSpec = serde_json::from_str(&json).expect("a schedule");
        let schedule = Schedule::new(name, &spec, &|_| true).unwrap_or_else(|e| panic!("{e:?}"));
        (Arc::from(name), schedule)
    };
    let ops = r#"{"rotation": "daily", "starts": "2026-01-01T09:00", "people": ["ada"]},
        {"rotation": "daily", "starts": "2026-01-01T09:00", "people": ["bob"], "only": [{"from": "21:00", "to": "09:00"}]}"#;
    let dba = r#"{"rotation": "daily", "starts": "2026-01-06T00:00", "people": ["cai", ["cai", "eva"]],
        "only": [{"days": ["monday:friday"]}]}"#;
    Directory {
        policies,
        people: people
            .map(|(name, person)| (Arc::from(name), person))
            .into(),
        storm: None,
        teams: BTreeMap::from([
            (
                "duty".into(),
                vec!["dan".into(), "eva".into(), "ada".into()],
            ),
            ("silent".into(), vec!["fei".into()]),
        ]),
        schedules: BTreeMap::from([schedule("ops", ops), schedule("dba", dba)]),
    }
}

pub(super) fn known() -> Known {
    let names = |list: &[&str]| list.iter().map(|name| Arc::from(*name)).collect();
    Known {
        people: names(&PEOPLE),
        teams: BTreeMap::from([
            (
                "duty".into(),
                vec!["dan".into(), "eva".into(), "ada".into()],
            ),
            ("silent".into(), vec!["fei".into()]),
        ]),
        schedules: names(&["ops", "dba"]),
        receivers: names(&["robot", "mail"]),
        channels: names(&["sms", "voice", "wecom"]),
    }
}

pub(super) fn specs(json: &str) -> BTreeMap<Arc<str>, PolicySpec> {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

pub(super) fn policies(json: &str) -> Policies {
    Policies::new(&specs(json), &known()).unwrap_or_else(|errors| panic!("{errors:?}"))
}
