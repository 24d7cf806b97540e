use super::*;
use crate::time::Time;

fn ways(list: &[&str]) -> BTreeSet<Arc<str>> {
    list.iter().map(|way| Arc::from(*way)).collect()
}

/// The person's rules, or all that is wrong with them.
fn person(json: &str) -> Result<Person, String> {
    let spec: PersonSpec = serde_json::from_str(json).unwrap_or_else(|e| panic!("{json}: {e}"));
    Person::new(&spec, ways(&["sms", "voice", "wecom"])).map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        errors.join("; ")
    })
}

const CHEN: &str = r#"{"contact": {"critical": [{"by": "wecom"}, {"by": "sms", "after": "2m"}, {"by": "voice", "after": "5m"}],
                                   "warning": [{"by": "wecom"}]},
    "quiet": {"timezone": "Asia/Shanghai", "hours": [{"from": "22:00", "to": "07:00"}], "allow": ["wecom"]}}"#;

fn chen() -> Person {
    person(CHEN).expect("rules")
}

fn at(text: &str) -> Time {
    text.parse::<jiff::Timestamp>().expect(text).into()
}

/// What is done and when, as seconds after the page, with the ladder asked only when it wakes.
fn done(
    person: &Person,
    severity: Severity,
    paged: Time,
    contacts: &[Contact],
) -> Vec<(u64, String)> {
    let mut ladder = Ladder::new(contacts, paged);
    let mut done = Vec::new();
    while !ladder.is_done() {
        let now = ladder.wake();
        for by in ladder.contacts_due(severity, person.quiet(), now) {
            done.push((now.since(paged).as_secs(), by.to_string()));
        }
    }
    done
}

fn told(list: &[(u64, &str)]) -> Vec<(u64, String)> {
    list.iter()
        .map(|(at, by)| (*at, (*by).to_owned()))
        .collect()
}

#[test]
fn contacts_are_made_at_their_times() {
    let noon = at("2026-01-05T04:00:00Z");
    let contacts = chen().contacts(Severity::Critical);
    assert_eq!(
        done(&chen(), Severity::Critical, noon, &contacts),
        told(&[(0, "wecom"), (120, "sms"), (300, "voice")])
    );
}

#[test]
fn a_severity_without_a_list_takes_the_nearest_milder_one() {
    let channels = |severity| chen().contacts(severity).len();
    assert_eq!(Severity::ALL.map(channels), [1, 1, 1, 3]);
    let plain = person("{}").expect("rules");
    assert_eq!(plain.contacts(Severity::Info).len(), 3);
    assert_eq!(plain.contacts_by(&["voice".into(), "mail".into()]).len(), 1);
    let nobody = Person::new(&PersonSpec::default(), BTreeSet::new()).expect("rules");
    assert!(!nobody.is_reachable() && nobody.contacts(Severity::Critical).is_empty());
}

