//! A telephone of one's own that dials when a text message tells it to: any kind of text messages, sent to the
//! telephone's number in place of the people's.
//!
//! The Android app (autocall, later alertcall) dials when a message contains its keyword: the number between the first
//! and the second `|`. It looks at the last part of a long message alone, so that a command must fit into one. Whoever
//! sends such a message is obeyed.

mod command;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::{Message, Occasion, Status};
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Map, Value};
use tokio::time::Instant;

use self::command::Command;
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::cloud::left;
use crate::error::{ErrorKind, Receipt, SendError};
use crate::options::Options;
use crate::phone::{DIALLED, Phone, PhoneError, dialled};
use crate::spec::{Build, BuildError, Built, ChannelSpec, Length};

/// The key in the entries of every kind of text messages.
pub(crate) const FIELD: Field = Field::optional(
    "dial",
    Kind::Record(&DIAL),
    "Makes phones the numbers that a telephone of your own is told to dial, by one message for each to its agent: NUMBER (also keyword, sign_units); ends are not told.",
);

static DIAL: [Field; 3] = [
    Field::required(
        "agent",
        Kind::Text,
        "The number of the telephone that dials; the messages go to it.",
    ),
    Field::optional(
        "keyword",
        Kind::Text,
        "The word its app waits for: autocall, alertcall in later versions.",
    )
    .or("autocall"),
    Field::optional(
        "sign_units",
        Kind::Integer(0, 40),
        "Characters (UTF-16 units) of the message that are not ours: the signature and the template's fixed words.",
    )
    .or("sign_name and its 【】, else 14"),
];

/// UTF-16 units of a message of one part, as all but the simplest texts are sent.
const SEGMENT: usize = 70;
/// UTF-16 units of a signature that we do not know: the clouds approve 12 characters at most, and 【】 stand around it.
const SIGNATURE: usize = 14;
/// Numbers of one entry, as of one call: each is a message, and the telephone dials one after the other.
const NUMBERS: usize = 20;
/// Characters of a keyword.
const KEYWORD: std::ops::RangeInclusive<usize> = 1..=16;

/// Whether a kind can have a telephone dial: all kinds of text messages can.
pub fn can(spec: &ChannelSpec) -> bool {
    spec.receiver_fields
        .iter()
        .any(|field| field.name == FIELD.name)
}

/// Whether these options ask for dialling, and the kind can.
pub fn is_asked(spec: &ChannelSpec, receiver: &Value) -> bool {
    can(spec) && receiver.get(FIELD.name).is_some_and(|dial| !dial.is_null())
}

/// What is dialled for a service code and a number: `*7213800138000`; the number alone without a code.
pub fn with_code(code: &str, phone: &str) -> Result<Arc<str>, PhoneError> {
    let number = dialled(phone)?;
    if code.is_empty() {
        return Ok(number);
    }
    dialled(&format!("{code}{number}"))
}

/// The kind's channel to the telephone, behind one that makes commands of messages.
pub(crate) fn build(spec: &ChannelSpec, build: &Build<'_>) -> Built {
    let mut problems = Vec::new();
    let options = Options::of(build);
    let agent = agent(&options, &mut problems);
    let numbers = numbers(&options, &mut problems);
    let command = command(spec, &options, &numbers, &mut problems);
    carries(spec, &options, &mut problems);
    let own = agent.as_ref().and_then(|agent| dialled(agent.e164()).ok());
    if own.is_some_and(|own| numbers.contains(&own)) {
        let fix = "phones are who is called, and agent is the telephone that calls them";
        problems.push(problem("dial.agent", "cannot dial itself", fix));
    }
    let limit = build.http.limit(spec.timeout);
    // Several numbers are several calls: none begins in the second half of the time, and none takes longer than it.
    let each = if numbers.len() > 1 { limit / 2 } else { limit };
    let receiver = to_agent(build.receiver, agent.as_ref());
    let inner = (spec.build)(&Build {
        account_name: build.account_name,
        account: build.account,
        receiver: &receiver,
        http: build.http.clone().within(each),
        tokens: Arc::clone(&build.tokens),
    });
    let inner = inner.map_err(|more| {
        let own = |error: &BuildError| error.key != "phones";
        problems.extend(more.into_iter().filter(own));
    });
    let (Ok(inner), Some(agent), Some(command)) = (inner, agent, command) else {
        return Err(problems);
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Arc::new(Dial {
        inner,
        agent: target(agent.e164()),
        numbers,
        command,
        each,
    }))
}

