//! What alert content may not do in any dialect, and how each looks.

use balefire_core::message::{Answering, Block, Link};
use proptest::prelude::*;

use super::*;

fn link(text: &str, url: &str) -> Link {
    Link {
        text: text.to_owned(),
        url: url.to_owned(),
    }
}

fn sample() -> Vec<Block> {
    vec![
        Block::Heading("Firing".to_owned()),
        Block::Text("disk is 95 % full\nsince 10:00".to_owned()),
        Block::Facts(vec![
            ("instance".to_owned(), "db_01:9100".to_owned()),
            ("expr".to_owned(), "rate(x[5m]) * 100 > 95".to_owned()),
        ]),
        Block::List(vec!["one".to_owned(), "two <b>".to_owned()]),
        Block::Rule,
        Block::Image("https://g.example/render?a=1&b=(2)".to_owned()),
        Block::Link(link("Open [group]", "https://alerts.example/g/42?a=1&b=2")),
    ]
}

#[test]
fn plain_text() {
    insta::assert_snapshot!(render(&sample(), Dialect::Plain));
}

#[test]
fn dingtalk_markdown() {
    insta::assert_snapshot!(render(&sample(), Dialect::DingTalkMarkdown));
}

#[test]
fn wecom_markdown() {
    insta::assert_snapshot!(render(&sample(), Dialect::WecomMarkdown));
}

#[test]
fn feishu_lark_markdown() {
    insta::assert_snapshot!(render(&sample(), Dialect::FeishuLark));
}

#[test]
fn slack_mrkdwn() {
    insta::assert_snapshot!(render(&sample(), Dialect::SlackMrkdwn));
}

#[test]
fn html() {
    insta::assert_snapshot!(render(&sample(), Dialect::Html));
}

#[test]
fn chat_markdown() {
    insta::assert_snapshot!(render(&sample(), Dialect::ChatMarkdown));
}

#[test]
fn teams_markdown() {
    insta::assert_snapshot!(render(&sample(), Dialect::TeamsMarkdown));
}

#[test]
fn light_html() {
    insta::assert_snapshot!(render(&sample(), Dialect::LightHtml));
    // Vector of wire/vectors_intl.json.
    assert_eq!(
        Dialect::LightHtml.escape("disk_usage > 90.5% (db-01)!"),
        "disk_usage &gt; 90.5% (db-01)!"
    );
}

#[test]
fn nobody_is_called_by_name_and_addresses_stay() {
    for dialect in [Dialect::ChatMarkdown, Dialect::LightHtml] {
        let text = dialect.escape("@alice (@bob) ops@example.com @ 9 @room");
        assert_eq!(
            text, "＠alice (＠bob) ops@example.com @ 9 ＠room",
            "{dialect:?}"
        );
    }
    assert_eq!(
        Dialect::ChatMarkdown.escape("||hidden||"),
        "\u{200b}¦¦hidden¦¦"
    );
}

/// What a platform would act on, whoever wrote it.
const DANGERS: [&str; 23] = [
    "@all",
    "@room",
    "@everyone",
    "@channel",
    "@here",
    "@所有人",
    "@全体成员",
    "<!channel",
    "<!here",
    "<!subteam",
    "<@U012",
    "<@chenmin",
    "<at ",
    "<at>",
    "](http",
    "![x](",
    "<font color=\"warning\"",
    "<a ",
    "<script",
    "<img",
    "<http://evil",
    "\u{202e}",
    "\u{1b}",
];

#[test]
fn content_creates_neither_mentions_nor_links_nor_tags() {
    let nasty = [
        "@all @room @everyone @channel @here @ALL @所有人 @全体成员",
        "<!channel> <!here> <!subteam^S1> <@U012> <@chenmin> <at user_id=\"all\"></at> <at id=all></at> <at>",
        "[good](http://evil) ![x](http://evil) <http://evil|good> <a href=x>",
        "<font color=\"warning\">x</font><script>alert(1)</script><img src=x>",
        "\u{202e}abc\u{1b}]0;x\u{7}",
    ];
    for dialect in Dialect::ALL {
        for text in nasty {
            let blocks = [
                Block::Heading(text.to_owned()),
                Block::Text(text.to_owned()),
                Block::Facts(vec![(text.to_owned(), text.to_owned())]),
                Block::List(vec![text.to_owned()]),
                Block::Link(link(text, "javascript:alert(1)")),
            ];
            let rendered = render(&blocks, dialect).to_lowercase();
            for danger in DANGERS {
                // The plain dialects of mail and SMS show tags as they are: nobody reads them as tags there.
                let shown_only = dialect == Dialect::Plain
                    && (danger.starts_with(['<', '[', '!'])
                        || danger.starts_with("http")
                        || danger.starts_with("]("))
                    && !danger.starts_with("<!")
                    && !danger.starts_with("<@")
                    && !danger.starts_with("<at");
                let shown_only = shown_only
                    || (matches!(dialect, Dialect::Html | Dialect::LightHtml)
                        && matches!(danger, "](http" | "![x]("));
                let mentions_html = dialect == Dialect::Html && danger.starts_with('@');
                if !shown_only && !mentions_html {
                    assert!(
                        !rendered.contains(&danger.to_lowercase()),
                        "{dialect:?} {danger:?}: {rendered}"
                    );
                }
            }
        }
    }
}

