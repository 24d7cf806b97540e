//! Dates and times as MySQL takes them in a text, which is what clients of older services send.
//!
//! The rules: <https://dev.mysql.com/doc/refman/8.0/en/date-and-time-literals.html>, years of four digits only.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time};
use serde_json::Value;

/// What is expected, for whoever sent something else.
const EXPECTED: &str =
    "应为日期或时间，例如 2018-11-22、2018-11-22 10:00:00、2018/11/22 或 20181122";
/// Longer texts hold no time.
const LONGEST: usize = 40;

/// The date and time of a value, at midnight when there is no time in it: `2018-11-22`, `2018-11-22 10:00:00`,
/// `2018-11-22T10:00`, `2018/11/22`, `20181122`, `20181122100000`, the last two also as numbers.
///
/// # Errors
///
/// Says what was expected and what was there.
pub(super) fn read(value: &Value) -> Result<DateTime, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => return Err(format!("{EXPECTED}，不是 {}", kind(other))),
    };
    parse(text.trim()).ok_or_else(|| {
        let shown: String = text.chars().take(LONGEST).collect();
        format!("{EXPECTED}，不是 {shown:?}")
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true 或 false",
        Value::Array(_) => "列表",
        _ => "对象",
    }
}

/// The date and time of a text.
pub(crate) fn parse(text: &str) -> Option<DateTime> {
    if text.len() > LONGEST || !text.is_ascii() {
        return None;
    }
    if text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return packed(text);
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        // What announces a time must have one behind it.
        Some(at) if text.len() == at + 1 => return None,
        Some(at) => (&text[..at], text[at + 1..].trim_start()),
        None => (text, ""),
    };
    let [year, month, day] = three(date, &['-', '/', '.'])?;
    if year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    let date = self::date(number(year)?, number(month)?, number(day)?)?;
    time_of(date, time)
}

/// `YYYYMMDD` or `YYYYMMDDhhmmss`.
fn packed(digits: &str) -> Option<DateTime> {
    let part = |from: usize, to: usize| number(digits.get(from..to)?);
    let date = date(part(0, 4)?, part(4, 6)?, part(6, 8)?)?;
    match digits.len() {
        8 => Some(date.to_datetime(Time::midnight())),
        14 => whole(date, (part(8, 10)?, part(10, 12)?, part(12, 14)?)),
        _ => None,
    }
}

/// A date with `hh:mm` or `hh:mm:ss[.fraction]`; parts of a second are rounded, as a column without them does.
fn time_of(date: Date, text: &str) -> Option<DateTime> {
    if text.is_empty() {
        return Some(date.to_datetime(Time::midnight()));
    }
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if !(1..=9).contains(&fraction.len()) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut parts = clock.split(':');
    let mut part = |otherwise: Option<i64>| match parts.next() {
        Some(text) if (1..=2).contains(&text.len()) => number(text),
        Some(_) => None,
        None => otherwise,
    };
    let local = whole(date, (part(None)?, part(None)?, part(Some(0))?))?;
    if parts.next().is_some() {
        return None;
    }
    let up = i64::from(fraction.as_bytes()[0] >= b'5');
    local.checked_add(up.seconds()).ok()
}

fn three<'t>(text: &'t str, between: &[char]) -> Option<[&'t str; 3]> {
    let mut parts = text.split(between);
    let found = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(found)
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn date(year: i64, month: i64, day: i64) -> Option<Date> {
    let small = |number: i64| i8::try_from(number).ok();
    let year = i16::try_from(year).ok().filter(|year| *year >= 1_000)?;
    Date::new(year, small(month)?, small(day)?).ok()
}

fn whole(date: Date, (hour, minute, second): (i64, i64, i64)) -> Option<DateTime> {
    let small = |number: i64| i8::try_from(number).ok();
    let time = Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?;
    Some(date.to_datetime(time))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(value: &Value) -> String {
        match read(value) {
            Ok(local) => local.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            Err(why) => why,
        }
    }

    #[test]
    fn what_mysql_takes_is_taken() {
        for (value, expected) in [
            (json!("2018-11-22"), "2018-11-22 00:00:00"),
            (json!("2018-11-22 10:00:00"), "2018-11-22 10:00:00"),
            (json!("2018-11-22T11:30:05"), "2018-11-22 11:30:05"),
            (json!(" 2018-11-22  9:05 "), "2018-11-22 09:05:00"),
            (json!("2018/11/22"), "2018-11-22 00:00:00"),
            (json!("2018/1/2 3:4:5"), "2018-01-02 03:04:05"),
            (json!("2018.11.22"), "2018-11-22 00:00:00"),
            (json!("20181122"), "2018-11-22 00:00:00"),
            (json!(20_181_122), "2018-11-22 00:00:00"),
            (json!("20181122101530"), "2018-11-22 10:15:30"),
            (json!("2018-11-22 23:59:59.4"), "2018-11-22 23:59:59"),
            (json!("2018-12-31 23:59:59.5"), "2019-01-01 00:00:00"),
            (json!("2024-02-29"), "2024-02-29 00:00:00"),
        ] {
            assert_eq!(told(&value), expected, "{value}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_with_an_example() {
        for wrong in [
            json!(""),
            json!("soon"),
            json!("2018-11"),
            json!("2018-13-01"),
            json!("2023-02-29"),
            json!("18-11-22"),
            json!("0000-00-00"),
            json!("2018-11-22 24:00:00"),
            json!("2018-11-22 10"),
            json!("2018-11-22T"),
            json!("2018-11-22 10:00:00 UTC"),
            json!("2018-11-22 10:00:00:00"),
            json!("2018-11-22T10:00:00Z"),
            json!("2018-11-22-01"),
            json!("２０１８-11-22"),
            json!("201811221"),
            json!("' OR 1=1--"),
            json!(7),
            json!(true),
            json!(null),
            json!([]),
            json!({}),
            json!("9".repeat(1_000)),
        ] {
            let said = told(&wrong);
            assert!(said.starts_with("应为日期或时间"), "{wrong}: {said}");
            assert!(said.chars().count() < 150, "{said}");
        }
    }
}
