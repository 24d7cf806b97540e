//! `route`, `inhibit_rules` and time intervals: Alertmanager's own, unchanged.

use balefire_core::field::{Field, Kind};

const MATCHERS: Kind = Kind::List(&Kind::Text);
const MATCH: Kind = Kind::Map(&Kind::Text);

static ROUTE_KIND: Kind = Kind::Record(&ROUTE);

static FLAPPING: [Field; 3] = [
    Field::optional(
        "starts",
        Kind::Integer(0, 100),
        "How often an alert begins within that time to be flapping, 2 at least; 0 switches it off below a route that has it.",
    )
    .or("4"),
    Field::optional(
        "within",
        Kind::Duration,
        "In which time it begins so often.",
    )
    .or("1h"),
    Field::optional(
        "hold",
        Kind::Duration,
        "How long it must fire, or be over, without a break to be told while it is flapping; at most within.",
    )
    .or("10m"),
];

static REPEAT_BACKOFF: [Field; 2] = [
    Field::optional(
        "factor",
        Kind::Number,
        "What the wait before each further repeat is multiplied with, 1 to 10; 1 switches it off below a route that has it.",
    )
    .or("2"),
    Field::optional("longest", Kind::Duration, "The longest wait.").or("24h"),
];

/// A route.
pub static ROUTE: [Field; 15] = [
    Field::optional(
        "receiver",
        Kind::Text,
        "Who is told; inherited from the parent, required at the root.",
    ),
    Field::optional(
        "group_by",
        Kind::List(&Kind::Text),
        "Labels that make a group; '...' alone for all.",
    ),
    Field::optional(
        "matchers",
        MATCHERS,
        "What an alert must match: severity=\"critical\", service=~\"mysql|redis\".",
    ),
    Field::optional(
        "match",
        MATCH,
        "Older form of matchers: labels with their values.",
    ),
    Field::optional(
        "match_re",
        MATCH,
        "Older form of matchers: labels with regular expressions, anchored.",
    ),
    Field::optional(
        "continue",
        Kind::Bool,
        "Whether later siblings are tried although this one matched.",
    )
    .or("false"),
    Field::optional(
        "group_wait",
        Kind::Duration,
        "How long a new group waits for more of its kind.",
    )
    .or("30s"),
    Field::optional(
        "group_interval",
        Kind::Duration,
        "How long between two messages of a changing group; not zero.",
    )
    .or("5m"),
    Field::optional(
        "repeat_interval",
        Kind::Duration,
        "How long until an unchanged group is told again; not zero.",
    )
    .or("4h"),
    Field::optional(
        "flapping",
        Kind::Record(&FLAPPING),
        "When an alert that comes and goes is told only as it stays; off without it. Inherited.",
    ),
    Field::optional(
        "repeat_backoff",
        Kind::Record(&REPEAT_BACKOFF),
        "How repeats become rarer while nothing changes; repeat_interval is the first wait. Off without it. Inherited.",
    ),
    Field::optional(
        "mute_time_intervals",
        Kind::List(&Kind::Text),
        "Time intervals in which nobody is told; not at the root.",
    ),
    Field::optional(
        "active_time_intervals",
        Kind::List(&Kind::Text),
        "Time intervals outside of which nobody is told; not at the root.",
    ),
    Field::optional(
        "labels",
        Kind::Map(&Kind::GoTemplate),
        "Labels of the route itself, shown with its groups.",
    ),
    Field::optional(
        "routes",
        Kind::List(&ROUTE_KIND),
        "Child routes, tried in order.",
    ),
];

/// One of `inhibit_rules`.
pub static INHIBIT_RULE: [Field; 8] = [
    Field::optional("name", Kind::Text, "A name for people."),
    Field::optional(
        "source_matchers",
        MATCHERS,
        "The alerts that keep others quiet.",
    ),
    Field::optional("source_match", MATCH, "Older form of source_matchers."),
    Field::optional(
        "source_match_re",
        MATCH,
        "Older form of source_matchers, regular expressions.",
    ),
    Field::optional(
        "target_matchers",
        MATCHERS,
        "The alerts that are kept quiet.",
    ),
    Field::optional("target_match", MATCH, "Older form of target_matchers."),
    Field::optional(
        "target_match_re",
        MATCH,
        "Older form of target_matchers, regular expressions.",
    ),
    Field::optional(
        "equal",
        Kind::List(&Kind::Text),
        "Labels that must have the same value on both sides.",
    ),
];

static TIME_RANGE: [Field; 2] = [
    Field::required("start_time", Kind::Text, "HH:MM, included."),
    Field::required(
        "end_time",
        Kind::Text,
        "HH:MM, not included; 24:00 for the end of the day.",
    ),
];

static TIME_RANGE_KIND: Kind = Kind::Record(&TIME_RANGE);

static INTERVAL_SPEC: [Field; 6] = [
    Field::optional("times", Kind::List(&TIME_RANGE_KIND), "Times of day."),
    Field::optional(
        "weekdays",
        Kind::List(&Kind::Text),
        "Days by name, or ranges: monday:friday.",
    ),
    Field::optional(
        "days_of_month",
        Kind::List(&Kind::Text),
        "Days by number, or ranges; -1 is the last.",
    ),
    Field::optional(
        "months",
        Kind::List(&Kind::Text),
        "Months by name or number, or ranges.",
    ),
    Field::optional("years", Kind::List(&Kind::Text), "Years, or ranges."),
    Field::optional(
        "location",
        Kind::Text,
        "IANA zone, or Local for the server's.",
    )
    .or("UTC"),
];

static INTERVAL_SPEC_KIND: Kind = Kind::Record(&INTERVAL_SPEC);

/// One of `time_intervals` or `mute_time_intervals`.
pub static TIME_INTERVAL: [Field; 2] = [
    Field::required("name", Kind::Text, "The name that routes use."),
    Field::optional(
        "time_intervals",
        Kind::List(&INTERVAL_SPEC_KIND),
        "The times, any of which counts.",
    ),
];
