//! One fetch of a calendar: only what has changed, whole, and no more than a calendar may have.

use std::time::Duration;

use balefire_channels::http::redact::shown_url;
use balefire_channels::http::{HttpReply, HttpRequest, excerpt};
use balefire_config::calendar::CalendarAddress;
use balefire_core::schedule::{EventsError, MAX_EVENTS_TEXT};
use balefire_core::time::Time;

/// How long one may take: some servers put a large calendar together anew for each fetch.
const PATIENT: Duration = Duration::from_secs(30);
/// Longest name of a version that is kept; some names are tokens of kilobytes.
const LONGEST_VERSION: usize = 1024;

/// What the server calls what it sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Version {
    pub(super) etag: String,
    pub(super) modified: String,
}

/// What came.
pub(super) enum Answer {
    /// It is what was fetched last.
    Same,
    /// A text.
    Whole(Fetched),
}

/// A text, which may be a calendar.
pub(super) struct Fetched {
    pub(super) text: String,
    pub(super) version: Version,
    is_page: bool,
}

/// Why nothing came.
pub(super) struct Failed {
    pub(super) why: String,
    /// The server's wish to be left alone.
    pub(super) wait: Option<Duration>,
}

impl Failed {
    fn of(why: impl Into<String>) -> Self {
        let why = why.into();
        Self { why, wait: None }
    }
}

impl Fetched {
    /// Why a text is no calendar that can be used.
    pub(super) fn refused(&self, error: &EventsError) -> Failed {
        if matches!(error, EventsError::NoCalendar) && self.is_page {
            let why = "what comes is a page for people, no calendar: the address is another one, or asks to log in; give http_config the credentials";
            return Failed::of(why);
        }
        if matches!(error, EventsError::NoCalendar) {
            let begins: String = excerpt(&self.text).chars().take(40).collect();
            return Failed::of(format!("what comes {error}; it begins with {begins:?}"));
        }
        Failed::of(format!("the calendar {error}"))
    }
}

/// Fetches a calendar; `known` is the version that there is a copy of.
pub(super) async fn fetch(
    address: &CalendarAddress,
    known: Option<&Version>,
    now: Time,
) -> Result<Answer, Failed> {
    let mut request = HttpRequest::get(address.url.reveal())
        .header("accept", "text/calendar, text/plain;q=0.5, */*;q=0.1");
    if let Some(known) = known {
        let conditions = [
            ("if-none-match", &known.etag),
            ("if-modified-since", &known.modified),
        ];
        for (name, value) in conditions {
            if !value.is_empty() {
                request = request.header(name, value.as_str());
            }
        }
    }
    let reply = address.http.fetch(request, MAX_EVENTS_TEXT, PATIENT).await;
    let reply = reply.map_err(|error| Failed::of(error.to_string()))?;
    match reply.status {
        304 if known.is_some() => Ok(Answer::Same),
        200..=299 => read(&reply).map(Answer::Whole),
        _ => Err(status(&reply, now)),
    }
}

fn read(reply: &HttpReply) -> Result<Fetched, Failed> {
    if !reply.whole {
        let why = if reply.body.len() >= MAX_EVENTS_TEXT {
            format!("it is larger than {MAX_EVENTS_TEXT} bytes; export fewer months")
        } else {
            format!("it broke off after {} bytes", reply.body.len())
        };
        return Err(Failed::of(why));
    }
    let text = std::str::from_utf8(&reply.body)
        .map_err(|_| Failed::of("what comes is no text in UTF-8, so no calendar"))?;
    let text = text.trim_start_matches('\u{feff}').to_owned();
    let version = |name| {
        let value = reply.header(name).unwrap_or_default();
        let fits = value.len() <= LONGEST_VERSION;
        if fits { value } else { "" }.to_owned()
    };
    let kind = reply.header("content-type").unwrap_or_default();
    let start = text.trim_start().as_bytes();
    Ok(Fetched {
        is_page: kind.starts_with("text/html") || start.first() == Some(&b'<'),
        version: Version {
            etag: version("etag"),
            modified: version("last-modified"),
        },
        text,
    })
}

fn status(reply: &HttpReply, now: Time) -> Failed {
    let status = reply.status;
    let words = match status {
        300..=399 => {
            let place = reply.header("location").map(shown_url).unwrap_or_default();
            format!(
                "status {status}: it is at {place} now; redirects are not followed, write that address into the document"
            )
        }
        401 | 403 | 407 => {
            format!("status {status}: it asks for credentials; http_config takes them")
        }
        404 | 410 => format!("status {status}: there is no calendar at this address"),
        _ => format!("status {status}"),
    };
    Failed {
        why: words,
        wait: reply.retry_after(now),
    }
}
