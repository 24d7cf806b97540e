mod alarm_v2;
mod alertmanager;
mod broken;
mod calls;
mod dial;
mod escalations;
mod forward;
mod heartbeats;
mod legacy;
mod local;
mod monitors;
mod noise;
mod ours;
mod quiet;
mod reach;
mod schedules;
mod secrets;
mod users;
mod wild;

use std::collections::BTreeMap;

use super::*;

/// What a document loads to, or all its problems as one text.
fn read(text: &str) -> Result<Loaded, String> {
    read_with(text, &BTreeMap::new())
}

fn read_with(text: &str, env: &BTreeMap<String, String>) -> Result<Loaded, String> {
    load(text, "balefire.yml", env).map_err(|problems| lines(&problems))
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().fold(String::new(), |text, problem| {
        text + &problem.to_string() + "\n"
    })
}

fn good(text: &str) -> Loaded {
    match read(text) {
        Ok(loaded) => loaded,
        Err(problems) => panic!("{problems}"),
    }
}

fn bad(text: &str) -> String {
    read(text).err().unwrap_or_default()
}

fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn the_document_for_no_document_loads() {
    let loaded = good(default_document());
    assert_eq!(loaded.summary.integrations, 1);
    assert_eq!(loaded.warnings, []);
    let receiver = &loaded.plan.receivers[0];
    assert_eq!(&*receiver.name, "inbox");
    assert_eq!(receiver.integrations[0].account, None);
    assert_eq!(loaded.plan.server.listen.to_string(), "127.0.0.1:9119");
    assert_eq!(loaded.plan.server.external_url, "http://127.0.0.1:9119");
    assert_eq!(loaded.plan.version.len(), 16);
}

#[test]
fn a_changed_secret_is_another_version() {
    let text = "route: {receiver: a}\nreceivers: [{name: a}]\nmeta: {heartbeat_url: 'http://x/${env:KEY}'}\n";
    let version = |key: &str| {
        let loaded = read_with(text, &env(&[("KEY", key)])).map_err(|e| e.clone());
        loaded.map(|loaded| loaded.plan.version.to_string())
    };
    assert_eq!(version("one"), version("one"));
    assert_ne!(version("one"), version("two"));
    assert!(version("one").is_ok());
}

#[test]
fn the_summary_counts_everything() {
    let summary = Summary {
        routes: 12,
        receivers: 3,
        integrations: 104,
        people: 1,
        ..Summary::default()
    };
    let lines = "   12 routes\n    3 receivers\n  104 integrations\n    1 person\n";
    assert_eq!(summary.to_string(), lines);
    let line = good(
        "people: {ada: {}}\nescalations: {line: {steps: [{notify: [{person: ada}]}]}}\nreceivers: [{name: a}]\nroute: {receiver: a}\n",
    );
    assert_eq!(line.summary.escalations, 1);
    let least = good(default_document()).summary.to_string();
    assert_eq!(least, "  1 route\n  1 receiver\n  1 integration\n");
}
