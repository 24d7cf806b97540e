//! What is told: a document without markup, which each channel writes in its provider's own.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::alert::Lifecycle;
use crate::fingerprint::Fingerprint;
use crate::label::{Annotations, Labels};
use crate::severity::Severity;
use crate::time::Time;

/// Why a message is sent; decides colour, title word and channel behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// At least one alert of the group fires.
    Firing,
    /// All alerts of the group are over.
    Resolved,
    /// Several waiting messages told as one: the quota was short, or quiet hours are over.
    Digest,
    /// Sent by hand or by API, past routing.
    Direct,
    /// A test of the account.
    Test,
    /// Balefire speaks of itself: dead letters, broken templates, clock, disk.
    Meta,
}

/// Firing or resolved, of one alert or a whole group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is the case now.
    Firing,
    /// It is over.
    Resolved,
}

impl Status {
    /// The word of Alertmanager's webhook.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}

/// One alert of a group as it stands when told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertView {
    /// Firing or resolved now.
    pub status: Status,
    /// Its labels.
    pub labels: Labels,
    /// Its annotations.
    pub annotations: Annotations,
    /// Its start.
    pub starts_at: Time,
    /// Its end; `None` while it fires.
    pub ends_at: Option<Time>,
    /// Link to where it came from; may be empty.
    pub generator_url: Arc<str>,
    /// Its identity.
    pub fingerprint: Fingerprint,
    /// How its source ends alerts: an `Event` is told without a word of firing.
    pub lifecycle: Lifecycle,
    /// It fired and was over before anybody could be told.
    pub missed: bool,
}

/// A group as it stands when told: the data of Alertmanager's webhook, version 4.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupView {
    /// The receiver's name.
    pub receiver: Arc<str>,
    /// `Resolved` only when every alert is.
    pub status: Status,
    /// The alerts, sorted by job, instance, then labels.
    pub alerts: Vec<AlertView>,
    /// The labels the group is keyed by.
    pub group_labels: Labels,
    /// Labels that all alerts share.
    pub common_labels: Labels,
    /// Annotations that all alerts share.
    pub common_annotations: Annotations,
    /// Where our console is reached; a link back.
    pub external_url: Arc<str>,
    /// Alertmanager's group key, e.g. `{}/{severity="critical"}:{alertname="X"}`.
    pub group_key: Arc<str>,
    /// Where a reader says that they have it; empty where that cannot be said. Whoever knows it may say so.
    #[serde(default)]
    pub acknowledge_url: Arc<str>,
    /// What the buttons below a chat message carry; empty where there is nothing to answer. Not kept with a message.
    #[serde(default, skip_serializing)]
    pub answer_token: Arc<str>,
    /// How many alerts a limit cut off.
    pub truncated_alerts: usize,
    /// Why it is told now, in Alertmanager's words (`first notification`, `new alerts added`, …).
    pub reason: Arc<str>,
}

impl GroupView {
    /// The worst severity among the alerts that fire, or among all when none does.
    pub fn severity(&self) -> Severity {
        let worst = |firing_only: bool| {
            self.alerts
                .iter()
                .filter(|a| !firing_only || a.status == Status::Firing)
                .map(|a| Severity::of(&a.labels))
                .max()
        };
        worst(true)
            .or_else(|| worst(false))
            .unwrap_or(Severity::Warning)
    }

    /// The alerts of one status.
    pub fn with_status(&self, status: Status) -> impl Iterator<Item = &AlertView> {
        self.alerts.iter().filter(move |a| a.status == status)
    }
}

/// A piece of a message, without markup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A small title inside the message.
    Heading(String),
    /// Running text; may hold line breaks.
    Text(String),
    /// Name and value, one a line: key labels, times.
    Facts(Vec<(String, String)>),
    /// Points of a list.
    List(Vec<String>),
    /// A link on a line of its own.
    Link(Link),
    /// A picture by URL.
    Image(String),
    /// A line between parts.
    Rule,
}

/// A text that leads somewhere. Only http, https and mailto addresses get this far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What is shown.
    pub text: String,
    /// Where it leads.
    pub url: String,
}

/// Who is called by name in the message. Comes from routing only, never from alert content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mentions {
    /// Everybody in the chat.
    pub everyone: bool,
    /// These people.
    pub people: Vec<Mention>,
}

/// One person's names at the platforms; empty where unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// The name people know.
    pub name: String,
    /// Mobile number, E.164 or national, as the platform knows it.
    pub phone: String,
    /// E-mail address.
    pub email: String,
    /// DingTalk user id.
    pub dingtalk: String,
    /// WeCom user id.
    pub wecom: String,
    /// Feishu open id or user id.
    pub feishu: String,
    /// Slack member id.
    pub slack: String,
    /// Telegram user id, a number.
    #[serde(default)]
    pub telegram: String,
    /// Discord user id, a number.
    #[serde(default)]
    pub discord: String,
    /// Mattermost user name, without @.
    #[serde(default)]
    pub mattermost: String,
    /// Matrix user id, as in `@name:example.org`.
    #[serde(default)]
    pub matrix: String,
    /// Google Chat user id, a number.
    #[serde(default)]
    pub googlechat: String,
}

