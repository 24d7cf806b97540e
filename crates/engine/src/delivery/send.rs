//! One try: open the way out, make the words, call the provider.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use balefire_channels::channel::{Channel, Delivery, Outcome, Target};
use balefire_channels::error::{ErrorKind, SendError};
use balefire_channels::layers::breaker::Pass;
use balefire_channels::markup::Dialect;
use balefire_channels::spec::ChannelSpec;
use balefire_config::plan::{Integration, Plan, Receiver};
use balefire_core::alert::Episode;
use balefire_core::message::{Block, Custom, GroupView, Message, Occasion, Status};
use balefire_core::time::Time;
use balefire_store::Notification;
use balefire_template::compose;
use balefire_template::escape::Escape;
use balefire_template::template::Template;
use futures_util::FutureExt;

use super::body::{BodyError, with_body};
use super::bundle::Bundle;
use super::content::{Content, GroupContent};
use super::dial::{Dial, Tried};
use super::enclosed::enclosed;
use super::recall::Recall;
use super::render;
use super::series::overtaken;
use super::shared::Shared;
use super::{wanted, worded};
use crate::link;
use crate::meta::Trouble;

/// A channel keeps its own time limit; this is the longest we wait beyond it.
const GRACE: Duration = Duration::from_secs(2);

/// What is sent in one call: one bundle, or several told as one digest.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) bundles: Vec<Bundle>,
    /// The breaker's leave, given back with the outcome.
    pub(crate) pass: Pass,
    pub(crate) attempt: u32,
    pub(crate) started_at: Time,
    /// Says when the try is called back, where that can be.
    pub(crate) recall: Option<Recall>,
}

/// The work with what became of the try.
pub(crate) struct Finished {
    pub(crate) work: Work,
    pub(crate) tried: Tried,
    pub(crate) took: Duration,
    /// What was said, if it came to words.
    pub(crate) message: Option<Arc<Message>>,
}

/// Why no try was made.
enum Closed {
    /// The configuration no longer has this way out.
    Removed,
    /// The row's payload cannot be read or the account does not open.
    Unusable(String),
    /// Something of ours broke.
    Failed(&'static str),
}

/// A way out, ready to be used.
struct Open {
    channel: Arc<dyn Channel>,
    message: Arc<Message>,
    /// The same with the bytes of its files.
    whole: Arc<Message>,
    /// How long the try may take.
    limit: Duration,
    /// Whether a fallback takes over at the row's deadline.
    has_fallback: bool,
}

/// Makes the try. Never fails: what goes wrong is the outcome.
pub(crate) async fn send(shared: Arc<Shared>, work: Work) -> Finished {
    let plan = shared.plan.load_full();
    let clock_start = tokio::time::Instant::now();
    if let Some(tried) = overtaken(&shared, &work).await {
        return Finished {
            tried,
            took: clock_start.elapsed(),
            message: None,
            work,
        };
    }
    // A message that makes us fail must not take its lane with it.
    let opened = AssertUnwindSafe(open(&shared, &plan, &work))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| {
            let why = "the message could not be made: a mistake in Balefire";
            Err(Closed::Failed(why))
        });
    let (tried, message) = match opened {
        Ok(open) => (attempt(&shared, &open, &work).await, Some(open.message)),
        Err(closed) => {
            let outcomes = vec![Err(closed.error(&plan)); work.rows()];
            (Tried::Outcomes(outcomes), None)
        }
    };
    Finished {
        tried,
        took: clock_start.elapsed(),
        message,
        work,
    }
}

impl Closed {
    fn error(self, plan: &Plan) -> SendError {
        match self {
            Self::Removed => SendError::new(
                ErrorKind::Unsupported,
                format!("configuration {} no longer has this way out", plan.version),
            ),
            Self::Unusable(why) => SendError::new(ErrorKind::Misconfigured, why),
            Self::Failed(why) => SendError::new(ErrorKind::Transient, why),
        }
    }
}

impl Work {
    /// The idempotency id of the call.
    fn id(&self) -> String {
        let first = self.bundles.first().and_then(|bundle| bundle.rows.first());
        first.map(|row| id_text(&row.id)).unwrap_or_default()
    }

