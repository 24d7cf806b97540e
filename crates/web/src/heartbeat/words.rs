//! What comes with a signal: the beginning of it, as text. A job's output may be long; that it ran counts anyway.

use axum::body::Body;
use http_body_util::BodyExt as _;

/// Bytes that are kept.
const KEPT: usize = 10 * 1024;
/// Bytes that are read, so that a sender is not cut off in the middle of a long output.
const READ: usize = 1 << 20;

/// The beginning of a body; what is no UTF-8 is replaced. What breaks off ends there.
pub(super) async fn read(mut body: Body) -> String {
    let mut kept = Vec::new();
    let mut seen = 0;
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let room = KEPT - kept.len();
        kept.extend_from_slice(&data[..data.len().min(room)]);
        seen += data.len();
        if seen > READ {
            break;
        }
    }
    let text = String::from_utf8_lossy(&kept);
    // A character that was cut in two is left out rather than shown as broken.
    let whole = if seen > KEPT {
        text.trim_end_matches('\u{fffd}')
    } else {
        &text
    };
    whole.replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_beginning_of_a_long_output_is_kept_and_any_bytes_are_taken() {
        let of = async |bytes: Vec<u8>| read(Body::from(bytes)).await;
        assert_eq!(of(b"done\n".to_vec()).await, "done\n");
        assert_eq!(of(Vec::new()).await, "");
        assert_eq!(of(vec![b'a', 0, 0xff]).await, "a\u{fffd}\u{fffd}");
        let long = "备".repeat(1_000_000);
        let kept = of(long.clone().into_bytes()).await;
        assert_eq!(kept.len(), KEPT / 3 * 3);
        assert!(long.starts_with(&kept));
    }
}
