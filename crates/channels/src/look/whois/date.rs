//! Dates as registries write them.

use balefire_core::time::Time;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// Where registries are whose times have no zone. Each line is a top-level domain and the zone of its registry; a date
/// alone begins there, too.
const ZONES: [(&str, &str); 20] = [
    ("cn", "Asia/Shanghai"),
    ("xn--fiqs8s", "Asia/Shanghai"),
    ("xn--fiqz9s", "Asia/Shanghai"),
    ("jp", "Asia/Tokyo"),
    ("kr", "Asia/Seoul"),
    ("tw", "Asia/Taipei"),
    ("hk", "Asia/Hong_Kong"),
    ("sg", "Asia/Singapore"),
    ("my", "Asia/Kuala_Lumpur"),
    ("th", "Asia/Bangkok"),
    ("uk", "Europe/London"),
    ("it", "Europe/Rome"),
    ("pl", "Europe/Warsaw"),
    ("cz", "Europe/Prague"),
    ("fi", "Europe/Helsinki"),
    ("tr", "Europe/Istanbul"),
    ("br", "America/Sao_Paulo"),
    ("cl", "America/Santiago"),
    ("mx", "America/Mexico_City"),
    ("il", "Asia/Jerusalem"),
];
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
/// Longest text that is looked at, in bytes.
const LONGEST: usize = 80;

/// Reads a date with or without a time and a zone; `top` is the top-level domain, whose registry's zone counts where there is
/// none. A date alone is the beginning of that day.
pub(super) fn read(text: &str, top: &str) -> Option<Time> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.into());
    }
    let spaced = spaced(text);
    let words = spaced.split_whitespace();
    let words = words.map(|word| word.trim_matches('.'));
    let mut parts: Vec<&str> = Vec::new();
    let mut time = None;
    let mut zone = None;
    for word in words.filter(|word| !word.is_empty()) {
        if word.contains(':') && time.is_none() && offset(word).is_none() {
            let (clock, own) = clock(word)?;
            time = Some(clock);
            zone = zone.or(own);
        } else if parts.len() < 3 && time.is_none() {
            parts.extend(word.split(['-', '/', '.']).filter(|part| !part.is_empty()));
        } else {
            zone = zone.or_else(|| offset(word));
        }
    }
    let date = date(&parts)?;
    let (hour, minute, second) = time.unwrap_or_default();
    let wall = date.at(hour, minute, second, 0);
    at(wall, zone, top)
}

/// The text with blanks where words end: around brackets, and where a `T` stands between date and time.
fn spaced(text: &str) -> String {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let blank = |(at, c): (usize, char)| match c {
        '(' | ')' | ',' => ' ',
        'T' if at > 0 && is_digit(at - 1) && is_digit(at + 1) => ' ',
        c => c,
    };
    text.char_indices().map(blank).collect()
}

/// The date of its parts: year first, or day first with the month in figures or letters, or the month's name first.
fn date(parts: &[&str]) -> Option<Date> {
    let number = |text: &str| text.parse::<i16>().ok();
    let month = |text: &str| {
        let low = text.to_ascii_lowercase();
        let named = MONTHS.iter().position(|name| low.get(..3) == Some(name));
        let named = named.filter(|_| low.bytes().all(|byte| byte.is_ascii_alphabetic()));
        match named {
            Some(nth) => i8::try_from(nth + 1).ok(),
            None => low.parse().ok(),
        }
    };
    let day = |text: &str| text.parse::<i8>().ok();
    let is_year = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    match parts {
        // .br: 20270317
        [whole] if whole.len() == 8 && whole.bytes().all(|byte| byte.is_ascii_digit()) => {
            Date::new(number(&whole[..4])?, day(&whole[4..6])?, day(&whole[6..])?).ok()
        }
        [y, m, d, ..] if is_year(y) => Date::new(number(y)?, month(m)?, day(d)?).ok(),
        [m, d, y, ..] if is_year(y) && number(m).is_none() => {
            Date::new(number(y)?, month(m)?, day(d)?).ok()
        }
        [d, m, y, ..] if is_year(y) => Date::new(number(y)?, month(m)?, day(d)?).ok(),
        _ => None,
    }
}

/// A time of day, and the zone that hangs on it.
fn clock(word: &str) -> Option<((i8, i8, i8), Option<Offset>)> {
    let end = word.find(['+', '-', 'Z']).unwrap_or(word.len());
    let (time, zone) = word.split_at(end);
    let time = time.split('.').next().unwrap_or_default();
    let mut numbers = time.split(':').map(|part| part.parse::<i8>().ok());
    let hour = numbers.next()??;
    let minute = numbers.next()??;
    let second = numbers.next().unwrap_or(Some(0))?;
    let is_clock = (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..60).contains(&second)
        && numbers.next().is_none();
    is_clock.then(|| ((hour, minute, second), offset(zone)))
}

/// A zone as an offset: `Z`, `UTC`, `GMT+8`, `+02`, `+0800`, `-03:00`. Letters that stand for something else say nothing.
fn offset(word: &str) -> Option<Offset> {
    let word = word.trim_matches(['(', ')']);
    if matches!(word, "Z" | "UTC" | "GMT") {
        return Some(Offset::UTC);
    }
    let rest = word.strip_prefix("UTC").or(word.strip_prefix("GMT"));
    let rest = rest.unwrap_or(word);
    let (sign, rest) = match rest.as_bytes().first()? {
        b'+' => (1, &rest[1..]),
        b'-' => (-1, &rest[1..]),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i32, i32) = match digits.len() {
        1 | 2 => (digits.parse().ok()?, 0),
        4 => (digits[..2].parse().ok()?, digits[2..].parse().ok()?),
        _ => return None,
    };
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

fn at(wall: DateTime, zone: Option<Offset>, top: &str) -> Option<Time> {
    if let Some(offset) = zone {
        return offset.to_timestamp(wall).ok().map(Time::from);
    }
    let named = ZONES.iter().find(|(known, _)| *known == top);
    let zone = named.and_then(|(_, name)| TimeZone::get(name).ok());
    let zone = zone.unwrap_or(TimeZone::UTC);
    let at = zone.to_ambiguous_timestamp(wall).compatible().ok()?;
    // Dates that no registry gives out are somebody's mistake.
    let at = Time::from(at);
    (at > Time::EPOCH).then_some(at)
}
