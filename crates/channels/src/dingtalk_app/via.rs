//! The ways of an application, and what each makes of a message and of the answer.

use balefire_core::message::Message;
use balefire_core::time::Time;
use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::{Value, json};

use super::answers::{failed, left_out, plain_id, receipt};
use super::app::{App, plain};
use super::asked;
use super::card::Card;
use super::form::{self, Form};
use super::people::People;
use crate::channel::{Delivery, Fate, Outcome, Question, Target};
use crate::chat::is_template;
use crate::error::{ErrorKind, Receipt, SendError};
use crate::options::Options;
use crate::spec::Build;
use crate::threads::Threads;

/// The words of `via`.
pub(super) const WORDS: &[&str] = &[
    "work_notice",
    "robot",
    "group",
    "card",
    "ding_app",
    "ding_sms",
    "ding_phone",
];

/// Questions and messages to groups under way at once.
const AT_ONCE: usize = 4;

/// A way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Via {
    WorkNotice,
    Robot,
    Group,
    Card,
    Ding(Remind),
}

/// How a DING reaches people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remind {
    App,
    Sms,
    Phone,
}

impl Via {
    /// The way of a word; a work notice if there is none.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "robot" => Self::Robot,
            "group" => Self::Group,
            "card" => Self::Card,
            "ding_app" => Self::Ding(Remind::App),
            "ding_sms" => Self::Ding(Remind::Sms),
            "ding_phone" => Self::Ding(Remind::Phone),
            _ => Self::WorkNotice,
        }
    }

    /// Its word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::WorkNotice => "work_notice",
            Self::Robot => "robot",
            Self::Group => "group",
            Self::Card => "card",
            Self::Ding(Remind::App) => "ding_app",
            Self::Ding(Remind::Sms) => "ding_sms",
            Self::Ding(Remind::Phone) => "ding_phone",
        }
    }
}

/// A way with what it needs.
#[derive(Debug)]
pub(super) struct Way {
    via: Via,
    /// Only a work notice has one.
    agent_id: i64,
    robot_code: String,
    form: Form,
    voice: Option<String>,
    /// Only `via: card` has one.
    card: Option<Card>,
    /// Whether DingTalk is asked what became of a work notice.
    asks: bool,
}

/// Reads what a way needs.
pub(super) fn way(options: &mut Options<'_>, via: Via, build: &Build<'_>) -> Option<Way> {
    let agent_id = match via {
        Via::WorkNotice => agent_id(options),
        _ => Some(0),
    };
    let voice = options.text("call_voice").map(ToOwned::to_owned);
    if voice.is_some() && via != Via::Ding(Remind::Phone) {
        let fix = "take it out, or choose via: ding_phone";
        let problem = format!("has no use with via: {}", via.word());
        options.problem("call_voice", problem, fix);
    }
    let live = options.boolean("live").unwrap_or(false);
    if live && via != Via::Card {
        let fix = "take it out, or choose via: card: only cards can be changed";
        let problem = format!("has no use with via: {}", via.word());
        options.problem("live", problem, fix);
    }
    let robot_code = robot_code(options)?;
    let card = match via {
        Via::Card => {
            let live = live.then(|| build.tokens.threads());
            Some(Card::of(options, build.account, robot_code.clone(), live)?)
        }
        _ => None,
    };
    Some(Way {
        via,
        agent_id: agent_id?,
        robot_code,
        form: super::form_of(options),
        voice,
        card,
        asks: via == Via::WorkNotice && options.boolean("receipts").unwrap_or(true),
    })
}

/// The robot's code, which is the Client ID unless the account says otherwise.
pub(super) fn robot_code(options: &mut Options<'_>) -> Option<String> {
    // A missing client_id is told where the application is read.
    options.text("client_id")?;
    let key = if options.text("robot_code").is_some() {
        "robot_code"
    } else {
        "client_id"
    };
    let code = options.text(key).map(ToOwned::to_owned)?;
    (!is_template(&code)).then_some(code)
}

