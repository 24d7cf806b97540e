//! Files in pieces: whole or not there, newest of a name, quota, removal, what is left of broken uploads.

use std::sync::Arc;

use balefire_core::time::Time;
use balefire_store::{File, FileKept, FileQuota, FileTotals, Retention, Store, StoreError};

use crate::place::{Engine, Place};
use crate::sample::at;

const ROOMY: FileQuota = FileQuota {
    count: 100,
    bytes: 1 << 30,
};

/// Bytes that show when a piece is missing, doubled or in the wrong place.
fn bytes(size: usize) -> Vec<u8> {
    (0..size as u64)
        .map(|i| (i.wrapping_mul(i / 251 + 7) >> 3) as u8)
        .collect()
}

async fn send(store: &Store, id: &str, bytes: &[u8], secs: i64) {
    let writer = store.writer();
    writer.begin_file(id, at(secs)).await.expect("begin");
    for (part, piece) in (0..).zip(bytes.chunks(File::PART)) {
        let put = writer.file_part(id, part, piece.to_vec(), at(secs));
        put.await.expect("part");
    }
}

async fn keep(
    store: &Store,
    (id, name): (&str, &str),
    size: usize,
    secs: i64,
    quota: FileQuota,
) -> Result<FileKept, StoreError> {
    let file = File {
        id: id.into(),
        seq: 0,
        at: at(secs),
        size: size as u64,
        name: name.into(),
        media_type: "text/plain".into(),
    };
    store.writer().keep_file(file, quota).await
}

async fn put(store: &Store, id: &str, name: &str, size: usize, secs: i64) -> File {
    send(store, id, &bytes(size), secs).await;
    match keep(store, (id, name), size, secs, ROOMY).await {
        Ok(FileKept::Kept(file)) => file,
        other => panic!("{other:?}"),
    }
}

async fn whole(store: &Store, file: &File) -> Vec<u8> {
    let mut whole = Vec::new();
    for part in 0..file.parts() {
        let piece = store.file_part(&file.id, part).await.expect("read");
        whole.extend(piece.expect("a piece"));
    }
    whole
}

pub(crate) async fn a_file_is_read_back_byte_for_byte_after_a_reopen(place: Arc<Place>) {
    let store = place.open().await;
    let sizes = [0, 1, File::PART, 5 * File::PART + 17];
    let mut put_in = Vec::new();
    for (i, size) in (0..).zip(sizes) {
        put_in.push(put(&store, &format!("id{i}"), "报告 🔥.bin", size, i).await);
    }
    store.close().await;
    let store = place.open().await;
    for (file, size) in put_in.iter().zip(sizes) {
        assert_eq!(
            store.file(&file.id).await.expect("file").as_ref(),
            Some(file)
        );
        assert!(whole(&store, file).await == bytes(size), "{size} bytes");
    }
    let past = store.file_part("id3", 6).await.expect("read");
    assert_eq!(past, None);
    let all = sizes.iter().sum::<usize>() as u64;
    let totals = FileTotals {
        count: 4,
        bytes: all,
    };
    assert_eq!(store.file_totals().await.expect("totals"), totals);
    store.close().await;
}