fn problem(key: &str, problem: impl Into<String>, fix: impl Into<String>) -> BuildError {
    BuildError {
        key: key.to_owned(),
        problem: problem.into(),
        fix: fix.into(),
    }
}

/// What stands below `dial`.
fn said<'a>(options: &Options<'a>, key: &str) -> Option<&'a Value> {
    let value = options.value(FIELD.name)?.get(key)?;
    Some(value).filter(|value| !value.is_null())
}

fn agent(options: &Options<'_>, problems: &mut Vec<BuildError>) -> Option<Phone> {
    let Some(given) = options.value(FIELD.name).and_then(Value::as_object) else {
        let fix = "write dial: {agent: \"+8613800138000\"}";
        problems.push(problem(FIELD.name, "is no mapping", fix));
        return None;
    };
    // Options of a direct message have passed no table.
    for key in given.keys() {
        if !DIAL.iter().any(|field| field.name == key) {
            let fix = "there are agent, keyword and sign_units";
            problems.push(problem(&format!("dial.{key}"), "unknown key", fix));
        }
    }
    let fix = "write the number of the telephone that dials, as text: \"+8613800138000\"";
    let Some(text) = said(options, "agent").and_then(Value::as_str) else {
        problems.push(problem("dial.agent", "is missing", fix));
        return None;
    };
    match Phone::parse(text) {
        Ok(phone) => Some(phone),
        Err(error) => {
            problems.push(problem("dial.agent", error.to_string(), fix));
            None
        }
    }
}

/// The numbers as they are dialled, each once.
fn numbers(options: &Options<'_>, problems: &mut Vec<BuildError>) -> Vec<Arc<str>> {
    let mut numbers: Vec<Arc<str>> = Vec::new();
    let texts = options.texts("phones");
    for text in &texts {
        match dialled(text) {
            Ok(number) if numbers.contains(&number) => {}
            Ok(number) => numbers.push(number),
            Err(error) => problems.push(problem("phones", error.to_string(), DIALLED)),
        }
    }
    if texts.is_empty() {
        let fix = "write the numbers that are dialled: [\"13800138000\"]";
        problems.push(problem("phones", "nobody is named", fix));
    }
    if numbers.len() > NUMBERS {
        let words = format!("{} numbers are too many for one telephone", numbers.len());
        let fix = "name at most 20; a fallback may call others";
        problems.push(problem("phones", words, fix));
    }
    numbers
}

fn command(
    spec: &ChannelSpec,
    options: &Options<'_>,
    numbers: &[Arc<str>],
    problems: &mut Vec<BuildError>,
) -> Option<Command> {
    let keyword = match said(options, "keyword") {
        None => Some("autocall"),
        Some(word) => word.as_str().filter(|word| {
            KEYWORD.contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric())
        }),
    };
    if keyword.is_none() {
        let fix = "write the word the app waits for: up to 16 letters and digits, such as autocall";
        problems.push(problem("dial.keyword", "is no keyword", fix));
    }
    let foreign = match said(options, "sign_units") {
        None => Some(signature(options)),
        Some(units) => units.as_u64().and_then(|units| usize::try_from(units).ok()),
    };
    let foreign = foreign.filter(|units| *units < SEGMENT);
    if foreign.is_none() {
        let fix = "write a whole number from 0 to 40";
        problems.push(problem("dial.sign_units", "is no count of characters", fix));
    }
    let own = SEGMENT - foreign?;
    let variable = variable(spec, options);
    let limit = own.min(variable);
    let command = Command::new(keyword?, Length::Utf16(limit));
    let longest = numbers.iter().map(|number| command.least(number)).max();
    if let Some(longest) = longest.filter(|longest| *longest > limit) {
        let words = format!("a command takes {longest} characters, and there is room for {limit}");
        problems.push(if variable < own {
            let fix = format!(
                "write what the template's variable takes, at least {longest}, where the provider allows it"
            );
            problem("param_limit", words, fix)
        } else {
            let fix = "use a shorter signature and template; all must fit one message of 70";
            problem("dial.sign_units", words, fix)
        });
        return None;
    }
    Some(command)
}

