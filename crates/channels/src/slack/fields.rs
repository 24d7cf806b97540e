//! The keys of `slack_configs`, which are Alertmanager's (0.34).

use balefire_core::field::{Field, Kind};

use crate::options::joined;

static PAIR: [Field; 3] = [
    Field::required("title", Kind::GoTemplate, "Name."),
    Field::required("value", Kind::GoTemplate, "Value."),
    Field::optional(
        "short",
        Kind::Bool,
        "Whether two stand beside each other; no effect here.",
    ),
];

static PAIR_KIND: Kind = Kind::Record(&PAIR);

const KEPT: &str =
    "As in Alertmanager, Go templates included; where one fails, our own look is sent.";
const STATIC: &str = "As in Alertmanager, Go templates included.";
const UNUSED: &str = "Alertmanager's key; taken, without effect here.";

const COMMON: [Field; 22] = [
    Field::optional("channel", Kind::GoTemplate, "The channel: its id, or #name. A bot needs it, or several separated by commas; an incoming webhook has its own."),
    Field::optional("username", Kind::GoTemplate, STATIC),
    Field::optional("icon_emoji", Kind::GoTemplate, STATIC),
    Field::optional("icon_url", Kind::GoTemplate, STATIC),
    Field::optional("color", Kind::GoTemplate, "The bar's colour: good, warning, danger or #rrggbb. By severity when absent."),
    Field::optional("title", Kind::GoTemplate, KEPT),
    Field::optional("title_link", Kind::GoTemplate, "Where the title leads. Our page on the group when absent."),
    Field::optional("pretext", Kind::GoTemplate, STATIC),
    Field::optional("text", Kind::GoTemplate, KEPT),
    Field::optional("message_text", Kind::GoTemplate, UNUSED),
    Field::optional("fields", Kind::List(&PAIR_KIND), "Names and values below the text; Go templates included."),
    Field::optional("short_fields", Kind::Bool, UNUSED),
    Field::optional("footer", Kind::GoTemplate, STATIC),
    Field::optional("fallback", Kind::GoTemplate, UNUSED),
    Field::optional("callback_id", Kind::GoTemplate, UNUSED),
    Field::optional("image_url", Kind::GoTemplate, STATIC),
    Field::optional("thumb_url", Kind::GoTemplate, STATIC),
    Field::optional("link_names", Kind::Bool, "Alertmanager's key; taken, without effect here: people are called by mention only."),
    Field::optional("mrkdwn_in", Kind::List(&Kind::Text), UNUSED),
    Field::optional("actions", Kind::List(&Kind::Any), UNUSED),
    Field::optional("update_message", Kind::Bool, "Whether a bot changes its message instead of answering it in a thread; an incoming webhook cannot.").or("false"),
    Field::optional("timeout", Kind::Duration, UNUSED),
];

const HOOK: [Field; 2] = [
    Field::optional(
        "api_url",
        Kind::SecretUrl,
        "The incoming webhook; Alertmanager's key.",
    ),
    Field::optional("api_url_file", Kind::Text, "A file with the webhook."),
];

const BOT: [Field; 5] = [
    crate::picture::IMAGES,
    crate::threads::LIVE,
    Field::optional(
        "app_token",
        Kind::Secret,
        "The bot's token; Alertmanager's key.",
    ),
    Field::optional("app_token_file", Kind::Text, "A file with the token."),
    Field::optional(
        "app_url",
        Kind::Url,
        "The address of chat.postMessage; Alertmanager's key.",
    ),
];

/// Keys of an entry that goes through a webhook.
pub(super) static OF_HOOK: [Field; 24] = joined(HOOK, COMMON);
/// Keys of an entry that goes through a bot.
pub(super) static OF_BOT: [Field; 27] = joined(BOT, COMMON);