fn agent_id(options: &mut Options<'_>) -> Option<i64> {
    if let Some(id) = options.integer("agent_id") {
        return Some(id);
    }
    let place = "开发者后台 → 应用 → 凭证与基础信息 → AgentId";
    let text = plain(options, "agent_id", place)?;
    let id = text.parse().ok();
    if id.is_none() {
        let fix = "write the number of the application's page, such as 1234567890";
        options.problem("agent_id", format!("{text:?} is not a number"), fix);
    }
    id
}

/// What a call came to: a receipt for all but those it left out.
#[derive(Debug, Default)]
struct Told {
    receipt: Receipt,
    missed: Vec<(String, SendError)>,
}

impl Way {
    /// One outcome for each target of a delivery.
    pub(super) async fn send(
        &self,
        app: &App,
        people: &People,
        delivery: &Delivery<'_>,
    ) -> Vec<Outcome> {
        if self.via == Via::Group {
            let mut calls = Vec::with_capacity(delivery.targets.len());
            for target in delivery.targets {
                calls.push(self.to_group(app, delivery, target));
            }
            return stream::iter(calls).buffered(AT_ONCE).collect().await;
        }
        let mut questions = Vec::with_capacity(delivery.targets.len());
        for target in delivery.targets {
            questions.push(id_of(app, people, target, delivery.now));
        }
        let asked = stream::iter(questions).buffered(AT_ONCE);
        let ids: Vec<Result<String, SendError>> = asked.collect().await;
        if let Some(card) = &self.card {
            let mut outcomes = Vec::with_capacity(ids.len());
            for (target, id) in delivery.targets.iter().zip(ids) {
                outcomes.push(match id {
                    Ok(id) => card.deliver(app, delivery, target, &id).await,
                    Err(unknown) => Err(unknown),
                });
            }
            return outcomes;
        }
        let good: Vec<&str> = ids.iter().flatten().map(String::as_str).collect();
        let told = match good.as_slice() {
            [] => Ok(Told::default()),
            good => self.to_people(app, delivery, good).await,
        };
        let mut outcomes = Vec::with_capacity(ids.len());
        for (target, id) in delivery.targets.iter().zip(ids) {
            let outcome = id.and_then(|id| told.as_ref().map_err(Clone::clone)?.of(&id));
            let refused = |error: &SendError| error.kind == ErrorKind::Rejected;
            if let Some(mobile) = target.address.strip_prefix("mobile:")
                && outcome.as_ref().is_err_and(refused)
            {
                people.forget(mobile);
            }
            outcomes.push(outcome);
        }
        outcomes
    }

    /// The cards that are changed as things stand.
    pub(super) fn live(&self) -> Option<&Threads> {
        self.card.as_ref()?.live()
    }

    /// Changes the card at the delivery's one target.
    pub(super) async fn change(&self, app: &App, delivery: &Delivery<'_>) -> Outcome {
        match &self.card {
            Some(card) => card.change(app, delivery).await,
            None => Err(SendError::new(ErrorKind::Unsupported, "it is no card")),
        }
    }

    /// The options of an entry that asks after what this one sent; whom it names does not count.
    pub(super) fn inquires(&self) -> Option<Value> {
        let place = || json!({"via": self.via.word(), "agent_id": self.agent_id, "to_user": "-"});
        self.asks.then(place)
    }

    /// What became of a work notice, for each target.
    pub(super) async fn inquire(
        &self,
        app: &App,
        people: &People,
        question: &Question<'_>,
    ) -> Result<Vec<Option<Fate>>, SendError> {
        let mut ids = Vec::with_capacity(question.targets.len());
        for target in question.targets {
            // Whose number is not known any more cannot be found in the lists.
            ids.push(id_of(app, people, target, question.now).await.ok());
        }
        asked::ask(app, self.agent_id, question, &ids).await
    }

