//! Vectors and shapes of wire/twilio.md, wire/aliyun.md and wire/tencent.md.

use balefire_core::time::Time;
use serde_json::{Value, json};

use crate::callback::*;
use crate::registry::callback_of as of;

const KEY: &str = "6b1f0c9d8e7a4b3c2d1e0f9a8b7c6d5e";
const URL: &str = "https://alerts.example.com/twilio/gather?g=42";
const BODY: &str = "CallSid=CA0123456789abcdef0123456789abcdef&CallStatus=in-progress&Digits=1&From=%2B15550100001&To=%2B15550100002";

fn read(
    kind: &str,
    url: &str,
    signature: &[&str],
    body: &str,
) -> Result<Vec<Report>, CallbackError> {
    heard(kind, url, signature, body).map(|heard| heard.reports)
}

fn heard(kind: &str, url: &str, signature: &[&str], body: &str) -> Result<Heard, CallbackError> {
    let account = json!({"auth_token": KEY});
    let headers: Vec<(&str, &str)> = signature
        .iter()
        .map(|signature| ("x-twilio-signature", *signature))
        .collect();
    let spec = crate::registry::find(kind).expect("a kind");
    let callback = of(spec).expect("callbacks");
    (callback.read)(&CallbackRequest {
        url,
        headers: &headers,
        body: body.as_bytes(),
        account: &account,
        now: Time::EPOCH,
    })
}

fn report(id: &str, phone: &str, said: Said, detail: &str) -> Report {
    Report {
        provider_id: id.to_owned(),
        phone: phone.to_owned(),
        said,
        detail: detail.to_owned(),
    }
}

#[test]
fn twilio_signs_its_address_with_or_without_the_usual_port() {
    let pressed = report(
        "CA0123456789abcdef0123456789abcdef",
        "+15550100002",
        Said::Pressed('1'),
        "key 1",
    );
    for signature in [
        "ZaFs/8uQTkjlZVZCNHy9Olw/b7g=",
        "MBaT8YiJIea+1YR5BzYuNS/NKQ0=",
    ] {
        for url in [URL, "https://alerts.example.com:443/twilio/gather?g=42"] {
            let heard = read("twilio_voice", url, &[signature], BODY);
            assert_eq!(heard, Ok(vec![pressed.clone()]), "{signature} {url}");
        }
    }
}

#[test]
fn what_twilio_did_not_sign_is_forged() {
    let good = "ZaFs/8uQTkjlZVZCNHy9Olw/b7g=";
    let other = "https://alerts.example.com/twilio/gather?g=43";
    for (url, signatures, body) in [
        (URL, &[][..], BODY.to_owned()),
        (URL, &["ZaFs/8uQTkjlZVZCNHy9Olw/b7h="], BODY.to_owned()),
        (URL, &[good, good], BODY.to_owned()),
        (other, &[good], BODY.to_owned()),
        (URL, &[good], BODY.replace("Digits=1", "Digits=2")),
        (URL, &[good], format!("{BODY}&More=1")),
        (URL, &[good], String::new()),
    ] {
        let heard = read("twilio_voice", url, signatures, &body);
        assert!(
            matches!(heard, Err(CallbackError::Forged(_))),
            "{url} {body}"
        );
    }
}

#[test]
fn an_account_without_a_key_takes_nothing() {
    let signature = crate::sign::hmac_sha1_base64(b"", URL.as_bytes());
    let headers = [("x-twilio-signature", signature.as_str())];
    let spec = crate::registry::find("twilio_sms").expect("a kind");
    let heard = (of(spec).expect("callbacks").read)(&CallbackRequest {
        url: URL,
        headers: &headers,
        body: b"",
        account: &json!({}),
        now: Time::EPOCH,
    });
    assert!(matches!(heard, Err(CallbackError::Forged(_))));
}

