//! From a server's name to a connection on which mail may go: guarded look-up, TCP, TLS, EHLO, log-in.
//!
//! STARTTLS is done here and not by the library, because what a server (or somebody in between) sends
//! after its `220` and before TLS must not be read as an answer inside TLS.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::features::Features;
use super::login::log_in;
use super::reply::{Step, failed, refused};
use super::server::{Protection, Server};
use super::wire::{Line, Watch, Wire};
use crate::error::{ErrorKind, SendError};
use crate::http::guard::is_public;
use crate::http::resolver::{ResolveError, Resolver};
use crate::http::{excerpt, tls};

/// Time for one address to answer.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest reply before TLS.
const MAX_REPLY: usize = 8 * 1024;

/// A connection after EHLO and log-in.
pub(super) struct Connection {
    /// The library's command level.
    pub(super) smtp: AsyncSmtpConnection,
    /// What the server can do.
    pub(super) features: Features,
    /// Knows whether the end of a mail has been written.
    pub(super) watch: Arc<Watch>,
    /// Mails that were handed over on it.
    pub(super) mails: u32,
}

/// Connects and logs in.
pub(super) async fn connect(server: &Server, resolver: &Resolver) -> Result<Connection, SendError> {
    let (stream, loopback) = reach(server, resolver).await?;
    let hello = match &server.hello {
        Some(name) => ClientId::Domain(name.clone()),
        None => ClientId::default(),
    };
    let (line, greeting) = match server.protection {
        Protection::Implicit => (encrypted(server, stream).await?, Vec::new()),
        Protection::StartTls => {
            let mut stream = stream;
            let greeting = start_tls(&mut stream, &hello).await?;
            (encrypted(server, stream).await?, greeting)
        }
        Protection::PlainPrivate | Protection::PlainLoopback => (Line::Plain(stream), Vec::new()),
    };
    let protected = matches!(line, Line::Tls(_));
    let (wire, watch) = Wire::new(line, greeting);
    let mut smtp = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &hello)
        .await
        .map_err(|e| failed(Step::Greeting, &e, ""))?;
    let features = Features::read(&watch.take_heard());
    if let Some(login) = &server.login {
        if !protected && !loopback {
            return Err(SendError::new(
                ErrorKind::Misconfigured,
                "the password would go in clear text",
            )
            .fix("use TLS (tls: implicit or starttls), or remove the log-in for this relay"));
        }
        log_in(&mut smtp, &features, login, server).await?;
    }
    Ok(Connection {
        smtp,
        features,
        watch,
        mails: 0,
    })
}

/// A TCP connection to one of the server's addresses, and whether it stays on this machine.
async fn reach(server: &Server, resolver: &Resolver) -> Result<(TcpStream, bool), SendError> {
    let addresses = resolver.resolve(&server.host).await.map_err(|e| match e {
        ResolveError::Guarded(guard) => {
            SendError::new(ErrorKind::Misconfigured, guard.to_string()).fix(guard.fix())
        }
        lookup @ ResolveError::Lookup { .. } => {
            SendError::new(ErrorKind::Transient, lookup.to_string())
                .fix("check the mail server's name")
        }
    })?;
    plain_only_near(server, &addresses)?;
    let mut why = "no address".to_owned();
    for ip in addresses.iter().take(4) {
        let address = SocketAddr::new(*ip, server.port);
        match tokio::time::timeout(CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok((stream, ip.is_loopback())),
            Ok(Err(e)) => why = e.to_string(),
            Err(_) => why = format!("no answer within {} s", CONNECT.as_secs()),
        }
    }
    let detail = format!("cannot connect to {}:{}: {why}", server.host, server.port);
    Err(
        SendError::new(ErrorKind::Transient, detail).fix(if server.port == 25 {
            "most clouds block port 25 outwards: use 465 or 587"
        } else {
            "check host, port and firewall"
        }),
    )
}

fn plain_only_near(server: &Server, addresses: &[IpAddr]) -> Result<(), SendError> {
    let near = |ip: &IpAddr| match server.protection {
        Protection::Implicit | Protection::StartTls => true,
        Protection::PlainPrivate => !is_public(*ip),
        Protection::PlainLoopback => ip.is_loopback(),
    };
    if addresses.iter().all(near) {
        return Ok(());
    }
    let detail = format!("mail to {} would go in clear text", server.host);
    Err(SendError::new(ErrorKind::Misconfigured, detail).fix(
        "use TLS (tls: implicit or starttls); without TLS only this machine (tls: none_loopback) or a \
         private network (require_tls: false) is reached",
    ))
}

