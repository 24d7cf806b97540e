//! Uploads: `files.getUploadURLExternal`, an address that takes the bytes, `files.completeUploadExternal`.
//!
//! Fields and errors follow docs.slack.dev/reference/methods of the two.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::provider::Call;

/// Where bytes go.
pub(super) const PLACE: &str = "/upload/v1/";

/// A file that was announced.
#[derive(Debug)]
struct File {
    name: String,
    length: usize,
    has_bytes: bool,
}

/// A file that somebody sees: its name, the channel and the thread.
pub(super) type Shared = (String, String, String);

/// What has been announced, uploaded and shared.
#[derive(Debug, Default)]
pub(super) struct Files {
    announced: BTreeMap<String, File>,
    pub(super) shared: Vec<Shared>,
    count: usize,
}

impl Files {
    /// Announces a file; `base` is this site.
    pub(super) fn announce(&mut self, base: &str, body: &Value) -> Result<Value, &'static str> {
        let name = body["filename"].as_str().unwrap_or_default();
        let length = body["length"].as_str().and_then(|text| text.parse().ok());
        let length = length.filter(|length| *length > 0);
        let Some(length) = length.filter(|_| !name.is_empty()) else {
            return Err("missing_argument");
        };
        self.count += 1;
        let id = format!("F0SIM{:05}", self.count);
        let file = File {
            name: name.to_owned(),
            length,
            has_bytes: false,
        };
        self.announced.insert(id.clone(), file);
        let url = format!("{base}{PLACE}{id}");
        Ok(json!({"ok": true, "upload_url": url, "file_id": id}))
    }

    /// Takes the bytes of a file; whether that is good.
    pub(super) fn take(&mut self, call: &Call) -> bool {
        let id = call.uri.path().strip_prefix(PLACE).unwrap_or_default();
        let Some(file) = self.announced.get_mut(id) else {
            return false;
        };
        // The address is all that is needed, and whoever shows the token there gives it away.
        let is_bare = call.header("authorization").is_none();
        file.has_bytes = is_bare && call.body.len() == file.length;
        file.has_bytes
    }

    /// Shares files that have their bytes below a message of this channel.
    pub(super) fn share(
        &mut self,
        body: &Value,
        is_parent: impl Fn(&str, &str) -> bool,
    ) -> Result<Value, &'static str> {
        let word = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        let (channel, thread) = (word("channel_id"), word("thread_ts"));
        if !channel.starts_with(['C', 'G', 'D']) {
            return Err("invalid_channel");
        }
        if !is_parent(&channel, &thread) {
            return Err("thread_not_found");
        }
        let ids = body["files"].as_array().into_iter().flatten();
        let ids: Vec<&str> = ids.filter_map(|file| file["id"].as_str()).collect();
        let has_bytes = |id: &&str| self.announced.get(*id).is_some_and(|file| file.has_bytes);
        if ids.is_empty() || !ids.iter().all(has_bytes) {
            return Err("file_not_found");
        }
        for id in &ids {
            if let Some(file) = self.announced.remove(*id) {
                let seen = (file.name, channel.clone(), thread.clone());
                self.shared.push(seen);
            }
        }
        let files: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        Ok(json!({"ok": true, "files": files}))
    }
}
