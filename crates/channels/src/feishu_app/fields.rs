//! The keys.

use balefire_core::field::{Field, Kind};

use crate::feishu_robot::body::MSGTYPES;

/// Feishu's address.
pub(super) const BASE: &str = "https://open.feishu.cn";

/// The words of `urgent`; the first is none.
pub(super) const URGENTS: &[&str] = &["none", "app", "sms", "phone"];

pub(super) static ACCOUNT: [Field; 7] = [
    Field::required(
        "app_id",
        Kind::Text,
        "The application's App ID (cli_…), of 凭证与基础信息.",
    ),
    Field::optional("app_secret", Kind::Secret, "Its App Secret."),
    Field::optional("app_secret_file", Kind::Text, "A file with the secret."),
    Field::optional(
        "base_url",
        Kind::Url,
        "Feishu's address; https://open.larksuite.com for Lark.",
    )
    .or(BASE),
    Field::optional(
        "encrypt_key",
        Kind::Secret,
        "The Encrypt Key of 事件与回调 → 加密策略: with it and callback_token, cards have buttons.",
    ),
    Field::optional(
        "verification_token",
        Kind::Secret,
        "The Verification Token of the same page: what calls us must name it, and cards of the older kind are signed with it.",
    ),
    crate::click::WHO,
];

pub(super) static RECEIVER: [Field; 8] = [
    crate::picture::IMAGES,
    crate::threads::LIVE,
    Field::optional(
        "to_user",
        Kind::TextOrList,
        "Open ids of people (ou_…), which belong to this application.",
    ),
    Field::optional("to_email", Kind::TextOrList, "Addresses of people, as Feishu knows them."),
    Field::optional(
        "to_mobile",
        Kind::TextOrList,
        "Mobile numbers, looked up in the address book; without a country, of the mainland.",
    ),
    Field::optional(
        "to_chat",
        Kind::TextOrList,
        "Ids of chats (oc_…) that the application's bot is in.",
    ),
    Field::optional(
        "msgtype",
        Kind::OneOf(MSGTYPES),
        "The form of the message: a card with colour and button, a post with title and link, or a text.",
    )
    .or("interactive"),
    Field::optional(
        "urgent",
        Kind::OneOf(URGENTS),
        "Whether what fires is buzzed (加急) as well: in the app, by SMS or by phone; in a chat, whoever is in mention.",
    )
    .or("none"),
];
