use std::time::Duration;

use balefire_core::label::Labels;
use balefire_core::message::{Block, Locale, Mention};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use proptest::prelude::*;

use super::*;
use crate::context::plain;
use crate::sample;

fn reader(locale: Locale) -> Reader {
    let zone = if locale == Locale::ZhCn {
        "Asia/Shanghai"
    } else {
        ""
    };
    Reader {
        locale,
        zone: zone.to_owned(),
    }
}

fn message(group: GroupView, locale: Locale) -> Message {
    compose(&Arc::new(group), &reader(locale), Mentions::default(), None)
}

/// A message as a person would read it without markup.
fn told(group: GroupView, locale: Locale) -> String {
    let message = message(group, locale);
    format!("{}\n\n{}", message.title, plain(&message.body))
}

fn annotations(pairs: &[(&str, &str)]) -> Labels {
    Labels::annotations(pairs.iter().copied()).expect("annotations")
}

/// One alert that fires, with these words.
fn one(labels: &[(&str, &str)], words: &[(&str, &str)]) -> GroupView {
    let mut alert = sample::firing().alerts.swap_remove(0);
    alert.labels = Labels::from_pairs(labels.iter().copied()).expect("labels");
    alert.annotations = annotations(words);
    sample::group(vec![alert])
}

#[test]
fn two_firing_alerts_in_english() {
    insta::assert_snapshot!(told(sample::firing(), Locale::En), @"
    [FIRING:2] HighLatency · api-1, api-2, eu-1

    Requests take too long

    The 99th percentile is over 2 s.

    Severity: Critical
    Job: api
    Cluster: eu-1
    First started: 2026-11-22 10:14:05 UTC

    - api-1 — since 2026-11-22 10:14:05 UTC
    - api-2 — since 2026-11-22 10:14:05 UTC

    Runbook: https://runbooks.example.com/latency

    Source: http://prometheus.example.com/graph?g0.expr=up

    Open in Balefire: https://alerts.example.com/?group=%7B%7D%3A%7Balertname%3D%22HighLatency%22%2C+cluster%3D%22eu-1%22%7D
    ");
}

#[test]
fn two_firing_alerts_in_chinese() {
    insta::assert_snapshot!(told(sample::firing(), Locale::ZhCn), @"
    [已触发 2] HighLatency · api-1, api-2, eu-1

    Requests take too long

    The 99th percentile is over 2 s.

    级别: 紧急
    任务: api
    集群: eu-1
    最早开始: 2026-11-22 18:14:05 UTC+8

    - api-1 — 始于 2026-11-22 18:14:05 UTC+8
    - api-2 — 始于 2026-11-22 18:14:05 UTC+8

    处理手册: https://runbooks.example.com/latency

    来源: http://prometheus.example.com/graph?g0.expr=up

    在烽火中查看: https://alerts.example.com/?group=%7B%7D%3A%7Balertname%3D%22HighLatency%22%2C+cluster%3D%22eu-1%22%7D
    ");
}

#[test]
fn a_resolved_alert_in_english() {
    insta::assert_snapshot!(told(sample::resolved(), Locale::En), @"
    [RESOLVED:1] HighLatency · api-1, eu-1

    Requests take too long

    The 99th percentile is over 2 s.

    Severity: Critical
    Instance: api-1
    Job: api
    Cluster: eu-1
    Started: 2026-11-22 10:14:05 UTC
    Resolved: 2026-11-22 10:17:25 UTC
    Duration: 3m 20s

    Runbook: https://runbooks.example.com/latency

    Source: http://prometheus.example.com/graph?g0.expr=up

    Open in Balefire: https://alerts.example.com/?group=%7B%7D%3A%7Balertname%3D%22HighLatency%22%2C+cluster%3D%22eu-1%22%7D
    ");
}

#[test]
fn a_mixed_group_in_chinese() {
    insta::assert_snapshot!(told(sample::mixed(), Locale::ZhCn), @"
    [已触发 1, 已恢复 1] HighLatency · api-1, api-2, eu-1

    Requests take too long

    The 99th percentile is over 2 s.

    级别: 紧急
    任务: api
    集群: eu-1
    最早开始: 2026-11-22 18:14:05 UTC+8

    触发中（1）

    - api-1 — 始于 2026-11-22 18:14:05 UTC+8

    已恢复（1）

    - api-2 — 2026-11-22 18:17:25 UTC+8 恢复，持续 3 分 20 秒

    处理手册: https://runbooks.example.com/latency

    来源: http://prometheus.example.com/graph?g0.expr=up

    在烽火中查看: https://alerts.example.com/?group=%7B%7D%3A%7Balertname%3D%22HighLatency%22%2C+cluster%3D%22eu-1%22%7D
    ");
}

#[test]
fn a_mixed_group_in_english() {
    insta::assert_snapshot!(told(sample::mixed(), Locale::En), @"
    [FIRING:1, RESOLVED:1] HighLatency · api-1, api-2, eu-1

    Requests take too long

    The 99th percentile is over 2 s.

    Severity: Critical
    Job: api
    Cluster: eu-1
    First started: 2026-11-22 10:14:05 UTC

    Firing (1)

    - api-1 — since 2026-11-22 10:14:05 UTC

    Resolved (1)

    - api-2 — resolved 2026-11-22 10:17:25 UTC after 3m 20s

    Runbook: https://runbooks.example.com/latency

    Source: http://prometheus.example.com/graph?g0.expr=up

    Open in Balefire: https://alerts.example.com/?group=%7B%7D%3A%7Balertname%3D%22HighLatency%22%2C+cluster%3D%22eu-1%22%7D
    ");
}

#[test]
fn what_was_missed_says_so() {
    insta::assert_snapshot!(told(sample::missed(), Locale::En), @"
    [FIRED AND RESOLVED:1] HighLatency · api-1, eu-1

    This alert fired and was over before anyone could be told.

    Requests take too long

    The 99th percentile is over 2 s.

    Severity: Critical
    Instance: api-1
    Job: api
    Cluster: eu-1
    Started: 2026-11-22 10:14:05 UTC
    Resolved: 2026-11-22 10:17:25 UTC
    Duration: 3m 20s

    Runbook: https://runbooks.example.com/latency

    Source: http://prometheus.example.com/graph?g0.expr=up

    Open in Balefire: https://alerts.example.com/?group=%7B%7D%3A%7Balertname%3D%22HighLatency%22%2C+cluster%3D%22eu-1%22%7D
    ");
    insta::assert_snapshot!(message(sample::missed(), Locale::ZhCn).title, @"[曾触发，已恢复 1] HighLatency · api-1, eu-1");
}

#[test]
fn an_event_is_told_without_a_word_of_firing() {
    insta::assert_snapshot!(told(sample::event(), Locale::ZhCn), @"
    Release 4.2 went out · shop

    Release 4.2 went out

    服务: shop
    上报时间: 2026-11-22 18:14:05 UTC+8

    在烽火中查看: https://alerts.example.com/?group=%7B%7D%3A%7B%7D
    ");
    let english = told(sample::event(), Locale::En).to_lowercase();
    assert!(
        !english.contains("firing") && !english.contains("resolved"),
        "{english}"
    );
}

#[test]
fn a_huge_group_is_counted_not_listed() {
    let told = told(sample::huge(), Locale::En);
    assert!(told.starts_with("[FIRING:200] HighLatency"), "{told}");
    assert!(told.contains("… and 240 more"), "{told}");
    assert!(told.len() < 8_000, "{}", told.len());
}

#[test]
fn an_alert_with_nothing_but_a_name_still_makes_a_message() {
    insta::assert_snapshot!(told(one(&[("alertname", "Up")], &[]), Locale::En), @"
    [FIRING:1] Up

    Started: 2026-11-22 10:14:05 UTC

    Source: http://prometheus.example.com/graph?g0.expr=up

    Open in Balefire: https://alerts.example.com/?group=%7B%7D%3A%7Balertname%3D%22Up%22%7D
    ");
}

#[test]
fn a_group_without_alerts_does_not_trip() {
    let message = message(sample::group(Vec::new()), Locale::En);
    assert_eq!(message.title, "Alert");
    assert_eq!(message.occasion, Occasion::Resolved);
}

#[test]
fn alert_content_is_never_a_template() {
    let values = [
        "{{7*7}}",
        "{% include '/etc/passwd' %}",
        "{{ self.__class__ }}",
        "${jndi:ldap://x/a}",
        "%s%n",
        "#{1+1}",
    ];
    for value in values {
        let group = one(
            &[("alertname", value), ("instance", value)],
            &[("summary", value), ("note", value)],
        );
        let message = message(group, Locale::En);
        assert!(message.title.contains(value), "{}", message.title);
        let Some(Block::Facts(facts)) = message
            .body
            .iter()
            .find(|block| matches!(block, Block::Facts(_)))
        else {
            panic!("facts: {:?}", message.body);
        };
        assert_eq!(
            facts.iter().filter(|(_, told)| told == value).count(),
            2,
            "{facts:?}"
        );
    }
}

#[test]
fn only_web_addresses_become_links_and_pictures() {
    let group = one(
        &[("alertname", "X")],
        &[
            ("runbook_url", "javascript:alert(1)"),
            ("dashboard_url", "https://grafana.example.com/d/1"),
            ("image_url", "https://grafana.example.com/1.png"),
            ("image", "file:///etc/passwd"),
        ],
    );
    let body = message(group, Locale::En).body;
    let links: Vec<&str> = body
        .iter()
        .filter_map(|block| match block {
            Block::Link(link) => Some(link.url.as_str()),
            Block::Image(url) => Some(url.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(
        links,
        [
            "https://grafana.example.com/1.png",
            "https://grafana.example.com/d/1",
            "http://prometheus.example.com/graph?g0.expr=up",
            "https://alerts.example.com/?group=%7B%7D%3A%7Balertname%3D%22X%22%7D",
        ]
    );
}

#[test]
fn a_label_of_ten_megabytes_makes_an_ordinary_message() {
    let giant = "长".repeat(3_500_000);
    let labels = [
        ("alertname", giant.as_str()),
        ("instance", &giant),
        ("note", &giant),
    ];
    let group = one(
        &labels,
        &[
            ("summary", &giant),
            ("description", &giant),
            ("url", &giant),
        ],
    );
    let message = message(group, Locale::En);
    assert!(message.title.chars().count() <= 200);
    assert!(plain(&message.body).chars().count() < 10_000);
    let link = message.link.expect("a link");
    assert_eq!(link.url, "https://alerts.example.com/");
}

#[test]
fn names_that_differ_stand_in_the_title_and_before_each_point() {
    let mut group = sample::firing();
    for (alert, name) in group.alerts.iter_mut().zip(["DiskFull", "HighLatency"]) {
        alert.labels = alert.labels.overlaid(&annotations(&[("alertname", name)]));
    }
    let group = sample::group(group.alerts);
    insta::assert_snapshot!(told(group, Locale::En), @"
    [FIRING:2] DiskFull, HighLatency · api-1, api-2, eu-1

    Requests take too long

    The 99th percentile is over 2 s.

    Severity: Critical
    Job: api
    Cluster: eu-1
    First started: 2026-11-22 10:14:05 UTC

    - DiskFull, api-1 — since 2026-11-22 10:14:05 UTC
    - HighLatency, api-2 — since 2026-11-22 10:14:05 UTC

    Runbook: https://runbooks.example.com/latency

    Source: http://prometheus.example.com/graph?g0.expr=up

    Open in Balefire: https://alerts.example.com/?group=%7B%7D%3A%7Bcluster%3D%22eu-1%22%7D
    ");
}

#[test]
fn the_senders_own_severity_word_stands_beside_ours() {
    let group = one(&[("alertname", "X"), ("severity", "page")], &[]);
    assert!(told(group, Locale::ZhCn).contains("级别: 紧急 (page)"));
}

#[test]
fn a_summary_the_title_holds_already_is_not_repeated_before_a_description() {
    let group = one(
        &[("service", "db")],
        &[("summary", "Disk full"), ("description", "99 %")],
    );
    let body = message(group, Locale::En).body;
    assert_eq!(body[0], Block::Text("99 %".to_owned()));
}

#[test]
fn mentions_custom_words_and_thread_go_along() {
    let mentions = Mentions {
        everyone: true,
        people: vec![Mention {
            name: "陈敏".to_owned(),
            ..Mention::default()
        }],
    };
    let custom = Custom {
        title: Some("mine".to_owned()),
        text: None,
        ..Custom::default()
    };
    let group = Arc::new(sample::firing());
    let message = compose(
        &group,
        &reader(Locale::En),
        mentions.clone(),
        Some(custom.clone()),
    );
    assert_eq!((message.mentions, message.custom), (mentions, Some(custom)));
    assert_eq!(message.thread, &*group.group_key);
    assert_eq!(
        (message.severity, message.occasion),
        (Severity::Critical, Occasion::Firing)
    );
}

#[test]
fn a_digest_tells_the_worst_first_and_counts_the_rest() {
    let mut messages: Vec<Message> = (0..24)
        .map(|_| message(sample::resolved(), Locale::En))
        .collect();
    messages.push(message(
        one(&[("alertname", "Worst"), ("severity", "critical")], &[]),
        Locale::En,
    ));
    messages[3].mentions.everyone = true;
    let digest = compose_digest(&messages, &reader(Locale::En));
    assert_eq!(digest.title, "25 notifications in one message");
    assert_eq!(
        digest.body[1],
        Block::Heading("[FIRING:1] Worst".to_owned())
    );
    assert_eq!(
        digest.body.last(),
        Some(&Block::Text("… and 5 more notifications".to_owned()))
    );
    assert!(digest.mentions.everyone);
    assert_eq!(
        (digest.occasion, digest.severity),
        (Occasion::Digest, Severity::Critical)
    );
}

#[test]
fn a_digest_of_two_in_chinese() {
    let messages = [
        message(sample::resolved(), Locale::ZhCn),
        message(sample::firing(), Locale::ZhCn),
    ];
    let digest = compose_digest(&messages, &reader(Locale::ZhCn));
    insta::assert_snapshot!(format!("{}\n\n{}", digest.title, plain(&digest.body)), @"
    2 条通知合并发送

    等待中的通知合并为一条发送。

    [已触发 2] HighLatency · api-1, api-2, eu-1

    Requests take too long

    在烽火中查看: https://alerts.example.com/?group=%7B%7D%3A%7Balertname%3D%22HighLatency%22%2C+cluster%3D%22eu-1%22%7D

    [已恢复 1] HighLatency · api-1, eu-1

    Requests take too long

    在烽火中查看: https://alerts.example.com/?group=%7B%7D%3A%7Balertname%3D%22HighLatency%22%2C+cluster%3D%22eu-1%22%7D
    ");
}

#[test]
fn a_digest_of_one_is_that_message() {
    let only = message(sample::firing(), Locale::En);
    assert_eq!(
        compose_digest(std::slice::from_ref(&only), &reader(Locale::En)),
        only
    );
}

#[test]
fn a_direct_message_without_title_takes_its_first_line() {
    let message = compose_direct(
        "",
        "disk full\non db-1",
        Severity::Error,
        &reader(Locale::En),
    );
    assert_eq!(
        (message.title.as_str(), message.severity),
        ("disk full", Severity::Error)
    );
    assert_eq!(message.body, [Block::Text("disk full\non db-1".to_owned())]);
    let empty = compose_direct(" ", "", Severity::Info, &reader(Locale::ZhCn));
    assert_eq!((empty.title.as_str(), empty.body.len()), ("消息", 0));
}

#[test]
fn a_test_names_its_account() {
    let message = compose_test("ops-robot", &reader(Locale::ZhCn));
    insta::assert_snapshot!(format!("{}\n{}", message.title, plain(&message.body)), @"
    烽火测试消息
    这是账号 ops-robot 的测试消息。看到它，说明通知可以送达这里。
    ");
}

#[test]
fn balefire_speaks_of_itself_by_kind_of_trouble() {
    let told = |trouble| {
        let reader = reader(Locale::En);
        let message = compose_meta(
            trouble,
            "ops-robot",
            "gave up after 10m",
            Severity::Critical,
            &reader,
        );
        format!("{}\n{}", message.title, plain(&message.body))
    };
    insta::assert_snapshot!(told("dead_letter"), @"
    [Balefire] A notification could not be delivered · ops-robot
    gave up after 10m

    About: ops-robot
    Severity: Critical
    ");
    assert!(
        told("no such trouble")
            .starts_with("[Balefire] Something is wrong with Balefire · ops-robot")
    );
    assert!(told("subject").starts_with("[Balefire] Something is wrong"));
}

prop_compose! {
    fn any_alert()(
        labels in prop::collection::btree_map("[a-z_]{1,8}|alertname|instance|severity", "\\PC{0,40}", 0..6),
        words in prop::collection::btree_map("summary|description|image|[a-z]{1,6}", ".{0,300}", 0..4),
        (began, lasted, over, missed, kind) in (any::<i64>(), 0_u64..10_000_000, any::<bool>(), any::<bool>(), 0_u8..3),
    ) -> AlertView {
        let free = |text: &String| text.replace('\0', "");
        let labels: Vec<(String, String)> = labels.iter().map(|(n, v)| (n.clone(), free(v))).collect();
        let words: Vec<(String, String)> = words.iter().map(|(n, v)| (n.clone(), free(v))).collect();
        let starts_at = Time::from_micros(began);
        let mut alert = sample::firing().alerts.swap_remove(0);
        alert.labels = Labels::from_pairs(labels.iter().map(|(n, v)| (n.as_str(), v.as_str()))).expect("labels");
        alert.annotations = Labels::annotations(words.iter().map(|(n, v)| (n.as_str(), v.as_str()))).expect("words");
        alert.starts_at = starts_at;
        alert.ends_at = over.then(|| starts_at.after(Duration::from_secs(lasted)));
        alert.status = if over { Status::Resolved } else { Status::Firing };
        alert.missed = missed;
        alert.lifecycle = [Lifecycle::Refreshing, Lifecycle::Explicit, Lifecycle::Event][usize::from(kind)];
        alert
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_group_makes_a_bounded_message_with_a_one_line_title(
        alerts in prop::collection::vec(any_alert(), 0..15),
        chinese in any::<bool>(),
    ) {
        let locale = if chinese { Locale::ZhCn } else { Locale::En };
        let count = alerts.len();
        let message = message(sample::group(alerts), locale);
        prop_assert!(!message.title.is_empty());
        prop_assert!(!message.title.contains(char::is_control));
        prop_assert!(message.title.chars().count() <= 200);
        prop_assert!(plain(&message.body).chars().count() < 40_000);
        let listed: usize = message.body.iter().map(|block| match block {
            Block::List(points) => points.len(),
            _ => 0,
        }).sum();
        prop_assert_eq!(listed, if count < 2 { 0 } else { count.min(10) });
    }
}
