//! `balefire sources try`: one request through a parser.

use std::io::Read;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use balefire_core::clock::Clock;
use balefire_engine::clock::SystemClock;
use balefire_sources::spec::{Inbound, SourceSpec};
use clap::Args;
use serde_json::json;

use super::chosen::Chosen;
use super::found::Found;
use crate::exit::{Ended, Exit};
use crate::output::json;

#[derive(Args)]
pub(crate) struct Try {
    /// The kind of source; with --config, the name of a source in it.
    #[arg(value_name = "KIND")]
    kind: String,
    /// A header of the request.
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// The path below the source's own.
    #[arg(long, default_value = "")]
    path: String,
    /// The query string.
    #[arg(long, default_value = "")]
    query: String,
    /// The method.
    #[arg(long, default_value = "POST")]
    method: String,
    /// The zone of times without one.
    #[arg(long, default_value = "UTC")]
    timezone: String,
    /// The document with the source's options.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Try {
    pub(crate) fn run(self) -> Result<Exit> {
        let chosen = Chosen::of(&self.kind, self.config.as_deref())?;
        // Certificates are not fetched here, and what is tried was sent long ago.
        let free = json!({"signature": false});
        let (options, timezone) = match chosen.source() {
            Some(source) => (&source.options, &source.timezone),
            None => (&free, &self.timezone),
        };
        let headers = self.headers.iter().map(|header| split(header));
        let headers = headers.collect::<Result<Vec<_>>>()?;
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
            .collect();
        let method = self.method.to_uppercase();
        let body = body_for(chosen.spec, &method)?;
        let inbound = Inbound {
            method: &method,
            path: self.path.trim_start_matches('/'),
            query: self.query.trim_start_matches('?'),
            headers: &headers,
            body: &body,
            options,
            timezone,
            now: SystemClock.now(),
            certificate: None,
        };
        let found = Found::of(chosen.spec, &inbound);
        if self.json {
            json(&found)?;
        } else {
            found.print();
        }
        Ok(if found.is_usable() {
            Exit::Ok
        } else {
            Exit::Invalid
        })
    }
}

/// `Name: value`.
fn split(header: &str) -> Result<(String, &str)> {
    let (name, value) = header
        .split_once(':')
        .ok_or_else(|| anyhow!("{header:?} is no header: write NAME: VALUE"))?;
    Ok((name.trim().to_lowercase(), value.trim()))
}

/// Standard input; nothing of it is read for a request that has no body.
fn body_for(spec: &SourceSpec, method: &str) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    if !matches!(method, "GET" | "HEAD") {
        let limit = spec.body_limit as u64 + 1;
        let stdin = std::io::stdin().lock();
        let read = stdin.take(limit).read_to_end(&mut body);
        read.context("standard input")?;
    }
    if body.len() > spec.body_limit {
        let limit = spec.body_limit;
        let words = format!(
            "the body is larger than the {limit} bytes that {} takes",
            spec.kind
        );
        return Err(Ended::invalid(words).into());
    }
    Ok(body)
}
