//! Calls of Alibaba Cloud: a text that is read aloud (`SingleCallByTts`) or a recording (`SingleCallByVoice`).
//!
//! Vendor pages: <https://help.aliyun.com/zh/vms/developer-reference/api-dyvmsapi-2017-05-25-singlecallbytts> and
//! `…-singlecallbyvoice`. Limits: one number a call; variables below 250 characters together, without links; one
//! person is called once a minute, 5 times an hour, 20 times a day, unanswered calls included; two calls to one
//! person within a second are both lost. `OK` means that the call is queued, not that somebody answers it. `OutId`
//! holds 15 bytes: the end of the delivery's id.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::Message;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use tokio::time::Instant;

use super::client::{Client, client, receipt};
use super::template::{Template, template};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::cloud::{Lots, phones, unasked};
use crate::error::{Receipt, SendError};
use crate::markup::Dialect;
use crate::options::Options;
use crate::phone::Phone;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};

/// What Alibaba Cloud's calls are and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "aliyun_voice",
    receiver_key: "aliyun_voice_configs",
    title: ("Alibaba Cloud call", "阿里云语音电话"),
    vendor_page: "https://help.aliyun.com/zh/vms/developer-reference/api-dyvmsapi-2017-05-25-singlecallbytts",
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
    // Two calls to one person within a second are both lost; who waits gets one call for all there is to tell.
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
/// `TtsParam` must be shorter than this, in characters.
const PARAMS_BELOW: usize = 250;
/// Most bytes of `OutId`.
const OUT_ID: usize = 15;

static ACCOUNT: [Field; 14] = [
    super::client::FIELDS[0],
    super::client::FIELDS[1],
    super::client::FIELDS[2],
    super::client::FIELDS[3],
    super::client::FIELDS[4],
    super::client::FIELDS[5],
    SHOWN,
    TEMPLATE_CODE,
    TEMPLATE_PARAMS,
    LIMIT,
    VOICE_CODE,
    PLAY_TIMES,
    VOLUME,
    SPEED,
];

static RECEIVER: [Field; 9] = [
    Field::required(
        "phones",
        Kind::TextOrList,
        "Numbers with their country (+8613800138000); without one, of the mainland; each is called for itself.",
    ),
    SHOWN,
    TEMPLATE_CODE,
    TEMPLATE_PARAMS,
    LIMIT,
    VOICE_CODE,
    PLAY_TIMES,
    VOLUME,
    SPEED,
];

const SHOWN: Field = Field::optional(
    "called_show_number",
    Kind::Text,
    "The bought number that calls; none in shared-number mode (公共模式).",
);
const TEMPLATE_CODE: Field = Field::optional(
    "template_code",
    Kind::Text,
    "The approved text template, TTS_ and a number; this or voice_code.",
);
const TEMPLATE_PARAMS: Field = Field::optional(
    "template_params",
    Kind::Map(&Kind::Text),
    "What each variable of the template gets: title, severity, status, summary, text, count, receiver, started, code, label:NAME, annotation:NAME or =fixed text.",
);
const LIMIT: Field = Field::optional(
    "param_limit",
    Kind::Integer(1, 240),
    "Characters of one variable; all of them together stay below 250.",
)
.or("60");
const VOICE_CODE: Field = Field::optional(
    "voice_code",
    Kind::Text,
    "The approved recording that is played, instead of a template.",
);
const PLAY_TIMES: Field =
    Field::optional("play_times", Kind::Integer(1, 3), "How often it is said.").or("3");
const VOLUME: Field =
    Field::optional("volume", Kind::Integer(0, 100), "How loud, 0 to 100.").or("100");
const SPEED: Field = Field::optional(
    "speed",
    Kind::Integer(-500, 500),
    "How fast it is spoken, -500 to 500.",
)
.or("0");

/// What is heard.
#[derive(Debug)]
enum Said {
    Template(Template),
    Recording(String),
}

/// Calls to several people, one after another.
#[derive(Debug)]
struct Voice {
    client: Client,
    said: Said,
    shown: Option<String>,
    /// Numbers that the provider takes as they are: `PlayTimes`, `Volume`, `Speed`.
    manner: Vec<(&'static str, String)>,
    targets: Vec<Target>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let client = client(&mut options, build, "dyvmsapi");
    let said = said(&mut options);
    let targets = phones(&mut options);
    let shown = options.text("called_show_number").map(ToOwned::to_owned);
    let number = |key: &str, otherwise: i64| options.integer(key).unwrap_or(otherwise).to_string();
    let manner = vec![
        ("PlayTimes", number("play_times", 3)),
        ("Volume", number("volume", 100)),
        ("Speed", number("speed", 0)),
    ];
    let channel = client.zip(said).map(|(client, said)| {
        Arc::new(Voice {
            client,
            said,
            shown,
            manner,
            targets,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

fn said(options: &mut Options<'_>) -> Option<Said> {
    let Some(code) = options.text("voice_code").map(ToOwned::to_owned) else {
        let example =
            "write the code of an approved template, such as TTS_123456789, or give voice_code";
        return template(options, example, PARAM_LIMIT).map(Said::Template);
    };
    if options.text("template_code").is_some() {
        let fix = "leave voice_code or template_code out";
        options.problem("voice_code", "a template is given too", fix);
    }
    Some(Said::Recording(code))
}

impl Voice {
    fn parameters(
        &self,
        message: &Message,
        phone: &Phone,
        id: &str,
    ) -> Vec<(&'static str, String)> {
        let number = phone.mainland().unwrap_or(phone.digits());
        let mut parameters = vec![("CalledNumber", number.to_owned())];
        parameters.extend(self.shown.clone().map(|own| ("CalledShowNumber", own)));
        match &self.said {
            Said::Template(template) => {
                parameters.push(("TtsCode", template.code.clone()));
                let filled = template.filled(message, PARAMS_BELOW);
                parameters.extend(filled.map(|filled| ("TtsParam", filled)));
            }
            Said::Recording(code) => parameters.push(("VoiceCode", code.clone())),
        }
        parameters.extend(self.manner.iter().cloned());
        parameters.push(("OutId", short(id).to_owned()));
        parameters
    }

    async fn call(
        &self,
        delivery: &Delivery<'_>,
        phone: &Phone,
        end: Instant,
    ) -> Result<Receipt, SendError> {
        let action = match self.said {
            Said::Template(_) => "SingleCallByTts",
            Said::Recording(_) => "SingleCallByVoice",
        };
        let parameters = self.parameters(delivery.message, phone, delivery.id);
        let call = self.client.call(action, parameters, delivery.now, end);
        match call.await {
            Ok(body) => Ok(receipt(&body, "CallId")),
            Err(refusal) => Err(refusal.error),
        }
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

/// The end of a delivery's id, which is the same on every try and long enough to be found again.
fn short(id: &str) -> &str {
    let start = id.len().saturating_sub(OUT_ID);
    id.get(start..).unwrap_or(id)
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
