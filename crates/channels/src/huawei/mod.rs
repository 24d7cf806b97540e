//! Text messages of Huawei Cloud (MSGSMS): `POST /sms/batchSendSms/v1`. Closed to new customers since 2025.
//!
//! Vendor page: <https://support.huaweicloud.com/api-msgsms/sms_05_0001.html>. Limits: the text is an approved
//! template's, of which only the variables are ours (20 characters each unless the template says otherwise); each number
//! has its own code. A yes means that the provider took it. There is no idempotency key.

mod sign;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::Value;
use tokio::time::Instant;

use self::sign::{AUTHS, Key};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{base, exchange, hide, secret};
use crate::cloud::numbered::{FIELDS as TEMPLATE, Template, template};
use crate::cloud::{Lot, Lots, Meaning, left, named, phones, refusal, unasked, word};
use crate::dial;
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, excerpt, status_error};
use crate::markup::Dialect;
use crate::options::Options;
use crate::phone::Phone;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits};

/// What Huawei Cloud's text messages are and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "huawei_sms",
    receiver_key: "huawei_sms_configs",
    title: ("Huawei Cloud SMS", "华为云短信"),
    vendor_page: "https://support.huaweicloud.com/api-msgsms/sms_05_0001.html",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: Dialect::Plain,
    limits: Limits {
        title: Length::Chars(PARAM_LIMIT),
        text: Length::Chars(PARAM_LIMIT),
        max_targets_per_call: 500,
    },
    quotas: &[],
    concurrency: 4,
    timeout: Duration::from_secs(10),
    build,
};

/// Characters of one variable that templates take unless they say otherwise.
const PARAM_LIMIT: usize = 20;
/// Characters of a whole message.
const MESSAGE: usize = 500;
const BASE: &str = "https://smsapi.cn-north-4.myhuaweicloud.com:443";
const PATH: &str = "/sms/batchSendSms/v1";
const FORM: &str = "application/x-www-form-urlencoded";

static ACCOUNT: [Field; 10] = [
    Field::required(
        "app_key",
        Kind::Secret,
        "The application's key (APP_Key), or an access key (AK) with auth: ak_sk.",
    ),
    Field::optional(
        "app_secret",
        Kind::Secret,
        "Its secret (APP_Secret, or SK).",
    ),
    Field::optional("app_secret_file", Kind::Text, "A file with the secret."),
    Field::optional(
        "auth",
        Kind::OneOf(AUTHS),
        "How calls are signed: with the application's secret, or with AK and SK.",
    )
    .or("wsse"),
    Field::optional(
        "api_url",
        Kind::Url,
        "The application's own address (APP接入地址), which depends on its region.",
    )
    .or(BASE),
    FROM,
    SIGNATURE,
    TEMPLATE[0],
    TEMPLATE[1],
    LIMIT,
];

static RECEIVER: [Field; 7] = [
    Field::required(
        "phones",
        Kind::TextOrList,
        "Numbers with their country (+8613800138000); without one, of the mainland.",
    ),
    FROM,
    SIGNATURE,
    TEMPLATE[0],
    TEMPLATE[1],
    LIMIT,
    dial::FIELD,
];

const FROM: Field = Field::optional(
    "from",
    Kind::Text,
    "The channel number of the approved signature (签名通道号).",
);
const SIGNATURE: Field = Field::optional(
    "sign_name",
    Kind::Text,
    "The signature's text, for universal templates alone.",
);
const LIMIT: Field = Field::optional(
    "param_limit",
    Kind::Integer(1, 500),
    "Characters that one variable of the template takes.",
)
.or("20");

