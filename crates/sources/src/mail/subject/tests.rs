use proptest::prelude::*;
use serde_json::json;

use super::*;

fn plain(subject: &str) -> Subject {
    read(subject, &Patterns::of(&json!({})).expect("none"))
}

#[test]
fn the_two_subjects_of_each_tool_are_one_alert() {
    for (on, over, title) in [
        (
            "** PROBLEM Service Alert: db-1/Disk is CRITICAL **",
            "** RECOVERY Service Alert: db-1/Disk is OK **",
            "Service Alert: db-1/Disk is CRITICAL",
        ),
        (
            "** PROBLEM Host Alert: db-1 is DOWN **",
            "** RECOVERY Host Alert: db-1 is UP **",
            "Host Alert: db-1 is DOWN",
        ),
        (
            "[PROBLEM] Ping on db-1 is CRITICAL!",
            "[RECOVERY] Ping on db-1 is OK!",
            "Ping on db-1 is CRITICAL",
        ),
        (
            "Problem: Disk full on db-1",
            "Resolved in 4m 10s: Disk full on db-1",
            "Disk full on db-1",
        ),
        (
            "[FIRING:2] DiskFull (db-1)",
            "[RESOLVED] DiskFull (db-1)",
            "DiskFull (db-1)",
        ),
        (
            "[FIRING:1, RESOLVED:1] DiskFull",
            "[RESOLVED:2] DiskFull",
            "DiskFull",
        ),
        (
            "ALARM: \"cpu high\" in EU (Ireland)",
            "OK: \"cpu high\" in EU (Ireland)",
            "\"cpu high\" in EU (Ireland)",
        ),
        ("[Alerting] CPU of web", "[OK] CPU of web", "CPU of web"),
        ("[ALERT] db-1 is DOWN", "[ALERT] db-1 is UP", "db-1 is DOWN"),
        ("DOWN: shop", "UP: shop", "shop"),
        (
            "【告警】磁盘已满 db-1",
            "【恢复】磁盘已满 db-1",
            "磁盘已满 db-1",
        ),
        ("故障：磁盘已满", "恢复：磁盘已满", "磁盘已满"),
        ("Fwd: PROBLEM: ping", "RE: [RESOLVED] ping", "ping"),
    ] {
        // A lone 告警 in brackets is an alarm that heads the subject.
        let (first, last) = (plain(on), plain(over));
        assert_eq!(first.state, Some(State::Firing), "{on}");
        assert_eq!(last.state, Some(State::Resolved), "{over}");
        assert_eq!(first.key, last.key, "{on} / {over}");
        assert_eq!(first.title, title, "{on}");
    }
}

#[test]
fn what_is_no_mark_is_told_once() {
    for subject in [
        "Backup of db-1 done",
        "Nightly backup OK",
        "BACK UP FAILED on nas",
        "Open the door",
        "Problem solving workshop",
        "Cron <root@db-1> /usr/bin/backup",
        "[CRITICAL] disk full",
        "Updated problem in 5m: disk",
        "the alarm clock",
        "磁盘告警",
        "!!!",
    ] {
        let read = plain(subject);
        assert_eq!((read.state, read.title.as_str()), (None, subject));
    }
}

#[test]
fn an_end_that_is_in_doubt_is_none() {
    for subject in [
        "[ALERT] BACK UP FAILED on nas",
        "ALERT: link DOWN, spare OK",
    ] {
        assert_eq!(plain(subject).state, Some(State::Firing), "{subject}");
    }
}

#[test]
fn severity_is_what_a_mark_says() {
    for (subject, severity) in [
        (
            "** PROBLEM Service Alert: a/b is WARNING **",
            Some(Severity::Warning),
        ),
        (
            "** PROBLEM Service Alert: a/b is CRITICAL **",
            Some(Severity::Critical),
        ),
        ("[CRITICAL] disk full", Some(Severity::Critical)),
        ("PROBLEM: a critical review", None),
        ("[RESOLVED] CRITICAL disk", None),
    ] {
        assert_eq!(plain(subject).severity, severity, "{subject}");
    }
}

#[test]
fn an_operator_s_patterns_come_first_and_are_no_part_of_the_name() {
    let options = json!({
        "firing": ["resource limit matched", "does not exist"],
        "resolved": ["resource limit succeeded", " exists$"],
    });
    let patterns = Patterns::of(&options).expect("good");
    let on = read("monit alert -- Resource limit matched nginx", &patterns);
    let over = read("monit alert -- Resource limit succeeded nginx", &patterns);
    assert_eq!(
        (on.state, over.state),
        (Some(State::Firing), Some(State::Resolved))
    );
    assert_eq!(on.key, over.key);
    let both = json!({"resolved": ["problem is over"]});
    let read = read("PROBLEM is over: x", &Patterns::of(&both).expect("good"));
    assert_eq!(
        (read.state, read.title.as_str()),
        (Some(State::Resolved), "x")
    );
    let wrong = Patterns::of(&json!({"firing": ["("]})).err();
    assert_eq!(
        wrong.as_deref(),
        Some("firing: \"(\" is no regular expression")
    );
}

proptest! {
    #[test]
    fn any_subject_is_read_and_has_a_title(subject in "\\PC{1,80}") {
        let read = plain(&subject);
        prop_assert!(!read.title.is_empty() || subject.trim().is_empty());
    }

    /// Whatever stands after the mark is the alert, whichever the mark.
    #[test]
    fn the_mark_alone_makes_the_difference(thing in "[a-z]{3,8}( [a-z0-9-]{1,8}){0,4}") {
        let keys: Vec<String> = ["PROBLEM: ", "RESOLVED: ", "[FIRING:3] ", "[OK] ", "OK: ", "** RECOVERY "]
            .iter()
            .map(|mark| plain(&format!("{mark}{thing}")).key)
            .collect();
        prop_assert!(keys.windows(2).all(|pair| pair[0] == pair[1]), "{:?}", keys);
    }
}
