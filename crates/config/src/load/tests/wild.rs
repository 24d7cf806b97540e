//! No text at all makes loading panic, and problems always have a place inside the text.

use proptest::prelude::*;

use super::*;

/// Pieces of documents, glued together at random: much of it parses, little of it is right.
const PIECES: &[&str] = &[
    "route:",
    "receivers:",
    "- name: a",
    "  receiver: a",
    "  routes:",
    "  - receiver: a",
    "global:",
    "accounts:",
    "  x: {kind: webhook, url: 'http://x'}",
    "  webhook_configs: [{account: x}]",
    "  inbox_configs: [{}]",
    "  matchers: [a=b]",
    "time_intervals:",
    "- {name: n}",
    ": ",
    "- ",
    "\n",
    " ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "<<: *a",
    "'",
    "\"",
    "${env:X}",
    "$${env:X}",
    "${file:/}",
    "|\n",
    "!!str ",
    "? ",
    "# c",
    "~",
    "陈",
    "\u{7f}",
    "\t",
    "---\n",
    "sources:",
    "  y: {kind: text}",
    "people:",
    "meta: {receiver: a}",
    "access: {tokens: {t: {token: abc}}}",
    "0",
    "-1",
    "1h",
];

const WHOLE: &str = "\
global: {resolve_timeout: 5m}
route:
  receiver: a
  group_by: [alertname, 'b c']
  routes:
  - matchers: ['severity=~\"x|y\"', a!=b]
    receiver: \"b\"
    continue: true
    mute_time_intervals: [night]
receivers:
- name: a
- {name: b, fallback: a}
time_intervals:
- name: night
  time_intervals: &times
  - times: [{start_time: '00:00', end_time: '06:00'}]
    weekdays: ['monday:friday']
people:
  p: {name: 陈}
";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_glued_text_panics(pieces in prop::collection::vec((0..PIECES.len(), any::<bool>()), 0..40)) {
        let mut text = String::new();
        for (index, end) in pieces {
            text.push_str(PIECES[index]);
            if end {
                text.push('\n');
            }
        }
        check(&text)?;
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        check(&text)?;
    }

    #[test]
    fn no_cut_or_changed_document_panics(cut in 0usize..400, put in "[\\[\\]{}:,&*!|>'\"\n -]{0,3}") {
        let whole = WHOLE;
        let cut = (0..=cut.min(whole.len())).rev().find(|at| whole.is_char_boundary(*at)).unwrap_or(0);
        let (before, after) = whole.split_at(cut);
        check(&format!("{before}{put}{after}"))?;
    }
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let lines = text
        .split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
        .count();
    match load(text, "x.yml", &BTreeMap::new()) {
        Ok(loaded) => {
            let again = load(&loaded.plan.redacted_yaml, "x.yml", &BTreeMap::new());
            // Only what came from outside or is secret cannot be read back.
            if !text.contains("${") && !text.contains("token") {
                prop_assert!(again.is_ok(), "{}", loaded.plan.redacted_yaml);
            }
        }
        Err(problems) => {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(
                    problem.place.line >= 1 && problem.place.line <= lines + 1,
                    "{problem}"
                );
                prop_assert!(problem.place.column >= 1, "{problem}");
            }
        }
    }
    Ok(())
}
