//! What to do at the sender's side: each kind's page in `setup/`, with the address of a source put in.
//!
//! Placeholders are `{node}` (how others reach us), `{host}` (the same without a scheme), `{base}` (the source's address),
//! `{address}` (the same with its token) and `{alertmanagers}` (the part of `prometheus.yml`). Where a token is still to be put
//! in, it says `TOKEN`.

use url::Url;

use crate::spec::SourceSpec;

/// How a source is reached. Its token is a secret: its place is kept, and nothing more.
#[derive(Debug, Clone, Copy)]
pub struct Address<'a> {
    /// How others reach the node, such as `https://alerts.example.com`.
    pub node: &'a str,
    /// The source's name in the document.
    pub name: &'a str,
    /// Whether it has a token.
    pub has_token: bool,
}

impl Address<'_> {
    /// Where an example runs.
    pub const EXAMPLE: Address<'static> = Address {
        node: "http://127.0.0.1:9119",
        name: "NAME",
        has_token: true,
    };

    /// The source's address, with the place of its token.
    pub fn url(&self) -> String {
        let token = if self.has_token { "/TOKEN" } else { "" };
        format!("{}{token}", self.base())
    }

    fn base(&self) -> String {
        format!("{}/in/{}", self.node.trim_end_matches('/'), self.name)
    }
}

/// The page of a kind for a source at an address, in Markdown.
pub fn page(spec: &SourceSpec, at: &Address<'_>) -> String {
    let node = at.node.trim_end_matches('/');
    let host = node.split_once("://").map_or(node, |(_, host)| host);
    let token = if at.has_token { "/TOKEN" } else { "" };
    spec.setup
        .replace("/in/NAME/TOKEN", &format!("/in/{}{token}", at.name))
        .replace("{address}", &at.url())
        .replace("{base}", &at.base())
        .replace("{node}", node)
        .replace("{host}", host)
        .replace("{alertmanagers}", &alertmanagers(node, false))
}

/// The part of `prometheus.yml` that names a node as its Alertmanager; with `token`, where a token goes.
pub fn alertmanagers(node: &str, token: bool) -> String {
    let mut lines = vec!["alerting:", "  alertmanagers:"];
    let parsed = Url::parse(node).ok();
    let (scheme, path, target) = parsed.as_ref().map_or(("http", "", String::new()), |url| {
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        let standard = match (url.port(), url.scheme()) {
            (Some(_), _) => "",
            (None, "https") => ":443",
            (None, _) => ":80",
        };
        let host = url.host_str().unwrap_or_default();
        (
            url.scheme(),
            url.path().trim_end_matches('/'),
            format!("{host}{port}{standard}"),
        )
    });
    let targets = format!("    - targets: [\"{target}\"]");
    let scheme_line = format!("    scheme: {scheme}");
    let path_line = format!("    path_prefix: {path}");
    lines.push("  - static_configs:");
    lines.push(&targets);
    if scheme != "http" {
        lines.push(&scheme_line);
    }
    if !path.is_empty() {
        lines.push(&path_line);
    }
    if token {
        lines.extend(["    authorization:", "      credentials: TOKEN"]);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{SOURCES, find};

    #[test]
    fn every_kind_says_where_its_sender_is_to_send_to() {
        for spec in SOURCES {
            let page = page(spec, &Address::EXAMPLE);
            let kind = spec.kind;
            assert!(page.contains("127.0.0.1:9119"), "{kind}: no address");
            assert!(page.contains("```"), "{kind}: nothing to paste");
            for place in ["{address}", "{base}", "{node}", "{host}", "{alertmanagers}"] {
                assert!(!page.contains(place), "{kind}: {place} is left");
            }
        }
    }

    #[test]
    fn an_address_is_put_in_with_a_place_for_the_token_where_there_is_one() {
        let spec = find("apprise_api").expect("a kind");
        let at = Address {
            node: "https://alerts.example.com/",
            name: "phones",
            has_token: true,
        };
        let with = page(spec, &at);
        assert!(with.contains("apprise://alerts.example.com/in/phones/TOKEN"));
        let without = page(
            spec,
            &Address {
                has_token: false,
                ..at
            },
        );
        assert!(without.contains("apprise://alerts.example.com/in/phones'"));
        assert_eq!(at.url(), "https://alerts.example.com/in/phones/TOKEN");
    }

    #[test]
    fn prometheus_is_given_host_port_scheme_and_prefix() {
        assert_eq!(
            alertmanagers("http://127.0.0.1:9119", false),
            "alerting:\n  alertmanagers:\n  - static_configs:\n    - targets: [\"127.0.0.1:9119\"]"
        );
        let behind = alertmanagers("https://alerts.example.com/fire", true);
        for part in [
            "\"alerts.example.com:443\"",
            "scheme: https",
            "path_prefix: /fire",
            "credentials: TOKEN",
        ] {
            assert!(behind.contains(part), "{behind}");
        }
    }
}
