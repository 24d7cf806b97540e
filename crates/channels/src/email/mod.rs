//! Mail over SMTP: Alertmanager's `email_configs`, and accounts with presets of the usual providers.
//!
//! Pages: RFC 5321 and 6409, <https://prometheus.io/docs/alerting/latest/configuration/#email_config>; provider
//! facts in wire/smtp.md. Limits: 50 recipients in one transaction (providers take 100 and more), a subject of 200
//! characters, HTML below Gmail's 102 KB. There is no opportunistic TLS: protected, or not sent.

mod address;
mod compose;
mod dial;
mod enclosed;
mod features;
mod fields;
mod letterhead;
mod login;
mod page;
mod pool;
mod reply;
mod server;
mod session;
mod token;
mod wire;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use lettre::Address;
use lettre::message::Mailbox;

use self::dial::Connection;
use self::fields::{ACCOUNT, RECEIVER};
use self::letterhead::{Letterhead, letterhead};
use self::pool::{Pool, Pools, goodbye};
use self::server::Server;
use self::session::NotBegun;
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::resolver::Resolver;
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::{Build, BuildError, Built, ChannelSpec, Length, Limits, Quota};

/// What mail is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "smtp",
    receiver_key: "email_configs",
    title: ("E-mail", "邮件"),
    vendor_page: "https://prometheus.io/docs/alerting/latest/configuration/#email_config",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: false,
    // One template serves mail and chat alike; the HTML page is built around its text.
    dialect: Dialect::Plain,
    limits: Limits {
        title: compose::MOST_TITLE,
        text: Length::Bytes(60_000),
        max_targets_per_call: 50,
    },
    // Microsoft 365 takes 30 a minute; QQ and 163 limit without saying how.
    quotas: &[Quota {
        calls: 30,
        per: Duration::from_mins(1),
        penalty: Duration::from_mins(10),
    }],
    concurrency: 2,
    timeout: Duration::from_secs(DIALOGUE.as_secs() + session::FINAL_DOT.as_secs()),
    build,
};

/// Time for everything before the content: look-up, connection, TLS, log-in, envelope.
const DIALOGUE: Duration = Duration::from_mins(1);
/// How long a connection waits for the next mail.
const IDLE: Duration = Duration::from_secs(30);
/// Time for the first answer on a connection that has waited: a gateway may have forgotten it.
const AWAKE: Duration = Duration::from_secs(10);

/// Mail to a list of recipients through one server.
struct Email {
    server: Server,
    resolver: Resolver,
    pool: Arc<Pool>,
    /// Whom the configuration names; `head.to` is what they read, which may differ.
    to: Vec<Address>,
    head: Letterhead,
    timeouts: Timeouts,
    pictures: bool,
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Email")
            .field("server", &self.server)
            .field("head", &self.head)
            .finish_non_exhaustive()
    }
}

/// The limits of the two phases, and how long a connection waits between mails; shorter in tests.
#[derive(Clone, Copy, Debug)]
struct Timeouts {
    dialogue: Duration,
    final_dot: Duration,
    idle: Duration,
}

fn build(build: &Build<'_>) -> Built {
    email(
        build,
        Timeouts {
            dialogue: build.http.limit(DIALOGUE),
            final_dot: build.http.limit(session::FINAL_DOT),
            idle: IDLE,
        },
    )
    .map(|email| Arc::new(email) as Arc<dyn Channel>)
}

fn email(build: &Build<'_>, timeouts: Timeouts) -> Result<Email, Vec<BuildError>> {
    let mut options = Options::of(build);
    let settings = build.http.settings();
    let server = Server::read(&mut options, &settings.tls);
    if let Some(server) = &server
        && let Err(e) = settings.egress.check_host(&server.host)
    {
        let smarthost = options.text("smarthost").is_some();
        let key = if smarthost { "smarthost" } else { "host" };
        options.problem(key, e.to_string(), e.fix());
    }
    let head = letterhead(&mut options);
    let resolver = build.http.resolver().clone();
    let pictures = options.boolean("images").unwrap_or(false);
    let whole = server.zip(head).map(|(server, (to, head))| Email {
        pool: build.http.shared::<Pools>().of(&server),
        server,
        resolver,
        to,
        head,
        timeouts,
        pictures,
    });
    options.finish(whole)
}

impl Email {
    /// The outcome per recipient. A mail that is too large goes once more without its files: the words matter.
    async fn deliver(&self, delivery: &Delivery<'_>) -> Vec<Outcome> {
        let parsed: Vec<Result<Address, SendError>> = delivery
            .targets
            .iter()
            .map(|target| recipient(&target.address))
            .collect();
        let recipients: Vec<Address> = parsed.iter().filter_map(|a| a.clone().ok()).collect();
        let mut sent = Vec::new();
        if !recipients.is_empty() {
            sent = self.transact(delivery, &recipients, true).await;
            let too_large = |o: &Outcome| o.as_ref().is_err_and(|e| e.fix == reply::TOO_LARGE);
            if !delivery.message.attachments.is_empty() && sent.iter().all(too_large) {
                sent = self.transact(delivery, &recipients, false).await;
            }
        }
        let mut sent = sent.into_iter();
        let gone = || Err(SendError::new(ErrorKind::Transient, "not sent"));
        parsed
            .into_iter()
            .map(|address| match address {
                Ok(_) => sent.next().unwrap_or_else(gone),
                Err(e) => Err(e),
            })
            .collect()
    }