    fn rows(&self) -> usize {
        self.bundles.first().map_or(0, |bundle| bundle.rows.len())
    }
}

/// Calls the provider, or has telephones place the call.
async fn attempt(shared: &Shared, open: &Open, work: &Work) -> Tried {
    let first = work
        .bundles
        .first()
        .and_then(|b| Some((b, b.rows.first()?)));
    if let (Some(order), Some((bundle, row))) = (open.channel.phone_order(), first) {
        let Some(recall) = &work.recall else {
            // Telephones came with a reload that the lane has not taken in yet.
            let why = "the configuration was just changed";
            let error = SendError::new(ErrorKind::Transient, why);
            return Tried::Outcomes(vec![Err(error); work.rows()]);
        };
        let dial = Dial {
            order,
            message: &open.message,
            bundle,
            row,
            attempt: work.attempt,
            deadline_at: open.has_fallback.then_some(row.deadline_at),
            recall,
        };
        return dial.run(shared).await;
    }
    match first {
        Some((bundle, row)) if matches!(bundle.content, Content::Page(_)) => {
            page(shared, open, work, (&bundle.content, row.seq)).await
        }
        _ => Tried::Outcomes(call(open, work).await),
    }
}

/// Makes the try of a page, if it is still wanted. It begins before whoever changes the incident next, or not at all.
async fn page(shared: &Shared, open: &Open, work: &Work, (content, seq): (&Content, u64)) -> Tried {
    let desk = shared.bell.desk().await;
    if let Some(why) = wanted::not_any_more(shared, content, seq).await {
        return Tried::Cancelled(why);
    }
    let mut calling = std::pin::pin!(call(open, work));
    let begun = futures_util::poll!(&mut calling);
    drop(desk);
    Tried::Outcomes(match begun {
        std::task::Poll::Ready(outcomes) => outcomes,
        std::task::Poll::Pending => calling.await,
    })
}

async fn call(open: &Open, work: &Work) -> Vec<Outcome> {
    let Some(first) = work.bundles.first() else {
        return Vec::new();
    };
    let targets: Vec<Target> = first
        .rows
        .iter()
        .map(|row| Target {
            address: Arc::clone(&row.target),
            label: Arc::clone(&row.target_label),
        })
        .collect();
    let id = work.id();
    let delivery = Delivery {
        message: &open.whole,
        targets: &targets,
        id: &id,
        attempt: work.attempt,
        now: work.started_at,
    };
    let limit = open.limit + GRACE;
    let sending = AssertUnwindSafe(open.channel.send(&delivery)).catch_unwind();
    let failed = match tokio::time::timeout(limit, sending).await {
        Ok(Ok(outcomes)) if outcomes.len() == targets.len() => return outcomes,
        Ok(Ok(outcomes)) => format!(
            "the channel gave {} outcomes for {} targets",
            outcomes.len(),
            targets.len()
        ),
        Ok(Err(_)) => "the channel failed inside".to_owned(),
        Err(_) => format!("no answer within {limit:?}"),
    };
    vec![Err(SendError::new(ErrorKind::UnknownOutcome, failed)); targets.len()]
}

