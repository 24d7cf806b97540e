//! A disk that is full, that fails, that goes away (spec/reliability.md R07, R08, R09). Each test runs
//! itself again in a process with such a disk: a small tmpfs in a mount namespace of its own
//! (util-linux' `unshare`), or an `fdatasync` that fails on demand (a preloaded library made by `cc`).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use balefire_core::event::Input;
use balefire_core::time::Time;
use balefire_store::{Decision, File, Options, Store, StoreError, StoreUrl};

/// Set in the process with the bad disk: where its folder is.
const FOLDER: &str = "BALEFIRE_TEST_DISK_FOLDER";
/// While this file exists, syncing fails.
const BROKEN: &str = "BALEFIRE_TEST_DISK_BROKEN";

fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

async fn open(folder: &Path) -> Store {
    let url = StoreUrl::Embedded(folder.join("data"));
    Store::open(&url, Options::default())
        .await
        .expect("the store opens")
}

/// A kilobyte that does not compress away.
fn noise(seed: u64) -> Vec<Input> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut text = String::with_capacity(1024);
    for _ in 0..1024 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        text.push(char::from(b' ' + (state >> 58) as u8));
    }
    vec![Input::Silence(text.into())]
}

fn decision(cursor: u64) -> Decision {
    Decision {
        at: Time::EPOCH,
        cursor,
        config_version: "c0ffee".into(),
        body: vec![1; 200],
        notifications: Vec::new(),
        settlements: Vec::new(),
        facts: Vec::new(),
    }
}

fn run(command: &mut Command) {
    let ended = command.output().expect("the process starts");
    let said = String::from_utf8_lossy(&ended.stdout);
    let complained = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}\n{complained}");
    assert!(
        said.contains("1 passed"),
        "the test ran in the process: {said}\n{complained}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_alerts_but_not_decisions_and_recovers_by_itself() {
    if let Some(folder) = folder() {
        return on_a_small_disk(&folder).await;
    }
    let place = tempfile::tempdir().expect("a folder");
    let script = "mount -t tmpfs -o size=48m tmpfs \"$1\" && exec \"$2\" --exact \
        a_full_disk_refuses_alerts_but_not_decisions_and_recovers_by_itself --nocapture";
    run(Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(place.path())
        .arg(std::env::current_exe().expect("this binary"))
        .env(FOLDER, place.path()));
}

async fn on_a_small_disk(folder: &Path) {
    let store = open(folder).await;
    let writer = store.writer();
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![1; 24 << 20]).expect("there is room at first");
    let mut acknowledged = 0;
    let refused = loop {
        match writer.append(noise(acknowledged), Time::EPOCH).await {
            Ok(range) => acknowledged = *range.end(),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::DiskFull), "{refused}");
    assert!(refused.is_transient() && writer.stats().disk_full);
    assert!(acknowledged > 1000, "{acknowledged} before it was full");
    for cursor in 1..=5000 {
        writer
            .decide(decision(cursor))
            .await
            .expect("decisions go on, on the reserve");
    }
    let still = writer.append(noise(0), Time::EPOCH).await;
    assert!(matches!(still, Err(StoreError::DiskFull)), "{still:?}");
    std::fs::remove_file(&ballast).expect("room is made");
    let again = async {
        loop {
            match writer.append(noise(0), Time::EPOCH).await {
                Ok(range) => return *range.end(),
                Err(StoreError::DiskFull) => tokio::task::yield_now().await,
                Err(other) => panic!("{other}"),
            }
        }
    };
    let again = tokio::time::timeout(Duration::from_secs(2), again)
        .await
        .expect("it recovers");
    assert_eq!(again, acknowledged + 1, "nothing refused was written");
    assert!(!writer.stats().disk_full);
    let reserve = folder.join("data/balefire.reserve");
    assert_eq!(
        reserve.metadata().expect("is there").len(),
        6 << 20,
        "the reserve is back"
    );
    store.close().await;
    let store = open(folder).await;
    assert_eq!(store.last_event(), again);
    assert_eq!(store.last_decision().await.expect("last"), 5000);
    store.full_check(|_| {}).await.expect("nothing is damaged");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_does_not_fit_leaves_the_reserve_to_what_is_owed() {
    if let Some(folder) = folder() {
        return files_on_a_small_disk(&folder).await;
    }
    let place = tempfile::tempdir().expect("a folder");
    let script = "mount -t tmpfs -o size=48m tmpfs \"$1\" && exec \"$2\" --exact \
        a_file_that_does_not_fit_leaves_the_reserve_to_what_is_owed --nocapture";
    run(Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(place.path())
        .arg(std::env::current_exe().expect("this binary"))
        .env(FOLDER, place.path()));
}