#[test]
fn ordinary_text_stays_readable() {
    for dialect in [
        Dialect::DingTalkMarkdown,
        Dialect::WecomMarkdown,
        Dialect::SlackMrkdwn,
        Dialect::ChatMarkdown,
        Dialect::TeamsMarkdown,
        Dialect::LightHtml,
    ] {
        for text in [
            "node_cpu_seconds_total",
            "rate(x[5m]) * 100",
            "a@example.com",
            "磁盘 95%",
            "C:/x",
        ] {
            assert_eq!(dialect.escape(text), text, "{dialect:?}");
        }
    }
    assert_eq!(Dialect::SlackMrkdwn.escape("a < b & c"), "a &lt; b &amp; c");
    assert_eq!(Dialect::Plain.escape("a < b & <c> *d*"), "a < b & <c> *d*");
    assert_eq!(
        clean("a\r\nb\rc\u{2028}d\u{200d}e\u{feff}"),
        "a\nb\nc\nd\u{200d}e"
    );
}

#[test]
fn a_line_cannot_become_a_heading_list_or_quote() {
    for dialect in [
        Dialect::DingTalkMarkdown,
        Dialect::WecomMarkdown,
        Dialect::ChatMarkdown,
        Dialect::TeamsMarkdown,
    ] {
        for line in [
            "# x",
            "> x",
            "- x",
            "+ x",
            "* x",
            "1. x",
            "12) x",
            "---",
            "===",
            "    code",
            "[a]: http://x",
            "| a |",
        ] {
            let escaped = dialect.escape(&format!("text\n{line}"));
            let second = escaped.lines().nth(1).expect("two lines");
            assert!(
                second.starts_with('\u{200b}'),
                "{dialect:?} {line}: {second:?}"
            );
        }
    }
}

#[test]
fn links_lead_to_web_and_mail_only() {
    for url in [
        "javascript:alert(1)",
        " javascript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "x",
        "",
    ] {
        assert_eq!(safe_url(url), None, "{url}");
        for dialect in Dialect::ALL {
            let shown = dialect.link(&link("text", url));
            assert_eq!(shown, "text", "{dialect:?}");
        }
    }
    let tricky = link("a|b]c", "https://x.example/a)b|c>d\"e?q=<f>&g=1");
    assert_eq!(
        Dialect::SlackMrkdwn.link(&tricky),
        "<https://x.example/a%29b%7Cc%3Ed%22e?q=%3Cf%3E&amp;g=1|a¦b]c>"
    );
    assert_eq!(
        Dialect::WecomMarkdown.link(&tricky),
        "[a|b］c](https://x.example/a%29b%7Cc%3Ed%22e?q=%3Cf%3E&g=1)"
    );
}

#[test]
fn the_operators_own_text_keeps_its_markup_but_calls_nobody() {
    let message = message_with(Some("**[api](https://x.example)** @all <@U1> <!here>"));
    let text = text_of(&message, Dialect::SlackMrkdwn, Length::Unlimited).text;
    assert_eq!(text, "**[api](https://x.example)** ＠all ＜@U1> ＜!here>");
}

#[test]
fn items_that_do_not_fit_are_counted() {
    let items: Vec<String> = (1..=100).map(|n| format!("alert number {n}")).collect();
    let blocks = [
        Block::Text("intro".to_owned()),
        Block::List(items),
        Block::Text("never seen".to_owned()),
        Block::Link(link("Open", "https://a.example/")),
    ];
    let limit = Length::Bytes(160);
    let rendered = render_within(&blocks, Dialect::DingTalkMarkdown, limit, Locale::En);
    assert!(limit.fits(&rendered.text));
    insta::assert_snapshot!(rendered.text);
    assert_eq!(rendered.left_out, 95 + 1);
    let chinese = render_within(&blocks, Dialect::Plain, limit, Locale::ZhCn);
    assert!(chinese.text.contains("… 另有"), "{}", chinese.text);
}

