//! Numbers as Go prints them.

use super::verb::Style;

/// A whole number by a verb, without its padding; `None` when the verb makes no digits of it.
pub(super) fn integer(number: i64, verb: char, style: Style) -> Option<String> {
    let value = number.unsigned_abs();
    let (prefix, digits) = match verb {
        'd' | 'v' => ("", value.to_string()),
        'b' => ("0b", format!("{value:b}")),
        'o' => ("0", format!("{value:o}")),
        'O' => ("0o", format!("{value:o}")),
        'x' => ("0x", format!("{value:x}")),
        'X' => ("0X", format!("{value:X}")),
        'U' => return Some(format!("U+{value:04X}")),
        _ => return None,
    };
    let digits = match style.precision {
        Some(0) if number == 0 => String::new(),
        Some(least) => format!("{digits:0>width$}", width = least as usize),
        None => digits,
    };
    let prefix = if style.sharp || verb == 'O' {
        prefix
    } else {
        ""
    };
    Some(format!("{}{prefix}{digits}", sign(number < 0, style)))
}

const fn sign(negative: bool, style: Style) -> &'static str {
    match (negative, style.plus, style.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    }
}

/// A floating-point number by a verb; `None` when the verb is not for those.
pub(super) fn float(number: f64, verb: char, style: Style) -> Option<String> {
    if !matches!(verb, 'v' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G') {
        return None;
    }
    if number.is_nan() {
        return Some(format!("{}NaN", sign(false, style)));
    }
    let sign = if number.is_infinite() && number > 0.0 {
        "+"
    } else {
        sign(number.is_sign_negative(), style)
    };
    if number.is_infinite() {
        return Some(format!("{sign}Inf"));
    }
    let value = number.abs();
    let precision = style.precision.map(|precision| precision as usize);
    let digits = match verb {
        'f' | 'F' => format!("{value:.*}", precision.unwrap_or(6)),
        'e' | 'E' => exponent(&format!("{value:.*e}", precision.unwrap_or(6))),
        _ => general(value, precision, style),
    };
    let digits = if matches!(verb, 'E' | 'G') {
        digits.to_uppercase()
    } else {
        digits
    };
    Some(format!("{sign}{digits}"))
}

/// Rust's exponent as Go's: a sign and two digits at least.
fn exponent(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// `%g`: few digits for great and small exponents, all of them otherwise.
fn general(value: f64, precision: Option<usize>, style: Style) -> String {
    let scientific = match precision {
        None => format!("{value:e}"),
        Some(precision) => format!("{value:.*e}", precision.max(1) - 1),
    };
    let (mantissa, exponent_text) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent_value: i32 = exponent_text.parse().unwrap_or(0);
    let mantissa = if precision.is_some() && !style.sharp && mantissa.contains('.') {
        mantissa.trim_end_matches('0').trim_end_matches('.')
    } else {
        mantissa
    };
    let digits = mantissa.replace('.', "");
    let limit = match precision {
        None => 6,
        Some(precision) => {
            let precision = precision.max(1) as i32;
            let (count, point) = (digits.len() as i32, exponent_value + 1);
            if precision > count && count >= point {
                count
            } else {
                precision
            }
        }
    };
    if exponent_value < -4 || exponent_value >= limit {
        return exponent(&format!("{mantissa}e{exponent_text}"));
    }
    plain(&digits, exponent_value)
}

/// Digits with the point behind the given place.
fn plain(digits: &str, exponent: i32) -> String {
    if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("0.{zeros}{digits}");
    }
    let whole = exponent as usize + 1;
    if digits.len() <= whole {
        return format!("{digits:0<whole$}");
    }
    format!("{}.{}", &digits[..whole], &digits[whole..])
}
