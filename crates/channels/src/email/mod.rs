//! Mail over SMTP: Alertmanager's `email_configs`, and accounts with presets of the usual providers.
//!
//! Pages: RFC 5321 and 6409, <https://prometheus.io/docs/alerting/latest/configuration/#email_config>; provider
//! facts in wire/smtp.md. Limits: 50 recipients in one transaction (providers take 100 and more), a subject of 200
//! characters, HTML below Gmail's 102 KB. There is no opportunistic TLS: protected, or not sent.

mod address;
mod compose;
mod dial;
mod fields;
mod page;
mod reply;
mod server;
mod session;
mod wire;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use lettre::Address;
use lettre::message::Mailbox;
use serde_json::Value;

use self::compose::Letterhead;
use self::fields::{ACCOUNT, RECEIVER};
use self::server::Server;
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::resolver::Resolver;
use crate::markup::{Dialect, one_line};
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
/// Time to say goodbye, which nobody waits for.
const GOODBYE: Duration = Duration::from_secs(2);

/// Mail to a list of recipients through one server.
#[derive(Debug)]
struct Email {
    server: Server,
    resolver: Resolver,
    /// Whom the configuration names; `head.to` is what they read, which may differ.
    to: Vec<Address>,
    head: Letterhead,
    timeouts: Timeouts,
}

/// The limits of the two phases; shorter in tests.
#[derive(Clone, Copy, Debug)]
struct Timeouts {
    dialogue: Duration,
    final_dot: Duration,
}

fn build(build: &Build<'_>) -> Built {
    email(
        build,
        Timeouts {
            dialogue: DIALOGUE,
            final_dot: session::FINAL_DOT,
        },
    )
    .map(|email| Arc::new(email) as Arc<dyn Channel>)
}

fn email(build: &Build<'_>, timeouts: Timeouts) -> Result<Email, Vec<BuildError>> {
    let mut options = Options::of(build);
    let server = Server::read(&mut options, &build.http.settings().tls);
    let head = letterhead(&mut options);
    let resolver = build.http.resolver().clone();
    let whole = server.zip(head).map(|(server, (to, head))| Email {
        server,
        resolver,
        to,
        head,
        timeouts,
    });
    options.finish(whole)
}

/// The recipients, and what the mail says of sender and recipients.
fn letterhead(options: &mut Options<'_>) -> Option<(Vec<Address>, Letterhead)> {
    let mut to = Vec::new();
    for text in options.texts("to") {
        match address::mailboxes(text) {
            Ok(list) => to.extend(list),
            Err(e) => options.problem(
                "to",
                e.to_string(),
                "write addresses such as ops@example.com",
            ),
        }
    }
    if options.texts("to").is_empty() {
        options.problem(
            "to",
            "names nobody",
            "write addresses such as ops@example.com",
        );
    }
    let from = ["from", "user", "auth_username"]
        .iter()
        .find_map(|key| options.text(key));
    let from = match from {
        None => {
            options.problem(
                "from",
                "is missing",
                "name the sender, as a rule the address that logs in",
            );
            None
        }
        Some(text) => match address::mailbox(text) {
            Ok(from) => Some(from),
            Err(e) => {
                options.problem("from", e.to_string(), "write an address, or Name <address>");
                None
            }
        },
    };
    let recipients = to.iter().map(|mailbox| mailbox.email.clone()).collect();
    let mut head = Letterhead {
        from: from?,
        to,
        headers: Vec::new(),
        subject: None,
        html: options.value("html").and_then(Value::as_str) != Some(""),
    };
    if let Some(Value::Object(headers)) = options.value("headers") {
        for (name, value) in headers {
            own_header(options, &mut head, name, value.as_str().unwrap_or_default());
        }
    }
    Some((recipients, head))
}

/// One of the operator's headers. From, To and Subject replace ours, as in Alertmanager; the envelope
/// stays. Go templates are not run, so values that hold one are left out.
fn own_header(options: &mut Options<'_>, head: &mut Letterhead, name: &str, value: &str) {
    if value.contains("{{") {
        return;
    }
    let key = format!("headers.{name}");
    let mut mailboxes = || match address::mailboxes(value) {
        Ok(list) => list,
        Err(e) => {
            options.problem(&key, e.to_string(), "");
            Vec::new()
        }
    };
    match name.to_ascii_lowercase().as_str() {
        "subject" => head.subject = Some(one_line(value)),
        "to" => head.to = mailboxes(),
        "from" => {
            if let Some(from) = mailboxes().into_iter().next() {
                head.from = from;
            }
        }
        _ => match compose::own_header(name) {
            Ok(header) => head.headers.push((header, one_line(value))),
            Err(problem) => options.problem(&key, problem, "remove it"),
        },
    }
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
        let from = &self.head.from.email;
        let opening = async {
            let mut connection = dial::connect(&self.server, &self.resolver).await?;
            let envelope = session::open(&mut connection, from, recipients, advice).await?;
            let ready = if envelope.anybody() {
                session::data(&mut connection, advice).await
            } else {
                Ok(())
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
        goodbye(connection).await;
        envelope.with(&shared)
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

async fn goodbye(mut connection: dial::Connection) {
    if !connection.smtp.has_broken() {
        // The outcome stands; a server that does not answer QUIT is left alone.
        let _ = tokio::time::timeout(GOODBYE, connection.smtp.quit()).await;
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
