use balefire_core::clock::Clock as _;
use balefire_core::message::{Answering, Block, Link, Locale, Mentions, Message, Occasion};
use balefire_core::severity::Severity;
use balefire_testkit::{Mode, Simulator};
use serde_json::{Value, json};

use super::*;
use crate::error::{ErrorKind, SendError};
use crate::http::{Http, HttpReply, HttpSettings};
use crate::token::Tokens;

mod cards;
mod groups;
mod live;
mod ways;

fn message() -> Message {
    let link = Link {
        text: "在 Balefire 中打开这个告警组的全部详细内容".to_owned(),
        url: "https://gw.example.com/?group=1".to_owned(),
    };
    Message {
        occasion: Occasion::Firing,
        severity: Severity::Critical,
        title: "[FIRING:1] 磁盘将满".to_owned(),
        body: vec![
            Block::Facts(vec![("实例".to_owned(), "db-1".to_owned())]),
            Block::Link(link.clone()),
        ],
        group: None,
        mentions: Mentions::default(),
        custom: None,
        locale: Locale::ZhCn,
        zone: "UTC".to_owned(),
        link: Some(link),
        thread: "t".to_owned(),
        attachments: Vec::new(),
        answering: Answering::default(),
    }
}

struct Site {
    simulator: Simulator,
    account: Value,
    now: Time,
}

async fn site() -> Site {
    let simulator = Simulator::builder()
        .unlimited()
        .start()
        .await
        .expect("a simulator");
    let app = simulator.dingtalk_app();
    let account = json!({
        "client_id": app.token.client_id(),
        "client_secret": app.token.client_secret(),
        "agent_id": app.notice.agent_id().to_string(),
        "base_url": simulator.url(),
    });
    let now = simulator.clock().expect("its own clock").now();
    Site {
        simulator,
        account,
        now,
    }
}

fn built<T>(
    account: &Value,
    receiver: &Value,
    build: impl FnOnce(&Build<'_>) -> Result<T, Vec<crate::spec::BuildError>>,
) -> Result<T, Vec<String>> {
    let opened = build(&Build {
        account_name: "a",
        account,
        receiver,
        http: Http::new(HttpSettings::default()).expect("a client"),
        tokens: Arc::new(Tokens::new()),
    });
    opened.map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

impl Site {
    fn open(&self, receiver: &Value) -> Arc<dyn Channel> {
        built(&self.account, receiver, SPEC.build).expect("a channel")
    }

    async fn send(&self, channel: &dyn Channel) -> Vec<String> {
        let targets = channel.targets();
        let delivery = Delivery {
            message: &message(),
            targets: &targets,
            id: "bf_0123456789abcdef",
            attempt: 1,
            now: self.now,
        };
        let outcomes = channel.send(&delivery).await;
        targets
            .iter()
            .zip(&outcomes)
            .map(|(target, outcome)| match outcome {
                Ok(receipt) => format!("{} ok {}", target.label, receipt.provider_id),
                Err(error) => format!("{} {error}", target.label),
            })
            .collect()
    }
}

fn reply(status: u16, body: &str) -> HttpReply {
    HttpReply {
        status,
        headers: http::HeaderMap::new(),
        body: bytes::Bytes::copy_from_slice(body.as_bytes()),
        whole: true,
    }
}

#[test]
fn names_of_the_current_api_count_before_the_status() {
    use ErrorKind::{Misconfigured, RateLimited, Rejected, StaleCredential, Transient};
    let now = Time::from_secs(1_795_249_800);
    for (status, name, kind) in [
        (400, "InvalidAuthentication", StaleCredential),
        (400, "send.too.fast", RateLimited),
        (
            403,
            "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi",
            RateLimited,
        ),
        (
            403,
            "Forbidden.AccessDenied.ApiCountLimitForOrg",
            Misconfigured,
        ),
        (
            403,
            "Forbidden.AccessDenied.AccessTokenPermissionDenied",
            Misconfigured,
        ),
        (
            403,
            "Forbidden.AccessDenied.IpNotInWhiteList",
            Misconfigured,
        ),
        (400, "ding.serverquota.insufficient", Misconfigured),
        (400, "group.disbanded", Misconfigured),
        (400, "invalidParameter.robotCode.notExsit", Misconfigured),
        (400, "staffId.notExisted", Rejected),
        (400, "ding.receivercount.limit", Rejected),
        (400, "invalidParameter.something.new", Rejected),
        (400, "contain.notAllowed.text", Rejected),
        (500, "system.error", Transient),
        (503, "something.new", Transient),
        (200, "something.new", Rejected),
    ] {
        let body = json!({"code": name, "message": "words", "requestid": "R"}).to_string();
        let error = names::read(&reply(status, &body), now).expect_err(name);
        assert_eq!(error.kind, kind, "{name}");
        assert_eq!(error.detail, format!("{name}: words"));
        let advice = kind != Misconfigured || !error.fix.is_empty();
        assert!(advice, "{name}: nothing says what to do");
    }
    let wait = |name: &str| {
        let body = json!({"code": name}).to_string();
        let error = names::read(&reply(403, &body), now).expect_err(name);
        error.retry_after.map(|wait| wait.as_secs())
    };
    assert_eq!(wait("Forbidden.AccessDenied.QpsLimitForApi"), Some(1));
    assert_eq!(wait("send.too.fast"), Some(60));
}

#[test]
fn answers_without_a_name_are_judged_by_what_they_are() {
    let now = Time::from_secs(1_795_249_800);
    let kind = |status: u16, body: &str| {
        let error: SendError = names::read(&reply(status, body), now).expect_err(body);
        error.kind
    };
    assert_eq!(kind(200, "<html>"), ErrorKind::UnknownOutcome);
    assert_eq!(kind(200, "[]"), ErrorKind::UnknownOutcome);
    assert_eq!(kind(502, "<html>"), ErrorKind::Transient);
    assert_eq!(kind(403, "{}"), ErrorKind::Misconfigured);
    let banned = r#"{"status":1111,"wait":5,"source":"x5","punish":"deny"}"#;
    assert_eq!(kind(200, banned), ErrorKind::RateLimited);
}

#[test]
fn what_an_entry_lacks_or_has_too_much_of_is_told_at_once() {
    let account = json!({"client_id": "dingabc", "client_secret": "s3cret-1", "agent_id": "x"});
    let problems = |receiver: Value| {
        let built = built(&account, &receiver, SPEC.build);
        built.err().unwrap_or_default().join("\n")
    };
    let of_notice =
        problems(json!({"to_user": "{{ .Labels.owner }}", "call_voice": "Lovely_Girl_Voice"}));
    assert!(
        of_notice.contains("account.agent_id: \"x\" is not a number"),
        "{of_notice}"
    );
    assert!(of_notice.contains("call_voice: has no use"), "{of_notice}");
    assert!(
        of_notice.contains("to_user: is a Go template"),
        "{of_notice}"
    );
    let of_group = problems(json!({"via": "group", "to_user": "u1"}));
    assert!(
        of_group.contains("to_user: has no use with via: group"),
        "{of_group}"
    );
    assert!(
        of_group.contains("conversation_id: nobody is named"),
        "{of_group}"
    );
    let of_ding = problems(json!({"via": "ding_phone", "to_dept": "1", "to_user": "u1"}));
    assert!(
        of_ding.contains("to_dept: has no use with via: ding_phone"),
        "{of_ding}"
    );
    assert_eq!(problems(json!({"via": "ding_phone", "to_user": "u1"})), "");
}
