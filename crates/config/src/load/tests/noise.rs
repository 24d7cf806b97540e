//! What routes do against noise, and where mails are taken.

use std::time::Duration;

use balefire_core::route::{Backoff, Flapping};

use super::*;

const TAIL: &str = "\nreceivers: [{name: a, inbox_configs: [{}]}]\n";

fn route(words: &str) -> Loaded {
    good(&format!("route: {{receiver: a{words}}}{TAIL}"))
}

#[test]
fn it_is_off_unless_asked_for_and_children_inherit_it() {
    let noise = |loaded: &Loaded, index: usize| loaded.plan.routes.routes()[index].noise;
    assert_eq!(noise(&route(""), 0).flapping(), None);
    assert_eq!(noise(&route(""), 0).backoff, None);
    let loaded = route(
        ", flapping: {}, repeat_backoff: {factor: 1.5}, routes: [{matchers: [a=b]}, {matchers: [a=c], flapping: {starts: 0}}]",
    );
    let hour = Duration::from_hours(1);
    let usual = Flapping {
        starts: 4,
        within: hour,
        hold: Duration::from_mins(10),
    };
    let growing = Backoff {
        percent: 150,
        longest: Duration::from_hours(24),
    };
    for index in [0, 1] {
        assert_eq!(noise(&loaded, index).flapping(), Some(usual));
        assert_eq!(noise(&loaded, index).backoff, Some(growing));
    }
    assert_eq!(noise(&loaded, 2).flapping(), None);
    // Alertmanager's tools read this and refuse keys that they do not know.
    let shown = &loaded.plan.alertmanager_yaml;
    assert!(
        !shown.contains("flapping") && !shown.contains("backoff"),
        "{shown}"
    );
}

#[test]
fn people_are_told_once_a_minute_in_a_storm_unless_the_document_says_otherwise() {
    let bound = |words: &str| {
        let loaded = good(&format!("{words}route: {{receiver: a}}{TAIL}"));
        loaded
            .plan
            .storm
            .map(|bound| (bound.every.as_secs(), bound.at_once))
    };
    assert_eq!(bound(""), Some((60, 1)));
    assert_eq!(bound("storm: {every: 5m, at_once: 3}\n"), Some((300, 3)));
    assert_eq!(bound("storm: {at_once: 0}\n"), None);
    let words = format!("storm: {{every: 2h}}\nroute: {{receiver: a}}{TAIL}");
    insta::assert_snapshot!(bad(&words), @r#"balefire.yml:1:16: storm.every: "2h" is no time between two messages; write 1s to 1h, or at_once: 0 to tell everything at once"#);
}

#[test]
fn what_cannot_be_meant_is_named() {
    let words = "route: {receiver: a, flapping: {starts: 1, within: 5m, hold: 6m}, repeat_backoff: {factor: 0.5}}";
    insta::assert_snapshot!(bad(&format!("{words}{TAIL}")), @r#"
balefire.yml:1:41: route.flapping.starts: every alert begins once; write 2 or more, or 0 to switch it off
balefire.yml:1:62: route.flapping.hold: "6m" is longer than within; by then nothing would count as flapping any more
balefire.yml:1:92: route.repeat_backoff.factor: "0.5" is no factor to wait longer by; write 1 to 10
"#);
    let mails = "server: {smtp: {listen: nowhere, networks: [moon], tls: required}}\n\
        sources: {m: {kind: mail, firing: ['(']}}\nroute: {receiver: a}";
    insta::assert_snapshot!(bad(&format!("{mails}{TAIL}")), @r#"
balefire.yml:1:25: server.smtp.listen: "nowhere" is not an address to listen at; write address:port, as in 127.0.0.1:9119, or :9119 for all addresses
balefire.yml:1:45: server.smtp.networks[0]: "moon" is not a network; write 10.0.0.0/8, 192.0.2.7, fd00::/8, loopback or private
balefire.yml:1:57: server.smtp.tls: STARTTLS takes a certificate, and there is none; set server.tls
balefire.yml:2:11: sources.m: firing: "(" is no regular expression; patterns are regular expressions; write a backslash before a character that is meant as it is
"#);
}

#[test]
fn mails_are_taken_from_near_by_unless_said_otherwise() {
    let smtp = |words: &str| {
        let loaded = good(&format!(
            "server: {{{words}}}\nroute: {{receiver: a}}{TAIL}"
        ));
        loaded.plan.server.smtp
    };
    assert!(smtp("listen: 127.0.0.1:1").is_none());
    let near = smtp("smtp: {listen: ':2525'}").expect("a listener");
    assert!(near.networks.iter().any(|net| net == "10.0.0.0/8") && !near.tls_required);
    let all = smtp("smtp: {listen: ':2525', networks: [0.0.0.0/0]}").expect("a listener");
    assert_eq!(all.networks, ["0.0.0.0/0"]);
}
