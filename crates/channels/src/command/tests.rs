use serde_json::{Value, json};
use tokio::time::Instant;

use super::*;
use crate::cloud::sample::{build as open, build_with, message, send};
use crate::http::{Http, HttpSettings};

const NOW: Time = Time::from_secs(1_795_249_800);

/// A command that is a script of the machine's own shell.
fn script(words: &str) -> Value {
    json!({"command": "/bin/sh", "arguments": ["-c", words]})
}

async fn ran(words: &str) -> Outcome {
    let channel = open(&SPEC, &script(words), &json!({})).expect("a channel");
    send(&*channel, &message(), NOW).await.remove(0)
}

#[tokio::test]
async fn the_exit_code_is_the_outcome() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/command");
    for entry in std::fs::read_dir(folder).expect("fixtures") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|end| end != "json") {
            continue;
        }
        let case: Value =
            serde_json::from_slice(&std::fs::read(&path).expect("readable")).expect("JSON");
        let words = format!(
            "echo '{}' >&2; exit {}",
            case["reply"].as_str().expect("words"),
            case["exit"]
        );
        let outcome = ran(&words).await;
        let word = outcome
            .as_ref()
            .map_or_else(|error| error.kind.as_str(), |_| "ok");
        assert_eq!(word, case["expect"], "{}", path.display());
        if let Err(error) = outcome {
            assert!(
                error
                    .detail
                    .contains(case["reply"].as_str().expect("words")),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn a_command_is_told_on_its_input_and_in_its_environment_and_knows_nothing_else() {
    let receipt = ran("cat >/dev/null; env | sort | cut -d= -f1 | tr '\\n' ' '")
        .await
        .expect("taken");
    for name in ["BALEFIRE_TITLE", "BALEFIRE_GROUP_KEY", "BALEFIRE_ID"] {
        assert!(receipt.answer.contains(name), "{}", receipt.answer);
    }
    assert!(
        !receipt.answer.contains("CARGO") && !receipt.answer.contains("HOME"),
        "{}",
        receipt.answer
    );
    let message = message();
    let told = input::json_of(&message, NOW);
    assert_eq!(told["title"], message.title);
    assert_eq!(told["group"]["version"], "4");
    assert_eq!(told["occasion"], "firing");
    let read = ran("tr -d '\\n' | wc -c").await.expect("taken").answer;
    assert_eq!(read.parse(), Ok(told.to_string().len()));
}

#[tokio::test]
async fn a_title_is_never_read_by_a_shell() {
    let mut hostile = message();
    hostile.title = "$(touch /tmp/x) `id`; \0 rm -rf \"".to_owned();
    let channel =
        open(&SPEC, &script("printf %s \"$BALEFIRE_TITLE\""), &json!({})).expect("a channel");
    let receipt = send(&*channel, &hostile, NOW)
        .await
        .remove(0)
        .expect("taken");
    assert_eq!(
        receipt.answer,
        "$(touch /tmp/x) `id`;  rm -rf \"".replace("  ", " ")
    );
}

#[tokio::test]
async fn what_takes_too_long_is_killed_with_all_it_has_started() {
    let folder = tempfile::tempdir().expect("a folder");
    let mark = folder.path().join("pid");
    let words = format!("sleep 600 & echo $! > {}; wait", mark.display());
    let http = Http::new(HttpSettings::default()).expect("a client");
    let http = http.within(Duration::from_millis(500));
    let channel = build_with(http, &SPEC, &script(&words), &json!({})).expect("a channel");
    let error = send(&*channel, &message(), NOW)
        .await
        .remove(0)
        .expect_err("too long");
    assert_eq!(error.kind, ErrorKind::UnknownOutcome, "{error}");
    let pid = std::fs::read_to_string(&mark).expect("its child began");
    // Killed and not yet taken notice of is a zombie.
    let ended = || {
        let status =
            std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        status.is_empty() || status.contains(") Z ")
    };
    let began = Instant::now();
    while !ended() {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "its child goes on"
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn output_without_end_and_input_that_nobody_reads_do_no_harm() {
    let error = ran("head -c 1000000 /dev/zero | tr '\\0' x; echo no >&2; exit 3")
        .await
        .expect_err("refused");
    assert_eq!(
        (error.kind, error.detail.as_str()),
        (ErrorKind::Rejected, "exit code 3: no")
    );
    let left = ran("sleep 600 & exit 0").await;
    assert!(
        left.is_ok(),
        "what it leaves running is not waited for: {left:?}"
    );
}

#[tokio::test]
async fn a_file_that_is_not_there_is_a_mistake_of_the_configuration() {
    let account = json!({"command": "/nowhere/page"});
    let channel = open(&SPEC, &account, &json!({})).expect("a channel");
    let error = send(&*channel, &message(), NOW)
        .await
        .remove(0)
        .expect_err("no file");
    assert!(
        error.kind == ErrorKind::Misconfigured && !error.fix.is_empty(),
        "{error}"
    );
}

#[test]
fn a_message_sent_by_hand_cannot_choose_what_runs() {
    let other = json!({"command": "/bin/rm", "arguments": ["-rf", "/"]});
    let channel = open(&SPEC, &script("exit 0"), &other).expect("a channel");
    assert_eq!(&*channel.targets()[0].address, "/bin/sh");
    assert!(open(&SPEC, &json!({}), &other).is_err());
    for path in ["page", "./page", "/usr/../bin/page", "/usr/./bin/page", ""] {
        assert!(
            open(&SPEC, &json!({"command": path}), &json!({})).is_err(),
            "{path:?}"
        );
    }
}
