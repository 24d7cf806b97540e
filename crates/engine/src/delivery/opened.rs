//! A way out, ready to be used: the channel, and the words for it.

use std::sync::Arc;
use std::time::Duration;

use balefire_channels::channel::Channel;
use balefire_channels::email;
use balefire_channels::error::{ErrorKind, SendError};
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

use super::body::{BodyError, with_body};
use super::bundle::Bundle;
use super::content::{Content, GroupContent};
use super::enclosed::enclosed;
use super::pictures::with_pictures;
use super::render;
use super::send::Work;
use super::shared::Shared;
use super::worded;
use crate::link;
use crate::meta::Trouble;

/// Why no try was made.
pub(super) enum Closed {
    /// The configuration no longer has this way out.
    Removed,
    /// The row's payload cannot be read or the account does not open.
    Unusable(String),
    /// Something of ours broke.
    Failed(&'static str),
}

/// A way out, ready to be used.
pub(super) struct Open {
    pub(super) channel: Arc<dyn Channel>,
    pub(super) message: Arc<Message>,
    /// The same with the bytes of its files.
    pub(super) whole: Arc<Message>,
    /// How long the try may take.
    pub(super) limit: Duration,
    /// Whether a fallback takes over at the row's deadline.
    pub(super) has_fallback: bool,
}

impl Closed {
    pub(super) fn error(self, plan: &Plan) -> SendError {
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

/// Opens the way out of a try and makes its words.
pub(super) async fn open(shared: &Shared, plan: &Plan, work: &Work) -> Result<Open, Closed> {
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
            Content::Verify(call) => read(&call.message)?,
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
        limit: account.map_or_else(
            || channel.timeout() + channel.time_for_pictures(),
            |account| account.limit(&*channel),
        ),
        whole: whole((shared, plan), &message, &*channel, work).await?,
        channel,
        message,
        has_fallback: receiver.fallback.is_some(),
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
        whole: whole((shared, plan), &message, &*channel, work).await?,
        channel,
        message,
        has_fallback: false,
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
    if channel.spec().kind != email::SPEC.kind {
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

/// The message with all that is made for one try: the bytes of its files, its pictures, the body of its request.
async fn whole(
    (shared, plan): (&Shared, &Plan),
    message: &Arc<Message>,
    channel: &dyn Channel,
    work: &Work,
) -> Result<Arc<Message>, Closed> {
    let whole = enclosed(shared, message).await.map_err(Closed::Failed)?;
    let whole = with_pictures(plan, whole, channel).await;
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
    let only = match rows {
        [only] => Some(&*only.target),
        _ => None,
    };
    link::let_answer(plan, &shared.links, &mut group, (content.group, only), now);
    worded(shared, plan, Arc::new(group), integration, reader, now).await
}

/// A group as it stands, in words: the operator's own where there are some.
pub(super) async fn worded(
    shared: &Shared,
    plan: &Plan,
    group: Arc<GroupView>,
    integration: &Integration,
    reader: &compose::Reader,
    now: Time,
) -> Message {
    let custom = custom(shared, plan, integration, &group, reader, now).await;
    let roster;
    let on_call = if integration.mention_on_call {
        roster = shared.rosters.of(&shared.plan.load());
        roster.on_call_at(now)
    } else {
        Vec::new()
    };
    render::message(&group, integration, reader, custom, &plan.people, on_call)
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