#[test]
fn quiet_hours_hold_what_wakes_and_critical_breaks_them() {
    // 23:00 in Shanghai; quiet for eight hours more.
    let night = at("2026-01-05T15:00:00Z");
    let contacts = chen().contacts(Severity::Critical);
    assert_eq!(
        done(&chen(), Severity::Error, night, &contacts),
        told(&[(0, "wecom"), (28_800, "sms"), (28_980, "voice")])
    );
    assert_eq!(
        done(&chen(), Severity::Critical, night, &contacts),
        told(&[(0, "wecom"), (120, "sms"), (300, "voice")])
    );
    for (broken_by, quiet) in [
        ("warning", [true, false, false, false]),
        ("error", [true, true, false, false]),
        ("nothing", [true; 4]),
    ] {
        let json = CHEN.replace(
            r#""allow""#,
            &format!(r#""broken_by": "{broken_by}", "allow""#),
        );
        let person = person(&json).expect("rules");
        let is_quiet = |severity| {
            person
                .quiet()
                .expect("quiet")
                .until(severity, night)
                .is_some()
        };
        assert_eq!(Severity::ALL.map(is_quiet), quiet, "{broken_by}");
    }
}

#[test]
fn what_was_late_is_not_made_up_for_in_one_burst() {
    let noon = at("2026-01-05T04:00:00Z");
    let mut ladder = Ladder::new(&chen().contacts(Severity::Critical), noon);
    let mut due = |seconds: u64| {
        let now = noon.after(Duration::from_secs(seconds));
        ladder.contacts_due(Severity::Critical, None, now).join(" ")
    };
    assert_eq!(
        [due(0), due(600), due(779), due(780)],
        ["wecom", "sms", "", "voice"]
    );
}

#[test]
fn a_failed_contact_brings_the_next_one_forward() {
    let noon = at("2026-01-05T04:00:00Z");
    let mut ladder = Ladder::new(&chen().contacts(Severity::Critical), noon);
    let after = |seconds: u64| noon.after(Duration::from_secs(seconds));
    assert_eq!(
        ladder
            .contacts_due(Severity::Critical, None, noon)
            .join(" "),
        "wecom"
    );
    ladder.hurry(after(10));
    assert_eq!(
        ladder
            .contacts_due(Severity::Critical, None, after(10))
            .join(" "),
        "sms"
    );
    assert_eq!(ladder.wake(), after(190));
    ladder.clock_moved(-3_600_000_000);
    assert_eq!(ladder.wake(), after(190).before(Duration::from_hours(1)));
    ladder.hurry(after(20));
    assert_eq!(
        ladder
            .contacts_due(Severity::Critical, None, after(20))
            .join(" "),
        "voice"
    );
    ladder.hurry(after(30));
    assert_eq!((ladder.is_done(), ladder.wake()), (true, Time::NEVER));
}

#[test]
fn rules_that_cannot_work_say_why() {
    for (json, words) in [
        (
            r#"{"contact": {"error": [{"by": "mail"}]}}"#,
            "contact: error: \"mail\" is not a way to reach them; they have sms, voice, wecom",
        ),
        (
            r#"{"contact": {"error": [{"by": "sms", "after": "25h"}]}}"#,
            "contact: error: after: \"25h\" is not a time up to 24h; write 2m",
        ),
        (
            r#"{"contact": {"error": []}}"#,
            "contact: error: 0 contacts; 1 to 16",
        ),
        (
            r#"{"quiet": {"timezone": "Asia/Peking", "hours": [{"from": "22:00", "to": "07:00"}]}}"#,
            "quiet: timezone: no time zone is called \"Asia/Peking\"; write an IANA name such as Asia/Shanghai or UTC",
        ),
        (
            r#"{"quiet": {"timezone": "UTC", "hours": []}}"#,
            "quiet: hours: 0 parts; 1 to 32",
        ),
        (
            r#"{"quiet": {"timezone": "UTC", "hours": [{"from": "22:00"}]}}"#,
            "quiet: hours: part 1: from and to belong together; leave both out for the whole day",
        ),
    ] {
        assert_eq!(person(json).expect_err(json), words);
    }
    let error = Person::new(&serde_json::from_str(CHEN).expect("spec"), BTreeSet::new())
        .expect_err("no ways");
    assert_eq!(error.len(), 4);
    assert!(
        error[0].to_string().ends_with("they have none"),
        "{}",
        error[0]
    );
}

#[test]
fn what_is_left_out_is_made_up_for_by_what_is_left() {
    let by = |contacts: Vec<Contact>| -> Vec<String> {
        contacts.iter().map(|one| one.by.to_string()).collect()
    };
    let named =
        |list: &[&str]| -> Vec<Arc<str>> { list.iter().map(|way| Arc::from(*way)).collect() };
    let without = chen().without(|way| way == "wecom");
    assert_eq!(by(without.contacts(Severity::Critical)), ["sms", "voice"]);
    let after: Vec<_> = without.contacts(Severity::Critical);
    assert_eq!(after[0].after, Duration::from_mins(2), "at its own time");
    // What is listed for a warning is WeCom alone: all that is left, at once.
    assert_eq!(by(without.contacts(Severity::Warning)), ["sms", "voice"]);
    assert_eq!(
        by(without.contacts_by(&named(&["wecom"]))),
        ["sms", "voice"]
    );
    assert_eq!(by(without.contacts_by(&named(&["wecom", "sms"]))), ["sms"]);
    assert_eq!(by(without.contacts_by(&named(&["email"]))), [""; 0]);
    assert_eq!(
        without.left_out().map(|way| &**way).collect::<Vec<_>>(),
        ["wecom"]
    );
    // Nothing is left out for good.
    assert_eq!(without.without(|_| false), chen());
    assert!(!chen().without(|_| true).is_reachable());
}
