//! `server.smtp`: where mails are taken.

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
    Some(Smtp {
        listen: address(compiler, listen, &path.key("listen"))?,
        networks,
        tls_required,
    })
}
