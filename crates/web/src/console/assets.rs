//! The console's own files: one style sheet, one script, one icon, compiled in.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use axum::response::IntoResponse;
use http::header;

const CSS: &str = include_str!("../../assets/console.css");
const JS: &str = include_str!("../../assets/console.js");
const ICON: &str = include_str!("../../assets/icon.svg");

/// A short hash of all of them: pages name it, so that browsers may keep each for a day.
pub(super) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = digest::Context::new(&digest::SHA256);
    for file in [CSS, JS, ICON] {
        hash.update(file.as_bytes());
    }
    let mut words = hex::encode(hash.finish());
    words.truncate(12);
    words
});

fn file(media_type: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "private, max-age=86400"),
    ];
    (headers, text)
}

pub(super) async fn css() -> impl IntoResponse {
    file("text/css; charset=utf-8", CSS)
}

pub(super) async fn js() -> impl IntoResponse {
    file("text/javascript; charset=utf-8", JS)
}

pub(super) async fn icon() -> impl IntoResponse {
    file("image/svg+xml", ICON)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_stays_small_and_no_file_reaches_outside() {
        assert!(JS.len() <= 3 * 1024, "{} bytes", JS.len());
        for file in [CSS, JS] {
            assert!(!file.contains("http://") && !file.contains("https://"));
        }
        assert_eq!(VERSION.len(), 12);
    }
}
