//! `access`: tokens, users, rules, networks.

use std::net::IpAddr;

use balefire_core::secret::Secret;

use super::{Compiler, section};
use crate::check::said;
use crate::password::Password;
use crate::plan::{Access, AccessRule, AccessToken, AccessUser};
use crate::problem::{Path, Place};
use crate::tree::Node;

/// Shortest token that is taken; a shorter one can be guessed.
const SHORTEST_TOKEN: usize = 16;

/// Who may call.
pub(super) fn compile(compiler: &mut Compiler<'_>) -> Access {
    let Some(node) = compiler.find(&["access"]) else {
        return Access::default();
    };
    let path = section("access");
    Access {
        tokens: tokens(compiler, node, &path),
        users: users(compiler, node, &path),
        rules: rules(compiler, node, &path),
        egress: node
            .at("egress")
            .map(|egress| super::egress::compile(compiler, egress, &path.key("egress")))
            .unwrap_or_default(),
        trusted_proxies: networks(compiler, node, "trusted_proxies", &path),
    }
}

fn scopes(node: &Node, default: &[&str]) -> Vec<String> {
    match node.at("scopes") {
        Some(scopes) => scopes.texts().into_iter().map(ToOwned::to_owned).collect(),
        None => default.iter().map(|scope| (*scope).to_owned()).collect(),
    }
}

fn tokens(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Vec<AccessToken> {
    let Some(tokens) = node.at("tokens") else {
        return Vec::new();
    };
    let path = path.key("tokens");
    let mut found: Vec<AccessToken> = Vec::new();
    for entry in tokens.entries() {
        let Some(text) = entry.value.text_at("token") else {
            continue;
        };
        let place = entry
            .value
            .at("token")
            .map_or(entry.place, |node| node.place);
        let path = path.key(&entry.key);
        check_token(compiler, place, &path.key("token"), text);
        let token = Secret::new(text);
        if let Some(same) = found.iter().find(|other| other.token == token) {
            let message = format!("the token {:?} has the same text", same.name);
            compiler
                .findings
                .problem(place, &path.key("token"), message, "give each its own");
        }
        let scopes = scopes(&entry.value, &["ingest"]);
        found.push(AccessToken {
            name: entry.key.clone(),
            token,
            scopes,
        });
    }
    found
}

/// Refuses a token that can be guessed. The fix is a command and not a token, since what is wrong with a
/// document stands in logs.
pub(super) fn check_token(compiler: &mut Compiler<'_>, place: Place, path: &Path<'_>, text: &str) {
    if text.chars().count() < SHORTEST_TOKEN {
        let message = format!("the token is shorter than {SHORTEST_TOKEN} characters");
        let hint = "make one with: openssl rand -hex 24";
        compiler.findings.problem(place, path, message, hint);
    }
}

fn users(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Vec<AccessUser> {
    let path = path.key("users");
    let entries = node.at("users").map(Node::entries).unwrap_or_default();
    let mut users = Vec::new();
    for entry in entries {
        let Some(given) = entry.value.at("password") else {
            continue;
        };
        let Some(text) = given.text() else { continue };
        match Password::read(text) {
            Ok(password) => users.push(AccessUser {
                name: entry.key.clone(),
                password,
                scopes: scopes(&entry.value, &["read", "write"]),
            }),
            Err(error) => {
                let path = path.key(&entry.key);
                let hint = "make a hash with: balefire hash-password";
                compiler.findings.problem(
                    given.place,
                    &path.key("password"),
                    error.to_string(),
                    hint,
                );
            }
        }
    }
    users
}

fn rules(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Vec<AccessRule> {
    let Some(rules) = node.at("rules") else {
        return Vec::new();
    };
    let path = path.key("rules");
    let mut found = Vec::new();
    for (index, rule) in rules.items().iter().enumerate() {
        let path = path.index(index);
        let Some(prefix) = rule.at("path") else {
            continue;
        };
        let text = prefix.text().unwrap_or_default();
        if !text.starts_with('/') {
            let message = format!("{} is not a path", said(prefix));
            let hint = format!("write {:?}", format!("/{text}"));
            compiler
                .findings
                .problem(prefix.place, &path.key("path"), message, hint);
        }
        found.push(AccessRule {
            path: text.to_owned(),
            networks: networks(compiler, rule, "networks", &path),
            token: rule.bool_at("token").unwrap_or(true),
        });
    }
    found
}

/// Networks in CIDR form; a single address stands for itself.
pub(super) fn networks(
    compiler: &mut Compiler<'_>,
    node: &Node,
    key: &str,
    path: &Path<'_>,
) -> Vec<String> {
    let Some(list) = node.at(key) else {
        return Vec::new();
    };
    let path = path.key(key);
    let mut found = Vec::new();
    for (index, item) in list.items().iter().enumerate() {
        let Some(text) = item.text() else { continue };
        if let Some(network) = network(text) {
            found.push(network);
        } else {
            let near = compiler.findings.nearest(text, ["loopback", "private"]);
            let hint = if near.starts_with("did") {
                near
            } else {
                "write 10.0.0.0/8, 192.0.2.7, fd00::/8, loopback or private".to_owned()
            };
            let message = format!("{} is not a network", said(item));
            compiler
                .findings
                .problem(item.place, &path.index(index), message, hint);
        }
    }
    found.into_iter().flatten().collect()
}

/// A network, an address, or one of two words for the usual ones.
pub(super) fn network(text: &str) -> Option<Vec<String>> {
    let all = |list: &[&str]| Some(list.iter().map(|net| (*net).to_owned()).collect());
    match text {
        "loopback" => return all(&["127.0.0.0/8", "::1/128"]),
        "private" => return all(&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]),
        _ => {}
    }
    let (address, bits) = text.split_once('/').unwrap_or((text, ""));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    if !text.contains('/') {
        return Some(vec![format!("{address}/{most}")]);
    }
    let bits: u8 = bits.parse().ok().filter(|bits| *bits <= most)?;
    Some(vec![format!("{address}/{bits}")])
}
