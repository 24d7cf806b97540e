//! Go's `time.Time` in templates.

use balefire_core::time::Time;
use balefire_gotemplate::value::function::{Call, Failure, Function, Takes};
use balefire_gotemplate::value::{Missing, Type, Value};
use jiff::Zoned;
use jiff::civil::date;
use jiff::tz::TimeZone;

use super::layout;

const BASE: Type = Type {
    name: "",
    methods: &[],
    text: None,
    missing: Missing::Nothing,
};

static TIME: Type = Type {
    name: "time.Time",
    methods: &METHODS,
    text: Some(written),
    ..BASE
};

static MONTH: Type = Type {
    name: "time.Month",
    text: Some(word),
    ..BASE
};

static WEEKDAY: Type = Type {
    name: "time.Weekday",
    text: Some(word),
    ..BASE
};

type Made = Result<Value, Failure>;

static METHODS: [Function; 20] = [
    method("Format", &[Takes::Text], |call, of| {
        call.text(formatted(
            &of[0],
            of[1].as_text().unwrap_or_default(),
            call,
        )?)
    }),
    method("String", &[], |call, of| call.text(written(&of[0]))),
    method("UTC", &[], |_, of| {
        Ok(opaque(at(&of[0]).with_time_zone(TimeZone::UTC)))
    }),
    method("Local", &[], |_, of| {
        Ok(opaque(at(&of[0]).with_time_zone(TimeZone::UTC)))
    }),
    method("Unix", &[], |_, of| {
        Ok(Value::Int(at(&of[0]).timestamp().as_second()))
    }),
    method("UnixMilli", &[], |_, of| {
        Ok(Value::Int(at(&of[0]).timestamp().as_millisecond()))
    }),
    method("UnixNano", &[], |_, of| {
        Ok(Value::Int(at(&of[0]).timestamp().as_nanosecond() as i64))
    }),
    method("IsZero", &[], |_, of| {
        Ok(Value::Bool(at(&of[0]).timestamp() == first().timestamp()))
    }),
    method("Year", &[], |_, of| {
        Ok(Value::Int(i64::from(at(&of[0]).year())))
    }),
    method("Month", &[], |_, of| {
        Ok(Value::opaque(&MONTH, layout::month(at(&of[0]).month())))
    }),
    method("Day", &[], |_, of| {
        Ok(Value::Int(i64::from(at(&of[0]).day())))
    }),
    method("YearDay", &[], |_, of| {
        Ok(Value::Int(i64::from(at(&of[0]).day_of_year())))
    }),
    method("Weekday", &[], |_, of| {
        Ok(Value::opaque(
            &WEEKDAY,
            layout::weekday(at(&of[0]).weekday()),
        ))
    }),
    method("Hour", &[], |_, of| {
        Ok(Value::Int(i64::from(at(&of[0]).hour())))
    }),
    method("Minute", &[], |_, of| {
        Ok(Value::Int(i64::from(at(&of[0]).minute())))
    }),
    method("Second", &[], |_, of| {
        Ok(Value::Int(i64::from(at(&of[0]).second())))
    }),
    method("Sub", &[Takes::Named("time.Time")], |_, of| {
        Ok(between(&of[0], &of[1]))
    }),
    method("Before", &[Takes::Named("time.Time")], |_, of| {
        Ok(Value::Bool(at(&of[0]) < at(&of[1])))
    }),
    method("After", &[Takes::Named("time.Time")], |_, of| {
        Ok(Value::Bool(at(&of[0]) > at(&of[1])))
    }),
    method("Add", &[Takes::Named("time.Duration")], |_, of| {
        let span = jiff::SignedDuration::from_nanos(of[1].as_int().unwrap_or_default());
        let moved = at(&of[0]).checked_add(span);
        moved.map(opaque).map_err(|error| error.to_string().into())
    }),
];

const fn method(
    name: &'static str,
    takes: &'static [Takes],
    call: fn(&Call<'_>, &[Value]) -> Made,
) -> Function {
    Function {
        name,
        takes,
        rest: None,
        call,
    }
}

fn opaque(at: Zoned) -> Value {
    Value::opaque(&TIME, at)
}

/// An instant, in UTC.
pub(super) fn of(time: Time) -> Value {
    opaque(time.timestamp().to_zoned(TimeZone::UTC))
}

/// A time read from a text.
pub(super) fn of_zoned(at: Zoned) -> Value {
    opaque(at)
}

/// Go's zero time.
pub(super) fn zero() -> Value {
    opaque(first())
}

fn first() -> Zoned {
    let first = date(1, 1, 1).at(0, 0, 0, 0).to_zoned(TimeZone::UTC);
    first.unwrap_or_default()
}

fn at(value: &Value) -> Zoned {
    value.inner::<Zoned>().cloned().unwrap_or_default()
}

/// The time by Go's layout.
pub(super) fn formatted(value: &Value, layout: &str, call: &Call<'_>) -> Result<String, Failure> {
    call.budget.make(layout.len() * 3)?;
    Ok(layout::format(&at(value), layout))
}

/// The same instant in another zone; the error is Go's.
pub(super) fn in_zone(value: &Value, name: &str) -> Made {
    let zone = match name {
        "" | "UTC" | "Local" => TimeZone::UTC,
        name if name.starts_with('/') || name.contains("..") || name.contains('\\') => {
            return Err("time: invalid location name".to_owned().into());
        }
        name => match TimeZone::get(name) {
            Ok(zone) => zone,
            Err(_) => return Err(format!("unknown time zone {name}").into()),
        },
    };
    Ok(opaque(at(value).with_time_zone(zone)))
}

/// From the second to the first, as a duration; as long as one can be at most.
pub(super) fn between(later: &Value, earlier: &Value) -> Value {
    let (later, earlier) = (at(later).timestamp(), at(earlier).timestamp());
    let nanos = later.as_nanosecond() - earlier.as_nanosecond();
    Value::Duration(nanos.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
}

fn written(value: &Value) -> String {
    layout::format(&at(value), "2006-01-02 15:04:05.999999999 -0700 MST")
}

fn word(value: &Value) -> String {
    let word = value.inner::<&'static str>();
    word.map(|word| (*word).to_owned()).unwrap_or_default()
}

/// RFC 3339, as Go writes a time in JSON.
pub(super) fn json(value: &Value) -> Option<String> {
    let at = value.inner::<Zoned>()?;
    Some(layout::format(at, "2006-01-02T15:04:05.999999999Z07:00"))
}
