//! `http_config`: the guarded client of an account or entry.

use std::time::Duration;

use balefire_channels::http::{
    Authorization, ClientCertificate, Http, HttpSettings, ProxySettings, TlsSettings,
};
use balefire_core::secret::Secret;

use super::Compiler;
use crate::problem::{Path, Place};
use crate::tree::Node;

/// A client with the settings of this node; `None` when they cannot be used, which is noted.
pub(super) fn client(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Option<Http> {
    let before = compiler.findings.count();
    let settings = HttpSettings {
        proxy: proxy(compiler, node, path),
        tls: node
            .at("tls_config")
            .map(|tls| tls_settings(compiler, tls, path))
            .unwrap_or_default(),
        connect_timeout: Duration::from_secs(5),
        auth: authorization(compiler, node, path),
        headers: headers(compiler, node, path),
        egress: compiler.egress.clone(),
        http1_only: node.bool_at("enable_http2") == Some(false),
    };
    redirects(compiler, node, path);
    if compiler.findings.count() > before || compiler.findings.any_below(path) {
        return None;
    }
    match Http::new(settings) {
        Ok(http) => Some(http),
        Err(error) => {
            compiler
                .findings
                .problem(node.place, path, error.to_string(), "");
            None
        }
    }
}

/// Prometheus' client follows redirects when asked to; this one never does.
fn redirects(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) {
    if node.bool_at("follow_redirects") == Some(true) {
        let key = "follow_redirects";
        let message = "redirects are never followed";
        compiler
            .findings
            .warning(place(node, key), &path.key(key), message, "");
    }
}

fn place(node: &Node, key: &str) -> Place {
    node.at(key).map_or(node.place, |node| node.place)
}

fn proxy(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Option<ProxySettings> {
    let no_proxy = node
        .at("no_proxy")
        .map(|list| list.texts().join(","))
        .unwrap_or_default();
    if node.bool_at("proxy_from_environment") == Some(true) {
        if node.at("proxy_url").is_some() {
            let message = "proxy_url and proxy_from_environment exclude each other";
            let key = path.key("proxy_from_environment");
            compiler
                .findings
                .problem(place(node, "proxy_url"), &key, message, "");
        }
        return from_environment(compiler, proxy_headers(node));
    }
    let given = node.at("proxy_url")?;
    let text = given.text()?;
    let known = ["http://", "https://", "socks5://", "socks5h://"];
    if !known.iter().any(|scheme| text.starts_with(scheme)) || url::Url::parse(text).is_err() {
        let hint = "write http://, https://, socks5:// or socks5h:// and host:port";
        let message = "this is not the URL of a proxy";
        compiler
            .findings
            .problem(given.place, &path.key("proxy_url"), message, hint);
        return None;
    }
    Some(ProxySettings {
        url: Secret::new(text),
        no_proxy,
        headers: proxy_headers(node),
    })
}

fn proxy_headers(node: &Node) -> Vec<(String, Secret)> {
    let given = node.at("proxy_connect_header").map(Node::entries);
    let mut headers = Vec::new();
    for entry in given.unwrap_or_default() {
        let values = entry.value.items().iter().filter_map(Node::text);
        headers.extend(values.map(|value| (entry.key.clone(), Secret::new(value))));
    }
    headers
}

/// The usual variables: one proxy for all, whichever is set first.
fn from_environment(
    compiler: &Compiler<'_>,
    headers: Vec<(String, Secret)>,
) -> Option<ProxySettings> {
    let first = |names: &[&str]| {
        let values = names
            .iter()
            .filter_map(|name| compiler.around.env.variable(name));
        values.into_iter().find(|value| !value.is_empty())
    };
    let url = first(&[
        "https_proxy",
        "HTTPS_PROXY",
        "http_proxy",
        "HTTP_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ])?;
    let url = if url.contains("://") {
        url
    } else {
        format!("http://{url}")
    };
    let no_proxy = first(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
    Some(ProxySettings {
        url: Secret::new(url),
        no_proxy,
        headers,
    })
}

fn tls_settings(compiler: &mut Compiler<'_>, tls: &Node, path: &Path<'_>) -> TlsSettings {
    let path = path.key("tls_config");
    let client = match (tls.text_at("cert"), tls.text_at("key")) {
        (Some(chain), Some(key)) => Some(ClientCertificate {
            chain_pem: chain.to_owned(),
            key_pem: Secret::new(key),
        }),
        (None, None) => None,
        (given, _) => {
            let (has, lacks) = if given.is_some() {
                ("cert", "key")
            } else {
                ("key", "cert")
            };
            let message = format!("{has} is given without {lacks}");
            compiler
                .findings
                .problem(tls.place, &path, message, "give both, or neither");
            None
        }
    };
    let insecure_skip_verify = tls.bool_at("insecure_skip_verify").unwrap_or(false);
    if insecure_skip_verify {
        let message =
            "any certificate is taken: whoever sits on the way reads and changes everything";
        let hint = "name the authority in ca_file instead";
        let key = path.key("insecure_skip_verify");
        compiler
            .findings
            .warning(place(tls, "insecure_skip_verify"), &key, message, hint);
    }
    TlsSettings {
        ca_pem: tls.text_at("ca").map(ToOwned::to_owned),
        client,
        server_name: tls.text_at("server_name").map(ToOwned::to_owned),
        insecure_skip_verify,
        tls13_only: tls.text_at("min_version") == Some("TLS13"),
    }
}

fn authorization(
    compiler: &mut Compiler<'_>,
    node: &Node,
    path: &Path<'_>,
) -> Option<Authorization> {
    let given: Vec<&str> = ["basic_auth", "authorization", "bearer_token"]
        .into_iter()
        .filter(|key| node.at(key).is_some())
        .collect();
    if let [first, second, ..] = given.as_slice() {
        let message = format!("{first} and {second} exclude each other");
        compiler
            .findings
            .problem(place(node, second), &path.key(second), message, "");
    }
    if let Some(basic) = node.at("basic_auth") {
        return Some(Authorization::Basic {
            user: basic.text_at("username").unwrap_or_default().to_owned(),
            password: Secret::new(basic.text_at("password").unwrap_or_default()),
        });
    }
    if let Some(authorization) = node.at("authorization") {
        let credentials = Secret::new(authorization.text_at("credentials").unwrap_or_default());
        let scheme = authorization.text_at("type").unwrap_or("Bearer").trim();
        return Some(match scheme {
            "" | "Bearer" | "bearer" => Authorization::Bearer(credentials),
            "Basic" | "basic" => {
                let message = "basic authentication has a key of its own";
                let path = path.key("authorization");
                compiler
                    .findings
                    .problem(authorization.place, &path, message, "write basic_auth");
                return None;
            }
            scheme => Authorization::Scheme {
                scheme: scheme.to_owned(),
                credentials,
            },
        });
    }
    node.text_at("bearer_token")
        .map(|token| Authorization::Bearer(Secret::new(token.trim())))
}

fn headers(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Vec<(String, Secret)> {
    let path = path.key("http_headers");
    let mut headers = Vec::new();
    for entry in node
        .at("http_headers")
        .map(Node::entries)
        .unwrap_or_default()
    {
        for value in ["values", "secrets"]
            .iter()
            .filter_map(|key| entry.value.at(key))
        {
            let texts = value.items().iter().filter_map(Node::text);
            headers.extend(texts.map(|text| (entry.key.clone(), Secret::new(text))));
        }
        let path = path.key(&entry.key);
        let files = entry.value.at("files").map(Node::items).unwrap_or_default();
        for (index, file) in files.iter().enumerate() {
            let Some(name) = file.text() else { continue };
            match compiler.around.read(name) {
                Ok(text) => headers.push((entry.key.clone(), Secret::new(text))),
                Err(problem) => {
                    let path = path.key("files");
                    let path = path.index(index);
                    compiler
                        .findings
                        .problem(file.place, &path, problem.to_string(), "");
                }
            }
        }
    }
    headers
}
