//! `monitors`: what expires and is looked at.

use std::collections::BTreeMap;
use std::sync::Arc;

use balefire_channels::http::Http;
use balefire_channels::look::whois;
use balefire_core::monitor::{StartTls, Target};
use balefire_core::reminder::{ToReceiver, Way};
use balefire_core::time::Time;
use balefire_core::wall::Zone;
use jiff::Timestamp;
use jiff::civil::Date;
use url::Host;

use super::{Compiler, section};
use crate::check::said;
use crate::monitor::{Monitor, Monitors};
use crate::plan::{Person, Receiver, Server};
use crate::problem::Path;
use crate::tree::{Entry, Node};

/// Most monitors of a document: each is a connection a day.
const MOST: usize = 1_000;
/// Longest name, in characters; it is that of the reminder.
const LONGEST_NAME: usize = 64;
/// Longest description, in characters: what was seen is written below it.
const LONGEST_WORDS: usize = 1_500;

/// What monitors may name.
pub(super) struct Known<'a> {
    people: &'a BTreeMap<String, Person>,
    receivers: &'a [Receiver],
    server: Option<&'a Server>,
}

impl<'a> Known<'a> {
    pub(super) fn of(
        people: &'a BTreeMap<String, Person>,
        receivers: &'a [Receiver],
        server: Option<&'a Server>,
    ) -> Self {
        Self {
            people,
            receivers,
            server,
        }
    }
}

/// The monitors by name.
pub(super) fn compile(
    compiler: &mut Compiler<'_>,
    known: &Known<'_>,
    http: Option<Http>,
) -> Monitors {
    let Some(node) = compiler.find(&["monitors"]) else {
        return Monitors::default();
    };
    let path = section("monitors");
    let entries = node.entries();
    if entries.len() > MOST {
        let message = format!("{} monitors are more than {MOST}", entries.len());
        compiler.findings.problem(node.place, &path, message, "");
    }
    let by_name = entries.iter().take(MOST).filter_map(|entry| {
        let path = path.key(&entry.key);
        let one = One {
            entry,
            path: &path,
            known,
        };
        let monitor = one.compile(compiler)?;
        Some((Arc::clone(&monitor.name), Arc::new(monitor)))
    });
    Monitors {
        by_name: by_name.collect(),
        http,
    }
}

/// One of them, where it stands, and what it may name.
struct One<'a> {
    entry: &'a Entry,
    path: &'a Path<'a>,
    known: &'a Known<'a>,
}

