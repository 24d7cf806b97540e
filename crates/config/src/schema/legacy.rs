//! `legacy`: the older services whose clients keep working. A service that is not named is off.

use balefire_core::field::{Field, Kind};
use balefire_core::reminder::MAX_ADVANCE;

/// Every service has these two.
const ENABLED: Field = Field::optional(
    "enabled",
    Kind::Bool,
    "Whether the service is on; off, its configuration stays and its paths are not there.",
)
.or("true");
const ACCESS: Field = Field::optional(
    "access",
    Kind::Record(&ACCESS_RULE),
    "Who may call its paths; rules of access.rules for the same path come first.",
);

static ACCESS_RULE: [Field; 2] = [
    Field::optional(
        "networks",
        Kind::List(&Kind::Text),
        "Networks that are let in: CIDR, an address, loopback or private; any without it.",
    ),
    Field::optional(
        "token",
        Kind::Bool,
        "Whether a token with the scope ingest is asked for.",
    )
    .or("true"),
];

/// Days ahead that a reminder can be told.
static DAYS: Kind = Kind::Integer(0, MAX_ADVANCE as i64);

static REMINDERS: [Field; 5] = [
    Field::optional(
        "from",
        Kind::Integer(0, 23),
        "Nobody is told before this hour, by the clock where the reminder's owner lives.",
    )
    .or("9"),
    Field::optional(
        "to",
        Kind::Integer(1, 24),
        "Nor from this hour on; 24 is midnight.",
    )
    .or("18"),
    Field::optional(
        "stages",
        Kind::List(&DAYS),
        "Days ahead at which a reminder is told again, besides its own number of days; those further ahead than that do not count for it.",
    )
    .or("[7, 3, 1, 0]"),
    Field::optional(
        "overdue",
        Kind::OneOf(&["never", "daily"]),
        "Whether it is told once a day after its date, until somebody has seen to it.",
    )
    .or("never"),
    Field::optional(
        "interval",
        Kind::Duration,
        "How often reminders are looked at, 1s to 1h.",
    )
    .or("1m"),
];

static APPTOOLS: [Field; 11] = [
    ENABLED,
    ACCESS,
    Field::optional(
        "mail",
        Kind::Text,
        "The smtp account of /sendmail and of the mails of reminders.",
    ),
    Field::optional("sms", Kind::Text, "The aliyun_sms account of /sendsms."),
    Field::optional(
        "dingtalk",
        Kind::Text,
        "The dingtalk_robot account of /send_dingtalk.",
    ),
    Field::optional(
        "wechat",
        Kind::Text,
        "The account of /send_wechat: serverchan, pushplus, wxpusher or a WeCom robot.",
    ),
    Field::optional(
        "reminders",
        Kind::Record(&REMINDERS),
        "When reminders are told, those of the API, too.",
    ),
    Field::optional(
        "upload_bytes",
        Kind::Integer(1, 64 << 30),
        "Most bytes of a file of /upload_file; files.upload_bytes without it.",
    ),
    Field::optional(
        "mail_bytes",
        Kind::Integer(1, 25 << 20),
        "Most bytes of the file that goes with a mail (att); not more than the mail server takes, which counts a third more.",
    )
    .or("26214400"),
    Field::optional(
        "public_files",
        Kind::Bool,
        "Whether anybody may fetch /static/files/… without a token, as the original let them.",
    )
    .or("false"),
    Field::optional(
        "escalation",
        Kind::Text,
        "The escalation that pages people for what /fault opens; nobody is paged without it.",
    ),
];

static PUSH: [Field; 10] = [
    ENABLED,
    ACCESS,
    Field::optional(
        "mail",
        Kind::Text,
        "The smtp account of /email/send/message.",
    ),
    Field::optional(
        "mail_from",
        Kind::List(&Kind::Text),
        "Sender addresses that callers may choose besides the account's own.",
    ),
    Field::optional(
        "slack",
        Kind::Map(&Kind::Text),
        "The slack_webhook account of each `channel` of /slack/send/message.",
    ),
    Field::optional(
        "dingtalk",
        Kind::Text,
        "The dingtalk_robot account of /dingding/send/message.",
    ),
    Field::optional(
        "wecom",
        Kind::Text,
        "The wecom_app account of /wx/apps/send.",
    ),
    Field::optional(
        "ding",
        Kind::Text,
        "The dingtalk_app account of /dingding/call.",
    ),
    Field::optional("sms", Kind::Text, "The SMS account of /sms/send."),
    Field::optional("voice", Kind::Text, "The voice account of /vms/send."),
];

static GRAFANA_WECOM: [Field; 7] = [
    ENABLED,
    ACCESS,
    Field::required(
        "account",
        Kind::Text,
        "The wecom_app account that sends the cards.",
    ),
    Field::optional(
        "people",
        Kind::List(&Kind::Text),
        "WeCom user ids, one card each; several joined by | share one.",
    ),
    Field::optional(
        "people_from",
        Kind::Text,
        "A file with one user id a line, read again for each alert.",
    ),
    Field::optional(
        "group_chat",
        Kind::Text,
        "The wecom_groupchat account that gets each card once, too.",
    ),
    Field::optional("chat_id", Kind::Text, "The chat of group_chat."),
];

static DEPARTMENT: [Field; 7] = [
    Field::optional("label", Kind::Text, "Its name in messages."),
    Field::optional("salt", Kind::Secret, "The salt of its signatures."),
    Field::optional(
        "signing_secret",
        Kind::Secret,
        "The secret of its Standard Webhooks signatures.",
    ),
    Field::optional(
        "threshold",
        Kind::Integer(0, 1_000_000),
        "Repeats of one text that are sent after the first and one more; 0 sends all.",
    ),
    Field::optional(
        "window",
        Kind::Duration,
        "How long a text must be silent to be sent again.",
    )
    .or("60s"),
    Field::optional(
        "ignore_time",
        Kind::Bool,
        "Whether texts that differ in alert_time alone are the same.",
    )
    .or("false"),
    Field::optional(
        "replay_window",
        Kind::Duration,
        "For how long a signature in sign is taken once, at most 30d; 0s takes it always.",
    )
    .or("legacy.alarm_v2.replay_window"),
];

