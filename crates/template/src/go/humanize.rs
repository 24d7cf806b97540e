//! Durations for people, as Prometheus' `humanizeDuration` writes them.

use balefire_gotemplate::value::Value;
use balefire_gotemplate::value::function::{Call, Failure};

/// A number of seconds, or a duration.
pub(super) fn duration(call: &Call<'_>, value: &Value) -> Result<String, Failure> {
    let seconds = seconds(value)?;
    if !seconds.is_finite() {
        return call.printf("%.4g", &[Value::Float(seconds)]);
    }
    if seconds == 0.0 {
        return call.printf("%.4gs", &[Value::Float(seconds)]);
    }
    if seconds.abs() < 1.0 {
        return parts_of_a_second(call, seconds);
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    let whole = seconds.abs() as i64;
    let (days, hours, minutes) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60);
    let rest = whole % 60;
    if days != 0 {
        return Ok(format!("{sign}{days}d {hours}h {minutes}m {rest}s"));
    }
    if hours != 0 {
        return Ok(format!("{sign}{hours}h {minutes}m {rest}s"));
    }
    if minutes != 0 {
        return Ok(format!("{sign}{minutes}m {rest}s"));
    }
    Ok(sign.to_owned() + &call.printf("%.4gs", &[Value::Float(seconds.abs())])?)
}

fn parts_of_a_second(call: &Call<'_>, seconds: f64) -> Result<String, Failure> {
    let (mut value, mut unit) = (seconds, "");
    for smaller in ["m", "u", "n", "p", "f", "a", "z", "y"] {
        if value.abs() >= 1.0 {
            break;
        }
        unit = smaller;
        value *= 1000.0;
    }
    call.printf("%.4g%ss", &[Value::Float(value), Value::text(unit)])
}

fn seconds(value: &Value) -> Result<f64, Failure> {
    match value {
        Value::Float(seconds) => Ok(*seconds),
        Value::Int(seconds) => Ok(*seconds as f64),
        Value::Duration(nanos) => Ok(*nanos as f64 / 1e9),
        Value::Text(text) => {
            let wrong = || format!("strconv.ParseFloat: parsing {text:?}: invalid syntax");
            Ok(text.parse::<f64>().map_err(|_| wrong())?)
        }
        other => Err(format!("can't convert {} to float", other.type_name()).into()),
    }
}
