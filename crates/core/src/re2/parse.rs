//! Go's grammar, from left to right, with the open groups on a stack.

use super::escape::{self, Rune};
use super::{MAX_NESTING, Re2Error, class, wrong};

/// The most a count may ask for, and counts inside one another taken together.
const MAX_REPEAT: u32 = 1000;

const BAD_COUNT: &str = "invalid repeat count";
const BAD_NAME: &str = "invalid named capture";

/// The pattern in Rust's spelling.
pub(super) fn translate(pattern: &str, captures: bool) -> Result<String, Re2Error> {
    let mut translation = Translation {
        pattern,
        captures,
        open: vec![Group::default()],
        repeated: None,
    };
    let mut rest = pattern;
    while !rest.is_empty() {
        rest = translation.step(rest)?;
    }
    let Some(outermost) = translation
        .open
        .pop()
        .filter(|_| translation.open.is_empty())
    else {
        return Err(wrong("missing closing )", pattern));
    };
    Ok(outermost.close().text)
}

struct Translation<'a> {
    pattern: &'a str,
    /// Whether groups are kept for replacements; matchers have no use for them.
    captures: bool,
    /// The groups that are open, outermost first; never empty.
    open: Vec<Group>,
    /// What was left of the pattern at the repetition that has just been read, if one has.
    repeated: Option<&'a str>,
}

/// A group that is still open.
#[derive(Default)]
struct Group {
    /// How it opens; nothing for the pattern as a whole.
    opening: String,
    /// The alternatives that are complete, each with its bar.
    done: String,
    /// The largest repetition in them.
    done_repeat: u32,
    /// The parts of the alternative that is being read.
    parts: Vec<Part>,
}

/// One part of a sequence.
struct Part {
    text: String,
    /// What counts inside it come to when taken together.
    repeat: u32,
    kind: Kind,
}

#[derive(PartialEq)]
enum Kind {
    /// Can be repeated as it stands.
    Atom,
    /// Must be put into a group before it is repeated.
    Compound,
    /// A change of flags: repetition passes over it.
    Flags,
}

impl Group {
    fn end_alternative(&mut self) {
        for part in self.parts.drain(..) {
            self.done.push_str(&part.text);
            self.done_repeat = self.done_repeat.max(part.repeat);
        }
    }

    fn close(mut self) -> Part {
        self.end_alternative();
        let text = if self.opening.is_empty() {
            self.done
        } else {
            format!("{}{})", self.opening, self.done)
        };
        Part {
            text,
            repeat: self.done_repeat,
            kind: Kind::Atom,
        }
    }
}

