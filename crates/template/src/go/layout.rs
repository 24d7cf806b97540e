//! Go's layouts of times: written as the second of January 2006, 15:04:05 in a zone seven hours behind.

use jiff::Zoned;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::{Offset, TimeZone};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// The pieces of a layout, the longer ones before those they begin with.
const PIECES: [&str; 36] = [
    "January",
    "Jan",
    "Monday",
    "Mon",
    "MST",
    "2006",
    "01",
    "02",
    "002",
    "03",
    "04",
    "05",
    "06",
    "__2",
    "_2006",
    "_2",
    "15",
    "1",
    "2",
    "3",
    "4",
    "5",
    "PM",
    "pm",
    "-07:00:00",
    "-070000",
    "-07:00",
    "-0700",
    "-07",
    "Z07:00:00",
    "Z070000",
    "Z07:00",
    "Z0700",
    "Z07",
    ".0",
    ".9",
];

/// A piece of a layout: text that stays, something of the time, or digits of its second.
enum Piece<'l> {
    Text(&'l str),
    Of(&'static str),
    /// The sign before them, how many, and whether zeros at their end are left out.
    Fraction(char, usize, bool),
}

/// The first piece that is no text in a layout, with the text before and after.
fn next(layout: &str) -> (&str, Option<Piece<'_>>, &str) {
    for (at, _) in layout.char_indices() {
        let rest = &layout[at..];
        if let Some((length, piece)) =
            piece(rest, at > 0 && layout.as_bytes()[at - 1].is_ascii_digit())
        {
            return (&layout[..at], Some(piece), &rest[length..]);
        }
    }
    (layout, None, "")
}

fn piece(rest: &str, _after_digit: bool) -> Option<(usize, Piece<'_>)> {
    if let Some(fraction) = fraction(rest) {
        return Some(fraction);
    }
    // Three digits before their first two, as Go looks for "002" before "00".
    if rest.starts_with("002") {
        return Some((3, Piece::Of("002")));
    }
    let found = PIECES.iter().find(|piece| rest.starts_with(**piece))?;
    let lower_follows = |at: usize| rest[at..].starts_with(|c: char| c.is_ascii_lowercase());
    match *found {
        ".0" | ".9" => None,
        "Jan" | "Mon" if lower_follows(3) => None,
        "_2006" => Some((1, Piece::Text("_"))),
        piece => Some((piece.len(), Piece::Of(piece))),
    }
}

/// `.000` and `,999`: zeros or nines and no further digit.
fn fraction(rest: &str) -> Option<(usize, Piece<'_>)> {
    let sign = rest.chars().next().filter(|c| matches!(c, '.' | ','))?;
    let digit = rest[1..]
        .chars()
        .next()
        .filter(|c| matches!(c, '0' | '9'))?;
    let digits = rest[1..].len() - rest[1..].trim_start_matches(digit).len();
    let ends = !rest[1 + digits..].starts_with(|c: char| c.is_ascii_digit());
    ends.then_some((1 + digits, Piece::Fraction(sign, digits, digit == '9')))
}

/// A time by a layout.
pub(super) fn format(at: &Zoned, layout: &str) -> String {
    let mut out = String::new();
    let mut rest = layout;
    while !rest.is_empty() {
        let (text, piece, after) = next(rest);
        out.push_str(text);
        match piece {
            Some(Piece::Text(text)) => out.push_str(text),
            Some(Piece::Of(piece)) => out.push_str(&part(at, piece)),
            Some(Piece::Fraction(sign, digits, trims)) => {
                let all = format!("{:09}", at.subsec_nanosecond());
                let shown = &all[..digits.min(9)];
                let shown = if trims {
                    shown.trim_end_matches('0')
                } else {
                    shown
                };
                if !(trims && shown.is_empty()) {
                    out.push(sign);
                    out.push_str(shown);
                }
            }
            None => {}
        }
        rest = after;
    }
    out
}

/// A month's name.
pub(super) fn month(month: i8) -> &'static str {
    MONTHS
        .get((month - 1) as usize)
        .copied()
        .unwrap_or_default()
}

