use balefire_core::clock::Clock as _;
use balefire_core::message::{Custom, Message, Occasion};
use balefire_core::time::Time;
use balefire_testkit::provider::aliyun::{
    COMMAND, COMMAND_TEMPLATE, KEY_ID, KEY_SECRET, SIGN_NAME,
};
use balefire_testkit::{Received, Simulator};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::cloud::Param;
use crate::cloud::sample::{message, send};
use crate::http::{Http, HttpSettings};
use crate::registry;
use crate::token::Tokens;

const AGENT: &str = "+8618700000000";

fn open(kind: &str, account: &Value, receiver: &Value) -> Built {
    let spec = registry::find(kind).expect("a kind");
    registry::open(
        spec,
        &Build {
            account_name: "a",
            account,
            receiver,
            http: Http::new(HttpSettings::default()).expect("a client"),
            tokens: Arc::new(Tokens::new()),
        },
    )
}

/// An account whose notices have three variables, as one that does both.
fn aliyun(url: &str) -> Value {
    json!({
        "access_key_id": KEY_ID,
        "access_key_secret": KEY_SECRET,
        "sign_name": SIGN_NAME,
        "template_code": "SMS_123456789",
        "template_params": {"title": "title", "level": "severity", "summary": "text"},
        "api_url": url,
    })
}

fn entry(phones: &[&str]) -> Value {
    json!({
        "phones": phones,
        "dial": {"agent": AGENT},
        "template_code": COMMAND_TEMPLATE,
        "template_params": {COMMAND: "title"},
    })
}

