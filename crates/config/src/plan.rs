//! The compiled configuration: immutable, swapped whole on reload.

use crate::calendar::CalendarAddress;
use crate::forward::Forward;
use crate::heartbeat::Heartbeats;
use crate::legacy::Legacy;
use crate::monitor::Monitors;
use crate::password::Password;
pub use crate::person::{Contacts, Pending, Person, Reader, Unverified, Way};
use crate::words::{Open, Words};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use balefire_channels::channel::Channel;
use balefire_channels::http::{Egress, Http};
use balefire_channels::reports::Reports;
use balefire_channels::spec::{ChannelSpec, Quota};
use balefire_core::escalation::Policies;
use balefire_core::field::Field;
use balefire_core::inhibit::InhibitRule;
use balefire_core::interval::Interval;
use balefire_core::label::Labels;
use balefire_core::person::Quiet;
use balefire_core::route::RouteTree;
use balefire_core::schedule::Schedule;
use balefire_core::secret::Secret;
use balefire_core::storm::Bound;
use balefire_sources::spec::SourceSpec;
use balefire_template::go::GoTemplates;
use serde_json::Value;

/// Everything a running node needs to know of its configuration.
#[derive(Clone)]
pub struct Plan {
    /// Content hash of the document, 16 hexadecimal digits; named by every decision.
    pub version: Arc<str>,
    /// The document as written, secrets and all; only for storing the version.
    pub document: Arc<str>,
    /// The document projected on Alertmanager's schema, secrets as `<secret>`: `/api/v2/status`.
    pub alertmanager_yaml: Arc<str>,
    /// The whole document with secrets as `<secret>`: `config show`.
    pub redacted_yaml: Arc<str>,
    /// Where alerts go.
    pub routes: RouteTree,
    /// Receivers, by position; routes name them by name.
    pub receivers: Vec<Receiver>,
    /// What silences what.
    pub inhibit_rules: Vec<InhibitRule>,
    /// Named time intervals, `time_intervals` and `mute_time_intervals` together.
    pub intervals: BTreeMap<String, Vec<Interval>>,
    /// Accounts by name.
    pub accounts: BTreeMap<String, Account>,
    /// People by key.
    pub people: BTreeMap<String, Person>,
    /// How far their ways are trusted.
    pub contacts: Contacts,
    /// Who is on call when, by name, as the document says. With what people have booked since: the engine's roster, which
    /// is the one to ask.
    pub schedules: BTreeMap<String, Schedule>,
    /// The keys of each team's people.
    pub teams: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// Who is paged next when nobody answers.
    pub policies: Policies,
    /// How often one person is told; `None` where everybody is told at once.
    pub storm: Option<Bound>,
    /// Jobs that say by themselves that they have run.
    pub heartbeats: Heartbeats,
    /// Telephones that are told when who is on call changes.
    pub forwards: Vec<Forward>,
    /// Calendars that are fetched, by schedule and layer.
    pub calendars: Vec<Arc<CalendarAddress>>,
    /// What expires and is looked at.
    pub monitors: Monitors,
    /// Configured sources by name.
    pub sources: BTreeMap<String, Source>,
    /// End of a refreshing alert that is not re-sent (`global.resolve_timeout`, 5 m).
    pub resolve_timeout: Duration,
    /// This node's own settings.
    pub server: Server,
    /// Who may call.
    pub access: Access,
    /// Where Balefire's own alarms go.
    pub meta: Meta,
    /// Operators' message templates, by name; a receiver's entry names one, `default` applies to all.
    pub messages: BTreeMap<String, MessageTemplate>,
    /// Alertmanager's Go templates: its defaults and the document's files.
    pub go: GoTemplates,
    /// Older services whose clients keep working.
    pub legacy: Legacy,
    /// What is kept how long.
    pub retention: Retention,
    /// How much may be handed in as files.
    pub files: Files,
    /// The client that fetches pictures whose addresses senders name; `None` where no entry shows any.
    pub pictures: Option<Http>,
}

