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

static DEPARTMENT: [Field; 6] = [
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

static ALARM_V2: [Field; 12] = [
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

/// `legacy`.
pub static LEGACY: [Field; 4] = [
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
];
