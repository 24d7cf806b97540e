//! Calls of Tencent Cloud: an approved template read aloud, `SendTtsVoice`.
//!
//! Vendor page: <https://cloud.tencent.com/document/api/1128/51558>. Limits: one number a call; 350 characters in
//! all; said at most three times. The answer means that the call is queued, not that somebody answers it. There is no
//! idempotency key: `SessionContext` only comes back in reports.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::client::{Client, Product, client};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::cloud::numbered::{FIELDS as TEMPLATE, Template, template};
use crate::cloud::{Lots, phones, unasked, word};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::excerpt;
use crate::markup::Dialect;
use crate::options::Options;
use crate::phone::Phone;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};

/// What Tencent Cloud's calls are and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "tencent_voice",
    receiver_key: "tencent_voice_configs",
    title: ("Tencent Cloud call", "腾讯云语音电话"),
    vendor_page: "https://cloud.tencent.com/document/api/1128/51558",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    // Nobody wants to be woken because it is over.
    send_resolved: false,
    dialect: Dialect::Plain,
    limits: Limits {
        title: Length::Chars(PARAM_LIMIT),
        text: Length::Chars(PARAM_LIMIT),
        max_targets_per_call: 1,
    },
    // Who waits gets one call for all there is to tell.
    quotas: &[Quota {
        calls: 1,
        per: Duration::from_secs(1),
        penalty: Duration::ZERO,
    }],
    concurrency: 4,
    timeout: Duration::from_secs(10),
    build,
};

/// Characters of one variable; a listener does not remember more.
const PARAM_LIMIT: usize = 60;
/// Characters of all variables; the template's own words need the rest of the 350.
const PARAMS: usize = 250;

static PRODUCT: Product = Product {
    service: "vms",
    version: "2020-09-02",
};

static ACCOUNT: [Field; 10] = [
    super::client::FIELDS[0],
    super::client::FIELDS[1],
    super::client::FIELDS[2],
    super::client::FIELDS[3],
    super::client::FIELDS[4],
    super::client::FIELDS[5],
    TEMPLATE[0],
    TEMPLATE[1],
    LIMIT,
    PLAY_TIMES,
];

static RECEIVER: [Field; 5] = [
    Field::required(
        "phones",
        Kind::TextOrList,
        "Numbers with their country (+8613800138000); without one, of the mainland; each is called for itself.",
    ),
    TEMPLATE[0],
    TEMPLATE[1],
    LIMIT,
    PLAY_TIMES,
];

const LIMIT: Field = Field::optional(
    "param_limit",
    Kind::Integer(1, 250),
    "Characters of one variable; all of them together have at most 250.",
)
.or("60");
const PLAY_TIMES: Field =
    Field::optional("play_times", Kind::Integer(1, 3), "How often it is said.").or("2");

/// Calls to several people, one after another.
#[derive(Debug)]
struct Voice {
    client: Client,
    app: String,
    template: Template,
    play_times: i64,
    targets: Vec<Target>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let client = client(&mut options, build, &PRODUCT);
    let app = word(&mut options, "sdk_app_id", "语音消息 → 应用管理 → SDKAppID");
    let template = template(&mut options, PARAM_LIMIT);
    let targets = phones(&mut options);
    let play_times = options.integer("play_times").unwrap_or(2);
    let channel = client
        .zip(app)
        .zip(template)
        .map(|((client, app), template)| {
            Arc::new(Voice {
                client,
                app,
                template,
                play_times,
                targets,
            }) as Arc<dyn Channel>
        });
    options.finish(channel)
}

impl Voice {
    async fn call(&self, delivery: &Delivery<'_>, phone: &Phone, end: Instant) -> Outcome {
        let body = json!({
            "TemplateId": self.template.id,
            "CalledNumber": phone.e164(),
            // The vendor writes it so here, and SmsSdkAppId there.
            "VoiceSdkAppid": self.app,
            "TemplateParamSet": self.template.filled(delivery.message, PARAMS),
            "PlayTimes": self.play_times,
            "SessionContext": delivery.id,
        });
        let call = self.client.call("SendTtsVoice", &body, delivery.now, end);
        receipt(&call.await?)
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Vec<Outcome> {
        let end = self.client.end(SPEC.timeout);
        let mut lots = Lots::of(delivery.targets, SPEC.limits.max_targets_per_call);
        while let Some(lot) = lots.next() {
            for (at, phone) in lot {
                let outcome = self.call(delivery, &phone, end).await;
                lots.put(at, self.client.hide(outcome));
            }
        }
        lots.outcomes()
    }
}

fn receipt(response: &Value) -> Outcome {
    let text = |value: &Value| excerpt(value.as_str().unwrap_or_default());
    let id = text(&response["SendStatus"]["CallId"]);
    if id.is_empty() {
        let why = "the answer names no call";
        return Err(SendError::new(ErrorKind::UnknownOutcome, why));
    }
    Ok(Receipt {
        provider_id: id,
        answer: text(&response["RequestId"]),
    })
}

impl Channel for Voice {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        self.deliver(delivery).boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        std::future::ready(Err(unasked())).boxed()
    }
}