impl One<'_> {
    fn node(&self) -> &Node {
        &self.entry.value
    }

    fn problem(&self, compiler: &mut Compiler<'_>, key: &str, message: String, hint: &str) {
        let at = self.node().at(key);
        let place = at.map_or(self.entry.place, |node| node.place);
        let path = self.path.key(key);
        compiler.findings.problem(place, &path, message, hint);
    }

    fn compile(&self, compiler: &mut Compiler<'_>) -> Option<Monitor> {
        let name = self.entry.key.as_str();
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        let letters = name.chars().count();
        if letters == 0 || letters > LONGEST_NAME || !name.chars().all(plain) {
            let message = format!(
                "a monitor's name is 1 to {LONGEST_NAME} letters, digits, '-', '_' and '.'; it stands in URLs"
            );
            let place = self.entry.place;
            compiler.findings.problem(place, self.path, message, "");
        }
        let owner = self.owner(compiler);
        let target = self.target(compiler, owner.as_deref());
        let monitor = Monitor {
            name: name.into(),
            advance_days: self.advance_days(),
            email: self.texts("email").join(","),
            ways: self.ways(compiler),
            description: self
                .node()
                .text_at("description")
                .unwrap_or_default()
                .to_owned(),
            owner,
            target: target?,
        };
        self.check(compiler, &monitor);
        Some(monitor)
    }

    /// Whether a reminder can be made of it.
    fn check(&self, compiler: &mut Compiler<'_>, monitor: &Monitor) {
        if monitor.description.chars().count() > LONGEST_WORDS {
            let message = format!("a description has at most {LONGEST_WORDS} characters");
            self.problem(compiler, "description", message, "");
        }
        let expires_at = match monitor.target {
            Target::Date(at) => at,
            _ => Time::from_secs(1_800_000_000),
        };
        let reminder = monitor.reminder(String::new(), expires_at);
        if let Err(fault) = reminder.check() {
            let key = match fault.field {
                "expiresAt" => "expires",
                "advanceDays" => "advance_days",
                other => other,
            };
            let hint = "name who is told: email: ops@example.com, or receivers: [ops]";
            self.problem(compiler, key, fault.reason, hint);
        }
    }

    fn texts(&self, key: &str) -> Vec<&str> {
        self.node().at(key).map(Node::texts).unwrap_or_default()
    }

    fn advance_days(&self) -> u32 {
        let given = self.node().text_at("advance_days");
        given.and_then(|text| text.parse().ok()).unwrap_or(30)
    }

    fn ways(&self, compiler: &mut Compiler<'_>) -> Vec<Way> {
        let mut ways = Vec::new();
        for name in self.texts("receivers") {
            let mut names = self.known.receivers.iter().map(|receiver| &*receiver.name);
            if !names.any(|known| known == name) {
                let names = self.known.receivers.iter().map(|receiver| &*receiver.name);
                let hint = compiler.findings.nearest(name, names);
                let message = format!("no receiver is named {name:?}");
                self.problem(compiler, "receivers", message, &hint);
            }
            ways.push(Way::Receiver(ToReceiver {
                receiver: name.to_owned(),
            }));
        }
        ways
    }

    fn owner(&self, compiler: &mut Compiler<'_>) -> Option<String> {
        let owner = self.node().text_at("owner")?;
        if !self.known.people.contains_key(owner) {
            let known = self.known.people.keys().map(String::as_str);
            let hint = compiler.findings.nearest(owner, known);
            let message = format!("nobody in people has the key {owner:?}");
            self.problem(compiler, "owner", message, &hint);
        }
        Some(owner.to_owned())
    }

    /// What it looks at; a key that is for another kind is an error.
    fn target(&self, compiler: &mut Compiler<'_>, owner: Option<&str>) -> Option<Target> {
        let (needed, others): (&str, &[&str]) = match self.node().text_at("kind")? {
            "certificate" => ("host", &["name", "rdap", "whois", "expires"]),
            "domain" => ("name", &["host", "server_name", "starttls", "expires"]),
            "date" => (
                "expires",
                &["host", "server_name", "starttls", "name", "rdap", "whois"],
            ),
            _ => return None,
        };
        for other in others {
            if self.node().at(other).is_some() {
                let message = "this key is for another kind of monitor".to_owned();
                self.problem(compiler, other, message, "");
            }
        }
        let Some(given) = self.node().at(needed) else {
            let message = format!("the key {needed:?} is missing");
            let hint = "write host: example.com:443, name: example.com, or expires: 2027-01-01";
            let place = self.entry.place;
            compiler.findings.problem(place, self.path, message, hint);
            return None;
        };
        let target = match needed {
            "host" => self.certificate(compiler, given.text()?),
            "name" => self.domain(compiler, given.text()?),
            _ => self.date(given.text()?, owner),
        };
        if target.is_none() {
            let message = format!("{} cannot be read", said(given));
            let hint = "write host: example.com:443, name: example.com, or expires: 2027-01-01";
            self.problem(compiler, needed, message, hint);
        }
        target
    }

    fn certificate(&self, compiler: &mut Compiler<'_>, text: &str) -> Option<Target> {
        let starttls = self.node().text_at("starttls");
        let starttls = starttls.and_then(StartTls::from_word);
        let usual = starttls.map_or(443, StartTls::port);
        let (host, port) = host_and_port(text, usual)?;
        self.check_reach(compiler, "host", &host);
        let server_name = self
            .node()
            .text_at("server_name")
            .unwrap_or(&host)
            .to_owned();
        Some(Target::Certificate {
            host,
            port,
            server_name,
            starttls,
        })
    }

    /// Whether a host may be called at all.
    fn check_reach(&self, compiler: &mut Compiler<'_>, key: &str, host: &str) {
        if let Err(guard) = compiler.egress.check_host(host) {
            self.problem(compiler, key, guard.to_string(), guard.fix());
        }
    }

    /// The whois service that is named.
    fn whois(&self, compiler: &mut Compiler<'_>) -> Option<(String, u16)> {
        let given = self.node().at("whois")?;
        let found = host_and_port(given.text()?, whois::PORT);
        if let Some((host, _)) = &found {
            self.check_reach(compiler, "whois", host);
        } else {
            let message = format!("{} cannot be read", said(given));
            let hint = "write whois: whois.cnnic.cn, or a host and a port";
            self.problem(compiler, "whois", message, hint);
        }
        found
    }

    fn domain(&self, compiler: &mut Compiler<'_>, text: &str) -> Option<Target> {
        let Ok(Host::Domain(name)) = Host::parse(text.trim_end_matches('.')) else {
            return None;
        };
        let rdap = self.node().text_at("rdap").map(ToOwned::to_owned);
        let whois = self.whois(compiler);
        let is_whole = name.contains('.');
        is_whole.then_some(Target::Domain { name, rdap, whois })
    }

    /// A date is the beginning of that day where its owner lives.
    fn date(&self, text: &str, owner: Option<&str>) -> Option<Target> {
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(Target::Date(at.into()));
        }
        let date: Date = text.parse().ok()?;
        let owner = owner.and_then(|key| self.known.people.get(key));
        let server = self.known.server.map(|server| &server.reader);
        let reader = owner.map(|person| &person.reader).or(server);
        let zone = reader.map_or("", |reader| &reader.zone);
        let zone = Zone::named(zone).unwrap_or_else(|_| Zone::utc());
        Some(Target::Date(zone.first(date.at(0, 0, 0, 0))))
    }
}

/// A host and its port; the usual one without it. An address of six has brackets around it.
fn host_and_port(text: &str, usual: u16) -> Option<(String, u16)> {
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if is_port(port) && (!host.contains(':') || host.ends_with(']')) => {
            (host, port.parse().ok().filter(|port| *port > 0)?)
        }
        _ => (text, usual),
    };
    match Host::parse(host).ok()? {
        Host::Domain(name) => Some((name, port)),
        Host::Ipv4(ip) => Some((ip.to_string(), port)),
        Host::Ipv6(ip) => Some((ip.to_string(), port)),
    }
}
