use bytes::Bytes;
use http::HeaderMap;
use proptest::prelude::*;
use serde_json::json;

use balefire_core::secret::Secret;
use balefire_core::time::Time;

use super::*;
use crate::error::ErrorKind;

fn reply(status: u16, body: &str) -> HttpReply {
    HttpReply {
        status,
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body.as_bytes()),
        whole: true,
    }
}

fn read(status: u16, body: &str) -> Result<Answer, SendError> {
    Answer::read(
        &reply(status, body),
        Time::EPOCH,
        &["errcode", "code"],
        &["errmsg", "msg"],
    )
}

#[test]
fn a_code_counts_before_the_status_and_a_text_of_digits_is_a_code() {
    for (status, body, code, words) in [
        (200, r#"{"errcode":0,"errmsg":"ok"}"#, 0, "ok"),
        (200, r#"{"errcode":"0","errmsg":"ok"}"#, 0, "ok"),
        (400, r#"{"code":9499,"msg":"bad"}"#, 9499, "bad"),
        (200, r#"{"errcode":-1}"#, -1, ""),
    ] {
        let answer = read(status, body).expect("a code");
        assert_eq!(
            (answer.code, answer.words.as_str()),
            (code, words),
            "{body}"
        );
    }
}

#[test]
fn an_answer_without_a_code_goes_by_its_status() {
    for (status, body, kind) in [
        (200, "<html>busy</html>", ErrorKind::UnknownOutcome),
        (200, r#"{"x":1}"#, ErrorKind::UnknownOutcome),
        (502, "<html>bad gateway</html>", ErrorKind::Transient),
        (502, r#"{"errcode":0}"#, ErrorKind::Transient),
        (404, r#"{"x":1}"#, ErrorKind::Misconfigured),
    ] {
        let error = read(status, body).expect_err("no code");
        assert_eq!(error.kind, kind, "{status} {body}");
    }
}

#[test]
fn a_secret_that_the_provider_repeats_is_hidden() {
    for secret in [
        "k3y-of-the-robot",
        "https://p.example/robot/send?access_token=k3y-of-the-robot&x=1",
        "https://p.example/hook/k3y-of-the-robot",
    ] {
        let error = SendError::new(ErrorKind::Rejected, "no robot k3y-of-the-robot in send");
        let hidden = hide(Err(error), &[&Secret::new(secret)]).expect_err("an error");
        assert_eq!(hidden.detail, "no robot … in send", "{secret}");
    }
}

proptest! {
    #[test]
    fn a_body_fits_whatever_json_makes_of_its_text(text in "\\PC{0,400}|[\"\\\\\n]{0,400}", most in 40_usize..600) {
        let body = fit(400, most, |room| {
            let kept: String = text.chars().scan(0, |size, c| {
                *size += c.len_utf8();
                (*size <= room).then_some(c)
            }).collect();
            json!({"text": kept})
        });
        prop_assert!(body.to_string().len() <= most);
        if json!({"text": text}).to_string().len() <= most && text.len() <= 400 {
            prop_assert_eq!(&body["text"], &json!(text));
        }
    }
}
