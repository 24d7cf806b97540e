//! A file is uploaded, survives kill -9 and reaches a reader byte for byte; hostile names, paths and forms get
//! nowhere, and a large file leaves memory flat (security tests S09 to S14, S42).

use std::time::Duration;

use balefire_testkit::smtp::{MailMode, Security, SmtpSim, Stage};
use bytes::Bytes;
use futures_util::stream;
use reqwest::header::HeaderMap;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::ask::{self, answer};
use super::memory::{MIB, most_memory};
use super::node::{Node, eventually};

const TAIL: &str = "
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox}
";
const FILES: &str = "/api/v1/files";

fn document(legacy: &str) -> String {
    format!("legacy: {{apptools: {{{legacy}}}}}{TAIL}")
}

fn with_mail(mail: &SmtpSim) -> String {
    let port = mail.port();
    format!(
        "accounts:\n  mail: {{kind: smtp, host: 127.0.0.1, port: {port}, tls: none_loopback, from: ops@example.com}}\n{}",
        document("mail: mail")
    )
}

/// Bytes with every line end there is, and none that repeats.
fn bytes(size: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..size).map(next).collect()
}

async fn upload(node: &Node, name: &str, bytes: Vec<u8>) -> (u16, Value) {
    let form = Form::new().part("file", Part::bytes(bytes).file_name(name.to_owned()));
    answer(node.client.post(node.url("/upload_file")).multipart(form)).await
}

async fn send(node: &Node, att: &str) -> Value {
    let body =
        json!({"to_list": "li@example.com", "subject": "s", "content": "见附件", "att": att});
    let (status, said) = ask::post(node, "/sendmail", ask::JSON, body.to_string()).await;
    assert_eq!(status, 200, "{said}");
    said
}