pub(crate) async fn of_one_name_the_newest_is_meant_and_the_older_stay(place: Arc<Place>) {
    let store = place.open().await;
    // The clock is set back between them.
    let first = put(&store, "a", "x.txt", 10, 100).await;
    let second = put(&store, "b", "x.txt", 20, 50).await;
    let other = put(&store, "c", "X.txt", 30, 60).await;
    let named = async |name: &str| store.file_named(name).await.expect("by name");
    assert_eq!(named("x.txt").await.as_ref(), Some(&second));
    assert_eq!(named("X.txt").await.as_ref(), Some(&other));
    assert_eq!(named("x.txt ").await, None);
    assert_eq!(store.file("a").await.expect("by id").as_ref(), Some(&first));
    let listed = async |name, before, limit| {
        let files = store.files(name, before, limit).await.expect("list");
        files
            .iter()
            .map(|file| file.id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(None, None, 9).await, ["c", "b", "a"]);
    assert_eq!(listed(None, Some(3), 1).await, ["b"]);
    assert_eq!(listed(Some("x.txt"), None, 9).await, ["b", "a"]);
    assert_eq!(listed(Some("x.txt"), Some(second.seq), 9).await, ["a"]);
    store.close().await;
}

pub(crate) async fn a_file_without_all_its_pieces_does_not_count(place: Arc<Place>) {
    let store = place.open().await;
    let size = 3 * File::PART;
    send(&store, "a", &bytes(2 * File::PART), 0).await;
    let kept = keep(&store, ("a", "a.bin"), size, 0, ROOMY).await;
    assert!(matches!(kept, Err(StoreError::Conflict(_))), "{kept:?}");
    let kept = keep(&store, ("never", "a.bin"), 0, 0, ROOMY).await;
    assert!(matches!(kept, Err(StoreError::Conflict(_))), "{kept:?}");
    assert_eq!(store.files(None, None, 9).await.expect("list"), []);
    let stray = store.writer().file_part("never", 0, vec![1], at(0)).await;
    assert!(matches!(stray, Err(StoreError::Conflict(_))), "{stray:?}");
    // The attempt that failed took nothing away: the last piece may still come.
    let last = store.writer().file_part("a", 2, vec![7; File::PART], at(1));
    last.await.expect("part");
    let kept = keep(&store, ("a", "a.bin"), size, 1, ROOMY).await;
    assert!(matches!(kept, Ok(FileKept::Kept(_))), "{kept:?}");
    store.close().await;
}

pub(crate) async fn a_quota_of_files_and_bytes_is_kept(place: Arc<Place>) {
    let store = place.open().await;
    put(&store, "a", "a", 100, 0).await;
    let quota = |count, bytes| FileQuota { count, bytes };
    let there = FileTotals {
        count: 1,
        bytes: 100,
    };
    send(&store, "b", &bytes(50), 1).await;
    for tight in [quota(1, 1000), quota(9, 149)] {
        let kept = keep(&store, ("b", "b"), 50, 1, tight).await;
        assert_eq!(kept.expect("an answer"), FileKept::NoRoom(there));
    }
    let kept = keep(&store, ("b", "b"), 50, 1, quota(2, 150)).await;
    assert!(matches!(kept, Ok(FileKept::Kept(_))), "{kept:?}");
    store.close().await;
}

pub(crate) async fn what_belongs_to_no_file_is_swept_when_nothing_more_comes(place: Arc<Place>) {
    let store = place.open().await;
    let kept = put(&store, "kept", "k", 3 * File::PART, 0).await;
    put(&store, "removed", "r", 20 * File::PART, 0).await;
    send(&store, "broken", &bytes(File::PART + 1), 0).await;
    send(&store, "given up", &bytes(1), 900).await;
    send(&store, "under way", &bytes(1), 900).await;
    assert!(store.writer().remove_file("removed").await.expect("remove"));
    assert!(!store.writer().remove_file("removed").await.expect("again"));
    assert_eq!(store.file("removed").await.expect("file"), None);
    store.writer().drop_draft("given up").await.expect("drop");
    store.writer().drop_draft("unknown").await.expect("nothing");
    assert_eq!(store.sweep_files(at(500)).await.expect("sweep"), 20 + 2 + 1);
    assert_eq!(store.sweep_files(at(500)).await.expect("sweep"), 0);
    assert_eq!(store.file_part("removed", 0).await.expect("part"), None);
    assert_eq!(whole(&store, &kept).await, bytes(3 * File::PART));
    let done = keep(&store, ("under way", "u"), 1, 901, ROOMY).await;
    assert!(matches!(done, Ok(FileKept::Kept(_))), "{done:?}");
    assert_eq!(store.sweep_files(Time::NEVER).await.expect("sweep"), 0);
    store.close().await;
}

pub(crate) async fn a_damaged_piece_is_not_handed_out(place: Arc<Place>) {
    let store = place.open().await;
    put(&store, "a", "a", 2 * File::PART, 0).await;
    place
        .meddle("UPDATE file_part SET crc = crc - 1 WHERE part = 1")
        .await;
    assert!(store.file_part("a", 0).await.expect("sound").is_some());
    let error = store.file_part("a", 1).await.expect_err("damage");
    assert!(error.to_string().contains("file a, piece 1"), "{error}");
    store.close().await;
}

pub(crate) async fn files_take_no_room_from_history(place: Arc<Place>) {
    let store = place.open().await;
    let before = store.prune(retention(), at(0)).await.expect("prune").bytes;
    put(&store, "a", "a", 8 * File::PART, 0).await;
    let after = store.prune(retention(), at(0)).await.expect("prune").bytes;
    // Less than the file: what the rows around its pieces take.
    assert!(after < before + 4 * File::PART as u64, "{before}, {after}");
    store.close().await;
}

fn retention() -> Retention {
    Retention {
        age: std::time::Duration::from_hours(1),
        bytes: None,
    }
}

pub(crate) async fn two_nodes_give_their_files_different_numbers(place: Arc<Place>) {
    if place.engine == Engine::Sqlite {
        return;
    }
    let first = place.open().await;
    let second = place.try_open(2).await.expect("opens");
    let a = put(&first, "a", "x", 1, 0).await;
    let b = put(&second, "b", "x", 2, 0).await;
    let c = put(&first, "c", "x", 3, 0).await;
    assert!(a.seq < b.seq && b.seq < c.seq);
    assert_eq!(second.file_named("x").await.expect("named"), Some(c));
    first.close().await;
    second.close().await;
}
