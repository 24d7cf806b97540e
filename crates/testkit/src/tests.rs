//! The client side of this crate's tests.

use reqwest::{Client, RequestBuilder};
use serde_json::Value;

use crate::simulator::Simulator;

/// A simulator on a free port and a plain client that follows no redirects.
#[expect(
    clippy::disallowed_methods,
    reason = "these tests are the provider's side; the guarded client belongs to the channels"
)]
pub(crate) async fn started() -> (Simulator, Client) {
    // Another test of this process may have been first.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client");
    (Simulator::start().await.expect("a free port"), client)
}

/// The answer's JSON.
pub(crate) async fn json_of(request: RequestBuilder) -> Value {
    request
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON")
}

/// The answer's status and text.
pub(crate) async fn text_of(request: RequestBuilder) -> (u16, String) {
    let reply = request.send().await.expect("an answer");
    (reply.status().as_u16(), reply.text().await.expect("a body"))
}