/// A weekday's name.
pub(super) fn weekday(day: Weekday) -> &'static str {
    DAYS.get(day.to_sunday_zero_offset() as usize)
        .copied()
        .unwrap_or_default()
}

fn part(at: &Zoned, piece: &str) -> String {
    let hour12 = (at.hour() + 11) % 12 + 1;
    match piece {
        "January" => month(at.month()).to_owned(),
        "Jan" => month(at.month())[..3].to_owned(),
        "Monday" => weekday(at.weekday()).to_owned(),
        "Mon" => weekday(at.weekday())[..3].to_owned(),
        "MST" if *at.time_zone() == TimeZone::UTC => "UTC".to_owned(),
        "MST" => abbreviation(at),
        "2006" => format!("{:04}", at.year()),
        "06" => format!("{:02}", at.year().rem_euclid(100)),
        "01" => format!("{:02}", at.month()),
        "1" => at.month().to_string(),
        "02" => format!("{:02}", at.day()),
        "_2" => format!("{:2}", at.day()),
        "2" => at.day().to_string(),
        "002" => format!("{:03}", at.day_of_year()),
        "__2" => format!("{:3}", at.day_of_year()),
        "15" => format!("{:02}", at.hour()),
        "03" => format!("{hour12:02}"),
        "3" => hour12.to_string(),
        "04" => format!("{:02}", at.minute()),
        "4" => at.minute().to_string(),
        "05" => format!("{:02}", at.second()),
        "5" => at.second().to_string(),
        "PM" => if at.hour() >= 12 { "PM" } else { "AM" }.to_owned(),
        "pm" => if at.hour() >= 12 { "pm" } else { "am" }.to_owned(),
        piece => offset(at.offset(), piece),
    }
}

/// The zone's short name; without one its offset.
fn abbreviation(at: &Zoned) -> String {
    if at.time_zone().iana_name().is_none() {
        return offset(at.offset(), "-0700");
    }
    let zone = at.time_zone().to_offset_info(at.timestamp());
    zone.abbreviation().to_owned()
}

