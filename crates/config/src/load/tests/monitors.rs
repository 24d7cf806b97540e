//! `monitors`.

use balefire_core::monitor::Target;

use super::*;

fn document(lines: &str) -> String {
    format!(
        "server: {{timezone: Asia/Shanghai}}\nroute: {{receiver: a}}\nreceivers: [{{name: a}}]\n\
         people: {{li: {{name: Li, timezone: America/New_York}}}}\nmonitors:\n{lines}\n"
    )
}

#[test]
fn each_kind_says_what_is_looked_at() {
    let plan = good(&document(
        "  www: {kind: certificate, host: www.example.com, receivers: a, advance_days: 9}
  官网: {kind: certificate, host: \"[2001:db8::1]:8443\", server_name: a.example, email: [x@example.com, y@example.com]}
  domain: {kind: domain, name: \"Bücher.example.\", receivers: [a]}
  mx: {kind: certificate, host: mx.example.com, starttls: smtp, receivers: [a]}
  db: {kind: certificate, host: \"db.example.com:6432\", starttls: postgres, receivers: [a]}
  cn: {kind: domain, name: example.cn, whois: \"whois.example.cn\", receivers: [a]}
  day: {kind: date, expires: 2027-01-01, receivers: [a], owner: li}
  here: {kind: date, expires: 2027-01-01, receivers: [a]}
  time: {kind: date, expires: \"2027-01-01T00:00:00Z\", receivers: [a]}",
    ))
    .plan;
    let of = |name: &str| &plan.monitors.by_name[name];
    let shown = |name: &str| of(name).target.shown();
    assert_eq!(shown("www"), "www.example.com:443");
    assert_eq!(shown("官网"), "2001:db8::1:8443 (a.example)");
    assert_eq!(of("官网").email, "x@example.com,y@example.com");
    assert_eq!(shown("domain"), "xn--bcher-kva.example");
    assert_eq!(shown("mx"), "mx.example.com:25 smtp");
    assert_eq!(shown("db"), "db.example.com:6432 postgres");
    assert!(matches!(
        &of("cn").target,
        Target::Domain { whois: Some((host, 43)), .. } if host == "whois.example.cn"
    ));
    assert_eq!(shown("day"), "2027-01-01T05:00:00.000Z");
    assert_eq!(shown("here"), "2026-12-31T16:00:00.000Z");
    assert_eq!(shown("time"), "2027-01-01T00:00:00.000Z");
    assert_eq!((of("www").advance_days, of("day").advance_days), (9, 30));
    assert!(matches!(of("day").target, Target::Date(_)));
    assert!(plan.monitors.http.is_some());
}

#[test]
fn what_is_wrong_with_a_monitor_is_told_where_it_stands() {
    insta::assert_snapshot!(bad(&document(
        "  a b: {kind: date, expires: 2027-01-01, receivers: [a]}
  nobody: {kind: date, expires: 2027-01-01}
  other: {kind: date, expires: 2027-01-01, host: x, receivers: [b], owner: lii}
  when: {kind: date, expires: tomorrow, receivers: [a]}
  what: {kind: certificate, receivers: [a]}
  port: {kind: certificate, host: \"a.example:0\", receivers: [a]}
  cloud: {kind: certificate, host: 169.254.169.254, receivers: [a]}
  label: {kind: domain, name: localhost, receivers: [a]}
  mail: {kind: domain, name: a.example, email: nobody}
  asks: {kind: domain, name: a.example, whois: \"http://x\", starttls: smtp, receivers: [a]}
  speaks: {kind: certificate, host: a.example, starttls: smtps, receivers: [a]}"
    )));
}
