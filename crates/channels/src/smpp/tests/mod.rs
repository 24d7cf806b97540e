//! Against the simulated SMSC, and the vectors of wire/smpp.md.

use balefire_core::message::Message;
use balefire_testkit::SmscSim;
use balefire_testkit::smsc::{PASSWORD, SYSTEM_ID};
use serde_json::{Value, json};

use super::codes::failure;
use super::pdu::{Body, Pdu, command};
use super::*;
use crate::callback::{Report, Said};
use crate::cloud::sample::message;
use crate::http::HttpSettings;
use crate::token::Tokens;

mod sessions;

struct Site {
    smsc: SmscSim,
    http: Http,
    tokens: Arc<Tokens>,
    account: Value,
}

async fn site() -> Site {
    site_of(SmscSim::start().await.expect("an SMSC"))
}

fn site_of(smsc: SmscSim) -> Site {
    let account = json!({"host": "127.0.0.1", "port": smsc.port(), "tls": "private", "system_id": SYSTEM_ID,
        "password": PASSWORD, "from": "ALERTS"});
    Site {
        smsc,
        http: Http::new(HttpSettings::default()).expect("a client"),
        tokens: Arc::new(Tokens::new()),
        account,
    }
}

impl Site {
    fn open(&self, receiver: &Value) -> Arc<dyn Channel> {
        (SPEC.build)(&Build {
            account_name: "a",
            account: &self.account,
            receiver,
            http: self.http.clone(),
            tokens: Arc::clone(&self.tokens),
        })
        .expect("a channel")
    }
}

async fn send(channel: &dyn Channel, message: &Message) -> Vec<Outcome> {
    let delivery = Delivery {
        message,
        targets: &channel.targets(),
        id: "bf_0123456789abcdef",
        attempt: 1,
        now: Time::EPOCH,
    };
    channel.send(&delivery).await
}

/// A message that is its title and no more.
fn saying(text: &str) -> Message {
    let mut message = message();
    message.title = text.to_owned();
    message.body.clear();
    message.link = None;
    message
}

#[test]
fn units_are_written_and_read_as_elsewhere() {
    let bind = Pdu {
        command: command::BIND_TRANSCEIVER,
        status: 0,
        number: 1,
        body: Body::default()
            .text("esme01", 15)
            .text("pw123", 8)
            .text("", 12)
            .byte(0x34)
            .byte(0)
            .byte(0)
            .text("", 40)
            .0,
    };
    let wire = "0000002200000009000000000000000165736d653031007077313233000034000000";
    assert_eq!(hex::encode(bind.bytes()), wire);
    let (from, to) = (
        Address::sender("ALERTS"),
        Address::international("8613800000000"),
    );
    let sms = Sms {
        from: &from,
        to: &to,
        text: "[告警] db-01",
        wished: Alphabet::Gsm,
        long: Long::Udh,
        service_type: "",
        id: "i",
    };
    let submit = Pdu {
        command: command::SUBMIT,
        status: 0,
        number: 2,
        body: sms.bodies().remove(0),
    };
    let wire = "00000048000000040000000000000002000500414c45525453000101383631333830303030303030300000000000000100080014005b544a8b66005d002000640062002d00300031";
    assert_eq!(hex::encode(submit.bytes()), wire);
    let mut buffer = hex::decode("00000010800000040000005800000003000000").expect("hex");
    let throttled = Pdu::take(&mut buffer).expect("a unit").expect("whole");
    assert_eq!(
        (throttled.command, throttled.status, throttled.number),
        (0x8000_0004, 0x58, 3)
    );
    assert_eq!(
        Pdu::take(&mut buffer),
        Ok(None),
        "the next one is not whole"
    );
    for length in ["00000000", "0000000f", "7fffffff", "ffffffff"] {
        let mut buffer = hex::decode(format!("{length}000000000000000000000000")).expect("hex");
        assert!(Pdu::take(&mut buffer).is_err(), "{length}");
    }
}

