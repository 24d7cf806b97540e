//! Connections that fail: what may have arrived is never called refused, and what did not is tried again.

use balefire_channels::error::{ErrorKind, SendError};
use balefire_channels::spec::ChannelSpec;
use balefire_core::message::Locale;
use balefire_testkit::Mode;

use crate::messages::{Case, message};
use crate::sample::{http_kinds, is_answered_by_status};
use crate::stage::Stage;

fn firing() -> balefire_core::message::Message {
    message(Case::Firing, Locale::En)
}

async fn failure(stage: &Stage) -> SendError {
    let mut outcomes = stage.send(&firing()).await;
    outcomes.remove(0).expect_err("a failure")
}

#[tokio::test]
async fn a_request_without_an_answer_has_an_unknown_outcome_when_its_time_is_over() {
    for spec in http_kinds() {
        let stage = Stage::of(spec).await;
        stage.fail_with(Mode::Hang);
        let waiting = async {
            stage.wait_for_requests(1).await;
            tokio::time::pause();
            tokio::time::advance(spec.timeout).await;
            tokio::time::resume();
        };
        let (error, ()) = tokio::join!(failure(&stage), waiting);
        assert_eq!(
            error.kind,
            ErrorKind::UnknownOutcome,
            "{}: {error:?}",
            spec.kind
        );
        stage.shows_no_secret(&format!("{error:?} {error}"), "a hanging provider");
    }
}

/// Whether the provider's yes is a text of two bytes.
fn is_short(spec: &ChannelSpec) -> bool {
    matches!(spec.kind, "slack_webhook" | "mattermost")
}

#[tokio::test]
async fn an_answer_that_drips_ends_with_the_time_of_the_try() {
    for spec in http_kinds().filter(|spec| !is_answered_by_status(spec)) {
        let stage = Stage::of(spec).await;
        stage.fail_with(Mode::Drip { bytes_per_sec: 1 });
        let waiting = async {
            stage.wait_for_requests(1).await;
            tokio::time::pause();
            tokio::time::advance(spec.timeout).await;
            tokio::time::resume();
        };
        let message = firing();
        let (outcomes, ()) = tokio::join!(stage.send(&message), waiting);
        // An `ok` of two bytes may have come whole.
        let kind = outcomes[0].as_ref().err().map(|error| error.kind);
        let good = kind == Some(ErrorKind::UnknownOutcome) || is_short(spec);
        assert!(good, "{}: {outcomes:?}", spec.kind);
    }
}

#[tokio::test]
async fn a_reset_after_the_request_has_an_unknown_outcome() {
    for spec in http_kinds() {
        let stage = Stage::of(spec).await;
        stage.fail_with(Mode::ResetAfterBody);
        let error = failure(&stage).await;
        assert_eq!(
            error.kind,
            ErrorKind::UnknownOutcome,
            "{}: {error:?}",
            spec.kind
        );
    }
}

#[tokio::test]
async fn a_reset_before_the_request_is_never_a_refusal() {
    for spec in http_kinds() {
        let stage = Stage::of(spec).await;
        stage.fail_with(Mode::ResetBeforeReply);
        let error = failure(&stage).await;
        let kinds = [ErrorKind::Transient, ErrorKind::UnknownOutcome];
        assert!(kinds.contains(&error.kind), "{}: {error:?}", spec.kind);
    }
}

#[tokio::test]
async fn half_an_answer_and_an_endless_one_tell_nothing() {
    for spec in http_kinds().filter(|spec| !is_answered_by_status(spec)) {
        for mode in [Mode::HalfReply, Mode::EndlessBody, Mode::HugeBody] {
            let stage = Stage::of(spec).await;
            stage.fail_with(mode.clone());
            let error = failure(&stage).await;
            assert_eq!(
                error.kind,
                ErrorKind::UnknownOutcome,
                "{} {mode:?}: {error:?}",
                spec.kind
            );
        }
    }
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_tried_again() {
    for spec in http_kinds() {
        // Its port was free a moment ago.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let channel = crate::stage::open(spec, &format!("http://{address}"));
        let targets = channel.targets();
        let message = crate::stage::with_body(&firing(), channel.body_template().is_some());
        let delivery = balefire_channels::channel::Delivery {
            message: &message,
            targets: &targets,
            id: "n_0123456789",
            attempt: 1,
            now: balefire_core::time::Time::from_secs(1_795_249_800),
        };
        for outcome in channel.send(&delivery).await {
            let error = outcome.expect_err("no provider");
            assert_eq!(error.kind, ErrorKind::Transient, "{}: {error:?}", spec.kind);
            assert!(
                !format!("{error:?}").contains("s3cret"),
                "{}: {error:?}",
                spec.kind
            );
        }
    }
}
