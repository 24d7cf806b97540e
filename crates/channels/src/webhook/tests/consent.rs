//! Receivers that want to be asked before they are sent events.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::io::AsyncWriteExt as _;

use super::*;
use crate::tests::loopback::{peer, read_request};

const ALLOWED: &str = "HTTP/1.1 200 OK\r\nwebhook-allowed-origin: Alerts.example.com\r\n";
const TAKEN: &str = "HTTP/1.1 202 X\r\n";
const BUSY: &str = "HTTP/1.1 503 X\r\n";

/// A receiver with these answers in turn, the last one again and again; and a webhook to it.
struct Stage {
    channel: Arc<dyn Channel>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Stage {
    async fn with(answers: &[&'static str]) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let left = Arc::new(Mutex::new(VecDeque::from(answers.to_vec())));
        let log = Arc::clone(&seen);
        let address = peer(move |mut stream| {
            let (log, left) = (Arc::clone(&log), Arc::clone(&left));
            async move {
                while let Some(request) = read_request(&mut stream).await {
                    log.lock().push(request);
                    let answer = {
                        let mut left = left.lock();
                        let next = left.pop_front().unwrap_or(TAKEN);
                        if left.is_empty() {
                            left.push_back(next);
                        }
                        next
                    };
                    let answer = format!("{answer}content-length: 0\r\n\r\n");
                    let _ = stream.write_all(answer.as_bytes()).await;
                }
            }
        })
        .await;
        let channel = channel(&json!({
            "url": format!("http://{address}/events"),
            "format": "cloudevents_structured",
            "origin": "alerts.example.com",
        }))
        .expect("a channel");
        Self { channel, seen }
    }

    async fn send(&self) -> Outcome {
        let targets = self.channel.targets();
        let message = two_alerts();
        let delivery = Delivery {
            message: &message,
            targets: &targets,
            id: "n_0123456789abcdef",
            attempt: 1,
            now: NOW,
        };
        self.channel.send(&delivery).await.remove(0)
    }

    fn methods(&self) -> Vec<String> {
        let seen = self.seen.lock();
        let method = |request: &String| request.split(' ').next().unwrap_or_default().to_owned();
        seen.iter().map(method).collect()
    }
}

#[tokio::test]
async fn consent_is_asked_once_and_again_after_a_failure() {
    let stage = Stage::with(&[ALLOWED, TAKEN, TAKEN, BUSY, ALLOWED, TAKEN]).await;
    assert!(stage.send().await.is_ok());
    assert!(stage.send().await.is_ok());
    let failed = stage.send().await.map_err(|e| e.kind);
    assert_eq!(failed, Err(ErrorKind::Transient));
    assert!(stage.send().await.is_ok());
    assert_eq!(
        stage.methods(),
        ["OPTIONS", "POST", "POST", "POST", "OPTIONS", "POST"]
    );
    let question = stage.seen.lock()[0].to_ascii_lowercase();
    assert!(
        question.contains("webhook-request-origin: alerts.example.com\r\n"),
        "{question}"
    );
    let event = stage.seen.lock()[1].to_ascii_lowercase();
    assert!(!event.contains("webhook-request-origin"), "{event}");
}

#[tokio::test]
async fn those_who_come_at_once_share_one_question() {
    let stage = Stage::with(&[ALLOWED, TAKEN]).await;
    let (one, two, three) = tokio::join!(stage.send(), stage.send(), stage.send());
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    let mut methods = stage.methods();
    methods.sort();
    assert_eq!(methods, ["OPTIONS", "POST", "POST", "POST"]);
}

#[tokio::test]
async fn without_consent_nothing_is_sent() {
    use ErrorKind::{Misconfigured, RateLimited, Transient};
    const OTHER: &str = "HTTP/1.1 200 OK\r\nwebhook-allowed-origin: other.example\r\n";
    const LATER: &str = "HTTP/1.1 429 X\r\nretry-after: 7\r\n";
    for (answer, kind, word) in [
        (OTHER, Misconfigured, "other.example"),
        (TAKEN, Misconfigured, "no WebHook-Allowed-Origin"),
        ("HTTP/1.1 405 X\r\n", Misconfigured, "405"),
        (BUSY, Transient, "503"),
        (LATER, RateLimited, "429"),
    ] {
        let stage = Stage::with(&[answer]).await;
        let error = stage.send().await.expect_err("no consent");
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.detail.contains(word), "{error}");
        assert_eq!(stage.methods(), ["OPTIONS"]);
    }
    let anybody = "HTTP/1.1 200 OK\r\nwebhook-allowed-origin: *\r\n";
    assert!(Stage::with(&[anybody, TAKEN]).await.send().await.is_ok());
}
