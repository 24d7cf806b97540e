//! `fmt.Sprintf`: reading the format.

use super::Out;
use super::verb::{self, Style};
use crate::budget::{Budget, Spent};
use crate::value::Value;

/// The largest width and precision Go takes.
const MOST: i64 = 1_000_000;

struct Format<'a, 'b> {
    rest: &'a str,
    values: &'a [Value],
    at: usize,
    /// Whether the format picked an argument by number, so that none counts as left over.
    reordered: bool,
    good_number: bool,
    out: Out<'b>,
}

/// Formats values as `printf` does, mistakes and all.
pub(crate) fn sprintf(format: &str, values: &[Value], budget: &Budget) -> Result<String, Spent> {
    let mut format = Format {
        rest: format,
        values,
        at: 0,
        reordered: false,
        good_number: true,
        out: Out::new(budget),
    };
    while let Some(percent) = format.rest.find('%') {
        let (text, rest) = format.rest.split_at(percent);
        format.out.push(text)?;
        format.rest = &rest[1..];
        format.directive()?;
    }
    let rest = format.rest;
    format.out.push(rest)?;
    format.left_over()?;
    Ok(format.out.done())
}

impl Format<'_, '_> {
    fn directive(&mut self) -> Result<(), Spent> {
        let mut style = self.flags();
        self.good_number = true;
        let mut by_number = self.pick();
        if self.takes('*') {
            style.width = self.star("%!(BADWIDTH)")?;
            if style.width.is_some_and(|width| width < 0) {
                style.minus = true;
                style.zero = false;
            }
            by_number = false;
        } else {
            style.width = self.number();
            if by_number && style.width.is_some() {
                self.good_number = false;
            }
        }
        if self.takes('.') {
            if by_number {
                self.good_number = false;
            }
            by_number = self.pick();
            if self.takes('*') {
                style.precision = self
                    .star("%!(BADPREC)")?
                    .filter(|precision| *precision >= 0);
                by_number = false;
            } else {
                style.precision = Some(self.number().unwrap_or(0));
            }
        }
        if !by_number {
            self.pick();
        }
        self.verb(style)
    }

    fn verb(&mut self, style: Style) -> Result<(), Spent> {
        let Some(verb) = self.rest.chars().next() else {
            return self.out.push("%!(NOVERB)");
        };
        self.rest = &self.rest[verb.len_utf8()..];
        if verb == '%' {
            return self.out.push("%");
        }
        if !self.good_number {
            return self.out.push(&format!("%!{verb}(BADINDEX)"));
        }
        let Some(value) = self.values.get(self.at) else {
            return self.out.push(&format!("%!{verb}(MISSING)"));
        };
        self.at += 1;
        verb::print(&mut self.out, verb, style, value)
    }

    fn flags(&mut self) -> Style {
        let mut style = Style::default();
        while let Some(flag) = self.rest.chars().next() {
            match flag {
                '#' => style.sharp = true,
                '0' => style.zero = !style.minus,
                '+' => style.plus = true,
                '-' => {
                    style.minus = true;
                    style.zero = false;
                }
                ' ' => style.space = true,
                _ => break,
            }
            self.rest = &self.rest[1..];
        }
        style
    }

    fn takes(&mut self, sign: char) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn number(&mut self) -> Option<i64> {
        let length = self
            .rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest;
        digits.parse().ok().filter(|number| *number <= MOST)
    }

    /// A width or precision out of the arguments.
    fn star(&mut self, wrong: &str) -> Result<Option<i64>, Spent> {
        let number = self.values.get(self.at).and_then(Value::as_int);
        self.at += usize::from(self.at < self.values.len());
        let number = number.filter(|number| number.abs() <= MOST);
        if number.is_none() {
            self.out.push(wrong)?;
        }
        Ok(number)
    }

    /// `[n]`: the next argument's number, from 1.
    fn pick(&mut self) -> bool {
        let Some(inner) = self.rest.strip_prefix('[') else {
            return false;
        };
        self.reordered = true;
        let Some(end) = inner.find(']') else {
            self.good_number = false;
            self.rest = inner;
            return false;
        };
        let number = inner[..end].parse::<usize>().ok();
        self.rest = &inner[end + 1..];
        match number.filter(|number| (1..=self.values.len()).contains(number)) {
            Some(number) => self.at = number - 1,
            None => self.good_number = false,
        }
        true
    }

    fn left_over(&mut self) -> Result<(), Spent> {
        if self.reordered || self.at >= self.values.len() {
            return Ok(());
        }
        self.out.push("%!(EXTRA ")?;
        for (at, value) in self.values[self.at..].iter().enumerate() {
            if at > 0 {
                self.out.push(", ")?;
            }
            self.out.push(value.type_name())?;
            if !matches!(value, Value::Nil) {
                self.out.push("=")?;
                verb::print(&mut self.out, 'v', Style::default(), value)?;
            }
        }
        self.out.push(")")
    }
}
