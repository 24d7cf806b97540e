//! The messages that every channel has to tell.

use std::sync::Arc;

use balefire_core::alert::Lifecycle;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use balefire_core::message::{
    AlertView, Answering, Block, GroupView, Link, Locale, Mentions, Message, Occasion, Status,
};
use balefire_core::severity::Severity;
use balefire_core::time::Time;

/// When the alerts began.
const START: Time = Time::from_secs(1_795_249_500);

/// Which message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Firing,
    Resolved,
    Mixed,
    Test,
    Direct,
    OverLimit,
}

/// Those that are told in full.
pub(crate) const SHORT: [Case; 5] = [
    Case::Firing,
    Case::Resolved,
    Case::Mixed,
    Case::Test,
    Case::Direct,
];

/// A text in the reader's language.
fn say(locale: Locale, en: &str, zh: &str) -> String {
    match locale {
        Locale::En => en.to_owned(),
        Locale::ZhCn => zh.to_owned(),
    }
}

pub(crate) fn message(case: Case, locale: Locale) -> Message {
    let link = Link {
        text: say(locale, "Open in Balefire", "在 Balefire 中打开"),
        url: "https://gw.example.com/?group=g-42&x=1".to_owned(),
    };
    let about_alerts = matches!(
        case,
        Case::Firing | Case::Resolved | Case::Mixed | Case::OverLimit
    );
    Message {
        occasion: match case {
            Case::Firing | Case::Mixed | Case::OverLimit => Occasion::Firing,
            Case::Resolved => Occasion::Resolved,
            Case::Test => Occasion::Test,
            Case::Direct => Occasion::Direct,
        },
        severity: match case {
            Case::Test | Case::Direct => Severity::Info,
            Case::Mixed => Severity::Warning,
            _ => Severity::Critical,
        },
        title: title(case, locale),
        body: body(case, locale, &link),
        group: about_alerts.then(|| Arc::new(group(case))),
        mentions: Mentions::default(),
        custom: None,
        locale,
        zone: "Asia/Shanghai".to_owned(),
        link: Some(link),
        thread: format!("{{}}:{{alertname=\"{case:?}\"}}"),
        attachments: Vec::new(),
        answering: Answering::default(),
    }
}

fn title(case: Case, locale: Locale) -> String {
    match case {
        Case::Firing => say(
            locale,
            "[FIRING:1] DiskFull (db-1)",
            "[告警:1] 磁盘将满 (db-1)",
        ),
        Case::Resolved => say(
            locale,
            "[RESOLVED:1] DiskFull (db-1)",
            "[恢复:1] 磁盘将满 (db-1)",
        ),
        Case::Mixed => say(
            locale,
            "[FIRING:1, RESOLVED:1] DiskFull",
            "[告警:1, 恢复:1] 磁盘将满",
        ),
        Case::Test => say(locale, "Test of the account", "账号测试"),
        Case::Direct => say(locale, "Backup *done* & checked", "备份 *完成* & 已校验"),
        Case::OverLimit => say(locale, "[FIRING:900] DiskFull", "[告警:900] 磁盘将满"),
    }
}

fn body(case: Case, locale: Locale, link: &Link) -> Vec<Block> {
    let mut body = vec![Block::Facts(vec![
        (say(locale, "Severity", "级别"), "critical".to_owned()),
        (
            say(locale, "Started", "开始"),
            "2026-11-21 16:25:00".to_owned(),
        ),
    ])];
    match case {
        Case::Test | Case::Direct => {
            body = vec![Block::Text(say(
                locale,
                "Nothing to do.\nReally.",
                "无需处理。\n真的。",
            ))];
        }
        Case::OverLimit => {
            let item = |n: usize| format!("db-{n} \"disk\" 磁盘 C:\\data_{n} * 99 % <full>");
            body.push(Block::List((0..900).map(item).collect()));
        }
        Case::Resolved => over(&mut body, "db-1", locale),
        Case::Firing | Case::Mixed => {
            body.push(Block::Heading(say(locale, "Firing (1)", "告警中 (1)")));
            body.push(Block::List(vec!["db-1, /var/lib_x 99 %".to_owned()]));
            if case == Case::Mixed {
                body.push(Block::Rule);
                over(&mut body, "db-2", locale);
            }
        }
    }
    body.push(Block::Link(link.clone()));
    body
}

fn over(body: &mut Vec<Block>, instance: &str, locale: Locale) {
    body.push(Block::Heading(say(locale, "Resolved (1)", "已恢复 (1)")));
    body.push(Block::List(vec![instance.to_owned()]));
}

fn group(case: Case) -> GroupView {
    let alerts: Vec<AlertView> = match case {
        Case::Resolved => vec![alert("db-1", Some(START))],
        Case::Mixed => vec![alert("db-1", None), alert("db-2", Some(START))],
        _ => vec![alert("db-1", None)],
    };
    GroupView {
        receiver: "ops".into(),
        status: if case == Case::Resolved {
            Status::Resolved
        } else {
            Status::Firing
        },
        common_labels: Labels::common(alerts.iter().map(|alert| &alert.labels)),
        common_annotations: Labels::common(alerts.iter().map(|alert| &alert.annotations)),
        alerts,
        group_labels: Labels::from_pairs([("alertname", "DiskFull")]).expect("labels"),
        external_url: "https://gw.example.com".into(),
        group_key: "{}:{alertname=\"DiskFull\"}".into(),
        acknowledge_url: "".into(),
        answer_token: "".into(),
        truncated_alerts: 0,
        reason: "first notification".into(),
    }
}

fn alert(instance: &str, ends_at: Option<Time>) -> AlertView {
    let pairs = [
        ("alertname", "DiskFull"),
        ("instance", instance),
        ("severity", "critical"),
    ];
    let labels = Labels::from_pairs(pairs).expect("labels");
    AlertView {
        status: if ends_at.is_some() {
            Status::Resolved
        } else {
            Status::Firing
        },
        fingerprint: Fingerprint::of(&labels),
        labels,
        annotations: Labels::annotations([("summary", "磁盘 99 %")]).expect("annotations"),
        starts_at: START,
        ends_at,
        generator_url: "".into(),
        lifecycle: Lifecycle::Refreshing,
        missed: false,
    }
}
