//! How a sender is spoken to.
//!
//! Most senders look at the status alone and take the common answer. Clients of another service read
//! what that service would have said, show their key where it looks for one, and use its methods; a
//! source for them says so here, so that they work unmodified.

use serde_json::Value;

use crate::form;
use crate::inbound::{self, Inbound};
use crate::parsed::{Complaint, Refusal};

/// What a sender needs besides a status.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    /// Methods it uses besides `GET`, `POST` and `PUT`.
    pub methods: &'static [&'static str],
    /// The token it shows, where that is neither a bearer token, a basic password nor in the path.
    pub token: fn(&Head<'_>) -> Option<String>,
    /// The answer, where it expects one in a shape of its own.
    ///
    /// The status of a failure of 401, or of 500 and above, must stay: the first counts as a wrong guess,
    /// the others make senders come back.
    pub answer: fn(&Head<'_>, &Outcome<'_>) -> Voice,
    /// How its requests are signed, where that takes a certificate from outside.
    pub signing: Option<Signing>,
}

/// Requests that are signed with a certificate of the sender's.
#[derive(Debug, Clone, Copy)]
pub struct Signing {
    /// Where the certificate lies: an address that the source knows for the sender's own, over https; `None`
    /// when nothing is to be checked.
    pub certificate: fn(&Inbound<'_>) -> Result<Option<String>, Refusal>,
}

impl Manners {
    /// Those of a sender that only looks at the status.
    pub const USUAL: Self = Self {
        methods: &[],
        token: |_| None,
        answer: |_, _| Voice::Common,
        signing: None,
    };
}

/// A request without its body.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The method, upper case.
    pub method: &'a str,
    /// The path below the source's own, without a leading slash.
    pub path: &'a str,
    /// The raw query string, without `?`.
    pub query: &'a str,
    /// Header names in lower case, with values.
    pub headers: &'a [(&'a str, &'a str)],
}

impl<'a> Head<'a> {
    /// The value of a header, by lower-case name.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        inbound::find(self.headers, name)
    }

    /// The first value of a parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        form::parameter_of(self.query, name)
    }
}

/// What became of a request.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// It was read, and what was usable of it is on disk.
    Taken(Taken<'a>),
    /// Nothing of it was stored.
    Failed {
        /// The status of the common answer.
        status: u16,
        /// What is wrong and what would be right.
        detail: &'a str,
    },
}

/// What was taken of a request.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'a> {
    /// How many alerts are now on disk.
    pub alerts: usize,
    /// The items that could not be used.
    pub complaints: &'a [Complaint],
    /// What the parser put by for the answer.
    pub reply: &'a Value,
}

impl Outcome<'_> {
    /// The status and the problems where nothing was usable; `None` when it was taken.
    pub fn failure(&self) -> Option<(u16, Vec<String>)> {
        match self {
            Self::Failed { status, detail } => Some((*status, vec![(*detail).to_owned()])),
            Self::Taken(taken) if taken.alerts == 0 && !taken.complaints.is_empty() => {
                let shown = taken.complaints.iter().take(SHOWN);
                let problems = shown.map(|complaint| match complaint.path.as_str() {
                    "" => complaint.problem.clone(),
                    path => format!("{path}: {}", complaint.problem),
                });
                Some((400, problems.collect()))
            }
            Self::Taken(_) => None,
        }
    }

    /// What the parser put by for the answer; null where it was not asked.
    pub fn reply(&self) -> &Value {
        match self {
            Self::Taken(taken) => taken.reply,
            Self::Failed { .. } => &Value::Null,
        }
    }
}

/// How many problems an answer lists at most.
const SHOWN: usize = 20;

/// In whose words a sender is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voice {
    /// In those that all senders hear.
    Common,
    /// In its own service's.
    Own(Answer),
}

/// An answer in a sender's own shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body's content type; empty for no body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

impl Answer {
    /// A JSON answer.
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            content_type: "application/json",
            body: body.to_string(),
        }
    }

    /// A word or two.
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            body: body.into(),
        }
    }

    /// A status alone.
    pub const fn empty(status: u16) -> Self {
        Self {
            status,
            content_type: "",
            body: String::new(),
        }
    }
}
