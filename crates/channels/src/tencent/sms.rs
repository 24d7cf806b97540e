//! Text messages of Tencent Cloud: `SendSms`.
//!
//! Vendor page: <https://cloud.tencent.com/document/api/382/55981>. Limits: 200 numbers a call, all of the mainland
//! or none; the text is an approved template's, of which only the variables are ours (12 characters each for
//! accounts of persons, no links). Each number has its own code; `Ok` means that the provider took it, not that a
//! phone has it. There is no idempotency key: `SessionContext` only comes back in reports.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};

use super::client::{Client, Product, client};
use super::codes::TABLE;
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::cloud::numbered::{FIELDS as TEMPLATE, Template, template};
use crate::cloud::{Lot, Lots, named, phones, unasked, word};
use crate::dial;
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::excerpt;
use crate::markup::Dialect;
use crate::options::Options;
use crate::phone::Phone;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits};

/// What Tencent Cloud's text messages are and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "tencent_sms",
    receiver_key: "tencent_sms_configs",
    title: ("Tencent Cloud SMS", "腾讯云短信"),
    vendor_page: "https://cloud.tencent.com/document/api/382/55981",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: Dialect::Plain,
    limits: Limits {
        title: Length::Chars(PARAM_LIMIT),
        text: Length::Chars(PARAM_LIMIT),
        max_targets_per_call: 200,
    },
    quotas: &[],
    concurrency: 4,
    timeout: Duration::from_secs(10),
    build,
};

/// Characters of one variable that every account may use.
const PARAM_LIMIT: usize = 12;
/// Characters of a whole message that the provider takes.
const MESSAGE: usize = 500;

static PRODUCT: Product = Product {
    service: "sms",
    version: "2021-01-11",
};

static ACCOUNT: [Field; 10] = [
    super::client::FIELDS[0],
    super::client::FIELDS[1],
    super::client::FIELDS[2],
    super::client::FIELDS[3],
    super::client::FIELDS[4],
    super::client::FIELDS[5],
    SIGN_NAME,
    TEMPLATE[0],
    TEMPLATE[1],
    LIMIT,
];

static RECEIVER: [Field; 6] = [
    Field::required(
        "phones",
        Kind::TextOrList,
        "Numbers with their country (+8613800138000); without one, of the mainland.",
    ),
    SIGN_NAME,
    TEMPLATE[0],
    TEMPLATE[1],
    LIMIT,
    dial::FIELD,
];

const SIGN_NAME: Field = Field::optional(
    "sign_name",
    Kind::Text,
    "The text of the approved signature, without 【】.",
);
const LIMIT: Field = Field::optional(
    "param_limit",
    Kind::Integer(1, 500),
    "Characters that one variable of the template takes; accounts of companies may have more.",
)
.or("12");

/// One template to several people.
#[derive(Debug)]
struct Sms {
    client: Client,
    app: String,
    sign_name: String,
    template: Template,
    targets: Vec<Target>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let client = client(&mut options, build, &PRODUCT);
    let app = word(&mut options, "sdk_app_id", "短信 → 应用管理 → SDKAppID");
    let sign_name = word(
        &mut options,
        "sign_name",
        "write the text of an approved signature (国内短信 → 签名管理)",
    );
    let template = template(&mut options, PARAM_LIMIT);
    let targets = phones(&mut options);
    let parts = client.zip(app).zip(sign_name.zip(template));
    let channel = parts.map(|((client, app), (sign_name, template))| {
        Arc::new(Sms {
            client,
            app,
            sign_name,
            template,
            targets,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Sms {
    fn body(&self, delivery: &Delivery<'_>, lot: &Lot) -> Value {
        let numbers: Vec<&str> = lot.iter().map(|(_, phone)| phone.e164()).collect();
        json!({
            "PhoneNumberSet": numbers,
            "SmsSdkAppId": self.app,
            "TemplateId": self.template.id,
            "SignName": self.sign_name,
            "TemplateParamSet": self.template.filled(delivery.message, MESSAGE),
            "SessionContext": delivery.id,
        })
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Vec<Outcome> {
        let end = self.client.end(SPEC.timeout);
        let mut lots = Lots::of(delivery.targets, SPEC.limits.max_targets_per_call);
        while let Some(lot) = lots.next() {
            let body = self.body(delivery, &lot);
            match self.client.call("SendSms", &body, delivery.now, end).await {
                Ok(response) => {
                    for (at, phone) in &lot {
                        lots.put(*at, self.client.hide(outcome(&response, phone)));
                    }
                }
                Err(error) => lots.settle(&lot, &self.client.hide(Err(error))),
            }
        }
        lots.outcomes()
    }
}

/// What the answer says of one number: each has its own code.
fn outcome(response: &Value, phone: &Phone) -> Outcome {
    let own = |entry: &&Value| {
        let number = entry["PhoneNumber"].as_str().unwrap_or_default();
        Phone::parse(number).is_ok_and(|number| number == *phone)
    };
    let entries = response["SendStatusSet"].as_array();
    let Some(entry) = entries.into_iter().flatten().find(own) else {
        let detail = format!("the answer does not name {phone}");
        return Err(SendError::new(ErrorKind::UnknownOutcome, detail));
    };
    let text = |key: &str| entry[key].as_str().unwrap_or_default();
    match text("Code") {
        "Ok" => Ok(Receipt {
            provider_id: excerpt(text("SerialNo")),
            answer: excerpt(&format!("Ok {}", text("Message"))),
        }),
        code => Err(named(code, text("Message"), TABLE)),
    }
}

impl Channel for Sms {
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
