//! Asks providers what became of what they took, where they say it only when asked: DingTalk's work notices.
//!
//! When a question is due stands in the store, so that a restart loses none. Of what is asked, only what is not known yet counts:
//! a question ends when the provider has said its last word of everybody, and after the last of [`AFTER`] in any case.

use std::sync::Arc;
use std::time::Duration;

use balefire_channels::callback::Report;
use balefire_channels::channel::{Channel, Fate, Question, Target};
use balefire_channels::error::SendError;
use balefire_store::{Inquiry, Notification, StoreError};
use futures_util::stream::{self, StreamExt as _};

use crate::engine::Engine;
use crate::inquiry::AFTER;

/// How often it is looked for questions whose time has come.
const EVERY: Duration = Duration::from_secs(5);
/// Questions of one look.
const AT_MOST: usize = 100;
/// Questions under way at once.
const AT_ONCE: usize = 4;
/// A question that is under way, or got no answer, is asked again after this time.
const AGAIN: Duration = Duration::from_mins(1);
/// For so long after a message a question that gets no answer is asked again.
const GIVE_UP: Duration = Duration::from_hours(2);

pub(crate) async fn run(engine: Engine) {
    if engine.is_shadow() {
        return;
    }
    loop {
        let looked = tokio::select! {
            () = engine.stopping().cancelled() => return,
            looked = look(&engine) => looked,
        };
        if let Err(error) = looked {
            tracing::warn!(%error, "what is to be asked of providers could not be read, the next look makes up for it");
        }
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Asks all questions whose time has come.
async fn look(engine: &Engine) -> Result<(), StoreError> {
    let due = engine.store().due_inquiries(engine.now(), AT_MOST).await?;
    let mut asked = stream::iter(due.into_iter().map(|inquiry| ask(engine.clone(), inquiry)))
        .buffer_unordered(AT_ONCE);
    let mut failed = Ok(());
    while let Some(one) = asked.next().await {
        failed = failed.and(one);
    }
    failed
}

/// Asks one question, unless somebody else does, and says when it is asked next.
async fn ask(engine: Engine, inquiry: Inquiry) -> Result<(), StoreError> {
    let writer = engine.store().writer();
    let under_way = engine.now().after(AGAIN);
    let is_ours = writer.go_on_with_inquiry(&inquiry, inquiry.asked, under_way);
    if !is_ours.await? {
        return Ok(());
    }
    let inquiry = Inquiry {
        next_at: under_way,
        ..inquiry
    };
    let rows = rows_of(&engine, &inquiry).await?;
    if rows.is_empty() {
        // The try did not count, or its notification was pruned.
        return writer.drop_inquiry(&inquiry).await;
    }
    let fates = match answer(&engine, &inquiry, &rows).await {
        Ok(fates) => fates,
        Err(error) => return unanswered(&engine, &inquiry, &error).await,
    };
    let is_done = fates
        .iter()
        .all(|fate| fate.as_ref().is_some_and(|fate| fate.is_last));
    for (row, fate) in rows.into_iter().zip(fates) {
        if let Some(fate) = fate {
            let report = Report {
                provider_id: inquiry.provider_id.to_string(),
                phone: String::new(),
                said: fate.said,
                detail: fate.detail,
            };
            engine.hear_of(row, &report).await?;
        }
    }
    let asked = inquiry.asked + 1;
    match AFTER.get(asked as usize) {
        Some(after) if !is_done => {
            let next_at = inquiry.sent_at.after(*after).max(engine.now());
            writer
                .go_on_with_inquiry(&inquiry, asked, next_at)
                .await
                .map(drop)
        }
        _ => writer.drop_inquiry(&inquiry).await,
    }
}

/// The notifications that went out under the provider's id.
async fn rows_of(engine: &Engine, inquiry: &Inquiry) -> Result<Vec<Notification>, StoreError> {
    let store = engine.store();
    let mut rows = Vec::new();
    for seq in store
        .awaiting(&inquiry.account, &inquiry.provider_id)
        .await?
    {
        rows.extend(store.notification(seq).await?);
    }
    Ok(rows)
}

/// What the provider says, one answer for each row.
async fn answer(
    engine: &Engine,
    inquiry: &Inquiry,
    rows: &[Notification],
) -> Result<Vec<Option<Fate>>, String> {
    let plan = engine.plan();
    let account = plan.accounts.get(&*inquiry.account);
    let account = account.ok_or("the account is not configured any more")?;
    let place = serde_json::from_str(&inquiry.place).map_err(|error| error.to_string())?;
    let channel: Arc<dyn Channel> = (account.open)(&place).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        problems.join("; ")
    })?;
    let targets: Vec<Target> = rows
        .iter()
        .map(|row| Target {
            address: Arc::clone(&row.target),
            label: Arc::clone(&row.target_label),
        })
        .collect();
    let question = Question {
        provider_id: &inquiry.provider_id,
        targets: &targets,
        now: engine.now(),
    };
    let limit = account.limit(&*channel);
    let fates = tokio::time::timeout(limit, channel.inquire(&question)).await;
    let fates = fates.map_err(|_| format!("no answer within {limit:?}"))?;
    let fates = fates.map_err(|error: SendError| error.to_string())?;
    if fates.len() == rows.len() {
        Ok(fates)
    } else {
        Err(format!(
            "{} answers for {} targets",
            fates.len(),
            rows.len()
        ))
    }
}

/// The question stays for another try, as it was left when this one began; not for ever.
async fn unanswered(engine: &Engine, inquiry: &Inquiry, error: &str) -> Result<(), StoreError> {
    let (account, id) = (&*inquiry.account, &*inquiry.provider_id);
    if engine.now() < inquiry.sent_at.after(GIVE_UP) {
        tracing::debug!(
            account,
            id,
            error,
            "what became of a message could not be asked, it is asked again"
        );
        return Ok(());
    }
    tracing::warn!(
        account,
        id,
        error,
        "what became of a message could not be asked, and is not asked any more"
    );
    engine.store().writer().drop_inquiry(inquiry).await
}