/// The idempotency id as providers see it.
pub(crate) fn id_text(id: &[u8; 16]) -> String {
    use std::fmt::Write;
    id.iter().fold(String::from("bf_"), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A way that is the message's own: an account, opened with options of its own.
async fn open_own(
    shared: &Shared,
    plan: &Plan,
    (work, first): (&Work, &Bundle),
    (message, options): (&Arc<str>, &Arc<str>),
) -> Result<Open, Closed> {
    let row = first.rows.first().ok_or(Closed::Removed)?;
    let account = plan.accounts.get(&*row.account).ok_or(Closed::Removed)?;
    let options = serde_json::from_str(options).unwrap_or_default();
    let channel = (account.open)(&options).map_err(|problems| {
        Closed::Unusable(
            problems
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; "),
        )
    })?;
    let mut message = read(message)?;
    if matches!(first.content, Content::Page(_)) {
        let_answer_by_mail(
            shared,
            plan,
            (&*channel, row.seq),
            &mut message,
            work.started_at,
        );
    }
    let message = Arc::new(message);
    Ok(Open {
        limit: account.limit(&*channel),
        whole: whole(shared, &message, &*channel, work).await?,
        channel,
        message,
        has_fallback: false,
    })
}

async fn open(shared: &Shared, plan: &Plan, work: &Work) -> Result<Open, Closed> {
    let Some(first) = work.bundles.first() else {
        return Err(Closed::Unusable("nothing to send".to_owned()));
    };
    if let Some(own) = first.content.own_way() {
        return open_own(shared, plan, (work, first), own).await;
    }
    let (receiver, integration) = find(plan, first).ok_or(Closed::Removed)?;
    let reader = render::reader_of(plan, receiver, integration);
    let mut messages = Vec::with_capacity(work.bundles.len());
    for bundle in &work.bundles {
        if let Some(kept) = kept(shared, bundle) {
            messages.push(Message::clone(&kept));
            continue;
        }
        messages.push(match &bundle.content {
            Content::Group(group) => {
                group_message(
                    shared,
                    plan,
                    (group, &bundle.rows),
                    (receiver, integration),
                    &reader,
                    work.started_at,
                )
                .await
            }
            Content::Fixed { message } | Content::Direct { message, .. } => read(message)?,
            Content::Page(page) => read(&page.message)?,
        });
    }
    let ignores_ends = integration.channel.ignores_ends();
    let mut message = as_one(messages, ignores_ends, &reader)
        .ok_or_else(|| Closed::Unusable("nothing to send".to_owned()))?;
    let channel = worded::channel(
        shared,
        plan,
        (receiver, integration),
        &message,
        work.started_at,
    );
    let asks = |group: &Arc<GroupView>| !group.answer_token.is_empty();
    if message.group.as_ref().is_some_and(asks)
        && let Some(row) = first.rows.first()
    {
        let_answer_by_mail(
            shared,
            plan,
            (&*channel, row.seq),
            &mut message,
            work.started_at,
        );
    }
    let account = integration.account.as_ref();
    let account = account.and_then(|name| plan.accounts.get(&**name));
    let message = Arc::new(message);
    Ok(Open {
        limit: account.map_or_else(|| channel.timeout(), |account| account.limit(&*channel)),
        whole: whole(shared, &message, &*channel, work).await?,
        channel,
        message,
        has_fallback: receiver.fallback.is_some(),
    })
}

/// Lets whoever gets a mail answer it by another.
fn let_answer_by_mail(
    shared: &Shared,
    plan: &Plan,
    (channel, notification): (&dyn Channel, u64),
    message: &mut Message,
    now: Time,
) {
    if channel.spec().kind != "smtp" {
        return;
    }
    let Some(mailbox) = link::mailbox(plan, &shared.links, notification, now) else {
        return;
    };
    let reader = compose::Reader {
        locale: message.locale,
        zone: message.zone.clone(),
    };
    message.answering.mail = mailbox;
    // The words of a dead letter that is tried again have it.
    let words = Block::Text(reader.word("mail-reply"));
    if message.body.first() != Some(&words) {
        message.body.insert(0, words);
    }
}

/// The message with all that is made for one try: the bytes of its files, the body of its request.
async fn whole(
    shared: &Shared,
    message: &Arc<Message>,
    channel: &dyn Channel,
    work: &Work,
) -> Result<Arc<Message>, Closed> {
    let whole = enclosed(shared, message).await.map_err(Closed::Failed)?;
    let made = with_body(&shared.sandbox, whole, channel, &work.id()).await;
    made.map_err(|error| match error {
        BodyError::Busy => Closed::Failed("all template workers are busy"),
        BodyError::Template(_) => Closed::Unusable(error.to_string()),
    })
}

/// The only message, or all as one. A digest no longer says that it tells of nothing but ends, so that a way out that
/// ignores these gets one of them in its place.
fn as_one(
    mut messages: Vec<Message>,
    ignores_ends: bool,
    reader: &compose::Reader,
) -> Option<Message> {
    let is_end = |message: &Message| message.occasion == Occasion::Resolved;
    if messages.len() == 1 || (ignores_ends && messages.iter().all(is_end)) {
        return messages.pop();
    }
    (!messages.is_empty()).then(|| compose::compose_digest(&messages, reader))
}

/// The words of a dead letter that is tried again, when some of its alerts are no longer known.
fn kept(shared: &Shared, bundle: &Bundle) -> Option<Arc<Message>> {
    let kept = shared.kept.of(bundle.seq())?;
    let state = shared.state.read();
    let known = |(episode, _): &(Episode, Status)| state.episode(*episode).is_some();
    (!bundle.content.episodes().iter().all(known)).then_some(kept)
}

fn read(message: &str) -> Result<Message, Closed> {
    serde_json::from_str(message)
        .map_err(|error| Closed::Unusable(format!("the stored message cannot be read: {error}")))
}

/// The receiver's entry a bundle belongs to.
pub(crate) fn find<'a>(plan: &'a Plan, bundle: &Bundle) -> Option<(&'a Receiver, &'a Integration)> {
    let row = bundle.rows.first()?;
    let receiver = plan
        .receivers
        .iter()
        .find(|receiver| receiver.name == row.receiver)?;
    let integration = receiver
        .integrations
        .iter()
        .find(|entry| entry.key == row.integration)?;
    Some((receiver, integration))
}

async fn group_message(
    shared: &Shared,
    plan: &Plan,
    (content, rows): (&GroupContent, &[Notification]),
    (receiver, integration): (&Receiver, &Integration),
    reader: &compose::Reader,
    now: Time,
) -> Message {
    let external_url = Arc::from(plan.server.external_url.as_str());
    let mut group = {
        let state = shared.state.read();
        render::view(content, &receiver.name, &external_url, now, |e| {
            state.episode(e)
        })
    };
    link::let_answer(plan, &shared.links, &mut group, rows, now);
    let group = Arc::new(group);
    let custom = custom(shared, plan, integration, &group, reader, now).await;
    let roster;
    let on_call = if integration.mention_on_call {
        roster = shared.rosters.of(&shared.plan.load());
        roster.on_call_at(now)
    } else {
        Vec::new()
    };
    render::message(&group, integration, reader, custom, on_call)
}

/// How values are kept from becoming markup in a channel.
pub(crate) const fn escape_for(spec: &ChannelSpec) -> Escape {
    match spec.dialect {
        Dialect::Plain => Escape::None,
        Dialect::Html | Dialect::LightHtml => Escape::Html,
        Dialect::SlackMrkdwn => Escape::SlackMrkdwn,
        Dialect::DingTalkMarkdown
        | Dialect::WecomMarkdown
        | Dialect::FeishuLark
        | Dialect::ChatMarkdown
        | Dialect::TeamsMarkdown => Escape::Markdown,
    }
}

/// The operator's own words; `None` where there are none, and where theirs failed, which is said aloud.
async fn custom(
    shared: &Shared,
    plan: &Plan,
    integration: &Integration,
    group: &Arc<GroupView>,
    reader: &compose::Reader,
    now: Time,
) -> Option<Custom> {
    let name = integration.message.as_deref().unwrap_or("default");
    let template = plan.messages.get(name)?;
    let template = Template {
        title: template.title.clone(),
        text: template.text.clone(),
    };
    match shared
        .sandbox
        .render(&template, group, reader, escape_for(integration.spec))
        .await
    {
        Ok(custom) => Some(custom),
        Err(error) => {
            shared.findings.report(
                now,
                Trouble::Template,
                name,
                format!("messages.{name} failed and the plain message went out instead: {error}"),
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use balefire_core::severity::Severity;

    use super::*;

    #[test]
    fn a_digest_of_ends_alone_stays_an_end_for_a_way_out_that_ignores_them() {
        let reader = compose::Reader::default();
        let said = |occasion| Message {
            occasion,
            ..compose::compose_direct("a", "", Severity::Error, &reader)
        };
        let occasion = |messages: &[Occasion], ignores| {
            let messages = messages.iter().copied().map(said).collect();
            as_one(messages, ignores, &reader).map(|message| message.occasion)
        };
        let (fires, over) = (Occasion::Firing, Occasion::Resolved);
        assert_eq!(occasion(&[over, over], true), Some(over));
        assert_eq!(occasion(&[over, over], false), Some(Occasion::Digest));
        assert_eq!(occasion(&[over, fires], true), Some(Occasion::Digest));
        assert_eq!(occasion(&[fires], true), Some(fires));
        assert_eq!(occasion(&[], true), None);
    }
}
