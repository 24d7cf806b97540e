//! `server.smtp`: where mails are taken.

use std::sync::Arc;

use super::super::Compiler;
use super::super::access;
use super::address;
use crate::plan::Smtp;
use crate::problem::Path;
use crate::tree::Node;

/// Whose mails are taken when nobody says: who is near.
const NEAR: [&str; 2] = ["loopback", "private"];

/// The listener for mails, if there is to be one.
pub(super) fn compile(compiler: &mut Compiler<'_>, server: &Node, path: &Path<'_>) -> Option<Smtp> {
    let node = server.at("smtp")?;
    let path = path.key("smtp");
    let listen = node.at("listen")?;
    let networks = match node.at("networks") {
        Some(_) => access::networks(compiler, node, "networks", &path),
        None => NEAR
            .iter()
            .filter_map(|word| access::network(word))
            .flatten()
            .collect(),
    };
    let certificate = server.at("tls");
    // Who must show a certificate over HTTP must not get around it by mail.
    let default = certificate.is_some_and(|tls| tls.at("client_ca_file").is_some());
    let tls = node.at("tls");
    let tls_required = tls.map_or(default, |tls| tls.text() == Some("required"));
    if let Some(tls) = tls
        && tls_required
        && certificate.is_none()
    {
        let message = "STARTTLS takes a certificate, and there is none";
        let hint = "set server.tls";
        compiler
            .findings
            .problem(tls.place, &path.key("tls"), message, hint);
    }
    let reply_domain = node
        .at("reply_domain")
        .and_then(|domain| reply_domain(compiler, domain, &path.key("reply_domain")));
    Some(Smtp {
        listen: address(compiler, listen, &path.key("listen"))?,
        networks,
        tls_required,
        reply_domain,
    })
}

/// The name of sources that would stand in the way of answers.
const ANSWERS: &str = "ack";

/// The domain of answers; a source of kind `mail` may not have their name.
fn reply_domain(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Option<Arc<str>> {
    let text = node.text()?.to_ascii_lowercase();
    let is_label = |label: &str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (1..=63).contains(&label.len()) && label.chars().all(plain)
    };
    if text.len() > 253 || !text.split('.').all(is_label) {
        let message = format!("{text:?} is no domain of mails");
        let hint = "write a name whose MX leads here, as in alerts.example.com";
        compiler.findings.problem(node.place, path, message, hint);
        return None;
    }
    let sources = compiler.find(&["sources"]).map(Node::entries);
    let mut sources = sources.unwrap_or_default().iter();
    let in_the_way = sources.any(|entry| {
        entry.key.eq_ignore_ascii_case(ANSWERS) && entry.value.text_at("kind") == Some("mail")
    });
    if in_the_way {
        let message = format!("a source is named {ANSWERS:?}, as the addresses of answers are");
        let hint = "give the source another name";
        compiler.findings.problem(node.place, path, message, hint);
        return None;
    }
    Some(text.into())
}
