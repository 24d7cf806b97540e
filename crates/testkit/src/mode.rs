//! How a simulated provider misbehaves, and for how many calls.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// What a provider does with a call instead of answering it well.
///
/// The modes down to [`Mode::Redirect`] refuse: the message is not shown to anybody. The modes after
/// it accept the message like a healthy provider (all checks apply) and spoil the reply, which is the
/// case in which a sender cannot know the outcome.
///
/// In JSON: `{"mode":"rate_limited","args":30}`, `{"mode":"status","args":[503,[["retry-after","2"]],"busy"]}`,
/// `{"mode":"drip","args":{"bytes_per_sec":1}}`, `{"mode":"hang"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", content = "args", rename_all = "snake_case")]
pub enum Mode {
    /// Answers as the provider does.
    Ok,
    /// The provider's own error form with this code and text (errcode in a 200 for DingTalk and
    /// WeCom, `code` for Feishu, `error` for Slack).
    ErrCode(i64, String),
    /// This HTTP status, with headers and body.
    Status(u16, Vec<(String, String)>, String),
    /// The provider's own "too fast" reply; the number of seconds goes into `Retry-After` where the
    /// provider has that header.
    RateLimited(u64),
    /// The provider's own "credential expired" reply; tokens issued so far stop working.
    ExpiredToken,
    /// Closes the connection with a reset after the request's head, without reading its body.
    ResetBeforeReply,
    /// 302 to this address.
    Redirect(String),
    /// Reads the request and never answers.
    Hang,
    /// Answers so many bytes of the body a second.
    Drip {
        /// Bytes a second, at least 1.
        bytes_per_sec: u32,
    },
    /// Reads the request, then closes the connection with a reset.
    ResetAfterBody,
    /// Promises the whole reply, sends half of it and closes.
    HalfReply,
    /// Sends white space before the reply for ever.
    EndlessBody,
    /// Sends 64 MiB of white space before the reply, with a content length.
    HugeBody,
}

/// How many bytes of white space [`Mode::HugeBody`] sends.
pub const HUGE_BODY_BYTES: usize = 64 << 20;

/// The misbehaviour that is planned, in order; all is well once it is used up.
#[derive(Debug)]
pub(crate) struct Script<M> {
    steps: VecDeque<Step<M>>,
}

#[derive(Debug)]
struct Step<M> {
    mode: M,
    /// `None`: until the script is cleared.
    left: Option<u32>,
}

impl<M> Default for Script<M> {
    fn default() -> Self {
        Self {
            steps: VecDeque::new(),
        }
    }
}

impl<M: Clone> Script<M> {
    /// Adds `mode` for `times` times after what is already planned; `None` means for good.
    pub(crate) fn add(&mut self, mode: M, times: Option<u32>) {
        if times != Some(0) {
            self.steps.push_back(Step { mode, left: times });
        }
    }

    /// Forgets the plan.
    pub(crate) fn clear(&mut self) {
        self.steps.clear();
    }

    /// What is planned for now.
    pub(crate) fn next(&mut self) -> Option<M> {
        self.next_if(|_| true)
    }

    /// What is planned for now, if it is `due`; otherwise it stays planned.
    pub(crate) fn next_if(&mut self, due: impl Fn(&M) -> bool) -> Option<M> {
        let step = self.steps.front_mut().filter(|step| due(&step.mode))?;
        let mode = step.mode.clone();
        if let Some(left) = &mut step.left {
            *left -= 1;
            if *left == 0 {
                self.steps.pop_front();
            }
        }
        Some(mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_played_in_order_and_then_all_is_well() {
        let mut script = Script::default();
        script.add(Mode::Hang, Some(2));
        script.add(Mode::HalfReply, Some(0));
        script.add(Mode::RateLimited(3), Some(1));
        let played: Vec<Option<Mode>> = (0..4).map(|_| script.next()).collect();
        let limited = Mode::RateLimited(3);
        assert_eq!(
            played,
            [Some(Mode::Hang), Some(Mode::Hang), Some(limited), None]
        );
        script.add(Mode::Hang, None);
        assert!((0..50).all(|_| script.next() == Some(Mode::Hang)));
        assert_eq!(script.next_if(|mode| *mode == Mode::Ok), None);
        script.clear();
        assert_eq!(script.next(), None);
    }

    #[test]
    fn modes_are_read_from_the_json_of_the_control_endpoint() {
        let read = |text: &str| serde_json::from_str::<Mode>(text).expect("a mode");
        assert_eq!(read(r#"{"mode":"hang"}"#), Mode::Hang);
        assert_eq!(
            read(r#"{"mode":"rate_limited","args":30}"#),
            Mode::RateLimited(30)
        );
        assert_eq!(
            read(r#"{"mode":"err_code","args":[-1,"busy"]}"#),
            Mode::ErrCode(-1, "busy".into())
        );
        assert_eq!(
            read(r#"{"mode":"drip","args":{"bytes_per_sec":2}}"#),
            Mode::Drip { bytes_per_sec: 2 }
        );
        assert_eq!(
            read(r#"{"mode":"status","args":[503,[["retry-after","2"]],"busy"]}"#),
            Mode::Status(503, vec![("retry-after".into(), "2".into())], "busy".into())
        );
    }
}
