use super::*;

/// One escalation, looked at whenever it wakes.
struct One {
    directory: Directory,
    escalation: Escalation,
}

impl One {
    fn new(policy: &str) -> Self {
        Self::at(policy, Severity::Critical, secs(0))
    }

    fn at(policy: &str, severity: Severity, now: Time) -> Self {
        let json = format!(
            r#"{{"p": {policy}, "late": {{"steps": [{{"notify": [{{"receiver": "mail"}}]}}]}}}}"#
        );
        let escalation = Escalation::start("p", facts(1, severity, now), now);
        Self {
            directory: directory(policies(&json)),
            escalation,
        }
    }

    /// What is done until a moment, with the seconds since the start.
    fn run(&mut self, until: u64) -> Vec<String> {
        let start = self.escalation.facts().opened;
        let until = start.after(Duration::from_secs(until));
        let mut told = Vec::new();
        while self.escalation.wake() <= until {
            let now = self.escalation.wake();
            let second = now.since(start).as_secs();
            let actions = self.escalation.due(&self.directory, now);
            told.extend(
                actions
                    .iter()
                    .map(|action| format!("{second} {}", words(action))),
            );
            assert_eq!(
                self.escalation.due(&self.directory, now),
                [],
                "nothing more at {second}"
            );
        }
        told
    }

    fn apply(&mut self, second: u64, event: &Event) -> bool {
        let now = self
            .escalation
            .facts()
            .opened
            .after(Duration::from_secs(second));
        self.escalation.apply(event, &self.directory, now)
    }

    fn ack(&mut self, second: u64, who: &str) -> bool {
        self.apply(second, &Event::Acknowledged { who: who.into() })
    }

    fn receipt(&mut self, second: u64, person: &str, by: &str, receipt: Receipt) -> bool {
        let (person, by) = (person.into(), by.into());
        self.apply(
            second,
            &Event::Receipt {
                person,
                by,
                receipt,
            },
        )
    }
}

const TWO: &str = r#"{"steps": [{"notify": [{"schedule": "ops"}], "by": ["wecom", "sms"], "wait": "5m"},
                                {"notify": [{"person": "cai"}, {"receiver": "robot"}], "by": ["voice"], "wait": "10m"}],
                      "repeat": 1}"#;

#[test]
fn unanswered_steps_follow_each_other_until_nobody_is_left() {
    assert_eq!(
        One::new(TWO).run(10_000),
        [
            "0 ada by wecom+sms for [1]",
            "300 tell robot of 1",
            "300 cai by voice for [1]",
            "900 ada by wecom+sms for [1]",
            "1200 tell robot of 1",
            "1200 cai by voice for [1]",
            "1800 exhausted 1: NotAnswered",
        ]
    );
}

#[test]
fn an_acknowledgement_ends_it() {
    let mut one = One::new(TWO);
    assert_eq!(one.run(299).len(), 1);
    assert!(one.ack(299, "ada"));
    assert_eq!(one.run(100_000), [""; 0]);
    assert_eq!(
        (one.escalation.state(), one.escalation.wake()),
        (State::Acknowledged, Time::NEVER)
    );
    assert!(!one.ack(400, "ada"), "twice is once");
    assert!(
        one.apply(500, &Event::Resolved)
            && !one.ack(501, "bob")
            && !one.apply(502, &Event::EscalateNow)
    );
    assert!(one.apply(600, &Event::Reopened));
    assert_eq!(one.run(600), ["600 ada by wecom+sms for [1]"]);
}

#[test]
fn own_contacts_go_on_through_the_steps_and_end_with_the_answer() {
    let mut one = One::new(
        r#"{"steps": [{"notify": [{"person": "ada"}], "wait": "3m"}, {"notify": [{"schedule": "ops"}, {"person": "dan"}], "wait": "3m"}]}"#,
    );
    assert_eq!(
        one.run(300),
        [
            "0 ada by wecom for [1]",
            "120 ada by sms for [1]",
            "180 dan by sms+wecom for [1]"
        ]
    );
    assert_eq!(
        one.run(360),
        ["360 exhausted 1: NotAnswered", "360 ada by voice for [1]"]
    );
    assert!(one.ack(361, "dan"));
    assert_eq!(one.escalation.state(), State::Acknowledged);
}

