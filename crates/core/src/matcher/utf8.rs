//! The UTF-8 syntax of matchers: strict, and any text can be a name.
//!
//! Names and values are words without reserved characters, or quoted with Go's escapes. Source:
//! Alertmanager's `matcher/parse`.

use super::lexer::{Lexer, Token, TokenKind};
use super::parse::{self, MatcherError, shown};
use super::{MatchOp, Matcher};

const NAME: &str = "label name";
const VALUE: &str = "label value";
const OPERATOR: &str = "an operator such as '=', '!=', '=~' or '!~'";
const OPEN: &str = "opening brace";
const CLOSE: &str = "close brace";
const COMMA_OR_CLOSE: &str = "a comma or close brace";
const MATCHER_OR_CLOSE: &str = "a matcher or close brace after comma";
const END: &str = "end of input";

/// Reads a list with commas between, one of which may come last; braces are optional and pair.
pub(super) fn matchers(text: &str) -> Result<Vec<Matcher>, MatcherError> {
    let mut lexer = Lexer::new(text);
    let open = take_if(&mut lexer, &TokenKind::OpenBrace)?;
    let mut matchers = Vec::new();
    let mut next = lexer.peek()?;
    let ended = |next: &Option<Token<'_>>| {
        next.as_ref()
            .is_none_or(|token| token.kind == TokenKind::CloseBrace)
    };
    while !ended(&next) {
        matchers.push(matcher(&mut lexer)?);
        next = lexer.peek()?;
        if ended(&next) {
            break;
        }
        let comma = expect(&mut lexer, COMMA_OR_CLOSE)?;
        if comma.kind != TokenKind::Comma {
            return Err(unexpected(&comma, COMMA_OR_CLOSE));
        }
        next = lexer.peek()?;
        match &next {
            Some(token) if !ended(&next) && !token.is_word() => {
                return Err(unexpected(token, MATCHER_OR_CLOSE));
            }
            _ => {}
        }
    }
    if open {
        // Only a close brace or nothing is left by now.
        expect(&mut lexer, CLOSE)?;
    } else if let Some(brace) = next {
        return Err(unexpected(&brace, OPEN));
    }
    match lexer.next()? {
        Some(token) => Err(unexpected(&token, END)),
        None => Ok(matchers),
    }
}

fn matcher(lexer: &mut Lexer<'_>) -> Result<Matcher, MatcherError> {
    let name = word(lexer, NAME)?;
    let token = expect(lexer, OPERATOR)?;
    let TokenKind::Operator(op) = token.kind else {
        return Err(unexpected(&token, OPERATOR));
    };
    let value = word(lexer, VALUE)?;
    parse::make(&name, op, &value)
}

/// The text of a word, quoted or not.
fn word(lexer: &mut Lexer<'_>, expected: &'static str) -> Result<String, MatcherError> {
    let token = expect(lexer, expected)?;
    match token.kind {
        TokenKind::Unquoted => Ok(token.text.to_owned()),
        TokenKind::Quoted => unquote(token.text).ok_or_else(|| MatcherError::BadEscape {
            at: token.at,
            found: shown(token.text),
        }),
        _ => Err(unexpected(&token, expected)),
    }
}

fn take_if(lexer: &mut Lexer<'_>, kind: &TokenKind) -> Result<bool, MatcherError> {
    let there = lexer.peek()?.is_some_and(|token| token.kind == *kind);
    if there {
        lexer.next()?;
    }
    Ok(there)
}

fn expect<'a>(lexer: &mut Lexer<'a>, expected: &'static str) -> Result<Token<'a>, MatcherError> {
    match lexer.next()? {
        Some(token) => Ok(token),
        None => Err(MatcherError::EndOfInput {
            at: lexer.end(),
            expected,
        }),
    }
}

fn unexpected(token: &Token<'_>, expected: &'static str) -> MatcherError {
    MatcherError::Unexpected {
        at: token.at,
        found: shown(token.text),
        expected,
    }
}

/// The text of a double-quoted Go string; `None` when it is not one.
///
/// `\x` and octal escapes stand for bytes, so that the whole must be checked for UTF-8 at the end.
fn unquote(quoted: &str) -> Option<String> {
    let inside = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = Vec::with_capacity(inside.len());
    let mut rest = inside.chars();
    while let Some(c) = rest.next() {
        match c {
            '\n' => return None,
            '\\' => escape(&mut rest, &mut bytes)?,
            c => push(&mut bytes, c),
        }
    }
    String::from_utf8(bytes).ok()
}

fn escape(rest: &mut std::str::Chars<'_>, bytes: &mut Vec<u8>) -> Option<()> {
    let byte = match rest.next()? {
        'a' => 0x07,
        'b' => 0x08,
        'f' => 0x0c,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 0x0b,
        '\\' => b'\\',
        '"' => b'"',
        'x' => u8::try_from(digits(rest, 2, 16, 0)?).ok()?,
        first @ '0'..='7' => u8::try_from(digits(rest, 2, 8, first.to_digit(8)?)?).ok()?,
        'u' => {
            push(bytes, char::from_u32(digits(rest, 4, 16, 0)?)?);
            return Some(());
        }
        'U' => {
            push(bytes, char::from_u32(digits(rest, 8, 16, 0)?)?);
            return Some(());
        }
        _ => return None,
    };
    bytes.push(byte);
    Some(())
}

/// The number that `start` and exactly `count` further digits make.
fn digits(rest: &mut std::str::Chars<'_>, count: usize, radix: u32, start: u32) -> Option<u32> {
    (0..count).try_fold(start, |number, _| {
        number
            .checked_mul(radix)?
            .checked_add(rest.next()?.to_digit(radix)?)
    })
}

fn push(bytes: &mut Vec<u8>, c: char) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// The operator of its spelling.
pub(super) const OPERATORS: [(&str, MatchOp); 4] = [
    ("=~", MatchOp::Regex),
    ("=", MatchOp::Equal),
    ("!=", MatchOp::NotEqual),
    ("!~", MatchOp::NotRegex),
];
