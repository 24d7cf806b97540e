//! Calls by telephones of one's own: an Android app asks Balefire for numbers, dials them one after the other and says
//! who answered. There is no provider to send anything to; the engine keeps the calls until a telephone asks.
//!
//! The app must get each number once: it finds its place in the list by a number's first occurrence. It compares its
//! call log with the number as it was given, so numbers of China's mainland are written as they are dialled there.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::call::{distinct, neighbours_differ};
use balefire_core::field::{Field, Kind};
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};

use crate::channel::{Channel, Delivery, Outcome, PhoneOrder, Target};
use crate::error::{ErrorKind, SendError};
use crate::options::Options;
use crate::phone::{DIALLED, dialled};
use crate::spec::{Build, Built, ChannelSpec, Length, Limits};

/// What calls by telephones of one's own are and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "autocall",
    receiver_key: "autocall_configs",
    title: ("Phone agent", "电话代理"),
    vendor_page: "",
    account_fields: &[],
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: crate::markup::Dialect::Plain,
    limits: Limits {
        title: Length::Unlimited,
        text: Length::Unlimited,
        max_targets_per_call: 1,
    },
    quotas: &[],
    concurrency: AT_ONCE,
    timeout: MAX_AGE,
    build,
};

/// Calls that wait for telephones at once; more wait in their queue, the worst first.
const AT_ONCE: usize = 1024;
/// Rounds unless the entry says otherwise.
const ROUNDS: u32 = 2;
/// How long a call is kept for telephones unless the entry says otherwise.
const MAX_AGE: Duration = Duration::from_mins(30);
/// Longest that a call may be kept: after a day nobody wants to be called for it.
const LONGEST: Duration = Duration::from_hours(24);
/// Numbers of one call; a round through them takes half a minute each.
const NUMBERS: usize = 20;

static RECEIVER: [Field; 5] = [
    Field::optional(
        "people",
        Kind::TextOrList,
        "Keys of people, called in this order at their phone.",
    ),
    Field::optional(
        "phones",
        Kind::TextOrList,
        "Numbers that are called after those of people.",
    ),
    Field::optional(
        "rounds",
        Kind::Integer(1, 10),
        "How often the numbers are tried; the value of legacy.autocall without it.",
    ),
    Field::optional(
        "max_age",
        Kind::Duration,
        "How long a call is kept for telephones, at most 1d; the value of legacy.autocall without it.",
    ),
    Field::optional(
        "literal",
        Kind::Bool,
        "Whether a number may come again in the list: the app then begins at its first place again and never says that nobody answered.",
    )
    .or("false"),
];

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let numbers = numbers(&mut options);
    let rounds = options
        .integer("rounds")
        .and_then(|rounds| u32::try_from(rounds).ok())
        .unwrap_or(ROUNDS);
    let max_age = options.duration("max_age").unwrap_or(MAX_AGE);
    if max_age > LONGEST {
        let problem = "after a day nobody wants to be called for it";
        options.problem("max_age", problem, "write 30m");
    }
    let phones = if options.boolean("literal").unwrap_or(false) {
        neighbours_differ(numbers)
    } else {
        distinct(numbers)
    };
    if phones.len() > NUMBERS {
        let problem = format!("{} numbers are too many for one call", phones.len());
        let fix = "name at most 20; a fallback may call others";
        options.problem("phones", problem, fix);
    }
    let order = PhoneOrder {
        phones,
        rounds,
        max_age,
    };
    options.finish(Some(Arc::new(Autocall { order }) as Arc<dyn Channel>))
}

/// The numbers as they are dialled. The configuration has put those of `people` before them.
fn numbers(options: &mut Options<'_>) -> Vec<Arc<str>> {
    let mut numbers = Vec::new();
    let mut wrong = Vec::new();
    for text in options.texts("phones") {
        match dialled(text) {
            Ok(number) => numbers.push(number),
            Err(error) => wrong.push(error.to_string()),
        }
    }
    if numbers.is_empty() && wrong.is_empty() {
        let fix = "name people who have a phone, or write phones: [\"13800138000\"]";
        options.problem("phones", "nobody is named", fix);
    }
    for problem in wrong {
        options.problem("phones", problem, DIALLED);
    }
    numbers
}

#[derive(Debug)]
struct Autocall {
    order: PhoneOrder,
}

impl Channel for Autocall {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn timeout(&self) -> Duration {
        self.order.max_age
    }

    fn targets(&self) -> Vec<Target> {
        let numbers: Arc<str> = self.order.phones.join(",").into();
        vec![Target {
            address: Arc::clone(&numbers),
            label: numbers,
        }]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        let nobody = || SendError::new(ErrorKind::Unsupported, "telephones have to ask for calls");
        let outcomes = delivery.targets.iter().map(|_| Err(nobody())).collect();
        std::future::ready(outcomes).boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        let why = "whether a telephone asks is seen in GET /api/v1/phones";
        std::future::ready(Err(SendError::new(ErrorKind::Unsupported, why))).boxed()
    }

    fn phone_order(&self) -> Option<&PhoneOrder> {
        Some(&self.order)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::http::{Http, HttpSettings};
    use crate::spec::BuildError;
    use crate::token::Tokens;

    fn built(receiver: &Value) -> Result<PhoneOrder, Vec<BuildError>> {
        let channel = (SPEC.build)(&Build {
            account_name: "",
            account: &Value::Null,
            receiver,
            http: Http::new(HttpSettings::default()).expect("a client"),
            tokens: Arc::new(Tokens::new()),
        })?;
        let order = channel.phone_order().expect("a call").clone();
        assert_eq!(*channel.targets()[0].address, order.phones.join(","));
        assert_eq!(channel.timeout(), order.max_age);
        Ok(order)
    }

    fn phones(receiver: &Value) -> Vec<Arc<str>> {
        built(receiver).expect("a channel").phones
    }

    #[test]
    fn numbers_are_written_as_they_are_dialled_and_each_once() {
        let list = json!({"phones": [
            "+86 138-0013-8000", "13800138000", "+44 20 7946 0958", "66123", "*7213800138000",
        ]});
        let dialled = ["13800138000", "+442079460958", "66123", "*7213800138000"];
        assert_eq!(phones(&list), dialled.map(Arc::from));
        let twice = json!({"phones": "13800138000, 13900139000, 13800138000", "literal": true});
        let dialled = ["13800138000", "13900139000", "13800138000"];
        assert_eq!(phones(&twice), dialled.map(Arc::from));
    }

    #[test]
    fn rounds_and_age_have_their_defaults() {
        let order = built(&json!({"phones": "13800138000"})).expect("a channel");
        assert_eq!((order.rounds, order.max_age), (2, Duration::from_mins(30)));
        let given = json!({"phones": "13800138000", "rounds": 3, "max_age": "1h"});
        let order = built(&given).expect("a channel");
        assert_eq!((order.rounds, order.max_age), (3, Duration::from_hours(1)));
    }

    #[test]
    fn what_cannot_be_dialled_is_refused_with_the_text() {
        for text in [
            "12",
            "1380013800",
            "call me",
            "13800138000;911",
            "*72|1",
            "+",
            "#*x",
        ] {
            let problems = built(&json!({"phones": text})).expect_err(text);
            assert!(problems[0].problem.contains(text), "{problems:?}");
        }
        assert!(built(&json!({})).is_err());
        assert!(built(&json!({"phones": "13800138000", "max_age": "25h"})).is_err());
        let many: Vec<String> = (0..21).map(|n| format!("{}", 10_000 + n)).collect();
        assert!(built(&json!({"phones": many})).is_err());
    }
}
