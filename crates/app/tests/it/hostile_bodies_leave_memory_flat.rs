//! Bodies that are too large, packed to burst, endless or nested without end: each is refused, the refusal is
//! recorded, and the node is no larger than before (security tests S02, S03, S04).

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::ask::{self, answer};
use super::memory::{MIB, most_memory};
use super::node::Node;

const DOCUMENT: &str = "\
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox}
sources: {gen: {kind: generic}}
server: {ingest_bytes: 16777216}
";

/// What the node may grow by once it has seen each body a few times: what the allocator keeps of one moment
/// and not of another. What stayed of each of hundreds of bodies would be much more.
const ROOM: usize = 64 * MIB;
/// And what it keeps of the first ones, which come many at a time.
const FIRST_ROOM: usize = 256 * MIB;

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).expect("packed");
    encoder.finish().expect("packed")
}

fn zlib(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).expect("packed");
    encoder.finish().expect("packed")
}

/// About a megabyte that unpacks to a gigabyte: a gzip file may have many members.
fn bomb() -> Vec<u8> {
    let member = gzip(&vec![b'0'; MIB]);
    let bomb = member.repeat(1024);
    assert!(bomb.len() < MIB + MIB / 4, "{} bytes", bomb.len());
    bomb
}

/// A body, how it says it is packed, and the status it gets.
struct Hostile {
    what: &'static str,
    packed: &'static str,
    body: Bytes,
    status: u16,
}

fn hostile() -> Vec<Hostile> {
    let of = |what, packed, body: Vec<u8>, status| Hostile {
        what,
        packed,
        body: body.into(),
        status,
    };
    let members: Vec<String> = (0..60_000).map(|i| format!("\"{i}\":0,")).collect();
    let members = format!("[{{{}\"x\":0}}]", members.concat());
    vec![
        of(
            "a gigabyte in a megabyte",
            "gzip",
            bomb()[..MIB - 1].to_vec(),
            413,
        ),
        of(
            "the same by its old name",
            "x-gzip",
            bomb()[..MIB - 1].to_vec(),
            413,
        ),
        of(
            "the same as zlib",
            "deflate",
            zlib(&vec![b'0'; 16 * MIB]),
            413,
        ),
        of("packed twice", "gzip, gzip", gzip(&gzip(b"{}")), 415),
        of("a packing we do not know", "br", vec![0; 100], 415),
        of("another", "zstd", vec![0x28, 0xb5, 0x2f, 0xfd], 415),
        of("a snappy header of 4 GiB", "snappy", vec![0xff; 5], 415),
        of("damaged", "gzip", gzip(&[b'x'; 1000])[..20].to_vec(), 400),
        of(
            "not packed at all",
            "gzip",
            b"{\"title\": \"x\"}".to_vec(),
            400,
        ),
        of("nested without end", "", "[".repeat(100_000).into(), 400),
        of("members without end", "", members.into(), 400),
        of(
            "nested without end and packed",
            "gzip",
            gzip("[".repeat(900_000).as_bytes()),
            400,
        ),
    ]
}

/// Sends it; the status.
async fn send(node: &Node, hostile: &Hostile) -> u16 {
    let mut request = node.client.post(node.url("/in/gen"));
    request = request.header("content-type", ask::JSON);
    if !hostile.packed.is_empty() {
        request = request.header("content-encoding", hostile.packed);
    }
    let (status, said) = answer(request.body(hostile.body.clone())).await;
    assert!(said["detail"].is_string(), "{}: {said}", hostile.what);
    status
}

/// Sends all of them so many times, and then many of the worst at once.
async fn bombard(node: &Node, all: &[Hostile], rounds: usize) {
    for hostile in (0..rounds).flat_map(|_| all) {
        assert_eq!(
            send(node, hostile).await,
            hostile.status,
            "{}",
            hostile.what
        );
    }
    // They are held to the budget for all bodies: the rest shall come again.
    let bombs = (0..64).map(|_| send(node, &all[0]));
    let statuses = futures_util::future::join_all(bombs).await;
    assert!(
        statuses.iter().all(|status| [413, 503].contains(status)),
        "{statuses:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_bodies_leave_memory_flat() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let all = hostile();
    let start = most_memory(&node);
    for _ in 0..3 {
        bombard(&node, &all, 1).await;
    }
    let first = most_memory(&node);
    assert!(first <= start + FIRST_ROOM, "{start} became {first}");
    for _ in 0..4 {
        bombard(&node, &all, 5).await;
    }
    let last = most_memory(&node);
    assert!(last <= first + ROOM, "{first} became {last}");
    let refusal = ask::last_refusal(&node).await;
    assert_eq!(refusal["source"], "gen", "{refusal}");
    let posted = ask::post(&node, "/in/gen", ask::JSON, r#"{"title": "still here"}"#).await;
    assert_eq!(posted.0, 200, "{posted:?}");
    node.kill().await;
}

/// Says the head of a request and then this piece again and again, until there is an answer; the answer, and how many bytes were
/// taken of it by then.
async fn pour(node: &Node, head: &str, piece: &[u8]) -> (String, usize) {
    let stream = TcpStream::connect(node.address).await.expect("connect");
    let (mut from, mut to) = stream.into_split();
    let head = format!(
        "POST /in/gen HTTP/1.1\r\nHost: {}\r\n{head}\r\n\r\n",
        node.address
    );
    to.write_all(head.as_bytes())
        .await
        .expect("the head is read");
    let mut poured = 0;
    let pouring = async {
        // An error means that the other side has had enough.
        while !piece.is_empty() && to.write_all(piece).await.is_ok() {
            poured += piece.len();
        }
        std::future::pending::<()>().await;
    };
    let mut answer = vec![0; 4096];
    let read = tokio::select! {
        read = from.read(&mut answer) => read.expect("an answer"),
        () = pouring => 0,
    };
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    (answer, poured)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_end_is_answered_while_it_is_still_coming() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    // What is announced as too large is not waited for.
    let (answer, _) = pour(&node, "Content-Length: 99999999999", b"").await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let announced = format!("Content-Length: {}", 10 * MIB + 1);
    let (answer, _) = pour(&node, &announced, &vec![b' '; 0x1_0000]).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let mut chunk = b"10000\r\n".to_vec();
    chunk.extend_from_slice(&vec![b' '; 0x1_0000]);
    chunk.extend_from_slice(b"\r\n");
    let (answer, poured) = pour(&node, "Transfer-Encoding: chunked", &chunk).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    // The limit is 1 MiB; the rest are the buffers of two sockets.
    assert!(poured < 16 * MIB, "{poured} bytes");
    let (answer, _) = pour(&node, "Content-Length: 7, 8", b"").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    node.kill().await;
}
