//! Taking a file in: a multipart form with the field `file`, or the body itself.

use axum::extract::Request;
use balefire_core::file::FileName;
use balefire_engine::engine::{Engine, FileError, UPLOAD_HELD};
use balefire_store::File;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;

use super::multipart::{boundary, first_file};
use crate::error::Problem;
use crate::ingest::body::{BodyError, announced, broken};
use crate::ingest::room::Room;

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReceiveError {
    /// The body could not be read.
    #[error(transparent)]
    Body(BodyError),
    /// Larger than the limit, which the whole body has, too.
    #[error("the body is larger than {0} bytes")]
    TooLarge(u64),
    /// It is packed.
    #[error("send the file as it is, without Content-Encoding")]
    Packed,
    /// The form is not one.
    #[error("the form cannot be read: {0}")]
    Multipart(String),
    /// The form has no file where one is looked for.
    #[error("the form has no field \"file\" with a file name")]
    NoFile,
    /// The body is no form, and the request does not say what the file is called.
    #[error(
        "say what the file is called: ?name=report.pdf, or send a form with the field \"file\""
    )]
    NoName,
    /// It could not be stored.
    #[error(transparent)]
    File(#[from] FileError),
}

impl ReceiveError {
    /// The same as an error of our own interface.
    pub(crate) fn problem(&self) -> Problem {
        let detail = self.to_string();
        match self {
            Self::Body(error) => Problem::new(error.status(), "body", &detail),
            Self::TooLarge(_) | Self::File(FileError::TooLarge(_)) => {
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", &detail)
            }
            Self::Packed => Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", &detail),
            Self::Multipart(_) | Self::NoFile | Self::NoName => Problem::bad_request(&detail),
            Self::File(FileError::NoRoom { .. }) => {
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "quota", &detail)
            }
            Self::File(FileError::Busy) => Problem::busy(&detail),
            Self::File(FileError::Store(error)) => Problem::of_store(error),
        }
    }
}

fn is_packed(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(header::CONTENT_ENCODING).iter();
    codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Takes a file of at most `most` bytes; `Ok` means that it is on disk. `name` is what the request says besides
/// its body; a form has a name of its own.
pub(crate) async fn receive(
    engine: &Engine,
    request: Request,
    name: Option<FileName>,
    most: u64,
) -> Result<File, ReceiveError> {
    let (head, mut body) = request.into_parts();
    if is_packed(&head.headers) {
        return Err(ReceiveError::Packed);
    }
    let mut room = Room::new(engine);
    if !room.grow_to(UPLOAD_HELD) {
        return Err(ReceiveError::Body(BodyError::Busy));
    }
    if let Some(boundary) = boundary(&head.headers) {
        return first_file(engine, body, boundary?, name, most).await;
    }
    let name = name.ok_or(ReceiveError::NoName)?;
    if announced(&head.headers).is_some_and(|length| length as u64 > most) {
        return Err(ReceiveError::TooLarge(most));
    }
    let mut upload = engine.begin_file(name, most).await?;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| ReceiveError::Body(broken(&error)))?;
        if let Ok(data) = frame.into_data() {
            upload.push(data).await?;
        }
    }
    Ok(upload.finish().await?)
}
