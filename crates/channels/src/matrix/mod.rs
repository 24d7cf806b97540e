//! Matrix: `PUT /_matrix/client/v3/rooms/{room}/send/m.room.message/{id}` of a bot's own user. What follows on a
//! message of the same group answers it in its thread.
//!
//! Vendor page: <https://spec.matrix.org/latest/client-server-api/#sending-events-to-a-room>. Limits: 65 536 bytes an
//! event; the server's own rate limit. The delivery's id is the transaction's: on every try of the same delivery the
//! server answers with the same event. Rooms that are encrypted are refused, since what we write there would lie open.

mod codes;
mod form;
mod room;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use http::Method;
use serde_json::Value;

use self::codes::classify;
use self::form::{DIALECT, Form, MSGTYPES, TEXT, TITLE};
use self::room::Rooms;
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{base, exchange, hide, places, secret};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpRequest, excerpt};
use crate::options::Options;
use crate::percent::encoded;
use crate::sign::sha256_hex;
use crate::spec::{Build, Built, ChannelSpec, Limits, Quota};
use crate::threads::{Changed, Posted, Threads, changed};

/// What a Matrix bot is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "matrix",
    receiver_key: "matrix_configs",
    title: ("Matrix bot", "Matrix 机器人"),
    vendor_page: "https://spec.matrix.org/latest/client-server-api/#sending-events-to-a-room",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: DIALECT,
    limits: Limits {
        title: TITLE,
        text: TEXT,
        max_targets_per_call: 1,
    },
    // What servers allow one user unless they are told otherwise is about this.
    quotas: &[Quota {
        calls: 10,
        per: Duration::from_secs(10),
        penalty: Duration::ZERO,
    }],
    concurrency: 2,
    timeout: Duration::from_secs(10),
    build,
};

static ACCOUNT: [Field; 3] = [
    Field::required(
        "base_url",
        Kind::Url,
        "The homeserver's address, as in https://matrix.example.org.",
    ),
    Field::optional(
        "access_token",
        Kind::Secret,
        "The access token of a user of the bot's own; it is that user's whole account.",
    ),
    Field::optional("access_token_file", Kind::Text, "A file with the token."),
];

static RECEIVER: [Field; 3] = [
    crate::threads::LIVE,
    Field::required(
        "room",
        Kind::TextOrList,
        "The room's id (!id:example.org) or alias (#alias:example.org); several with commas or as a list. The bot joins it.",
    ),
    Field::optional(
        "msgtype",
        Kind::OneOf(MSGTYPES),
        "text lets clients notify, notice does not; auto is notice for what is over or only worth knowing.",
    )
    .or("auto"),
];

/// One user and the rooms it writes to.
#[derive(Debug)]
struct Bot {
    http: Http,
    base: String,
    token: Secret,
    targets: Vec<Target>,
    form: Form,
    rooms: Rooms,
    threads: Arc<Threads>,
    live: bool,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    if options.text("base_url").is_none() {
        let fix = "write the homeserver's address, as in https://matrix.example.org";
        options.problem("base_url", "is missing", fix);
    }
    let base = base(&mut options, &build.http, &["base_url"], "");
    let place = "the bot's client: Settings, Help & About, Access Token";
    let token = secret(&mut options, &["access_token"], place);
    let fix = "give the room's id (!id:example.org) or alias (#alias:example.org)";
    let targets = places(&mut options, "room", fix);
    for target in &targets {
        if !target.address.starts_with(['!', '#']) {
            let problem = format!("{:?} is neither an id nor an alias", &*target.address);
            options.problem("room", problem, fix);
        }
    }
    let live = options.boolean("live").unwrap_or(false);
    let form = Form::of(&options);
    let channel = base.zip(token).map(|(base, token)| {
        Arc::new(Bot {
            http: build.http.clone(),
            base: base.trim_end_matches("/_matrix/client/v3").to_owned(),
            token,
            targets,
            form,
            rooms: Rooms::default(),
            threads: build.tokens.threads(),
            live,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Bot {
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        now: Time,
    ) -> Result<Value, SendError> {
        let url = format!("{}/_matrix/client/v3/{path}", self.base);
        let bearer = format!("Bearer {}", self.token.reveal());
        let mut request = HttpRequest::new(method, url).header("authorization", bearer);
        if let Some(body) = body {
            request = request.header("content-type", "application/json");
            request.body = body.to_string().into();
        }
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        classify(&reply, now)
    }

    async fn deliver(&self, delivery: &Delivery<'_>, place: &str) -> Outcome {
        let (message, now) = (delivery.message, delivery.now);
        let room = self.rooms.enter(self, place, now).await?;
        let first = self.threads.first(&message.thread, place);
        let body = self.form.body(message, first.as_ref());
        let path = format!(
            "rooms/{}/send/m.room.message/{}",
            encoded(&room),
            encoded(delivery.id)
        );
        let sent = self.call(Method::PUT, &path, Some(&body), now).await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) => {
                // Whether the bot is still in the room is asked anew.
                self.rooms.leave(place);
                return Err(error);
            }
        };
        let id = answer["event_id"].as_str().unwrap_or_default().to_owned();
        if id.is_empty() {
            return Err(codes::unnamed(&answer));
        }
        let posted = Posted {
            channel: room.clone(),
            id: id.clone(),
        };
        self.threads.told(message, place, posted);
        Ok(Receipt {
            provider_id: excerpt(&id),
            answer: "ok".to_owned(),
        })
    }

    /// The transaction is the change's own: of one try and what it says, so that the same change twice is one event.
    async fn replace(&self, delivery: &Delivery<'_>, place: &str) -> Outcome {
        let (message, now) = (delivery.message, delivery.now);
        let Some(first) = self.threads.first(&message.thread, place) else {
            return Err(SendError::new(ErrorKind::Rejected, "there is no event"));
        };
        let room = self.rooms.enter(self, place, now).await?;
        let body = self.form.change(message, &first);
        let said = sha256_hex(body.to_string().as_bytes());
        let path = format!(
            "rooms/{}/send/m.room.message/{}",
            encoded(&room),
            encoded(&format!("{}_{}", delivery.id, &said[..16]))
        );
        let answer = self.call(Method::PUT, &path, Some(&body), now).await?;
        let id = answer["event_id"].as_str().unwrap_or_default();
        Ok(Receipt {
            provider_id: excerpt(id),
            answer: String::new(),
        })
    }

    async fn ask(&self, now: Time) -> Outcome {
        let answer = self.call(Method::GET, "account/whoami", None, now).await?;
        let user = answer["user_id"].as_str().unwrap_or_default();
        Ok(Receipt {
            provider_id: String::new(),
            answer: excerpt(user),
        })
    }
}

impl Channel for Bot {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let mut outcomes = Vec::with_capacity(delivery.targets.len());
            for target in delivery.targets {
                let outcome = self.deliver(delivery, &target.address).await;
                outcomes.push(hide(outcome, &[&self.token]));
            }
            outcomes
        }
        .boxed()
    }

    fn threads(&self) -> Option<&Threads> {
        Some(&self.threads)
    }

    fn is_live(&self) -> bool {
        self.live
    }

    fn change<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Changed> {
        async move {
            let place = delivery
                .targets
                .first()
                .map_or("", |target| &target.address);
            let outcome = hide(self.replace(delivery, place).await, &[&self.token]);
            changed(outcome, |_| false)
        }
        .boxed()
    }

    fn check(&self, now: Time) -> BoxFuture<'_, Outcome> {
        async move { hide(self.ask(now).await, &[&self.token]) }.boxed()
    }
}

#[cfg(test)]
mod tests;
