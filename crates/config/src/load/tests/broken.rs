//! Broken documents with everything that is told about them.

use super::*;

#[test]
fn names_that_lead_nowhere() {
    insta::assert_snapshot!(bad(r#"
route:
  receiver: pgaer
  routes:
  - receiver: database
    matchers: [team="db"]
    mute_time_intervals: [nights, weekend]
receivers:
- name: pager
  fallback: databse
  webhook_configs:
  - {account: hok, mention: [chen-mni, oncall, all], message: shrot}
- name: database
accounts:
  hook: {kind: webhook, url: "https://example.com"}
people:
  chen-min: {name: 陈敏}
messages:
  short: {title: "{{ alerts|length }}"}
time_intervals:
- name: night
meta: {receiver: ops}
"#), @r#"
balefire.yml:3:13: route.receiver: no receiver is named "pgaer"; did you mean "pager"?
balefire.yml:7:27: route.routes[0].mute_time_intervals[0]: no time interval is named "nights"; did you mean "night"?
balefire.yml:7:35: route.routes[0].mute_time_intervals[1]: no time interval is named "weekend"; known: night
balefire.yml:10:13: receivers[0].fallback: no receiver is named "databse"; did you mean "database"?
balefire.yml:12:15: receivers[0].webhook_configs[0].account: no account is named "hok"; did you mean "hook"?
balefire.yml:12:29: receivers[0].webhook_configs[0].mention: no person is named "chen-mni"; did you mean "chen-min"?
balefire.yml:12:29: receivers[0].webhook_configs[0].mention: nobody is on call: there are no schedules; add one under schedules, or name people
balefire.yml:12:63: receivers[0].webhook_configs[0].message: no message is named "shrot"; did you mean "short"?
balefire.yml:22:18: meta.receiver: no receiver is named "ops"; known: database, pager
"#);
}

#[test]
fn names_that_are_given_twice() {
    insta::assert_snapshot!(bad(r"
route: {receiver: a, group_by: [x, y, x]}
receivers:
- name: a
- name: b
- name: a
time_intervals: [{name: night}, {name: night}]
mute_time_intervals: [{name: night}]
global: {resolve_timeout: 5m, resolve_timeout: 6m}
"), @r#"
balefire.yml:2:39: route.group_by[2]: the label "x" stands here twice
balefire.yml:6:9: receivers[2].name: a second receiver is named "a"; the first is at line 4
balefire.yml:7:40: time_intervals[1].name: a second time interval is named "night"; the first is at line 7
balefire.yml:8:30: mute_time_intervals[0].name: a second time interval is named "night"; the first is at line 7
balefire.yml:9:31: the key "resolve_timeout" stands here a second time; the first is at line 9
"#);
}

#[test]
fn keys_that_are_unknown_missing_or_not_here_yet() {
    insta::assert_snapshot!(bad(r#"
globl: {}
reminders: {}
route:
  reciever: a
  routs: []
receivers:
- nam: a
- name: b
  victorops_configs: [{api_key: x}]
  webhok_configs: []
  escalation: x
accounts:
  hook: {url: "https://example.com"}
  other: {kind: webhok}
  mine: {kind: inbox}
  long: {kind: webhook, timeout: 1h, concurrency: 0, uri: x}
sources:
  grafana-main: {kind: grafanna}
  inbox: {kind: text}
  "a/b": {kind: text, tokne: x}
people: {all: {name: All}}
"#), @r#"
balefire.yml:2:1: globl: unknown key; did you mean "global"?
balefire.yml:3:1: reminders: this release does not have it yet
balefire.yml:5:3: route: the root route needs a receiver; it takes what no other route takes
balefire.yml:5:3: route.reciever: unknown key; did you mean "receiver"?
balefire.yml:6:3: route.routs: unknown key; did you mean "routes"?
balefire.yml:8:3: receivers[0]: the key "name" is missing; it says: the name that routes use
balefire.yml:8:3: receivers[0].nam: unknown key; did you mean "name"?
balefire.yml:10:3: receivers[1].victorops_configs: this release does not have it yet; webhook_configs can hand its alerts on
balefire.yml:11:3: receivers[1].webhok_configs: unknown key; did you mean "webhook_configs"?
balefire.yml:12:15: receivers[1].escalation: no escalation is named "x"
balefire.yml:14:9: accounts.hook: the key "kind" is missing; it says: what it is an account of
balefire.yml:15:17: accounts.other.kind: "webhok" is no kind of account; did you mean "webhook"?
balefire.yml:16:16: accounts.mine.kind: "inbox" needs no account; write inbox_configs: [{}]
balefire.yml:17:34: accounts.long.timeout: a try takes between 100ms and 5m; the kind's own is 10s
balefire.yml:17:51: accounts.long.concurrency: 0 is too small; the least is 1
balefire.yml:17:54: accounts.long.uri: unknown key; did you mean "url"?
balefire.yml:19:24: sources.grafana-main.kind: "grafanna" is no kind of source; did you mean "grafana"?
balefire.yml:20:3: sources.inbox: the inbox at /in/inbox is built in; choose another name
balefire.yml:21:3: sources.a/b: a source's name stands in its URL; use letters, digits, '-', '_' and '.', at most 64
balefire.yml:21:23: sources.a/b.tokne: unknown key; did you mean "token"?
balefire.yml:22:10: people.all: "all" has a meaning of its own in mention; choose another key
"#);
}

#[test]
fn matchers_durations_and_intervals_that_cannot_be_read() {
    insta::assert_snapshot!(bad(r#"
route:
  receiver: a
  group_wait: 30
  group_interval: 0s
  routes:
  - matchers: ['team=="x"', 'severity=~"["', fine="yes"]
  - match_re: {team: "("}
    group_by: ['...', team]
  - matchers: severity="critical"
receivers: [{name: a, deliver_within: soon}]
inhibit_rules:
- source_matchers: ['=x']
  target_match_re: {a: '*'}
  equal: team
time_intervals:
- name: night
  time_intervals:
  - times: [{start_time: 22:00, end_time: '06:00'}, {start_time: '9', end_time: '10:00'}, {end_time: '10:00'}]
    weekdays: [monday:fryday]
    days_of_month: ['32', '-1:1']
    months: [0]
    years: [2020:2019]
    location: Europe/Zürich
"#), @r#"
balefire.yml:4:15: route.group_wait: "30" is not a duration; say the unit: 30s, 30m, 30h
balefire.yml:5:19: route.group_interval: it cannot be zero; write 1s or more
balefire.yml:7:16: route.routes[0].matchers[0]: "team==\"x\"" is no matcher: matcher value contains unescaped double quote: ="x" (5:6: unexpected =: expected label value); write name="value", or with !=, =~ or !~
balefire.yml:7:29: route.routes[0].matchers[1]: "severity=~\"[\"" is no matcher: failed to create matcher severity=~"[": error parsing regexp: missing closing ]: `[`; write name="value", or with !=, =~ or !~
balefire.yml:8:22: route.routes[1].match_re.team: error parsing regexp: missing closing ): `(`
balefire.yml:9:23: route.routes[1].group_by[1]: '...' is all labels, "team" among them; leave one of them out
balefire.yml:10:15: route.routes[2].matchers: a list is expected here, not a text; write ["severity=\"critical\""]
balefire.yml:11:39: receivers[0].deliver_within: "soon" is not a duration; write it as 30s, 5m, 1h30m, 7d
balefire.yml:13:21: inhibit_rules[0].source_matchers[0]: "=x" is no matcher: bad matcher format: =x (0:1: unexpected =: expected label name); write name="value", or with !=, =~ or !~
balefire.yml:14:24: inhibit_rules[0].target_match_re.a: error parsing regexp: missing argument to repetition operator: `*`
balefire.yml:15:10: inhibit_rules[0].equal: a list is expected here, not a text; write ["team"]
balefire.yml:19:13: time_intervals[0].time_intervals[0].times[0]: start time cannot be equal or greater than end time; over midnight, write two ranges
balefire.yml:19:53: time_intervals[0].time_intervals[0].times[1]: couldn't parse timestamp 9, invalid format: a time is HH:MM, up to 24:00
balefire.yml:19:91: time_intervals[0].time_intervals[0].times[2]: the key "start_time" is missing; it says: HH:MM, included
balefire.yml:20:16: time_intervals[0].time_intervals[0].weekdays[0]: fryday is not a valid weekday; did you mean "friday"?
balefire.yml:21:21: time_intervals[0].time_intervals[0].days_of_month[0]: 32 is not a valid day of the month: out of range
balefire.yml:21:27: time_intervals[0].time_intervals[0].days_of_month[1]: end day must be negative if start day is negative
balefire.yml:22:14: time_intervals[0].time_intervals[0].months[0]: 0 is not a valid month
balefire.yml:23:13: time_intervals[0].time_intervals[0].years[0]: end year 2019 is before start year 2020
balefire.yml:24:15: time_intervals[0].time_intervals[0].location: unknown time zone Europe/Zürich; did you mean "Europe/Zurich"?
"#);
}

#[test]
fn a_root_that_does_not_take_everything_and_routes_that_are_never_reached() {
    insta::assert_snapshot!(bad(r#"
route:
  matchers: [a="b"]
  continue: true
  mute_time_intervals: [night]
  routes:
  - {receiver: a, matchers: [team="db"]}
  - {receiver: a, matchers: [team="db", severity="critical"]}
  - {receiver: a, matchers: [team="db"]}
receivers: [{name: a}]
time_intervals: [{name: night}]
"#), @r#"
balefire.yml:3:3: route: the root route needs a receiver; it takes what no other route takes
balefire.yml:3:3: route.continue: the root route has no siblings to continue with
balefire.yml:3:13: route.matchers: the root route takes every alert, so it has no matchers; put it into one of its routes
balefire.yml:5:24: route.mute_time_intervals: the root route is never muted; put it into one of its routes
"#);
    let text = r#"
route:
  receiver: a
  routes:
  - {receiver: b, matchers: [team="db"]}
  - receiver: a
    routes:
    - {receiver: b, matchers: [severity="critical", team="db"]}
    - {receiver: c, match: {severity: critical}, match_re: {team: x}}
    - {receiver: c, match: {severity: critical}, match_re: {team: x}}
receivers: [{name: a}, {name: b}, {name: c}]
"#;
    insta::assert_snapshot!(bad(text), @"balefire.yml:10:7: route.routes[1].routes[2]: no alert gets here: route.routes[1].routes[1] at line 9 takes them all; its matchers are the same; give the first continue: true, or drop one");
    insta::assert_snapshot!(lines(&good(&text.replace("    - {receiver: c, match: {severity: critical}, match_re: {team: x}}\n", "")
        .replace("  - receiver: a\n", "  - receiver: a\n    matchers: [x=y, team=db]\n")).warnings), @r#"
balefire.yml:6:5: route.routes[1]: no alert gets here: route.routes[0] at line 5 takes them all; put this route before it
balefire.yml:10:42: receivers[2]: no route leads to the receiver "c"
"#);
}

#[test]
fn what_comes_from_outside_and_is_missing() {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("token"), "secret-of-sixteen-letters\n").expect("write");
    std::fs::write(folder.path().join("large"), "x".repeat(70_000)).expect("write");
    let file = folder.path().join("balefire.yml").display().to_string();
    let text = r#"
route: {receiver: "${env:RECEIVER}"}
receivers:
- name: a
  webhook_configs:
  - url: "${env:HOOK_ULR}"
  - url_file: hook
  - {url: "http://x", url_file: token}
access:
  tokens:
    good: {token: "${file:token}"}
    same: {token: "${file:token}"}
    short: {token: x}
    gone: {token: "${file:tokn}"}
    large: {token: "${file:large}"}
    folder: {token: "${file:.}"}
global:
  smtp_auth_password_file: large
"#;
    let env = env(&[
        ("HOOK_URL", "https://canary.example.com"),
        ("OTHER", "canary"),
    ]);
    let problems = load(text, &file, &env).err().unwrap_or_default();
    let told = lines(&problems).replace(&folder.path().display().to_string(), "/etc/balefire");
    assert!(!told.contains("canary"), "{told}");
    insta::assert_snapshot!(told, @r#"
/etc/balefire/balefire.yml:2:19: route.receiver: the environment variable "RECEIVER" is not set; write $${ for the text itself
/etc/balefire/balefire.yml:6:10: receivers[0].webhook_configs[0].url: the environment variable "HOOK_ULR" is not set; did you mean "HOOK_URL"?
/etc/balefire/balefire.yml:7:15: receivers[0].webhook_configs[1].url_file: the file "/etc/balefire/hook" cannot be read: it is not there
/etc/balefire/balefire.yml:8:23: receivers[0].webhook_configs[2].url_file: at most one of url and url_file can be given
/etc/balefire/balefire.yml:12:19: access.tokens.same.token: the token "good" has the same text; give each its own
/etc/balefire/balefire.yml:13:20: access.tokens.short.token: the token is shorter than 16 characters; make one with: openssl rand -hex 24
/etc/balefire/balefire.yml:14:19: access.tokens.gone.token: the file "/etc/balefire/tokn" cannot be read: it is not there
/etc/balefire/balefire.yml:15:20: access.tokens.large.token: the file "/etc/balefire/large" is larger than 65536 bytes
/etc/balefire/balefire.yml:16:21: access.tokens.folder.token: "/etc/balefire/." is not a regular file
/etc/balefire/balefire.yml:18:28: global.smtp_auth_password_file: the file "/etc/balefire/large" is larger than 65536 bytes
"#);
}

#[test]
fn tokens_of_sources_that_can_be_guessed() {
    insta::assert_snapshot!(bad(r#"
route: {receiver: a}
receivers: [{name: a}]
sources:
  good: {kind: text, token: 0123456789abcdef}
  open: {kind: text}
  empty: {kind: text, token: ""}
  short: {kind: text, token: 0123456789abcde}
"#), @r#"
balefire.yml:7:30: sources.empty.token: the token is shorter than 16 characters; make one with: openssl rand -hex 24
balefire.yml:8:30: sources.short.token: the token is shorter than 16 characters; make one with: openssl rand -hex 24
"#);
}

#[test]
fn circles_of_fallbacks() {
    insta::assert_snapshot!(bad(r"
route: {receiver: a}
receivers:
- {name: a, fallback: b}
- {name: b, fallback: c}
- {name: c, fallback: b}
- {name: d, fallback: d}
"), @r#"
balefire.yml:5:23: receivers[1].fallback: the fallbacks go in a circle: b → c → b; the last one has none
balefire.yml:7:23: receivers[3].fallback: the fallbacks go in a circle: d → d; the last one has none
"#);
}

#[test]
fn the_nodes_own_settings() {
    insta::assert_snapshot!(bad(r"
route: {receiver: a}
receivers: [{name: a}]
server:
  listen: localhost
  external_url: alerts.example.com
  store: oracle://x
  route_prefix: /a?b
  tls: {cert_file: x}
  locale: zh
  timezone: CST
  ingest_bytes: 10
access:
  users: {ops: {}}
  rules:
  - {path: api, networks: [10.0.0.0/33, privte]}
  egress: {allow: [10.0.0.0/40, privte, 'http://x', hook.corp]}
  tokens: {a: {token: 0123456789abcdef, scopes: [ingst]}}
retention: {age: 30, bytes: 1}
meta: {heartbeat_every: 1ms}
"), @r#"
balefire.yml:5:11: server.listen: "localhost" is not an address to listen at; write address:port, as in 127.0.0.1:9119, or :9119 for all addresses
balefire.yml:6:17: server.external_url: "alerts.example.com" is not a URL; it begins with https:// or http://
balefire.yml:7:10: server.store: this is not the URL of a database that is known here; it begins with postgres:// or mysql://
balefire.yml:8:17: server.route_prefix: "/a?b" cannot begin a path; write /alerts
balefire.yml:9:8: server.tls: the key "key_file" is missing; it says: PEM file with its key
balefire.yml:9:20: server.tls.cert_file: the file "x" cannot be read: it is not there
balefire.yml:10:11: server.locale: "zh" is not possible here; known: en, zh-CN
balefire.yml:11:13: server.timezone: "CST" is not a time zone; did you mean "CET"?
balefire.yml:12:17: server.ingest_bytes: 10 is too small; the least is 1048576
balefire.yml:14:16: access.users.ops: the key "password" is missing; it says: the password, at least 8 characters, or its hash: of argon2 (balefire hash-password) or bcrypt
balefire.yml:16:12: access.rules[0].path: "api" is not a path; write "/api"
balefire.yml:16:28: access.rules[0].networks[0]: "10.0.0.0/33" is not a network; write 10.0.0.0/8, 192.0.2.7, fd00::/8, loopback or private
balefire.yml:16:41: access.rules[0].networks[1]: "privte" is not a network; did you mean "private"?
balefire.yml:17:20: access.egress.allow[0]: "10.0.0.0/40" is neither a network nor a name; write 10.0.0.0/8, 192.0.2.7, fd00::/8, loopback, private, hook.corp or *.corp
balefire.yml:17:33: access.egress.allow[1]: "privte" is neither a network nor a name; did you mean "private"?
balefire.yml:17:41: access.egress.allow[2]: "http://x" is neither a network nor a name; write 10.0.0.0/8, 192.0.2.7, fd00::/8, loopback, private, hook.corp or *.corp
balefire.yml:18:50: access.tokens.a.scopes[0]: "ingst" is not possible here; did you mean "ingest"?
balefire.yml:19:18: retention.age: "30" is not a duration; say the unit: 30s, 30m, 30h
balefire.yml:19:29: retention.bytes: 1 is too small; the least is 16777216
balefire.yml:20:25: meta.heartbeat_every: a heartbeat more often than once a second; write 1m
"#);
}

#[test]
fn clients_that_cannot_be_built() {
    insta::assert_snapshot!(bad(r#"
route: {receiver: a}
receivers:
- name: a
  webhook_configs:
  - url: https://example.com
    http_config:
      basic_auth: {username: a, password: canary}
      bearer_token: canary
      proxy_url: ftp://canary
      tls_config: {cert: x}
accounts:
  hook:
    kind: webhook
    url: https://example.com
    http_config:
      authorization: {type: Basic, credentials: canary}
      http_headers: {"X Y": {values: [z]}}
  ca:
    kind: webhook
    url: https://example.com
    http_config: {tls_config: {ca: nothing}}
  header:
    kind: webhook
    url: https://example.com
    http_config: {http_headers: {"X Y": {values: [z]}}}
"#), @r#"
balefire.yml:9:21: receivers[0].webhook_configs[0].http_config.bearer_token: basic_auth and bearer_token exclude each other
balefire.yml:10:18: receivers[0].webhook_configs[0].http_config.proxy_url: this is not the URL of a proxy; write http://, https://, socks5:// or socks5h:// and host:port
balefire.yml:11:19: receivers[0].webhook_configs[0].http_config.tls_config: cert is given without key; give both, or neither
balefire.yml:17:22: accounts.hook.http_config.authorization: basic authentication has a key of its own; write basic_auth
balefire.yml:22:18: accounts.ca.http_config: the CA holds no usable certificate: no CERTIFICATE section in the PEM text
balefire.yml:26:18: accounts.header.http_config: header "X Y" cannot be sent
"#);
}

#[test]
fn texts_that_are_no_documents() {
    for (text, expected) in [
        ("", "the document is empty"),
        ("# nothing\n", "the document is empty"),
        ("- a\n", "a mapping of sections, not a list"),
        ("hello", "a mapping of sections, not a text"),
        ("a: [", "not YAML"),
        ("a: b: c", "not YAML"),
        (
            "route: {receiver: a}\nreceivers: [{name: a}]\n---\nx: y\n",
            "a second document",
        ),
    ] {
        let problems = bad(text);
        assert!(problems.contains(expected), "{text:?}: {problems}");
        assert_eq!(problems.lines().count(), 1, "{text:?}: {problems}");
    }
}

#[test]
fn reminders_that_are_never_told() {
    insta::assert_snapshot!(bad(r"
route: {receiver: a}
receivers: [{name: a}]
legacy:
  apptools:
    reminders: {from: 18, to: 9, stages: [7, -1, soon], overdue: weekly, interval: 2h, unitl: 3}
"), @r#"
balefire.yml:6:23: legacy.apptools.reminders.from: from 18 to 9 o'clock there is no hour to tell reminders in; let from be before to, such as from: 9, to: 18
balefire.yml:6:46: legacy.apptools.reminders.stages[1]: -1 is too small; the least is 0
balefire.yml:6:50: legacy.apptools.reminders.stages[2]: "soon" is not a whole number
balefire.yml:6:66: legacy.apptools.reminders.overdue: "weekly" is not possible here; known: daily, never
balefire.yml:6:84: legacy.apptools.reminders.interval: reminders are not looked at so often or so seldom; an interval is between 1s and 1h
balefire.yml:6:88: legacy.apptools.reminders.unitl: unknown key; known: from, interval, overdue, stages, to
"#);
    insta::assert_snapshot!(bad(r"
route: {receiver: a}
receivers: [{name: a}]
legacy: {apptools: {reminders: {from: 18, interval: 0s}}}
"), @r"
balefire.yml:4:39: legacy.apptools.reminders.from: from 18 to 18 o'clock there is no hour to tell reminders in; let from be before to, such as from: 9, to: 18
balefire.yml:4:53: legacy.apptools.reminders.interval: reminders are not looked at so often or so seldom; an interval is between 1s and 1h
");
}
