//! `balefire import apprise`: Apprise URLs, and files of them, as accounts and receivers of a document.

mod address;
mod config;
mod document;
mod services;

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use clap::Args;
use serde::Serialize;

use self::config::{Read, Tagged};
use self::document::Document;
use crate::exit::{Ended, Exit};
use crate::output::{data, harmless, json, say};

/// Longest file that is read, in bytes.
const LONGEST: u64 = 1 << 20;

#[derive(Args)]
pub(crate) struct Apprise {
    /// Apprise URLs, and files in Apprise's text or YAML form; `-` reads a file from standard input, so that no key stands
    /// in a list of processes.
    #[arg(value_name = "FILE|URL", required = true)]
    what: Vec<String>,
    /// The receiver of what has no tag.
    #[arg(long, value_name = "NAME", default_value = "apprise")]
    receiver: String,
}

/// What became of one URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Line {
    /// The URL up to where its keys begin.
    url: String,
    /// The account it became; none when it has no counterpart.
    account: Option<String>,
    /// What is not as it was, or why there is nothing.
    notes: Vec<String>,
}

/// Everything that is printed with `--json`.
#[derive(Serialize)]
struct Report<'a> {
    document: &'a str,
    lines: &'a [Line],
    #[serde(rename = "passedOver")]
    passed_over: &'a [String],
}

impl Apprise {
    /// Prints the document on standard output and the report on standard error; nothing is changed anywhere.
    pub(super) fn run(self, as_json: bool) -> Result<Exit> {
        let mut read = Read::default();
        for what in &self.what {
            let more = from(what)?;
            read.urls.extend(more.urls);
            read.passed_over.extend(more.passed_over);
        }
        if read.urls.is_empty() {
            return Err(Ended::invalid("there is no Apprise URL in it").into());
        }
        let (document, lines) = bring(&read.urls, &self.receiver);
        let text = document.yaml();
        if as_json {
            json(&Report {
                document: &text,
                lines: &lines,
                passed_over: &read.passed_over,
            })?;
        } else {
            data(text.trim_end());
            tell(&lines, &read.passed_over);
        }
        let whole = read.passed_over.is_empty() && lines.iter().all(|line| line.account.is_some());
        Ok(if whole { Exit::Ok } else { Exit::Problems })
    }
}

fn from(what: &str) -> Result<Read> {
    if let Some(one) = config::single(what) {
        return Ok(Read {
            urls: vec![one],
            ..Read::default()
        });
    }
    let mut text = String::new();
    let read = if what == "-" {
        std::io::stdin()
            .take(LONGEST + 1)
            .read_to_string(&mut text)
            .context("standard input")
    } else {
        let file = std::fs::File::open(Path::new(what)).with_context(|| what.to_owned())?;
        file.take(LONGEST + 1)
            .read_to_string(&mut text)
            .with_context(|| what.to_owned())
    };
    if read? as u64 > LONGEST {
        let words = format!("{what} is longer than {} KiB", LONGEST / 1024);
        return Err(Ended::invalid(words).into());
    }
    Ok(config::read(&text))
}

/// The document of the URLs that have a counterpart, and what became of each.
fn bring(urls: &[Tagged], untagged: &str) -> (Document, Vec<Line>) {
    let mut document = Document::default();
    let mut lines = Vec::new();
    for url in urls {
        let shown = shown(&url.written);
        lines.push(match services::of(url.address.clone()) {
            Ok(way) => {
                let notes = way.notes.clone();
                let tags = url.tags.iter().map(String::as_str);
                let receivers: Vec<&str> = if url.tags.is_empty() {
                    vec![untagged]
                } else {
                    tags.collect()
                };
                let account = document.add(way, &receivers);
                Line {
                    url: shown,
                    account: Some(account),
                    notes,
                }
            }
            Err(why) => Line {
                url: shown,
                account: None,
                notes: vec![why],
            },
        });
    }
    (document, lines)
}

/// A URL as far as it holds no key: its schema, and a few letters to know it by.
fn shown(url: &str) -> String {
    let (schema, rest) = url.split_once("://").unwrap_or(("", url));
    let rest = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    let first: String = rest.chars().take(4).collect();
    format!("{schema}://{first}…")
}

fn tell(lines: &[Line], passed_over: &[String]) {
    for line in lines {
        let url = harmless(&line.url);
        match &line.account {
            Some(account) if line.notes.is_empty() => say(&format!("{url} is account {account}")),
            Some(account) => say(&format!(
                "{url} is account {account}; {}",
                harmless(&line.notes.join("; "))
            )),
            None => say(&format!(
                "{url} has no counterpart: {}",
                harmless(&line.notes.join("; "))
            )),
        }
    }
    for what in passed_over {
        say(&format!("passed over: {}", harmless(&shown(what))));
    }
    say(
        "put it into your document and look at it with: balefire check FILE, then balefire send --test ACCOUNT --config FILE",
    );
}