async fn listed(node: &Node) -> Vec<Value> {
    let list = ask::get(node, FILES).await;
    list["files"].as_array().expect("a list").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_reaches_the_reader_after_kill_nine() {
    let mail = SmtpSim::builder(Security::Plain)
        .max_bytes(16 * MIB)
        .start()
        .await
        .expect("mail server");
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &with_mail(&mail)).await;
    let report = bytes(3 * MIB + 17);
    let uploaded = upload(&node, "C:\\tmp\\季度 报告.bin", report.clone()).await;
    assert_eq!(uploaded, (200, "finished!".into()));
    assert_eq!(upload(&node, "gone.bin", b"\0\0".to_vec()).await.0, 200);
    let gone = listed(&node).await[0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    // The mail server is not well: both mails are stored, and wait.
    mail.fail_with(MailMode::Refuse(Stage::Mail, 451, "later".to_owned()));
    let (first, second) = tokio::join!(
        send(&node, "static/files/季度 报告.bin"),
        send(&node, &gone)
    );
    for said in [first, second] {
        assert!(
            said["msg"].as_str().is_some_and(|m| m.contains("kept")),
            "{said}"
        );
    }
    let (status, _) = answer(node.client.delete(node.url(&format!("{FILES}/{gone}")))).await;
    assert_eq!(status, 204);
    node.kill().await;

    mail.heal();
    let node = Node::start(folder.path(), &with_mail(&mail)).await;
    let mails = mail.wait_for(2).await;
    let kind = "application/octet-stream";
    let with = mails.iter().find(|mail| mail.bytes(kind).is_some());
    let with = with.expect("a mail with the file");
    assert!(with.bytes(kind) == Some(report), "other bytes");
    let raw = String::from_utf8_lossy(&with.raw);
    let part = raw
        .split("\r\n--=_mix")
        .find(|part| part.contains("attachment"));
    let head = part
        .expect("a part")
        .split("\r\n\r\n")
        .next()
        .expect("a head");
    assert_eq!(head.matches("Content-Type:").count(), 1, "{head}");
    assert!(
        head.contains("filename*0*=utf-8''") || head.contains("filename*="),
        "{head}"
    );
    assert_eq!(with.notes, Vec::<String>::new());
    // What was deleted meanwhile is named, and the words went out.
    let without = mails.iter().find(|mail| mail.bytes(kind).is_none());
    let words = without.expect("the other mail").text("text/plain");
    let words = words.expect("words");
    assert!(
        words.contains("见附件") && words.contains("gone.bin"),
        "{words}"
    );
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_too_large_for_a_mail_is_refused_with_the_number() {
    let mail = SmtpSim::start(Security::Plain).await.expect("mail server");
    let folder = tempfile::tempdir().expect("folder");
    let document = with_mail(&mail).replace("mail: mail}", "mail: mail, mail_bytes: 1000}");
    let node = Node::start(folder.path(), &document).await;
    assert_eq!(upload(&node, "a.bin", bytes(1001)).await.0, 200);
    let said = send(&node, "a.bin").await;
    assert_eq!(said["status"], -2);
    let msg = said["msg"].as_str().expect("words");
    assert!(msg.contains("1001") && msg.contains("1000"), "{msg}");
    // S09: what is no upload is refused, and recorded.
    for att in [
        "/etc/passwd",
        "../../app.db",
        "file:///etc/shadow",
        "\\\\host\\share",
    ] {
        let said = send(&node, att).await;
        assert_eq!(said["status"], -2, "{att}");
        let refusal = ask::last_refusal(&node).await;
        assert_eq!(refusal["source"], "apptools");
        let reason = refusal["reason"].as_str().expect("a reason");
        assert!(reason.contains(att), "{reason}");
    }
    assert_eq!(mail.received().len(), 0);
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_and_contents_are_handed_out_as_harmless_attachments() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document("")).await;
    // S10 and S11: names that lead elsewhere, contents that would run.
    let long = format!("{}.txt", "长".repeat(4096));
    for (name, stored, content, kind) in [
        (
            "../../../../etc/cron.d/x",
            "x",
            "* * * * *",
            "text/plain; charset=utf-8",
        ),
        ("..\\..\\x", "x", "MZ\0", "application/octet-stream"),
        ("%2e%2e%2fx", "%2e%2e%2fx", "a", "text/plain; charset=utf-8"),
        ("CON", "_CON", "a", "text/plain; charset=utf-8"),
        (".htaccess", "_.htaccess", "a", "text/plain; charset=utf-8"),
        ("x.png/../../y", "y", "a", "text/plain; charset=utf-8"),
        (
            "a.svg",
            "a.svg",
            "<svg><script>1</script></svg>",
            "text/plain; charset=utf-8",
        ),
        ("a.png", "a.png", "<html>", "text/plain; charset=utf-8"),
        ("a.gif", "a.gif", "GIF89a/*", "image/gif"),
        (&long, "", "a", "text/plain; charset=utf-8"),
    ] {
        let said = upload(&node, name, content.into()).await;
        assert_eq!(said, (200, "finished!".into()), "{name}");
        let newest = &listed(&node).await[0];
        let kept = newest["name"].as_str().expect("a name");
        assert!(stored.is_empty() || kept == stored, "{name}: {kept}");
        assert!(
            kept.chars().count() <= 190
                && kept.ends_with(&stored[stored.len().saturating_sub(3)..])
        );
        let mut path = reqwest::Url::parse(&node.url("/static/files/")).expect("a URL");
        path.path_segments_mut()
            .expect("a path")
            .pop_if_empty()
            .push(kept);
        let reply = node.client.get(path).send().await.expect("an answer");
        let headers = reply.headers().clone();
        assert_eq!(reply.status(), 200, "{kept}");
        assert_eq!(text(&headers, "content-type"), kind, "{kept}");
        assert!(text(&headers, "content-disposition").starts_with("attachment; filename="));
        assert!(
            text(&headers, "content-security-policy").starts_with("sandbox; default-src 'none'")
        );
        assert_eq!(text(&headers, "x-content-type-options"), "nosniff");
        assert_eq!(reply.bytes().await.expect("a body"), content);
    }
    // S14 and S42: what is no file is not there, however it is written.
    for path in [
        "/static/files/..",
        "/static/files/%2e%2e",
        "/static/files/../../balefire.yml",
        "/static/files/..%2f..%2fdata",
        "/static/files/..%5cx",
        "/static/files/%00",
        "/static/files/x%00",
        "/static/files/",
        "/static/files",
        "/static/../data.db",
        "/static/%2e%2e/balefire.yml",
        "/static/files/..;/x",
        "/static/files//etc/passwd",
        "/static/files/0123456789abcdef0123456789abcdef",
        "/api/v1/files/x",
        "/api/v1/files/..%2fx",
    ] {
        let said = raw(
            &node,
            &format!("GET {path} HTTP/1.1\r\nConnection: close\r\n"),
            &[],
        )
        .await;
        assert!(said.starts_with("HTTP/1.1 404 "), "{path}: {said}");
    }
    node.kill().await;
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Sends a request as it is written; what comes back.
async fn raw(node: &Node, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(node.address).await.expect("connect");
    let head = format!("{head}Host: {}\r\n\r\n", node.address);
    stream
        .write_all(head.as_bytes())
        .await
        .expect("the head is read");
    // It may be answered before its end.
    let _ = stream.write_all(body).await;
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said).await;
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_handed_out_in_whole_in_part_and_not_again() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document("")).await;
    let whole = bytes(700_000);
    let request = node.client.post(node.url("/api/v1/files?name=a.bin"));
    let (status, file) = answer(request.body(whole.clone())).await;
    assert_eq!((status, &file["size"]), (201, &700_000.into()), "{file}");
    let path = format!("{FILES}/{}", file["id"].as_str().expect("an id"));
    let get = async |name: &'static str, value: String| {
        let request = node.client.get(node.url(&path)).header(name, value);
        let reply = request.send().await.expect("an answer");
        let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
        (status, headers, reply.bytes().await.expect("a body"))
    };
    let (status, headers, body) = get("accept", "*/*".to_owned()).await;
    assert!(status == 200 && body == whole);
    let etag = text(&headers, "etag").to_owned();
    let (status, headers, body) = get("range", "bytes=262140-262150".to_owned()).await;
    assert_eq!((status, &body[..]), (206, &whole[262_140..=262_150]));
    assert_eq!(
        text(&headers, "content-range"),
        "bytes 262140-262150/700000"
    );
    let (status, headers, _) = get("range", "bytes=700000-".to_owned()).await;
    assert_eq!(
        (status, text(&headers, "content-range")),
        (416, "bytes */700000")
    );
    let many = format!("bytes=0-{}", ",0-".repeat(1000));
    let (status, _, body) = get("range", many).await;
    assert!(status == 200 && body == whole);
    assert_eq!(
        get("if-none-match", format!("\"x\", W/{etag}")).await.0,
        304
    );
    let reply = node
        .client
        .head(node.url(&path))
        .send()
        .await
        .expect("an answer");
    assert_eq!(text(reply.headers(), "content-length"), "700000");
    for (request, expected) in [
        (node.client.delete(node.url(&path)), 204),
        (node.client.delete(node.url(&path)), 404),
        (node.client.get(node.url(&path)), 404),
        (node.client.post(node.url(FILES)).body("x"), 400),
        (
            node.client.post(node.url("/api/v1/files?nmae=x")).body("x"),
            400,
        ),
        (
            node.client
                .post(node.url("/api/v1/files?name=x"))
                .header("content-encoding", "gzip")
                .body("x"),
            415,
        ),
    ] {
        let (status, said) = answer(request).await;
        assert_eq!(status, expected, "{said}");
    }
    node.kill().await;
}

