//! `legacy`: the older services whose clients keep working. A service that is not named is off.

use balefire_core::field::{Field, Kind};

static APPTOOLS: [Field; 4] = [
    Field::optional("mail", Kind::Text, "The smtp account of /sendmail."),
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
];

static PUSH: [Field; 8] = [
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

static GRAFANA_WECOM: [Field; 5] = [
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

static DEPARTMENT: [Field; 5] = [
    Field::optional("label", Kind::Text, "Its name in messages."),
    Field::optional("salt", Kind::Secret, "The salt of its signatures."),
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
];

static DEPARTMENT_KIND: Kind = Kind::Record(&DEPARTMENT);

static GROUP: [Field; 7] = [
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
        "Its DingTalk group, which the application's robot is in; people get work notices without it.",
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

static ALARM_V2: [Field; 7] = [
    Field::optional(
        "salt",
        Kind::Secret,
        "The salt of departments that have none of their own, and of /alarm.",
    ),
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

static AUTOCALL: [Field; 4] = [
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
        "AppTools: /sendmail, /sendsms, /send_dingtalk, /send_wechat.",
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
