//! Temporary media: uploaded once, good for three days, for the uploader alone.

use std::time::Duration;

use balefire_core::time::Time;
use parking_lot::Mutex;
use serde_json::json;

use super::Refusal;
use crate::provider::{Call, multipart};
use crate::reply::Reply;

const LIFE: Duration = Duration::from_hours(72);
const MAX_FILE_BYTES: usize = 20 << 20;
const MAX_VOICE_BYTES: usize = 2 << 20;
const MAX_IMAGE_BYTES: usize = 10 << 20;
/// Uploads remembered.
const REMEMBERED: usize = 1_000;

#[derive(Debug)]
struct Upload {
    id: String,
    owner: String,
    kind: String,
    until: Time,
}

/// What has been uploaded.
#[derive(Debug, Default)]
pub(super) struct Media {
    uploads: Mutex<(u64, Vec<Upload>)>,
}

impl Media {
    /// Takes an upload: `type` in the query, one part `media` with a file name.
    pub(super) fn take(
        &self,
        call: &Call,
        owner: &str,
        kinds: &[&str],
        now: Time,
    ) -> Result<Reply, Refusal> {
        let kind = call.query("type").unwrap_or_default();
        let Some(&kind) = kinds.iter().find(|&&known| known == kind) else {
            return Err((40_004, "invalid media type".into()));
        };
        let parts = multipart::parts(call.header("content-type").unwrap_or(""), &call.body)
            .ok_or((44_001, "empty media data".to_owned()))?;
        let part = parts
            .iter()
            .find(|part| part.name == "media")
            .ok_or((44_001, "empty media data".to_owned()))?;
        if part.filename.as_ref().is_none_or(String::is_empty) {
            return Err((40_058, "filename is missing".into()));
        }
        let most = match kind {
            "voice" => MAX_VOICE_BYTES,
            "image" => MAX_IMAGE_BYTES,
            _ => MAX_FILE_BYTES,
        };
        if part.bytes.len() <= 5 || part.bytes.len() > most {
            return Err((40_006, "invalid media size".into()));
        }
        let mut uploads = self.uploads.lock();
        uploads.0 += 1;
        let id = format!("sim-media-{}", uploads.0);
        if uploads.1.len() == REMEMBERED {
            uploads.1.remove(0);
        }
        let (owner, until) = (owner.to_owned(), now.after(LIFE));
        uploads.1.push(Upload {
            id: id.clone(),
            owner,
            kind: kind.to_owned(),
            until,
        });
        Ok(Reply::json(&json!({
            "errcode": 0,
            "errmsg": "ok",
            "type": kind,
            "media_id": id,
            "created_at": now.secs().to_string(),
        })))
    }

    /// Whether a message may name this upload.
    pub(super) fn check(
        &self,
        id: &str,
        owner: &str,
        kind: &str,
        now: Time,
    ) -> Result<(), Refusal> {
        let uploads = self.uploads.lock();
        let good = uploads.1.iter().any(|upload| {
            upload.id == id && upload.owner == owner && upload.kind == kind && now < upload.until
        });
        if good {
            Ok(())
        } else {
            Err((40_007, "invalid media_id".into()))
        }
    }
}
