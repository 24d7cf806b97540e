use super::world::{known, specs};
use super::*;

fn errors(json: &str) -> Vec<String> {
    let errors = Policies::new(&specs(json), &known()).expect_err(json);
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn fallbacks_that_go_round_are_refused_once() {
    let step = r#""steps": [{"notify": [{"person": "ada"}]}]"#;
    let chain = |links: &[(&str, &str)]| {
        let policies = links
            .iter()
            .map(|(name, then)| format!(r#""{name}": {{{step}, "then": "{then}"}}"#));
        format!("{{{}}}", policies.collect::<Vec<_>>().join(","))
    };
    assert_eq!(
        errors(&chain(&[("a", "a")])),
        [
            r#"escalations: then: a leads back to "a", so that it would never end; take one of them out"#
        ]
    );
    assert_eq!(
        errors(&chain(&[
            ("d", "c"),
            ("c", "b"),
            ("b", "e"),
            ("e", "c"),
            ("z", "d")
        ])),
        [
            r#"escalations: then: b → e → c leads back to "b", so that it would never end; take one of them out"#
        ]
    );
    assert_eq!(
        errors(&chain(&[("a", "b"), ("b", "x")])),
        [r#"escalation "b": then: no escalation is called "x"; add it, or mend the name"#]
    );
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    assert_eq!(
        errors(
            r#"{"p": {"repeat": 10, "steps": [
                {"notify": [{"person": "zoe"}, {"team": "x"}, {"schedule": "y"}, {"receiver": "z"}], "by": ["pigeon"], "wait": "4s"},
                {"notify": [], "wait": "soon"},
                {"notify": [{"receiver": "mail"}], "by": ["sms"]},
                {"notify": [{"receiver": "mail"}], "when": {"within": []}}]},
               "q": {"steps": []}}"#
        ),
        [
            r#"escalation "p": repeat: 10 is more than 9"#,
            r#"escalation "p": step 1: no person is called "zoe"; add it, or mend the name"#,
            r#"escalation "p": step 1: no team is called "x"; add it, or mend the name"#,
            r#"escalation "p": step 1: no schedule is called "y"; add it, or mend the name"#,
            r#"escalation "p": step 1: no receiver is called "z"; add it, or mend the name"#,
            r#"escalation "p": step 1: no channel is called "pigeon"; add it, or mend the name"#,
            r#"escalation "p": step 1: wait: "4s" is not a time from 5s to 7d; write 5m"#,
            r#"escalation "p": step 2: notify: 0 entries; 1 to 50"#,
            r#"escalation "p": step 2: wait: "soon" is not a time from 5s to 7d; write 5m"#,
            r#"escalation "p": step 3: by and page choose how people are reached, and there are only receivers; leave them out"#,
            r#"escalation "p": step 4: when: within: no interval, so that it would never be taken; leave it out for always"#,
            r#"escalation "q": steps: 0 steps; 1 to 50"#,
        ]
    );
}

#[test]
fn more_acknowledgements_than_people_are_refused() {
    let needs = |needs: u32, notify: &str| {
        format!(r#"{{"p": {{"needs": {needs}, "steps": [{{"notify": [{notify}]}}]}}}}"#)
    };
    let two = r#"{"person": "ada"}, {"person": "bob"}, {"person": "ada"}"#;
    assert_eq!(
        errors(&needs(3, two)),
        [
            r#"escalation "p": needs: 3 people must acknowledge, but its steps name 2; write less, or name more people"#
        ]
    );
    assert_eq!(
        errors(&needs(0, r#"{"schedule": "ops"}"#)),
        [
            r#"escalation "p": needs: 0 people must acknowledge, but 1 to 20 can be asked for; write less, or name more people"#
        ]
    );
    for good in [
        needs(2, two),
        needs(5, r#"{"schedule": "ops"}"#),
        needs(3, r#"{"team": "duty"}"#),
    ] {
        assert!(Policies::new(&specs(&good), &known()).is_ok(), "{good}");
    }
}

#[test]
fn a_policy_reads_and_prints_as_it_is_written() {
    let json = r#"{"p":{"steps":[{"notify":[{"schedule":"ops"},{"receiver":"mail"}],"by":["sms"],"wait":"5m","when":{"severity":"error","within":[{"weekdays":["monday:friday"]}]},"page":"round_robin"}],"repeat":2,"needs":1,"then":"q"}}"#;
    assert_eq!(serde_json::to_string(&specs(json)).expect("json"), json);
    assert!(serde_json::from_str::<PolicySpec>(r#"{"steps": [], "step": []}"#).is_err());
}
