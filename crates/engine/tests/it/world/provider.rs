//! A provider without a network: it notes what it is sent and answers as it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use balefire_channels::channel::{Channel, Delivery, Fate, Outcome, Question, Target};
use balefire_channels::error::{ErrorKind, Receipt, SendError};
use balefire_channels::spec::ChannelSpec;
use balefire_core::message::{Message, Status};
use balefire_core::time::Time;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// What the provider does with a call.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Takes it.
    Take,
    /// Refuses it.
    Fail(SendError),
    /// One outcome for each target.
    Each(Vec<Outcome>),
    /// Says nothing until it is let go; takes it then.
    Hang,
    /// Breaks.
    Panic,
}

impl Answer {
    pub(crate) fn fail(kind: ErrorKind) -> Self {
        Self::Fail(SendError::new(kind, "no"))
    }
}

/// A call as it came.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) at: Time,
    pub(crate) message: Message,
    pub(crate) targets: Vec<Arc<str>>,
    pub(crate) id: String,
    pub(crate) attempt: u32,
}

impl Call {
    /// The alerts it tells of, by the label `n`, with what it says of each: `firing`, `resolved`, `missed`.
    pub(crate) fn says(&self) -> Vec<(String, &'static str)> {
        let group = self.message.group.as_ref().expect("a group's message");
        group
            .alerts
            .iter()
            .map(|alert| {
                let word = match alert.status {
                    _ if alert.missed => "missed",
                    Status::Firing => "firing",
                    Status::Resolved => "resolved",
                };
                (alert.labels.value("n").to_owned(), word)
            })
            .collect()
    }
}

#[derive(Default)]
struct Inner {
    script: VecDeque<Answer>,
    always: Option<Answer>,
    calls: Vec<Call>,
    taken: Vec<Call>,
    /// What it says of targets when it is asked; with some it is asked.
    fates: Option<BTreeMap<String, Fate>>,
    /// When it was asked, and about which of its ids.
    questions: Vec<(Time, String)>,
    /// It does not answer questions.
    mute: bool,
}

/// The provider behind an account. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Provider {
    inner: Arc<Mutex<Inner>>,
    targets: Arc<Mutex<Vec<Target>>>,
    let_go: Arc<Notify>,
    spec: &'static ChannelSpec,
}

impl Provider {
    /// One that takes everything, and so many targets in a call.
    pub(crate) fn new(name: &str, per_call: usize) -> Self {
        let webhook = balefire_channels::registry::find("webhook").expect("the webhook");
        let mut limits = webhook.limits;
        limits.max_targets_per_call = per_call;
        let spec = ChannelSpec {
            kind: webhook.kind,
            receiver_key: webhook.receiver_key,
            title: webhook.title,
            vendor_page: webhook.vendor_page,
            account_fields: webhook.account_fields,
            receiver_fields: webhook.receiver_fields,
            send_resolved: webhook.send_resolved,
            dialect: webhook.dialect,
            limits,
            quotas: webhook.quotas,
            concurrency: webhook.concurrency,
            timeout: webhook.timeout,
            build: webhook.build,
        };
        let provider = Self {
            inner: Arc::default(),
            targets: Arc::default(),
            let_go: Arc::default(),
            spec: Box::leak(Box::new(spec)),
        };
        provider.goes_to(&[name]);
        provider
    }

