//! One value by one verb.

use std::fmt::Write as _;

use super::Out;
use super::number::{float, integer};
use crate::budget::Spent;
use crate::quote::{quoted, quoted_char};
use crate::value::{Struct, Value};

/// Flags, width and precision of a directive.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are printf's five flags"
)]
pub(super) struct Style {
    pub(super) plus: bool,
    pub(super) minus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    pub(super) width: Option<i64>,
    pub(super) precision: Option<i64>,
}

type Printed = Result<(), Spent>;

/// Prints a value, or in Go's way that the verb does not go with it.
pub(super) fn print(out: &mut Out<'_>, verb: char, style: Style, value: &Value) -> Printed {
    out.budget.step(1)?;
    if verb == 'T' {
        return padded(out, style, value.type_name());
    }
    match value {
        Value::Nil => match verb {
            'v' => padded(out, style, "<nil>"),
            _ => out.push(&format!("%!{verb}(<nil>)")),
        },
        Value::Bool(truth) if matches!(verb, 't' | 'v') => padded(out, style, &truth.to_string()),
        Value::Text(text) | Value::Safe(_, text) => texts(out, verb, style, value, text),
        Value::Duration(nanos) if matches!(verb, 'v' | 's' | 'q' | 'x' | 'X') => texts(
            out,
            verb,
            style,
            value,
            &crate::value::duration::text(*nanos),
        ),
        Value::Int(_) | Value::Duration(_) | Value::Char(_) => {
            let number = value.as_int().unwrap_or_default();
            match integer(number, verb, style) {
                Some(text) => number_padded(out, style, &text),
                None if verb == 'c' => padded(out, style, &rune(number).to_string()),
                None if verb == 'q' => padded(out, style, &quoted_char(rune(number))),
                None => wrong(out, verb, value),
            }
        }
        Value::Float(number) => match float(*number, verb, style) {
            Some(text) => number_padded(out, style, &text),
            None => wrong(out, verb, value),
        },
        _ => composite(out, verb, style, value),
    }
}

fn composite(out: &mut Out<'_>, verb: char, style: Style, value: &Value) -> Printed {
    let own = value.of().and_then(|of| of.text);
    if let Some(text) = own.filter(|_| matches!(verb, 'v' | 's' | 'q' | 'x' | 'X')) {
        let text = text(value);
        out.budget.make(text.len())?;
        return texts(out, verb, style, value, &text);
    }
    match value {
        Value::List(list) => {
            out.push("[")?;
            for (at, item) in list.items.iter().enumerate() {
                if at > 0 {
                    out.push(" ")?;
                }
                print(out, verb, style, item)?;
            }
            out.push("]")
        }
        Value::Map(map) => {
            out.push("map[")?;
            for (at, (key, value)) in map.entries.iter().enumerate() {
                if at > 0 {
                    out.push(" ")?;
                }
                print(out, verb, style, &Value::Text(std::rc::Rc::clone(key)))?;
                out.push(":")?;
                print(out, verb, style, value)?;
            }
            out.push("]")
        }
        Value::Struct(fields) => structs(out, verb, style, fields),
        _ => wrong(out, verb, value),
    }
}

fn structs(out: &mut Out<'_>, verb: char, style: Style, fields: &Struct) -> Printed {
    if fields.of.name.starts_with('*') {
        out.push("&")?;
    }
    out.push("{")?;
    for (at, (name, value)) in fields.fields.iter().enumerate() {
        if at > 0 {
            out.push(" ")?;
        }
        if style.plus && verb == 'v' {
            out.push(name)?;
            out.push(":")?;
        }
        print(out, verb, style, value)?;
    }
    out.push("}")
}

fn wrong(out: &mut Out<'_>, verb: char, value: &Value) -> Printed {
    out.push(&format!("%!{verb}({}=", value.type_name()))?;
    print(out, 'v', Style::default(), value)?;
    out.push(")")
}

fn texts(out: &mut Out<'_>, verb: char, style: Style, value: &Value, text: &str) -> Printed {
    let cut = |text: &str| match style.precision {
        Some(most) => text.chars().take(most as usize).collect::<String>(),
        None => text.to_owned(),
    };
    match verb {
        'v' if style.sharp => padded(out, style, &quoted(text)),
        'v' | 's' => padded(out, style, &cut(text)),
        'q' => padded(out, style, &quote(&cut(text), style)),
        'x' | 'X' => padded(out, style, &hex(text, verb, style)),
        _ => wrong(out, verb, value),
    }
}

fn quote(text: &str, style: Style) -> String {
    if style.sharp && !text.contains('`') && !text.chars().any(|c| c.is_control() && c != '\t') {
        return format!("`{text}`");
    }
    if !style.plus {
        return quoted(text);
    }
    let mut ascii = String::new();
    for c in quoted(text).chars() {
        match c as u32 {
            0..0x80 => ascii.push(c),
            code @ 0x80..0x1_0000 => drop(write!(ascii, "\\u{code:04x}")),
            code => drop(write!(ascii, "\\U{code:08x}")),
        }
    }
    ascii
}

fn hex(text: &str, verb: char, style: Style) -> String {
    let most = style.precision.map_or(text.len(), |most| most as usize);
    let mut hex = String::new();
    for (at, byte) in text.bytes().take(most).enumerate() {
        if style.space && at > 0 {
            hex.push(' ');
        }
        if style.sharp && (at == 0 || style.space) {
            hex.push_str("0x");
        }
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    if verb == 'X' { hex.to_uppercase() } else { hex }
}

fn rune(number: i64) -> char {
    let code = u32::try_from(number).ok();
    code.and_then(char::from_u32).unwrap_or('\u{fffd}')
}

/// Fills up to the width, counted in characters.
fn padded(out: &mut Out<'_>, style: Style, text: &str) -> Printed {
    let width = style.width.map_or(0, |width| width.unsigned_abs() as usize);
    let missing = width.saturating_sub(text.chars().count());
    let filler = if style.zero { '0' } else { ' ' };
    if style.minus {
        out.push(text)?;
        return out.fill(' ', missing);
    }
    out.fill(filler, missing)?;
    out.push(text)
}

/// Fills up to the width; zeros stand behind the sign.
fn number_padded(out: &mut Out<'_>, style: Style, text: &str) -> Printed {
    let signed = text.starts_with(['+', '-', ' ']);
    if !(style.zero && signed) {
        return padded(out, style, text);
    }
    let width = style.width.map(|width| width.abs() - 1);
    out.push(&text[..1])?;
    padded(out, Style { width, ..style }, &text[1..])
}
