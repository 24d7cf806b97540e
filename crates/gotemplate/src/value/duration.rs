//! `time.Duration`: how it prints, and its methods.

use crate::value::Value;
use crate::value::function::{Call, Failure, Function};

const SECOND: u64 = 1_000_000_000;

/// A duration in nanoseconds as Go prints it, such as `1h2m3.5s`.
pub(crate) fn text(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    if nanos == 0 {
        return "0s".to_owned();
    }
    if nanos < SECOND {
        let (unit, digits) = match nanos {
            0..1_000 => ("ns", 0),
            1_000..1_000_000 => ("µs", 3),
            _ => ("ms", 6),
        };
        return format!("{sign}{}{unit}", fraction(nanos, digits));
    }
    let (minutes, rest) = (nanos / SECOND / 60, nanos % (60 * SECOND));
    let seconds = fraction(rest, 9);
    let (hours, minutes_left) = (minutes / 60, minutes % 60);
    match (hours, minutes) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, _) => format!("{sign}{minutes}m{seconds}s"),
        _ => format!("{sign}{hours}h{minutes_left}m{seconds}s"),
    }
}

/// A number whose last digits stand behind the point, without zeros at its end.
fn fraction(value: u64, digits: u32) -> String {
    let unit = 10_u64.pow(digits);
    let (whole, rest) = (value / unit, value % unit);
    if rest == 0 {
        return whole.to_string();
    }
    let rest = format!("{rest:0width$}", width = digits as usize);
    format!("{whole}.{}", rest.trim_end_matches('0'))
}

fn nanos(values: &[Value]) -> i64 {
    values.first().and_then(Value::as_int).unwrap_or_default()
}

const fn method(
    name: &'static str,
    call: fn(&Call<'_>, &[Value]) -> Result<Value, Failure>,
) -> Function {
    Function {
        name,
        takes: &[],
        rest: None,
        call,
    }
}

pub(crate) static METHODS: [Function; 7] = [
    method("String", |call, of| call.text(text(nanos(of)))),
    method("Nanoseconds", |_, of| Ok(Value::Int(nanos(of)))),
    method("Microseconds", |_, of| Ok(Value::Int(nanos(of) / 1_000))),
    method("Milliseconds", |_, of| {
        Ok(Value::Int(nanos(of) / 1_000_000))
    }),
    method("Seconds", |_, of| Ok(Value::Float(nanos(of) as f64 / 1e9))),
    method("Minutes", |_, of| Ok(Value::Float(nanos(of) as f64 / 60e9))),
    method("Hours", |_, of| {
        Ok(Value::Float(nanos(of) as f64 / 3_600e9))
    }),
];
