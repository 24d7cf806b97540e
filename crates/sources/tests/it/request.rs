//! A request made from a fixture's file.

use std::fs;
use std::path::{Path, PathBuf};

use balefire_core::time::Time;
use balefire_sources::parsed::{Parsed, Refusal};
use balefire_sources::registry;
use balefire_sources::spec::{Inbound, SourceSpec};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// A request that owns its parts.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Below the source's own.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) options: Value,
    /// What the node would have fetched to check it with.
    pub(crate) certificate: Option<Vec<u8>>,
}

impl Request {
    /// A JSON body.
    pub(crate) fn json(body: impl Into<Vec<u8>>) -> Self {
        Self {
            method: "POST".to_owned(),
            path: String::new(),
            query: String::new(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.into(),
            options: json!({}),
            certificate: None,
        }
    }

    /// What `curl -d` sends.
    pub(crate) fn curl(body: impl Into<Vec<u8>>) -> Self {
        let form = "application/x-www-form-urlencoded".to_owned();
        Self {
            headers: vec![("content-type".to_owned(), form)],
            ..Self::json(body)
        }
    }

    /// A fixture of a kind, with the certificate that it was signed with, if there is one.
    pub(crate) fn of_file(path: &Path) -> Self {
        let kind = path.parent().and_then(Path::file_name).expect("a kind");
        let certificates = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates");
        let file = certificates.join(kind).with_extension("pem");
        Self {
            certificate: fs::read(file).ok(),
            ..Self::of_payload(path)
        }
    }

    /// The ending of a payload's name says how it is sent.
    fn of_payload(path: &Path) -> Self {
        let body = fs::read(path).expect("the fixture is readable");
        let name = path.to_string_lossy();
        if name.ends_with(".http") {
            Self::of_http(&String::from_utf8(body).expect("the fixture is UTF-8"))
        } else if name.ends_with(".form.txt") {
            Self::curl(body)
        } else if name.ends_with(".txt") {
            Self {
                headers: Vec::new(),
                ..Self::json(body)
            }
        } else {
            Self::json(body)
        }
    }

    fn of_http(text: &str) -> Self {
        let split = text
            .split_once("\r\n\r\n")
            .or_else(|| text.split_once("\n\n"));
        let (head, body) = split.expect("a blank line after the headers");
        let mut lines = head.lines();
        let mut first = lines.next().expect("a request line").split(' ');
        let (method, target) = (first.next(), first.next());
        let target = target.expect("a target");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let below = path.strip_prefix("/in/").and_then(|p| p.split_once('/'));
        let headers = lines.filter_map(|line| line.split_once(": "));
        Self {
            method: method.expect("a method").to_owned(),
            path: percent_decode_str(below.map_or("", |(_, path)| path))
                .decode_utf8_lossy()
                .into_owned(),
            query: query.to_owned(),
            headers: headers
                .map(|(n, v)| (n.to_lowercase(), v.to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
            options: json!({}),
            certificate: None,
        }
    }

    /// Lets a source read it, at a quarter to three in Greenwich.
    pub(crate) fn read_by(&self, spec: &SourceSpec) -> Result<Parsed, Refusal> {
        self.read_then(spec, Time::from_secs(1_772_592_300))
    }

    /// Lets the source of a kind read it at a certain time.
    pub(crate) fn read_at(&self, kind: &str, now: Time) -> Result<Parsed, Refusal> {
        self.read_then(registry::find(kind).expect("the kind is registered"), now)
    }

    fn read_then(&self, spec: &SourceSpec, now: Time) -> Result<Parsed, Refusal> {
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        (spec.parse)(&Inbound {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &headers,
            body: &self.body,
            options: &self.options,
            timezone: "Asia/Shanghai",
            now,
            certificate: self.certificate.as_deref(),
        })
    }

    /// Lets the source of a kind read it.
    pub(crate) fn read(&self, kind: &str) -> Result<Parsed, Refusal> {
        self.read_by(registry::find(kind).expect("the kind is registered"))
    }
}

/// The fixtures' folder.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Every fixture of a kind, by name.
pub(crate) fn fixtures_of(kind: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder().join(kind)) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder is readable").path())
        .filter(|path| path.extension().is_none_or(|extension| extension != "snap"))
        .collect();
    files.sort();
    files
}

/// One fixture.
pub(crate) fn fixture(kind: &str, name: &str) -> Request {
    Request::of_file(&folder().join(kind).join(name))
}
