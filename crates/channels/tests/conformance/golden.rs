//! What leaves, word for word, and what of it fits.

use std::fmt::Write as _;

use balefire_core::message::Locale;
use balefire_testkit::Received;
use balefire_testkit::received::Verdict;

use crate::messages::{Case, SHORT, message};
use crate::sample::{content, folder, hands_on, http_kinds, is_templated};
use crate::stage::Stage;

const LANGUAGES: [(Locale, &str); 2] = [(Locale::En, "en"), (Locale::ZhCn, "zh")];

/// The last sending call; nobody refused it, and no reader misses anything.
async fn sent(stage: &Stage, case: Case, locale: Locale) -> Received {
    let kind = stage.spec.kind;
    for outcome in stage.send(&message(case, locale)).await {
        assert!(outcome.is_ok(), "{kind} {case:?}: {outcome:?}");
    }
    let request = stage.requests().pop().expect("a request");
    assert!(
        matches!(request.verdict, Verdict::Accepted | Verdict::Repeated),
        "{kind} {case:?}: {:?}",
        request.verdict
    );
    assert!(
        request.notes.is_empty(),
        "{kind} {case:?}: {:?}",
        request.notes
    );
    assert!(
        stage.simulator.strays().is_empty(),
        "{kind} calls a wrong address"
    );
    request
}

fn shown(request: &Received, stage: &Stage) -> String {
    let body = serde_json::to_string_pretty(&content(request)).expect("JSON");
    let content_type = request.header("content-type").unwrap_or_default();
    // A token of the simulator is new each time.
    let target = match request.target.split_once("access_token=sim-") {
        Some((path, _)) => format!("{path}access_token=…"),
        None => request.target.clone(),
    };
    format!("{} {target}\n{content_type}\n\n{body}\n", request.method)
        .replace(stage.simulator.url(), "${PROVIDER}")
}

#[tokio::test]
async fn every_message_leaves_as_written_down_here() {
    for spec in http_kinds() {
        for (locale, language) in LANGUAGES {
            // A stage for each, so that threads and repetitions begin anew.
            let stage = Stage::of(spec).await;
            let mut page = String::new();
            for case in SHORT {
                let request = sent(&stage, case, locale).await;
                // Writing to a String cannot fail.
                let _ = writeln!(page, "# {case:?}\n\n{}", shown(&request, &stage));
            }
            let mut settings = insta::Settings::clone_current();
            settings.set_snapshot_path(folder(spec));
            settings.set_prepend_module_to_snapshot(false);
            settings.set_snapshot_suffix(language);
            settings.set_omit_expression(true);
            settings.bind(|| insta::assert_snapshot!("request", page));
        }
    }
}

#[tokio::test]
async fn a_message_over_the_limit_is_shortened_and_says_so() {
    for spec in http_kinds().filter(|spec| !hands_on(spec)) {
        for (locale, _) in LANGUAGES {
            let stage = Stage::of(spec).await;
            let request = sent(&stage, Case::OverLimit, locale).await;
            let text = content(&request).to_string();
            if is_templated(spec) {
                assert!(text.contains('…'), "{}: {text}", spec.kind);
                continue;
            }
            let more = match locale {
                Locale::En => " more",
                Locale::ZhCn => "另有 ",
            };
            assert!(
                text.contains('…') && text.contains(more),
                "{}: {text}",
                spec.kind
            );
            assert!(!text.contains("db-899"), "{}", spec.kind);
            assert!(
                text.contains("gw.example.com"),
                "{}: the way back is kept",
                spec.kind
            );
        }
    }
}
