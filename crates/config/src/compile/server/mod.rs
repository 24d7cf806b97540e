//! `server`: where this node listens and keeps its data.

mod smtp;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use balefire_core::message::Locale;
use balefire_core::secret::Secret;

use url::Url;

use super::{Compiler, section};
use crate::check::{said, shown};
use crate::plan::{Reader, Server, Tls};
use crate::problem::Path;
use crate::tree::{Node, Shape};

const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9119);

/// The node's own settings.
pub(super) fn compile(compiler: &mut Compiler<'_>) -> Option<Server> {
    let path = section("server");
    let empty = Node {
        place: compiler.root.place,
        shape: Shape::Map(Vec::new()),
    };
    let node = compiler.find(&["server"]).unwrap_or(&empty);
    let listen = listen(compiler, node, &path);
    let store = store(compiler, node, &path);
    let tls = tls(compiler, node, &path);
    let smtp = smtp::compile(compiler, node, &path);
    let route_prefix = prefix(compiler, node, &path);
    let external_url = match node.at("external_url") {
        Some(url) => external_url(compiler, url, &path),
        None => own_url(listen?, node.at("tls").is_some(), &route_prefix),
    };
    Some(Server {
        listen: listen?,
        external_url,
        has_external_url: node.at("external_url").is_some(),
        data: PathBuf::from(node.text_at("data").unwrap_or("./balefire-data")),
        store,
        route_prefix,
        tls,
        smtp,
        reader: Reader {
            locale: node.text_at("locale").map_or(Locale::En, Locale::from_tag),
            zone: node.text_at("timezone").unwrap_or("UTC").to_owned(),
        },
        ingest_bytes: usize::try_from(compiler.whole(&["server", "ingest_bytes"], 256 << 20))
            .unwrap_or(usize::MAX),
    })
}

/// `address:port`, `localhost:port` or, as in Go, `:port` for all addresses.
fn parse_listen(text: &str) -> Option<SocketAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let (host, port) = text.rsplit_once(':')?;
    let port: u16 = port.parse().ok()?;
    match host {
        "" => Some(SocketAddr::new(
            IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED),
            port,
        )),
        "localhost" => Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)),
        _ => None,
    }
}

fn listen(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Option<SocketAddr> {
    match node.at("listen") {
        Some(listen) => address(compiler, listen, &path.key("listen")),
        None => Some(LISTEN),
    }
}

/// An address to listen at.
fn address(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Option<SocketAddr> {
    let Shape::Scalar(scalar) = &node.shape else {
        return None;
    };
    let address = parse_listen(&scalar.text);
    if address.is_none() {
        let message = format!("{} is not an address to listen at", shown(scalar));
        let hint = "write address:port, as in 127.0.0.1:9119, or :9119 for all addresses";
        compiler.findings.problem(node.place, path, message, hint);
    }
    address
}

/// The prefix with a slash before it and none after it; empty for none.
fn prefix(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> String {
    let Some(given) = node.at("route_prefix") else {
        return String::new();
    };
    let text = given.text().unwrap_or_default();
    if text.contains(['?', '#', ' ', '{', '}']) {
        let message = format!("{} cannot begin a path", said(given));
        compiler.findings.problem(
            given.place,
            &path.key("route_prefix"),
            message,
            "write /alerts",
        );
    }
    match text.trim_matches('/') {
        "" => String::new(),
        inner => format!("/{inner}"),
    }
}

/// What every link in a message begins with, so it holds no password.
fn external_url(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> String {
    let text = node.text().unwrap_or_default().trim_end_matches('/');
    let parsed = Url::parse(text);
    if parsed.is_ok_and(|url| !url.username().is_empty() || url.password().is_some()) {
        let message = "every message shows this URL, so it holds no name or password";
        let path = path.key("external_url");
        compiler.findings.problem(
            node.place,
            &path,
            message,
            "leave out what stands before the @",
        );
    }
    text.to_owned()
}

/// How we reach ourselves, when nobody says how others do.
fn own_url(listen: SocketAddr, tls: bool, prefix: &str) -> String {
    let scheme = if tls { "https" } else { "http" };
    if listen.ip().is_unspecified() {
        return format!("{scheme}://localhost:{}{prefix}", listen.port());
    }
    format!("{scheme}://{listen}{prefix}")
}

fn store(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Option<Secret> {
    let given = node.at("store")?;
    let text = given.text()?;
    let known = [
        "postgres://",
        "postgresql://",
        "mysql://",
        "mariadb://",
        "sqlite:",
    ];
    if !known.iter().any(|scheme| text.starts_with(scheme)) {
        let hint = "it begins with postgres:// or mysql://";
        let message = "this is not the URL of a database that is known here";
        compiler
            .findings
            .problem(given.place, &path.key("store"), message, hint);
    }
    Some(Secret::new(text))
}

fn tls(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Option<Tls> {
    let tls = node.at("tls")?;
    let path = path.key("tls");
    let mut file = |key| {
        let given = tls.at(key)?;
        let text = given.text()?;
        // Read once now, so that a wrong path is an error of the document and not of the start.
        if let Err(problem) = compiler.around.read(text) {
            compiler
                .findings
                .problem(given.place, &path.key(key), problem.to_string(), "");
        }
        Some(compiler.around.resolve(text))
    };
    let (certificate, key, client_ca) =
        (file("cert_file"), file("key_file"), file("client_ca_file"));
    Some(Tls {
        certificate: certificate?,
        key: key?,
        client_ca,
    })
}
