//! Why a call to a node did not do what was asked.

use serde_json::Value;

use crate::exit::Exit;
use crate::output::harmless;

/// Longest excerpt of an answer in no form of errors, in characters: a document's problems fit.
const EXCERPT: usize = 4000;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// The address cannot be used.
    #[error("{url:?} is not an address of a node: {why}; write http://HOST:PORT or https://HOST")]
    Address {
        /// What was given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file that the call needs cannot be read.
    #[error("{file}: {why}")]
    File {
        /// Its name.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody answers.
    #[error(
        "no node answers at {url}: {why}\n\
         start one with `balefire serve`, or name another with --url or BALEFIRE_URL"
    )]
    Unreachable {
        /// Where it was tried.
        url: String,
        /// What the network said.
        why: String,
    },
    /// The node did not answer in time; what was asked may or may not have been done.
    #[error("{url} did not answer within {seconds} s")]
    TooSlow {
        /// Where it was tried.
        url: String,
        /// The patience.
        seconds: u64,
    },
    /// The node says no.
    #[error("{words}{}", hint(*status))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The node's words.
        words: String,
    },
    /// Something answers that is no node of this kind.
    #[error("{url} does not answer as a Balefire node does: {what}")]
    Stranger {
        /// Where it was tried.
        url: String,
        /// What came.
        what: String,
    },
}

fn hint(status: u16) -> &'static str {
    match status {
        401 => "\nput the token into a file and name it with --token-file, or into BALEFIRE_TOKEN",
        403 => "\nanother token with that scope is needed: --token-file or BALEFIRE_TOKEN",
        _ => "",
    }
}

impl ClientError {
    /// What an answer that is no success says, in Balefire's or Alertmanager's forms of errors.
    pub(super) fn refused(url: &str, status: u16, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let words = match serde_json::from_str::<Value>(&text) {
            Ok(Value::String(words)) => Some(words),
            Ok(Value::Object(fields)) => ["detail", "message"]
                .iter()
                .find_map(|name| fields.get(*name)?.as_str().map(str::to_owned)),
            _ => None,
        };
        let excerpt = text.trim().chars().take(EXCERPT).collect::<String>();
        match words {
            Some(words) => Self::Refused {
                status,
                words: harmless(&words).into_owned(),
            },
            None if excerpt.is_empty() || excerpt.starts_with('<') => Self::Stranger {
                url: url.to_owned(),
                what: format!("HTTP status {status} without a reason"),
            },
            None => Self::Refused {
                status,
                words: harmless(&excerpt).into_owned(),
            },
        }
    }

    /// The exit code that says what to do about it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Address { .. } => Exit::Invalid,
            Self::File { .. } | Self::Stranger { .. } => Exit::Failure,
            Self::Unreachable { .. } | Self::TooSlow { .. } => Exit::Temporary,
            Self::Refused { status, .. } => match status {
                401 | 403 => Exit::Auth,
                404 => Exit::NotFound,
                409 => Exit::Conflict,
                400 | 413 | 415 | 422 => Exit::Invalid,
                429 | 502..=504 | 507 => Exit::Temporary,
                _ => Exit::Failure,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> ClientError {
        ClientError::refused("http://node", status, body.as_bytes())
    }

    #[test]
    fn every_form_of_error_gives_its_words() {
        let words = |status, body| refused(status, body).to_string();
        assert_eq!(
            words(404, r#"{"status":404,"code":"not_found","detail":"gone"}"#),
            "gone"
        );
        assert_eq!(
            words(
                422,
                r#"{"code":602,"message":"comment in body is required"}"#
            ),
            "comment in body is required"
        );
        assert_eq!(words(400, r#""bad matcher""#), "bad matcher");
        assert_eq!(
            words(500, "failed to reload config: x\n"),
            "failed to reload config: x"
        );
        assert!(words(401, r#"{"detail":"a token is needed"}"#).contains("--token-file"));
        assert!(words(404, "<html>nginx</html>").contains("does not answer as a Balefire node"));
        assert!(words(502, "").contains("HTTP status 502"));
    }

    #[test]
    fn each_refusal_has_the_exit_code_that_says_what_to_do() {
        for (status, exit) in [
            (400, Exit::Invalid),
            (401, Exit::Auth),
            (403, Exit::Auth),
            (404, Exit::NotFound),
            (409, Exit::Conflict),
            (422, Exit::Invalid),
            (500, Exit::Failure),
            (503, Exit::Temporary),
            (507, Exit::Temporary),
        ] {
            assert_eq!(
                refused(status, r#"{"detail":"no"}"#).exit(),
                exit,
                "{status}"
            );
        }
    }
}
