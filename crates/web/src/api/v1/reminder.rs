//! A reminder as this interface shows and takes it.

use std::collections::BTreeMap;

use balefire_config::plan::Plan;
use balefire_core::reminder::{Edit, Fault, Reminder, ThroughAccount, ToReceiver, Way};
use balefire_core::time::Time;
use balefire_engine::reminder::clock;
use balefire_store::Told;
use http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::body::Fields;
use super::options;
use super::query::unknown;
use crate::error::Problem;
use crate::legacy::mysql_time;

/// A reminder.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReminderView {
    id: u64,
    name: String,
    content: String,
    /// Addresses that are told by mail, with commas; may be empty.
    email: String,
    /// What it is told by besides mail.
    ways: Vec<ReminderWay>,
    /// The key of the person whose language, zone and hours count.
    owner: Option<String>,
    /// How many days ahead it is first told.
    advance_days: u32,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Time,
    /// When somebody saw to it: nothing is told any more.
    #[schema(value_type = Option<String>, format = DateTime)]
    handled_at: Option<Time>,
    handled_by: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Time,
}

impl ReminderView {
    pub(crate) fn of(reminder: &Reminder) -> Self {
        let handled = reminder.handled.as_ref();
        Self {
            id: reminder.id,
            name: reminder.name.clone(),
            content: reminder.content.clone(),
            email: reminder.email.clone(),
            ways: reminder.ways.iter().map(ReminderWay::of).collect(),
            owner: reminder.owner.clone(),
            advance_days: reminder.advance_days,
            expires_at: reminder.expires_at,
            handled_at: handled.map(|handled| handled.at),
            handled_by: handled.map(|handled| handled.by.clone()),
            created_at: reminder.created_at,
            changed_at: reminder.changed_at,
        }
    }
}

/// A way a reminder is told by: an account with options, or a receiver.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReminderWay {
    /// The account's name; or say `receiver`.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// With `account`: what a receiver's entry would say, such as `{"at_mobiles": ["187…"]}`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    options: Map<String, Value>,
    /// The receiver's name; instead of `account`.
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver: Option<String>,
}

impl ReminderWay {
    fn of(way: &Way) -> Self {
        match way {
            Way::Account(way) => Self {
                account: Some(way.account.clone()),
                options: way.options.clone(),
                receiver: None,
            },
            Way::Receiver(way) => Self {
                account: None,
                options: Map::new(),
                receiver: Some(way.receiver.clone()),
            },
        }
    }

    /// The way that is meant, which must be there.
    fn way(self, plan: &Plan) -> Result<Way, Problem> {
        match (self.account, self.receiver) {
            (Some(name), None) => {
                let Some(account) = plan.accounts.get(&name) else {
                    let known = plan.accounts.keys().map(String::as_str);
                    return Err(no("unknown_account", &unknown("account", &name, known)));
                };
                options::check(account.spec, &Value::Object(self.options.clone()))?;
                Ok(Way::Account(ThroughAccount {
                    account: name,
                    options: self.options,
                }))
            }
            (None, Some(name)) if self.options.is_empty() => {
                let known = plan.receivers.iter().map(|receiver| &*receiver.name);
                if !known.clone().any(|known| known == name) {
                    return Err(no("unknown_receiver", &unknown("receiver", &name, known)));
                }
                Ok(Way::Receiver(ToReceiver { receiver: name }))
            }
            (None, Some(_)) => Err(Problem::bad_request(
                "ways: options go with an account; a receiver has its own",
            )),
            _ => Err(Problem::bad_request(
                "ways: say one of account and receiver for each",
            )),
        }
    }
}

fn no(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
}

/// A stage that was told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReminderTold {
    /// The date it was about.
    #[schema(value_type = String, format = Date)]
    date: String,
    /// How many days ahead it was to be told; negative after the date.
    stage: i64,
    /// The account or receiver, or `mail`; a key for one that the reminder no longer has.
    way: String,
    #[schema(value_type = String, format = DateTime)]
    at: Time,
}

