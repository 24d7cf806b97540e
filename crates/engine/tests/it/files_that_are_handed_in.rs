//! Files that come in whole or not at all, and go out with the message that names them.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::file::FileName;
use balefire_core::message::{Attachment, Enclosed, Message};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_engine::direct::{Direct, Words};
use balefire_engine::engine::{FileError, Upload};
use balefire_store::File;
use balefire_store::NotificationState::{DeadLettered, Delivered};
use balefire_template::compose::{Reader, compose_direct};
use bytes::Bytes;

use super::world::{Answer, EACH, Node, World, message};

const MOST: u64 = 10 << 20;
const PIECE: usize = File::PART;

fn begin(node: &Node<'_>, name: &str) -> Result<Upload, FileError> {
    node.run(node.engine().begin_file(FileName::of(name), MOST))
}

fn push(node: &Node<'_>, upload: &mut Upload, size: usize) -> Result<(), FileError> {
    node.run(upload.push(Bytes::from(vec![7; size])))
}

fn put(node: &Node<'_>, name: &str, size: usize) -> Result<File, FileError> {
    let mut upload = begin(node, name)?;
    push(node, &mut upload, size)?;
    node.run(upload.finish())
}

/// How many pieces belong to no file.
fn stray(node: &Node<'_>) -> u64 {
    node.run(node.engine().store().sweep_files(Time::NEVER))
        .expect("swept")
}

fn with_file(file: &File) -> Direct {
    let reader = Reader::default();
    let words = compose_direct("report", "see the file", Severity::Info, &reader);
    let attachment = Attachment {
        name: file.name.to_string(),
        media_type: file.media_type.to_string(),
        enclosed: Enclosed::File(Arc::clone(&file.id)),
    };
    Direct {
        words: Words::Message(Box::new(Message {
            attachments: vec![attachment],
            ..words
        })),
        ..message("a", "")
    }
}

#[test]
fn a_file_is_found_by_its_id_and_by_its_name_and_is_gone_when_it_is_removed() {
    let mut world = World::new(EACH);
    let node = world.start();
    let engine = node.engine();
    let old = put(&node, "../x.txt", 10).expect("stored");
    let new = put(&node, "x.txt", PIECE + 1).expect("stored");
    assert_eq!(
        (&*new.name, new.size, new.parts()),
        ("x.txt", PIECE as u64 + 1, 2)
    );
    let found = |asked: &str| {
        let file = node.run(engine.find_file(asked)).expect("asked");
        file.map(|file| file.seq)
    };
    assert_eq!(found("x.txt"), Some(new.seq));
    assert_eq!(found(&old.id), Some(old.seq));
    for other in ["../x.txt", "y.txt", "", "..", &"0".repeat(32)] {
        assert_eq!(found(other), None, "{other}");
    }
    assert!(node.run(engine.has_file(&old.id)).expect("asked"));
    assert!(!node.run(engine.has_file("x.txt")).expect("asked"));
    assert!(node.run(engine.remove_file(&new.id)).expect("removed"));
    assert!(!node.run(engine.remove_file(&new.id)).expect("again"));
    assert_eq!(
        found("x.txt"),
        Some(old.seq),
        "the one before is meant again"
    );
    assert_eq!(stray(&node), 0, "its pieces went with it");
}

#[test]
fn an_upload_that_breaks_off_leaves_nothing_and_gives_its_room_back() {
    let document = format!("{EACH}\nfiles: {{count: 2, bytes: {}}}", 4 * PIECE);
    let mut world = World::new(&document);
    let node = world.start();
    let mut first = begin(&node, "a").expect("begun");
    push(&node, &mut first, 3 * PIECE).expect("room");
    // What is coming in counts, although it is no file yet.
    let mut second = begin(&node, "b").expect("begun");
    let refused = push(&node, &mut second, 2 * PIECE).expect_err("no room");
    assert!(matches!(refused, FileError::NoRoom { .. }), "{refused}");
    node.run(async { drop((first, second)) });
    node.settle();
    assert_eq!(stray(&node), 0);
    put(&node, "c", 3 * PIECE).expect("its room is free");
    let large = put(&node, "d", PIECE + 1).expect_err("no room");
    assert!(large.to_string().contains("files.bytes"), "{large}");
    node.settle();
    put(&node, "e", 1).expect("room");
    let many = begin(&node, "f").err().expect("no room");
    assert!(many.to_string().contains("files.count is 2"), "{many}");
    let mut whole = World::new(EACH);
    let node = whole.start();
    let large = put(&node, "g", MOST as usize + 1).expect_err("too large");
    assert!(matches!(large, FileError::TooLarge(MOST)), "{large}");
}

#[test]
fn pieces_of_an_upload_that_a_crash_cut_off_are_swept_by_a_later_life() {
    let mut world = World::new(EACH);
    let node = world.start();
    let mut upload = begin(&node, "a").expect("begun");
    push(&node, &mut upload, 2 * PIECE).expect("room");
    // Outside of the node's life nothing is cleaned up.
    drop(upload);
    node.crash();
    let node = world.start();
    let totals = node.run(node.engine().store().file_totals());
    assert_eq!(totals.expect("totals").count, 0, "it is no file");
    node.leap(Duration::from_mins(75));
    node.settle();
    assert_eq!(stray(&node), 0, "the sweep left nothing");
    drop(node);
    let node = world.start();
    let mut upload = begin(&node, "b").expect("begun");
    push(&node, &mut upload, 2 * PIECE).expect("room");
    drop(upload);
    node.crash();
    let node = world.start();
    node.leap(Duration::from_mins(45));
    node.settle();
    assert_eq!(stray(&node), 2, "they may still be under way");
}

#[test]
fn a_message_goes_out_with_the_bytes_of_its_file_and_waits_without_them() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.next(Answer::fail(balefire_channels::error::ErrorKind::Rejected));
    let node = world.start();
    let file = put(&node, "report.bin", 2 * PIECE + 3).expect("stored");
    let wait = Some(Duration::from_secs(5));
    let sent = node.run(node.engine().send(&with_file(&file), wait));
    let sent = sent.expect("stored");
    assert_eq!(sent[0].state, DeadLettered);
    node.settle();
    // A dead letter keeps the words and where the bytes are.
    let body = node.run(node.engine().store().kept_body(sent[0].seq));
    let body = body.expect("read").expect("kept");
    assert!(body.len() < 2000, "{} bytes", body.len());
    assert!(node.run(node.engine().redrive(sent[0].seq)).expect("asked"));
    // Its pieces are read first, each in a turn of the store.
    node.until(|| node.states("a") == [Delivered]);
    for call in a.calls() {
        let enclosed = &call.message.attachments[0].enclosed;
        assert_eq!(*enclosed, Enclosed::Content(vec![7; 2 * PIECE + 3]));
    }
}

#[test]
fn a_message_whose_file_was_removed_goes_out_without_it() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.next(Answer::fail(balefire_channels::error::ErrorKind::Transient));
    let node = world.start();
    let file = put(&node, "report.bin", 3).expect("stored");
    node.run(node.engine().send(&with_file(&file), None))
        .expect("stored");
    node.settle();
    assert!(
        node.run(node.engine().remove_file(&file.id))
            .expect("removed")
    );
    node.crash();
    let node = world.start();
    node.pass(120);
    assert_eq!(node.states("a"), [Delivered]);
    let last = a.calls().pop().expect("told");
    let enclosed = &last.message.attachments[0].enclosed;
    assert_eq!(*enclosed, Enclosed::File(file.id));
}
