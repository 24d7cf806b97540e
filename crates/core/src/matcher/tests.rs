use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// What Alertmanager 0.25 (amtool) makes of each text: the matchers as it prints them, sorted.
#[derive(Deserialize)]
struct Oracle {
    accepted: BTreeMap<String, String>,
    refused: Vec<String>,
}

fn matcher(name: &str, op: MatchOp, value: &str) -> Matcher {
    Matcher::new(name, op, value).expect("matcher")
}

fn printed(text: &str, mode: Mode) -> Result<String, String> {
    parse(text, mode)
        .map(|m| Matchers(m).to_string())
        .map_err(|error| error.to_string())
}

#[test]
fn the_classic_syntax_reads_what_alertmanager_reads() {
    let oracle: Oracle =
        serde_json::from_str(include_str!("../../fixtures/matchers.json")).expect("oracle table");
    assert!(
        oracle.accepted.len() >= 100 && oracle.refused.len() >= 80,
        "the table has shrunk"
    );
    for (text, expected) in &oracle.accepted {
        let matchers = parse(text, Mode::Classic).unwrap_or_else(|e| panic!("{text:?}: {e}"));
        assert_eq!(
            Matchers(matchers).sorted().to_string(),
            *expected,
            "{text:?}"
        );
    }
    for text in &oracle.refused {
        assert!(parse(text, Mode::Classic).is_err(), "{text:?}");
    }
}