    async fn to_group(&self, app: &App, delivery: &Delivery<'_>, target: &Target) -> Outcome {
        let mut body = self.template(delivery.message);
        let group = target.address.strip_prefix("group:").unwrap_or_default();
        body["openConversationId"] = group.into();
        let answer = app
            .v1("robot/groupMessages/send", &body, delivery.now)
            .await?;
        Ok(receipt(&answer, "processQueryKey"))
    }

    async fn to_people(
        &self,
        app: &App,
        delivery: &Delivery<'_>,
        ids: &[&str],
    ) -> Result<Told, SendError> {
        let now = delivery.now;
        match self.via {
            Via::WorkNotice => {
                let body = self.notice(delivery, ids);
                let path = "message/corpconversation/asyncsend_v2";
                let answer = app.topapi(path, &body, now).await?;
                Ok(Told {
                    receipt: Receipt {
                        provider_id: plain_id(&answer.body["task_id"]),
                        answer: answer.detail(),
                    },
                    missed: Vec::new(),
                })
            }
            Via::Ding(remind) => {
                let body = self.ding(delivery.message, remind, ids);
                let answer = app.v1("robot/ding/send", &body, now).await?;
                Ok(Told {
                    receipt: receipt(&answer, "openDingId"),
                    missed: failed(&answer["failedList"]),
                })
            }
            Via::Robot | Via::Group | Via::Card => {
                let mut body = self.template(delivery.message);
                body["userIds"] = ids.into();
                let answer = app.v1("robot/oToMessages/batchSend", &body, now).await?;
                Ok(Told {
                    receipt: receipt(&answer, "processQueryKey"),
                    missed: left_out(&answer),
                })
            }
        }
    }

    fn notice(&self, delivery: &Delivery<'_>, ids: &[&str]) -> Value {
        let (departments, users): (Vec<&str>, Vec<&str>) =
            ids.iter().partition(|id| id.starts_with("dept:"));
        let mut body = json!({
            "agent_id": self.agent_id,
            "to_all_user": false,
            "msg": form::notice(delivery.message, self.form, delivery.id),
        });
        if !users.is_empty() {
            body["userid_list"] = users.join(",").into();
        }
        if !departments.is_empty() {
            let numbers: Vec<&str> = departments
                .iter()
                .map(|id| id.trim_start_matches("dept:"))
                .collect();
            body["dept_id_list"] = numbers.join(",").into();
        }
        body
    }

    fn template(&self, message: &Message) -> Value {
        let (key, parameters) = form::template(message, self.form);
        json!({"robotCode": self.robot_code, "msgKey": key, "msgParam": parameters})
    }

    fn ding(&self, message: &Message, remind: Remind, ids: &[&str]) -> Value {
        let (number, content) = match remind {
            Remind::App => (1, form::ding(message)),
            Remind::Sms => (2, form::ding(message)),
            Remind::Phone => (3, form::spoken(message)),
        };
        let mut body = json!({
            "robotCode": self.robot_code,
            "remindType": number,
            "receiverUserIdList": ids,
            "content": content,
        });
        if let Some(voice) = &self.voice {
            body["callVoice"] = voice.as_str().into();
        }
        body
    }
}

impl Told {
    fn of(&self, id: &str) -> Outcome {
        match self.missed.iter().find(|(missed, _)| missed == id) {
            Some((_, error)) => Err(error.clone()),
            None => Ok(self.receipt.clone()),
        }
    }
}

/// What a target is called in a request: a user id, looked up where a number is given, or `dept:` and a number.
async fn id_of(
    app: &App,
    people: &People,
    target: &Target,
    now: Time,
) -> Result<String, SendError> {
    match target.address.split_once(':') {
        Some(("user", id)) => Ok(id.to_owned()),
        Some(("mobile", mobile)) => people.find(app, mobile, now).await,
        _ => Ok(target.address.to_string()),
    }
}
