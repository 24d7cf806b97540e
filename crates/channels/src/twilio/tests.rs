use balefire_core::message::{Block, Locale};
use balefire_core::time::Time;
use balefire_testkit::{Received, Simulator};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::client::receipt;
use super::{callback, sms, voice};
use crate::callback::{CallbackRequest, Said};
use crate::cloud::sample::{build, message, reply, send};
use crate::error::ErrorKind::{Misconfigured, RateLimited, Rejected, Transient, UnknownOutcome};
use crate::sign::hmac_sha1_base64;
use crate::spec::ChannelSpec;

const NOW: Time = Time::from_secs(1_795_249_800);

#[test]
fn every_row_of_the_vendors_codes_has_its_kind() {
    for (status, code, kind) in [
        (401, 20_003, Misconfigured),
        (404, 20_404, Misconfigured),
        (429, 20_429, RateLimited),
        (400, 13_224, Rejected),
        (400, 21_211, Rejected),
        (400, 21_214, Rejected),
        (400, 21_217, Rejected),
        (400, 21_614, Rejected),
        (403, 21_408, Misconfigured),
        (400, 21_215, Misconfigured),
        (400, 21_606, Misconfigured),
        (400, 21_212, Misconfigured),
        (400, 21_210, Misconfigured),
        (400, 21_608, Misconfigured),
        (400, 21_610, Rejected),
        (400, 21_617, Rejected),
        (429, 30_001, Transient),
        (400, 30_017, Transient),
        (400, 30_022, RateLimited),
        (400, 30_023, RateLimited),
        (400, 30_002, Misconfigured),
        (400, 30_003, Transient),
        (400, 30_008, Transient),
        (400, 30_004, Rejected),
        (400, 30_005, Rejected),
        (400, 30_006, Rejected),
        (400, 30_007, Rejected),
        (400, 30_034, Rejected),
        (400, 99_999, Rejected),
        (503, 99_999, Transient),
    ] {
        let body = json!({"code": code, "message": "words", "status": status}).to_string();
        let error = receipt(&reply(status, &body), NOW).expect_err("a refusal");
        assert_eq!(error.kind, kind, "{code}");
        assert!(kind != Misconfigured || !error.fix.is_empty(), "{code}");
    }
    let error = receipt(&reply(201, "{}"), NOW).expect_err("no sid");
    assert_eq!(error.kind, UnknownOutcome);
}

fn account(simulator: &Simulator) -> Value {
    let desk = &simulator.phones().twilio;
    json!({
        "account_sid": desk.sid(),
        "auth_token": desk.token(),
        "from": desk.number(),
        "base_url": simulator.url(),
    })
}

fn pairs(request: &Received) -> Vec<(String, String)> {
    form_urlencoded::parse(&request.body).into_owned().collect()
}

#[tokio::test]
async fn each_number_has_an_outcome_and_a_check_sends_nothing() {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.phones().twilio;
    desk.set_stopped(&["+8613900139000"]);
    let entry = json!({"phones": "+8613800138000, 13900139000", "max_chars": 60});
    let channel = build(&sms::SPEC, &account(&simulator), &entry).expect("a channel");
    let said = channel.check(NOW).await.expect("good");
    assert_eq!(said.answer, "active");
    assert!(desk.received().is_empty());
    let outcomes = send(&*channel, &message(), NOW).await;
    assert!(
        outcomes[0]
            .as_ref()
            .is_ok_and(|receipt| receipt.provider_id.starts_with("SM"))
    );
    assert_eq!(outcomes[1].clone().expect_err("stopped").kind, Rejected);
    let sent = pairs(&desk.received()[0]);
    let body = &sent[2].1;
    assert!(body.chars().count() <= 60 && body.contains('…'), "{body}");
}