#[test]
fn alibaba_says_for_each_number_whether_it_got_there() {
    let body = json!([
        {"phone_number": "13800138000", "send_time": "2026-11-21 16:30:00", "report_time": "2026-11-21 16:30:04",
         "success": true, "err_code": "DELIVERED", "err_msg": "用户接收成功", "sms_size": "1", "biz_id": "100^0", "out_id": "bf_1"},
        {"phone_number": "13800138001", "success": false, "err_code": "MOBILE_NOT_ON_SERVICE", "biz_id": "100^0"},
        {"phone_number": "13800138002", "success": "perhaps", "biz_id": "100^0"},
    ]);
    let heard = read("aliyun_sms", "", &[], &body.to_string());
    assert_eq!(
        heard,
        Ok(vec![
            report(
                "100^0",
                "13800138000",
                Said::Delivered,
                "DELIVERED 用户接收成功"
            ),
            report(
                "100^0",
                "13800138001",
                Said::Failed,
                "MOBILE_NOT_ON_SERVICE"
            ),
        ])
    );
}

#[test]
fn alibabas_calls_are_answered_only_with_a_duration_and_tell_the_key() {
    let call = |code: &str, duration: Value, dtmf: &str| {
        let body = json!([{"call_id": "1^2", "status_code": code, "status_msg": "m", "duration": duration,
            "callee": "13800138000", "dtmf": dtmf}]);
        let heard = read("aliyun_voice", "", &[], &body.to_string());
        let said = heard
            .expect("a report")
            .into_iter()
            .map(|report| report.said);
        said.collect::<Vec<_>>()
    };
    assert_eq!(call("200000", json!("12"), ""), [Said::Answered]);
    assert_eq!(call("200000", json!(0), ""), [Said::Failed]);
    assert_eq!(call("200005", json!("0"), ""), [Said::Failed]);
    assert_eq!(
        call("200000", json!(9), "1"),
        [Said::Pressed('1'), Said::Answered]
    );
    let progress = r#"[{"call_id": "1^2", "status_code": "200101", "status_time": "x"}]"#;
    assert_eq!(read("aliyun_voice", "", &[], progress), Ok(Vec::new()));
}

#[test]
fn tencent_says_success_or_fail() {
    let body = json!([
        {"user_receive_time": "2026-11-21 16:30:04", "nationcode": "86", "mobile": "13800138000",
         "report_status": "SUCCESS", "errmsg": "DELIVRD", "description": "用户短信送达成功", "sid": "5000:1"},
        {"mobile": "13800138001", "report_status": "FAIL", "errmsg": "MK:0001", "sid": "5000:2"},
    ]);
    assert_eq!(
        read("tencent_sms", "", &[], &body.to_string()),
        Ok(vec![
            report(
                "5000:1",
                "13800138000",
                Said::Delivered,
                "DELIVRD 用户短信送达成功"
            ),
            report("5000:2", "13800138001", Said::Failed, "MK:0001"),
        ])
    );
}

fn texts(kind: &str, body: &str) -> Vec<(String, String, String)> {
    let heard = heard(kind, "", &[], body).expect("texts");
    assert_eq!(heard.reports, []);
    let texts = heard.texts.into_iter();
    texts.map(|text| (text.id, text.from, text.text)).collect()
}

#[test]
fn what_people_write_back_is_read_with_the_number_it_comes_from() {
    let text = |id: &str, from: &str, text: &str| (id.to_owned(), from.to_owned(), text.to_owned());
    let up = json!([
        {"phone_number": "13800138000", "send_time": "2026-11-21 16:30:00", "content": "4711", "sign_name": "某某科技",
         "dest_code": "1234", "sequence_id": 1_234_567_890},
        {"phone_number": "85291234567", "content": "收到\n", "sequence_id": 2},
    ]);
    assert_eq!(
        texts("aliyun_sms", &up.to_string()),
        [
            text("1234567890", "+8613800138000", "4711"),
            text("2", "+85291234567", "收到 "),
        ]
    );
    let reply = json!({"extend": "", "mobile": "13800138000", "nationcode": "86", "sign": "某某科技", "text": "1",
        "time": 1_457_336_869});
    assert_eq!(
        texts("tencent_sms", &reply.to_string()),
        [text("+8613800138000 1457336869 1", "+8613800138000", "1")]
    );
    let abroad = json!({"mobile": "2025550123", "nationcode": "1", "text": "ack", "time": 7});
    assert_eq!(
        texts("tencent_sms", &abroad.to_string()),
        [text("+12025550123 7 ack", "+12025550123", "ack")]
    );
}