#[test]
fn the_utf8_syntax_reads_names_and_values_of_any_text() {
    for (text, expected) in [
        ("", "{}"),
        ("{}", "{}"),
        ("{ }", "{}"),
        ("foo=bar", r#"{foo="bar"}"#),
        ("{foo=bar}", r#"{foo="bar"}"#),
        ("{foo=bar,}", r#"{foo="bar"}"#),
        ("foo=bar,", r#"{foo="bar"}"#),
        (" { foo = bar , b != c } ", r#"{foo="bar",b!="c"}"#),
        (r#"foo=~"[a-z]+",bar!~x"#, r#"{foo=~"[a-z]+",bar!~"x"}"#),
        (r#""foo bar"="x""#, r#"{"foo bar"="x"}"#),
        ("警告=严重", r#"{警告="严重"}"#),
        (
            r#"a="\u2603\U0001f642\x41\101\n\t\"\\""#,
            "{a=\"☃🙂AA\\n\t\\\"\\\\\"}",
        ),
        (r#"a="\xe2\x98\x83""#, r#"{a="☃"}"#),
        (r#"a="{b=c,d}""#, r#"{a="{b=c,d}"}"#),
        ("a.b-c/d:9=x.y-z/1:2", r#"{a.b-c/d:9="x.y-z/1:2"}"#),
        ("a=b,a=b", r#"{a="b",a="b"}"#),
        (r#"a="""#, r#"{a=""}"#),
    ] {
        assert_eq!(
            printed(text, Mode::Utf8).as_deref(),
            Ok(expected),
            "{text:?}"
        );
    }
}

#[test]
fn errors_of_the_utf8_syntax_name_place_and_expectation() {
    for (text, expected) in [
        ("{", "1:1: unexpected end of input: expected close brace"),
        (
            "{foo=bar",
            "8:8: unexpected end of input: expected close brace",
        ),
        ("foo=bar}", "7:8: unexpected }: expected opening brace"),
        ("}", "0:1: unexpected }: expected opening brace"),
        ("{foo=bar}}", "9:10: unexpected }: expected end of input"),
        ("{foo=bar},x=y", "9:10: unexpected ,: expected end of input"),
        ("=bar", "0:1: unexpected =: expected label name"),
        (",foo=bar", "0:1: unexpected ,: expected label name"),
        (
            "foo",
            "3:3: unexpected end of input: expected an operator such as '=', '!=', '=~' or '!~'",
        ),
        (
            "foo bar",
            "4:7: unexpected bar: expected an operator such as '=', '!=', '=~' or '!~'",
        ),
        ("foo=", "4:4: unexpected end of input: expected label value"),
        ("foo=,", "4:5: unexpected ,: expected label value"),
        (
            "é=b c=d",
            "4:5: unexpected c: expected a comma or close brace",
        ),
        (
            "a=b,,c=d",
            "4:5: unexpected ,: expected a matcher or close brace after comma",
        ),
        ("a!b", "1:2: unexpected !: expected '!=' or '!~'"),
        ("a='b'", "2:3: unexpected ': expected quotes around it"),
        (r"a=\d", r"2:3: unexpected \: expected quotes around it"),
        (r#"a="b"#, "2:4: \"b: missing end \""),
        (r#"a="\"#, "2:4: \"\\: missing end \""),
    ] {
        assert_eq!(
            printed(text, Mode::Utf8),
            Err(expected.to_owned()),
            "{text:?}"
        );
    }
    for text in [
        r#"a="\d""#,
        r#"a="\'""#,
        r#"a="\x4""#,
        r#"a="\ud800""#,
        r#"a="\777""#,
        r#"a="\xff""#,
        "a=\"\n\"",
    ] {
        let error = printed(text, Mode::Utf8).expect_err(text);
        assert!(
            error.starts_with("2:") && error.contains("invalid input"),
            "{text:?}: {error}"
        );
    }
}

#[test]
fn in_fallback_the_classic_syntax_wins_where_they_disagree() {
    let read = |text: &str| read(text, Mode::Fallback).expect(text);
    assert_eq!(read(r#"{a="x",b=~"y|z"}"#).warning, None);
    assert_eq!(read(r#""a b"="x""#).warning, None);

    let only_classic = read(r"url=~https?://\S+=x");
    assert_eq!(
        Matchers(only_classic.matchers).to_string(),
        r#"{url=~"https?://\\S+=x"}"#
    );
    let warning = only_classic.warning.expect("a warning").to_string();
    assert!(
        warning.ends_with(r#"write {url=~"https?://\\S+=x"}"#),
        "{warning}"
    );

    let different = read(r#"a="\t""#);
    assert_eq!(different.matchers, [matcher("a", MatchOp::Equal, r"\t")]);
    assert!(
        matches!(different.warning, Some(MatcherWarning::Disagreement { .. })),
        "{:?}",
        different.warning
    );
}

#[test]
fn when_neither_syntax_understands_both_say_why() {
    let error = printed("foo", Mode::Fallback).expect_err("no operator");
    assert!(
        error.starts_with("bad matcher format: foo (3:3: unexpected end"),
        "{error}"
    );
    let error = printed(r#"a=~"(""#, Mode::Fallback).expect_err("no pattern");
    assert_eq!(
        error,
        "failed to create matcher a=~\"(\": error parsing regexp: missing closing ): `(`"
    );
    assert_eq!(
        parse(&"a".repeat(MAX_TEXT + 1), Mode::Fallback),
        Err(MatcherError::TooLong)
    );
}

#[test]
fn a_single_matcher_takes_no_braces_and_classic_keeps_its_commas() {
    let one = |text: &str, mode| {
        parse_one(text, mode)
            .map(|m| m.to_string())
            .map_err(|error| error.to_string())
    };
    assert_eq!(
        one("severity=critical", Mode::Fallback).as_deref(),
        Ok(r#"severity="critical""#)
    );
    assert_eq!(
        one("a=b,c=d", Mode::Fallback).as_deref(),
        Ok(r#"a="b,c=d""#)
    );
    assert_eq!(
        one("a=b,c=d", Mode::Utf8),
        Err("expected 1 matcher, found 2".to_owned())
    );
    assert_eq!(
        one("", Mode::Utf8),
        Err("expected 1 matcher, found 0".to_owned())
    );
    assert_eq!(
        one("{", Mode::Fallback),
        Err("unexpected open or close brace: {".to_owned())
    );
    assert_eq!(
        one("{", Mode::Classic),
        Err("bad matcher format: {".to_owned())
    );
}

#[test]
fn a_missing_label_is_an_empty_value() {
    let labels = Labels::from_pairs([("a", "x")]).expect("labels");
    for (name, op, value, expected) in [
        ("a", MatchOp::Equal, "x", true),
        ("a", MatchOp::NotEqual, "x", false),
        ("a", MatchOp::Regex, "x|y", true),
        ("a", MatchOp::NotRegex, "x|y", false),
        ("b", MatchOp::Equal, "", true),
        ("b", MatchOp::NotEqual, "", false),
        ("b", MatchOp::NotEqual, "x", true),
        ("b", MatchOp::Regex, ".*", true),
        ("b", MatchOp::Regex, ".+", false),
        ("b", MatchOp::NotRegex, ".+", true),
    ] {
        let matcher = matcher(name, op, value);
        assert_eq!(matcher.matches(&labels), expected, "{matcher}");
    }
    assert!(Matchers::default().matches(&labels));
}

#[test]
fn the_json_form_is_that_of_the_api() {
    for (json, expected) in [
        (
            r#"{"name":"a","value":"b","isRegex":false,"isEqual":true}"#,
            r#"a="b""#,
        ),
        (r#"{"name":"a","value":"b","isRegex":true}"#, r#"a=~"b""#),
        (
            r#"{"name":"a","value":"b","isRegex":false,"isEqual":false}"#,
            r#"a!="b""#,
        ),
        (
            r#"{"name":"a","value":"b","isRegex":true,"isEqual":false}"#,
            r#"a!~"b""#,
        ),
    ] {
        let matcher: Matcher = serde_json::from_str(json).expect("matcher");
        assert_eq!(matcher.to_string(), expected);
        let again = serde_json::to_string(&matcher).expect("json");
        assert_eq!(
            serde_json::from_str::<Matcher>(&again).expect("matcher"),
            matcher
        );
    }
    assert!(serde_json::from_str::<Matcher>(r#"{"name":"a","value":"(","isRegex":true}"#).is_err());
    assert!(serde_json::from_str::<Matcher>(r#"{"name":"a","value":"b"}"#).is_err());
}

fn any_op() -> impl Strategy<Value = MatchOp> {
    prop::sample::select(vec![
        MatchOp::Equal,
        MatchOp::NotEqual,
        MatchOp::Regex,
        MatchOp::NotRegex,
    ])
}

prop_compose! {
    /// Matchers with names and values full of the characters that need care. Values of patterns
    /// are quoted, so that any text is a pattern.
    fn any_matcher(name_chars: &'static str)(
        name in name_chars,
        op in any_op(),
        value in r#"([a-c"'`\\{},=!~ é警\n]|\PC){0,8}"#,
    ) -> Matcher {
        let value =
            if op.is_regex() { regex_syntax::escape(&value) } else { value };
        matcher(&name, op, &value)
    }
}

const ANY_NAME: &str = r#"([a-c"'`\\{},=!~ é警]|\PC){1,6}"#;
const CLASSIC_NAME: &str = "[a-zA-Z_:][a-zA-Z0-9_:]{0,6}";

proptest! {
    #[test]
    fn what_is_printed_reads_back_in_fallback(
        matchers in prop::collection::vec(any_matcher(ANY_NAME), 0..4),
    ) {
        // A tab or such in the value of a plainly named matcher is printed bare, as Alertmanager
        // does, and both parsers take it bare.
        let text = Matchers(matchers.clone()).to_string();
        prop_assert_eq!(parse(&text, Mode::Fallback), Ok(matchers), "{}", text);
    }

    #[test]
    fn what_is_printed_reads_back_in_the_classic_syntax(
        matchers in prop::collection::vec(any_matcher(CLASSIC_NAME), 0..4),
    ) {
        let text = Matchers(matchers.clone()).to_string();
        prop_assert_eq!(parse(&text, Mode::Classic), Ok(matchers.clone()), "{}", text);
        prop_assert_eq!(parse(&text, Mode::Utf8), Ok(matchers), "{}", text);
    }

    #[test]
    fn no_text_panics_in_any_mode(text in r#"([a-c"'`\\{},=!~ é\n]|\PC){0,16}"#) {
        for mode in [Mode::Fallback, Mode::Utf8, Mode::Classic] {
            let list = parse(&text, mode);
            let one = parse_one(&text, mode);
            if mode == Mode::Fallback {
                // Fallback reads whatever one of the two reads.
                let either = [Mode::Utf8, Mode::Classic].map(|mode| parse(&text, mode).is_ok());
                prop_assert_eq!(list.is_ok(), either.contains(&true));
            }
            if let Ok(one) = one {
                prop_assert!(!one.name().is_empty() || text.contains('"'));
            }
        }
    }

    #[test]
    fn every_operator_is_the_opposite_of_its_negation(
        name in "[a-c]",
        value in "[a-c]{0,3}",
        regex in any::<bool>(),
        labels in prop::collection::btree_map("[a-c]", "[a-c]{0,3}", 0..3),
    ) {
        let labels = Labels::from_pairs(labels.iter().map(|(n, v)| (n.as_str(), v.as_str())))
            .expect("labels");
        let [yes, no] = [true, false]
            .map(|equal| matcher(&name, MatchOp::from_flags(regex, equal), &value));
        prop_assert_eq!(yes.matches(&labels), labels.value(&name) == value);
        prop_assert_eq!(no.matches(&labels), !yes.matches(&labels));
    }
}
