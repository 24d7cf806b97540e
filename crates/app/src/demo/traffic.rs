//! Plays the story of an estate against the node, as its senders would.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use balefire_core::time::Time;
use balefire_testkit::traffic::{Post, story};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::{Instant, sleep_until};

type Sender = Client<HttpConnector, Full<Bytes>>;

/// Sends the story's requests at their times, so many times `as_fast`.
pub(crate) async fn play(node: SocketAddr, seed: u64, as_fast: u32, began: Time) -> Result<()> {
    let sender: Sender = Client::builder(TokioExecutor::new()).build_http();
    let start = Instant::now();
    for (offset, post) in story(seed, began) {
        sleep_until(start + offset / as_fast.max(1)).await;
        let answer = tokio::time::timeout(Duration::from_secs(10), send(&sender, node, post)).await;
        match answer {
            Ok(Ok(status)) if status.is_success() => {}
            Ok(Ok(status)) => tracing::warn!(%status, "a request of the demo was refused"),
            Ok(Err(error)) => tracing::warn!(%error, "a request of the demo failed"),
            Err(_) => tracing::warn!("a request of the demo got no answer"),
        }
    }
    Ok(())
}

async fn send(sender: &Sender, node: SocketAddr, post: Post) -> Result<hyper::StatusCode> {
    let request = Request::post(format!("http://{node}{}", post.path))
        .header(HOST, node.to_string())
        .header(CONTENT_TYPE, post.content_type)
        .body(Full::new(Bytes::from(post.body)))?;
    Ok(sender.request(request).await?.status())
}