#[test]
fn twilio_brings_a_message_under_its_signature_and_takes_the_answer_back() {
    let read = |pairs: &[(&str, &str)]| {
        let mut sorted = pairs.to_vec();
        sorted.sort_unstable();
        let signed: String = sorted
            .iter()
            .flat_map(|(name, value)| [*name, *value])
            .collect();
        let signature =
            crate::sign::hmac_sha1_base64(KEY.as_bytes(), format!("{URL}{signed}").as_bytes());
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs);
        heard("twilio_sms", URL, &[&signature], &form.finish()).expect("signed")
    };
    let incoming = [
        ("MessageSid", "SM1"),
        ("SmsStatus", "received"),
        ("From", "+12025550123"),
        ("To", "+15550100002"),
        ("Body", "Ack <4711> & 好"),
    ];
    let came = read(&incoming);
    assert_eq!(came.reports, []);
    let text = Text {
        id: "SM1".to_owned(),
        from: "+12025550123".to_owned(),
        text: "Ack <4711> & 好".to_owned(),
    };
    assert_eq!(came.texts, [text]);
    let status = [
        ("MessageSid", "SM2"),
        ("MessageStatus", "delivered"),
        ("Body", "4711"),
    ];
    let status = read(&status);
    assert_eq!((status.reports.len(), status.texts.len()), (1, 0));

    let spec = crate::registry::find("twilio_sms").expect("a kind");
    let answer = of(spec).expect("callbacks").answer;
    let said = answer(&came, &["db <1> & \"2\" is yours".to_owned()]);
    assert_eq!(said.media_type, "text/xml");
    assert!(said.body.ends_with(
        "<Response><Message>db &lt;1&gt; &amp; &quot;2&quot; is yours</Message></Response>"
    ));
    let silent = answer(&came, &[String::new()]);
    assert!(silent.body.ends_with("<Response></Response>"), "{silent:?}");
    assert_eq!(answer(&status, &[]), CallbackAnswer::default());
}

