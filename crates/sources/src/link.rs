//! Which links of a payload are kept.
//!
//! A payload's author may be anyone who can write into a metric label. Links end up in chat cards,
//! mails and the console, so only `http` and `https` pass; `javascript:`, `data:`, `file:` and the
//! like are dropped and the alert stays.

/// Longest link kept, in bytes: a Prometheus link carries the whole expression.
const MAX_LINK: usize = 16 * 1_024;

/// The link itself when it may be shown as one.
pub(crate) fn web(text: &str) -> Option<&str> {
    let text = text.trim();
    let rest = strip_scheme(text, "https://").or_else(|| strip_scheme(text, "http://"))?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    let plain = !text
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || "<>\"`\\".contains(c));
    (!host.is_empty() && plain && text.len() <= MAX_LINK).then_some(text)
}

fn strip_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// Whether Go's `url.ParseRequestURI` could take it: a scheme, or a path from the root.
/// Alertmanager refuses an alert whose `generatorURL` is neither (422, code 601).
pub(crate) fn is_request_uri(text: &str) -> bool {
    if text.starts_with('/') {
        return true;
    }
    let Some((scheme, _)) = text.split_once(':') else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_links_pass() {
        for good in [
            "http://p/g",
            "HTTPS://grafana.example.com/d/x?a=1&b=%22#f",
            "http://[::1]:9090/",
        ] {
            assert_eq!(web(good), Some(good));
        }
        let bad = [
            "javascript:alert(1)",
            "&#x6a;avascript:alert(1)",
            "data:text/html,<script>",
            "file:///etc/passwd",
            "gopher://x",
            "//evil.com",
            "/graph",
            "http://",
            "http:///x",
            "http://a b",
            "https://x/\ny",
            "",
            "http://x/\"><svg/onload=alert(1)>",
            "http://x\\@y/",
        ];
        assert_eq!(bad.map(web), [None; 14]);
    }

    #[test]
    fn a_request_uri_has_a_scheme_or_starts_at_the_root() {
        assert!(
            ["http://p/g", "/graph", "javascript:alert(1)"]
                .into_iter()
                .all(is_request_uri)
        );
        assert!(
            !["::bad", "graph", "", "1a:b", "a b:c"]
                .into_iter()
                .any(is_request_uri)
        );
    }
}
