//! Calls of Twilio: `POST /2010-04-01/Accounts/AC…/Calls.json` with a text that is read aloud.
//!
//! Vendor page: <https://www.twilio.com/docs/voice/api/call-resource>. Limits: a document of 4000 characters; a call a
//! second. A yes means that the call is queued, not that somebody answers it. With `answer_url`, or
//! with callbacks, a key that is pressed goes there: 1 says "I have it". There is no idempotency key, so that after a time-out there may be two calls.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::{Locale, Message};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};

use super::client::{Client, FIELDS, client, reports};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::cloud::{Lots, Param, phones, word};
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};

/// What Twilio's calls are and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "twilio_voice",
    receiver_key: "twilio_voice_configs",
    title: ("Twilio call", "Twilio 语音电话"),
    vendor_page: "https://www.twilio.com/docs/voice/api/call-resource",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    // Nobody wants to be woken because it is over.
    send_resolved: false,
    dialect: Dialect::Plain,
    limits: Limits {
        title: TITLE,
        text: TEXT,
        max_targets_per_call: 1,
    },
    quotas: &[Quota {
        calls: 1,
        per: Duration::from_secs(1),
        penalty: Duration::ZERO,
    }],
    concurrency: 4,
    timeout: Duration::from_secs(10),
    build,
};

/// A listener does not remember more; escaped, both fit into a document of 4000 characters.
const TITLE: Length = Length::Chars(120);
/// See [`TITLE`].
const TEXT: Length = Length::Chars(240);
/// Longest address that a pressed key goes to.
const MOST_URL: usize = 1_000;

static ACCOUNT: [Field; 13] = [
    FIELDS[0], FIELDS[1], FIELDS[2], FIELDS[3], FIELDS[4], FIELDS[5], FIELDS[6], LANGUAGE, VOICE,
    REPEAT, RING, MACHINE, ANSWER,
];

static RECEIVER: [Field; 8] = [
    Field::required(
        "phones",
        Kind::TextOrList,
        "Numbers with their country (+442079460958); without one, of China's mainland; each is called for itself.",
    ),
    FIELDS[5],
    LANGUAGE,
    VOICE,
    REPEAT,
    RING,
    MACHINE,
    ANSWER,
];

const LANGUAGE: Field = Field::optional(
    "language",
    Kind::Text,
    "The language it is spoken in, as in zh-CN; the reader's when absent.",
);
const VOICE: Field = Field::optional("voice", Kind::Text, "The voice, by Twilio's name for it.");
const REPEAT: Field =
    Field::optional("play_times", Kind::Integer(1, 5), "How often it is said.").or("2");
const RING: Field = Field::optional(
    "ring",
    Kind::Integer(5, 600),
    "Seconds it rings; 25 to 30 end before most mailboxes answer.",
)
.or("25");
/// Source: <https://www.twilio.com/docs/voice/answering-machine-detection>.
const MACHINE: Field = Field::optional(
    "machine_detection",
    Kind::OneOf(&["off", "enable", "detect_message_end"]),
    "Whether Twilio finds out that a machine answers: off; enable, as soon as it can tell; detect_message_end, after the machine's greeting, so that the words are left on it. With callback_token, a call that a machine took has reached nobody. Twilio charges for it, and whoever answers waits some seconds.",
)
.or("off");
const ANSWER: Field = Field::optional(
    "answer_url",
    Kind::SecretUrl,
    "Where Twilio asks what to do when a key is pressed; must answer with TwiML. With callback_token, ours: 1 acknowledges.",
);

