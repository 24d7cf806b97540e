//! Taking in events.

use std::sync::Arc;

use super::Dispatch;
use super::group::{Group, GroupId, Members};
use super::roll::Entry;
use crate::alert::{Alert, Episode, Lifecycle};
use crate::event::{Event, Input};
use crate::fingerprint::Fingerprint;
use crate::route::RouteIdx;
use crate::silence::Silence;
use crate::time::Time;

impl Dispatch {
    /// Takes in an event of the log. Events come in the order of their numbers; one that was taken
    /// in before is ignored. An alert's times are judged at the event's own instant.
    pub fn apply(&mut self, event: &Event) {
        if event.seq <= self.cursor {
            return;
        }
        self.cursor = event.seq;
        match &event.input {
            Input::Alert { alert, .. } if alert.lifecycle == Lifecycle::Event => {
                self.take_event(alert, event.at);
            }
            Input::Alert { alert, .. } => self.take_alert(alert, event.at),
            Input::Refresh {
                fingerprint,
                ends_at,
                timeout,
            } => {
                self.take_refresh(*fingerprint, *ends_at, *timeout, event.at);
            }
            Input::Silence(json) => {
                // The log holds what we wrote; a silence of a newer release that we cannot read
                // keeps nothing quiet.
                if let Ok(silence) = serde_json::from_str::<Silence>(json) {
                    self.silences.apply(silence);
                }
            }
            // Rules come through `set_rules`, keys are the ingest's.
            Input::Configuration(_) | Input::Key { .. } => {}
        }
    }

    fn take_alert(&mut self, incoming: &Alert, at: Time) {
        let fingerprint = incoming.fingerprint();
        let fires = !incoming.resolved_at(at);
        let known = self
            .roll
            .newest
            .get_mut(&fingerprint)
            .filter(|known| !known.forgotten(at));
        let Some(known) = known else {
            self.begin(fingerprint, incoming.starts_at, incoming);
            if fires {
                self.flaps.began(fingerprint, at);
                self.enroll(
                    Episode {
                        fingerprint,
                        starts_at: incoming.starts_at,
                    },
                    at,
                );
            }
            return;
        };
        let event = known.alert.lifecycle == Lifecycle::Event;
        let over = known.alert.resolved_at(at) && incoming.starts_at >= known.alert.ends_at;
        if fires && (event || over) {
            let since = incoming.starts_at.max(next_micro(known.since));
            self.begin(fingerprint, since, incoming);
            self.flaps.began(fingerprint, at);
            self.enroll(
                Episode {
                    fingerprint,
                    starts_at: since,
                },
                at,
            );
            return;
        }
        if event {
            // A resolve closes states; an event has none.
            return;
        }
        let was_over = known.alert.resolved_at(at);
        known.alert = Arc::new((*known.alert).clone().merged(incoming.clone(), at));
        self.inhibitor.set(fingerprint, &known.alert);
        if !known.alert.resolved_at(at) {
            if was_over {
                self.flaps.began(fingerprint, at);
            }
            let episode = Episode {
                fingerprint,
                starts_at: known.since,
            };
            self.enroll(episode, at);
        }
    }

    fn take_event(&mut self, incoming: &Alert, at: Time) {
        let fingerprint = incoming.fingerprint();
        let mut since = incoming.starts_at;
        let known = self
            .roll
            .newest
            .get(&fingerprint)
            .filter(|known| !known.forgotten(at));
        if let Some(known) = known {
            if repeats(&known.alert, incoming) {
                return;
            }
            since = since.max(next_micro(known.since));
        }
        self.begin(fingerprint, since, incoming);
        self.enroll(
            Episode {
                fingerprint,
                starts_at: since,
            },
            at,
        );
    }

    /// Makes a report the newest occurrence of its alert.
    fn begin(&mut self, fingerprint: Fingerprint, since: Time, incoming: &Alert) {
        let alert = Arc::new(incoming.clone());
        self.inhibitor.set(fingerprint, &alert);
        self.roll.succeed(fingerprint, Entry::new(alert, since));
    }