/// Units of the signature that the provider puts before the text.
fn signature(options: &Options<'_>) -> usize {
    options.text("sign_name").map_or(SIGNATURE, |name| {
        Length::Utf16(0).of(name) + "【】".chars().count()
    })
}

/// Characters that the provider takes where the command stands: of a variable, or of the whole text.
fn variable(spec: &ChannelSpec, options: &Options<'_>) -> usize {
    let said = ["param_limit", "max_chars"]
        .into_iter()
        .find_map(|key| options.integer(key));
    said.and_then(|most| usize::try_from(most).ok())
        .unwrap_or(spec.limits.title.most())
}

/// The command is the whole value of one variable: others would come before it, or spend the one part it has.
fn carries(spec: &ChannelSpec, options: &Options<'_>, problems: &mut Vec<BuildError>) {
    let key = "template_params";
    let Some(field) = spec.receiver_fields.iter().find(|field| field.name == key) else {
        return;
    };
    let named = matches!(field.kind, Kind::Map(_));
    let sources: Vec<&str> = match options.value(key).and_then(Value::as_object) {
        Some(map) => map.values().filter_map(Value::as_str).collect(),
        None => options.texts(key),
    };
    if !matches!(sources.as_slice(), [only] if only.trim() == "title") {
        let words = "a command is the whole value of a template's only variable";
        let fix = if named {
            "name a template with one variable, and write template_params: {NAME: title}"
        } else {
            "name a template with one variable, and write template_params: [title]"
        };
        problems.push(problem(key, words, fix));
    }
}

/// The entry with the telephone as its only target.
fn to_agent(receiver: &Value, agent: Option<&Phone>) -> Value {
    let mut map: Map<String, Value> = receiver.as_object().cloned().unwrap_or_default();
    map.remove(FIELD.name);
    let phones = agent.map(Phone::e164).into_iter().map(Value::from);
    map.insert("phones".to_owned(), phones.collect());
    Value::Object(map)
}

fn target(number: &str) -> Target {
    Target {
        address: number.into(),
        label: number.into(),
    }
}

/// Commands to one telephone.
struct Dial {
    inner: Arc<dyn Channel>,
    agent: Target,
    numbers: Vec<Arc<str>>,
    command: Command,
    /// How long one message may take, and within which all of a try begin.
    each: Duration,
}

impl Dial {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Vec<Outcome> {
        let end = Instant::now() + self.each;
        let mut outcomes = Vec::with_capacity(delivery.targets.len());
        for target in delivery.targets {
            outcomes.push(self.ask(delivery, target, end).await);
        }
        outcomes
    }

    /// Has one number dialled.
    async fn ask(&self, delivery: &Delivery<'_>, target: &Target, end: Instant) -> Outcome {
        if is_over(delivery.message) {
            return Ok(Receipt {
                provider_id: String::new(),
                answer: "nobody was called: the alerts are over".to_owned(),
            });
        }
        let refused = |words: String| SendError::new(ErrorKind::Rejected, words).fix(DIALLED);
        let number = dialled(&target.address).map_err(|error| refused(error.to_string()))?;
        let message = self.command.message(&number, delivery.message);
        let message = message.ok_or_else(|| {
            let words = format!("a command with {number} does not fit one message");
            refused(words)
        })?;
        left(end)?;
        let told = Delivery {
            message: &message,
            targets: std::slice::from_ref(&self.agent),
            ..*delivery
        };
        let outcome = self.inner.send(&told).await.pop();
        outcome.unwrap_or_else(|| {
            let why = "nothing was said of the message";
            Err(SendError::new(ErrorKind::UnknownOutcome, why))
        })
    }
}

/// Whether there is nothing to be called for any more.
fn is_over(message: &Message) -> bool {
    let group = message.group.as_ref();
    message.occasion == Occasion::Resolved
        || group.is_some_and(|group| group.status == Status::Resolved)
}

impl Channel for Dial {
    fn spec(&self) -> &'static ChannelSpec {
        self.inner.spec()
    }

    fn timeout(&self) -> Duration {
        self.inner.timeout()
    }

    fn targets(&self) -> Vec<Target> {
        self.numbers.iter().map(|number| target(number)).collect()
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        self.deliver(delivery).boxed()
    }

    fn check(&self, now: Time) -> BoxFuture<'_, Outcome> {
        self.inner.check(now)
    }

    fn ignores_ends(&self) -> bool {
        true
    }
}
