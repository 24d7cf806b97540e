//! A group as it stands now, and its incident where somebody does something about it before it was told for the first time.

use std::sync::Arc;

use balefire_core::dispatch::{GroupId, GroupRef};
use balefire_core::incident::Change;
use balefire_core::label::Labels;
use balefire_core::message::{GroupView, Mentions, Status};
use balefire_core::time::Time;
use balefire_store::{Opened, StoreError};
use balefire_template::compose;

use super::Engine;
use crate::delivery::change::{self, GroupDraft};
use crate::delivery::content::GroupContent;
use crate::delivery::render;
use crate::escalator::reader;

impl Engine {
    /// The groups of an alert that an escalation looks after once they are told, with its name.
    pub(super) fn escalated_groups_of(&self, labels: &Labels) -> Vec<(u64, Arc<str>)> {
        let plan = self.plan();
        let state = self.state();
        let escalation = |group: GroupRef<'_>| {
            let name = &group.route().receiver;
            let receiver = plan.receivers.iter().find(|one| one.name == *name)?;
            Some((group.id().0, receiver.escalation.clone()?))
        };
        let groups = state.groups_of(labels).into_iter();
        groups.filter_map(escalation).collect()
    }

    /// Opens the incident of a group that has none, and does to it what `then` says in the same moment; an escalation of
    /// the name looks after it from then on. One that is there stays as it is.
    pub(super) async fn open_for(
        &self,
        group: u64,
        view: &Arc<GroupView>,
        actor: &str,
        then: &[Change],
        policy: Option<Arc<str>>,
    ) -> Result<Opened, StoreError> {
        let reader = reader(&self.plan().server.reader);
        let title = compose::compose(view, &reader, Mentions::default(), None).title;
        let started_at = began(view).unwrap_or_else(|| self.now());
        let draft = GroupDraft {
            group,
            mark: started_at.secs().to_string(),
            severity: view.severity(),
            title: &title,
            started_at,
            actor,
            then,
        };
        change::of_group(&self.inner.shared, &draft, policy).await
    }

    /// A group's alerts that fire, as they stand; `None` when there are none.
    pub(super) fn group_now(&self, group: u64) -> Option<Arc<GroupView>> {
        let (now, plan) = (self.now(), self.plan());
        let state = self.state();
        let found = state.group(GroupId(group))?;
        let fires = found.alerts().filter(|(_, alert)| !alert.resolved_at(now));
        let episodes: Vec<_> = fires
            .map(|(episode, _)| (episode, Status::Firing))
            .collect();
        if episodes.is_empty() {
            return None;
        }
        let route = found.route();
        let content = GroupContent {
            group,
            route_key: Arc::clone(&route.key),
            group_labels: found.labels().clone(),
            reason: "".into(),
            episodes,
            untold: Vec::new(),
            origin: None,
        };
        let external_url = Arc::from(plan.server.external_url.as_str());
        let view = render::view(&content, &route.receiver, &external_url, now, |episode| {
            state.episode(episode)
        });
        Some(Arc::new(view))
    }
}

/// Since when a group's alerts fire.
pub(super) fn began(view: &GroupView) -> Option<Time> {
    let firing = view.with_status(Status::Firing);
    firing.map(|alert| alert.starts_at).min()
}
