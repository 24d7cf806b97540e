//! Asking a node over HTTP, and waiting until its answer is the right one.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::time::Duration;

use serde_json::Value;

use super::node::Node;

/// What must come true comes true in this time.
const SOON: Duration = Duration::from_secs(30);
/// And is looked at this often.
const OFTEN: Duration = Duration::from_millis(50);

/// The status of an answer, and its body as JSON, or as a JSON string where it is none.
pub(crate) type Answer = (u16, Value);

/// Sends a request and reads the answer.
pub(crate) async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let reply = request.send().await.expect("an answer");
    let status = reply.status().as_u16();
    let bytes = reply.bytes().await.expect("a whole answer");
    let body = serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    (status, body)
}

/// The body at a path that is there.
pub(crate) async fn get(node: &Node, path: &str) -> Value {
    let (status, body) = answer(node.client.get(node.url(path))).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// Posts a body of this type.
pub(crate) async fn post(
    node: &Node,
    path: &str,
    media_type: &str,
    body: impl Into<reqwest::Body>,
) -> Answer {
    let request = node.client.post(node.url(path));
    answer(request.header("content-type", media_type).body(body)).await
}

/// The media type of most bodies.
pub(crate) const JSON: &str = "application/json";

/// The names of all active alerts.
pub(crate) async fn names(node: &Node) -> BTreeSet<String> {
    let alerts = get(node, "/api/v2/alerts").await;
    let names = alerts.as_array().expect("a list").iter();
    let name = |alert: &Value| alert["labels"]["alertname"].as_str().map(str::to_owned);
    names.filter_map(name).collect()
}

/// The last thing that was recorded as refused, or as left out.
pub(crate) async fn last_refusal(node: &Node) -> Value {
    get(node, "/api/v1/rejected?limit=1").await["rejected"][0].clone()
}

/// Looks until it sees `expected`; says what it saw instead when the time is over.
pub(crate) async fn becomes<T: PartialEq + Debug>(
    what: &str,
    expected: &T,
    mut look: impl AsyncFnMut() -> T,
) {
    let mut seen = None;
    let looking = async {
        let mut ticks = tokio::time::interval(OFTEN);
        loop {
            ticks.tick().await;
            let now = look().await;
            if now == *expected {
                return;
            }
            seen = Some(now);
        }
    };
    let met = tokio::time::timeout(SOON, looking).await;
    assert!(met.is_ok(), "{what}: {seen:#?} is not {expected:#?}");
}
