//! The keys, which are Alertmanager's (0.34).

use balefire_core::field::{Field, Kind};

use super::BASE;

pub(super) static ACCOUNT: [Field; 3] = [
    Field::optional(
        "api_key",
        Kind::Secret,
        "The key of an integration of type API.",
    ),
    Field::optional("api_key_file", Kind::Text, "A file with the key."),
    Field::optional(
        "base_url",
        Kind::Url,
        "The service's address: https://api.eu.opsgenie.com for the EU, https://api.atlassian.com/jsm/ops/integration for Jira Service Management.",
    )
    .or(BASE),
];

static RESPONDER: [Field; 4] = [
    Field::optional("id", Kind::GoTemplate, "Their id."),
    Field::optional("name", Kind::GoTemplate, "Their name."),
    Field::optional("username", Kind::GoTemplate, "Their user name, for users."),
    Field::required(
        "type",
        Kind::GoTemplate,
        "team, user, escalation or schedule; teams takes several names with commas.",
    ),
];

static RESPONDER_KIND: Kind = Kind::Record(&RESPONDER);

const KEPT: &str = "As in Alertmanager, Go templates included; where one fails, our own is sent.";
const STATIC: &str = "As in Alertmanager, Go templates included.";

pub(super) static RECEIVER: [Field; 14] = [
    Field::optional(
        "api_key",
        Kind::Secret,
        "The integration's key; Alertmanager's key.",
    ),
    Field::optional("api_key_file", Kind::Text, "A file with the key."),
    Field::optional(
        "api_url",
        Kind::Url,
        "The service's address; Alertmanager's key.",
    ),
    Field::optional("message", Kind::GoTemplate, KEPT),
    Field::optional("description", Kind::GoTemplate, KEPT),
    Field::optional(
        "source",
        Kind::GoTemplate,
        "Who tells it. Our page on the group when absent.",
    ),
    Field::optional(
        "details",
        Kind::Map(&Kind::GoTemplate),
        "Names and values beside the common labels, Go templates included.",
    ),
    Field::optional("entity", Kind::GoTemplate, STATIC),
    Field::optional(
        "responders",
        Kind::List(&RESPONDER_KIND),
        "Who is told, Go templates included.",
    ),
    Field::optional("actions", Kind::GoTemplate, STATIC),
    Field::optional(
        "tags",
        Kind::GoTemplate,
        "Words with commas, Go templates included.",
    ),
    Field::optional("note", Kind::GoTemplate, STATIC),
    Field::optional(
        "priority",
        Kind::GoTemplate,
        "P1 to P5. By severity when absent.",
    ),
    Field::optional(
        "update_alerts",
        Kind::Bool,
        "Whether an alert that is open gets the new words; they stand in its log alone otherwise.",
    )
    .or("false"),
];
