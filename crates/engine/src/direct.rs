//! Messages sent by hand or by API, past routing and silences, with the same durability.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use balefire_config::plan::{Plan, Reader};
use balefire_core::message::{Message, Occasion};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::{Decision, Fact, Notification, NotificationState, StoreError};
use balefire_template::compose;
use serde_json::Value;

use crate::delivery::Lanes;
pub use crate::delivery::body::escape;
use crate::delivery::content::{Content, Verifies};
use crate::delivery::id_text;
use crate::delivery::rows::{Draft, Way, numbered, rows, rows_of};
use crate::delivery::shared::{Ended, Shared};

/// Where a direct message goes.
#[derive(Clone, Debug)]
pub enum Destination {
    /// All ways out of a receiver.
    Receiver(String),
    /// An account, with the options a receiver's entry would have (`to`, `touser`, …).
    Account {
        /// The account's name.
        name: String,
        /// The options.
        options: Value,
    },
}

/// A direct message as asked for.
#[derive(Clone, Debug)]
pub struct Direct {
    /// Where it goes.
    pub to: Destination,
    /// What is told.
    pub words: Words,
    /// How bad it is.
    pub severity: Severity,
    /// What becomes true in the transaction that stores it.
    pub facts: Vec<Fact>,
    /// The address that an answered call verifies, for a call that is placed for that.
    pub verifies: Option<Verifies>,
}

/// What a direct message says.
#[derive(Clone, Debug)]
pub enum Words {
    /// A title and a text, which we make a message of.
    Text {
        /// The title.
        title: String,
        /// The text; may be empty.
        text: String,
    },
    /// That the account works: a test, which is tried once.
    Test,
    /// A message as it is to be told.
    Message(Box<Message>),
}

/// One notification of a direct message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The notification's number.
    pub seq: u64,
    /// Its stable id as providers and telephones see it.
    pub id: String,
    /// Whom it goes to.
    pub target: Arc<str>,
    /// Where it stands.
    pub state: NotificationState,
    /// The provider's last word; empty while there is none.
    pub detail: String,
}

