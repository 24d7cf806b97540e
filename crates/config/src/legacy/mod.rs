//! The plan of the older services whose clients keep working (`legacy`).

pub mod paths;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use balefire_core::reminder::Settings;
use balefire_core::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The salt that the documentation of the original of `/alarm_v2` prints.
pub const PUBLISHED_SALT: &str = "YYLmfY6IRdjZMQ1";
/// Fewest bytes of a signing key, as Standard Webhooks asks for.
const SHORTEST_KEY: usize = 24;

/// The name of an account.
pub type AccountName = Arc<str>;

/// Which older services are served; `None` is off.
#[derive(Clone, Debug, Default)]
pub struct Legacy {
    /// The operations tool box with `/sendmail` and its sisters.
    pub apptools: Option<AppTools>,
    /// The push service with `/email/send/message` and its sisters.
    pub push: Option<Push>,
    /// `/alarm_v2` and `/alarm`.
    pub alarm_v2: Option<AlarmV2>,
    /// `/api/model/send_sms/` and `/check_service`.
    pub grafana_wecom: Option<GrafanaWecom>,
    /// `/alert/phone`.
    pub autocall: Option<Autocall>,
    /// When reminders are told, whichever interface made them.
    pub reminders: Reminders,
}

/// When reminders are told (`legacy.apptools.reminders`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminders {
    /// Hours, stages, and what comes after the date.
    pub settings: Settings,
    /// How often they are looked at.
    pub interval: Duration,
}

impl Default for Reminders {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            interval: Duration::from_mins(1),
        }
    }
}

/// Accounts of the operations tool box.
#[derive(Clone, Debug)]
pub struct AppTools {
    /// The account of `/sendmail`.
    pub mail: Option<AccountName>,
    /// The account of `/sendsms`.
    pub sms: Option<AccountName>,
    /// The account of `/send_dingtalk`.
    pub dingtalk: Option<AccountName>,
    /// The account of `/send_wechat`.
    pub wechat: Option<AccountName>,
    /// Most bytes of a file of `/upload_file`; `None` for the node's own limit.
    pub upload_bytes: Option<u64>,
    /// Most bytes of the file that goes with a mail (25 MiB).
    pub mail_bytes: u64,
    /// Whether `/static/files/…` asks for no token.
    pub public_files: bool,
    /// The escalation of what `/fault` opens.
    pub escalation: Option<Arc<str>>,
}

/// Accounts of the push service.
#[derive(Clone, Debug)]
pub struct Push {
    /// The account of `/email/send/message`.
    pub mail: Option<AccountName>,
    /// Senders that callers may choose besides the account's own.
    pub mail_from: Vec<String>,
    /// The account of each Slack `channel`.
    pub slack: BTreeMap<String, AccountName>,
    /// The account of `/dingding/send/message`.
    pub dingtalk: Option<AccountName>,
    /// The account of `/wx/apps/send`.
    pub wecom: Option<AccountName>,
    /// The account of `/dingding/call`.
    pub ding: Option<AccountName>,
    /// The account of `/sms/send`.
    pub sms: Option<AccountName>,
    /// The account of `/vms/send`.
    pub voice: Option<AccountName>,
}

/// `/alarm_v2`: who may sign, who is told.
#[derive(Clone, Debug, Default)]
pub struct AlarmV2 {
    /// The salt of departments without their own, and of `/alarm`.
    pub salt: Option<Secret>,
    /// The key of Standard Webhooks' signatures of departments without their own, decoded.
    pub signing_key: Option<SigningKey>,
    /// Whether a salt may be [`PUBLISHED_SALT`].
    pub allow_published_salt: bool,
    /// For how long a signature of `/alarm` is taken once; `None` takes it always.
    pub replay_window: Option<Duration>,
    /// Departments by `dep`.
    pub departments: BTreeMap<String, Department>,
    /// Names of fields in messages that differ from the usual.
    pub labels: BTreeMap<String, String>,
    /// Who is told, by owner and level.
    pub groups: Vec<AlarmGroup>,
    /// How DingTalk groups are made for those that have none; `None` when they are not.
    pub make_groups: Option<MakeGroups>,
    /// The DingTalk app.
    pub dingtalk: Option<AccountName>,
    /// The WeCom app.
    pub wecom: Option<AccountName>,
    /// The mail account.
    pub mail: Option<AccountName>,
}