async fn files_on_a_small_disk(folder: &Path) {
    let store = open(folder).await;
    let writer = store.writer();
    writer.begin_file("large", Time::EPOCH).await.expect("room");
    let mut parts = 0;
    let refused = loop {
        let piece = vec![parts as u8; File::PART];
        match writer.file_part("large", parts, piece, Time::EPOCH).await {
            Ok(()) => parts += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::DiskFull), "{refused}");
    assert!(parts > 40, "{parts} pieces before it was full");
    let reserve = folder.join("data/balefire.reserve");
    let held = reserve.metadata().expect("is there").len();
    assert_eq!(held, 6 << 20, "no file may use it");
    for cursor in 1..=1000 {
        let decided = writer.decide(decision(cursor)).await;
        decided.expect("decisions go on");
    }
    // What did not become a file goes, on the reserve where it must.
    writer.drop_draft("large").await.expect("dropped");
    assert_eq!(store.sweep_files(Time::EPOCH).await.expect("swept"), 0);
    let after = Time::from_secs(1);
    assert_eq!(store.sweep_files(after).await.expect("swept"), parts);
    store.close().await;
}

/// fdatasync and fsync that fail while a file exists.
const FAILING_SYNC: &str = r#"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/syscall.h>
static int broken(void) { const char *f = getenv("BALEFIRE_TEST_DISK_BROKEN"); return f && access(f, F_OK) == 0; }
int fdatasync(int fd) { if (broken()) { errno = EIO; return -1; } return syscall(SYS_fdatasync, fd); }
int fsync(int fd) { if (broken()) { errno = EIO; return -1; } return syscall(SYS_fsync, fd); }
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_sync_acknowledges_nothing_and_stops_the_writer() {
    if let Some(folder) = folder() {
        return on_a_failing_disk(&folder).await;
    }
    let place = tempfile::tempdir().expect("a folder");
    let (source, library) = (place.path().join("sync.c"), place.path().join("sync.so"));
    std::fs::write(&source, FAILING_SYNC).expect("the source is written");
    let mut compile = Command::new("cc");
    compile
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source);
    let compiled = compile.status().expect("cc is installed (apt install gcc)");
    assert!(compiled.success());
    run(Command::new(std::env::current_exe().expect("this binary"))
        .args([
            "--exact",
            "a_failed_sync_acknowledges_nothing_and_stops_the_writer",
            "--nocapture",
        ])
        .env("LD_PRELOAD", &library)
        .env(BROKEN, place.path().join("broken"))
        .env(FOLDER, place.path()));
}

async fn on_a_failing_disk(folder: &Path) {
    let store = open(folder).await;
    let writer = store.writer();
    assert_eq!(
        writer.append(noise(1), Time::EPOCH).await.expect("append"),
        1..=1
    );
    let broken = folder.join("broken");
    std::fs::write(&broken, "").expect("the disk breaks");
    let refused = writer
        .append(noise(2), Time::EPOCH)
        .await
        .expect_err("nothing is acknowledged");
    assert!(matches!(refused, StoreError::Fatal(_)), "{refused}");
    writer.stopped().await;
    assert!(matches!(writer.failure(), Some(StoreError::Fatal(_))));
    std::fs::remove_file(&broken).expect("the disk is well again");
    let refused = writer.append(noise(3), Time::EPOCH).await;
    assert!(
        matches!(refused, Err(StoreError::Fatal(_))),
        "only a restart helps: {refused:?}"
    );
    store.close().await;
    let store = open(folder).await;
    let events = store.events(0, 9).await.expect("events");
    assert_eq!(
        events[0].input,
        noise(1)[0],
        "what was acknowledged is there"
    );
    // The refused one may have reached the disk; the one after it was never tried.
    assert!(events.len() <= 2 && events.iter().all(|event| event.input != noise(3)[0]));
    store.full_check(|_| {}).await.expect("sound");
    store.close().await;
}

#[tokio::test]
async fn a_data_folder_that_was_removed_takes_nothing_more() {
    let place = tempfile::tempdir().expect("a folder");
    let store = open(place.path()).await;
    store
        .writer()
        .append(noise(1), Time::EPOCH)
        .await
        .expect("append");
    std::fs::remove_dir_all(place.path().join("data")).expect("removed");
    let refused = store
        .writer()
        .append(noise(2), Time::EPOCH)
        .await
        .expect_err("refused");
    let StoreError::Fatal(why) = &refused else {
        panic!("{refused:?}")
    };
    assert!(why.contains("data/balefire.db"), "{why}");
    store.close().await;
}
