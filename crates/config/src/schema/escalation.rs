//! `ways`, `teams`, `escalations`, and how a person wants to be paged. The words are those of `balefire_core::person` and
//! `balefire_core::escalation`.

use balefire_core::field::{Field, Kind};

use super::schedule::RESTRICTION_KIND;

static WAY: [Field; 2] = [
    Field::optional(
        "account",
        Kind::Text,
        "The account it goes through; the only one that fits without it.",
    ),
    Field::optional(
        "options",
        Kind::Any,
        "What a receiver's entry of that kind would say besides the address, which is the person's own.",
    ),
];

/// One of `ways`, of the document or of a person.
pub static WAY_KIND: Kind = Kind::Record(&WAY);

static CONTACT: [Field; 2] = [
    Field::required("by", Kind::Text, "The way."),
    Field::optional(
        "after",
        Kind::Duration,
        "How long after the page, at most 24h; at once without it.",
    ),
];

static CONTACT_KIND: Kind = Kind::Record(&CONTACT);

/// `people.….contact`.
pub static CONTACTS: [Field; 4] = [
    Field::optional(
        "info",
        Kind::List(&CONTACT_KIND),
        "For what is worth knowing.",
    ),
    Field::optional(
        "warning",
        Kind::List(&CONTACT_KIND),
        "For warnings; a severity without a list takes that of the nearest milder one, or else the mildest there is.",
    ),
    Field::optional(
        "error",
        Kind::List(&CONTACT_KIND),
        "For what does not work.",
    ),
    Field::optional(
        "critical",
        Kind::List(&CONTACT_KIND),
        "For what wakes somebody.",
    ),
];

/// `people.….quiet`.
pub static QUIET: [Field; 5] = [
    Field::optional(
        "timezone",
        Kind::TimeZone,
        "The zone of its clock; the person's own without it.",
    ),
    Field::required(
        "hours",
        Kind::List(&RESTRICTION_KIND),
        "When it is quiet, as the only of a schedule's layer.",
    ),
    Field::optional(
        "calendar",
        Kind::Any,
        "Holidays and make-up workdays: china, or a list of {date: 2026-10-01, kind: holiday}.",
    ),
    Field::optional(
        "allow",
        Kind::TextOrList,
        "Ways that wake nobody and are used all the same.",
    ),
    Field::optional(
        "broken_by",
        Kind::OneOf(&["warning", "error", "critical", "nothing"]),
        "From which severity on they are woken all the same.",
    )
    .or("critical"),
];

/// `accounts.….quiet`.
pub static ACCOUNT_QUIET: [Field; 4] = [
    Field::optional(
        "timezone",
        Kind::TimeZone,
        "The zone of its clock; the account's own without it, else the server's.",
    ),
    QUIET[1],
    QUIET[2],
    Field::optional(
        "broken_by",
        Kind::OneOf(&["warning", "error", "critical", "nothing"]),
        "From which severity on it is told all the same.",
    )
    .or("critical"),
];

static TEAM: [Field; 2] = [
    Field::optional(
        "name",
        Kind::Text,
        "The name people know; the key without it.",
    ),
    Field::required("people", Kind::TextOrList, "Keys of people, in order."),
];

/// One of `teams`.
pub static TEAM_KIND: Kind = Kind::Record(&TEAM);

static NOTIFY: [Field; 4] = [
    Field::optional("person", Kind::Text, "The key of a person."),
    Field::optional("team", Kind::Text, "All people of a team."),
    Field::optional("schedule", Kind::Text, "Whoever is on call in it then."),
    Field::optional(
        "receiver",
        Kind::Text,
        "A receiver, which is told and cannot answer.",
    ),
];

static NOTIFY_KIND: Kind = Kind::Record(&NOTIFY);

static WHEN: [Field; 2] = [
    Field::optional(
        "severity",
        Kind::OneOf(&["info", "warning", "error", "critical"]),
        "Only from this severity on.",
    ),
    Field::optional(
        "within",
        Kind::TextOrList,
        "Only within one of these time_intervals.",
    ),
];

static STEP: [Field; 5] = [
    Field::required(
        "notify",
        Kind::List(&NOTIFY_KIND),
        "Whom it pages or tells: one of person, team, schedule and receiver each.",
    ),
    Field::optional(
        "by",
        Kind::TextOrList,
        "By which ways, all at once; by each person's own contact without it.",
    ),
    Field::optional(
        "wait",
        Kind::Duration,
        "How long an answer is waited for before the next step, 5s to 7d.",
    )
    .or("5m"),
    Field::optional(
        "when",
        Kind::Record(&WHEN),
        "When the step is taken; else it is passed over.",
    ),
    Field::optional(
        "page",
        Kind::OneOf(&["everybody", "round_robin"]),
        "Whether all of its people are paged, or one after the other with each incident.",
    )
    .or("everybody"),
];

static STEP_KIND: Kind = Kind::Record(&STEP);

static ESCALATION: [Field; 4] = [
    Field::required(
        "steps",
        Kind::List(&STEP_KIND),
        "One after the other, 1 to 50.",
    ),
    Field::optional(
        "repeat",
        Kind::Integer(0, 9),
        "How often all steps are gone through again when nobody answers.",
    )
    .or("0"),
    Field::optional(
        "needs",
        Kind::Integer(1, 20),
        "How many people must acknowledge.",
    )
    .or("1"),
    Field::optional(
        "then",
        Kind::Text,
        "The escalation that takes over when nobody has answered in the last round.",
    ),
];

/// One of `escalations`.
pub static ESCALATION_KIND: Kind = Kind::Record(&ESCALATION);

/// `storm`.
pub static STORM: [Field; 2] = [
    Field::optional(
        "at_once",
        Kind::Integer(0, balefire_core::storm::MOST_AT_ONCE as i64),
        "How many messages somebody gets at once before the others wait; 0 lets everything through at once.",
    )
    .or("1"),
    Field::optional(
        "every",
        Kind::Duration,
        "After this time they are told of all that has come together, as one; 1s to 1h.",
    )
    .or("1m"),
];
