//! The sentence that comes first.

use std::sync::Arc;
use std::time::Duration;

use super::facts::{Duty, SilenceFact};
use super::ladder::{Line, Place, joined};
use crate::fingerprint::Fingerprint;
use crate::time::Time;

/// What an explanation comes to. The first ten are about an alert, the others about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the fields are what their names say; a line says each of them"
)]
pub enum Verdict {
    /// It never came; so many requests were turned away about then.
    NeverArrived { refused: usize },
    /// Its group has not been looked at yet.
    NotDecided,
    /// A silence keeps it quiet.
    Silenced {
        id: Arc<str>,
        silence: Option<SilenceFact>,
    },
    /// Another alert inhibits it.
    Inhibited { by: Fingerprint },
    /// Time intervals keep its group quiet.
    Muted { by: Vec<Arc<str>> },
    /// It was over before the quiet ended.
    OverInQuiet,
    /// It comes and goes.
    Flapping { since: Time },
    /// A receiver has it.
    Told { receiver: Arc<str>, at: Time },
    /// It is on its way to a receiver.
    Sending { receiver: Arc<str> },
    /// It waits to be told to a receiver.
    Waiting { receiver: Arc<str>, why: Arc<str> },
    /// A receiver could not be told.
    Undelivered { receiver: Arc<str>, why: Arc<str> },
    /// Nothing had to be told to anybody.
    NobodyToTell { receivers: Vec<Arc<str>> },
    /// They have it, and perhaps they have answered.
    Reached {
        by: Arc<str>,
        at: Time,
        answered: Option<Time>,
    },
    /// It is on its way to them.
    BeingSent { by: Arc<str>, since: Time },
    /// It was taken back before it reached them.
    TakenBack {
        by: Arc<str>,
        at: Time,
        why: Arc<str>,
    },
    /// It did not reach them.
    Failed { by: Arc<str>, why: Arc<str> },
    /// Their quiet hours put it off.
    Quiet { until: Time },
    /// They were paged very often just then, and are told with their next digest.
    Held { until: Time },
    /// There is no way to page them.
    Unreachable,
    /// The step that names them was passed over.
    StepPassed { step: usize, why: Arc<str> },
    /// Somebody else had it before their turn came; so long before, when that is known.
    AnsweredFirst {
        who: Arc<str>,
        at: Time,
        early: Option<Duration>,
    },
    /// It was over before their turn came.
    OverFirst { at: Time },
    /// Their turn comes later.
    NotYet { policy: Arc<str>, step: usize },
    /// Their step paged others, or contacts them later.
    OthersTurn { step: usize },
    /// Others were on call.
    NotOnCall { duty: Duty },
    /// The escalation does not name them.
    NotInEscalation { policy: Arc<str> },
    /// It went to receivers that page nobody.
    RoutedElsewhere { receivers: Vec<Arc<str>> },
}

impl Verdict {
    /// How far they were from being paged; of several incidents the nearest counts.
    pub(super) fn distance(&self) -> u8 {
        match self {
            Self::Quiet { .. } | Self::Held { .. } => 0,
            Self::Unreachable => 1,
            Self::StepPassed { .. } => 2,
            Self::OthersTurn { .. } => 3,
            Self::AnsweredFirst { .. } => 4,
            Self::OverFirst { .. } => 5,
            Self::NotYet { .. } => 6,
            Self::NotOnCall { .. } => 7,
            Self::NotInEscalation { .. } => 8,
            _ => 9,
        }
    }

