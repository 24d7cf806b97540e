//! Error answers in the four shapes that Alertmanager's API has.

use axum::response::{IntoResponse, Response};
use balefire_store::StoreError;
use http::{HeaderValue, Method, StatusCode, header};
use serde::Serialize;

use super::json;

/// Why a request is not answered with what it asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ApiError {
    /// A mistake in what the request means: a bare JSON string.
    #[error("{1}")]
    Words(StatusCode, String),
    /// A mistake in its form: an object with a code, of which those from 600 on stand for 422.
    #[error("{1}")]
    Coded(u16, String),
    /// Another method is needed; the methods, separated by commas.
    #[error("method {0} is not allowed, but [{1}] are")]
    Method(Method, &'static str),
    /// Nothing of that name; no body.
    #[error("not found")]
    Missing,
    /// Not now: the status, what is wrong, and the seconds to wait.
    #[error("{1}")]
    Later(StatusCode, String, u32),
}

#[derive(Serialize)]
struct Coded<'a> {
    code: u16,
    message: &'a str,
}

impl ApiError {
    /// A mistake in what the request means.
    pub(super) fn domain(words: impl Into<String>) -> Self {
        Self::Words(StatusCode::BAD_REQUEST, words.into())
    }

    /// A value that must be there is not.
    pub(super) fn required(path: &str) -> Self {
        Self::Coded(602, format!("{path} in body is required"))
    }

    /// A body that cannot be read as what it should be.
    pub(super) fn unreadable(what: &str, problem: &str) -> Self {
        let message = format!("parsing {what} body from \"\" failed, because {problem}");
        Self::Coded(400, message)
    }

    /// Nothing lives at this path.
    pub(super) fn no_path(path: &str) -> Self {
        Self::Coded(404, format!("path {path} was not found"))
    }

    /// Too much at once: senders come back in a second.
    pub(super) fn busy(detail: impl Into<String>) -> Self {
        Self::Later(StatusCode::SERVICE_UNAVAILABLE, detail.into(), 1)
    }

    /// What the store could not do; nothing was acknowledged.
    pub(super) fn of_store(error: &StoreError) -> Self {
        let detail = error.to_string();
        match error {
            StoreError::DiskFull => Self::Later(StatusCode::INSUFFICIENT_STORAGE, detail, 30),
            _ => Self::busy(detail),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let words = self.to_string();
        match self {
            Self::Words(status, _) => (status, json(&words)).into_response(),
            Self::Coded(code, _) => coded(if code >= 600 { 422 } else { code }, code, &words),
            Self::Method(_, allowed) => {
                let mut response = coded(405, 405, &words);
                let allow = HeaderValue::from_static(allowed);
                response.headers_mut().insert(header::ALLOW, allow);
                response
            }
            Self::Missing => StatusCode::NOT_FOUND.into_response(),
            Self::Later(status, _, seconds) => {
                let mut response = coded(status.as_u16(), status.as_u16(), &words);
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, seconds.into());
                response
            }
        }
    }
}

/// Unlike the other bodies, these end without a line feed.
fn coded(status: u16, code: u16, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, axum::Json(Coded { code, message })).into_response()
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn answer(error: ApiError) -> (u16, Option<String>, String) {
        let (head, body) = error.into_response().into_parts();
        let wait = head.headers.get(header::RETRY_AFTER);
        let wait = wait.map(|value| value.to_str().expect("text").to_owned());
        let bytes = body.collect().await.expect("a body").to_bytes();
        (
            head.status.as_u16(),
            wait,
            String::from_utf8(bytes.to_vec()).expect("text"),
        )
    }

    #[tokio::test]
    async fn a_full_disk_and_a_busy_store_ask_to_come_back() {
        let (status, wait, body) = answer(ApiError::of_store(&StoreError::DiskFull)).await;
        assert_eq!((status, wait.as_deref()), (507, Some("30")));
        assert!(body.starts_with("{\"code\":507,\"message\":\""), "{body}");
        let (status, wait, body) = answer(ApiError::of_store(&StoreError::Closed)).await;
        assert_eq!((status, wait.as_deref()), (503, Some("1")));
        assert!(body.starts_with("{\"code\":503,"), "{body}");
    }

    #[tokio::test]
    async fn words_are_a_json_string_with_a_line_feed_and_codes_an_object_without() {
        let words = answer(ApiError::domain("not \"this\"")).await;
        assert_eq!(words, (400, None, "\"not \\\"this\\\"\"\n".to_owned()));
        let coded = answer(ApiError::required("silence")).await;
        let message = "{\"code\":602,\"message\":\"silence in body is required\"}";
        assert_eq!(coded, (422, None, message.to_owned()));
        assert_eq!(answer(ApiError::Missing).await, (404, None, String::new()));
    }
}
