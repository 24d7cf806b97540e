//! Incidents of groups: opened and ended by what the groups' flushes say.

use std::sync::Arc;

use balefire_core::incident::{Change, Field};
use balefire_store::{GroupWord, StoreError};

use crate::delivery::change::{self, GroupDraft};
use crate::delivery::shared::Shared;

/// Words that are read at a time.
const AT_ONCE: usize = 64;
/// Who opens incidents and ends them in their timelines.
pub(crate) const ACTOR: &str = change::ALERTS;

/// Does what groups have said; whether there is more of it. A word that was done and not struck out is done again, which
/// changes nothing.
pub(super) async fn words(shared: &Shared) -> Result<bool, StoreError> {
    let words = shared.store.group_words(AT_ONCE).await?;
    for word in &words {
        if word.is_over {
            change::resolve_group(shared, word.group, ACTOR).await?;
        } else {
            open(shared, word).await?;
        }
        shared.store.writer().word_done(word).await?;
    }
    Ok(words.len() == AT_ONCE)
}

async fn open(shared: &Shared, word: &GroupWord) -> Result<(), StoreError> {
    let draft = GroupDraft {
        group: word.group,
        mark: format!("flush-{}", word.ordinal),
        severity: word.severity,
        title: &word.title,
        started_at: word.started_at,
        actor: ACTOR,
        then: &[],
    };
    let policy = Some(Arc::clone(&word.policy));
    let opened = change::of_group(shared, &draft, policy).await?;
    if !opened.is_new && opened.incident.severity < word.severity {
        let worse = Change::Edit(vec![Field::Severity(word.severity)]);
        change::change_it(shared, opened.incident.id, worse, ACTOR).await?;
    }
    Ok(())
}