    async fn transact(
        &self,
        delivery: &Delivery<'_>,
        recipients: &[Address],
        attach: bool,
    ) -> Vec<Outcome> {
        let all = |error: SendError| vec![Err(error); recipients.len()];
        let mail = match compose::mail(&self.head_for(recipients), delivery, attach) {
            Ok(mail) => mail,
            Err(error) => return all(error),
        };
        let advice = self.server.login_advice();
        let opening = async {
            let mut connection = self.begin(mail.len()).await?;
            let envelope = session::address(&mut connection, recipients, advice).await?;
            let ready = if envelope.anybody() {
                session::data(&mut connection, advice).await
            } else {
                session::drop_it(&mut connection).await
            };
            Ok((connection, envelope, ready))
        };
        let opened = tokio::time::timeout(self.timeouts.dialogue, Box::pin(opening)).await;
        let (mut connection, envelope, ready) = match opened {
            Ok(Ok(opened)) => opened,
            Ok(Err(error)) => return all(error),
            Err(_) => return all(self.too_slow()),
        };
        let shared = match ready {
            Err(error) => Err(error),
            Ok(()) if !envelope.anybody() => Ok(Receipt::default()),
            Ok(()) => {
                session::content(&mut connection, &mail, advice, self.timeouts.final_dot).await
            }
        };
        if shared.is_ok() {
            self.pool.give_back(connection, self.timeouts.idle).await;
        } else {
            goodbye(connection).await;
        }
        envelope.with(&shared)
    }

    /// A connection on which MAIL FROM was accepted: one that waits, else a new one. One that waited may be
    /// dead without our knowing; its first command shows it, and nothing has been sent by then.
    async fn begin(&self, size: usize) -> Result<Connection, SendError> {
        let (from, advice) = (&self.head.from.email, self.server.login_advice());
        while let Some(mut waited) = self.pool.take() {
            let begun = session::begin(&mut waited, from, size, advice);
            match tokio::time::timeout(AWAKE, begun).await {
                Ok(Ok(())) => return Ok(waited),
                Ok(Err(NotBegun::Refused(error))) => {
                    goodbye(waited).await;
                    return Err(error);
                }
                Ok(Err(NotBegun::Lost(_))) | Err(_) => {}
            }
        }
        let mut fresh = dial::connect(&self.server, &self.resolver).await?;
        match session::begin(&mut fresh, from, size, advice).await {
            Ok(()) => Ok(fresh),
            Err(NotBegun::Lost(error) | NotBegun::Refused(error)) => Err(error),
        }
    }

    /// What stands in To: what the configuration says, unless somebody else is written to (a person reached by
    /// a schedule), who then sees the recipients of this call.
    fn head_for(&self, recipients: &[Address]) -> Cow<'_, Letterhead> {
        if recipients
            .iter()
            .all(|recipient| self.to.contains(recipient))
        {
            return Cow::Borrowed(&self.head);
        }
        let to = recipients
            .iter()
            .map(|address| Mailbox::new(None, address.clone()))
            .collect();
        Cow::Owned(Letterhead {
            to,
            ..self.head.clone()
        })
    }

    fn too_slow(&self) -> SendError {
        let seconds = self.timeouts.dialogue.as_secs();
        let detail = format!(
            "{} did not get to the mail within {seconds} s",
            self.server.host
        );
        SendError::new(ErrorKind::Transient, detail)
    }
}

fn recipient(text: &str) -> Result<Address, SendError> {
    address::mailbox(text)
        .map(|mailbox| mailbox.email)
        .map_err(|e| {
            SendError::new(ErrorKind::Rejected, e.to_string()).fix("check the recipient's address")
        })
}

impl Channel for Email {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn shows_pictures(&self) -> bool {
        self.pictures
    }

    fn targets(&self) -> Vec<Target> {
        let target = |address: String| Target {
            label: address.as_str().into(),
            address: address.into(),
        };
        self.to
            .iter()
            .map(|address| target(address.to_string()))
            .collect()
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        self.deliver(delivery).boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        async {
            let dial = Box::pin(dial::connect(&self.server, &self.resolver));
            let connection = tokio::time::timeout(self.timeouts.dialogue, dial)
                .await
                .map_err(|_| self.too_slow())??;
            goodbye(connection).await;
            let answer = match self.server.login {
                Some(_) => "connected and logged in",
                None => "connected",
            };
            Ok(Receipt {
                provider_id: String::new(),
                answer: answer.to_owned(),
            })
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests;