async fn encrypted(server: &Server, stream: TcpStream) -> Result<Line, SendError> {
    let broken = |detail: String| SendError::new(ErrorKind::Misconfigured, detail);
    let config = tls::client_config(&server.tls, &[]).map_err(|e| broken(e.to_string()))?;
    let name = ServerName::try_from(server.host.clone())
        .map_err(|_| broken(format!("{:?} is not a server name", server.host)))?;
    let connected = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await;
    connected.map(|stream| Line::Tls(Box::new(stream))).map_err(|e| {
        SendError::new(ErrorKind::Transient, excerpt(&format!("TLS with {}: {e}", server.host))).fix(
            "check that the port speaks TLS at once (465) or after STARTTLS (587), and name a private CA in \
             tls_config.ca_file",
        )
    })
}

/// The clear-text part of STARTTLS; answers the server's greeting for the library to read again.
async fn start_tls(stream: &mut TcpStream, hello: &ClientId) -> Result<Vec<u8>, SendError> {
    let mut buffer = Vec::new();
    let greeting = read_reply(stream, &mut buffer).await?;
    accepted(&greeting, 220)?;
    command(stream, &format!("EHLO {hello}\r\n")).await?;
    let features = read_reply(stream, &mut buffer).await?;
    accepted(&features, 250)?;
    let offered = features
        .lines()
        .filter_map(|line| line.get(4..))
        .any(|keyword| keyword.trim().eq_ignore_ascii_case("STARTTLS"));
    if !offered {
        return Err(SendError::new(ErrorKind::Misconfigured, "the server does not offer STARTTLS")
            .fix("nothing is sent in clear text: use tls: implicit (port 465), or ask whether somebody strips TLS on the way"));
    }
    command(stream, "STARTTLS\r\n").await?;
    let answer = read_reply(stream, &mut buffer).await?;
    accepted(&answer, 220)?;
    if !buffer.is_empty() {
        return Err(SendError::new(
            ErrorKind::Transient,
            "the server sent more than its answer before TLS",
        )
        .fix("somebody may be injecting commands on the way to the mail server"));
    }
    Ok(greeting.into_bytes())
}

async fn command(stream: &mut TcpStream, line: &str) -> Result<(), SendError> {
    stream
        .write_all(line.as_bytes())
        .await
        .map_err(|e| before_tls(&e.to_string()))
}

fn before_tls(why: &str) -> SendError {
    SendError::new(ErrorKind::Transient, format!("before TLS: {why}"))
}

fn accepted(reply: &str, expected: u16) -> Result<(), SendError> {
    let code = reply
        .get(..3)
        .and_then(|code| code.parse().ok())
        .unwrap_or(0);
    if code == expected {
        return Ok(());
    }
    Err(refused(
        Step::Greeting,
        code,
        reply.get(4..).unwrap_or_default(),
        "",
    ))
}

/// One reply, all its lines; what came after it stays in `buffer`.
async fn read_reply(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<String, SendError> {
    let mut chunk = [0; 1024];
    loop {
        if let Some(end) = reply_end(buffer) {
            let reply: Vec<u8> = buffer.drain(..end).collect();
            return String::from_utf8(reply).map_err(|_| before_tls("an answer that is no text"));
        }
        if buffer.len() > MAX_REPLY {
            return Err(before_tls("an answer without end"));
        }
        match stream.read(&mut chunk).await {
            Ok(0) => return Err(before_tls("the server closed the connection")),
            Ok(read) => buffer.extend_from_slice(&chunk[..read]),
            Err(e) => return Err(before_tls(&e.to_string())),
        }
    }
}

/// Where the first whole reply ends: after the first line that does not continue (`NNN-`).
fn reply_end(buffer: &[u8]) -> Option<usize> {
    let mut start = 0;
    while let Some(length) = buffer[start..].iter().position(|byte| *byte == b'\n') {
        let line = &buffer[start..start + length];
        start += length + 1;
        if line.get(3) != Some(&b'-') {
            return Some(start);
        }
    }
    None
}