/// A named list of ways out.
#[derive(Clone)]
pub struct Receiver {
    /// Its name.
    pub name: Arc<str>,
    /// Its labels, for the filters of Alertmanager's API.
    pub labels: Labels,
    /// Its ways out, in document order.
    pub integrations: Vec<Integration>,
    /// The receiver that takes over what could not be delivered.
    pub fallback: Option<Arc<str>>,
    /// How long a way out is tried before the fallback (default 10 m, critical 2 m).
    pub deliver_within: Option<Duration>,
    /// The escalation that pages people for its groups.
    pub escalation: Option<Arc<str>>,
    /// The reader's language and zone where the account or person says nothing else.
    pub reader: Reader,
}

/// One way out of a receiver.
#[derive(Clone)]
pub struct Integration {
    /// What stays the same across reloads: receiver + kind + name, else a hash of its target.
    pub key: Arc<str>,
    /// The account it goes through; `None` for the inbox.
    pub account: Option<Arc<str>>,
    /// Its kind.
    pub spec: &'static ChannelSpec,
    /// The channel itself.
    pub channel: Arc<dyn Channel>,
    /// Whether resolved notices are sent.
    pub send_resolved: bool,
    /// Its Go templates, when it has any; they make its words.
    pub words: Option<Words>,
    /// The name of the message template, if one is set for this entry.
    pub message: Option<Arc<str>>,
    /// The keys of the people who are mentioned.
    pub mention: Vec<Arc<str>>,
    /// Whether everyone is mentioned.
    pub mention_all: bool,
    /// Whether whoever is on call in any schedule is mentioned.
    pub mention_on_call: bool,
    /// Language and zone of this way out.
    pub reader: Reader,
}

/// Configured credentials.
#[derive(Clone)]
pub struct Account {
    /// Its name.
    pub name: Arc<str>,
    /// Its kind.
    pub spec: &'static ChannelSpec,
    /// Its mapping, expanded; holds secrets.
    pub value: Value,
    /// What its provider's callbacks come with; `None` where none are read.
    pub callback_token: Option<Secret>,
    /// What its provider says over a connection that is held open; always empty for most kinds.
    pub reports: Arc<Reports>,
    /// Its quotas, the spec's unless the document says otherwise.
    pub quotas: Vec<Quota>,
    /// Calls under way at once.
    pub concurrency: usize,
    /// Total time of one try.
    pub timeout: Duration,
    /// When its groups' notices wait.
    pub quiet: Option<Quiet>,
    /// Builds a channel through this account with other receiver options (direct messages).
    pub open: Open,
    /// Makes groups as this account; only DingTalk's application can.
    pub groups: Option<OpenGroups>,
    /// Opens its platform's address book; `None` for kinds that have none.
    pub directory: Option<OpenDirectory>,
}

impl Account {
    /// How long a try through this channel of the account may take: what its receiver says, else the account; and what its
    /// pictures take besides.
    pub fn limit(&self, channel: &dyn Channel) -> Duration {
        let own = channel.timeout();
        let words = if own == channel.spec().timeout {
            self.timeout
        } else {
            own
        };
        words + channel.time_for_pictures()
    }
}

/// Opens an account's address book.
pub type OpenDirectory = Arc<dyn Fn() -> balefire_channels::directory::Opened + Send + Sync>;

/// Builds what makes groups as an account.
pub type OpenGroups = Arc<
    dyn Fn() -> Result<
            balefire_channels::dingtalk_app::Groups,
            Vec<balefire_channels::spec::BuildError>,
        > + Send
        + Sync,
>;

/// A configured inbound key.
#[derive(Clone)]
pub struct Source {
    /// Its name: `/in/{name}`.
    pub name: Arc<str>,
    /// Its kind.
    pub spec: &'static SourceSpec,
    /// Its own options.
    pub options: Value,
    /// The token that must come with a request, if any.
    pub token: Option<Secret>,
    /// Labels added where the alert has none of that name.
    pub labels: Labels,
    /// The zone of times without one.
    pub timezone: String,
    /// The client for what its senders' services keep, for kinds that are signed with certificates of theirs:
    /// it reaches public addresses only.
    pub http: Option<Http>,
}