    pub(crate) fn spec(&self) -> &'static ChannelSpec {
        self.spec
    }

    /// The targets its configuration names.
    pub(crate) fn goes_to(&self, addresses: &[&str]) {
        let target = |address: &&str| Target {
            address: (*address).into(),
            label: (*address).into(),
        };
        *self.targets.lock() = addresses.iter().map(target).collect();
    }

    /// The same with the targets that these options name, if they name any.
    pub(crate) fn opened_with(&self, options: &serde_json::Value) -> Self {
        let mut named = ["to", "phones", "to_user"].into_iter();
        let named = named.find_map(|key| options.get(key)?.as_array());
        let Some(addresses) = named else {
            return self.clone();
        };
        let opened = Self {
            targets: Arc::default(),
            ..self.clone()
        };
        let addresses: Vec<&str> = addresses.iter().filter_map(|one| one.as_str()).collect();
        opened.goes_to(&addresses);
        opened
    }

    /// From now on it takes everything under an id and says what became of it only when asked: this, by target.
    pub(crate) fn answers_questions(&self, fates: impl IntoIterator<Item = (&'static str, Fate)>) {
        let fates = fates.into_iter().map(|(to, fate)| (to.to_owned(), fate));
        self.inner
            .lock()
            .fates
            .get_or_insert_default()
            .extend(fates);
    }

    /// Whether it leaves questions without an answer.
    pub(crate) fn set_mute(&self, mute: bool) {
        self.inner.lock().mute = mute;
    }

    /// When it was asked, and about which of its ids.
    pub(crate) fn questions(&self) -> Vec<(Time, String)> {
        self.inner.lock().questions.clone()
    }

    /// What it gives for what it takes: an id of its own where it is asked later.
    fn receipt(&self, call: &Call) -> Receipt {
        let asked = self.inner.lock().fates.is_some();
        let provider_id = if asked {
            format!("id {}", call.id)
        } else {
            String::new()
        };
        Receipt {
            provider_id,
            ..Receipt::default()
        }
    }

    /// Answers the next call so; those after it as always.
    pub(crate) fn next(&self, answer: Answer) {
        self.inner.lock().script.push_back(answer);
    }

    /// Answers every call so from now on.
    pub(crate) fn always(&self, answer: Answer) {
        let mut inner = self.inner.lock();
        inner.script.clear();
        inner.always = Some(answer);
    }

    /// Takes everything again, also what hangs.
    pub(crate) fn heal(&self) {
        self.always(Answer::Take);
        self.let_go.notify_waiters();
    }

    /// Every call that came.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.inner.lock().calls.clone()
    }

    /// The calls it took.
    pub(crate) fn taken(&self) -> Vec<Call> {
        self.inner.lock().taken.clone()
    }

    fn answer(&self, call: &Call) -> Answer {
        let mut inner = self.inner.lock();
        inner.calls.push(call.clone());
        let next = inner.script.pop_front();
        next.or_else(|| inner.always.clone())
            .unwrap_or(Answer::Take)
    }

    async fn outcomes(&self, call: Call) -> Vec<Outcome> {
        let targets = call.targets.len();
        let let_go = self.let_go.notified();
        let outcomes = match self.answer(&call) {
            Answer::Take => vec![Ok(self.receipt(&call)); targets],
            Answer::Fail(error) => vec![Err(error); targets],
            Answer::Each(outcomes) => outcomes,
            Answer::Hang => {
                let_go.await;
                vec![Ok(Receipt::default()); targets]
            }
            Answer::Panic => panic!("the channel breaks, as it was told to"),
        };
        if outcomes.iter().any(Result::is_ok) {
            self.inner.lock().taken.push(call);
        }
        outcomes
    }
}

impl Channel for Provider {
    fn spec(&self) -> &'static ChannelSpec {
        self.spec
    }

    fn targets(&self) -> Vec<Target> {
        self.targets.lock().clone()
    }

    fn timeout(&self) -> Duration {
        self.spec.timeout
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        let targets = delivery.targets.iter().map(|t| Arc::clone(&t.address));
        let call = Call {
            at: delivery.now,
            message: delivery.message.clone(),
            targets: targets.collect(),
            id: delivery.id.to_owned(),
            attempt: delivery.attempt,
        };
        Box::pin(self.outcomes(call))
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        Box::pin(std::future::ready(Ok(Receipt::default())))
    }

    fn inquires(&self) -> Option<serde_json::Value> {
        let asked = self.inner.lock().fates.is_some();
        asked.then(|| serde_json::json!({"place": "here"}))
    }

    fn inquire<'a>(
        &'a self,
        question: &'a Question<'a>,
    ) -> BoxFuture<'a, Result<Vec<Option<Fate>>, SendError>> {
        let mut inner = self.inner.lock();
        inner
            .questions
            .push((question.now, question.provider_id.to_owned()));
        let answer = if inner.mute {
            Err(SendError::new(ErrorKind::Transient, "busy"))
        } else {
            let fates = inner.fates.clone().unwrap_or_default();
            let targets = question.targets.iter();
            Ok(targets
                .map(|target| fates.get(&*target.address).cloned())
                .collect())
        };
        Box::pin(std::future::ready(answer))
    }
}
