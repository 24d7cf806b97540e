//! `schedules`: who is on call when. The words are those of `balefire_core::schedule`.

use balefire_core::field::{Field, Kind};

use super::http::HTTP;

/// The most units a turn may have: ten years of hours.
const MOST_UNITS: i64 = 3_660 * 24;

static TURN: Kind = Kind::TextOrList;

static HANDOVER: [Field; 2] = [
    Field::optional("time", Kind::Text, "HH:MM, for turns of whole days."),
    Field::optional(
        "weekday",
        Kind::Text,
        "The day of the week on which turns begin, for turns of whole weeks.",
    ),
];

static RESTRICTION: [Field; 4] = [
    Field::optional(
        "from",
        Kind::Text,
        "When it opens: HH:MM each day, or a weekday before it, once a week.",
    ),
    Field::optional(
        "to",
        Kind::Text,
        "When it closes, as from; up to 24:00, and over midnight where need be.",
    ),
    Field::optional(
        "days",
        Kind::TextOrList,
        "Days of the week on which it opens, as monday or monday:friday.",
    ),
    Field::optional(
        "on",
        Kind::OneOf(&["any_day", "workdays", "days_off", "holidays"]),
        "Days of the calendar on which it opens.",
    )
    .or("any_day"),
];

/// When something is on.
pub(super) static RESTRICTION_KIND: Kind = Kind::Record(&RESTRICTION);

/// `events` that are fetched.
pub(crate) static ADDRESS: [Field; 6] = [
    Field::optional(
        "url",
        Kind::Secret,
        "Where the calendar is fetched: https, http or webcal. Never shown: whoever knows the address of a private calendar reads it.",
    ),
    Field::optional("url_file", Kind::Text, "A file with the address."),
    Field::optional(
        "refresh",
        Kind::Duration,
        "How often it is fetched, 1m to 1d.",
    )
    .or("15m"),
    Field::optional(
        "stale_after",
        Kind::Duration,
        "How long it may go without being fetched before that is told, refresh to 400d.",
    )
    .or("24h"),
    Field::optional(
        "timezone",
        Kind::TimeZone,
        "The zone of times that name none, and of whole days.",
    )
    .or("the schedule's"),
    Field::optional(
        "http_config",
        Kind::Record(&HTTP),
        "How its requests leave: credentials, proxy, authorities.",
    ),
];

/// A layer: a rotation, of which three keys are needed, or events.
pub(crate) static LAYER: [Field; 11] = [
    Field::optional(
        "name",
        Kind::Text,
        "The name people know; its number without it.",
    ),
    Field::optional(
        "events",
        Kind::TextOr(&ADDRESS),
        "Instead of rotation, starts and people: a calendar (iCalendar) whose events say who is on call. Its content, as \"${file:oncall.ics}\", or where it is fetched.",
    ),
    Field::optional(
        "names",
        Kind::Map(&Kind::Text),
        "Which person is meant by a name or an address in events; keys, names and addresses of people are known.",
    ),
    Field::optional(
        "rotation",
        Kind::OneOf(&["hourly", "daily", "weekly", "monthly", "custom"]),
        "In what turns are measured.",
    ),
    Field::optional(
        "every",
        Kind::Integer(1, MOST_UNITS),
        "How many of those a turn has.",
    )
    .or("1"),
    Field::optional(
        "lengths",
        Kind::List(&Kind::Text),
        "The lengths of a custom rotation's turns, as [5d, 2d].",
    ),
    Field::optional(
        "starts",
        Kind::Text,
        "When the first turn begins by the schedule's clock, as 2026-01-05T09:00.",
    ),
    Field::optional(
        "until",
        Kind::Text,
        "When the layer ends by the schedule's clock; never without it.",
    ),
    Field::optional(
        "handover",
        Kind::Record(&HANDOVER),
        "When turns are handed over, if not as starts says.",
    ),
    Field::optional(
        "people",
        Kind::List(&TURN),
        "Whose turn it is, in order, again and again; a list within it is several at once.",
    ),
    Field::optional(
        "only",
        Kind::List(&RESTRICTION_KIND),
        "When the layer is on; always without it.",
    ),
];

static LAYER_KIND: Kind = Kind::Record(&LAYER);

static DAY: [Field; 2] = [
    Field::required("date", Kind::Text, "Which day, as 2026-10-01."),
    Field::required(
        "kind",
        Kind::OneOf(&["holiday", "workday"]),
        "What it is, whatever its weekday.",
    ),
];

static DAY_KIND: Kind = Kind::Record(&DAY);

/// The days of a calendar that is written down; `calendar` may also be a name.
pub static DAYS: Kind = Kind::List(&DAY_KIND);

static OVERRIDE: [Field; 3] = [
    Field::required(
        "from",
        Kind::Text,
        "When it begins: 2026-10-01T09:00 by the schedule's clock, or with a zone.",
    ),
    Field::required("to", Kind::Text, "When it ends, as from."),
    Field::required(
        "people",
        Kind::TextOrList,
        "Who is on call instead of whoever would be; [] is nobody.",
    ),
];

static OVERRIDE_KIND: Kind = Kind::Record(&OVERRIDE);

static FORWARD: [Field; 7] = [
    Field::required(
        "account",
        Kind::Text,
        "The account of text messages that tells the telephone, of any such kind.",
    ),
    Field::required(
        "agent",
        Kind::Text,
        "The number of the telephone that obeys text messages; its calls are forwarded.",
    ),
    Field::optional(
        "code",
        Kind::Text,
        "What it dials before the number of whoever is on call; \"\" has it call them.",
    )
    .or("*72"),
    Field::optional(
        "otherwise",
        Kind::Text,
        "The number while nobody on call has one; without it that is an alarm of Balefire's own.",
    ),
    Field::optional(
        "keyword",
        Kind::Text,
        "The word its app waits for: autocall, alertcall in later versions.",
    )
    .or("autocall"),
    Field::optional(
        "sign_units",
        Kind::Integer(0, 40),
        "Characters of the message that are not ours, as in dial.",
    )
    .or("sign_name and its 【】, else 14"),
    Field::optional(
        "options",
        Kind::Any,
        "What else an entry of the account's kind would say, as template_code.",
    ),
];

static FORWARD_KIND: Kind = Kind::Record(&FORWARD);

static SCHEDULE: [Field; 6] = [
    Field::required("timezone", Kind::TimeZone, "The zone of its clock."),
    Field::required(
        "layers",
        Kind::List(&LAYER_KIND),
        "Rotations of people; where several are on, the last of them says who is on call.",
    ),
    Field::optional(
        "calendar",
        Kind::Any,
        "Holidays and make-up workdays: china, or a list of {date: 2026-10-01, kind: holiday}.",
    ),
    Field::optional(
        "overrides",
        Kind::List(&OVERRIDE_KIND),
        "For once, other people than the layers say.",
    ),
    Field::optional(
        "forward",
        Kind::List(&FORWARD_KIND),
        "Telephones whose calls go to whoever is on call, told by text message at each change.",
    ),
    Field::optional(
        "gap_notice",
        Kind::Duration,
        "How long before nobody is on call the receiver of meta-alerts is told; 0s never.",
    )
    .or("7d if a layer is always on, else 0s"),
];

/// One of `schedules`.
pub static SCHEDULE_KIND: Kind = Kind::Record(&SCHEDULE);