    /// The word in the API.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NeverArrived { .. } => "never_arrived",
            Self::NotDecided => "not_decided",
            Self::Silenced { .. } => "silenced",
            Self::Inhibited { .. } => "inhibited",
            Self::Muted { .. } => "muted",
            Self::OverInQuiet => "over_in_quiet",
            Self::Flapping { .. } => "flapping",
            Self::Told { .. } => "told",
            Self::Sending { .. } => "sending",
            Self::Waiting { .. } => "waiting",
            Self::Undelivered { .. } => "undelivered",
            Self::NobodyToTell { .. } => "nobody_to_tell",
            Self::Reached { .. } => "reached",
            Self::BeingSent { .. } => "being_sent",
            Self::TakenBack { .. } => "taken_back",
            Self::Failed { .. } => "failed",
            Self::Quiet { .. } => "quiet_hours",
            Self::Held { .. } => "held",
            Self::Unreachable => "unreachable",
            Self::StepPassed { .. } => "step_passed",
            Self::AnsweredFirst { .. } => "answered_first",
            Self::OverFirst { .. } => "over_first",
            Self::NotYet { .. } => "not_yet",
            Self::OthersTurn { .. } => "others_turn",
            Self::NotOnCall { .. } => "not_on_call",
            Self::NotInEscalation { .. } => "not_in_escalation",
            Self::RoutedElsewhere { .. } => "routed_elsewhere",
        }
    }

    /// The sentence.
    pub fn line(&self) -> Line {
        let line = Line::new;
        let text = |text: &Arc<str>| Place::Text(Arc::clone(text));
        match self {
            Self::NeverArrived { refused } => {
                line("why-never-arrived").with("count", Place::Count(*refused))
            }
            Self::NotDecided => line("why-not-decided"),
            Self::Silenced { id, silence: None } => line("why-silenced-by").with("id", text(id)),
            Self::Silenced {
                silence: Some(silence),
                ..
            } => silenced(silence),
            Self::Inhibited { by } => {
                line("why-inhibited").with("by", Place::Text(by.to_string().into()))
            }
            Self::Muted { by } => line("why-muted").with("by", joined(by)),
            Self::OverInQuiet => line("why-over-in-quiet"),
            Self::Flapping { since } => line("why-flapping").with("since", Place::Time(*since)),
            Self::Told { receiver, at } => line("why-told")
                .with("receiver", text(receiver))
                .with("at", Place::Time(*at)),
            Self::Sending { receiver } => line("why-sending").with("receiver", text(receiver)),
            Self::Waiting { receiver, why } => line("why-waiting")
                .with("receiver", text(receiver))
                .with("why", text(why)),
            Self::Undelivered { receiver, why } => line("why-undelivered")
                .with("receiver", text(receiver))
                .with("why", text(why)),
            Self::NobodyToTell { receivers } => {
                line("why-nobody-to-tell").with("receivers", joined(receivers))
            }
            other => other.personal(),
        }
    }

    /// The sentence of one about a person.
    fn personal(&self) -> Line {
        let line = Line::new;
        let text = |text: &Arc<str>| Place::Text(Arc::clone(text));
        match self {
            Self::Reached { by, at, answered } => {
                let key = answered.map_or("why-reached", |_| "why-reached-answered");
                let reached = line(key).with("by", text(by)).with("at", Place::Time(*at));
                answered.map_or(reached.clone(), |when| {
                    reached.with("answered", Place::Time(when))
                })
            }
            Self::BeingSent { by, since } => line("why-being-sent")
                .with("by", text(by))
                .with("since", Place::Time(*since)),
            Self::TakenBack { by, at, why } => line("why-taken-back")
                .with("by", text(by))
                .with("at", Place::Time(*at))
                .with("why", text(why)),
            Self::Failed { by, why } => line("why-failed")
                .with("by", text(by))
                .with("why", text(why)),
            Self::Quiet { until } => line("why-quiet").with("until", Place::Time(*until)),
            Self::Held { until } => line("why-held").with("until", Place::Time(*until)),
            Self::StepPassed { step, why } => line("why-step-passed")
                .with("step", Place::Count(*step))
                .with("why", text(why)),
            Self::AnsweredFirst { who, at, early } => {
                let key = early.map_or("why-answered-first", |_| "why-answered-early");
                let first = line(key)
                    .with("who", text(who))
                    .with("at", Place::Time(*at));
                early.map_or(first.clone(), |early| {
                    first.with("early", Place::Span(early))
                })
            }
            Self::OverFirst { at } => line("why-over-first").with("at", Place::Time(*at)),
            Self::NotYet { policy, step } => line("why-not-yet")
                .with("policy", text(policy))
                .with("step", Place::Count(*step)),
            Self::OthersTurn { step } => line("why-others-turn").with("step", Place::Count(*step)),
            Self::NotOnCall { duty } => not_on_call(duty),
            Self::NotInEscalation { policy } => {
                line("why-not-in-escalation").with("policy", text(policy))
            }
            Self::RoutedElsewhere { receivers } => {
                line("why-routed-elsewhere").with("receivers", joined(receivers))
            }
            _ => line("why-unreachable"),
        }
    }
}

fn silenced(silence: &SilenceFact) -> Line {
    Line::new("why-silenced")
        .with("id", Place::Text(Arc::clone(&silence.id)))
        .with("matches", Place::Text(Arc::clone(&silence.matches)))
        .with("by", Place::Text(Arc::clone(&silence.by)))
        .with("comment", Place::Text(Arc::clone(&silence.comment)))
        .with("until", Place::Time(silence.until))
}

fn not_on_call(duty: &Duty) -> Line {
    let key = match (duty.who.is_empty(), duty.overrides.is_empty(), &duty.layer) {
        (true, ..) => "why-nobody-on-call",
        (_, false, _) => "why-not-on-call-override",
        (_, _, None) => "why-not-on-call-plain",
        _ => "why-not-on-call",
    };
    let layer = duty.layer.clone().unwrap_or_else(|| "".into());
    Line::new(key)
        .with("schedule", Place::Text(Arc::clone(&duty.schedule)))
        .with("who", joined(&duty.who))
        .with("layer", Place::Text(layer))
        .with("overrides", joined(&duty.overrides))
        .with("at", Place::Time(duty.at))
}
