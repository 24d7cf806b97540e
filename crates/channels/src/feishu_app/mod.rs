//! An application of Feishu or Lark: messages to people and chats, and 加急 ("buzz") in the app, by SMS and by phone.
//!
//! Vendor page: <https://open.feishu.cn/document/server-docs/im-v1/message/create>. Limits: 1000 calls a minute and 50 a
//! second for an application, 5 messages a second to one person or chat; cards of 30 KB. `uuid` is the idempotency key,
//! for an hour. A buzz by SMS or phone uses up what the company has bought; the call says no text.

mod app;
pub(crate) mod click;
mod codes;
pub(crate) mod directory;
mod fields;
mod live;
mod people;
mod pictures;
mod urgent;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::message::{Message, Occasion};
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use http::Method;
use serde_json::{Value, json};

use self::app::App;
use self::fields::{ACCOUNT, RECEIVER, URGENTS};
use self::people::People;
use self::pictures::Album;
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::click::{Click, Reaction};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::feishu_robot::body::Form;
use crate::http::excerpt;
use crate::markup::Dialect;
use crate::options::Options;
use crate::phone::Phone;
use crate::picture::PATIENCE;
use crate::sign::sha256_hex;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};
use crate::threads::{Changed, Posted, Threads, changed};

/// What an application of Feishu is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "feishu_app",
    receiver_key: "feishu_app_configs",
    title: ("Feishu application", "飞书应用"),
    vendor_page: "https://open.feishu.cn/document/server-docs/im-v1/message/create",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: Dialect::FeishuLark,
    limits: Limits {
        title: Length::Bytes(300),
        text: Length::Bytes(19_000),
        max_targets_per_call: 1,
    },
    quotas: &[
        Quota {
            calls: 50,
            per: Duration::from_secs(1),
            penalty: Duration::ZERO,
        },
        Quota {
            calls: 1_000,
            per: Duration::from_mins(1),
            penalty: Duration::ZERO,
        },
    ],
    concurrency: 4,
    timeout: Duration::from_secs(15),
    build,
};