    fn take_refresh(&mut self, fingerprint: Fingerprint, ends_at: Time, timeout: bool, at: Time) {
        let known = self
            .roll
            .newest
            .get_mut(&fingerprint)
            .filter(|known| !known.forgotten(at));
        // The ingest writes a refresh only of what it knows to fire.
        let Some(known) = known else { return };
        if known.alert.lifecycle == Lifecycle::Event {
            return;
        }
        let current = (*known.alert).clone();
        let incoming = Alert {
            ends_at,
            timeout,
            updated_at: at,
            ..current.clone()
        };
        if known.alert.resolved_at(at) {
            // It came too late: the alert has ended by itself meanwhile.
            self.take_alert(&incoming, at);
            return;
        }
        let merged = current.merged(incoming, at);
        match Arc::get_mut(&mut known.alert) {
            Some(alert) => *alert = merged,
            None => known.alert = Arc::new(merged),
        }
        self.inhibitor.set(fingerprint, &known.alert);
        if known.waiting {
            let episode = Episode {
                fingerprint,
                starts_at: known.since,
            };
            self.enroll(episode, at);
        }
    }

    /// Makes an episode a member of the groups its labels lead to.
    pub(super) fn enroll(&mut self, episode: Episode, at: Time) {
        let Some(entry) = self.roll.entry_mut(episode) else {
            return;
        };
        // Set again below if one of the groups still waits.
        entry.waiting = false;
        let alert = Arc::clone(&entry.alert);
        for route in self.rules.routes.matching(&alert.labels) {
            let id = self.ids.group(&self.rules.routes, route, &alert.labels);
            self.enroll_in(id, route, episode, &alert, at);
        }
    }

    /// Makes an episode a member of one group, which begins if it is not there.
    pub(super) fn enroll_in(
        &mut self,
        id: GroupId,
        route: RouteIdx,
        episode: Episode,
        alert: &Alert,
        at: Time,
    ) {
        let routes = &self.rules.routes;
        let wait = routes[route].group_wait;
        let group = self.groups.entry(id).or_insert_with(|| {
            let next = at.after(wait);
            self.timers.insert((next, id));
            Group {
                route,
                labels: routes.group_labels(route, &alert.labels),
                next,
                flushed: false,
                said: 0,
                members: Members::none(),
                ledgers: Vec::new(),
            }
        });
        if !group.flushed && alert.starts_at.after(wait) < at && at < group.next {
            self.timers.remove(&(group.next, id));
            group.next = at;
            self.timers.insert((at, id));
        }
        let waiting = !group.flushed;
        if group.members.insert(episode) {
            if alert.lifecycle != Lifecycle::Event && group.members.len() > 1 {
                self.supersede(id, episode);
            }
            self.roll.joined(episode, waiting);
        } else if waiting && let Some(entry) = self.roll.entry_mut(episode) {
            entry.waiting = true;
        }
    }

    /// Takes the earlier occurrences of an alert out of a group.
    fn supersede(&mut self, id: GroupId, by: Episode) {
        let Some(group) = self.groups.get_mut(&id) else {
            return;
        };
        for old in group.members.of(by.fingerprint) {
            let state = |e: &Entry| e.alert.lifecycle != Lifecycle::Event;
            if old != by && self.roll.entry(old).is_none_or(state) {
                group.members.remove(old);
                self.roll.left(old);
            }
        }
    }
}

/// Whether an event is the same one sent again.
fn repeats(known: &Alert, incoming: &Alert) -> bool {
    known.lifecycle == Lifecycle::Event
        && known.starts_at == incoming.starts_at
        && known.annotations == incoming.annotations
        && known.generator_url == incoming.generator_url
}

/// The start of an occurrence that follows one in the same microsecond.
fn next_micro(time: Time) -> Time {
    Time::from_micros(time.micros().saturating_add(1))
}
