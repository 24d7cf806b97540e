//! Text messages through an SMSC of one's operator: SMPP 3.4 over a session that stays open.
//!
//! Source: SMPP Protocol Specification v3.4, issue 1.2. Limits: 254 bytes a unit, so that long texts go in parts, each
//! paid for; ten requests without an answer. A yes means that the SMSC took it; its receipts say what became of it, over
//! the same session, or over one of their own where the SMSC takes no transceivers. There is no idempotency key: after a
//! cut-off a text may come twice.

mod alphabet;
mod codes;
mod dial;
mod fields;
mod known;
mod pdu;
mod receipt;
mod session;
mod slot;
mod submit;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use self::alphabet::Alphabet;
use self::dial::{Protection, Server};
use self::fields::{ACCOUNT, RECEIVER};
use self::session::{Order, Submitted};
use self::slot::{Sessions, Slot, Way};
use self::submit::{Address, Long, Sms};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{hide, secret};
use crate::cloud::{Lots, phones, whole, word};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::Http;
use crate::markup::Dialect;
use crate::options::Options;
use crate::phone::Phone;
use crate::reports::Reports;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};

/// What text messages through an SMSC are and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "smpp",
    receiver_key: "smpp_configs",
    title: ("SMPP (text messages)", "SMPP 短信"),
    vendor_page: "https://smpp.org/SMPP_v3_4_Issue1_2.pdf",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: Dialect::Plain,
    limits: Limits {
        title: Length::Chars(300),
        text: Length::Chars(1_000),
        max_targets_per_call: 1,
    },
    quotas: &[Quota {
        calls: 10,
        per: Duration::from_secs(1),
        penalty: Duration::ZERO,
    }],
    concurrency: 4,
    timeout: Duration::from_secs(30),
    build,
};

/// Characters of a message unless told otherwise.
const USUAL: usize = 480;