impl ReminderTold {
    pub(crate) fn all(reminder: &Reminder, told: Vec<Told>) -> Vec<Self> {
        let names: BTreeMap<String, &str> = reminder
            .ways
            .iter()
            .map(|way| {
                let name = match way {
                    Way::Account(way) => &way.account,
                    Way::Receiver(way) => &way.receiver,
                };
                (way.key(), name.as_str())
            })
            .collect();
        let epoch = Date::constant(1970, 1, 1);
        told.into_iter()
            .map(|told| Self {
                date: epoch
                    .checked_add(jiff::Span::new().days(told.mark.day))
                    .map_or_else(|_| String::new(), |date| date.to_string()),
                stage: told.mark.stage,
                way: names
                    .get(&told.way)
                    .map_or(told.way, |name| (*name).to_owned()),
                at: told.at,
            })
            .collect()
    }
}

/// A reminder to be made, or what is to be changed of one: what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReminderBody {
    /// One line of at most 100 characters, which no other reminder has.
    name: Option<String>,
    /// What it is about; may hold line breaks.
    content: Option<String>,
    /// Addresses that are told by mail, with commas.
    email: Option<String>,
    /// What it is told by besides mail, in place of all there were.
    ways: Option<Vec<ReminderWay>>,
    /// The key of a person; an empty one is none.
    owner: Option<String>,
    /// How many days ahead it is first told, 0 to 3650.
    advance_days: Option<u32>,
    /// A time such as `2026-12-31T15:59:00Z`, or a date or time without zone in the owner's, such as
    /// `2026-12-31`. Another one makes a reminder that was seen to count as new.
    expires_at: Option<String>,
}

impl Fields for ReminderBody {
    const FIELDS: &'static [&'static str] = &[
        "name",
        "content",
        "email",
        "ways",
        "owner",
        "advanceDays",
        "expiresAt",
    ];
}

impl ReminderBody {
    /// The reminder to be made.
    pub(crate) fn made(self, plan: &Plan) -> Result<Reminder, Problem> {
        let blank = Reminder {
            id: 0,
            name: String::new(),
            content: String::new(),
            email: String::new(),
            ways: Vec::new(),
            owner: None,
            advance_days: 0,
            expires_at: Time::EPOCH,
            handled: None,
            created_at: Time::EPOCH,
            changed_at: Time::EPOCH,
        };
        let missing = |field| Problem::bad_request(&format!("{field} is missing"));
        let edit = self.edit(plan, None)?;
        Ok(Reminder {
            name: edit.name.ok_or_else(|| missing("name"))?,
            content: edit.content.unwrap_or_default(),
            email: edit.email.unwrap_or_default(),
            ways: edit.ways.unwrap_or_default(),
            owner: edit.owner.flatten(),
            advance_days: edit.advance_days.ok_or_else(|| missing("advanceDays"))?,
            expires_at: edit.expires_at.ok_or_else(|| missing("expiresAt"))?,
            ..blank
        })
    }

    /// What is to be changed of a reminder.
    pub(crate) fn edit(self, plan: &Plan, before: Option<&Reminder>) -> Result<Edit, Problem> {
        let owner = self
            .owner
            .map(|key| Some(key).filter(|key| !key.is_empty()));
        if let Some(Some(key)) = &owner
            && !plan.people.contains_key(key)
        {
            let known = plan.people.keys().map(String::as_str);
            return Err(no("unknown_person", &unknown("person", key, known)));
        }
        let lives = match &owner {
            Some(owner) => owner.clone(),
            None => before.and_then(|before| before.owner.clone()),
        };
        let ways = self.ways.map(|ways| {
            let ways = ways.into_iter().map(|way| way.way(plan));
            ways.collect::<Result<Vec<_>, _>>()
        });
        let expires_at = self
            .expires_at
            .map(|text| expiry(&text, plan, lives.as_deref()));
        Ok(Edit {
            name: self.name,
            content: self.content,
            email: self.email,
            ways: ways.transpose()?,
            owner,
            advance_days: self.advance_days,
            expires_at: expires_at.transpose()?,
            handled: None,
        })
    }
}

/// A time with its zone, or one without in the owner's.
fn expiry(text: &str, plan: &Plan, owner: Option<&str>) -> Result<Time, Problem> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at.into());
    }
    let local = mysql_time::parse(text.trim());
    let at = local.and_then(|local| {
        clock(plan, owner)
            .to_ambiguous_timestamp(local)
            .compatible()
            .ok()
    });
    at.map(Time::from).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        Problem::bad_request(&format!(
            "expiresAt is a time such as 2026-12-31T15:59:00Z or a date such as 2026-12-31, not {shown:?}"
        ))
    })
}

/// What a fault of the rules reads as here.
pub(crate) fn refused(fault: &Fault) -> Problem {
    Problem::unprocessable(&fault.to_string())
}
