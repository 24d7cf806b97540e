//! What every channel can do.

pub mod spec;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::message::Message;
use balefire_core::time::Time;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::spec::ChannelSpec;
use crate::callback::Said;
use crate::click::{Click, Reaction};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::picture::PATIENCE;
use crate::threads::{Changed, Threads};

/// One place a message can be sent to: an address, a user, a chat. A robot has one, itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    /// What the provider calls it: the address, user id, chat id; empty for a robot's only chat.
    pub address: Arc<str>,
    /// What a person reads in the delivery record; never a secret.
    pub label: Arc<str>,
}

/// One call's work.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// What to tell.
    pub message: &'a Message,
    /// Whom; at most the spec's `max_targets_per_call`.
    pub targets: &'a [Target],
    /// The same on every try of the same notification: the idempotency key, `[a-z0-9_]`, 8–40 long.
    pub id: &'a str,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// The time the try starts, for signatures and dates.
    pub now: Time,
}

/// The outcome for one target.
pub type Outcome = Result<Receipt, SendError>;

/// A call that telephones of one's own are to place: they ask for it, so there is nothing to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneOrder {
    /// The numbers in the order in which they are tried, as they are dialled; at least one.
    pub phones: Vec<Arc<str>>,
    /// How often they are tried.
    pub rounds: u32,
    /// How long the call is kept.
    pub max_age: Duration,
}

/// What a provider is asked about something that it took before.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The provider's own id of it, as it came with the receipt of the try.
    pub provider_id: &'a str,
    /// Whom it went to, by this account.
    pub targets: &'a [Target],
    /// When it is asked.
    pub now: Time,
}

/// What became of it for one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// What the provider says.
    pub said: Said,
    /// In words, with the provider's code.
    pub detail: String,
    /// Whether it can say nothing more of this target.
    pub is_last: bool,
}

/// An operator's own template of a request's body.
#[derive(Clone, Debug, PartialEq)]
pub struct BodyTemplate {
    /// minijinja source.
    pub source: Arc<str>,
    /// How values are put into it.
    pub form: BodyForm,
    /// The entry's own values, which the template sees as `params`.
    pub params: Value,
}

/// What a request's body is, and so how a value is put into it without becoming a part of its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyForm {
    /// JSON: texts as they stand between quotes.
    Json,
    /// `application/x-www-form-urlencoded`, also as a query.
    Form,
    /// Text without a form.
    Text,
}

/// A configured way out: an account together with one receiver entry's own options.
pub trait Channel: Send + Sync + 'static {
    /// What this kind of channel is and can do.
    fn spec(&self) -> &'static ChannelSpec;

    /// How long a try may take when the account says nothing; the channel keeps it itself, or the account's
    /// time, by its client. The kind's own, unless the entry says otherwise.
    fn timeout(&self) -> Duration {
        self.spec().timeout
    }

    /// The targets that the configuration names.
    fn targets(&self) -> Vec<Target>;

    /// Sends once; answers one outcome per target, in order. Never panics, never retries.
    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>>;

    /// Asks the provider whether the account is good, without sending, where that is possible;
    /// `Unsupported` where it is not.
    fn check(&self, now: Time) -> BoxFuture<'_, Outcome>;

    /// Whether it has nothing to say of what is over, as somebody would be called for it: such a message is taken and
    /// not sent.
    fn ignores_ends(&self) -> bool {
        false
    }

    /// Whether pictures of alerts are to go with its messages (`images`).
    fn shows_pictures(&self) -> bool {
        false
    }

    /// How much longer a try may take for its pictures, whatever the words have.
    fn time_for_pictures(&self) -> Duration {
        if self.shows_pictures() {
            PATIENCE
        } else {
            Duration::ZERO
        }
    }

    /// The template of the request's body, where the operator writes it: rendered before each try, the result is
    /// the message's `custom.body`.
    fn body_template(&self) -> Option<&BodyTemplate> {
        None
    }

    /// Shows what came of a button that was pressed below a message of this account's.
    fn react<'a>(&'a self, _: &'a Click, _: &'a Reaction<'a>) -> BoxFuture<'a, Outcome> {
        let error = SendError::new(ErrorKind::Unsupported, "its messages have no buttons");
        Box::pin(std::future::ready(Err(error)))
    }

    /// The options of an entry that can ask afterwards what became of what goes out through this one; `None` where the
    /// provider calls us, or never says.
    fn inquires(&self) -> Option<Value> {
        None
    }

    /// Asks what became of what the provider took: one answer for each target, in order; `None` while it does not know.
    fn inquire<'a>(
        &'a self,
        _: &'a Question<'a>,
    ) -> BoxFuture<'a, Result<Vec<Option<Fate>>, SendError>> {
        let error = SendError::new(ErrorKind::Unsupported, "its provider is not asked");
        Box::pin(std::future::ready(Err(error)))
    }

    /// Opens the connection over which the provider says what became of what it took, unless it is open.
    fn listen(&self) -> BoxFuture<'_, Outcome> {
        let error = SendError::new(ErrorKind::Unsupported, "its provider calls");
        Box::pin(std::future::ready(Err(error)))
    }

    /// The messages that threads hang on, where what follows on one answers it or changes it.
    fn threads(&self) -> Option<&Threads> {
        None
    }

    /// Whether the entry has the first message of a thread changed as things stand (`live`).
    fn is_live(&self) -> bool {
        false
    }

    /// Changes the message that the thread hangs on, at the delivery's one target, to say this. Nobody is called by
    /// it. `None` where there is no such message any more, or it cannot be changed.
    fn change<'a>(&'a self, _: &'a Delivery<'a>) -> BoxFuture<'a, Changed> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// The call to be kept for telephones in place of [`Channel::send`]; the try lasts until it has ended.
    fn phone_order(&self) -> Option<&PhoneOrder> {
        None
    }
}
