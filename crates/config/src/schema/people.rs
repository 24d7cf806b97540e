//! `people`, `receivers`, `accounts`, `sources` and `messages`: the keys that are the same for
//! every kind. Each kind adds the table of its own spec.

use balefire_core::field::{Field, Kind};

use super::escalation::{ACCOUNT_QUIET, CONTACTS, QUIET, WAY_KIND};
use super::http::HTTP;
use super::node::LOCALES;

static PERSON: [Field; 17] = [
    Field::optional(
        "name",
        Kind::Text,
        "The name people know; the key without it.",
    ),
    Field::optional(
        "phone",
        Kind::Text,
        "Mobile number as the platforms know it.",
    ),
    Field::optional("email", Kind::Text, "Mail address."),
    Field::optional(
        "dingtalk",
        Kind::Text,
        "DingTalk user id; looked up by phone where it is left out.",
    ),
    Field::optional(
        "wecom",
        Kind::Text,
        "WeCom user id; looked up by phone or email where it is left out.",
    ),
    Field::optional(
        "feishu",
        Kind::Text,
        "Feishu open id or user id; looked up by phone or email where it is left out.",
    ),
    Field::optional(
        "slack",
        Kind::Text,
        "Slack member id; looked up by email where it is left out.",
    ),
    Field::optional("telegram", Kind::Text, "Telegram user id, a number."),
    Field::optional("discord", Kind::Text, "Discord user id, a number."),
    Field::optional("mattermost", Kind::Text, "Mattermost user name."),
    Field::optional(
        "matrix",
        Kind::Text,
        "Matrix user id, as in @name:example.org.",
    ),
    Field::optional("googlechat", Kind::Text, "Google Chat user id, a number."),
    Field::optional("locale", Kind::OneOf(LOCALES), "The language they read."),
    Field::optional("timezone", Kind::TimeZone, "The zone they live in."),
    Field::optional(
        "ways",
        Kind::Map(&WAY_KIND),
        "Ways of their own by which they are paged, besides those of the document.",
    ),
    Field::optional(
        "contact",
        Kind::Record(&CONTACTS),
        "How they are paged, by severity; without it by all their ways at once.",
    ),
    Field::optional(
        "quiet",
        Kind::Record(&QUIET),
        "When they are not to be woken.",
    ),
];

/// One of `people`.
pub static PERSON_KIND: Kind = Kind::Record(&PERSON);

/// `contacts`.
pub static CONTACTS_OF_ALL: [Field; 2] = [
    Field::optional(
        "unverified",
        Kind::OneOf(&["use", "warn", "refuse"]),
        "What becomes of a page by a way that nobody has verified: it is used; used and told of; or passed over as long as the person has a verified one.",
    )
    .or("use"),
    Field::optional(
        "look_up",
        Kind::Bool,
        "Whether WeCom, DingTalk, Feishu and Slack are asked for the ids of people who have none, and whether people are still there.",
    )
    .or("true"),
];

/// Keys of a receiver besides its `…_configs`.
pub static RECEIVER: [Field; 7] = [
    Field::required("name", Kind::Text, "The name that routes use."),
    Field::optional(
        "labels",
        Kind::Map(&Kind::Text),
        "Labels of the receiver, for filters of the API.",
    ),
    Field::optional(
        "fallback",
        Kind::Text,
        "The receiver that takes over what could not be delivered.",
    ),
    Field::optional(
        "deliver_within",
        Kind::Duration,
        "How long a way out is tried before the fallback.",
    )
    .or("10m, critical 2m"),
    Field::optional(
        "escalation",
        Kind::Text,
        "The escalation that pages people for its groups until somebody has them.",
    ),
    Field::optional("locale", Kind::OneOf(LOCALES), "Language of its readers."),
    Field::optional("timezone", Kind::TimeZone, "Zone of its readers."),
];

/// Keys of every entry of a `…_configs`.
pub static ENTRY: [Field; 8] = [
    Field::optional("account", Kind::Text, "The account it goes through."),
    Field::optional(
        "name",
        Kind::Text,
        "A name that keeps its record together when its target changes.",
    ),
    Field::optional(
        "send_resolved",
        Kind::Bool,
        "Whether the end of an alert is told.",
    ),
    Field::optional(
        "message",
        Kind::Text,
        "The entry of messages that words it.",
    ),
    Field::optional(
        "mention",
        Kind::TextOrList,
        "Who is called by name: keys of people, all, or oncall for whoever is on call then.",
    ),
    Field::optional("locale", Kind::OneOf(LOCALES), "Language of its readers."),
    Field::optional("timezone", Kind::TimeZone, "Zone of its readers."),
    Field::optional(
        "http_config",
        Kind::Record(&HTTP),
        "How its requests leave.",
    ),
];

static QUOTA: [Field; 3] = [
    Field::required("calls", Kind::Integer(1, 1_000_000), "So many calls"),
    Field::required("per", Kind::Duration, "in this long."),
    Field::optional(
        "penalty",
        Kind::Duration,
        "How long the provider punishes going over it.",
    ),
];

static QUOTA_KIND: Kind = Kind::Record(&QUOTA);

/// Keys of every account besides those of its kind.
pub static ACCOUNT: [Field; 9] = [
    Field::required("kind", Kind::Text, "What it is an account of."),
    Field::optional(
        "http_config",
        Kind::Record(&HTTP),
        "How its requests leave.",
    ),
    Field::optional(
        "quotas",
        Kind::List(&QUOTA_KIND),
        "How many calls it may make, where the provider's usual figures do not hold.",
    ),
    Field::optional(
        "concurrency",
        Kind::Integer(1, 256),
        "Calls under way at once.",
    ),
    Field::optional(
        "timeout",
        Kind::Duration,
        "Total time of one try, 100ms to 5m, in place of the kind's own.",
    ),
    Field::optional(
        "callback_token",
        Kind::Secret,
        "What the provider calls us with, at least 16 characters: it then says at server.external_url/callback/ACCOUNT/TOKEN what became of messages. For kinds that can.",
    ),
    Field::optional(
        "quiet",
        Kind::Record(&ACCOUNT_QUIET),
        "When its groups' notices wait: they are told as one digest when the hours are over. Pages of escalations, tests and what is sent by hand do not wait.",
    ),
    Field::optional("locale", Kind::OneOf(LOCALES), "Language of its readers."),
    Field::optional("timezone", Kind::TimeZone, "Zone of its readers."),
];

/// Keys of every source besides those of its kind.
pub static SOURCE: [Field; 4] = [
    Field::required("kind", Kind::Text, "The format it speaks."),
    Field::optional(
        "token",
        Kind::Secret,
        "What must come with every request, at least 16 characters; without it, the rules of access hold.",
    ),
    Field::optional(
        "labels",
        Kind::Map(&Kind::Text),
        "Labels added where an alert has none of that name.",
    ),
    Field::optional(
        "timezone",
        Kind::TimeZone,
        "The zone of times sent without one.",
    ),
];

static MESSAGE: [Field; 2] = [
    Field::optional("title", Kind::Text, "minijinja template of the title."),
    Field::optional(
        "text",
        Kind::Text,
        "minijinja template of everything below it.",
    ),
];

/// One of `messages`.
pub static MESSAGE_KIND: Kind = Kind::Record(&MESSAGE);
