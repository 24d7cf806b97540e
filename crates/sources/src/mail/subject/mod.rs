//! What a subject says: on or over, how bad, and of what.
//!
//! The operator's patterns come first. Else words decide, and only where they are marks and not speech: in capitals,
//! in brackets, or as the first word. Words that mean nothing else (`PROBLEM`, `FIRING`, `RESOLVED`, `RECOVERY`, `恢复`)
//! count wherever they are marks, the first of them decides. Words that also name things (`DOWN`, `OK`, `UP`) count in
//! brackets, before a colon, or in a subject that says `ALERT`; if both kinds are there, it is on, since an end that is
//! believed wrongly costs a page. A subject without any of them is told once.

#[cfg(test)]
mod tests;

use std::ops::Range;

use balefire_core::severity::Severity;

use super::patterns::Patterns;
use crate::generic::State;

/// A subject, read.
#[derive(Debug, PartialEq)]
pub(super) struct Subject {
    /// On, over, or neither.
    pub(super) state: Option<State>,
    /// How bad, if it says so.
    pub(super) severity: Option<Severity>,
    /// The subject without its marks, for people.
    pub(super) title: String,
    /// What is the same in the subjects of its beginning and its end.
    pub(super) key: String,
}

/// What a word tells, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// Nothing else is meant by it.
    Sure(State),
    /// It may name a thing.
    Likely(State),
    /// That this is about an alarm at all.
    Alarm,
}

const FIRING: &[&str] = &[
    "problem",
    "firing",
    "alerting",
    "triggered",
    "故障",
    "告警触发",
];
const RESOLVED: &[&str] = &[
    "resolved",
    "recovery",
    "recovered",
    "cleared",
    "恢复",
    "已恢复",
    "告警恢复",
    "恢复正常",
    "已解决",
];
const LIKELY_FIRING: &[&str] = &["down", "failed", "failure", "unreachable", "open", "异常"];
const LIKELY_RESOLVED: &[&str] = &["ok", "up", "closed", "normal", "online", "正常"];
const ALARM: &[&str] = &["alert", "alarm", "告警", "报警", "警报"];
/// Words of how bad it is; as marks they differ between two subjects of one alert.
const GRADES: &[&str] = &[
    "critical",
    "crit",
    "fatal",
    "emergency",
    "disaster",
    "error",
    "major",
    "high",
    "warning",
    "warn",
    "minor",
    "average",
    "info",
    "unknown",
    "紧急",
    "严重",
    "重要",
    "次要",
    "警告",
    "提示",
];
/// What mail programs put before the subject of an answer or of something handed on.
const HANDED_ON: &[&str] = &["re", "fwd", "fw", "aw", "wg", "回复", "答复", "转发"];

/// A word of a subject and how it stands there.
struct Word<'a> {
    text: &'a str,
    lower: String,
    range: Range<usize>,
    /// All in capitals, and more than one.
    shouted: bool,
    /// Right after an opening bracket.
    bracketed: bool,
    /// How many stand before it.
    nth: usize,
    /// The first, and a colon follows.
    heads: bool,
}

impl Word<'_> {
    fn is_mark(&self) -> bool {
        self.shouted || self.bracketed || self.nth == 0
    }

    fn weight(&self) -> Option<Weight> {
        let word = self.lower.as_str();
        let among = |list: &[&str]| list.contains(&word);
        let weight = if among(FIRING) {
            Weight::Sure(State::Firing)
        } else if among(RESOLVED) {
            Weight::Sure(State::Resolved)
        } else if among(LIKELY_FIRING) {
            Weight::Likely(State::Firing)
        } else if among(LIKELY_RESOLVED) {
            Weight::Likely(State::Resolved)
        } else if among(ALARM) {
            Weight::Alarm
        } else {
            return None;
        };
        // "Open the door", "Problem solving": a first word is a mark when it stands apart.
        let stands_apart = self.shouted || self.bracketed || self.heads;
        let is_mark = match weight {
            Weight::Sure(State::Resolved) => self.is_mark(),
            _ => stands_apart,
        };
        is_mark.then_some(weight)
    }

    fn grade(&self) -> Option<Severity> {
        let known =
            (self.shouted || self.bracketed || self.heads) && GRADES.contains(&self.lower.as_str());
        known.then(|| Severity::from_word(&self.lower).unwrap_or(Severity::Warning))
    }
}

/// Reads a subject.
pub(super) fn read(subject: &str, patterns: &Patterns) -> Subject {
    let subject = without_handing_on(subject);
    if let Some((state, range)) = patterns.find(subject) {
        let words = words(subject);
        let severity = words.iter().filter_map(Word::grade).max();
        let left = cut(subject, &[range]);
        return Subject {
            state: Some(state),
            severity,
            key: key(&left, &[]),
            title: title(&left, subject),
        };
    }
    by_words(subject)
}