/// One template to several people.
#[derive(Debug)]
struct Sms {
    http: Http,
    url: String,
    key: Key,
    from: String,
    sign_name: Option<String>,
    template: Template,
    targets: Vec<Target>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let base = base(&mut options, &build.http, &["api_url"], BASE);
    let place = "消息&短信 → 应用管理";
    let id = word(&mut options, "app_key", place);
    let secret = secret(&mut options, &["app_secret"], place);
    let with_ak = options.text("auth") == Some("ak_sk");
    let from = word(&mut options, "from", "消息&短信 → 签名管理 → 通道号");
    let sign_name = options.text("sign_name").map(ToOwned::to_owned);
    let template = template(&mut options, PARAM_LIMIT);
    let targets = phones(&mut options);
    let parts = base.zip(id).zip(secret).zip(from.zip(template));
    let channel = parts.map(|(((base, id), secret), (from, template))| {
        Arc::new(Sms {
            http: build.http.clone(),
            url: format!("{base}{PATH}"),
            key: Key {
                id: Secret::new(id),
                secret,
                with_ak,
            },
            from,
            sign_name,
            template,
            targets,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Sms {
    fn body(&self, delivery: &Delivery<'_>, lot: &Lot) -> String {
        let numbers: Vec<&str> = lot.iter().map(|(_, phone)| phone.e164()).collect();
        let filled = self.template.filled(delivery.message, MESSAGE);
        let filled = Value::from(filled).to_string();
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("from", &self.from);
        form.append_pair("to", &numbers.join(","));
        form.append_pair("templateId", &self.template.id);
        form.append_pair("templateParas", &filled);
        if let Some(name) = &self.sign_name {
            form.append_pair("signature", name);
        }
        form.finish()
    }

    async fn call(
        &self,
        delivery: &Delivery<'_>,
        lot: &Lot,
        end: Instant,
    ) -> Result<Value, SendError> {
        let left = left(end)?;
        let body = self.body(delivery, lot);
        let mut request = HttpRequest::post(&self.url, FORM, body.clone());
        for (name, value) in self.key.headers(&self.url, &body, delivery.now)? {
            request = request.header(name, value);
        }
        // The time of all calls of a try, not of each.
        let http = self.http.clone().within(left);
        let reply = exchange(&http, request, left).await?;
        accepted(&reply, delivery.now)
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Vec<Outcome> {
        let end = Instant::now() + self.http.limit(SPEC.timeout);
        let mut lots = Lots::of(delivery.targets, SPEC.limits.max_targets_per_call);
        while let Some(lot) = lots.next() {
            match self.call(delivery, &lot, end).await {
                Ok(answer) => {
                    for (at, phone) in &lot {
                        lots.put(*at, self.hide(outcome(&answer, phone)));
                    }
                }
                Err(error) => lots.settle(&lot, &self.hide(Err(error))),
            }
        }
        lots.outcomes()
    }

    fn hide(&self, outcome: Outcome) -> Outcome {
        hide(outcome, &[&self.key.id, &self.key.secret])
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

const KEY: &str = "copy APP_Key and APP_Secret again, and set this machine's clock (NTP)";
const ADDRESS: &str =
    "add this machine's public address to the application's list; it counts after 10 to 15 minutes";

/// The yes of a call and of each number.
const YES: &str = "000000";
/// Some of the numbers have failed, each with its own code.
const PARTLY: &str = "E000510";

/// Codes of a call and of its numbers (wire/huawei_baidu_optional.md, "Errors").
const CODES: &[Meaning] = &[
    Meaning::passing("E000000"),
    Meaning::account("E000001", KEY),
    Meaning::account("E000002", KEY),
    Meaning::account("E000003", KEY),
    Meaning::account("E000004", KEY),
    Meaning::account("E000005", KEY),
    Meaning::account("E000006", KEY),
    Meaning::account("E000007", KEY),
    Meaning::account("E000008", KEY),
    Meaning::account("E000020", KEY),
    Meaning::account("E000021", KEY),
    Meaning::account("E000022", KEY),
    Meaning::account("E000023", KEY),
    Meaning::number("E000510", "check the person's number"),
    Meaning::account("E000620", ADDRESS),
];

/// The answer of a call that was taken, as a whole or for some of its numbers.
fn accepted(reply: &HttpReply, now: Time) -> Result<Value, SendError> {
    let body: Value = match reply.json() {
        Ok(body) => body,
        Err(unreadable) if reply.is_success() => return Err(unreadable),
        Err(_) => return Err(status_error(reply, now)),
    };
    match body["code"].as_str() {
        Some(YES) if reply.is_success() => Ok(body),
        Some(PARTLY) if reply.is_success() && body["result"].is_array() => Ok(body),
        Some(code) if code != YES => {
            let words = body["description"].as_str().unwrap_or_default();
            Err(refusal(code, words, reply, now, CODES).error)
        }
        _ if !reply.is_success() => Err(status_error(reply, now)),
        _ => {
            let detail = format!("the answer has no code: {}", reply.excerpt());
            Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)))
        }
    }
}

/// What the answer says of one number; one that it does not name has what the call has.
fn outcome(answer: &Value, phone: &Phone) -> Outcome {
    let entries = answer["result"].as_array().into_iter().flatten();
    let own = |entry: &&Value| {
        let number = entry["originTo"].as_str().unwrap_or_default();
        Phone::parse(number).is_ok_and(|number| number == *phone)
    };
    let entry = entries.into_iter().find(own);
    let text = |key: &str| {
        entry
            .and_then(|entry| entry[key].as_str())
            .unwrap_or_default()
    };
    match (entry, text("status")) {
        (Some(_), YES) => Ok(Receipt {
            provider_id: excerpt(text("smsMsgId")),
            answer: YES.to_owned(),
        }),
        (Some(_), code) => Err(named(code, "", CODES)),
        (None, _) => {
            let detail = format!("the answer does not name {phone}");
            Err(SendError::new(ErrorKind::UnknownOutcome, detail))
        }
    }
}

#[cfg(test)]
mod tests;
