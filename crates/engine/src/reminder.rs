//! Telling a reminder: by which ways, in whose language, and by whose calendar.

use std::sync::Arc;
use std::time::Duration;

use balefire_config::plan::{Plan, Reader};
use balefire_core::message::Message;
use balefire_core::reminder::{Reminder, Way, addresses};
use balefire_core::time::Time;
use balefire_store::Fact;
use balefire_template::compose;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::direct::{Destination, Direct, DirectError, Sent, Words};
use crate::engine::Engine;

/// How long a test waits for the providers' answers.
const TEST_WAIT: Duration = Duration::from_secs(8);

/// A way a reminder is told by.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// What stays the same while the way does; `mail` for the mail.
    pub(crate) key: String,
    /// The way, for people: the account's or receiver's name.
    pub(crate) label: String,
    /// Where it goes; `None` for the mail while no account is there for it.
    to: Option<Destination>,
}

/// What a test came to by one way.
#[derive(Debug)]
pub struct Tested {
    /// The account's or receiver's name; `mail` for the mail while no account is there for it.
    pub way: String,
    /// What was sent, or why nothing was.
    pub sent: Result<Vec<Sent>, DirectError>,
}

/// The ways of a reminder: its mail, then the others in their order.
pub(crate) fn lines(plan: &Plan, reminder: &Reminder) -> Vec<Line> {
    let mails: Vec<&str> = addresses(&reminder.email).collect();
    let mail = (!mails.is_empty()).then(|| Line {
        key: Way::MAIL.to_owned(),
        label: mail_account(plan).unwrap_or(Way::MAIL).to_owned(),
        to: mail_account(plan).map(|name| Destination::Account {
            name: name.to_owned(),
            options: json!({"to": mails}),
        }),
    });
    let others = reminder.ways.iter().map(|way| match way {
        Way::Account(way_out) => Line {
            key: way.key(),
            label: way_out.account.clone(),
            to: Some(Destination::Account {
                name: way_out.account.clone(),
                options: Value::Object(way_out.options.clone()),
            }),
        },
        Way::Receiver(way_out) => Line {
            key: way.key(),
            label: way_out.receiver.clone(),
            to: Some(Destination::Receiver(way_out.receiver.clone())),
        },
    });
    mail.into_iter().chain(others).collect()
}

/// The account that mails go through: the tool box's, else the only mail account there is.
fn mail_account(plan: &Plan) -> Option<&str> {
    let named = plan.legacy.apptools.as_ref();
    if let Some(name) = named.and_then(|tools| tools.mail.as_deref()) {
        return Some(name);
    }
    let mut mails = plan
        .accounts
        .values()
        .filter(|account| account.spec.kind == "smtp");
    let only = mails.next()?;
    mails.next().is_none().then_some(&*only.name)
}

/// Whose language and zone count: the owner's, else the server's.
fn reader<'p>(plan: &'p Plan, owner: Option<&str>) -> &'p Reader {
    let owner = owner.and_then(|key| plan.people.get(key));
    owner.map_or(&plan.server.reader, |person| &person.reader)
}

/// The clock and calendar that reminders of an owner are told by; those of nobody go by the server's.
pub fn clock(plan: &Plan, owner: Option<&str>) -> TimeZone {
    composed(reader(plan, owner)).clock()
}

fn composed(reader: &Reader) -> compose::Reader {
    compose::Reader {
        locale: reader.locale,
        zone: reader.zone.clone(),
    }
}

/// Tells a reminder by one way; once it is stored, so are the facts.
pub(crate) async fn tell(
    engine: &Engine,
    plan: &Plan,
    reminder: &Reminder,
    line: &Line,
    (days_left, facts): (i64, Vec<Fact>),
) -> Result<(), DirectError> {
    let message = compose::compose_reminder(reminder, days_left, &words_of(plan, reminder, line));
    send(engine, line, message, facts, None).await.map(drop)
}

async fn send(
    engine: &Engine,
    line: &Line,
    message: Message,
    facts: Vec<Fact>,
    wait: Option<Duration>,
) -> Result<Vec<Sent>, DirectError> {
    let to = line.to.clone().ok_or_else(|| {
        let why =
            "no account is there for its mail: set legacy.apptools.mail, or have one smtp account";
        DirectError::NoTarget(why.to_owned())
    })?;
    let direct = Direct {
        to,
        severity: message.severity,
        words: Words::Message(Box::new(message)),
        facts,
        verifies: None,
    };
    engine.send(&direct, wait).await
}

/// Who reads what goes out by a line. A receiver without an owner has readers of its own.
fn words_of(plan: &Plan, reminder: &Reminder, line: &Line) -> compose::Reader {
    if reminder.owner.is_none()
        && let Some(Destination::Receiver(name)) = &line.to
        && let Some(receiver) = plan.receivers.iter().find(|found| *found.name == **name)
    {
        return composed(&receiver.reader);
    }
    composed(reader(plan, reminder.owner.as_deref()))
}

impl Engine {
    /// When a reminder is told next by any of its ways, if nothing changes.
    pub async fn next_reminding(
        &self,
        reminder: &Reminder,
    ) -> Result<Option<Time>, balefire_store::StoreError> {
        let plan = self.plan();
        let told = self.store().told_of(std::slice::from_ref(reminder)).await?;
        let settings = &plan.legacy.reminders.settings;
        let (clock, now) = (clock(&plan, reminder.owner.as_deref()), self.now());
        let none = std::collections::BTreeSet::new();
        let next = lines(&plan, reminder).into_iter().filter_map(|line| {
            let told = told.get(&(reminder.id, line.key)).unwrap_or(&none);
            settings.next_look(reminder, told, &clock, now)
        });
        Ok(next.min())
    }

    /// Tells a reminder now by all its ways, each tried once, and writes nothing down of it.
    pub async fn test_reminder(&self, reminder: &Reminder) -> Vec<Tested> {
        let plan: Arc<Plan> = self.plan();
        let clock = clock(&plan, reminder.owner.as_deref());
        let days_left = reminder.days_left(&clock, self.now());
        let tests = lines(&plan, reminder).into_iter().map(|line| {
            let reader = words_of(&plan, reminder, &line);
            let message = compose::compose_reminder_test(reminder, days_left, &reader);
            async move {
                Tested {
                    sent: send(self, &line, message, Vec::new(), Some(TEST_WAIT)).await,
                    way: line.label,
                }
            }
        });
        futures_util::future::join_all(tests).await
    }
}
