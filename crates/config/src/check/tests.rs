use balefire_core::field::Field;

use super::*;
use crate::tree;

static INNER: [Field; 1] = [Field::required("to", Kind::Text, "Where to.")];
static INNER_KIND: Kind = Kind::Record(&INNER);
static TABLE: [Field; 14] = [
    Field::required("name", Kind::Text, "The name."),
    Field::optional("token", Kind::Secret, "A token."),
    Field::optional("hook", Kind::SecretUrl, "A webhook."),
    Field::optional("url", Kind::Url, "A URL."),
    Field::optional("wait", Kind::Duration, "A time."),
    Field::optional("port", Kind::Integer(1, 65_535), "A port."),
    Field::optional("rate", Kind::Number, "A rate."),
    Field::optional("on", Kind::Bool, "A switch."),
    Field::optional("mode", Kind::OneOf(&["starttls", "tls", "none"]), "A mode."),
    Field::optional("zone", Kind::TimeZone, "A zone."),
    Field::optional("tags", Kind::List(&Kind::Text), "Tags."),
    Field::optional("people", Kind::TextOrList, "People."),
    Field::optional("extra", Kind::Map(&Kind::Bool), "Switches."),
    Field::optional("inner", Kind::List(&INNER_KIND), "Records."),
];

fn problems(text: &str) -> String {
    let mut findings = Findings::new("x.yml");
    let node = tree::parse(text, &mut findings).expect("tree");
    check(
        &node,
        &Form::tables(vec![&TABLE]),
        &Path::Root,
        &mut findings,
    );
    let (problems, _) = findings.sorted();
    problems.iter().fold(String::new(), |text, problem| {
        text + &problem.to_string() + "\n"
    })
}

#[test]
fn what_the_tables_allow_passes() {
    let good = "
name: 5
token: ${env:X}
hook: https://oapi.example.com/robot/send?access_token=1
url: http://127.0.0.1:8080
wait: 1h30m
port: 25
rate: 2.5
on: yes
mode: tls
zone: Asia/Shanghai
tags: [a, 5, true]
people: chen-min, li-wei
extra: {a: true, b: }
inner: [{to: x}]
";
    assert_eq!(problems(good), "");
    assert_eq!(problems("name: x\npeople: [a, b]\nurl: ~\ntags:\n"), "");
}

#[test]
fn all_mistakes_are_told_at_once_with_the_nearest_right_thing() {
    let bad = "
tokn: canary
token: [canary]
hook: canary
url: htp://x
wait: 90
port: 70000
rate: fast
on: 'true'
mode: startls
zone: Asia/Shangai
tags: critical
people: {a: b}
extra: {a: maybe}
inner: {to: x}
";
    let found = problems(bad);
    assert!(!found.contains("canary"), "{found}");
    insta::assert_snapshot!(found, @r#"
x.yml:2:1: the key "name" is missing; it says: the name
x.yml:2:1: tokn: unknown key; did you mean "token"?
x.yml:3:8: token: a text is expected here, not a list
x.yml:4:7: hook: this is not a URL; it begins with https:// or http://
x.yml:5:6: url: "htp://x" is neither an https nor an http URL
x.yml:6:7: wait: "90" is not a duration; say the unit: 90s, 90m, 90h
x.yml:7:7: port: 70000 is too large; the most is 65535
x.yml:8:7: rate: "fast" is not a number
x.yml:9:5: on: "true" is neither true nor false; write true, without quotes
x.yml:10:7: mode: "startls" is not possible here; did you mean "starttls"?
x.yml:11:7: zone: "Asia/Shangai" is not a time zone; did you mean "Asia/Shanghai"?
x.yml:12:7: tags: a list is expected here, not a text; write ["critical"]
x.yml:13:9: people: a text or a list of texts is expected here, not a mapping
x.yml:14:12: extra.a: "maybe" is neither true nor false
x.yml:15:8: inner: a list is expected here, not a mapping; put "- " before its first key
"#);
}

#[test]
fn numbers_in_quotes_and_texts_without_unit_are_explained() {
    insta::assert_snapshot!(problems("name: x\nport: '25'\nwait: soon\nurl: example.com\nhook: 'https://x/{{ .A }}'\ninner: [{}, {to: [1]}, ]\n"), @r#"
x.yml:2:7: port: "25" is a text; write the number without quotes
x.yml:3:7: wait: "soon" is not a duration; write it as 30s, 5m, 1h30m, 7d
x.yml:4:6: url: "example.com" is not a URL; it begins with https:// or http://
x.yml:5:7: hook: this is a Go template, which is not run; write the URL itself
x.yml:6:9: inner[0]: the key "to" is missing; it says: where to
x.yml:6:18: inner[1].to: a text is expected here, not a list
"#);
}
