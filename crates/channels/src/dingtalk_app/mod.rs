//! DingTalk's enterprise application (企业内部应用): work notices, its robot's messages to people and to groups, and
//! DING in the app, by SMS and by phone call (钉电话).
//!
//! Vendor pages: <https://open.dingtalk.com/document/development/asynchronous-sending-of-enterprise-session-messages>,
//! chatbots-send-one-on-one-…, the-robot-sends-a-group-message, robot-sends-nail-message. Limits: 2048 bytes a work
//! notice, 15 000 bytes of a robot's parameters, 20 receivers of a robot's message or of a DING by SMS or phone; 20
//! calls a second. A work notice with the same words reaches a person once a day: each ends in the notification's
//! id, the same on every try, so that a try is safe to repeat and two alerts are never taken for one.
//! The others have no idempotency key.

mod answers;
mod app;
mod asked;
mod card;
pub(crate) mod click;
mod codes;
pub(crate) mod directory;
mod fields;
mod form;
mod group;
mod live;
mod names;
mod people;
mod variables;
mod via;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::Value;

use self::app::App;
use self::form::{Form, TITLE};
pub use self::group::{Group, Groups, NewGroup};
use self::people::People;
use self::via::{Via, Way};
use crate::channel::{Channel, Delivery, Fate, Outcome, Question, Target};
use crate::click::{Click, Reaction};
use crate::error::SendError;
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};
use crate::threads::{Changed, Threads, changed};

/// What DingTalk's application is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "dingtalk_app",
    receiver_key: "dingtalk_app_configs",
    title: ("DingTalk app", "钉钉企业应用"),
    vendor_page: "https://open.dingtalk.com/document/development/asynchronous-sending-of-enterprise-session-messages",
    account_fields: &fields::ACCOUNT,
    receiver_fields: &fields::RECEIVER,
    // Nobody wants to be called at night because something is over.
    send_resolved: false,
    dialect: Dialect::DingTalkMarkdown,
    limits: Limits {
        title: TITLE,
        // A work notice's; the robot takes more, a DING less.
        text: Length::Bytes(form::NOTICE),
        max_targets_per_call: 20,
    },
    quotas: &[Quota {
        calls: 20,
        per: Duration::from_secs(1),
        penalty: Duration::ZERO,
    }],
    concurrency: 4,
    timeout: Duration::from_secs(10),
    build,
};

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let app = App::of(&mut options, build, SPEC.timeout);
    let via = Via::of(options.text("via").unwrap_or_default());
    let way = via::way(&mut options, via, build);
    let targets = fields::targets(&mut options, via);
    let channel = app.zip(way).map(|(app, way)| {
        Arc::new(DingTalk {
            app,
            way,
            targets,
            people: People::default(),
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

/// One application, one of its ways, and those it reaches.
#[derive(Debug)]
struct DingTalk {
    app: App,
    way: Way,
    targets: Vec<Target>,
    people: People,
}

impl Channel for DingTalk {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let outcomes = self.way.send(&self.app, &self.people, delivery).await;
            outcomes
                .into_iter()
                .map(|outcome| self.app.hide(outcome))
                .collect()
        }
        .boxed()
    }

    fn inquires(&self) -> Option<Value> {
        self.way.inquires()
    }

    fn inquire<'a>(
        &'a self,
        question: &'a Question<'a>,
    ) -> BoxFuture<'a, Result<Vec<Option<Fate>>, SendError>> {
        async move {
            let fates = self.way.inquire(&self.app, &self.people, question).await;
            fates.map_err(|error| self.app.hide_in(error))
        }
        .boxed()
    }

    fn threads(&self) -> Option<&Threads> {
        self.way.live()
    }

    fn is_live(&self) -> bool {
        self.way.live().is_some()
    }

    fn change<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Changed> {
        async move {
            let outcome = self.way.change(&self.app, delivery).await;
            changed(self.app.hide(outcome), live::is_gone)
        }
        .boxed()
    }

    fn react<'a>(&'a self, _: &'a Click, _: &'a Reaction<'a>) -> BoxFuture<'a, Outcome> {
        crate::chat::shown()
    }

    fn check(&self, now: Time) -> BoxFuture<'_, Outcome> {
        self.app.check(now).boxed()
    }
}

/// The form that an entry asks for.
fn form_of(options: &Options<'_>) -> Form {
    match options.text("message_type") {
        Some("text") => Form::Text,
        Some("action_card") => Form::Card,
        _ => Form::Markdown,
    }
}

#[cfg(test)]
mod tests;
