//! Pictures of alerts, fetched so that they can go with a message (`images`).
//!
//! Their addresses come from senders, so that the client reaches public addresses only. What comes is judged by its first
//! bytes, whatever it calls itself, and is never decoded.

use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::{Attachment, Block, Enclosed, Message};
use futures_util::future::join_all;

use crate::http::{Http, HttpRequest};
use crate::markup::safe_url;

/// Largest picture, in bytes.
pub const MOST: usize = 5 << 20;
/// How long all pictures of a message may take together; the words go without what comes later.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// Pictures that go with one message.
const PICTURES: usize = 4;

/// Whether an entry's messages carry pictures.
pub(crate) const IMAGES: Field = Field::optional(
    "images",
    Kind::Bool,
    "Whether pictures of alerts are fetched and go with the message, so that they are seen where their address is not reached. Public addresses only (and what access.egress.allow lists under strict), PNG, JPEG, GIF or WebP, 5 MiB and 5 s at most; one that does not come is a link.",
)
.or("false");

/// The pictures of a message that could be had; the others stay links.
pub async fn fetch_all(http: &Http, message: &Message) -> Vec<Attachment> {
    let urls = message.body.iter().filter_map(|block| match block {
        Block::Image(url) => safe_url(url).filter(|url| url.starts_with("http")),
        _ => None,
    });
    let fetched = urls.take(PICTURES).map(|url| fetch(http, url));
    let fetched = join_all(fetched).await.into_iter().flatten();
    let named = (1..).zip(fetched);
    named
        .map(|(number, (kind, enclosed))| Attachment {
            name: format!("picture-{number}.{}", kind.ending),
            media_type: kind.media_type.to_owned(),
            enclosed,
        })
        .collect()
}

async fn fetch(http: &Http, url: String) -> Option<(&'static Format, Enclosed)> {
    let request = HttpRequest::get(url.as_str());
    let fetched = tokio::time::timeout(PATIENCE, http.fetch(request, MOST, PATIENCE)).await;
    let reply = fetched.ok()?.ok()?;
    if !reply.is_success() || !reply.whole {
        return None;
    }
    let format = format_of(&reply.body)?;
    let content = reply.body.to_vec();
    Some((format, Enclosed::Picture { url, content }))
}

/// The pictures that came along with a message: their files and bytes.
pub(crate) fn pictures(message: &Message) -> impl Iterator<Item = (&Attachment, &[u8])> {
    let files = message.attachments.iter();
    files.filter_map(|file| match &file.enclosed {
        Enclosed::Picture { content, .. } => Some((file, content.as_slice())),
        Enclosed::Content(_) | Enclosed::File(_) => None,
    })
}

/// Whether a picture is one of the two forms that every provider takes.
pub(crate) fn is_plain(file: &Attachment) -> bool {
    ["image/png", "image/jpeg"].contains(&&*file.media_type)
}

/// What a receipt says of a message's pictures: how many there were, and how many went along.
pub(crate) fn told(there: usize, went: usize) -> &'static str {
    match went {
        _ if there == 0 => "",
        0 => "; without its pictures",
        _ if went < there => "; not with all pictures",
        _ => "; with pictures",
    }
}

/// A form of pictures that every reader shows.
#[derive(Debug, PartialEq, Eq)]
struct Format {
    media_type: &'static str,
    ending: &'static str,
}

/// What the first bytes say; `None` for what is no picture.
fn format_of(bytes: &[u8]) -> Option<&'static Format> {
    static FORMATS: [Format; 4] = [
        Format {
            media_type: "image/png",
            ending: "png",
        },
        Format {
            media_type: "image/jpeg",
            ending: "jpg",
        },
        Format {
            media_type: "image/gif",
            ending: "gif",
        },
        Format {
            media_type: "image/webp",
            ending: "webp",
        },
    ];
    let [png, jpeg, gif, webp] = &FORMATS;
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(png)
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some(jpeg)
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        Some(gif)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(webp)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_say_what_a_picture_is() {
        let kind = |bytes: &[u8]| format_of(bytes).map(|format| format.ending);
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n...."), Some("png"));
        assert_eq!(kind(b"\xff\xd8\xff\xe0"), Some("jpg"));
        assert_eq!(kind(b"GIF89a"), Some("gif"));
        assert_eq!(kind(b"RIFF\x01\0\0\0WEBPVP8 "), Some("webp"));
        for other in [
            &b"<html>"[..],
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
            b"RIFF\x01\0\0\0WAVE",
            b"%PDF-1.7",
            b"",
        ] {
            assert_eq!(kind(other), None);
        }
    }
}