/// Calls to several people, one after another.
#[derive(Debug)]
struct Voice {
    client: Client,
    from: String,
    language: Option<String>,
    speaker: Option<String>,
    repeat: i64,
    ring: i64,
    /// What Twilio calls the way in which it finds out that a machine answers.
    machine: Option<&'static str>,
    answer: Option<Secret>,
    /// Where Twilio says what became of a call.
    reports: Option<Secret>,
    targets: Vec<Target>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let client = client(&mut options, build);
    let from = word(&mut options, "from", "give the number it calls from");
    let plain = |key: &str| options.text(key).map(ToOwned::to_owned);
    let (language, speaker) = (plain("language"), plain("voice"));
    let repeat = options.integer("play_times").unwrap_or(2);
    let ring = options.integer("ring").unwrap_or(25);
    let machine = match options.text("machine_detection") {
        Some("enable") => Some("Enable"),
        Some("detect_message_end") => Some("DetectMessageEnd"),
        _ => None,
    };
    let answer = options.text("answer_url").map(Secret::new);
    if let Some(url) = answer.as_ref().map(Secret::reveal) {
        match build.http.check_url(url) {
            Ok(_) if url.len() <= MOST_URL => {}
            Ok(_) => options.problem("answer_url", "is too long", "shorten it"),
            Err(e) => {
                let fix = e.fix_or("write a full https:// URL");
                options.problem("answer_url", e.to_string(), fix);
            }
        }
    }
    let reports = reports(build);
    let targets = phones(&mut options);
    let channel = client.zip(from).map(|(client, from)| {
        Arc::new(Voice {
            client,
            from,
            language,
            speaker,
            repeat,
            ring,
            machine,
            answer: answer.or_else(|| reports.clone()),
            reports,
            targets,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Voice {
    /// What is to be heard: within a pause for a key where there is somebody who asks for one.
    fn document(&self, message: &Message) -> String {
        let mut words = spoken(message);
        let language = self.language.as_deref().unwrap_or(match message.locale {
            Locale::ZhCn => "zh-CN",
            Locale::En => "en-US",
        });
        if self.reports.is_some() && self.answer == self.reports {
            words.push_str(if language.starts_with("zh") {
                "。确认请按 1。"
            } else {
                ". Press 1 to acknowledge."
            });
        }
        let voice = self.speaker.as_deref();
        let voice = voice.map(|name| format!(" voice=\"{}\"", escaped(name)));
        let say = format!(
            "<Say language=\"{}\"{} loop=\"{}\">{}</Say>",
            escaped(language),
            voice.unwrap_or_default(),
            self.repeat,
            escaped(&words),
        );
        let body = match &self.answer {
            Some(url) => format!(
                "<Gather input=\"dtmf\" numDigits=\"1\" timeout=\"8\" action=\"{}\" method=\"POST\" actionOnEmptyResult=\"true\">{say}</Gather>",
                escaped(url.reveal()),
            ),
            None => say,
        };
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{body}</Response>")
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Vec<Outcome> {
        let end = self.client.end(SPEC.timeout);
        let document = self.document(delivery.message);
        let mut lots = Lots::of(delivery.targets, SPEC.limits.max_targets_per_call);
        while let Some(lot) = lots.next() {
            for (at, phone) in lot {
                let mut pairs = vec![
                    ("To", phone.e164().to_owned()),
                    ("From", self.from.clone()),
                    ("Twiml", document.clone()),
                    ("Timeout", self.ring.to_string()),
                ];
                let machine = self.machine.map(ToOwned::to_owned);
                pairs.extend(machine.map(|way| ("MachineDetection", way)));
                let reports = self.reports.as_ref();
                pairs.extend(reports.map(|url| ("StatusCallback", url.reveal().to_owned())));
                let called = self.client.post("/Calls.json", &pairs, delivery.now, end);
                lots.put(at, self.client.hide(called.await));
            }
        }
        lots.outcomes()
    }
}

/// Title and text, without links and signs that nobody wants to hear.
fn spoken(message: &Message) -> String {
    let title = Param::Title.value(message, TITLE);
    let text = Param::Text.value(message, TEXT);
    let pause = match message.locale {
        Locale::ZhCn => "。",
        Locale::En => ". ",
    };
    format!("{title}{pause}{text}")
}

/// Text as it stands in XML.
pub(super) fn escaped(text: &str) -> String {
    Dialect::Html.escape(text).replace("&#39;", "&apos;")
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

    fn check(&self, now: Time) -> BoxFuture<'_, Outcome> {
        async move { self.client.hide(self.client.ask(now, SPEC.timeout).await) }.boxed()
    }
}