fn message_with(text: Option<&str>) -> Message {
    use balefire_core::message::{Custom, Mentions, Occasion};
    Message {
        occasion: Occasion::Firing,
        severity: balefire_core::severity::Severity::Critical,
        title: "[FIRING:1] *Disk* <!here>".to_owned(),
        body: sample(),
        group: None,
        mentions: Mentions::default(),
        custom: text.map(|text| Custom {
            title: None,
            text: Some(text.to_owned()),
            ..Custom::default()
        }),
        locale: Locale::En,
        zone: "UTC".to_owned(),
        link: None,
        thread: String::new(),
        attachments: Vec::new(),
        answering: Answering::default(),
    }
}

#[test]
fn a_title_is_one_escaped_line_within_its_limit() {
    let message = message_with(None);
    let title = title_of(&message, Dialect::SlackMrkdwn, Length::Unlimited);
    assert_eq!(title, "[FIRING:1] ∗Disk∗ ＜!here&gt;");
    let short = title_of(&message, Dialect::SlackMrkdwn, Length::Chars(12));
    assert!(Length::Chars(12).fits(&short));
    assert!(short.ends_with('…'));
}

fn any_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        any::<char>().prop_map(String::from),
        proptest::sample::select(DANGERS.to_vec()).prop_map(ToOwned::to_owned),
        Just("👨‍👩‍👧".to_owned()),
        Just("\n- # > ".to_owned()),
        Just("告警".to_owned()),
        "[a-z&<>*_\\[\\]()`~ ]{0,12}",
    ];
    proptest::collection::vec(part, 0..20).prop_map(|parts| parts.concat())
}

fn any_blocks() -> impl Strategy<Value = Vec<Block>> {
    let block = prop_oneof![
        any_text().prop_map(Block::Heading),
        any_text().prop_map(Block::Text),
        proptest::collection::vec((any_text(), any_text()), 0..5).prop_map(Block::Facts),
        proptest::collection::vec(any_text(), 0..8).prop_map(Block::List),
        any_text().prop_map(|text| Block::Link(Link {
            text,
            url: "https://a.example/x(1)".to_owned()
        })),
        Just(Block::Image("https://a.example/i.png".to_owned())),
        Just(Block::Rule),
    ];
    proptest::collection::vec(block, 0..6)
}

fn any_limit() -> impl Strategy<Value = Length> {
    prop_oneof![
        (0_usize..400).prop_map(Length::Bytes),
        (0_usize..400).prop_map(Length::Chars),
        (0_usize..400).prop_map(Length::Utf16)
    ]
}

proptest! {
    #[test]
    fn whatever_the_limit_it_holds(blocks in any_blocks(), limit in any_limit()) {
        for dialect in Dialect::ALL {
            let rendered = render_within(&blocks, dialect, limit, Locale::ZhCn);
            prop_assert!(limit.fits(&rendered.text), "{dialect:?}: {} over {limit:?}", rendered.text.len());
        }
    }

    #[test]
    fn markup_is_whole_at_every_limit(blocks in any_blocks(), limit in any_limit()) {
        let html = render_within(&blocks, Dialect::Html, limit, Locale::En).text;
        for tag in ["p", "div", "h3", "a", "span", "b"] {
            let opened = html.matches(&format!("<{tag} ")).count() + html.matches(&format!("<{tag}>")).count();
            prop_assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{} in {}", tag, html);
        }
        let light = render_within(&blocks, Dialect::LightHtml, limit, Locale::En).text;
        for tag in ["a", "b"] {
            let opened = light.matches(&format!("<{tag} ")).count() + light.matches(&format!("<{tag}>")).count();
            prop_assert_eq!(opened, light.matches(&format!("</{tag}>")).count(), "{} in {}", tag, light);
        }
        let slack = render_within(&blocks, Dialect::SlackMrkdwn, limit, Locale::En).text;
        prop_assert_eq!(slack.matches('<').count(), slack.matches('>').count(), "{}", slack);
        let wecom = render_within(&blocks, Dialect::WecomMarkdown, limit, Locale::En).text;
        prop_assert_eq!(wecom.matches("<font ").count(), wecom.matches("</font>").count(), "{}", wecom);
    }

    #[test]
    fn no_content_calls_anybody(blocks in any_blocks()) {
        for dialect in Dialect::ALL.into_iter().filter(|dialect| *dialect != Dialect::Html) {
            let text = render(&blocks, dialect).to_lowercase();
            for danger in DANGERS.iter().filter(|d| d.starts_with(['@']) || d.starts_with("<@") || d.starts_with("<!") || d.starts_with("<at")) {
                prop_assert!(!text.contains(danger), "{dialect:?} {danger}: {text}");
            }
            let kept = ['\n', '\t', '\u{200b}'];
            let hidden = text.chars().any(|c| !kept.contains(&c) && is_hidden(c));
            prop_assert!(!hidden, "{:?}", text);
        }
    }

    #[test]
    fn html_holds_no_markup_of_the_contents(text in any_text()) {
        for dialect in [Dialect::Html, Dialect::LightHtml] {
            let escaped = dialect.escape(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
        }
    }
}
