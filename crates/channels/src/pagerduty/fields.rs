//! The keys, which are Alertmanager's (0.34).

use balefire_core::field::{Field, Kind};

use super::BASE;

pub(super) static ACCOUNT: [Field; 5] = [
    Field::optional(
        "routing_key",
        Kind::Secret,
        "The key of an integration of type Events API v2, or of a global orchestration.",
    ),
    Field::optional("routing_key_file", Kind::Text, "A file with the key."),
    Field::optional(
        "service_key",
        Kind::Secret,
        "The key of an integration of type Prometheus (Events API v1), instead of routing_key.",
    ),
    Field::optional("service_key_file", Kind::Text, "A file with the key."),
    Field::optional(
        "url",
        Kind::Url,
        "The address of Events API v2; https://events.eu.pagerduty.com/v2/enqueue for EU accounts.",
    )
    .or(BASE),
];

static IMAGE: [Field; 3] = [
    Field::optional("src", Kind::GoTemplate, "The picture's address (https)."),
    Field::optional("alt", Kind::GoTemplate, "What it shows."),
    Field::optional("href", Kind::GoTemplate, "Where it leads."),
];

static IMAGE_KIND: Kind = Kind::Record(&IMAGE);

static LINK: [Field; 2] = [
    Field::optional("href", Kind::GoTemplate, "The address."),
    Field::optional("text", Kind::GoTemplate, "Its text."),
];

static LINK_KIND: Kind = Kind::Record(&LINK);

const KEPT: &str = "As in Alertmanager, Go templates included; where one fails, our own is sent.";
const STATIC: &str = "As in Alertmanager, Go templates included.";

pub(super) static RECEIVER: [Field; 17] = [
    Field::optional(
        "routing_key",
        Kind::Secret,
        "The key of Events API v2; Alertmanager's key.",
    ),
    Field::optional("routing_key_file", Kind::Text, "A file with the key."),
    Field::optional(
        "service_key",
        Kind::Secret,
        "The key of Events API v1; Alertmanager's key.",
    ),
    Field::optional("service_key_file", Kind::Text, "A file with the key."),
    Field::optional(
        "url",
        Kind::Url,
        "The address of Events API v2; Alertmanager's key.",
    ),
    Field::optional(
        "client",
        Kind::GoTemplate,
        "Who tells it; Balefire when absent.",
    ),
    Field::optional(
        "client_url",
        Kind::GoTemplate,
        "Where that leads. Our page on the group when absent.",
    ),
    Field::optional("description", Kind::GoTemplate, KEPT),
    Field::optional(
        "details",
        Kind::Map(&Kind::Any),
        "Names and values beside ours; Go templates included.",
    ),
    Field::optional(
        "images",
        Kind::List(&IMAGE_KIND),
        "Pictures; Go templates included.",
    ),
    Field::optional(
        "links",
        Kind::List(&LINK_KIND),
        "Links; Go templates included.",
    ),
    Field::optional(
        "source",
        Kind::GoTemplate,
        "What is broken; the common label instance, else the client when absent.",
    ),
    Field::optional(
        "severity",
        Kind::GoTemplate,
        "critical, error, warning or info. By the alerts' own when absent.",
    ),
    Field::optional(
        "class",
        Kind::GoTemplate,
        "The kind of event; the common alertname when absent.",
    ),
    Field::optional("component", Kind::GoTemplate, STATIC),
    Field::optional("group", Kind::GoTemplate, STATIC),
    Field::optional(
        "timeout",
        Kind::Duration,
        "Alertmanager's key; taken, without effect here.",
    ),
];