static DEPARTMENT_KIND: Kind = Kind::Record(&DEPARTMENT);

static GROUP: [Field; 8] = [
    Field::required("owner", Kind::Text, "The `id` that callers send."),
    Field::required(
        "level",
        Kind::Integer(0, 1_000_000),
        "The `level` that callers send.",
    ),
    Field::optional("title", Kind::Text, "Title of its messages.").or("告警"),
    Field::optional(
        "conversation_id",
        Kind::Text,
        "Its DingTalk group, which the application's robot is in; without it and without make_groups people get work notices.",
    ),
    Field::optional(
        "chat_name",
        Kind::Text,
        "What the DingTalk group that is made is called; the title without it.",
    ),
    Field::optional(
        "dingtalk_people",
        Kind::List(&Kind::Text),
        "People told by DingTalk, by key or name.",
    ),
    Field::optional(
        "wecom_people",
        Kind::List(&Kind::Text),
        "People told by WeCom, by key or name.",
    ),
    Field::optional(
        "email_people",
        Kind::List(&Kind::Text),
        "People told by mail, by key or name.",
    ),
];

static GROUP_KIND: Kind = Kind::Record(&GROUP);

static ALARM_V2: [Field; 15] = [
    ENABLED,
    ACCESS,
    Field::optional(
        "salt",
        Kind::Secret,
        "The salt of departments that have none of their own, and of /alarm.",
    ),
    Field::optional(
        "allow_published_salt",
        Kind::Bool,
        "Whether a salt may be the one printed in the original's documentation, which everybody knows.",
    )
    .or("false"),
    Field::optional(
        "signing_secret",
        Kind::Secret,
        "The secret of Standard Webhooks signatures: whsec_ and base64 of 24 bytes or more; for departments that have none of their own.",
    ),
    Field::optional(
        "replay_window",
        Kind::Duration,
        "For how long a signature in sign (MD5, HMAC) is taken once, for departments that say nothing of it, and for /alarm: a second request with it is answered 1010. Stock clients repeat their first message and are told once in that time.",
    )
    .or("always taken"),
    Field::optional(
        "departments",
        Kind::Map(&DEPARTMENT_KIND),
        "Departments by `dep`; du-op, du-srv, du-fe and du-da without it.",
    ),
    Field::optional(
        "labels",
        Kind::Map(&Kind::Text),
        "Names of the request's fields in messages, where they differ from the usual.",
    ),
    Field::optional(
        "groups",
        Kind::List(&GROUP_KIND),
        "Who is told, by owner and level.",
    ),
    Field::optional(
        "make_groups",
        Kind::Bool,
        "Whether DingTalk groups are made for those of `groups` that have dingtalk_people and no conversation_id.",
    )
    .or("false"),
    Field::optional(
        "group_owner",
        Kind::Text,
        "Who owns the groups that are made, by key or name; the first of the people without it.",
    ),
    Field::optional(
        "group_template",
        Kind::Text,
        "The template of the groups that are made (场景群模板), whose robot is in them from the start; plain internal groups without it.",
    ),
    Field::optional("dingtalk", Kind::Text, "The dingtalk_app account."),
    Field::optional("wecom", Kind::Text, "The wecom_app account."),
    Field::optional("mail", Kind::Text, "The smtp account."),
];

static PHONE_TOKEN: [Field; 1] = [Field::required(
    "token",
    Kind::Secret,
    "The last part of the path that the telephone asks at, at least 16 characters: /alert/phone/TOKEN.",
)];

static PHONE_TOKEN_KIND: Kind = Kind::Record(&PHONE_TOKEN);

static AUTOCALL: [Field; 6] = [
    ENABLED,
    ACCESS,
    Field::optional(
        "rounds",
        Kind::Integer(1, 10),
        "How often the numbers of a call are tried.",
    )
    .or("2"),
    Field::optional(
        "max_age",
        Kind::Duration,
        "How long a call is kept for telephones, at most 1d.",
    )
    .or("30m"),
    Field::optional(
        "lease",
        Kind::Duration,
        "How long a telephone that has asked has a call for itself, 30s to 1h; 5m at least while the first number may ring.",
    )
    .or("90s"),
    Field::optional(
        "tokens",
        Kind::Map(&PHONE_TOKEN_KIND),
        "What telephones must show, by name; without any, the rules of access hold.",
    ),
];

/// `legacy`.
pub static LEGACY: [Field; 5] = [
    Field::optional(
        "apptools",
        Kind::Record(&APPTOOLS),
        "AppTools: /sendmail, /sendsms, /send_dingtalk, /send_wechat, /fault, /event_reminder, /upload_file, /static/files.",
    ),
    Field::optional(
        "push",
        Kind::Record(&PUSH),
        "The push service: /email, /slack, /dingding, /wx, /sms and /vms.",
    ),
    Field::optional("alarm_v2", Kind::Record(&ALARM_V2), "/alarm_v2 and /alarm."),
    Field::optional(
        "grafana_wecom",
        Kind::Record(&GRAFANA_WECOM),
        "Grafana to WeCom: /api/model/send_sms/ and /check_service.",
    ),
    Field::optional(
        "autocall",
        Kind::Record(&AUTOCALL),
        "Telephones that ask for calls: /alert/phone.",
    ),
];