fn field(request: &Received, name: &str) -> String {
    url::form_urlencoded::parse(&request.body)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn titled(title: &str) -> Message {
    Message {
        title: title.to_owned(),
        ..message()
    }
}

/// The command in a message of so many units, from which the signature is already taken.
fn text(title: &str, units: usize) -> String {
    let command = Command::new("autocall", Length::Utf16(units));
    command
        .text("18712345678", &titled(title))
        .expect("room for the number")
}

#[tokio::test]
async fn each_persons_number_is_one_message_to_the_telephone() {
    let simulator = Simulator::start().await.expect("a simulator");
    let receiver = entry(&["+86 187-1234-5678", "*7213900139000", "18712345678"]);
    let channel = open("aliyun_sms", &aliyun(simulator.url()), &receiver).expect("a channel");
    let told: Vec<String> = channel
        .targets()
        .iter()
        .map(|target| target.address.to_string())
        .collect();
    assert_eq!(told, ["18712345678", "*7213900139000"]);
    let now = simulator.clock().expect("its own clock").now();
    let outcomes = send(&*channel, &titled("[告警:2] 磁盘|将满\n🔴 autocall"), now).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let sent: Vec<(String, String)> = simulator
        .aliyun()
        .received()
        .iter()
        .map(|request| {
            let variables = field(request, "TemplateParam");
            let variables: Value = serde_json::from_str(&variables).expect("JSON");
            let command = variables[COMMAND].as_str().expect("a text").to_owned();
            (field(request, "PhoneNumbers"), command)
        })
        .collect();
    let expected = [
        "|18712345678|autocall|[告警:2] 磁盘/将满…",
        "|*7213900139000|autocall|[告警:2] 磁盘…",
    ];
    assert_eq!(
        sent,
        expected.map(|command| ("18700000000".to_owned(), command.to_owned()))
    );
}

#[tokio::test]
async fn nobody_is_called_for_what_is_over_and_what_is_no_number_is_not_dialled() {
    let channel = open(
        "aliyun_sms",
        &aliyun("http://127.0.0.1:9"),
        &entry(&["66123"]),
    );
    let channel = channel.expect("a channel");
    let over = Message {
        occasion: Occasion::Resolved,
        ..message()
    };
    let outcomes = send(&*channel, &over, Time::from_secs(0)).await;
    assert!(channel.ignores_ends());
    let receipt = outcomes[0].as_ref().expect("nothing to do");
    assert_eq!(receipt.answer, "nobody was called: the alerts are over");
    let message = message();
    let stray = [target("1|2")];
    let delivery = Delivery {
        message: &message,
        targets: &stray,
        id: "bf_0123456789abcdef",
        attempt: 1,
        now: Time::from_secs(0),
    };
    let outcomes = channel.send(&delivery).await;
    let error = outcomes[0].as_ref().expect_err("no number");
    assert_eq!(error.kind, ErrorKind::Rejected);
    assert!(error.detail.contains("1|2"), "{error}");
}

#[test]
fn the_title_fills_what_the_number_leaves_and_is_cut_with_a_mark() {
    // |18712345678|autocall| are 22 units.
    let most = "告".repeat(48);
    assert_eq!(text(&most, 70), format!("|18712345678|autocall|{most}"));
    let longer = "告".repeat(49);
    let cut = format!("|18712345678|autocall|{}…", "告".repeat(47));
    assert_eq!(text(&longer, 70), cut);
    assert_eq!(Length::Utf16(70).of(&text(&longer, 69)), 69);
    assert_eq!(Length::Utf16(70).of(&text(&longer, 71)), 71);
    // Emoji, which templates refuse, take no room; a composed character stays whole.
    assert_eq!(text(&"🔴".repeat(80), 70), "|18712345678|autocall|");
    let composed = format!("{}e\u{301}", "a".repeat(47));
    assert!(text(&composed, 70).ends_with("a…"));
    assert!(text(&composed, 71).ends_with("e\u{301}"));
}

#[test]
fn a_number_that_finds_no_room_is_no_command() {
    let command = Command::new("autocall", Length::Utf16(21));
    assert_eq!(command.text("18712345678", &message()), None);
    assert_eq!(text("告警", 22), "|18712345678|autocall|");
    assert_eq!(text("告警", 23), "|18712345678|autocall|…");
}

#[test]
fn a_title_adds_no_command_of_its_own() {
    for (title, plain) in [
        ("|911|autocall|now", "/911/auto call/now"),
        ("a\r\n|911|\tb", "a /911/ b"),
        ("DownCall alertcall", "Down Call alert call"),
        ("down🔴call", "down call"),
        ("see http:||evil.example now", "see now"),
        ("http:🔴//evil", ""),
        ("【假签名】 up", "[假签名] up"),
    ] {
        let head = "|18712345678|autocall|";
        assert_eq!(text(title, 70), format!("{head}{plain}"), "{title:?}");
    }
    // The operator's own words, too.
    let mut own = message();
    own.custom = Some(Custom {
        title: Some("a|b".to_owned()),
        text: Some("more".to_owned()),
        ..Custom::default()
    });
    let command = Command::new("alertcall", Length::Utf16(70));
    let told = command.message("66123", &own).expect("room");
    assert_eq!(told.title, "|66123|alertcall|a/b");
    assert_eq!(crate::cloud::whole(&told, Length::Chars(480)), told.title);
}

fn problems(kind: &str, account: &Value, receiver: &Value) -> Vec<String> {
    let problems = open(kind, account, receiver).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn what_could_not_be_dialled_is_refused_with_its_key() {
    let account = aliyun("http://127.0.0.1:9");
    for (key, value, told) in [
        ("dial", json!("18700000000"), "dial: is no mapping"),
        ("dial", json!({}), "dial.agent: is missing"),
        (
            "dial",
            json!({"agent": "me"}),
            "dial.agent: \"me\" is no telephone number",
        ),
        (
            "dial",
            json!({"agent": AGENT, "agnet": AGENT}),
            "dial.agnet: unknown key",
        ),
        (
            "dial",
            json!({"agent": AGENT, "keyword": "a|b"}),
            "dial.keyword: is no keyword",
        ),
        (
            "dial",
            json!({"agent": AGENT, "keyword": ""}),
            "dial.keyword: is no keyword",
        ),
        (
            "dial",
            json!({"agent": AGENT, "sign_units": 70}),
            "dial.sign_units: is no count",
        ),
        (
            "dial",
            json!({"agent": AGENT, "sign_units": 49}),
            "dial.sign_units: a command takes 22 characters",
        ),
        (
            "phones",
            json!(["1|2"]),
            "phones: \"1|2\" is no telephone number",
        ),
        ("phones", json!([]), "phones: nobody is named"),
        (
            "param_limit",
            json!(21),
            "param_limit: a command takes 22 characters, and there is room for 21",
        ),
        (
            "template_params",
            json!({COMMAND: "summary"}),
            "template_params: a command is the whole value",
        ),
        (
            "template_params",
            json!({COMMAND: "title", "b": "=b"}),
            "template_params: a command is the whole value",
        ),
        (
            "template_params",
            Value::Null,
            "template_params: a command is the whole value",
        ),
    ] {
        let mut receiver = entry(&["18712345678"]);
        receiver[key] = value;
        let found = problems("aliyun_sms", &account, &receiver);
        assert!(
            found.iter().any(|found| found.starts_with(told)),
            "{told}: {found:?}"
        );
    }
    assert_eq!(
        problems("aliyun_sms", &account, &entry(&["18700000000"])),
        ["dial.agent: cannot dial itself"]
    );
    let many: Vec<String> = (0..21).map(|n| format!("{}", 10_000 + n)).collect();
    let mut receiver = entry(&[]);
    receiver["phones"] = json!(many);
    assert_eq!(
        problems("aliyun_sms", &account, &receiver),
        ["phones: 21 numbers are too many for one telephone"]
    );
}

#[test]
fn every_kind_of_text_messages_can_and_no_other() {
    let can: Vec<&str> = registry::CHANNELS
        .iter()
        .filter(|spec| is_asked(spec, &json!({"dial": {}})))
        .map(|spec| spec.kind)
        .collect();
    let texts: Vec<&str> = registry::CHANNELS
        .iter()
        .map(|spec| spec.kind)
        .filter(|kind| kind.ends_with("_sms") || *kind == "smpp")
        .collect();
    assert_eq!(can, texts);
    assert!(!is_asked(&crate::vonage::SPEC, &json!({"dial": null})));
}

#[test]
fn variables_of_tencent_are_often_too_short_and_whole_texts_never() {
    let tencent = json!({
        "secret_id": "id", "secret_key": "key", "sdk_app_id": "1400000001", "sign_name": "某某科技",
        "template_id": "1110", "template_params": ["title"],
    });
    let mut receiver = json!({"phones": "13800138000", "dial": {"agent": AGENT}});
    assert_eq!(
        problems("tencent_sms", &tencent, &receiver),
        ["param_limit: a command takes 22 characters, and there is room for 12"]
    );
    receiver["param_limit"] = 22.into();
    assert_eq!(problems("tencent_sms", &tencent, &receiver), [""; 0]);
    let vonage = json!({"api_key": "k", "api_secret": "s", "from": "Balefire"});
    let receiver = json!({"phones": "13800138000", "dial": {"agent": AGENT}});
    assert_eq!(problems("vonage_sms", &vonage, &receiver), [""; 0]);
}

proptest! {
    #[test]
    fn any_title_leaves_a_command_that_dials_the_number_alone(
        title in "(\\PC|[|\\n]|🔴|://|www\\.|autocall|downcall|@all){0,40}",
        units in 22_usize..=70,
    ) {
        let command = Command::new("autocall", Length::Utf16(units));
        let told = command.message("18712345678", &titled(&title)).expect("room");
        // As a template's variable has it, and as a whole text.
        let variable = Param::Title.value(&told, Length::Chars(units));
        for text in [variable, crate::cloud::whole(&told, Length::Chars(480))] {
            prop_assert!(text.encode_utf16().count() <= units, "{:?}", text);
            let parts: Vec<&str> = text.split('|').collect();
            prop_assert_eq!(parts.len(), 4, "{:?}", text);
            prop_assert_eq!(&parts[..3], &["", "18712345678", "autocall"][..]);
            let small = parts[3].to_ascii_lowercase();
            prop_assert!(!small.contains("autocall") && !small.contains("downcall"));
            prop_assert!(!text.contains(char::is_control));
        }
    }
}
