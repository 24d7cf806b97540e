//! What somebody answers to a page by a text message.
//!
//! A page by text message carries a short *code*. Whoever sends the code back has what the page is about. One word
//! (`1`, `ack`, `收到`) does as well, as long as one page alone is open for the number it comes from; where there are
//! several, they are listed. A code counts only from the number that the page went to, so that codes of different
//! numbers may be the same. Anything else is no answer: a sentence that happens to hold a code may say the opposite.

mod code;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use self::code::{Code, DIGITS};

/// How long a code is good: as long as a link.
pub const CODE_LIVES: Duration = Duration::from_hours(72);
/// Wrong answers of one number that are listened to within [`GUESSES_FORGOTTEN`].
pub const GUESSES: usize = 5;
/// When a wrong answer is forgotten.
pub const GUESSES_FORGOTTEN: Duration = Duration::from_hours(1);

/// Longest answer that is looked at, in characters: one part of a text message.
const LONGEST: usize = 70;
/// Words that say "I have it".
const YES: [&str; 8] = [
    "ack",
    "acknowledge",
    "acknowledged",
    "收到",
    "已收到",
    "确认",
    "认领",
    "我来处理",
];
/// Words that may stand beside a code or one of [`YES`] and change nothing.
const BESIDE: [&str; 8] = ["re", "reply", "code", "ok", "yes", "回复", "好", "好的"];

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A code.
    Code(Code),
    /// That they have it, without saying what.
    Word,
    /// Something else.
    Other,
}

impl Reply {
    /// Reads an answer as people type it: capitals, blanks, signs and wide digits do not matter.
    pub fn read(text: &str) -> Self {
        if text.chars().count() > LONGEST {
            return Self::Other;
        }
        let mut words = words(text);
        let numbers: Vec<String> = words.extract_if(.., |word| is_number(word)).collect();
        let is_yes = |word: &String| YES.contains(&word.as_str());
        let is_plain = |word: &String| is_yes(word) || BESIDE.contains(&word.as_str());
        if !words.iter().all(is_plain) {
            return Self::Other;
        }
        match numbers.as_slice() {
            [] if words.iter().any(is_yes) => Self::Word,
            [one] if one == "1" => Self::Word,
            [code] => Code::parse(code).map_or(Self::Other, Self::Code),
            _ => Self::Other,
        }
    }
}

/// Runs of digits and runs of letters, in small letters.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = None;
    for c in text.chars().map(narrow).flat_map(char::to_lowercase) {
        let kind = match c {
            '0'..='9' => Some(true),
            c if c.is_alphanumeric() => Some(false),
            _ => None,
        };
        match words.last_mut().filter(|_| kind == before) {
            Some(word) if kind.is_some() => word.push(c),
            _ if kind.is_some() => words.push(c.to_string()),
            _ => {}
        }
        before = kind;
    }
    words
}

/// A digit as Chinese keyboards write it, as the usual one.
fn narrow(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}' => char::from_u32(u32::from(c) - 0xff10 + 0x30).unwrap_or(c),
        c => c,
    }
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

/// A page whose code is still good, as its number's owner could answer it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answerable {
    /// Its code.
    pub code: Code,
    /// Whether anything of it has nobody yet.
    pub is_open: bool,
}

/// What an answer comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It acknowledges this page, counted from 0. It may be somebody else's already, or over.
    Takes(usize),
    /// It could mean any of several open pages: they are to be listed.
    Which,
    /// It means a page, but nothing is open.
    NothingOpen,
    /// No page to this number has the code.
    WrongCode,
    /// It is no answer.
    NoAnswer,
    /// The number has not been paged of late: it is a stranger's.
    Stranger,
}

/// What an answer comes to from a number with these pages.
pub fn judge(reply: Reply, pages: &[Answerable]) -> Verdict {
    if pages.is_empty() {
        return Verdict::Stranger;
    }
    let mut open = pages.iter().enumerate().filter(|(_, page)| page.is_open);
    match reply {
        Reply::Other => Verdict::NoAnswer,
        Reply::Code(code) => {
            let at = pages.iter().position(|page| page.code == code);
            at.map_or(Verdict::WrongCode, Verdict::Takes)
        }
        Reply::Word => match (open.next(), open.next()) {
            (None, _) => Verdict::NothingOpen,
            (Some((at, _)), None) => Verdict::Takes(at),
            (Some(_), Some(_)) => Verdict::Which,
        },
    }
}
