//! `heartbeats`: jobs that say by themselves that they have run. The rules are those of `balefire_core::heartbeat`.

use balefire_core::field::{Field, Kind};

static HEARTBEAT: [Field; 8] = [
    Field::required(
        "token",
        Kind::Secret,
        "What its URL ends with, /hb/TOKEN: at least 16 letters, digits, '-', '_', '.' and '~'.",
    ),
    Field::optional(
        "period",
        Kind::Duration,
        "How long after a success the next one is due, 1s to 1y; this or cron.",
    ),
    Field::optional(
        "cron",
        Kind::Text,
        "When it is due: minute, hour, day, month and weekday as in crontab(5); this or period.",
    ),
    Field::optional(
        "timezone",
        Kind::TimeZone,
        "The zone of cron; the server's without it.",
    ),
    Field::optional(
        "grace",
        Kind::Duration,
        "How long it may be late, and how long a run may take that said it begins, 1s to 1y.",
    )
    .or("5m"),
    Field::optional(
        "severity",
        Kind::OneOf(&["info", "warning", "error", "critical"]),
        "How bad it is when it is missed, as the label severity.",
    )
    .or("critical"),
    Field::optional(
        "labels",
        Kind::Map(&Kind::Text),
        "Further labels of the alert, for routes.",
    ),
    Field::optional(
        "description",
        Kind::Text,
        "What it is about and what to do, for whoever is told.",
    ),
];

/// One of `heartbeats`.
pub static HEARTBEAT_KIND: Kind = Kind::Record(&HEARTBEAT);
