//! A long JSON array as a body that is written while it is sent.
//!
//! A hundred thousand alerts are some fifty megabytes of text: built whole it would cost more
//! memory than the alerts themselves, and the thread would be gone for as long as it takes.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::header;

/// About so many bytes are sent at once.
const PIECE: usize = 64 * 1024;
/// Parts looked at before other tasks get their turn.
const PARTS: usize = 512;

/// The answer: `[`, what `write` makes of each part, `]` and a line feed. `write` sets the commas.
pub(super) async fn listing<P>(
    parts: impl Iterator<Item = P> + Send + 'static,
    write: impl FnMut(P, &mut Vec<u8>) + Send + 'static,
) -> Response {
    let mut pieces = Pieces {
        parts,
        write,
        over: false,
    };
    let mut first = vec![b'['];
    pieces.fill(&mut first).await;
    let body = if pieces.over {
        Body::from(first)
    } else {
        let rest = stream::unfold((pieces, Some(first)), |(mut pieces, ready)| async move {
            if let Some(ready) = ready {
                return Some((
                    Ok::<_, std::convert::Infallible>(Bytes::from(ready)),
                    (pieces, None),
                ));
            }
            if pieces.over {
                return None;
            }
            let mut piece = Vec::with_capacity(PIECE + PIECE / 4);
            pieces.fill(&mut piece).await;
            Some((Ok(piece.into()), (pieces, None)))
        });
        Body::from_stream(rest)
    };
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

struct Pieces<I, W> {
    parts: I,
    write: W,
    over: bool,
}

impl<P, I: Iterator<Item = P>, W: FnMut(P, &mut Vec<u8>)> Pieces<I, W> {
    /// Writes until the piece is full or nothing is left.
    async fn fill(&mut self, piece: &mut Vec<u8>) {
        while piece.len() < PIECE {
            for _ in 0..PARTS {
                let Some(part) = self.parts.next() else {
                    piece.extend_from_slice(b"]\n");
                    self.over = true;
                    return;
                };
                (self.write)(part, piece);
                if piece.len() >= PIECE {
                    break;
                }
            }
            tokio::task::yield_now().await;
        }
    }
}

/// Sets commas before all items but the first.
#[derive(Default)]
pub(super) struct Comma {
    after_first: bool,
}

impl Comma {
    pub(super) fn before(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.after_first, true) {
            out.push(b',');
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn text(numbers: std::ops::Range<u64>) -> (bool, String) {
        let mut comma = Comma::default();
        let response = listing(numbers, move |number, out| {
            comma.before(out);
            out.extend_from_slice(number.to_string().as_bytes());
        })
        .await;
        let sized = http_body::Body::size_hint(response.body())
            .exact()
            .is_some();
        let bytes = response
            .into_body()
            .collect()
            .await
            .expect("body")
            .to_bytes();
        (sized, String::from_utf8(bytes.to_vec()).expect("text"))
    }

    #[tokio::test]
    async fn a_short_list_is_sent_whole_and_a_long_one_in_pieces_with_the_same_text() {
        assert_eq!(text(0..0).await, (true, "[]\n".to_owned()));
        assert_eq!(text(7..10).await, (true, "[7,8,9]\n".to_owned()));
        let (sized, long) = text(0..200_000).await;
        let expected: Vec<String> = (0..200_000_u64).map(|n| n.to_string()).collect();
        assert!(!sized && long == format!("[{}]\n", expected.join(",")));
    }
}