#[tokio::test]
async fn a_call_says_title_and_text_in_the_readers_language_as_harmless_xml() {
    let simulator = Simulator::start().await.expect("a simulator");
    let mut entry = json!({"phones": "+442079460958", "play_times": 3, "voice": "Polly.Zhiyu"});
    let channel = build(&voice::SPEC, &account(&simulator), &entry).expect("a channel");
    let mut message = message();
    message.title = "🔴 <Hangup/> & \"x\"".to_owned();
    message.body = vec![Block::Text("see https://x.example now".to_owned())];
    assert!(send(&*channel, &message, NOW).await[0].is_ok());
    let desk = &simulator.phones().twilio;
    let document = pairs(&desk.received()[0])[2].1.clone();
    assert_eq!(
        document,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Say language=\"zh-CN\" \
         voice=\"Polly.Zhiyu\" loop=\"3\">&lt;Hangup/&gt; &amp; &quot;x&quot;。see now</Say></Response>"
    );
    entry["answer_url"] = "https://gw.example.com/twilio/gather?g=42&x=1".into();
    entry["language"] = "en-GB".into();
    let channel = build(&voice::SPEC, &account(&simulator), &entry).expect("a channel");
    message.locale = Locale::En;
    assert!(send(&*channel, &message, NOW).await[0].is_ok());
    let document = pairs(&desk.received()[1])[2].1.clone();
    let gather = "<Response><Gather input=\"dtmf\" numDigits=\"1\" timeout=\"8\" \
         action=\"https://gw.example.com/twilio/gather?g=42&amp;x=1\" method=\"POST\" \
         actionOnEmptyResult=\"true\"><Say language=\"en-GB\"";
    assert!(document.contains(gather), "{document}");
}

#[test]
fn what_is_wrong_with_an_entry_is_told() {
    let problems = |spec: &ChannelSpec, account: Value, receiver: Value| {
        let errors = build(spec, &account, &receiver).err().unwrap_or_default();
        let words: Vec<String> = errors.iter().map(ToString::to_string).collect();
        words.join("; ")
    };
    assert_eq!(
        problems(&sms::SPEC, json!({}), json!({})),
        "account_sid: is missing; auth_token: is missing; from: is missing; phones: nobody is named"
    );
    let account = json!({"account_sid": "SK1", "auth_token": "t", "from": "+15550100002"});
    assert_eq!(
        problems(
            &voice::SPEC,
            account,
            json!({"phones": "+442079460958", "answer_url": "x"})
        ),
        "account.account_sid: is no SID of an account; answer_url: not a URL: relative URL without a base"
    );
}

#[tokio::test]
async fn twilio_is_asked_to_find_out_about_machines_where_somebody_wants_it() {
    let simulator = Simulator::start().await.expect("a simulator");
    let asked = async |way: Option<&str>| {
        let mut entry = json!({"phones": "+442079460958"});
        if let Some(way) = way {
            entry["machine_detection"] = way.into();
        }
        let channel = build(&voice::SPEC, &account(&simulator), &entry).expect("a channel");
        assert!(send(&*channel, &message(), NOW).await[0].is_ok());
        let received = simulator.phones().twilio.received();
        let pairs = pairs(received.last().expect("a call"));
        let mut found = pairs
            .into_iter()
            .filter(|(name, _)| name == "MachineDetection");
        found.next().map(|(_, value)| value)
    };
    assert_eq!(asked(None).await, None);
    assert_eq!(asked(Some("off")).await, None);
    assert_eq!(asked(Some("enable")).await.as_deref(), Some("Enable"));
    let end = asked(Some("detect_message_end")).await;
    assert_eq!(end.as_deref(), Some("DetectMessageEnd"));
}

#[test]
fn a_call_that_a_machine_took_has_reached_nobody() {
    const URL: &str = "https://alerts.example.com/callback/calls/t";
    let said = |by: &str| {
        let mut form = vec![("CallSid", "CA1"), ("CallStatus", "completed")];
        if !by.is_empty() {
            form.insert(0, ("AnsweredBy", by));
        }
        let signed = form.iter().flat_map(|(name, value)| [*name, *value]);
        let signed = format!("{URL}{}", signed.collect::<String>());
        let signature = hmac_sha1_base64(b"token", signed.as_bytes());
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&form)
            .finish();
        let heard = (callback::VOICE.read)(&CallbackRequest {
            url: URL,
            headers: &[("x-twilio-signature", &signature)],
            body: body.as_bytes(),
            account: &json!({"auth_token": "token"}),
            now: NOW,
        });
        let heard = heard.expect("signed");
        (heard.reports[0].said, heard.reports[0].detail.clone())
    };
    for machine in [
        "machine_start",
        "machine_end_beep",
        "machine_end_silence",
        "machine_end_other",
        "fax",
    ] {
        let (said, detail) = said(machine);
        assert_eq!(said, Said::Failed, "{machine}");
        assert!(detail.contains(machine), "{detail}");
    }
    for person in ["", "human", "unknown"] {
        assert_eq!(said(person).0, Said::Answered, "{person}");
    }
}