/// One application and whom it tells.
#[derive(Debug)]
struct FeishuApp {
    app: App,
    form: Form,
    /// `app`, `sms` or `phone`.
    urgent: Option<String>,
    people: People,
    targets: Vec<Target>,
    threads: Arc<Threads>,
    live: bool,
    /// Whether pictures of alerts go along.
    images: bool,
    /// Whether somebody hears of the buttons that are pressed.
    buttons: bool,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let app = App::of(&mut options, build, SPEC.timeout);
    let form = Form {
        msgtype: options.text("msgtype").unwrap_or("interactive").to_owned(),
        keyword: String::new(),
    };
    let urgent = options
        .text("urgent")
        .filter(|word| URGENTS[1..].contains(word));
    let urgent = urgent.map(ToOwned::to_owned);
    let targets = targets(&mut options);
    let live = options.boolean("live").unwrap_or(false);
    let images = options.boolean("images").unwrap_or(false);
    if live && form.msgtype != "interactive" {
        let fix = "leave msgtype out: only cards can be changed";
        options.problem("live", "posts and texts stay as they are", fix);
    }
    let channel = app.map(|app| {
        Arc::new(FeishuApp {
            app,
            form,
            urgent,
            people: People::default(),
            targets,
            threads: build.tokens.threads(),
            live,
            images,
            buttons: crate::click::are_heard(build.account, "encrypt_key"),
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

/// Whom the entry names, each once; the address says by what.
fn targets(options: &mut Options<'_>) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for (key, kind) in [
        ("to_user", "open_id"),
        ("to_email", "email"),
        ("to_mobile", "mobile"),
        ("to_chat", "chat_id"),
    ] {
        for text in options.texts(key) {
            let name = match check(kind, text) {
                Ok(name) => name,
                Err(problem) => {
                    let fix = "write the value itself, as Feishu's pages show it";
                    options.problem(key, problem, fix);
                    continue;
                }
            };
            let address = format!("{kind}:{name}");
            if !targets.iter().any(|known| *known.address == *address) {
                targets.push(Target {
                    address: address.into(),
                    label: name.into(),
                });
            }
        }
    }
    if targets.is_empty() {
        let fix = "give to_user, to_email, to_mobile or to_chat";
        options.problem("to_user", "nobody is named", fix);
    }
    targets
}

/// The name in its one form, or what is wrong with it.
fn check(kind: &str, text: &str) -> Result<String, String> {
    let wordy = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let good = match kind {
        "mobile" => {
            let phone = Phone::parse(text).map_err(|error| error.to_string())?;
            return Ok(phone.e164().to_owned());
        }
        "open_id" => text.starts_with("ou_") && text.chars().all(wordy),
        "chat_id" => text.starts_with("oc_") && text.chars().all(wordy),
        _ => text.contains('@') && !text.contains(['{', '}', ' ']),
    };
    let what = match kind {
        "open_id" => "open id, which begins with ou_",
        "chat_id" => "chat's id, which begins with oc_",
        _ => "address",
    };
    if good {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is no {what}"))
    }
}

impl FeishuApp {
    /// Type and content, which is JSON in a text; a post has no outer `post` here.
    fn content(&self, message: &Message, album: &Album) -> (&'static str, String) {
        let mut body = self.form.body(message, None);
        album.add_to(&mut body["card"]);
        if self.buttons {
            click::add_to(&mut body["card"], message);
        }
        if self.live {
            // Only a card that is one for everybody can be changed.
            body["card"]["config"]["update_multi"] = true.into();
        }
        match self.form.msgtype.as_str() {
            "text" => ("text", body["content"].to_string()),
            "post" => ("post", body["content"]["post"].to_string()),
            _ => ("interactive", body["card"].to_string()),
        }
    }

    async fn deliver(&self, delivery: &Delivery<'_>, target: &Target) -> Outcome {
        let now = delivery.now;
        let (kind, name) = target.address.split_once(':').unwrap_or(("open_id", ""));
        let (kind, id) = match kind {
            "mobile" => (
                "open_id",
                self.people.find(&self.app, kind, name, now).await?,
            ),
            _ => (kind, name.to_owned()),
        };
        let mut album = if self.images && self.shows_inside() {
            Album::of(&self.app, delivery.message, now).await
        } else {
            Album::default()
        };
        let sent = self.tell(delivery, target, (kind, &id), &mut album).await;
        if sent
            .as_ref()
            .is_err_and(|error| error.kind == ErrorKind::Rejected)
        {
            // Numbers pass from hand to hand.
            self.people.forget(name);
        }
        let message = sent?;
        if let Some(way) = &self.urgent
            && delivery.message.occasion != Occasion::Resolved
        {
            let readers = self.readers(delivery.message, kind, &id, now).await?;
            self.buzz(way, &message, &readers, now).await?;
        }
        if self.live {
            let posted = Posted {
                channel: target.address.to_string(),
                id: message.clone(),
            };
            self.threads.told(delivery.message, &target.address, posted);
        }
        if self.images && !self.shows_inside() {
            album = Album::of(&self.app, delivery.message, now).await;
            album.answer(&self.app, &message, now).await;
        }
        Ok(Receipt {
            provider_id: message,
            answer: format!("success{}", album.told()),
        })
    }

    /// Whether pictures stand in the message itself.
    fn shows_inside(&self) -> bool {
        self.form.msgtype == "interactive" && !self.live
    }

    /// Sends the message, without its pictures where Feishu refuses it with them; its id.
    async fn tell(
        &self,
        delivery: &Delivery<'_>,
        target: &Target,
        (kind, id): (&str, &str),
        album: &mut Album,
    ) -> Result<String, SendError> {
        let thread = &delivery.message.thread;
        let first = self.threads.first(thread, &target.address);
        let first = first.filter(|_| self.live);
        let post = async |album: &Album| {
            let (msg_type, content) = self.content(delivery.message, album);
            let body = json!({
                "receive_id": id,
                "msg_type": msg_type,
                "content": content,
                "uuid": uuid(delivery.id, &target.address),
            });
            let (path, body) = match &first {
                Some(first) => live::answer_to(first, body),
                None => (format!("im/v1/messages?receive_id_type={kind}"), body),
            };
            let sent = self.app.call(Method::POST, &path, &body, delivery.now);
            sent.await
        };
        let mut sent = post(album).await;
        if let Err(error) = &sent
            && error.kind == ErrorKind::Rejected
            && !album.is_empty()
        {
            album.clear(error);
            sent = post(album).await;
        }
        if let Err(error) = &sent
            && first.is_some()
            && !error.kind.may_retry()
        {
            // Somebody took the message back: the next try begins anew.
            self.threads.end(thread, &target.address);
            return Err(SendError::new(ErrorKind::Transient, error.detail.clone()));
        }
        let answer = sent?;
        let message = answer["data"]["message_id"].as_str().unwrap_or_default();
        if message.is_empty() {
            let detail = format!("the answer names no message: {answer}");
            return Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)));
        }
        Ok(message.to_owned())
    }

    /// A card of the newer kind is changed by the answer to the press; the older kind by a call, which also tells
    /// alone whoever may not press.
    async fn show(&self, pressed: &Click, reaction: &Reaction<'_>) -> Outcome {
        let Some((method, path, body)) = click::call(pressed, reaction) else {
            return Ok(Receipt::default());
        };
        self.app.call(method, &path, &body, pressed.at).await?;
        Ok(Receipt::default())
    }
}

/// At most 50 letters, the same on every try.
fn uuid(id: &str, address: &str) -> String {
    let hash = sha256_hex(format!("{id} {address}").as_bytes());
    hash[..40].to_owned()
}

impl Channel for FeishuApp {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn shows_pictures(&self) -> bool {
        self.images
    }

    /// For uploads before the words, and for answers behind them.
    fn time_for_pictures(&self) -> Duration {
        if self.images {
            PATIENCE * 2
        } else {
            Duration::ZERO
        }
    }

    fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let mut outcomes = Vec::with_capacity(delivery.targets.len());
            for target in delivery.targets {
                outcomes.push(self.app.hide(self.deliver(delivery, target).await));
            }
            outcomes
        }
        .boxed()
    }

    fn threads(&self) -> Option<&Threads> {
        self.live.then_some(&*self.threads)
    }

    fn is_live(&self) -> bool {
        self.live
    }

    fn change<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Changed> {
        async move {
            changed(self.app.hide(live::replace(self, delivery).await), |_| {
                false
            })
        }
        .boxed()
    }

    fn react<'a>(
        &'a self,
        pressed: &'a Click,
        reaction: &'a Reaction<'a>,
    ) -> BoxFuture<'a, Outcome> {
        async move { self.app.hide(self.show(pressed, reaction).await) }.boxed()
    }

    fn check(&self, now: Time) -> BoxFuture<'_, Outcome> {
        self.app.check(now).boxed()
    }
}

/// The value at a path of an answer that was a yes.
fn list<'a>(answer: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    answer["data"][name].as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests;