/// A form of these pieces.
async fn post_form(node: &Node, body: &[u8]) -> String {
    let head = format!(
        "POST /upload_file HTTP/1.1\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: {}\r\n",
        body.len()
    );
    raw(node, &head, body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_that_are_broken_or_too_much_are_refused_and_leave_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let limits = "upload_bytes: 2000000";
    let document = format!("files: {{count: 3, bytes: 3000000}}\n{}", document(limits));
    let node = Node::start(folder.path(), &document).await;
    let part = |head: &str, body: &str| {
        format!("--B\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n")
    };
    let file = part("name=\"file\"; filename=\"a.txt\"", "text");
    let many = format!("{}{file}--B--\r\n", part("name=\"x\"", "y").repeat(10_000));
    let wide = part(
        &format!("name=\"file\"; filename=\"{}\"", "w".repeat(MIB)),
        "text",
    );
    for (what, body, status) in [
        ("no end", file.trim_end().to_owned(), 400),
        ("no boundary", "x".repeat(200_000), 400),
        ("ten thousand parts", many, 400),
        ("a head of a megabyte", format!("{wide}--B--\r\n"), 400),
        (
            "no file",
            format!("{}--B--\r\n", part("name=\"file\"", "text")),
            400,
        ),
        (
            "an empty name",
            format!("{}--B--\r\n", part("name=\"file\"; filename=\"\"", "")),
            400,
        ),
        (
            "too large",
            format!(
                "{}--B--\r\n",
                part("name=\"file\"; filename=\"a\"", &"x".repeat(2_000_001))
            ),
            413,
        ),
        ("nothing", String::new(), 400),
    ] {
        let said = post_form(&node, body.as_bytes()).await;
        assert!(
            said.starts_with(&format!("HTTP/1.1 {status} ")),
            "{what}: {said}"
        );
    }
    assert_eq!(listed(&node).await, Vec::<Value>::new());
    // What comes after the file does not cost it.
    let said = post_form(&node, format!("{file}--B\r\nbroken").as_bytes()).await;
    assert!(
        said.starts_with("HTTP/1.1 200 ") && said.ends_with("finished!"),
        "{said}"
    );
    // S13: files and bytes of all together are bounded.
    assert_eq!(upload(&node, "b", bytes(1_900_000)).await.0, 200);
    let (status, said) = upload(&node, "c", bytes(1_900_000)).await;
    let said = said.as_str().expect("words");
    assert!(
        status == 413 && said.contains("files.bytes"),
        "{status} {said}"
    );
    assert_eq!(upload(&node, "c", bytes(10)).await.0, 200);
    let (status, said) = upload(&node, "d", bytes(10)).await;
    let said = said.as_str().expect("words");
    assert!(
        status == 413 && said.contains("files.count is 3"),
        "{status} {said}"
    );
    assert_eq!(ask::last_refusal(&node).await["source"], "apptools");
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_ask_for_a_token_unless_the_document_says_otherwise() {
    let access = "access:\n  tokens:\n    in: {token: aaaaaaaaaaaaaaaa, scopes: [ingest]}\n    see: {token: bbbbbbbbbbbbbbbb, scopes: [read]}\n";
    for (legacy, anonymous) in [("", 401), ("public_files: true", 200)] {
        let folder = tempfile::tempdir().expect("folder");
        let node = Node::start(folder.path(), &format!("{access}{}", document(legacy))).await;
        let form = || Form::new().part("file", Part::bytes(b"x".to_vec()).file_name("a.txt"));
        let post = || node.client.post(node.url("/upload_file")).multipart(form());
        let get = || node.client.get(node.url("/static/files/a.txt"));
        for (request, token, status) in [
            (post(), "", 401),
            (post(), "bbbbbbbbbbbbbbbb", 403),
            (post(), "aaaaaaaaaaaaaaaa", 200),
            (get(), "bbbbbbbbbbbbbbbb", 200),
            (get(), "", anonymous),
            (node.client.get(node.url(FILES)), "", 401),
        ] {
            let request = if token.is_empty() {
                request
            } else {
                request.bearer_auth(token)
            };
            let (answered, said) = answer(request).await;
            assert_eq!(answered, status, "{legacy} {token}: {said}");
        }
        node.kill().await;
    }
}

/// What the node may grow by while a file passes through it that is much larger.
const ROOM: usize = 40 * MIB;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_megabytes_pass_through_without_staying_in_memory() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document("")).await;
    let piece = Bytes::from(bytes(MIB));
    let pieces = |count: usize| {
        let all = std::iter::repeat_n(piece.clone(), count).map(Ok::<_, std::io::Error>);
        reqwest::Body::wrap_stream(stream::iter(all))
    };
    // Picture bombs (S12) are no other case: no picture is ever opened.
    let bomb = [b"\x89PNG\r\n\x1a\n".to_vec(), vec![0; 50_000]].concat();
    assert_eq!(upload(&node, "bomb.png", bomb).await.0, 200);
    let before = most_memory(&node);
    let part = Part::stream(pieces(100)).file_name("large.bin");
    let request = node.client.post(node.url("/upload_file"));
    let request = request.multipart(Form::new().part("file", part));
    let said = answer(request.timeout(Duration::from_mins(5))).await;
    assert_eq!(said, (200, "finished!".into()));
    let mut reply = node
        .client
        .get(node.url("/static/files/large.bin"))
        .send()
        .await
        .expect("an answer");
    let mut place = 0;
    while let Some(chunk) = reply.chunk().await.expect("a chunk") {
        for byte in &chunk {
            assert!(*byte == piece[place % MIB], "another byte at {place}");
            place += 1;
        }
    }
    assert_eq!(place, 100 * MIB);
    let after = most_memory(&node);
    assert!(after <= before + ROOM, "{before} became {after}");
    // One byte more than the limit is refused, and its pieces go.
    let part = Part::stream(pieces(101));
    let form = Form::new().part("file", part.file_name("larger.bin"));
    let request = node.client.post(node.url("/upload_file")).multipart(form);
    let refused = request.timeout(Duration::from_mins(5)).send().await;
    // The answer may be lost to the connection's end, as the client is still sending.
    assert!(refused.is_ok_and(|reply| reply.status() == 413));
    let alive = eventually("the node answers", async || {
        let (status, _) = answer(node.client.get(node.url("/-/ready"))).await;
        (status == 200).then_some(())
    });
    alive.await;
    node.kill().await;
}