/// A department of `/alarm_v2`.
#[derive(Clone, Debug, Default)]
pub struct Department {
    /// Its name in messages.
    pub label: String,
    /// The salt of its signatures; `None` for the common one.
    pub salt: Option<Secret>,
    /// The key of its Standard Webhooks signatures, decoded; `None` for the common one.
    pub signing_key: Option<SigningKey>,
    /// Repeats after which a text is no longer sent; 0 sends all.
    pub threshold: u32,
    /// How long a text must be silent to be sent again.
    pub window: Duration,
    /// Texts that differ in `alert_time` alone are the same.
    pub ignore_time: bool,
    /// For how long a signature in `sign` is taken once; `None` takes it always.
    pub replay_window: Option<Duration>,
}

/// The longest time for which signatures are remembered.
pub const LONGEST_REPLAY_WINDOW: Duration = Duration::from_hours(30 * 24);

/// The bytes of a key; never shown.
#[derive(Clone)]
pub struct SigningKey(pub Vec<u8>);

impl SigningKey {
    /// What to write where [`Self::read`] refuses a text.
    pub const HINT: &'static str =
        "write whsec_ and the base64 of 24 random bytes or more: openssl rand -base64 32";

    /// The key of a signing secret: base64 behind `whsec_`, else the text itself. What is wrong with it otherwise,
    /// in words without it.
    pub fn read(secret: &str) -> Result<Self, String> {
        let key = match secret.strip_prefix("whsec_") {
            Some(encoded) => STANDARD
                .decode(encoded)
                .map_err(|_| "what follows whsec_ is no base64".to_owned())?,
            None => secret.as_bytes().to_vec(),
        };
        if key.len() < SHORTEST_KEY {
            return Err(format!("a key of {} bytes can be guessed", key.len()));
        }
        Ok(Self(key))
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey")
    }
}

/// How DingTalk groups are made.
#[derive(Clone, Debug, Default)]
pub struct MakeGroups {
    /// Who owns them, by key or name; the first of the people when there is nobody.
    pub owner: Option<String>,
    /// The template of scene groups (场景群模板); plain internal groups without it.
    pub template: Option<String>,
}

/// Who is told for an owner and level.
#[derive(Clone, Debug, Default)]
pub struct AlarmGroup {
    /// The request's `id`.
    pub owner: String,
    /// The request's `level`.
    pub level: u32,
    /// Title of its messages.
    pub title: String,
    /// Its DingTalk group; empty for one that is made, or for work notices.
    pub conversation_id: String,
    /// What the group that is made is called; empty for the title.
    pub chat_name: String,
    /// People told by DingTalk, by key or name.
    pub dingtalk_people: Vec<String>,
    /// People told by WeCom.
    pub wecom_people: Vec<String>,
    /// People told by mail.
    pub email_people: Vec<String>,
}

/// Grafana to WeCom.
#[derive(Clone, Debug)]
pub struct GrafanaWecom {
    /// The app that sends the cards.
    pub account: AccountName,
    /// User ids, one card each.
    pub people: Vec<String>,
    /// A file with one user id a line.
    pub people_from: Option<PathBuf>,
    /// The account and the id of the group chat that gets each card once.
    pub group_chat: Option<(AccountName, String)>,
}

/// Telephones that ask for calls.
#[derive(Clone, Debug)]
pub struct Autocall {
    /// How often the numbers of a call are tried.
    pub rounds: u32,
    /// How long a call is kept for telephones.
    pub max_age: Duration,
    /// How long a telephone that has asked has a call for itself.
    pub lease: Duration,
    /// What telephones show as the last part of the path, by name; without any, the rules of access hold.
    pub tokens: BTreeMap<String, Secret>,
}

impl Autocall {
    /// The account of all calls; no account of a document can be named so.
    pub const ACCOUNT: &'static str = "/autocall";
}