#[test]
fn a_receipt_is_read_from_its_text_and_its_parameters_count_before() {
    let wire = "00010138363133383030303030303030000500414c45525453000400000000000000006269643a366631633261207375623a30303120646c7672643a303031207375626d697420646174653a3236303330343130313520646f6e6520646174653a3236303330343130313620737461743a44454c49565244206572723a30303020746578743a";
    let body = hex::decode(wire).expect("hex");
    let report = receipt::read(&body).expect("a receipt");
    assert_eq!(
        (&*report.provider_id, report.said),
        ("6f1c2a", Said::Delivered)
    );
    let with = |state: u8| {
        let body = Body(body.clone()).tlv(0x1e, b"abc\0").tlv(0x0427, &[state]);
        receipt::read(&body.0).map(|report| (report.provider_id, report.said))
    };
    assert_eq!(with(5), Some(("abc".to_owned(), Said::Failed)));
    assert_eq!(with(6), None, "taken is nothing new");
    let mut of_somebody = body.clone();
    let class = of_somebody
        .iter()
        .skip(26)
        .position(|byte| *byte == 4)
        .expect("a class")
        + 26;
    of_somebody[class] = 0;
    assert_eq!(receipt::read(&of_somebody), None, "somebody wrote to us");
    for end in 0..body.len() {
        // Whatever ends early is none, and nothing panics.
        let _: Option<Report> = receipt::read(&body[..end]);
    }
}

#[tokio::test]
async fn a_text_goes_out_in_parts_over_one_session_that_all_entries_share() {
    let site = site().await;
    let one = site.open(&json!({"phones": ["+8613800138000"]}));
    let two = site.open(&json!({"phones": ["+442079460958"], "from": "+442079460000"}));
    assert_eq!(one.check(Time::EPOCH).await.expect("bound").answer, "bound");
    let outcome = send(&*one, &saying("disk {full} at db-1"))
        .await
        .remove(0)
        .expect("taken");
    assert_eq!(
        (outcome.provider_id, outcome.answer),
        (SmscSim::id(0), "1 parts".to_owned())
    );
    let long = "磁盘告警，".repeat(30);
    let outcome = send(&*two, &saying(&long)).await.remove(0).expect("taken");
    assert_eq!(
        (outcome.provider_id, outcome.answer),
        (SmscSim::id(3), "3 parts".to_owned())
    );
    assert_eq!(site.smsc.binds(), 1);
    let submits = site.smsc.submits();
    assert_eq!(submits[0].from, (5, 0, "ALERTS".to_owned()));
    assert_eq!(submits[1].from, (1, 1, "442079460000".to_owned()));
    assert_eq!(submits[0].coding, 0);
    let whole: String = submits[1..]
        .iter()
        .map(balefire_testkit::smsc::SmscSubmit::shown)
        .collect();
    assert_eq!(whole, long);
    let receipts: Vec<u8> = submits.iter().map(|part| part.receipt).collect();
    assert_eq!(receipts, [1, 0, 0, 1], "of the last part alone");
    let heads: Vec<&[u8]> = submits[1..].iter().map(|part| &part.text[..6]).collect();
    assert!(
        heads.iter().all(|head| head[..4] == heads[0][..4]),
        "{heads:?}"
    );
    assert_eq!(
        heads
            .iter()
            .map(|head| (head[4], head[5]))
            .collect::<Vec<_>>(),
        [(3, 1), (3, 2), (3, 3)]
    );
    for (way, tags) in [
        ("sar", vec![0x020c, 0x020e, 0x020f]),
        ("payload", vec![0x0424]),
    ] {
        let entry = json!({"phones": ["+442079460958"], "long_messages": way});
        send(&*site.open(&entry), &saying(&long))
            .await
            .remove(0)
            .expect("taken");
        let last = site.smsc.submits().pop().expect("a text");
        assert_eq!(
            last.parameters
                .iter()
                .map(|(tag, _)| *tag)
                .collect::<Vec<_>>(),
            tags
        );
        assert_eq!(last.class, 0);
    }
}

#[tokio::test]
async fn a_refusal_says_what_now_and_a_session_that_ends_is_bound_anew() {
    use ErrorKind::{Misconfigured, RateLimited, Rejected, Transient, UnknownOutcome};
    let site = site().await;
    let channel = site.open(&json!({"phones": ["+8613800138000"]}));
    let hello = saying("hello");
    for (status, kind) in [
        (0x58, RateLimited),
        (0x0b, Rejected),
        (0x08, Transient),
        (0x401, Transient),
    ] {
        site.smsc.next_status(Some(status));
        let error = send(&*channel, &hello)
            .await
            .remove(0)
            .expect_err("refused");
        assert_eq!(
            (error.kind, error.detail),
            (kind, format!("SMPP status 0x{status:02x}"))
        );
    }
    assert_eq!(failure(0x58).retry_after, Some(Duration::from_secs(1)));
    site.smsc.next_status(None);
    let ending = async {
        // The text is on its way; then the SMSC is gone.
        while site.smsc.pending() == 0 {
            tokio::task::yield_now().await;
        }
        site.smsc.hang_up();
    };
    let (outcomes, ()) = tokio::join!(send(&*channel, &hello), ending);
    assert_eq!(
        outcomes[0].clone().expect_err("no answer").kind,
        UnknownOutcome
    );
    send(&*channel, &hello)
        .await
        .remove(0)
        .expect("a new session");
    assert_eq!(site.smsc.binds(), 2);
    let mut wrong = site.account.clone();
    wrong["password"] = "wrong".into();
    let site = Site {
        account: wrong,
        ..site
    };
    let channel = site.open(&json!({"phones": ["+8613800138000"]}));
    for _ in 0..2 {
        let error = send(&*channel, &hello)
            .await
            .remove(0)
            .expect_err("a wrong password");
        assert_eq!(
            (error.kind, &*error.detail),
            (Misconfigured, "SMPP status 0x0e")
        );
    }
    assert_eq!(site.smsc.refused(), 1, "no second knock within a minute");
}

