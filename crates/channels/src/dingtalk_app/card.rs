//! An interactive card (互动卡片): `POST /v1.0/card/instances/createAndDeliver`, to a group or to one person.
//!
//! Vendor page: <https://open.dingtalk.com/document/development/create-and-deliver-cards>. The look is the operator's, made
//! with the vendor's card builder; this fills in its variables (`variables`), of 1 KB each. The card's own id makes a second
//! try safe: DingTalk refuses a card that is already there, which is then the yes that got lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use balefire_core::message::Message;
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use serde_json::{Value, json};

use super::app::App;
use super::people::harmless;
use super::{live, variables};
use crate::channel::{Delivery, Outcome, Target};
use crate::click::token;
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::excerpt;
use crate::options::Options;
use crate::sign::sha256_hex;
use crate::threads::{Posted, Threads};

/// How much of a hash tells cards and routes apart.
const ID: usize = 40;

/// How cards are made and answered.
#[derive(Debug)]
pub(super) struct Card {
    template: String,
    robot: String,
    heard: Option<Heard>,
    /// Cards that are changed as things stand; only a live entry has them.
    live: Option<Arc<Threads>>,
}

/// Where presses are heard, and what they are signed with.
#[derive(Debug)]
struct Heard {
    url: String,
    secret: Secret,
    /// DingTalk knows the address: once for each start and each document.
    is_known: AtomicBool,
}

impl Card {
    /// Reads the template, and what presses are heard by.
    pub(super) fn of(
        options: &mut Options<'_>,
        account: &Value,
        robot: String,
        live: Option<Arc<Threads>>,
    ) -> Option<Self> {
        let Some(template) = options.text("card_template_id").map(ToOwned::to_owned) else {
            let fix =
                "make a card with the card builder (卡片平台), publish it, and copy its 模板 ID";
            options.problem("card_template_id", "is missing", fix);
            return None;
        };
        let heard = crate::click::are_heard(account, "card_secret").then(|| Heard {
            url: account["callback_url"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            secret: Secret::new(account["card_secret"].as_str().unwrap_or_default()),
            is_known: AtomicBool::new(false),
        });
        Some(Self {
            template,
            robot,
            heard,
            live,
        })
    }

    /// The cards that are changed as things stand.
    pub(super) fn live(&self) -> Option<&Threads> {
        self.live.as_deref()
    }

    /// One card for a target, which is a person or a group: `id` is a user's, or begins with `group:`.
    pub(super) async fn deliver(
        &self,
        app: &App,
        delivery: &Delivery<'_>,
        target: &Target,
        id: &str,
    ) -> Outcome {
        let (receipt, is_new) = self.create(app, delivery, id).await?;
        if let Some(threads) = &self.live {
            let message = delivery.message;
            if !is_new {
                // It is there with the words of an earlier try, and would pass for up to date.
                let (id, token) = (&receipt.provider_id, self.token(message));
                let brought = live::put(app, id, message, token, delivery.now).await;
                if let Err(error) = brought
                    && error.kind.may_retry()
                {
                    return Err(error);
                }
            }
            // A change is asked for by what the entry names, whoever that was found to be.
            let posted = Posted {
                channel: id.to_owned(),
                id: receipt.provider_id.clone(),
            };
            threads.told(message, &target.address, posted);
        }
        Ok(receipt)
    }

    /// Changes the card at the delivery's one target.
    pub(super) async fn change(&self, app: &App, delivery: &Delivery<'_>) -> Outcome {
        let token = self.token(delivery.message);
        live::replace(app, self.live(), token, delivery).await
    }

    /// The card's receipt, and whether it was not there before.
    async fn create(
        &self,
        app: &App,
        delivery: &Delivery<'_>,
        address: &str,
    ) -> Result<(Receipt, bool), SendError> {
        let now = delivery.now;
        if let Some(heard) = &self.heard {
            heard.announce(app, now).await?;
        }
        let id = sha256_hex(format!("{} {address}", delivery.id).as_bytes());
        let body = self.body(delivery.message, &id[..ID], address);
        let sent = app.v1("card/instances/createAndDeliver", &body, now).await;
        let there = |error: &SendError| error.detail.starts_with("param.cardAlreadyExist");
        let receipt = Receipt {
            provider_id: id[..ID].to_owned(),
            answer: "card".to_owned(),
        };
        match sent {
            Ok(answer) => refused(&answer).map_or(Ok((receipt, true)), Err),
            Err(error) if there(&error) => Ok((receipt, false)),
            Err(error) => Err(error),
        }
    }

    /// What the card's buttons are about, where presses are heard.
    pub(super) fn token<'m>(&self, message: &'m Message) -> Option<&'m str> {
        self.heard.as_ref().and_then(|_| token(message))
    }

    fn body(&self, message: &Message, id: &str, address: &str) -> Value {
        let asks = self.token(message);
        let mut body = json!({
            "cardTemplateId": self.template,
            "outTrackId": id,
            "cardData": {"cardParamMap": variables::first(message, asks)},
        });
        if let Some(heard) = self.heard.as_ref().filter(|_| asks.is_some()) {
            body["callbackType"] = "HTTP".into();
            body["callbackRouteKey"] = heard.route().into();
        }
        if let Some(group) = address.strip_prefix("group:") {
            body["openSpaceId"] = format!("dtv1.card//IM_GROUP.{group}").into();
            body["imGroupOpenSpaceModel"] = json!({"supportForward": true});
            body["imGroupOpenDeliverModel"] = json!({"robotCode": self.robot});
        } else {
            let user = address.strip_prefix("user:").unwrap_or(address);
            body["openSpaceId"] = format!("dtv1.card//IM_ROBOT.{user}").into();
            body["imRobotOpenSpaceModel"] = json!({"supportForward": true});
            body["imRobotOpenDeliverModel"] =
                json!({"spaceType": "IM_ROBOT", "robotCode": self.robot});
        }
        body
    }
}

impl Heard {
    /// What DingTalk knows the address by; another address is another route.
    fn route(&self) -> String {
        format!("balefire-{}", &sha256_hex(self.url.as_bytes())[..16])
    }

    /// Tells DingTalk where presses go, which it has to know before the first card.
    async fn announce(&self, app: &App, now: Time) -> Result<(), SendError> {
        if self.is_known.load(Ordering::Relaxed) {
            return Ok(());
        }
        let body = json!({
            "callbackRouteKey": self.route(),
            "callbackUrl": self.url,
            "apiSecret": self.secret.reveal(),
            // The secret may be another one now.
            "forceUpdate": true,
        });
        let told = app.v1("card/callbacks/register", &body, now).await;
        told.map_err(harmless)?;
        self.is_known.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// A yes may say of the one place that it did not get there.
fn refused(answer: &Value) -> Option<SendError> {
    let mut results = answer["result"]["deliverResults"].as_array()?.iter();
    let failed = results.find(|result| result["success"] == false)?;
    let why = failed["errorMsg"].as_str().unwrap_or("not delivered");
    let fix = "check that the robot is in the group, or that the person is in the application's scope (可见范围)";
    Some(SendError::new(ErrorKind::Rejected, excerpt(why)).fix(fix))
}