#[test]
fn garbage_is_unreadable_and_answered_as_the_provider_expects() {
    let many = format!("[{}]", vec!["{}"; MOST_REPORTS + 1].join(","));
    for body in [
        "",
        "x",
        "1",
        "null",
        "[]",
        r#"{"json":"test-content"}"#,
        "[[[[]]]]",
        &many,
    ] {
        for kind in ["aliyun_sms", "aliyun_voice", "tencent_sms"] {
            let heard = read(kind, "", &[], body);
            assert!(
                matches!(heard, Err(CallbackError::Unreadable(_))),
                "{kind} {body}"
            );
        }
    }
    for (kind, answer) in [
        ("aliyun_sms", r#"{"code":0,"msg":"ok"}"#),
        ("aliyun_voice", r#"{"code":0,"msg":"ok"}"#),
        ("tencent_sms", r#"{"result":0,"errmsg":"OK"}"#),
        ("twilio_sms", ""),
    ] {
        let spec = crate::registry::find(kind).expect("a kind");
        assert_eq!(
            (of(spec).expect("callbacks").answer)(&Heard::default(), &[]).body,
            answer
        );
    }
    let spec = crate::registry::find("twilio_voice").expect("a kind");
    let pressed = report("CA1", "", Said::Pressed('1'), "");
    let heard = (of(spec).expect("callbacks").answer)(&Heard::of_reports(vec![pressed]), &[]).body;
    assert!(heard.contains("已确认") && heard.ends_with("<Hangup/></Response>"));
}

#[test]
fn words_of_others_are_bounded_and_without_control_characters() {
    let long = json!({"x": format!("a\n\u{7}{}", "字".repeat(5_000)), "n": 7, "o": {}});
    assert_eq!(text(&long, "x").chars().count(), 300);
    assert!(text(&long, "x").starts_with("a字"));
    assert_eq!(
        (text(&long, "n").as_str(), text(&long, "o").as_str()),
        ("7", "")
    );
}

#[test]
fn tencents_calls_say_how_they_ended_and_which_key_was_pressed() {
    let one = |body: Value| read("tencent_voice", "", &[], &body.to_string());
    let ended = |result: &str| {
        one(
            json!({"voiceprompt_callback": {"result": result, "accept_time": "1470197211", "callid": "c1",
            "mobile": "13800138000", "nationcode": "86"}}),
        )
    };
    let said = |said, detail: &str| Ok(vec![report("c1", "13800138000", said, detail)]);
    assert_eq!(ended("0"), said(Said::Answered, "result 0"));
    assert_eq!(ended("1"), said(Said::Failed, "result 1"));
    assert_eq!(ended("9"), Ok(Vec::new()), "nothing that we know");
    let key =
        json!({"voicekey_callback": {"callid": "c1", "keypress": "1", "mobile": "13800138000"}});
    assert_eq!(one(key), said(Said::Pressed('1'), ""));
    let failed = json!({"voice_failure_callback": {"callid": "c1", "failure_code": 8, "failure_reason": "空号", "mobile": "13800138000"}});
    assert_eq!(one(failed), said(Said::Failed, "8 空号"));
    for body in [json!({}), json!({"voiceprompt_callback": {"result": "0"}})] {
        assert!(matches!(one(body), Err(CallbackError::Unreadable(_))));
    }
    let answer = (of(crate::registry::find("tencent_voice").expect("a kind"))
        .expect("callbacks")
        .answer)(&Heard::default(), &[]);
    assert_eq!(answer.body, r#"{"result":0,"errmsg":"OK"}"#);
}

#[test]
fn vonages_receipts_count_only_with_the_accounts_signature_where_it_has_one() {
    // Made with the vendor's own Python library.
    let sig = "06edbb2984be1423c3332288cf08a13d3619d8fd5a01c99fa73811de577f70c0";
    let said = json!({"msisdn": "447700900000", "to": "AcmeInc", "network-code": "12345", "messageId": "0A0000001234567B",
        "price": "0.03330000", "status": "delivered", "scts": "2001011400", "err-code": "0", "api-key": "abcd1234",
        "message-timestamp": "2020-01-01 12:00:00 +0000", "timestamp": "1795249800", "nonce": "a&b=c", "sig": sig});
    let hear = |body: &str, secret: &str| {
        (crate::vonage::callback::SMS.read)(&CallbackRequest {
            url: "",
            headers: &[],
            body: body.as_bytes(),
            account: &json!({"signature_secret": secret}),
            now: Time::EPOCH,
        })
        .map(|heard| heard.reports)
    };
    let delivered = vec![report(
        "0A0000001234567B",
        "447700900000",
        Said::Delivered,
        "delivered 0",
    )];
    assert_eq!(hear(&said.to_string(), "sig-s3cret"), Ok(delivered.clone()));
    let pairs = said.as_object().into_iter().flatten();
    let pairs = pairs.map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()));
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    assert_eq!(hear(&form, "sig-s3cret"), Ok(delivered.clone()));
    assert_eq!(
        hear(&form, ""),
        Ok(delivered),
        "an account without a secret"
    );
    let change = |key: &str, value: Value| {
        let mut said = said.clone();
        said[key] = value;
        hear(&said.to_string(), "sig-s3cret")
    };
    assert!(matches!(
        change("status", json!("failed")),
        Err(CallbackError::Forged(_))
    ));
    assert!(matches!(
        change("sig", json!(null)),
        Err(CallbackError::Forged(_))
    ));
    assert!(matches!(
        hear(&form, "another"),
        Err(CallbackError::Forged(_))
    ));
    let mut buffered = said.clone();
    buffered["status"] = "buffered".into();
    assert_eq!(hear(&buffered.to_string(), ""), Ok(Vec::new()));
    for body in ["", "{", "{}", "a=b"] {
        assert!(
            matches!(hear(body, ""), Err(CallbackError::Unreadable(_))),
            "{body}"
        );
    }
}
