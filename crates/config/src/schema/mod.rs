//! The document's keys: one table per section, from which checking, the JSON schema and the
//! reference come. Accounts, sources and receiver entries add the tables of their kinds.

pub mod escalation;
pub mod form;
pub mod global;
pub mod heartbeat;
pub mod http;
pub mod legacy;
pub mod monitor;
pub mod node;
pub mod people;
pub mod route;
pub mod schedule;

use balefire_core::field::{Field, Kind};

static ROUTE_KIND: Kind = Kind::Record(&route::ROUTE);
static INHIBIT_KIND: Kind = Kind::Record(&route::INHIBIT_RULE);
static INTERVAL_KIND: Kind = Kind::Record(&route::TIME_INTERVAL);

/// The top level. `receivers`, `accounts` and `sources` are checked by their kinds' own tables.
pub static DOCUMENT: [Field; 27] = [
    Field::optional(
        "server",
        Kind::Record(&node::SERVER),
        "This node's own settings.",
    ),
    Field::optional("access", Kind::Record(&node::ACCESS), "Who may call."),
    Field::optional("accounts", Kind::Any, "Credentials by name."),
    Field::optional("people", Kind::Map(&people::PERSON_KIND), "People by key."),
    Field::optional(
        "ways",
        Kind::Map(&escalation::WAY_KIND),
        "Ways by which people are paged, by name: what stands in contact and by.",
    ),
    Field::optional(
        "teams",
        Kind::Map(&escalation::TEAM_KIND),
        "People who are paged together, by name.",
    ),
    Field::optional(
        "schedules",
        Kind::Map(&schedule::SCHEDULE_KIND),
        "Who is on call when, by name.",
    ),
    Field::optional(
        "escalations",
        Kind::Map(&escalation::ESCALATION_KIND),
        "Who is paged next when nobody answers, by name.",
    ),
    Field::optional(
        "contacts",
        Kind::Record(&people::CONTACTS_OF_ALL),
        "How far the ways of people are trusted, and whether platforms are asked who they are.",
    ),
    Field::optional(
        "storm",
        Kind::Record(&escalation::STORM),
        "How often one person is told while very much happens at once.",
    ),
    Field::optional(
        "heartbeats",
        Kind::Map(&heartbeat::HEARTBEAT_KIND),
        "Jobs that say by themselves that they have run, by name: /hb/{token}.",
    ),
    Field::optional(
        "monitors",
        Kind::Map(&monitor::MONITOR_KIND),
        "What expires and is looked at, by name; the reminder of that name tells of it.",
    ),
    Field::optional("sources", Kind::Any, "Inbound keys by name: /in/{name}."),
    Field::optional(
        "messages",
        Kind::Map(&people::MESSAGE_KIND),
        "Our own words by name; default applies to all.",
    ),
    Field::optional(
        "meta",
        Kind::Record(&node::META),
        "Where Balefire's own alarms go.",
    ),
    Field::optional(
        "legacy",
        Kind::Record(&legacy::LEGACY),
        "Older services whose clients keep working.",
    ),
    Field::optional(
        "retention",
        Kind::Record(&node::RETENTION),
        "What is kept how long.",
    ),
    Field::optional(
        "files",
        Kind::Record(&node::FILES),
        "How much may be handed in as files.",
    ),
    Field::optional(
        "global",
        Kind::Record(&global::GLOBAL),
        "Alertmanager's defaults for all receivers.",
    ),
    Field::required(
        "route",
        ROUTE_KIND,
        "The root of the routing tree; takes every alert.",
    ),
    Field::required("receivers", Kind::Any, "Who can be told."),
    Field::optional(
        "inhibit_rules",
        Kind::List(&INHIBIT_KIND),
        "Which alerts keep others quiet.",
    ),
    Field::optional(
        "time_intervals",
        Kind::List(&INTERVAL_KIND),
        "Named times for routes.",
    ),
    Field::optional(
        "mute_time_intervals",
        Kind::List(&INTERVAL_KIND),
        "Older name of time_intervals.",
    ),
    Field::optional(
        "templates",
        Kind::List(&Kind::Text),
        "Alertmanager's Go template files; * and ? stand for parts of names.",
    ),
    Field::optional(
        "tracing",
        Kind::Any,
        "Alertmanager's tracing; no effect here.",
    ),
    Field::optional(
        "event_recorder",
        Kind::Any,
        "Alertmanager's event recorder; no effect here.",
    ),
];

/// Top-level keys of the design that this release does not have.
pub const LATER: &[&str] = &["reminders"];

/// Integrations of Alertmanager 0.34 that this release does not have.
pub const FOREIGN_INTEGRATIONS: &[&str] = &[
    "discord_configs",
    "email_configs",
    "incidentio_configs",
    "jira_configs",
    "mattermost_configs",
    "msteams_configs",
    "msteamsv2_configs",
    "opsgenie_configs",
    "pagerduty_configs",
    "pushover_configs",
    "rocketchat_configs",
    "slack_configs",
    "sns_configs",
    "telegram_configs",
    "victorops_configs",
    "webex_configs",
    "webhook_configs",
    "wechat_configs",
];
