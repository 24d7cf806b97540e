//! Errors as problem+json (RFC 9457) with a stable code.

use axum::response::{IntoResponse, Response};
use balefire_sources::manners::Answer;
use balefire_sources::parsed::Refusal;
use balefire_store::StoreError;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// An error answer of our own API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(crate) struct Problem {
    /// The HTTP status.
    pub(crate) status: u16,
    /// A word that programs may rely on.
    pub(crate) code: &'static str,
    /// What is wrong and what would be right, for people.
    pub(crate) detail: String,
    #[serde(skip)]
    retry_after: Option<u32>,
}

impl Problem {
    /// A problem of this status.
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: &str) -> Self {
        Self {
            status: status.as_u16(),
            code,
            detail: detail.to_owned(),
            retry_after: None,
        }
    }

    /// The request cannot be read.
    pub(crate) fn bad_request(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }

    /// What was asked for is not there.
    pub(crate) fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// A token or password is missing or wrong.
    pub(crate) fn unauthorized(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }

    /// The caller may not do this.
    pub(crate) fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// The values do not fit.
    pub(crate) fn unprocessable(detail: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
    }

    /// Too much at once: come back in a second.
    pub(crate) fn busy(detail: &str) -> Self {
        let busy = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail);
        Self {
            retry_after: Some(1),
            ..busy
        }
    }

    /// Too many wrong tokens or passwords from one sender.
    pub(crate) fn too_many_guesses(seconds: u32) -> Self {
        let detail = "too many wrong tokens or passwords came from your address, wait a moment";
        Self {
            retry_after: Some(seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_guesses", detail)
        }
    }

    /// A heartbeat comes more often than any job runs.
    pub(crate) fn too_often(seconds: u32) -> Self {
        let detail = "this heartbeat comes more often than five times a second, wait a moment";
        Self {
            retry_after: Some(seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_often", detail)
        }
    }

    /// What a source refused.
    pub(crate) fn of_refusal(refusal: &Refusal) -> Self {
        let detail = refusal.to_string();
        match refusal {
            Refusal::Malformed { .. } => Self::bad_request(&detail),
            Refusal::Unauthorized(_) | Refusal::Stranger(_) => Self::unauthorized(&detail),
            Refusal::NoSuchPath(_) => Self::not_found(&detail),
            Refusal::UnsupportedMedia(_) => {
                Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", &detail)
            }
        }
    }

    /// The same with a body in a sender's own shape; how long to wait and how to log in stay.
    pub(crate) fn said_as(self, answer: Answer) -> Response {
        let mut response = self.into_response();
        *response.status_mut() =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let content_type = HeaderValue::from_static(answer.content_type);
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, content_type);
        *response.body_mut() = answer.body.into();
        response
    }

    /// What the store could not do; nothing was acknowledged.
    pub(crate) fn of_store(error: &StoreError) -> Self {
        let detail = error.to_string();
        match error {
            StoreError::DiskFull => Self {
                retry_after: Some(30),
                ..Self::new(StatusCode::INSUFFICIENT_STORAGE, "disk_full", &detail)
            },
            StoreError::Conflict(_) => Self::new(StatusCode::CONFLICT, "conflict", &detail),
            _ => Self {
                retry_after: Some(1),
                ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "store", &detail)
            },
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let wait = self.retry_after;
        let mut response = (status, axum::Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = wait {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"balefire\", Bearer"),
            );
        }
        response
    }
}
