//! URLs as they may be shown: no user, no query, no fragment, and no path segment that could be a key.

use url::Url;

/// `scheme://host[:port]/path` with every segment that does not look like a plain word masked as `…`,
/// since robots carry their key in the path (`/hook/3f1c…`, `/bot123:AA…`, `/services/T0/B0/xyz`).
pub fn shown_url(text: &str) -> String {
    let Ok(url) = Url::parse(text) else {
        return "(not a URL)".to_owned();
    };
    let Some(host) = url.host_str() else {
        return format!("{}:…", url.scheme());
    };
    let mut shown = format!("{}://{host}", url.scheme());
    if let Some(port) = url.port() {
        shown.push(':');
        shown.push_str(&port.to_string());
    }
    for segment in url.path().split('/').skip(1).take(12) {
        shown.push('/');
        shown.push_str(if is_plain_word(segment) {
            segment
        } else {
            "…"
        });
    }
    shown
}

/// Words of an API's own path: letters of one case up to 24 long, camelCase up to 16, `v2`, `v1.0`,
/// dates of versions; anything with other digits in it may be a key.
fn is_plain_word(segment: &str) -> bool {
    let wordy = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_' | '.');
    if let Some(version) = segment.strip_prefix('v')
        && version.len() <= 4
        && version.chars().all(|c| c.is_ascii_digit() || c == '.')
    {
        return true;
    }
    let one_case = !segment.chars().any(|c| c.is_ascii_uppercase());
    segment.chars().all(wordy) && segment.len() <= if one_case { 24 } else { 16 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_robots_key_is_masked_wherever_it_stands() {
        for (url, shown) in [
            (
                "https://oapi.dingtalk.com/robot/send?access_token=abc",
                "https://oapi.dingtalk.com/robot/send",
            ),
            (
                "https://open.feishu.cn/open-apis/bot/v2/hook/3f1c-22",
                "https://open.feishu.cn/open-apis/bot/v2/hook/…",
            ),
            (
                "https://api.telegram.org/bot123:AAx/sendMessage",
                "https://api.telegram.org/…/sendMessage",
            ),
            (
                "https://hooks.slack.com/services/T01/B02/Xyz9",
                "https://hooks.slack.com/services/…/…/…",
            ),
            (
                "https://u:p@h.example:8443/a#frag",
                "https://h.example:8443/a",
            ),
            ("data:text/html,x", "data:…"),
            ("::", "(not a URL)"),
        ] {
            assert_eq!(shown_url(url), shown, "{url}");
        }
    }
}