fn offset(offset: Offset, piece: &str) -> String {
    let seconds = offset.seconds();
    if piece.starts_with('Z') && seconds == 0 {
        return "Z".to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let all = seconds.unsigned_abs();
    let (hours, minutes, rest) = (all / 3600, all / 60 % 60, all % 60);
    match &piece[1..] {
        "07" => format!("{sign}{hours:02}"),
        "0700" => format!("{sign}{hours:02}{minutes:02}"),
        "07:00" => format!("{sign}{hours:02}:{minutes:02}"),
        "070000" => format!("{sign}{hours:02}{minutes:02}{rest:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}:{rest:02}"),
    }
}

/// What a text says of a time, field by field.
#[derive(Default)]
struct Read {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    hour: i8,
    minute: i8,
    second: i8,
    nanos: i32,
    afternoon: Option<bool>,
    offset: Option<i32>,
}

/// Reads a time by a layout, in UTC unless the text has an offset; `None` when it is not written so.
pub(super) fn parse(layout: &str, text: &str) -> Option<Zoned> {
    let mut read = Read::default();
    let (mut layout, mut text) = (layout, text);
    while !layout.is_empty() {
        let (before, piece, after) = next(layout);
        text = text.strip_prefix(before)?;
        text = match piece {
            Some(Piece::Text(same)) => text.strip_prefix(same)?,
            Some(Piece::Of(piece)) => {
                let rest = read.take(piece, text)?;
                let fraction_follows = matches!(piece, "05" | "5") && fraction(after).is_none();
                if fraction_follows {
                    read.fraction(rest)
                } else {
                    rest
                }
            }
            Some(Piece::Fraction(_, digits, trims)) => {
                let rest = read.fraction(text);
                if !trims && text.len() - rest.len() != digits + 1 {
                    return None;
                }
                rest
            }
            None => text,
        };
        layout = after;
    }
    if text.is_empty() { read.zoned() } else { None }
}

impl Read {
    fn take<'t>(&mut self, piece: &str, text: &'t str) -> Option<&'t str> {
        let named = |names: &[&str], short: bool| {
            let found = names.iter().enumerate().find_map(|(at, name)| {
                let name = if short { &name[..3] } else { name };
                let head = text.get(..name.len())?;
                head.eq_ignore_ascii_case(name).then_some((at, name.len()))
            });
            found.map(|(at, length)| (at as i8 + 1, &text[length..]))
        };
        let number = |least: usize, most: usize| {
            let text = if piece.starts_with('_') {
                text.trim_start_matches(' ')
            } else {
                text
            };
            let digits = text
                .bytes()
                .take(most)
                .take_while(u8::is_ascii_digit)
                .count();
            let value: i16 = text[..digits].parse().ok()?;
            (digits >= least).then_some((value, &text[digits..]))
        };
        let (value, rest): (i16, &str) = match piece {
            "January" | "Jan" => {
                let (month, rest) = named(&MONTHS, piece == "Jan")?;
                self.month = Some(month);
                return Some(rest);
            }
            "Monday" | "Mon" => return named(&DAYS, piece == "Mon").map(|(_, rest)| rest),
            "MST" => {
                return text
                    .strip_prefix("UTC")
                    .or_else(|| text.strip_prefix("GMT"));
            }
            "PM" | "pm" => {
                self.afternoon = Some(text.get(..2)?.eq_ignore_ascii_case("pm"));
                return Some(&text[2..]);
            }
            "2006" => number(4, 4)?,
            "01" | "02" | "03" | "04" | "05" | "06" | "15" => number(2, 2)?,
            "1" | "2" | "3" | "4" | "5" | "_2" => number(1, 2)?,
            piece if piece.starts_with(['Z', '-']) => return self.take_offset(piece, text),
            _ => return None,
        };
        let small = i8::try_from(value).unwrap_or(-1);
        match piece {
            "2006" => self.year = Some(value),
            "06" => {
                self.year = Some(if value >= 69 {
                    1900 + value
                } else {
                    2000 + value
                });
            }
            "01" | "1" => self.month = Some(small),
            "02" | "2" | "_2" => self.day = Some(small),
            "15" | "03" | "3" => self.hour = small,
            "04" | "4" => self.minute = small,
            _ => self.second = small,
        }
        Some(rest)
    }

    fn take_offset<'t>(&mut self, piece: &str, text: &'t str) -> Option<&'t str> {
        if piece.starts_with('Z')
            && let Some(rest) = text.strip_prefix('Z')
        {
            self.offset = Some(0);
            return Some(rest);
        }
        let sign = match text.chars().next()? {
            '+' => 1,
            '-' => -1,
            _ => return None,
        };
        let written = text.get(..piece.len())?;
        let digits: String = written[1..].chars().filter(|c| *c != ':').collect();
        let pair = |at: usize| {
            digits
                .get(at..at + 2)
                .map_or(Some(0), |pair| pair.parse::<i32>().ok())
        };
        self.offset = Some(sign * (pair(0)? * 3600 + pair(2)? * 60 + pair(4)?));
        Some(&text[piece.len()..])
    }

    fn fraction<'t>(&mut self, text: &'t str) -> &'t str {
        let Some(digits) = text.strip_prefix(['.', ',']) else {
            return text;
        };
        let count = digits.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 {
            return text;
        }
        let nanos: String = digits[..count]
            .chars()
            .chain("000000000".chars())
            .take(9)
            .collect();
        self.nanos = nanos.parse().unwrap_or(0);
        &digits[count..]
    }

    fn zoned(self) -> Option<Zoned> {
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let (year, month, day) = (
            self.year.unwrap_or(0),
            self.month.unwrap_or(1),
            self.day.unwrap_or(1),
        );
        let civil =
            DateTime::new(year, month, day, hour, self.minute, self.second, self.nanos).ok()?;
        let zone = match self.offset {
            None | Some(0) => TimeZone::UTC,
            Some(seconds) => TimeZone::fixed(Offset::from_seconds(seconds).ok()?),
        };
        civil.to_zoned(zone).ok()
    }
}