/// A node's own settings.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where to listen.
    pub listen: SocketAddr,
    /// How others reach us; the link in messages.
    pub external_url: String,
    /// Whether the document says so; else it is only how we reach ourselves.
    pub has_external_url: bool,
    /// Directory of the embedded store.
    pub data: PathBuf,
    /// Store URL when it is not the embedded one.
    pub store: Option<Secret>,
    /// Prefix of all paths.
    pub route_prefix: String,
    /// Our own certificate.
    pub tls: Option<Tls>,
    /// Where mails are taken.
    pub smtp: Option<Smtp>,
    /// Language and zone of everything that has no other.
    pub reader: Reader,
    /// Bytes of bodies that may be in flight at once.
    pub ingest_bytes: usize,
}

/// Where mails for sources are taken, and from whom.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Networks in CIDR form whose mails are taken.
    pub networks: Vec<String>,
    /// Whether nothing is taken before STARTTLS.
    pub tls_required: bool,
    /// The domain at which answers to our mails are taken, in small letters.
    pub reply_domain: Option<Arc<str>>,
}

/// Certificate and key of our listener.
#[derive(Clone, Debug)]
pub struct Tls {
    /// PEM chain.
    pub certificate: PathBuf,
    /// PEM key.
    pub key: PathBuf,
    /// PEM of the authorities whose clients are let in; `None` asks for no certificate.
    pub client_ca: Option<PathBuf>,
}

/// Who may call.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Named bearer tokens with their scopes.
    pub tokens: Vec<AccessToken>,
    /// Users for basic authentication.
    pub users: Vec<AccessUser>,
    /// Rules by path and network, first match decides.
    pub rules: Vec<AccessRule>,
    /// How far the calls of this document reach.
    pub egress: Egress,
    /// Proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<String>,
}

/// A bearer token.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// Its name, for the record.
    pub name: String,
    /// Its text.
    pub token: Secret,
    /// What it may do: `ingest`, `read`, `write`, `admin`.
    pub scopes: Vec<String>,
}

/// A user for basic authentication.
#[derive(Clone, Debug)]
pub struct AccessUser {
    /// The log-in name.
    pub name: String,
    /// The password, in clear text or as a hash.
    pub password: Password,
    /// What they may do.
    pub scopes: Vec<String>,
}

/// Who may call a path without a token, or from where at all.
#[derive(Clone, Debug)]
pub struct AccessRule {
    /// Path prefix.
    pub path: String,
    /// Networks in CIDR form; empty means any.
    pub networks: Vec<String>,
    /// Whether a token is asked for.
    pub token: bool,
}

/// Balefire's own alarms.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    /// The receiver of meta-alerts.
    pub receiver: Option<Arc<str>>,
    /// A URL that is called while all is well.
    pub heartbeat_url: Option<Secret>,
    /// The client it is called with: the proxy and authorities of `global.http_config`, none of its credentials.
    pub heartbeat_http: Option<Http>,
    /// How often.
    pub heartbeat_every: Duration,
}

/// An operator's own words.
#[derive(Clone, Debug, Default)]
pub struct MessageTemplate {
    /// minijinja source of the title.
    pub title: Option<String>,
    /// minijinja source of the text.
    pub text: Option<String>,
}

/// What is kept how long.
#[derive(Clone, Debug)]
pub struct Retention {
    /// Events, decisions, notifications and attempts (default 30 d).
    pub age: Duration,
    /// Most bytes of the store (default 10 GiB); the oldest go first.
    pub bytes: u64,
    /// Expired silences (Alertmanager's 120 h).
    pub silences: Duration,
}

/// How much may be handed in as files.
#[derive(Clone, Copy, Debug)]
pub struct Files {
    /// Most bytes of one file (default 100 MiB).
    pub upload_bytes: u64,
    /// Most files in all (default 10 000).
    pub count: u64,
    /// Most bytes of all files together (default 10 GiB).
    pub bytes: u64,
}

/// The top-level schema, for `config schema` and the reference.
pub type Schema = &'static [Field];
