//! The address books there are, by kind of account.

use balefire_core::identity::Platform;

use crate::directory::Open;
use crate::{dingtalk_app, feishu_app, slack, wecom};

/// The kinds of accounts that have an address book, the platform they are of, and how it is opened.
static BOOKS: [(&str, Platform, Open); 4] = [
    (
        wecom::app::SPEC.kind,
        Platform::Wecom,
        wecom::directory::open,
    ),
    (
        dingtalk_app::SPEC.kind,
        Platform::Dingtalk,
        dingtalk_app::directory::open,
    ),
    (
        feishu_app::SPEC.kind,
        Platform::Feishu,
        feishu_app::directory::open,
    ),
    (
        slack::bot::SPEC.kind,
        Platform::Slack,
        slack::directory::open,
    ),
];

/// The platform whose address book accounts of a kind can ask.
pub fn platform(kind: &str) -> Option<Platform> {
    let book = BOOKS.iter().find(|(known, ..)| *known == kind)?;
    Some(book.1)
}

/// How the address book of accounts of a kind is opened.
pub fn opener(kind: &str) -> Option<Open> {
    let book = BOOKS.iter().find(|(known, ..)| *known == kind)?;
    Some(book.2)
}
