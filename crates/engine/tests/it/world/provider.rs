//! A provider without a network: it notes what it is sent and answers as it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use balefire_channels::channel::{Channel, Delivery, Fate, Outcome, Question, Target};
use balefire_channels::error::{ErrorKind, Receipt, SendError};
use balefire_channels::spec::ChannelSpec;
use balefire_channels::threads::{Changed, Posted, Threads};
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
    /// The message that it answers.
    pub(crate) below: Option<String>,
}

impl Call {
    fn of(delivery: &Delivery<'_>) -> Self {
        let targets = delivery.targets.iter().map(|t| Arc::clone(&t.address));
        Self {
            at: delivery.now,
            message: delivery.message.clone(),
            targets: targets.collect(),
            id: delivery.id.to_owned(),
            attempt: delivery.attempt,
            below: None,
        }
    }

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

/// A chat that keeps what was posted, and lets it be changed.
#[derive(Default)]
struct Chat {
    threads: Threads,
    /// Ids of the messages that are there.
    there: Mutex<Vec<String>>,
    /// Changes, with the message's id.
    changed: Mutex<Vec<(String, Call)>>,
    /// Changes are refused with this.
    refuses: Mutex<Option<SendError>>,
    posted: Mutex<u64>,
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
    chat: Option<Arc<Chat>>,
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
            chat: None,
            spec: Box::leak(Box::new(spec)),
        };
        provider.goes_to(&[name]);
        provider
    }

    /// Makes it a chat whose entry is live. What it remembers of its threads is lost with each life of the node.
    pub(crate) fn live(mut self) -> Self {
        self.chat = Some(Arc::default());
        self
    }

    fn chat(&self) -> &Chat {
        self.chat.as_ref().expect("a chat")
    }

    /// The changes it took, each with the id of the message.
    pub(crate) fn changed(&self) -> Vec<(String, Call)> {
        self.chat().changed.lock().clone()
    }

    /// Somebody deletes every message.
    pub(crate) fn delete_all(&self) {
        self.chat().there.lock().clear();
    }

    /// Changes are refused like this, or taken again.
    pub(crate) fn refuse_changes(&self, kind: Option<ErrorKind>) {
        *self.chat().refuses.lock() = kind.map(|kind| SendError::new(kind, "no"));
    }

    /// The node that knew of its threads is gone.
    pub(crate) fn forget_threads(&self) {
        for thread in self.taken().iter().map(|call| &call.message.thread) {
            self.chat().threads.set(thread, "a", None);
        }
    }

    fn change_it(&self, delivery: &Delivery<'_>) -> Changed {
        let chat = self.chat();
        if let Some(error) = chat.refuses.lock().clone() {
            return Err(error);
        }
        let first = chat
            .threads
            .first(&delivery.message.thread, &delivery.targets[0].address);
        let first = first.filter(|first| chat.there.lock().contains(&first.id));
        let Some(first) = first else {
            return Ok(None);
        };
        chat.changed.lock().push((first.id, Call::of(delivery)));
        Ok(Some(Receipt::default()))
    }

    /// Posts a call that was taken, below the first of its thread, if that is there.
    fn post(&self, call: &mut Call) {
        let Some(chat) = &self.chat else { return };
        let (thread, target) = (&call.message.thread, &call.targets[0]);
        let first = chat.threads.first(thread, target);
        let first = first.filter(|first| chat.there.lock().contains(&first.id));
        *chat.posted.lock() += 1;
        let id = format!("m{}", chat.posted.lock());
        chat.there.lock().push(id.clone());
        call.below = first.as_ref().map(|first| first.id.clone());
        let over = call.message.occasion == balefire_core::message::Occasion::Resolved;
        let first = first.unwrap_or_else(|| Posted {
            channel: target.to_string(),
            id,
        });
        chat.threads.set(thread, target, (!over).then_some(first));
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

    async fn outcomes(&self, mut call: Call) -> Vec<Outcome> {
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
            self.post(&mut call);
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
        Box::pin(self.outcomes(Call::of(delivery)))
    }

    fn threads(&self) -> Option<&Threads> {
        self.chat.as_ref().map(|chat| &chat.threads)
    }

    fn is_live(&self) -> bool {
        self.chat.is_some()
    }

    fn change<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Changed> {
        Box::pin(std::future::ready(self.change_it(delivery)))
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