impl<'a> Translation<'a> {
    /// Reads one element; the answer is what follows it.
    fn step(&mut self, text: &'a str) -> Result<&'a str, Re2Error> {
        let repeated = self.repeated.take();
        let mut after = text.chars();
        let Some(first) = after.next() else {
            return Ok("");
        };
        let after = after.as_str();
        match first {
            '(' if after.starts_with('?') => return self.flags_or_group(text),
            '(' if self.captures => self.open("(".to_owned())?,
            '(' => self.open("(?:".to_owned())?,
            ')' => self.close()?,
            '|' => {
                self.innermost().end_alternative();
                self.innermost().done.push('|');
            }
            '[' => {
                let (set, rest) = class::take_brackets(text)?;
                self.atom(set);
                return Ok(rest);
            }
            '^' | '$' | '.' => self.push(first.to_string(), Kind::Compound),
            '*' | '+' | '?' => {
                return self.repeat(text, after, (first.to_string(), None), repeated);
            }
            '{' => {
                if let Some((least, most, rest)) = take_count(text) {
                    let spelled = &text[..text.len() - rest.len()];
                    let count = check_count(least, most, spelled)?;
                    return self.repeat(text, rest, count, repeated);
                }
                self.literal('{');
            }
            '\\' => return self.escape(text),
            c => self.literal(c),
        }
        Ok(after)
    }

    fn innermost(&mut self) -> &mut Group {
        if self.open.is_empty() {
            self.open.push(Group::default());
        }
        let last = self.open.len() - 1;
        &mut self.open[last]
    }

    fn push(&mut self, text: String, kind: Kind) {
        self.innermost().parts.push(Part {
            text,
            repeat: 0,
            kind,
        });
    }

    fn atom(&mut self, text: String) {
        self.push(text, Kind::Atom);
    }

    fn literal(&mut self, c: char) {
        let mut text = String::new();
        escape::write_literal(&mut text, c);
        self.atom(text);
    }

    fn rune(&mut self, rune: Rune) {
        match char::from_u32(rune) {
            Some(c) => self.literal(c),
            None => self.atom(class::NOTHING.to_owned()),
        }
    }

    fn open(&mut self, opening: String) -> Result<(), Re2Error> {
        if self.open.len() > MAX_NESTING {
            return Err(wrong("expression nests too deeply", self.pattern));
        }
        self.open.push(Group {
            opening,
            ..Group::default()
        });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Re2Error> {
        if self.open.len() < 2 {
            return Err(wrong("unexpected )", self.pattern));
        }
        if let Some(group) = self.open.pop() {
            let part = group.close();
            self.innermost().parts.push(part);
        }
        Ok(())
    }

    /// `(?:…)`, `(?i:…)`, `(?i)`, `(?P<name>…)` and `(?<name>…)`.
    fn flags_or_group(&mut self, text: &'a str) -> Result<&'a str, Re2Error> {
        for opening in ["(?P<", "(?<"] {
            let Some(named) = text.strip_prefix(opening) else {
                continue;
            };
            let (name, rest) = named.split_once('>').ok_or_else(|| wrong(BAD_NAME, text))?;
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(word) {
                return Err(wrong(BAD_NAME, &text[..text.len() - rest.len()]));
            }
            let kept = self.captures && !name.starts_with(|c: char| c.is_ascii_digit());
            let opening = match self.captures {
                true if kept => format!("(?P<{name}>"),
                true => "(".to_owned(),
                false => "(?:".to_owned(),
            };
            self.open(opening)?;
            return Ok(rest);
        }
        let mut rest = text[2..].chars();
        let mut flags = String::new();
        loop {
            match rest.next() {
                Some(flag @ ('i' | 'm' | 's' | 'U')) => flags.push(flag),
                Some('-') if !flags.contains('-') => flags.push('-'),
                Some(end @ (':' | ')')) if !flags.ends_with('-') => {
                    self.flagged(&flags, end == ':')?;
                    return Ok(rest.as_str());
                }
                _ => {
                    let spelled = &text[..text.len() - rest.as_str().len()];
                    return Err(wrong("invalid or unsupported Perl syntax", spelled));
                }
            }
        }
    }

    fn flagged(&mut self, flags: &str, group: bool) -> Result<(), Re2Error> {
        // Go lets a flag be given twice, Rust does not.
        let (on, off) = flags.split_once('-').unwrap_or((flags, ""));
        let unique = |flags: &str, but: &str| -> String {
            "imsU"
                .chars()
                .filter(|c| flags.contains(*c) && !but.contains(*c))
                .collect()
        };
        // What is switched on and off in one breath ends up off.
        let (on, off) = (unique(on, off), unique(off, ""));
        let minus = if off.is_empty() { "" } else { "-" };
        if group {
            return self.open(format!("(?{on}{minus}{off}:"));
        }
        if !(on.is_empty() && off.is_empty()) {
            self.push(format!("(?{on}{minus}{off})"), Kind::Flags);
        }
        Ok(())
    }

    /// Repeats the last part. `before` starts with the operator, `after` follows it; the operator
    /// comes with how often it repeats at most, if it counts.
    fn repeat(
        &mut self,
        before: &'a str,
        after: &'a str,
        (mut operator, times): (String, Option<u32>),
        repeated: Option<&'a str>,
    ) -> Result<&'a str, Re2Error> {
        let after = match after.strip_prefix('?') {
            Some(after) => {
                operator.push('?');
                after
            }
            None => after,
        };
        let spelled = |from: &'a str| &from[..from.len() - after.len()];
        if let Some(repeated) = repeated {
            return Err(wrong(
                "invalid nested repetition operator",
                spelled(repeated),
            ));
        }
        let parts = &mut self.innermost().parts;
        let Some(part) = parts.iter_mut().rfind(|part| part.kind != Kind::Flags) else {
            return Err(wrong(
                "missing argument to repetition operator",
                spelled(before),
            ));
        };
        if let Some(times) = times {
            part.repeat = part.repeat.max(1).saturating_mul(times);
            if part.repeat > MAX_REPEAT {
                return Err(wrong(BAD_COUNT, spelled(before)));
            }
        }
        if part.kind == Kind::Compound {
            part.text = format!("(?:{})", part.text);
        }
        part.text.push_str(&operator);
        part.kind = Kind::Compound;
        self.repeated = Some(before);
        Ok(after)
    }

    /// What a backslash begins.
    fn escape(&mut self, text: &'a str) -> Result<&'a str, Re2Error> {
        let assertion = match text.as_bytes().get(1) {
            Some(b'A') => Some(r"\A"),
            Some(b'z') => Some(r"\z"),
            Some(b'b') => Some(r"(?-u:\b)"),
            Some(b'B') => Some(r"(?-u:\B)"),
            Some(b'Q') => {
                let quoted = &text[2..];
                let (quoted, rest) = quoted.split_once(r"\E").unwrap_or((quoted, ""));
                quoted.chars().for_each(|c| self.literal(c));
                return Ok(rest);
            }
            _ => None,
        };
        if let Some(assertion) = assertion {
            self.push(assertion.to_owned(), Kind::Compound);
            return Ok(&text[2..]);
        }
        if let Some((set, rest)) = class::take_unicode(text)? {
            self.atom(set);
            return Ok(rest);
        }
        if let Some((set, rest)) = class::take_perl(text) {
            self.atom(set.to_owned());
            return Ok(rest);
        }
        let (rune, rest) = escape::take(text)?;
        self.rune(rune);
        Ok(rest)
    }
}

/// Takes `{n}`, `{n,}` or `{n,m}` off the front; anything else is no count but a brace.
fn take_count(text: &str) -> Option<(u32, Option<u32>, &str)> {
    let (least, rest) = take_number(text.strip_prefix('{')?)?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((least, Some(least), rest));
    }
    let rest = rest.strip_prefix(',')?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((least, None, rest));
    }
    let (most, rest) = take_number(rest)?;
    Some((least, Some(most), rest.strip_prefix('}')?))
}

/// A number without leading zeros; one too large for its type is too large for a count anyway.
fn take_number(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    if number.is_empty() || (number.len() > 1 && number.starts_with('0')) {
        return None;
    }
    Some((number.parse().unwrap_or(u32::MAX), rest))
}

/// The count in Rust's spelling and how often it repeats at most, an open end counting as its start.
fn check_count(
    least: u32,
    most: Option<u32>,
    spelled: &str,
) -> Result<(String, Option<u32>), Re2Error> {
    if least > MAX_REPEAT || most.is_some_and(|most| most > MAX_REPEAT || most < least) {
        return Err(wrong(BAD_COUNT, spelled));
    }
    Ok(match most {
        Some(most) => (format!("{{{least},{most}}}"), Some(most)),
        None => (format!("{{{least},}}"), Some(least)),
    })
}
