//! Slow and silent clients, in time that does not pass.

use axum::routing::post;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, sleep, timeout};

use super::*;

/// A client's end of a connection that is served.
fn connected() -> DuplexStream {
    let (client, server) = tokio::io::duplex(64 * 1024);
    let router = Router::new().route("/", post(async |body: String| body.len().to_string()));
    let peer = SocketAddr::from(([192, 0, 2, 1], 40_000));
    tokio_util::task::TaskTracker::new().spawn(async move {
        // While this lives, the node is not stopping.
        let graceful = GracefulShutdown::new();
        connection(Box::new(server), peer, router, graceful.watcher()).await;
    });
    client
}

/// What the client still receives, and after how many seconds its connection was closed.
async fn until_closed(client: &mut DuplexStream) -> (String, u64) {
    let began = Instant::now();
    let mut received = Vec::new();
    // A reset is an end too.
    let _ = timeout(Duration::from_mins(2), client.read_to_end(&mut received)).await;
    let received = String::from_utf8_lossy(&received).into_owned();
    (received, began.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_nothing_is_cut_after_eleven_seconds() {
    let (received, seconds) = until_closed(&mut connected()).await;
    assert_eq!((received.as_str(), seconds), ("", 11));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_ends_its_headers_is_cut_after_eleven_seconds() {
    let mut client = connected();
    client
        .write_all(b"POST / HTTP/1.1\r\nhost: a\r\n")
        .await
        .expect("written");
    let (mut reading, mut writing) = tokio::io::split(client);
    let slow = async {
        // A byte every two seconds; writing fails once the other side has gone.
        while writing.write_all(b"x").await.is_ok() {
            sleep(Duration::from_secs(2)).await;
        }
        std::future::pending::<()>().await;
    };
    let began = Instant::now();
    let mut received = Vec::new();
    tokio::select! {
        () = slow => {}
        _ = timeout(Duration::from_mins(2), reading.read_to_end(&mut received)) => {}
    }
    assert!(
        (11..=12).contains(&began.elapsed().as_secs()),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_that_stops_at_http2_s_first_bytes_is_cut_too() {
    let mut client = connected();
    client
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .expect("written");
    assert_eq!(until_closed(&mut client).await.1, 11);
    let mut client = connected();
    client.write_all(b"PRI * HT").await.expect("written");
    assert_eq!(until_closed(&mut client).await.1, 11);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stops_is_given_up_after_thirty_seconds() {
    let mut client = connected();
    let half = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf";
    client.write_all(half).await.expect("written");
    let (received, seconds) = until_closed(&mut client).await;
    assert!(received.starts_with("HTTP/1.1 4"), "{received}");
    assert!((30..=31).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn a_prompt_client_is_answered_and_may_ask_again() {
    let mut client = connected();
    let request = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbody";
    for _ in 0..3 {
        client.write_all(request).await.expect("written");
        let mut head = [0; 15];
        client.read_exact(&mut head).await.expect("an answer");
        assert_eq!(&head, b"HTTP/1.1 200 OK");
        sleep(Duration::from_secs(5)).await;
        let mut rest = [0; 1024];
        let _ = client.read(&mut rest).await.expect("the rest");
    }
    assert!(
        until_closed(&mut client).await.1 >= 4,
        "the connection was kept"
    );
}