/// Why a direct message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DirectError {
    /// No account or receiver of that name.
    #[error("no {kind} is named {name:?}; there are: {known}")]
    Unknown {
        /// `account` or `receiver`.
        kind: &'static str,
        /// What was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The options do not fit the account's kind.
    #[error("{0}")]
    Options(String),
    /// The way out names nobody to send to.
    #[error("nobody to send to: {0}")]
    NoTarget(String),
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Stores the message's notifications and hands them to their lanes; with `wait`, until all have ended
/// or the time is over. A series other than 0 is the group of the notifications.
pub(crate) async fn send(
    shared: &Arc<Shared>,
    lanes: &Lanes,
    (direct, series): (&Direct, u64),
    wait: Option<Duration>,
) -> Result<Vec<Sent>, DirectError> {
    if shared.shadow {
        let why = "this node runs in shadow mode and sends nothing";
        return Err(DirectError::NoTarget(why.to_owned()));
    }
    let plan = shared.plan.load_full();
    let now = shared.clock.now();
    let mut made = match &direct.to {
        Destination::Receiver(name) => to_receiver(shared, &plan, direct, name, now)?,
        Destination::Account { name, options } => {
            to_account(shared, &plan, direct, name, options, now)?
        }
    };
    for row in &mut made {
        row.group = series;
    }
    let made = store(shared, &plan, made, direct.facts.clone(), now).await?;
    let mut waiting = Vec::with_capacity(made.len());
    for row in &made {
        let (done, ended) = tokio::sync::oneshot::channel();
        if wait.is_some() {
            shared.waiters.lock().insert(row.seq, done);
        }
        waiting.push(ended);
    }
    let mut sent: Vec<Sent> = made
        .iter()
        .map(|row| Sent {
            seq: row.seq,
            id: id_text(&row.id),
            target: Arc::clone(&row.target_label),
            state: NotificationState::Pending,
            detail: String::new(),
        })
        .collect();
    lanes.hand(shared, made);
    if let Some(wait) = wait {
        let ends = futures_util::future::join_all(waiting.into_iter().map(|ended| {
            let deadline = tokio::time::timeout(wait, ended);
            async move { deadline.await.ok().and_then(Result::ok) }
        }));
        for (sent, ended) in sent.iter_mut().zip(ends.await) {
            if let Some(Ended { state, detail }) = ended {
                (sent.state, sent.detail) = (state, detail);
                continue;
            }
            shared.waiters.lock().remove(&sent.seq);
            // Its end may have come before anybody waited for it; and a try that failed is worth telling.
            if let Ok(Some(row)) = shared.store.notification(sent.seq).await {
                sent.state = row.state;
                sent.detail = row
                    .last_error
                    .as_deref()
                    .map_or_else(String::new, str::to_owned);
            }
        }
    }
    Ok(sent)
}

/// Makes the rows durable, and what becomes true with them; answers them with their numbers.
pub(crate) async fn store(
    shared: &Shared,
    plan: &Plan,
    made: Vec<Notification>,
    facts: Vec<Fact>,
    now: Time,
) -> Result<Vec<Notification>, StoreError> {
    shared
        .metrics
        .notifications_pending
        .inc_by(made.len() as i64);
    let decision = Decision {
        at: now,
        cursor: shared.state.read().cursor(),
        config_version: Arc::clone(&plan.version),
        body: crate::codec::pack::<[()]>(&[]),
        notifications: made.clone(),
        settlements: Vec::new(),
        facts,
    };
    match shared.store.writer().decide(decision).await {
        Ok(decided) => Ok(numbered(made, decided)),
        Err(error) => {
            let pending = &shared.metrics.notifications_pending;
            pending.dec_by(made.len() as i64);
            Err(error)
        }
    }
}

fn message(direct: &Direct, account: &str, reader: &Reader) -> Message {
    let reader = compose::Reader {
        locale: reader.locale,
        zone: reader.zone.clone(),
    };
    match &direct.words {
        Words::Text { title, text } => {
            compose::compose_direct(title, text, direct.severity, &reader)
        }
        Words::Test => compose::compose_test(account, &reader),
        Words::Message(message) => Message::clone(message),
    }
}

fn draft(direct: &Direct, now: Time, seq: u64) -> Draft {
    Draft {
        group: 0,
        ordinal: seq,
        occasion: match &direct.words {
            Words::Test => Occasion::Test,
            Words::Text { .. } => Occasion::Direct,
            Words::Message(message) => message.occasion,
        },
        severity: direct.severity,
        now,
        deliver_within: None,
        has_fallback: false,
        fallback_of: None,
    }
}

fn to_receiver(
    shared: &Shared,
    plan: &Plan,
    direct: &Direct,
    name: &str,
    now: Time,
) -> Result<Vec<Notification>, DirectError> {
    let receiver = plan
        .receivers
        .iter()
        .find(|r| &*r.name == name)
        .ok_or_else(|| {
            let known: BTreeSet<&str> = plan.receivers.iter().map(|r| r.name.as_ref()).collect();
            unknown("receiver", name, known.into_iter())
        })?;
    let content = Content::fixed(&message(direct, name, &plan.server.reader));
    let draft = Draft {
        deliver_within: receiver.deliver_within,
        has_fallback: receiver.fallback.is_some(),
        ..draft(direct, now, shared.ordinal())
    };
    let made: Vec<_> = receiver
        .integrations
        .iter()
        .flat_map(|integration| rows_of(shared, receiver, integration, &content, &draft))
        .collect();
    if made.is_empty() {
        return Err(DirectError::NoTarget(format!(
            "receiver {name:?} has no way out"
        )));
    }
    Ok(made)
}

fn to_account(
    shared: &Shared,
    plan: &Plan,
    direct: &Direct,
    name: &str,
    options: &Value,
    now: Time,
) -> Result<Vec<Notification>, DirectError> {
    let account = plan
        .accounts
        .get(name)
        .ok_or_else(|| unknown("account", name, plan.accounts.keys().map(String::as_str)))?;
    let channel = (account.open)(options).map_err(|problems| {
        DirectError::Options(
            problems
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; "),
        )
    })?;
    let message = message(direct, name, &plan.server.reader);
    let content = match &direct.verifies {
        Some(verifies) => Content::verify(&message, options, verifies),
        None => Content::direct(&message, options),
    };
    let none: Arc<str> = Arc::from("");
    let way = Way {
        receiver: &none,
        integration: &none,
        lane: &account.name,
    };
    let made = rows(
        shared,
        &way,
        channel.targets(),
        &content,
        &draft(direct, now, shared.ordinal()),
    );
    if made.is_empty() {
        return Err(DirectError::NoTarget(format!(
            "account {name:?} ({}) needs options that name a target",
            account.spec.kind
        )));
    }
    Ok(made)
}

fn unknown<'a>(
    kind: &'static str,
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> DirectError {
    let known = known.collect::<Vec<_>>().join(", ");
    DirectError::Unknown {
        kind,
        name: name.to_owned(),
        known,
    }
}
