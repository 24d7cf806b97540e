//! The inbox: what is sent here is in the store already, and the console shows it. It needs no
//! account and no network, so that a first trial without any configuration tells its alerts somewhere.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt};

use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::error::Receipt;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits};

/// What the inbox is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "inbox",
    receiver_key: "inbox_configs",
    title: ("Inbox", "收件箱"),
    vendor_page: "",
    account_fields: &[],
    receiver_fields: &[],
    send_resolved: true,
    dialect: crate::markup::Dialect::Plain,
    limits: Limits {
        title: Length::Unlimited,
        text: Length::Unlimited,
        max_targets_per_call: 1,
    },
    quotas: &[],
    concurrency: 16,
    timeout: Duration::from_secs(1),
    build,
};

#[expect(
    clippy::unnecessary_wraps,
    reason = "every channel's build has this shape"
)]
fn build(_: &Build<'_>) -> Built {
    Ok(Arc::new(Inbox))
}

struct Inbox;

impl Channel for Inbox {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        vec![Target {
            address: "inbox".into(),
            label: "inbox".into(),
        }]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        let receipt = Receipt {
            provider_id: delivery.id.to_owned(),
            answer: "kept in the inbox".to_owned(),
        };
        let outcomes = delivery
            .targets
            .iter()
            .map(|_| Ok(receipt.clone()))
            .collect();
        std::future::ready(outcomes).boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        std::future::ready(Ok(Receipt::default())).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Http, HttpSettings};
    use crate::token::Tokens;
    use balefire_core::message::{Answering, Locale, Mentions, Message, Occasion};
    use balefire_core::severity::Severity;
    use serde_json::json;

    #[test]
    fn everything_sent_to_the_inbox_arrives() {
        let empty = json!({});
        let channel = (SPEC.build)(&Build {
            account_name: "",
            account: &empty,
            receiver: &empty,
            http: Http::new(HttpSettings::default()).expect("a client"),
            tokens: Arc::new(Tokens::new()),
        })
        .expect("an inbox");
        let message = Message {
            occasion: Occasion::Firing,
            severity: Severity::Warning,
            title: "disk full".to_owned(),
            body: Vec::new(),
            group: None,
            mentions: Mentions::default(),
            custom: None,
            locale: Locale::En,
            zone: "UTC".to_owned(),
            link: None,
            thread: "t".to_owned(),
            attachments: Vec::new(),
            answering: Answering::default(),
        };
        let targets = channel.targets();
        let now = Time::EPOCH;
        let delivery = Delivery {
            message: &message,
            targets: &targets,
            id: "n_1",
            attempt: 1,
            now,
        };
        let outcomes = channel
            .send(&delivery)
            .now_or_never()
            .expect("an answer at once");
        assert_eq!(outcomes.len(), 1);
        assert_eq!(
            outcomes[0]
                .as_ref()
                .map(|receipt| receipt.provider_id.as_str()),
            Ok("n_1")
        );
        assert_eq!(
            channel.check(now).now_or_never(),
            Some(Ok(Receipt::default()))
        );
    }
}
