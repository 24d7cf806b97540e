use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// What Alertmanager 0.25 (amtool) says of each pattern: the positions of the values it matches,
/// or what is wrong with it.
#[derive(Deserialize)]
struct Oracle {
    values: Vec<String>,
    accepted: BTreeMap<String, Vec<usize>>,
    refused: BTreeMap<String, String>,
}

fn oracle() -> Oracle {
    serde_json::from_str(include_str!("../../fixtures/re2.json")).expect("oracle table")
}

#[test]
fn patterns_match_what_they_match_in_alertmanager() {
    let oracle = oracle();
    assert!(oracle.accepted.len() > 200, "the table has shrunk");
    for (pattern, expected) in &oracle.accepted {
        let regex = compile(pattern).unwrap_or_else(|error| panic!("{pattern:?}: {error}"));
        for (i, value) in oracle.values.iter().enumerate() {
            assert_eq!(
                regex.is_match(value),
                expected.contains(&i),
                "{pattern:?} on {value:?}"
            );
        }
    }
}

#[test]
fn patterns_are_refused_for_the_same_reason_as_in_alertmanager() {
    let oracle = oracle();
    assert!(oracle.refused.len() > 100, "the table has shrunk");
    for (pattern, expected) in &oracle.refused {
        match compile(pattern) {
            Err(Re2Error::Syntax { problem, .. }) => assert_eq!(problem, expected, "{pattern:?}"),
            other => panic!("{pattern:?} gives {other:?}, not {expected}"),
        }
    }
}

#[test]
fn errors_name_the_part_that_is_wrong() {
    for (pattern, words) in [
        ("(", "missing closing ): `(`"),
        ("a)", "unexpected ): `a)`"),
        ("x[a-", "missing closing ]: `[a-`"),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("|*", "missing argument to repetition operator: `*`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        (r"\8", r"invalid escape sequence: `\8`"),
        ("a\\", "trailing backslash at end of expression: ``"),
        ("(?<n", "invalid named capture: `(?<n`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
    ] {
        let error = compile(pattern).expect_err(pattern).to_string();
        assert_eq!(
            error,
            format!("error parsing regexp: {words}"),
            "{pattern:?}"
        );
    }
}

#[test]
fn a_pattern_matches_whole_values_and_stops_at_line_feeds() {
    let matches = |pattern: &str, value: &str| compile(pattern).expect(pattern).is_match(value);
    assert!(!matches("a|b", "ab") && matches("a|b", "b"));
    assert!(!matches(".*", "a\nb") && matches("(?s).*", "a\nb") && matches("[^x]*", "a\nb"));
    assert!(!matches(r"\s", "\u{b}") && matches(r"\s", "\t") && matches(r"[[:space:]]", "\u{b}"));
    // Newer than the oracle: the short spelling of a named group.
    assert!(matches("(?<n>a)b", "ab"));
}

#[test]
fn what_is_too_long_too_deep_or_too_large_is_refused() {
    assert_eq!(
        compile(&"a".repeat(MAX_PATTERN + 1)).map(drop),
        Err(Re2Error::TooLong)
    );
    assert_eq!(
        compile(r"(\pL{100}){10}").map(drop),
        Err(Re2Error::TooLarge)
    );
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(compile(&nested(MAX_NESTING)).is_ok());
    let error = compile(&nested(MAX_NESTING + 1))
        .expect_err("too deep")
        .to_string();
    assert!(error.contains("nests too deeply"), "{error}");
    assert!(compile(&nested(MAX_PATTERN / 2 - 1)).is_err());
    assert!(compile(&"(?i)a*".repeat(MAX_PATTERN / 6)).is_ok());
}

proptest! {
    #[test]
    fn no_pattern_panics(pattern in r"([\\(){}\[\]|*+?^$.a-c0-3:<>PQEpLxdwi,-]|\PC){0,24}") {
        if let Ok(regex) = compile(&pattern) {
            regex.is_match("abc");
        }
    }

    #[test]
    fn quoted_text_matches_itself_only(text in "\\PC{0,12}", other in "\\PC{0,12}") {
        prop_assume!(!text.contains(r"\E"));
        let regex = compile(&format!(r"\Q{text}\E")).expect("quoted text");
        prop_assert!(regex.is_match(&text));
        prop_assert_eq!(regex.is_match(&other), text == other);
    }

    #[test]
    fn brackets_hold_exactly_their_members(
        members in prop::collection::vec(any::<char>(), 1..8),
        probe in any::<char>(),
        negated in any::<bool>(),
    ) {
        let spelled: Vec<String> =
            members.iter().map(|c| format!(r"\x{{{:x}}}", *c as u32)).collect();
        let inside = spelled.concat();
        let caret = if negated { "^" } else { "" };
        let regex = compile(&format!("[{caret}{inside}]")).expect("brackets");
        for c in members.iter().chain([&probe]) {
            prop_assert_eq!(regex.is_match(&c.to_string()), members.contains(c) != negated);
        }
    }
}