#[test]
fn as_many_as_are_needed_must_acknowledge_and_those_who_have_are_left_alone() {
    let mut one = One::new(
        r#"{"needs": 2, "steps": [{"notify": [{"team": "duty"}], "by": ["sms"], "wait": "1m"}, {"notify": [{"person": "ada"}], "wait": "1m"}, {"notify": [{"team": "duty"}], "by": ["voice"], "wait": "1m"}]}"#,
    );
    assert_eq!(one.run(0).len(), 3);
    assert!(one.ack(10, "ada"));
    assert_eq!(
        one.run(119),
        [
            "60 pass 0/1 of 1: AllAcknowledged",
            "60 eva by voice for [1]"
        ]
    );
    assert_eq!(one.escalation.acknowledged().count(), 1);
    assert!(one.ack(119, "eva"));
    assert_eq!(one.run(100_000), [""; 0]);
}

#[test]
fn steps_for_nobody_are_passed_over_at_once() {
    let mut one = One::new(
        r#"{"repeat": 3, "then": "late", "steps": [{"notify": [{"schedule": "dba"}]}, {"notify": [{"team": "silent"}]}, {"notify": [{"person": "cai"}], "by": ["sms"]}, {"notify": [{"person": "ada"}], "when": {"within": [{"years": ["2020"]}]}}]}"#,
    );
    assert_eq!(
        one.run(1_000),
        [
            "0 pass 0/0 of 1: NobodyThere",
            "0 pass 0/1 of 1: NobodyReachable",
            "0 pass 0/2 of 1: NobodyReachable",
            "0 pass 0/3 of 1: Condition",
            "0 tell mail of 1",
            "300 exhausted 1: NotAnswered",
        ]
    );
    let mut nobody = One::new(r#"{"repeat": 3, "steps": [{"notify": [{"schedule": "dba"}]}]}"#);
    assert_eq!(
        nobody.run(1_000),
        [
            "0 pass 0/0 of 1: NobodyThere",
            "0 exhausted 1: NobodyToTell"
        ]
    );
}

#[test]
fn conditions_look_at_severity_and_time() {
    let policy = r#"{"steps": [{"notify": [{"receiver": "mail"}], "wait": "1m"}, {"notify": [{"receiver": "robot"}], "when": {"severity": "critical"}, "wait": "1m"}]}"#;
    let mut mild = One::at(policy, Severity::Error, secs(0));
    assert_eq!(
        mild.run(100_000),
        [
            "0 tell mail of 1",
            "60 pass 0/1 of 1: Condition",
            "60 exhausted 1: NotAnswered"
        ]
    );
    let mut worse = One::at(policy, Severity::Error, secs(0));
    assert_eq!(worse.run(0).len(), 1);
    assert!(worse.apply(30, &Event::Severity(Severity::Critical)));
    assert!(!worse.apply(31, &Event::Severity(Severity::Critical)));
    assert_eq!(worse.run(60), ["60 tell robot of 1"]);
}

#[test]
fn a_round_robin_step_pages_the_next_one_with_each_incident_and_round() {
    let policy = r#"{"p": {"repeat": 3, "steps": [{"notify": [{"team": "duty"}], "page": "round_robin", "by": ["sms"]}]}}"#;
    let directory = directory(policies(policy));
    let first = |incident: u64| {
        let mut one = Escalation::start("p", facts(incident, Severity::Error, secs(0)), secs(0));
        words(&one.due(&directory, secs(0))[0]).chars().next()
    };
    assert_eq!(
        [3, 4, 5, 6].map(first),
        [Some('d'), Some('e'), Some('a'), Some('d')]
    );
    let mut one = One::new(&policy[6..policy.len() - 1]);
    let who: Vec<_> = one
        .run(1_199)
        .iter()
        .map(|told| told.split(' ').nth(1).unwrap_or("").to_owned())
        .collect();
    assert_eq!(who, ["eva", "ada", "dan", "eva"]);
}

#[test]
fn a_snooze_ends_contacts_and_begins_anew_unless_it_is_over() {
    let mut one = One::new(TWO);
    assert_eq!(one.run(310).len(), 3);
    let until = secs(3_600);
    assert!(!one.apply(320, &Event::Snoozed { until: secs(320) }));
    assert!(one.apply(320, &Event::Snoozed { until }));
    assert_eq!(one.run(3_599), [""; 0]);
    assert_eq!(one.run(3_600), ["3600 ada by wecom+sms for [1]"]);
    assert!(one.apply(3_610, &Event::Snoozed { until: secs(7_200) }));
    assert!(one.apply(3_620, &Event::Resolved));
    assert_eq!(one.run(100_000), [""; 0]);
}

#[test]
fn those_it_is_given_to_are_paged_and_the_steps_follow() {
    let mut one = One::new(TWO);
    assert_eq!(one.run(0).len(), 1);
    assert!(one.ack(10, "ada"));
    let to = vec![Notify::Person("eva".into())];
    assert!(one.apply(20, &Event::Reassigned { to }));
    assert_eq!(
        one.run(400),
        [
            "20 eva by wecom for [1]",
            "140 eva by sms for [1]",
            "320 tell robot of 1",
            "320 cai by voice for [1]",
            "380 eva by voice for [1]"
        ]
    );
    let to = vec![Notify::Team("silent".into())];
    assert!(one.apply(500, &Event::Reassigned { to }));
    assert_eq!(
        one.run(500),
        ["500 ada by wecom+sms for [1]"],
        "nobody there: the next step"
    );
}

#[test]
fn a_person_can_ask_for_the_next_step() {
    let mut one = One::new(TWO);
    assert_eq!(one.run(0).len(), 1);
    assert!(one.apply(10, &Event::EscalateNow));
    assert_eq!(
        one.run(10),
        ["10 tell robot of 1", "10 cai by voice for [1]"]
    );
    assert!(one.ack(20, "cai") && one.apply(30, &Event::EscalateNow));
    assert_eq!(one.run(30), ["30 ada by wecom+sms for [1]"]);
    assert!(
        one.run(100_000)
            .ends_with(&["930 exhausted 1: NotAnswered".to_owned()])
    );
    assert!(one.apply(2_000, &Event::EscalateNow));
    assert_eq!(one.run(2_000), ["2000 ada by wecom+sms for [1]"]);
}

#[test]
fn failures_hurry_and_silence_does_not_hold_up() {
    let mut one = One::new(
        r#"{"steps": [{"notify": [{"person": "ada"}]}, {"notify": [{"person": "cai"}]}]}"#,
    );
    assert_eq!(one.run(0), ["0 ada by wecom for [1]"]);
    assert!(!one.receipt(1, "ada", "wecom", Receipt::Delivered));
    assert!(
        !one.receipt(1, "ada", "sms", Receipt::Failed),
        "it was not made yet"
    );
    assert!(one.receipt(5, "ada", "wecom", Receipt::Failed));
    assert!(
        !one.receipt(6, "ada", "wecom", Receipt::Failed),
        "twice is once"
    );
    assert_eq!(one.run(5), ["5 ada by sms for [1]"]);
    assert!(one.receipt(8, "ada", "sms", Receipt::Failed));
    assert_eq!(one.run(8), ["8 ada by voice for [1]"]);
    assert!(one.receipt(40, "ada", "voice", Receipt::Failed));
    assert_eq!(
        one.run(40),
        ["40 cai by voice for [1]"],
        "nobody of the step is left"
    );
    assert_eq!(
        one.run(340),
        ["340 exhausted 1: NotAnswered"],
        "no receipt ever came"
    );
}

#[test]
fn who_declines_is_not_contacted_again_and_all_declining_is_an_answer() {
    let mut one = One::new(
        r#"{"steps": [{"notify": [{"person": "ada"}, {"person": "dan"}]}, {"notify": [{"person": "cai"}]}]}"#,
    );
    assert_eq!(one.run(0).len(), 2);
    assert!(one.receipt(5, "ada", "wecom", Receipt::Declined));
    assert_eq!(one.run(200), [""; 0]);
    assert!(one.receipt(200, "dan", "sms", Receipt::Declined));
    assert_eq!(one.run(200), ["200 cai by voice for [1]"]);
}

#[test]
fn quiet_hours_hold_a_page_until_they_end_unless_it_is_critical() {
    let policy = r#"{"steps": [{"notify": [{"person": "bob"}], "wait": "12h"}]}"#;
    // 23:00 in Shanghai.
    let night = secs(11 * 3_600);
    let mut error = One::at(policy, Severity::Error, night);
    assert_eq!(
        error.run(40_000),
        [
            "0 take 0/0 of 1",
            "28800 bob by sms for [1]",
            "28860 bob by voice for [1]"
        ]
    );
    let mut critical = One::at(policy, Severity::Critical, night);
    assert_eq!(
        critical.run(40_000),
        ["0 bob by sms for [1]", "60 bob by voice for [1]"]
    );
}

#[test]
fn what_becomes_critical_in_quiet_hours_breaks_them() {
    let night = secs(11 * 3_600);
    let policy = r#"{"steps": [{"notify": [{"person": "bob"}], "wait": "12h"}]}"#;
    let mut one = One::at(policy, Severity::Warning, night);
    assert_eq!(one.run(1_800), ["0 take 0/0 of 1"]);
    assert!(one.apply(1_800, &Event::Severity(Severity::Error)));
    assert_eq!(one.run(1_900), [""; 0], "still quiet");
    let ahead: Vec<_> = one
        .escalation
        .under_way()
        .map(|(who, at)| (who.to_string(), at))
        .collect();
    assert_eq!(
        ahead,
        [("bob".to_owned(), night.after(Duration::from_hours(8)))]
    );
    assert!(one.apply(1_900, &Event::Severity(Severity::Critical)));
    assert_eq!(
        one.run(2_000),
        ["1900 bob by sms for [1]", "1960 bob by voice for [1]"]
    );
}

#[test]
fn a_standstill_costs_one_step_and_no_burst() {
    let mut one = One::new(TWO);
    assert_eq!(one.run(0).len(), 1);
    let late = one.escalation.due(&one.directory, secs(7_200));
    assert_eq!(
        late.iter().map(words).collect::<Vec<_>>(),
        ["tell robot of 1", "cai by voice for [1]"]
    );
    assert_eq!(
        one.escalation.wake(),
        secs(7_800),
        "the wait is counted from then"
    );
}

#[test]
fn a_clock_that_is_set_back_takes_the_waits_with_it() {
    let mut one = One::new(TWO);
    assert_eq!(one.run(0).len(), 1);
    assert_eq!(one.escalation.due(&one.directory, secs(100)), []);
    let back = Time::from_secs(secs(100).secs() - 3_600);
    assert_eq!(one.escalation.due(&one.directory, back), []);
    assert_eq!(one.escalation.wake(), back.after(Duration::from_secs(200)));
    one.escalation.clock_moved(3_600_000_000);
    assert_eq!(one.escalation.wake(), secs(300));
}

#[test]
fn a_policy_that_is_gone_is_said() {
    let mut one = One::new(TWO);
    assert_eq!(one.run(0).len(), 1);
    one.directory.policies = Policies::default();
    assert_eq!(one.run(300), ["300 exhausted 1: PolicyGone"]);
    let mut one = One::new(TWO);
    assert_eq!(one.run(0).len(), 1);
    one.directory.policies = policies(r#"{"p": {"steps": [{"notify": [{"receiver": "mail"}]}]}}"#);
    assert_eq!(
        one.run(300),
        ["300 exhausted 1: NotAnswered"],
        "the step is gone"
    );
}

#[test]
fn many_incidents_are_one_page_for_each_person_the_worst_first() {
    let directory = directory(policies(&format!(r#"{{"p": {TWO}}}"#)));
    let mut all = Escalations::default();
    for (incident, severity, opened) in [
        (1, Severity::Warning, 50),
        (2, Severity::Critical, 10),
        (3, Severity::Critical, 20),
        (4, Severity::Error, 60),
    ] {
        let facts = facts(incident, severity, secs(opened));
        all.insert(Escalation::start("p", facts, secs(opened)));
    }
    assert_eq!(all.wake(), secs(10));
    all.clock_moved(5_000_000);
    assert_eq!(all.wake(), secs(15));
    let told: Vec<_> = all.due(&directory, secs(100)).iter().map(words).collect();
    assert_eq!(told, ["ada by wecom+sms for [3, 2, 4, 1]"]);
    assert!(all.apply(2, &Event::Resolved, &directory, secs(110)));
    assert!(!all.apply(9, &Event::Resolved, &directory, secs(110)));
    let told: Vec<_> = all.due(&directory, secs(9_000)).iter().map(words).collect();
    assert_eq!(
        told,
        [
            "tell robot of 3",
            "cai by voice for [3, 4, 1]",
            "tell robot of 4",
            "tell robot of 1"
        ]
    );
    assert_eq!(all.remove(2).map(|one| one.state()), Some(State::Resolved));
    assert_eq!((all.iter().count(), all.get(2)), (3, None));
}
