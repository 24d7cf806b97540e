//! What becomes of the provider's answers.

use std::time::Duration;

use balefire_channels::channel::Outcome;
use balefire_channels::error::ErrorKind;
use balefire_core::message::Locale;
use balefire_testkit::Mode;
use balefire_testkit::received::Verdict;
use serde_json::Value;

use crate::messages::{Case, message};
use crate::sample::{Reply, http_kinds, replies};
use crate::stage::Stage;

pub(crate) fn mode(reply: &Value) -> Mode {
    let status = reply["status"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    let headers = reply["headers"].as_object().into_iter().flatten();
    let headers =
        headers.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
    let body = match &reply["body"] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        json => json.to_string(),
    };
    Mode::Status(status.expect("a status"), headers.collect(), body)
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Ok(_) => "ok",
        Err(error) => error.kind.as_str(),
    }
}

#[tokio::test]
async fn every_reply_means_what_its_fixture_says_and_shows_no_secret() {
    for spec in http_kinds() {
        let stage = Stage::of(spec).await;
        for Reply { name, value } in replies(spec) {
            stage.fail_with(mode(&value));
            for outcome in stage.send(&message(Case::Firing, Locale::En)).await {
                assert_eq!(word(&outcome), value["expect"], "{name}: {outcome:?}");
                stage.shows_no_secret(&format!("{outcome:?}"), &name);
                let Err(error) = outcome else { continue };
                stage.shows_no_secret(&error.to_string(), &name);
                assert!(
                    error.detail.len() <= 256 && !error.detail.contains('\n'),
                    "{name}"
                );
                let advice = error.kind != ErrorKind::Misconfigured || !error.fix.is_empty();
                assert!(advice, "{name}: nothing says what to do");
                if let Some(wish) = value["retry_after"].as_u64() {
                    assert_eq!(error.retry_after, Some(Duration::from_secs(wish)), "{name}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_overload_is_a_quota_with_the_providers_wish() {
    for spec in http_kinds() {
        let stage = Stage::of(spec).await;
        for (header, seconds) in [("7", 7), ("86400", 3_600)] {
            let headers = vec![("retry-after".to_owned(), header.to_owned())];
            stage.fail_with(Mode::Status(429, headers, "slow down".to_owned()));
            for outcome in stage.send(&message(Case::Firing, Locale::En)).await {
                let error = outcome.expect_err("an overload");
                assert_eq!(error.kind, ErrorKind::RateLimited, "{}", spec.kind);
                assert_eq!(
                    error.retry_after,
                    Some(Duration::from_secs(seconds)),
                    "{}",
                    spec.kind
                );
            }
        }
    }
}

#[tokio::test]
async fn the_providers_own_word_for_its_quota_is_understood() {
    for spec in http_kinds() {
        let stage = Stage::of(spec).await;
        stage.fail_with(Mode::RateLimited(30));
        for outcome in stage.send(&message(Case::Firing, Locale::En)).await {
            assert_eq!(word(&outcome), "rate_limited", "{}: {outcome:?}", spec.kind);
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for spec in http_kinds() {
        let stage = Stage::of(spec).await;
        let elsewhere = format!("{}/nowhere", stage.simulator.url());
        stage.fail_with(Mode::Redirect(elsewhere));
        for outcome in stage.send(&message(Case::Firing, Locale::En)).await {
            assert!(outcome.is_err(), "{}", spec.kind);
        }
        assert!(
            stage.simulator.strays().is_empty(),
            "{} follows a redirect",
            spec.kind
        );
    }
}

#[tokio::test]
async fn a_check_sends_no_message() {
    for spec in http_kinds() {
        let stage = Stage::of(spec).await;
        let outcome = stage.channel.check(stage.now).await;
        assert!(
            matches!(word(&outcome), "ok" | "unsupported"),
            "{}: {outcome:?}",
            spec.kind
        );
        let seen = stage.requests();
        let messages = seen
            .iter()
            .filter(|request| request.verdict != Verdict::Answered);
        assert_eq!(messages.count(), 0, "{}", spec.kind);
    }
}