fn by_words(subject: &str) -> Subject {
    let words = words(subject);
    let marks: Vec<(&Word<'_>, Weight)> = words
        .iter()
        .filter_map(|word| Some((word, word.weight()?)))
        .collect();
    let state = state_of(&marks);
    let severity = words.iter().filter_map(Word::grade).max();
    if state.is_none() {
        let whole = subject.to_owned();
        return Subject {
            state,
            severity,
            key: key(&whole, &[]),
            title: whole,
        };
    }
    let head = waited(subject, &words);
    let sure = marks
        .iter()
        .filter(|(word, weight)| matches!(weight, Weight::Sure(_)) || word.bracketed || word.heads);
    let mut shown: Vec<Range<usize>> = sure.map(|(word, _)| word.range.clone()).collect();
    shown.extend(head.clone());
    let graded = words.iter().filter(|word| word.grade().is_some());
    let marked = marks.iter().map(|(word, _)| *word);
    let mut told: Vec<Range<usize>> = marked
        .chain(graded)
        .map(|word| word.range.clone())
        .collect();
    told.extend(head);
    Subject {
        state,
        severity: severity.filter(|_| state == Some(State::Firing)),
        title: title(&cut(subject, &shown), subject),
        key: key(subject, &told),
    }
}

/// What the marks say together.
fn state_of(marks: &[(&Word<'_>, Weight)]) -> Option<State> {
    let sure = marks.iter().find_map(|(_, weight)| match weight {
        Weight::Sure(state) => Some(*state),
        _ => None,
    });
    if sure.is_some() {
        return sure;
    }
    let alarm = marks.iter().find(|(_, weight)| *weight == Weight::Alarm);
    let likely = marks.iter().filter_map(|(word, weight)| match weight {
        Weight::Likely(state) if alarm.is_some() || word.bracketed || word.heads => Some(*state),
        _ => None,
    });
    let likely: Vec<State> = likely.collect();
    let on = likely.contains(&State::Firing);
    match likely.first() {
        Some(_) if on => Some(State::Firing),
        Some(state) => Some(*state),
        // "ALARM: …" says by itself that something is on; "… ALARM …" may be a name.
        None => alarm
            .filter(|(word, _)| word.bracketed || word.heads)
            .map(|_| State::Firing),
    }
}

/// `Resolved in 4m 10s: …`: how long it took is no part of what it is about.
fn waited(subject: &str, words: &[Word<'_>]) -> Option<Range<usize>> {
    let first = words.first()?;
    if first.weight() != Some(Weight::Sure(State::Resolved)) {
        return None;
    }
    let colon = subject.find(':')?;
    let mut between = words.iter().skip(1).filter(|w| w.range.start < colon);
    let is_wait = |word: &Word<'_>| {
        matches!(word.lower.as_str(), "in" | "after")
            || word.text.starts_with(|c: char| c.is_ascii_digit())
    };
    between.all(is_wait).then_some(first.range.start..colon + 1)
}

fn without_handing_on(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((word, left)) = rest.split_once([':', '：'])
        && HANDED_ON.contains(&word.trim().to_lowercase().as_str())
        && !left.trim().is_empty()
    {
        rest = left.trim();
    }
    rest
}

/// The words of a subject: runs of letters and digits.
fn words(subject: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut start = None;
    let ends = subject
        .char_indices()
        .chain(std::iter::once((subject.len(), ' ')));
    for (at, c) in ends {
        if c.is_alphanumeric() || c == '_' {
            start = start.or(Some(at));
        } else if let Some(from) = start.take() {
            let word = word(subject, from..at, words.len());
            words.push(word);
        }
    }
    words
}

fn word(subject: &str, range: Range<usize>, nth: usize) -> Word<'_> {
    let text = &subject[range.clone()];
    let before = subject[..range.start].trim_end();
    let after = subject[range.end..].trim_start();
    let many = text.chars().nth(1).is_some();
    Word {
        text,
        lower: text.to_lowercase(),
        shouted: many && text.bytes().all(|b| b.is_ascii_uppercase()),
        bracketed: before.ends_with(['[', '【', '(', '（']),
        nth,
        heads: nth == 0 && after.starts_with([':', '：']),
        range,
    }
}

/// A text without some of its parts; `ranges` need no order.
fn cut(text: &str, ranges: &[Range<usize>]) -> String {
    let inside = |at: usize| ranges.iter().any(|range| range.contains(&at));
    let left = text.char_indices().filter(|(at, _)| !inside(*at));
    left.map(|(_, c)| c).collect()
}

/// What is left for people: without empty brackets, stars and lonely punctuation at its ends.
fn title(left: &str, subject: &str) -> String {
    let mut left = left.to_owned();
    for (open, close) in [('[', ']'), ('【', '】'), ('(', ')'), ('（', '）')] {
        while let Some(from) = left.find(open)
            && let Some(length) = left[from..].find(close)
            && left[from + open.len_utf8()..from + length]
                .chars()
                .all(|c| !c.is_alphabetic())
        {
            left.replace_range(from..from + length + close.len_utf8(), "");
        }
    }
    let edge = |c: char| c.is_whitespace() || "*:：-–—,;!|".contains(c);
    let shown = left.trim_matches(edge);
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    if shown.is_empty() {
        return subject.to_owned();
    }
    shown
}

/// What is the same in both subjects: words and numbers that are no marks, in lower case.
fn key(subject: &str, marks: &[Range<usize>]) -> String {
    let left = title(&cut(subject, marks), subject).to_lowercase();
    let mut words = left.split(|c: char| !c.is_alphanumeric() && c != '_');
    let mut key = String::with_capacity(left.len());
    for word in words.by_ref().filter(|word| !word.is_empty()) {
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(word);
    }
    key
}
