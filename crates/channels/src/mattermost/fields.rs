//! The keys of `mattermost_configs`, which are Alertmanager's (0.34).

use balefire_core::field::{Field, Kind};

use crate::options::joined;

static PAIR: [Field; 3] = [
    Field::required("title", Kind::GoTemplate, "Name."),
    Field::required("value", Kind::GoTemplate, "Value."),
    Field::optional("short", Kind::Bool, "Whether two stand beside each other."),
];

static PAIR_KIND: Kind = Kind::Record(&PAIR);

static PRIORITY: [Field; 3] = [
    Field::optional(
        "priority",
        Kind::GoTemplate,
        "important or urgent, Go templates included.",
    ),
    Field::optional(
        "requested_ack",
        Kind::Bool,
        "Whether readers are asked to confirm.",
    ),
    Field::optional(
        "persistent_notifications",
        Kind::Bool,
        "Whether readers are reminded until they have confirmed.",
    ),
];

const KEPT: &str =
    "As in Alertmanager, Go templates included; where one fails, our own look is sent.";
const STATIC: &str = "As in Alertmanager, Go templates included.";
const UNUSED: &str = "Alertmanager's key; taken, without effect here.";

const COMMON: [Field; 22] = [
    Field::optional(
        "channel",
        Kind::GoTemplate,
        "The channel: a bot needs its id, or several separated by commas; a webhook has its own, and may take another's name or @user.",
    ),
    Field::optional("username", Kind::GoTemplate, STATIC),
    Field::optional("text", Kind::GoTemplate, KEPT),
    Field::optional("fallback", Kind::GoTemplate, UNUSED),
    Field::optional(
        "color",
        Kind::GoTemplate,
        "The bar's colour, #rrggbb. By severity when absent.",
    ),
    Field::optional("pretext", Kind::GoTemplate, STATIC),
    Field::optional("author_name", Kind::GoTemplate, STATIC),
    Field::optional("author_link", Kind::GoTemplate, STATIC),
    Field::optional("author_icon", Kind::GoTemplate, STATIC),
    Field::optional("title", Kind::GoTemplate, KEPT),
    Field::optional(
        "title_link",
        Kind::GoTemplate,
        "Where the title leads. Our page on the group when absent.",
    ),
    Field::optional(
        "fields",
        Kind::List(&PAIR_KIND),
        "Names and values below the text; Go templates included.",
    ),
    Field::optional("thumb_url", Kind::GoTemplate, STATIC),
    Field::optional("footer", Kind::GoTemplate, STATIC),
    Field::optional("footer_icon", Kind::GoTemplate, STATIC),
    Field::optional("image_url", Kind::GoTemplate, STATIC),
    Field::optional("icon_url", Kind::GoTemplate, STATIC),
    Field::optional("icon_emoji", Kind::GoTemplate, STATIC),
    Field::optional("attachments", Kind::List(&Kind::Any), UNUSED),
    Field::optional("type", Kind::GoTemplate, UNUSED),
    Field::optional("props", Kind::Any, UNUSED),
    Field::optional(
        "priority",
        Kind::Record(&PRIORITY),
        "How urgent the message is shown; not for answers in a thread.",
    ),
];

const HOOK: [Field; 2] = [
    Field::optional(
        "webhook_url",
        Kind::SecretUrl,
        "The incoming webhook; Alertmanager's key.",
    ),
    Field::optional("webhook_url_file", Kind::Text, "A file with the webhook."),
];

/// Keys of an entry that goes through a webhook.
pub(super) static OF_HOOK: [Field; 24] = joined(HOOK, COMMON);
/// Keys of an entry that goes through a bot.
pub(super) static OF_BOT: [Field; 23] = joined([crate::threads::LIVE], COMMON);
