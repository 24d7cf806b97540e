//! The group robot: `POST /cgi-bin/webhook/send?key=…` and its upload.

use std::collections::BTreeMap;
use std::time::Duration;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::Value;

use super::media::Media;
use super::message::{self, Sender};
use super::{Refusal, answer, body, common_fault, refuse};
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::Window;

/// The key of the robot that is there from the start.
pub const DEFAULT_KEY: &str = "693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa";
/// Messages of one robot in a minute; one more is refused with 45009.
pub const MESSAGES_PER_MINUTE: usize = 20;

/// The simulated robot service.
#[derive(Debug)]
pub struct WeComRobot {
    site: Site,
    minutes: Mutex<BTreeMap<String, Window>>,
    media: Media,
}

/// [`WeComRobot`] with its record.
pub type WeComRobotSim = Sim<WeComRobot>;

impl Sim<WeComRobot> {
    /// The address of the first robot, with its key, as an operator copies it.
    pub fn url(&self) -> String {
        self.robot_url(DEFAULT_KEY)
    }

    /// The address of a robot.
    pub fn robot_url(&self, key: &str) -> String {
        format!("{}/cgi-bin/webhook/send?key={key}", self.rules.site.base)
    }

    /// The first robot's key.
    pub fn key(&self) -> &'static str {
        DEFAULT_KEY
    }

    /// Adds a robot.
    pub fn add_robot(&self, key: &str) {
        self.rules.add(key);
    }
}

impl WeComRobot {
    pub(crate) fn new(site: Site) -> Self {
        let service = Self {
            site,
            minutes: Mutex::default(),
            media: Media::default(),
        };
        service.add(DEFAULT_KEY);
        service
    }

    fn add(&self, key: &str) {
        let minute = Window::new(MESSAGES_PER_MINUTE, Duration::from_mins(1));
        self.minutes.lock().insert(key.to_owned(), minute);
    }

    fn check(
        &self,
        key: &str,
        call: &Call,
        now: Time,
        notes: &mut Vec<String>,
    ) -> Result<(Verdict, Reply), Refusal> {
        if call.method != Method::POST {
            return Err((43_002, "require POST method".into()));
        }
        let mut minutes = self.minutes.lock();
        let Some(minute) = minutes.get_mut(key) else {
            return Err((93_000, "invalid webhook url".into()));
        };
        if call.uri.path().ends_with("/upload_media") {
            let reply = self.media.take(call, key, &["file", "voice"], now)?;
            return Ok((Verdict::Answered, reply));
        }
        let body = body(&call.body)?;
        if !call.is_type("application/json") {
            notes.push("the content type is not application/json".into());
        }
        let media = |id: &str, kind: &str| self.media.check(id, key, kind, now);
        message::check(Sender::Robot, &body, media, notes)?;
        if !self.site.unlimited && !minute.admit(now) {
            return Err((45_009, "api freq out of limit".into()));
        }
        Ok((Verdict::Accepted, answer(0, "ok")))
    }
}

impl Rules for WeComRobot {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        let key = call.query("key").unwrap_or_default();
        let mut notes = Vec::new();
        match self.check(&key, call, now, &mut notes) {
            Ok((verdict, reply)) => Judged {
                notes,
                ..Judged::new(verdict, key, reply)
            },
            Err(refusal) => refuse(&key, &refusal, notes),
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::ExpiredToken => answer(93_000, "invalid webhook url"),
            other => common_fault(other),
        }
    }

    fn shown(&self, body: &Value) -> String {
        message::shown(body)
    }
}
