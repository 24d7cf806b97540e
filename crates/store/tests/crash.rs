//! kill -9 at any moment (spec/reliability.md R01): what was acknowledged is there afterwards, and
//! nothing is there that was not sent. The test runs itself again as the process that is killed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use balefire_core::event::Input;
use balefire_core::message::Occasion;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::{
    Attempt, Decision, Notification, NotificationState, OpenError, Options, Settlement, Store,
    StoreUrl,
};

/// Set in the process that is killed: its data folder.
const FOLDER: &str = "BALEFIRE_TEST_CRASH_FOLDER";
const CALLERS: u64 = 8;

async fn open(folder: &Path) -> Result<Store, OpenError> {
    Store::open(&StoreUrl::Embedded(folder.to_owned()), Options::default()).await
}

/// Says a fact on the pipe to the parent; a closed pipe means that the parent has seen enough.
fn say(fact: &str) {
    let _ = writeln!(std::io::stdout(), "{fact}");
}

fn notification(group: u64) -> Notification {
    Notification {
        seq: 0,
        id: [7; 16],
        node: 1,
        decision: 0,
        group,
        receiver: "ops".into(),
        integration: "webhook#0".into(),
        account: "hook".into(),
        target: "hook".into(),
        target_label: "".into(),
        occasion: Occasion::Firing,
        severity: Severity::Error,
        state: NotificationState::Pending,
        created_at: Time::EPOCH,
        next_try_at: None,
        deadline_at: Time::EPOCH,
        attempts: 0,
        last_error: None,
        fallback_of: None,
        payload: Vec::new(),
    }
}

/// Each caller appends, decides and settles for ever, and says what was acknowledged.
async fn live(folder: &Path) {
    let store = open(folder)
        .await
        .expect("the store opens after every crash");
    let first = store.last_event();
    say("open");
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..CALLERS {
        let writer = store.writer().clone();
        callers.spawn(async move {
            for i in 0_u64.. {
                let text = format!("{first}-{caller}-{i}");
                let range = writer
                    .append(vec![Input::Silence(text.as_str().into())], Time::EPOCH)
                    .await
                    .expect("append");
                say(&format!("event {} {text}", range.start()));
                let decision = Decision {
                    at: Time::EPOCH,
                    cursor: *range.start(),
                    config_version: text.into(),
                    body: Vec::new(),
                    notifications: vec![notification(*range.start())],
                    settlements: Vec::new(),
                    facts: Vec::new(),
                };
                let decided = writer.decide(decision).await.expect("decide");
                let seq = decided.notifications.start;
                say(&format!("pending {seq} {}", range.start()));
                let attempt = Attempt {
                    notification: seq,
                    number: 1,
                    at: Time::EPOCH,
                    took_micros: 1,
                    kind: "ok".into(),
                    answer: None,
                    fix: None,
                    provider_id: None,
                };
                let settlement = Settlement {
                    attempts: vec![attempt],
                    ..Settlement::state(seq, NotificationState::Delivered, 1)
                };
                writer.settle(vec![settlement]).await.expect("settle");
                say(&format!("delivered {seq}"));
            }
        });
    }
    callers.join_all().await;
}

/// What a killed process had said.
#[derive(Default)]
struct Said {
    events: BTreeMap<u64, String>,
    pending: BTreeMap<u64, u64>,
    delivered: BTreeSet<u64>,
}

impl Said {
    fn take(&mut self, line: &str) {
        let mut words = line.split(' ');
        let kind = words.next().unwrap_or_default();
        let mut number = || words.next().and_then(|word| word.parse::<u64>().ok());
        match kind {
            "event" => {
                let seq = number().expect("a number");
                self.events
                    .insert(seq, words.next().expect("a text").to_owned());
            }
            "pending" => {
                let seq = number().expect("a number");
                self.pending.insert(seq, number().expect("a number"));
            }
            "delivered" => {
                self.delivered.insert(number().expect("a number"));
            }
            // The test harness says things too.
            _ => {}
        }
    }
}

