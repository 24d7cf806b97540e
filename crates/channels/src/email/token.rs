//! Bearer tokens for mail servers: one that stands in the configuration, or a file that somebody renews.

use std::path::{Path, PathBuf};

use balefire_core::secret::Secret;
use tokio::io::AsyncReadExt as _;

use crate::error::{ErrorKind, SendError};

/// Longest token in bytes: an AUTH command has 12,288 (RFC 4954 section 4), base64 takes a third of it.
const LONGEST: usize = 8 * 1024;

/// Where a token comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// The configuration.
    Fixed(Secret),
    /// A file, read at every log-in.
    File(PathBuf),
}

impl Token {
    /// The token as it is now.
    pub(super) async fn read(&self) -> Result<Secret, SendError> {
        match self {
            Self::Fixed(token) => Ok(token.clone()),
            Self::File(path) => from_file(path).await,
        }
    }

    /// Whether another token may be there at the next try.
    pub(super) fn is_renewed(&self) -> bool {
        matches!(self, Self::File(_))
    }
}

/// Whether a text can be a token: printable ASCII without blanks, so that it ends nothing in AUTH's words.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic())
}

async fn from_file(path: &Path) -> Result<Secret, SendError> {
    // A file that is missing or half written may be whole in a moment, so the mail waits.
    let unusable = |why: String| {
        let detail = format!("no token in {}: {why}", path.display());
        SendError::new(ErrorKind::Transient, detail).fix(
            "check what renews the token, and that Balefire may read the file (oauth_token_path)",
        )
    };
    let text = read(path).await.map_err(|e| unusable(e.to_string()))?;
    let text = text.trim();
    if is_token(text) {
        Ok(Secret::new(text))
    } else {
        Err(unusable(format!("{} bytes that are no token", text.len())))
    }
}

async fn read(path: &Path) -> std::io::Result<String> {
    // A pipe or a device would never end.
    if !tokio::fs::metadata(path).await?.is_file() {
        return Err(std::io::Error::other("not a file"));
    }
    let mut text = String::new();
    let file = tokio::fs::File::open(path).await?;
    let most = LONGEST as u64 + 64;
    file.take(most).read_to_string(&mut text).await?;
    Ok(text)
}
