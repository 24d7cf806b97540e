//! A server of pictures, such as a Grafana's.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The picture.
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0123456789";

/// Serves a picture at /a.png, a page that calls itself one at /b.png, and nothing ever at /c.png.
pub(crate) async fn gallery() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = vec![0; 4_096];
                let read = stream.read(&mut request).await.unwrap_or_default();
                let request = String::from_utf8_lossy(&request[..read]).into_owned();
                let body: &[u8] = if request.starts_with("GET /a.png") {
                    PNG
                } else if request.starts_with("GET /b.png") {
                    b"<script>alert(1)</script>"
                } else {
                    return std::future::pending().await;
                };
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(body).await;
            });
        }
    });
    format!("http://{address}")
}