/// Starts the process, kills it after it has said `lines` things, and returns what it said.
fn kill_after(folder: &Path, lines: usize, said: &mut Said) {
    let mut child = Command::new(std::env::current_exe().expect("this binary"))
        .args([
            "--exact",
            "what_was_acknowledged_survives_kill_9",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the test starts itself");
    let mut reader = BufReader::new(child.stdout.take().expect("its output"));
    let (mut line, mut seen, mut open) = (String::new(), 0, false);
    loop {
        line.clear();
        if reader.read_line(&mut line).expect("its output") == 0 {
            break;
        }
        // A line that was cut off in the middle was not said.
        let Some(whole) = line.strip_suffix('\n') else {
            break;
        };
        open |= whole == "open";
        said.take(whole);
        seen += 1;
        if seen == lines {
            child.kill().expect("kill -9");
        }
    }
    let ended = child.wait().expect("it ends");
    assert!(
        open && !ended.success(),
        "the process ended by itself after {seen} lines: {ended}"
    );
}

async fn judge(folder: &Path, said: &Said) {
    let store = open(folder).await.expect("the store opens after kill -9");
    let events = store.events(0, usize::MAX).await.expect("events");
    assert!(
        events.iter().zip(1..).all(|(event, seq)| event.seq == seq),
        "numbers have no gap"
    );
    let texts: BTreeMap<_, _> = events
        .iter()
        .map(|event| match &event.input {
            Input::Silence(text) => (event.seq, text.to_string()),
            other => panic!("unexpected {other:?}"),
        })
        .collect();
    for (seq, text) in &said.events {
        assert_eq!(texts.get(seq), Some(text), "acknowledged event {seq}");
    }
    assert_eq!(
        texts.values().collect::<BTreeSet<_>>().len(),
        texts.len(),
        "none is there twice"
    );
    for (seq, group) in &said.pending {
        let found = store
            .notification(*seq)
            .await
            .expect("notification")
            .expect("is there");
        assert_eq!(found.group, *group);
        let decision = store
            .decision(found.decision)
            .await
            .expect("decision")
            .expect("is there");
        assert_eq!(
            Some(&*decision.config_version),
            texts.get(group).map(String::as_str)
        );
    }
    let pending: BTreeSet<_> = store
        .pending(None, 0, usize::MAX >> 1)
        .await
        .expect("pending")
        .iter()
        .map(|notification| notification.seq)
        .collect();
    assert!(
        pending.is_disjoint(&said.delivered),
        "what was told is not told again"
    );
    store.full_check(|_| {}).await.expect("the store is sound");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kill_9() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return live(Path::new(&folder)).await;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut said = Said::default();
    // Killed while opening, in the first commits, and later; always the same folder.
    for lines in [6, 7, 40, 1, 333, 80, 1000, 17, 2500, 120] {
        kill_after(folder.path(), lines.max(6), &mut said);
        judge(folder.path(), &said).await;
    }
    assert!(
        said.delivered.len() > 500,
        "{} delivered",
        said.delivered.len()
    );
}

#[tokio::test]
async fn a_second_process_is_told_who_has_the_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = open(folder.path()).await.expect("opens");
    let refused = open(folder.path()).await.map(drop).expect_err("refused");
    assert!(matches!(refused, OpenError::Locked { pid, .. } if pid == std::process::id()));
    assert!(
        refused
            .to_string()
            .contains(&std::process::id().to_string()),
        "{refused}"
    );
    first.close().await;
    open(folder.path()).await.expect("free again").close().await;
}

#[tokio::test]
async fn the_folder_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent.path().join("data");
    let store = open(&folder).await.expect("opens");
    let mode = |path: &Path| path.metadata().expect("is there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in ["balefire.db", "balefire.lock", "balefire.reserve"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
    store.close().await;
}
