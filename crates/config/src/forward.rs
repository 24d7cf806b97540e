//! Telephones whose calls go to whoever is on call.

use std::sync::Arc;

use balefire_channels::dial;
use balefire_channels::phone::PhoneError;
use serde_json::Value;

/// A telephone that is told by text message, at each change of who is on call, what to dial: a code that forwards its
/// calls, or the person's number.
#[derive(Clone, Debug)]
pub struct Forward {
    /// The schedule that says who.
    pub schedule: Arc<str>,
    /// The account of text messages.
    pub account: Arc<str>,
    /// The telephone's own number, E.164.
    pub agent: Arc<str>,
    /// What is dialled before the person's number, as `*72`; empty to call the person.
    pub code: Arc<str>,
    /// The number while nobody on call has one.
    pub otherwise: Option<Arc<str>>,
    /// The options of the account's kind, without the numbers.
    pub options: Value,
}

impl Forward {
    /// What is dialled for a person's number.
    pub fn dialled(&self, phone: &str) -> Result<Arc<str>, PhoneError> {
        dial::with_code(&self.code, phone)
    }

    /// The options of a message that has this dialled.
    pub fn options_for(&self, dialled: &str) -> Value {
        let mut options = self.options.clone();
        options["phones"] = Value::from(vec![dialled]);
        options
    }
}