#[tokio::test]
async fn texts_that_are_never_answered_hold_up_no_others() {
    let site = site().await;
    let channel = site.open(&json!({"phones": ["+8613800138000"]}));
    let hello = saying("hello");
    // As many as may wait for their answers at once.
    for nth in 1..=10 {
        site.smsc.next_status(None);
        let sent = async {
            while site.smsc.pending() < nth {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            outcomes = send(&*channel, &hello) => panic!("no answer was given: {outcomes:?}"),
            () = sent => {}
        }
    }
    let outcome = send(&*channel, &hello).await.remove(0);
    outcome.expect("the next is taken");
    assert_eq!(site.smsc.binds(), 1);
}

#[tokio::test]
async fn receipts_wait_to_be_taken_and_only_then_are_answered() {
    let site = site().await;
    let channel = site.open(&json!({"phones": ["+8613800138000"]}));
    send(&*channel, &saying("hello"))
        .await
        .remove(0)
        .expect("taken");
    let reports = site.tokens.reports();
    // The same number in another base.
    let decimal = u64::from_str_radix(&SmscSim::id(0), 16)
        .expect("a number")
        .to_string();
    for (said, is_taken) in [("DELIVRD", true), ("UNDELIV", false)] {
        site.smsc.say(&decimal, said);
        let heard = reports.next().await;
        assert_eq!(heard.report.provider_id, SmscSim::id(0));
        if is_taken {
            heard.taken();
        }
    }
    assert_eq!(site.smsc.answers(2).await, [0, 0x64]);
    site.smsc.ask_for_life();
    while site.smsc.lives() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn every_status_means_what_its_fixture_says() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/smpp");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).expect("a folder") {
        let path = file.expect("a file").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if !name.starts_with("reply.") {
            continue;
        }
        let fixture: Value =
            serde_json::from_slice(&std::fs::read(&path).expect("a file")).expect("JSON");
        let status =
            u32::try_from(fixture["status"].as_u64().expect("a status")).expect("a status");
        let site = site().await;
        let mut account = site.account.clone();
        if fixture["at"] == "bind" {
            account["password"] = "wrong".into();
        } else if status != 0 {
            site.smsc.next_status(Some(status));
        }
        let site = Site { account, ..site };
        let outcome = send(
            &*site.open(&json!({"phones": "+8613800138000"})),
            &saying("hi"),
        )
        .await
        .remove(0);
        let word = outcome
            .as_ref()
            .map_or_else(|error| error.kind.as_str(), |_| "ok");
        assert_eq!(word, fixture["expect"], "{name}: {outcome:?}");
        if let Err(error) = outcome {
            assert_eq!(
                error.detail,
                format!("SMPP status 0x{status:02x}"),
                "{name}"
            );
            assert!(
                error.kind == ErrorKind::Transient || !error.fix.is_empty(),
                "{name}"
            );
        }
        seen += 1;
    }
    assert_eq!(seen, 7);
}

#[test]
fn what_smpp_has_no_room_for_is_told_with_its_key() {
    let problems = |account: Value| {
        let built = (SPEC.build)(&Build {
            account_name: "a",
            account: &account,
            receiver: &json!({"phones": ["+8613800138000"]}),
            http: Http::new(HttpSettings::default()).expect("a client"),
            tokens: Arc::new(Tokens::new()),
        });
        let problems = built.err().expect("problems");
        problems
            .into_iter()
            .map(|problem| problem.key)
            .collect::<Vec<_>>()
    };
    let long = json!({"host": "smsc.example.com", "system_id": "0123456789abcdef", "password": "123456789", "from": "ALERTS"});
    assert_eq!(problems(long), ["account.system_id", "account.password"]);
    assert_eq!(
        problems(json!({})),
        ["host", "system_id", "password", "from"]
    );
}
