//! One request of a source, from bytes to durable alerts: shared by `/in/…` and the API of Alertmanager.

use std::sync::Arc;

use axum::body::Body;
use balefire_core::label::Labels;
use balefire_engine::engine::Engine;
use balefire_engine::ingest::{Accepted, Sender};
use balefire_sources::parsed::{Parsed, Refusal};
use balefire_sources::spec::{Inbound, SourceSpec};
use balefire_store::StoreError;
use http::HeaderMap;
use serde_json::Value;

use super::ask;
use super::body::{self, BodyError};
use super::outside::{Outside, OutsideError};

/// Complaints, and notes, that are recorded of one request.
pub(super) const RECORDED: usize = 20;

/// A source as a request meets it: configured, or built in.
#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) name: Arc<str>,
    pub(crate) spec: &'static SourceSpec,
    pub(crate) options: Value,
    pub(crate) labels: Labels,
    pub(crate) timezone: String,
    /// Where its senders' certificates come from, for kinds that are signed with some.
    pub(crate) outside: Option<Outside>,
}

/// What a request says besides its body.
pub(crate) struct Incoming<'a> {
    pub(crate) method: &'a str,
    /// The path below the source's own.
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
}

/// Why nothing was stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReceiveError {
    /// The body could not be read.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The source refuses it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What it takes to believe or to confirm it could not be had.
    #[error(transparent)]
    Outside(#[from] OutsideError),
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was stored, and what the parser put by for the answer.
pub(crate) struct Received {
    pub(crate) accepted: Accepted,
    pub(crate) reply: Value,
}

/// Reads, parses and stores; every refusal is recorded.
pub(crate) async fn receive(
    engine: &Engine,
    origin: &Origin,
    incoming: &Incoming<'_>,
    body: Body,
) -> Result<Received, ReceiveError> {
    match body::read(engine, incoming.headers, body, origin.spec.body_limit).await {
        Ok(whole) => keep(engine, origin, incoming, whole.bytes()).await,
        Err(error) => {
            engine.reject(&origin.name, &error.to_string(), &[]).await;
            Err(error.into())
        }
    }
}

/// Parses and stores a body that was read; every refusal is recorded.
pub(crate) async fn keep(
    engine: &Engine,
    origin: &Origin,
    incoming: &Incoming<'_>,
    body: &[u8],
) -> Result<Received, ReceiveError> {
    let headers = text_headers(incoming.headers);
    let inbound = Inbound {
        method: incoming.method,
        path: incoming.path,
        query: incoming.query,
        headers: &headers,
        body,
        options: &origin.options,
        timezone: &origin.timezone,
        now: engine.now(),
        certificate: None,
    };
    let mut parsed = match parse(origin, &inbound).await {
        Ok(parsed) => parsed,
        Err(error) => {
            engine.reject(&origin.name, &error.to_string(), body).await;
            return Err(error);
        }
    };
    let sender = Sender {
        source: Arc::clone(&origin.name),
        lifecycle: origin.spec.lifecycle,
        labels: origin.labels.clone(),
        resolve_timeout: engine.plan().resolve_timeout,
    };
    let mut reply = parsed.reply.take();
    if let Some(asked) = parsed.ask.take() {
        reply["told"] = ask::answer(engine, &sender, asked).await?;
    }
    let confirm = parsed.confirm.take();
    let accepted = engine.accept(&sender, parsed).await?;
    if let Some((url, outside)) = confirm.zip(origin.outside.as_ref())
        && let Err(error) = outside.confirm(&url).await
    {
        engine.reject(&origin.name, &error.to_string(), body).await;
        return Err(error.into());
    }
    let reasons = reasons(&accepted);
    if !accepted.complaints.is_empty() {
        engine.reject(&origin.name, &reasons, body).await;
    } else if !accepted.notes.is_empty() {
        engine.note(&origin.name, &reasons, body).await;
    }
    Ok(Received { accepted, reply })
}

/// Has the source read a request, with the certificate that it is to be checked with.
async fn parse(origin: &Origin, inbound: &Inbound<'_>) -> Result<Parsed, ReceiveError> {
    let signing = origin.spec.manners.signing.zip(origin.outside.as_ref());
    let mut certificate = None;
    if let Some((signing, outside)) = signing
        && let Some(url) = (signing.certificate)(inbound)?
    {
        certificate = Some(outside.certificate(&url, inbound.now).await?);
    }
    let inbound = Inbound {
        certificate: certificate.as_deref(),
        ..*inbound
    };
    Ok((origin.spec.parse)(&inbound)?)
}

/// What is wrong with the items that were not taken, and with those that were.
fn reasons(accepted: &Accepted) -> String {
    let refused = accepted.complaints.iter().take(RECORDED);
    let refused = refused.map(|complaint| format!("{}: {}", complaint.path, complaint.problem));
    let taken = accepted.notes.iter().take(RECORDED);
    let taken = taken.map(|note| format!("noted: {note}"));
    refused.chain(taken).collect::<Vec<_>>().join("; ")
}

/// Header names with their values, those that are text; some senders put UTF-8 there.
pub(crate) fn text_headers(headers: &HeaderMap) -> Vec<(&str, &str)> {
    headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), str::from_utf8(value.as_bytes()).ok()?)))
        .collect()
}
