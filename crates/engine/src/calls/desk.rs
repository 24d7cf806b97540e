//! The switchboard with those who wait for the ends of calls.

use std::sync::Arc;
use std::time::Duration;

use balefire_config::legacy::Autocall;
use balefire_core::alert::{Episode, Lifecycle};
use balefire_core::call::{Round, Rules, Serve, Switchboard, Wanted};
use balefire_core::dispatch::Dispatch;
use balefire_core::message::Status;
use balefire_core::time::Time;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::{Agent, End, Entered, Subject};
use crate::clock::ClockWatch;

/// That a telephone asked is written down once in so long.
const WRITTEN_EVERY: Duration = Duration::from_mins(1);
/// The lease while nothing is configured; then no call is placed either.
const LEASE: Duration = Duration::from_secs(90);
/// Telephones of which is known when they were written down last.
const REMEMBERED: usize = 256;

/// The calls under way.
pub(crate) struct Calls(Mutex<Desk>);

struct Desk {
    board: Switchboard,
    waiting: FxHashMap<Arc<str>, Waiting>,
    watch: ClockWatch,
    written: FxHashMap<Arc<str>, Time>,
}

/// A try that waits for its call's end.
struct Waiting {
    end: oneshot::Sender<End>,
    subject: Subject,
}

impl Calls {
    pub(crate) fn new(now: Time) -> Self {
        Self(Mutex::new(Desk {
            board: Switchboard::new(Rules::of(LEASE)),
            waiting: FxHashMap::default(),
            watch: ClockWatch::new(now),
            written: FxHashMap::default(),
        }))
    }

    /// A try begins to wait for a call's end; no telephone is told of it yet.
    pub(crate) fn enter(&self, id: &Arc<str>, subject: Subject) -> Entered<'_> {
        let (end, ended) = oneshot::channel();
        let waiting = Waiting { end, subject };
        self.0.lock().waiting.insert(Arc::clone(id), waiting);
        Entered {
            calls: self,
            id: Arc::clone(id),
            end: ended,
        }
    }

    /// The call is there for telephones.
    pub(crate) fn place(&self, wanted: Wanted, now: Time) -> bool {
        let mut desk = self.0.lock();
        desk.look_at_clock(now);
        desk.board.place(wanted, now)
    }

    pub(super) fn leave(&self, id: &str) {
        let mut desk = self.0.lock();
        desk.waiting.remove(id);
        desk.board.withdraw(id);
    }

    /// The call this telephone is to work on. Calls whose alerts are over end here: nobody is rung for them.
    pub(crate) fn poll(
        &self,
        agent: &Agent,
        service: &Autocall,
        state: &Dispatch,
        now: Time,
    ) -> Option<Serve> {
        let mut desk = self.0.lock();
        desk.look_at_clock(now);
        desk.board.set_rules(Rules::of(service.lease));
        loop {
            let serve = desk.board.poll(&agent.name, now)?;
            let subject = desk.waiting.get(&serve.id).map(|waiting| &waiting.subject);
            if !subject.is_some_and(|subject| is_over(subject, state, now)) {
                return Some(serve);
            }
            desk.end(&serve.id, End::AlertsOver);
        }
    }

    /// Whether it is time to write down that this telephone asked.
    pub(crate) fn is_to_be_written(&self, agent: &Agent, now: Time) -> bool {
        let mut desk = self.0.lock();
        let lately = |at: &Time| *at <= now && now < at.after(WRITTEN_EVERY);
        if desk.written.get(&agent.name).is_some_and(lately) {
            return false;
        }
        if desk.written.len() >= REMEMBERED {
            desk.written.retain(|_, at| lately(at));
        }
        let has_room = desk.written.len() < REMEMBERED;
        if has_room {
            desk.written.insert(Arc::clone(&agent.name), now);
        }
        has_room
    }

    /// Takes a call that was answered from the telephones; its number as it stands on the list.
    pub(crate) fn answered(&self, id: &str, number: &str) -> Option<Arc<str>> {
        self.0.lock().board.answered(id, number)
    }

    /// A telephone has come to the end of a list.
    pub(crate) fn unanswered(&self, id: &str, agent: &Agent, now: Time) -> Round {
        let mut desk = self.0.lock();
        desk.look_at_clock(now);
        desk.board.unanswered(id, &agent.name, now)
    }

    /// Tells the try that waits for it that a call has ended; whether one does.
    pub(crate) fn end(&self, id: &str, end: End) -> bool {
        self.0.lock().end(id, end)
    }

    /// The same for all calls of a group: what an acknowledgement does.
    pub(crate) fn end_group(&self, group: u64, end: &End) -> usize {
        let mut desk = self.0.lock();
        let of_group = desk.waiting.iter();
        let of_group = of_group.filter(|(_, waiting)| waiting.subject.group == group);
        let ids: Vec<Arc<str>> = of_group.map(|(id, _)| Arc::clone(id)).collect();
        let ended = ids.iter().filter(|id| desk.end(id, end.clone()));
        ended.count()
    }

    /// Ends the calls that were kept as long as calls are.
    pub(crate) fn expire(&self, now: Time) {
        let mut desk = self.0.lock();
        desk.look_at_clock(now);
        for id in desk.board.due(now) {
            desk.end(&id, End::TooOld);
        }
    }

    /// The telephone that is on a call.
    pub(crate) fn agent_on(&self, id: &str, now: Time) -> Option<Arc<str>> {
        self.0.lock().board.agent_on(id, now).map(Arc::clone)
    }

    /// How long calls have waited with no telephone asking, once that is too long.
    pub(crate) fn silent(&self, now: Time) -> Option<Duration> {
        let mut desk = self.0.lock();
        desk.look_at_clock(now);
        desk.board.silent(now)
    }

    /// How many calls wait for telephones or are placed.
    pub(crate) fn count(&self) -> usize {
        self.0.lock().board.len()
    }
}

impl Desk {
    fn look_at_clock(&mut self, now: Time) {
        if let Some(set_back) = self.watch.look(now) {
            self.board.set_back(set_back.by);
        }
    }

    fn end(&mut self, id: &str, end: End) -> bool {
        self.board.withdraw(id);
        let waiting = self.waiting.remove(id);
        // The try may be going away itself.
        waiting.is_some_and(|waiting| waiting.end.send(end).is_ok())
    }
}

/// Whether nothing that a call is about is still the case. What is told once has no end.
fn is_over(subject: &Subject, state: &Dispatch, now: Time) -> bool {
    let over = |(episode, decided): &(Episode, Status)| match state.episode(*episode) {
        None => *decided == Status::Resolved,
        Some(alert) => alert.lifecycle != Lifecycle::Event && alert.resolved_at(now),
    };
    !subject.episodes.is_empty() && subject.episodes.iter().all(over)
}