/// Words of the operator's own template, in the channel's own markup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custom {
    /// Replaces the title.
    pub title: Option<String>,
    /// Replaces everything below the title.
    pub text: Option<String>,
    /// Replaces the whole HTML part of a mail. Only what a caller who may send mail wrote as HTML gets here.
    #[serde(default)]
    pub html: Option<String>,
    /// The whole body of a request, where the way out has a template for it; made anew for each try.
    #[serde(default, skip_serializing)]
    pub body: Option<String>,
}

/// The reader's language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Locale {
    /// English.
    #[default]
    #[serde(rename = "en")]
    En,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    ZhCn,
}

impl Locale {
    /// From a BCP 47 tag: anything that begins with `zh` is Chinese, all else English.
    pub fn from_tag(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("zh") {
            Self::ZhCn
        } else {
            Self::En
        }
    }
}

/// A file that goes with a message where the channel can carry one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The name the reader sees; no path.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes, or where they are.
    #[serde(flatten)]
    pub enclosed: Enclosed,
}

/// The bytes of an attachment, or where they are: a message that waits in the store holds the latter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enclosed {
    /// The bytes.
    Content(Vec<u8>),
    /// The id of a stored file. A channel that still sees one says that the file could not be had.
    File(Arc<str>),
    /// A picture that stands in the message by its address.
    Picture {
        /// The address.
        url: String,
        /// Its bytes.
        content: Vec<u8>,
    },
}

/// One thing to tell, ready for any channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Why it is sent.
    pub occasion: Occasion,
    /// How bad it is: colour and urgency.
    pub severity: Severity,
    /// One line, no markup: `[FIRING:2] HighLatency (api, eu-1)`.
    pub title: String,
    /// The rest, in reading order.
    pub body: Vec<Block>,
    /// The alerts it is about; channels that hand data on (webhook) send this.
    pub group: Option<Arc<GroupView>>,
    /// Who is called by name.
    pub mentions: Mentions,
    /// The operator's own words, when a template of theirs applied.
    pub custom: Option<Custom>,
    /// The reader's language.
    pub locale: Locale,
    /// The reader's zone (IANA name), for channels that print a time themselves.
    pub zone: String,
    /// Where the message leads when it is clicked: our page on the group, else the source.
    pub link: Option<Link>,
    /// Messages of the same thread (mail, Slack) share this; the group's key.
    pub thread: String,
    /// Files to go with it.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// How the one person it goes to may answer it.
    #[serde(default, skip_serializing_if = "Answering::is_none")]
    pub answering: Answering,
}

/// How a message may be answered from where it arrives; empty where it cannot be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answering {
    /// The short code that acknowledges by text message.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The mail address to which an answer acknowledges. Made anew for each try.
    #[serde(skip_serializing)]
    pub mail: String,
    /// What people have done about it since, a line each, without markup. Made anew for each try.
    #[serde(skip_serializing)]
    pub deeds: Vec<String>,
    /// Whether somebody has it, so that nobody need say so again. Made anew for each try.
    #[serde(skip_serializing)]
    pub is_held: bool,
    /// Whether somebody's silence keeps it quiet. Made anew for each try.
    #[serde(skip_serializing)]
    pub is_quiet: bool,
    /// What people said last of it; `None` where nobody said anything. Made anew for each try.
    #[serde(skip)]
    pub answered: Option<Answered>,
}

impl Answering {
    /// Whether there is no such way.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// How things stand by what people said last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Nobody has it: it was put off, handed on, or opened again, or the silence is over.
    Open,
    /// Somebody has it.
    Acknowledged,
    /// It is kept quiet for a while.
    Silenced,
    /// It is over, as somebody or the alerts said.
    Resolved,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attachment_that_an_older_release_stored_is_still_read() {
        let read = |text: &str| serde_json::from_str::<Attachment>(text).expect("an attachment");
        let old = read(r#"{"name":"a","media_type":"text/plain","content":[1,2]}"#);
        assert_eq!(old.enclosed, Enclosed::Content(vec![1, 2]));
        let new = read(r#"{"name":"a","media_type":"text/plain","file":"0123"}"#);
        assert_eq!(new.enclosed, Enclosed::File("0123".into()));
        for attachment in [old, new] {
            let written = serde_json::to_string(&attachment).expect("written");
            assert_eq!(read(&written), attachment);
        }
    }
}
