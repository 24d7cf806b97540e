//! The one way in which older services send: a direct message through an account, stored before anything is
//! answered, told word for word.

use std::time::Duration;

use balefire_config::legacy::AccountName;
use balefire_core::message::{Answering, Block, Custom, Locale, Mentions, Message, Occasion};
use balefire_core::severity::Severity;
use balefire_engine::direct::{Destination, Direct, DirectError, Sent, Words};
use balefire_store::{Fact, NotificationState};
use serde_json::Value;

use crate::state::WebState;

/// How long a caller waits for the provider's answer; the older clients give up after ten seconds.
const WAIT: Duration = Duration::from_secs(8);

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// The provider took it; its answer, where it gave one.
    Delivered(String),
    /// The provider took it for some, with its answer, and not for others, and why.
    Partly {
        /// The answer.
        answer: String,
        /// Why the others got nothing.
        missed: String,
    },
    /// It is stored and being tried; what the last try met, if there was one.
    Kept(Option<String>),
    /// It cannot be delivered.
    Lost(String),
    /// The account cannot be used so, and nothing is stored.
    Refused(String),
    /// The store did not take it.
    Unstored(String),
}

impl Told {
    /// What the caller must be told: nothing while all goes well. A try that failed is told, although
    /// more follow.
    pub(super) fn trouble(&self) -> Option<String> {
        match self {
            Self::Delivered(_) | Self::Kept(None) => None,
            Self::Kept(Some(why)) => Some(format!("{why}; it is kept and tried again")),
            Self::Lost(why)
            | Self::Refused(why)
            | Self::Unstored(why)
            | Self::Partly { missed: why, .. } => Some(why.clone()),
        }
    }
}

/// A message of exactly these words.
pub(super) fn words(title: &str, text: &str) -> Message {
    Message {
        occasion: Occasion::Direct,
        severity: Severity::Info,
        title: title.to_owned(),
        body: vec![Block::Text(text.to_owned())],
        group: None,
        mentions: Mentions::default(),
        custom: Some(Custom {
            title: Some(title.to_owned()),
            text: Some(text.to_owned()),
            html: None,
            ..Custom::default()
        }),
        locale: Locale::ZhCn,
        zone: String::new(),
        link: None,
        thread: String::new(),
        attachments: Vec::new(),
        answering: Answering::default(),
    }
}

/// Sends a message through an account, with the options a receiver's entry would have, and waits a while for
/// the provider's answer.
pub(super) async fn tell(
    state: &WebState,
    account: &AccountName,
    options: Value,
    message: Message,
) -> Told {
    send(state, account, options, message, Some(WAIT)).await
}

/// The same for as long as the caller says, with what becomes true in the transaction that stores it.
pub(super) async fn tell_noting(
    state: &WebState,
    account: &AccountName,
    options: Value,
    message: Message,
    (facts, wait): (Vec<Fact>, Duration),
) -> Told {
    let direct = direct(account, options, message, facts);
    told(state.engine.send(&direct, Some(wait)).await)
}

/// The same without waiting: once it is stored, it is under way.
pub(super) async fn store(
    state: &WebState,
    account: &AccountName,
    options: Value,
    message: Message,
) -> Told {
    send(state, account, options, message, None).await
}

async fn send(
    state: &WebState,
    account: &AccountName,
    options: Value,
    message: Message,
    wait: Option<Duration>,
) -> Told {
    let direct = direct(account, options, message, Vec::new());
    told(state.engine.send(&direct, wait).await)
}

fn direct(account: &AccountName, options: Value, message: Message, facts: Vec<Fact>) -> Direct {
    Direct {
        to: Destination::Account {
            name: account.to_string(),
            options,
        },
        severity: message.severity,
        words: Words::Message(Box::new(message)),
        facts,
        verifies: None,
    }
}

fn told(sent: Result<Vec<Sent>, DirectError>) -> Told {
    match sent {
        Ok(sent) => outcome(&sent),
        Err(DirectError::Store(error)) => {
            Told::Unstored(format!("it could not be stored: {error}"))
        }
        Err(error) => Told::Refused(error.to_string()),
    }
}

/// The worst that happened to any of the targets.
fn outcome(sent: &[Sent]) -> Told {
    let lost = |row: &&Sent| {
        !matches!(
            row.state,
            NotificationState::Delivered | NotificationState::Pending
        )
    };
    let delivered = sent
        .iter()
        .find(|row| row.state == NotificationState::Delivered);
    if let Some(row) = sent.iter().find(lost) {
        let missed = row.detail.clone();
        return match delivered {
            Some(row) => Told::Partly {
                answer: row.detail.clone(),
                missed,
            },
            None => Told::Lost(missed),
        };
    }
    let waiting = |row: &&Sent| row.state == NotificationState::Pending;
    if let Some(row) = sent.iter().find(waiting) {
        return Told::Kept(Some(row.detail.clone()).filter(|why| !why.is_empty()));
    }
    let answer = sent.first().map(|row| row.detail.clone());
    Told::Delivered(answer.unwrap_or_default())
}