/// One sender, the session it goes through, and whom it tells.
struct Smpp {
    http: Http,
    server: Server,
    slot: Arc<Slot>,
    reports: Arc<Reports>,
    from: Address,
    alphabet: Alphabet,
    long: Long,
    service_type: String,
    limit: Length,
    targets: Vec<Target>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let server = server(&mut options, build);
    let from = word(
        &mut options,
        "from",
        "give the number or name it comes from",
    );
    if from
        .as_deref()
        .is_some_and(|from| from.len() > 20 || !from.is_ascii())
    {
        let fix = "a number with its country (+4420…), a short code, or a name of up to 11 letters and digits";
        options.problem("from", "is no sender", fix);
    }
    let alphabet = match options.text("alphabet") {
        Some("latin1") => Alphabet::Latin1,
        Some("ucs2") => Alphabet::Ucs2,
        _ => Alphabet::Gsm,
    };
    let long = match options.text("long_messages") {
        Some("sar") => Long::Sar,
        Some("payload") => Long::Payload,
        _ => Long::Udh,
    };
    let service_type = options.text("service_type").unwrap_or_default().to_owned();
    let most = options
        .integer("max_chars")
        .and_then(|most| usize::try_from(most).ok());
    let targets = phones(&mut options);
    let channel = server.zip(from).map(|(server, from)| {
        Arc::new(Smpp {
            slot: build.http.shared::<Sessions>().of(&server),
            http: build.http.clone(),
            server,
            reports: build.tokens.reports(),
            from: Address::sender(&from),
            alphabet,
            long,
            service_type,
            limit: Length::Chars(most.unwrap_or(USUAL)),
            targets,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

fn server(options: &mut Options<'_>, build: &Build<'_>) -> Option<Server> {
    let host = word(options, "host", "give the SMSC's name or address");
    let system_id = word(options, "system_id", "the SMSC's operator gives it");
    let password = secret(options, &["password"], "what the SMSC's operator gave");
    let protection = match options.text("tls") {
        Some("private") => Protection::Private,
        Some("none") => Protection::None,
        _ => Protection::Required,
    };
    let usual = if protection == Protection::Required {
        3550
    } else {
        2775
    };
    let port = options
        .integer("port")
        .and_then(|port| u16::try_from(port).ok());
    for (key, most) in [("system_id", 15), ("password", 8), ("system_type", 12)] {
        if options.text(key).is_some_and(|text| text.len() > most) {
            let problem = format!("is longer than the {most} bytes that SMPP 3.4 has for it");
            options.problem(key, problem, "copy it again from the SMSC's operator");
        }
    }
    if let Some(host) = &host
        && let Err(error) = build.http.settings().egress.check_host(host)
    {
        options.problem("host", error.to_string(), error.fix());
    }
    Some(Server {
        account: build.account_name.to_owned(),
        host: host?,
        port: port.unwrap_or(usual),
        protection,
        tls: build.http.settings().tls.clone(),
        system_id: system_id?,
        password: password?,
        system_type: options.text("system_type").unwrap_or_default().to_owned(),
    })
}

impl Smpp {
    /// All units of a text, one after the other; the receipt will be about the last.
    async fn deliver(&self, delivery: &Delivery<'_>, phone: &Phone, end: Instant) -> Outcome {
        let text = whole(delivery.message, self.limit);
        let to = Address::international(phone.digits());
        let sms = Sms {
            from: &self.from,
            to: &to,
            text: &text,
            wished: self.alphabet,
            long: self.long,
            service_type: &self.service_type,
            id: delivery.id,
        };
        let bodies = sms.bodies();
        let count = bodies.len();
        let mut id = String::new();
        for body in bodies {
            id = self.submit(body, end).await?;
        }
        Ok(Receipt {
            provider_id: id,
            answer: format!("{count} parts"),
        })
    }

    async fn submit(&self, body: Vec<u8>, end: Instant) -> Submitted {
        let late = |what: &str| SendError::new(ErrorKind::Transient, what);
        let orders = timeout_at(end, self.slot.orders(self.way())).await;
        let orders = orders.map_err(|_| late("no SMPP session in time"))??;
        let (answer, answered) = oneshot::channel();
        match timeout_at(end, orders.send(Order { body, answer })).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(late("the SMPP session ended before this was sent")),
            Err(_) => return Err(late("the SMSC is busy: nothing was sent")),
        }
        match timeout_at(end, answered).await {
            Ok(Ok(submitted)) => submitted,
            Ok(Err(_)) => Err(unknown("the SMPP session ended before the answer")),
            Err(_) => Err(unknown("no answer of the SMSC in time")),
        }
    }

    async fn tell(&self, delivery: &Delivery<'_>) -> Vec<Outcome> {
        let end = Instant::now() + self.http.limit(SPEC.timeout);
        let mut lots = Lots::of(delivery.targets, 1);
        while let Some(lot) = lots.next() {
            for (at, phone) in lot {
                let outcome = self.deliver(delivery, &phone, end).await;
                lots.put(at, hide(outcome, &[&self.server.password]));
            }
        }
        lots.outcomes()
    }

    async fn ask(&self) -> Outcome {
        let bound = async { self.slot.orders(self.way()).await.map(drop) };
        self.in_time(bound).await
    }

    async fn hear(&self) -> Outcome {
        self.in_time(self.slot.listen(self.way())).await
    }

    async fn in_time(&self, bound: impl Future<Output = Result<(), SendError>>) -> Outcome {
        let end = Instant::now() + self.http.limit(SPEC.timeout);
        let bound = timeout_at(end, bound).await;
        bound.map_err(|_| SendError::new(ErrorKind::Transient, "no SMPP session in time"))??;
        Ok(Receipt {
            provider_id: String::new(),
            answer: "bound".to_owned(),
        })
    }

    fn way(&self) -> Way<'_> {
        Way {
            server: &self.server,
            resolver: self.http.resolver(),
            reports: &self.reports,
        }
    }
}

fn unknown(why: &str) -> SendError {
    SendError::new(ErrorKind::UnknownOutcome, why)
}

impl Channel for Smpp {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        self.tell(delivery).boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        async move { hide(self.ask().await, &[&self.server.password]) }.boxed()
    }

    fn listen(&self) -> BoxFuture<'_, Outcome> {
        async move { hide(self.hear().await, &[&self.server.password]) }.boxed()
    }
}

#[cfg(test)]
mod tests;
