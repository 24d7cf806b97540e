//! Text messages of Alibaba Cloud: `SendSms`.
//!
//! Vendor page: <https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms>. Limits: 1000
//! numbers a call; 50 messages a day to one number from one template; the text is an approved template's, of which
//! only the variables are ours (35 characters each unless the template says otherwise, no links). `OK` means that
//! the provider took it, not that a phone has it. There is no idempotency key: `OutId` only comes back in reports.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use tokio::time::Instant;

use super::client::{Client, client, receipt};
use super::template::{Template, template};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::cloud::{Lot, Lots, Refusal, phones, unasked, word};
use crate::dial;
use crate::error::Receipt;
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits};

/// What Alibaba Cloud's text messages are and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "aliyun_sms",
    receiver_key: "aliyun_sms_configs",
    title: ("Alibaba Cloud SMS", "阿里云短信"),
    vendor_page: "https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: Dialect::Plain,
    limits: Limits {
        title: Length::Chars(PARAM_LIMIT),
        text: Length::Chars(PARAM_LIMIT),
        max_targets_per_call: 1000,
    },
    quotas: &[],
    concurrency: 4,
    timeout: Duration::from_secs(10),
    build,
};

/// Characters of one variable that every template for notices takes.
const PARAM_LIMIT: usize = 35;
/// Calls in one try, when numbers spoil it for each other.
const MOST_CALLS: usize = 64;

static ACCOUNT: [Field; 10] = [
    super::client::FIELDS[0],
    super::client::FIELDS[1],
    super::client::FIELDS[2],
    super::client::FIELDS[3],
    super::client::FIELDS[4],
    super::client::FIELDS[5],
    SIGN_NAME,
    TEMPLATE_CODE,
    TEMPLATE_PARAMS,
    LIMIT,
];

static RECEIVER: [Field; 6] = [
    Field::required(
        "phones",
        Kind::TextOrList,
        "Numbers with their country (+8613800138000); without one, of the mainland.",
    ),
    SIGN_NAME,
    TEMPLATE_CODE,
    TEMPLATE_PARAMS,
    LIMIT,
    dial::FIELD,
];

const SIGN_NAME: Field = Field::optional(
    "sign_name",
    Kind::Text,
    "The text of the approved signature (短信签名), without 【】.",
);
const TEMPLATE_CODE: Field = Field::optional(
    "template_code",
    Kind::Text,
    "The approved template, SMS_ and a number.",
);
const TEMPLATE_PARAMS: Field = Field::optional(
    "template_params",
    Kind::Map(&Kind::Text),
    "What each variable of the template gets: title, severity, status, summary, text, count, receiver, started, code, label:NAME, annotation:NAME or =fixed text.",
);
const LIMIT: Field = Field::optional(
    "param_limit",
    Kind::Integer(1, 500),
    "Characters that one variable of the template takes.",
)
.or("35");

/// One template to several people.
#[derive(Debug)]
struct Sms {
    client: Client,
    sign_name: String,
    template: Template,
    targets: Vec<Target>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let client = client(&mut options, build, "dysmsapi");
    let sign_name = word(
        &mut options,
        "sign_name",
        "write the text of an approved signature (国内消息 → 签名管理)",
    );
    let example = "write the code of an approved template, such as SMS_123456789 (模板管理)";
    let template = template(&mut options, example, PARAM_LIMIT);
    let targets = phones(&mut options);
    let parts = client.zip(sign_name).zip(template);
    let channel = parts.map(|((client, sign_name), template)| {
        Arc::new(Sms {
            client,
            sign_name,
            template,
            targets,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Sms {
    /// One call for all of a lot.
    async fn call(
        &self,
        delivery: &Delivery<'_>,
        lot: &Lot,
        end: Instant,
    ) -> Result<Receipt, Refusal> {
        let numbers: Vec<&str> = lot
            .iter()
            .map(|(_, phone)| phone.mainland().unwrap_or(phone.digits()))
            .collect();
        let mut parameters = vec![
            ("PhoneNumbers", numbers.join(",")),
            ("SignName", self.sign_name.clone()),
            ("TemplateCode", self.template.code.clone()),
            ("OutId", delivery.id.to_owned()),
        ];
        if let Some(filled) = self.template.filled(delivery.message, usize::MAX) {
            parameters.push(("TemplateParam", filled));
        }
        let body = self
            .client
            .call("SendSms", parameters, delivery.now, end)
            .await?;
        Ok(receipt(&body, "BizId"))
    }

    /// One call for all. The provider refuses all of them for one bad number, so that a call that it refused goes
    /// out again in halves: nobody has got it yet, and the others are not to miss it.
    async fn deliver(&self, delivery: &Delivery<'_>) -> Vec<Outcome> {
        let end = self.client.end(SPEC.timeout);
        let mut lots = Lots::of(delivery.targets, SPEC.limits.max_targets_per_call);
        let mut calls = 0;
        while let Some(lot) = lots.next() {
            calls += 1;
            match self.call(delivery, &lot, end).await {
                Err(refusal) if refusal.one_number && lot.len() > 1 && calls < MOST_CALLS => {
                    lots.halve(lot);
                }
                other => {
                    let outcome = other.map_err(|refusal| refusal.error);
                    lots.settle(&lot, &self.client.hide(outcome));
                }
            }
        }
        lots.outcomes()
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
