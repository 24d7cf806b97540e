//! Numbers as lists need them: when two texts mean the same telephone.

use std::sync::Arc;

/// Digits of a mobile number within China's mainland.
const MAINLAND: usize = 11;

/// The digits that tell a telephone from others: with or without +86, with or without dashes.
fn digits(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let national = ["0086", "86"].into_iter().find_map(|country| {
        let rest = digits.strip_prefix(country)?;
        (rest.len() == MAINLAND).then(|| rest.to_owned())
    });
    national.unwrap_or(digits)
}

/// Whether two texts are the same number, whatever stands between its digits and with or without +86. A text
/// without digits is nobody's number.
pub fn same_number(a: &str, b: &str) -> bool {
    let (a, b) = (digits(a), digits(b));
    !a.is_empty() && a == b
}

/// Each number once, in order. A phone finds its place in the list by a number's first occurrence and never comes to
/// an end where one is repeated.
pub fn distinct(numbers: impl IntoIterator<Item = Arc<str>>) -> Vec<Arc<str>> {
    let mut kept: Vec<Arc<str>> = Vec::new();
    for number in numbers {
        if !kept.iter().any(|known| is_same(known, &number)) {
            kept.push(number);
        }
    }
    kept
}

/// The list as written, but for numbers that follow themselves: those cannot be told apart in a phone's call log.
pub fn neighbours_differ(numbers: impl IntoIterator<Item = Arc<str>>) -> Vec<Arc<str>> {
    let mut kept: Vec<Arc<str>> = Vec::new();
    for number in numbers {
        if !kept.last().is_some_and(|last| is_same(last, &number)) {
            kept.push(number);
        }
    }
    kept
}

/// Codes with stars and number signs are the same only as written.
fn is_same(a: &str, b: &str) -> bool {
    let is_code = |text: &str| text.contains(['*', '#']);
    a == b || (!is_code(a) && !is_code(b) && same_number(a, b))
}
