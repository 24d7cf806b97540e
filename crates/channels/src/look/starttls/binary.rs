//! Protocols of packets: LDAP (RFC 4511, 4.14), PostgreSQL's SSLRequest
//! (<https://www.postgresql.org/docs/current/protocol-flow.html>) and MySQL's
//! (<https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html>).

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Talk, other};

/// Length 8, then the number that stands for "TLS, please".
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
/// Longest packet that is read, in bytes; greetings have some hundred.
const PACKET: usize = 4_096;
/// MySQL's capability to speak TLS, and those of every client since 4.1.
const CLIENT_SSL: u32 = 0x0800;
const CLIENT_PROTOCOL_41: u32 = 0x0200;
const CLIENT_SECURE_CONNECTION: u32 = 0x8000;
/// The name of LDAP's StartTLS operation.
const OID: &[u8] = b"1.3.6.1.4.1.1466.20037";

pub(super) async fn postgres<S: AsyncRead + AsyncWrite + Unpin>(
    talk: &mut Talk<S>,
) -> Result<(), String> {
    talk.say(&SSL_REQUEST).await?;
    match talk.byte().await? {
        b'S' => Ok(()),
        b'N' => Err("the PostgreSQL server speaks no TLS (ssl is off)".to_owned()),
        byte => Err(other(
            "it is no PostgreSQL server that takes us",
            &char::from(byte).to_string(),
        )),
    }
}

pub(super) async fn mysql<S: AsyncRead + AsyncWrite + Unpin>(
    talk: &mut Talk<S>,
) -> Result<(), String> {
    let head = talk.bytes(4).await?;
    let length = usize::from(head[0]) | usize::from(head[1]) << 8 | usize::from(head[2]) << 16;
    if length > PACKET {
        let said = String::from_utf8_lossy(&head).into_owned();
        return Err(other("it is no MySQL server", &said));
    }
    let greeting = talk.bytes(length).await?;
    let capabilities = match greeting.first() {
        Some(10) => capabilities(&greeting),
        // An error packet: a number of two bytes, then the words.
        Some(0xff) => {
            let words = String::from_utf8_lossy(greeting.get(3..).unwrap_or_default());
            return Err(other("the MySQL server turns us away", &words));
        }
        _ => None,
    };
    let Some(capabilities) = capabilities else {
        let said = String::from_utf8_lossy(&greeting).into_owned();
        return Err(other("it is no MySQL server", &said));
    };
    if u32::from(capabilities) & CLIENT_SSL == 0 {
        return Err("the MySQL server speaks no TLS".to_owned());
    }
    let ours = CLIENT_SSL | CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION;
    let mut request = vec![32, 0, 0, head[3].wrapping_add(1)];
    request.extend(ours.to_le_bytes());
    // Longest packet 16 MiB, character set utf8mb4, then nothing.
    request.extend((1_u32 << 24).to_le_bytes());
    request.push(45);
    request.resize(4 + 32, 0);
    talk.say(&request).await
}

/// The lower capabilities of a greeting: behind the version, the connection's number, eight bytes and one.
fn capabilities(greeting: &[u8]) -> Option<u16> {
    let version = greeting.get(1..)?.iter().position(|byte| *byte == 0)?;
    let at = 1 + version + 1 + 4 + 8 + 1;
    let bytes = greeting.get(at..at + 2)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

pub(super) async fn ldap<S: AsyncRead + AsyncWrite + Unpin>(
    talk: &mut Talk<S>,
) -> Result<(), String> {
    // LDAPMessage { messageID 1, extendedReq [APPLICATION 23] { requestName [0] } }
    let mut request = vec![0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16];
    request.extend(OID);
    talk.say(&request).await?;
    let begin = talk.byte().await?;
    let length = length(talk).await?;
    if begin != 0x30 || length > PACKET {
        let said = char::from(begin).to_string();
        return Err(other("it is no LDAP server", &said));
    }
    let message = talk.bytes(length).await?;
    match result(&message) {
        Some((0, _)) => Ok(()),
        Some((code, words)) => {
            let wanted = format!("it refuses StartTLS (result {code})");
            Err(other(&wanted, &words))
        }
        None => Err("it is no LDAP server: its answer cannot be read".to_owned()),
    }
}

/// A length of BER (X.690, 8.1.3), as far as any answer needs it.
async fn length<S: AsyncRead + AsyncWrite + Unpin>(talk: &mut Talk<S>) -> Result<usize, String> {
    let first = talk.byte().await?;
    if first < 0x80 {
        return Ok(usize::from(first));
    }
    let bytes = talk.bytes(usize::from(first & 0x7f).min(4)).await?;
    Ok(bytes
        .iter()
        .fold(0, |length, byte| length << 8 | usize::from(*byte)))
}

/// The result of an extended response, and the server's words with it.
fn result(message: &[u8]) -> Option<(u8, String)> {
    let (_, rest) = part(message, 0x02)?;
    let (response, _) = part(rest, 0x78)?;
    let (code, rest) = part(response, 0x0a)?;
    let (_, rest) = part(rest, 0x04)?;
    let words = part(rest, 0x04).map(|(words, _)| words).unwrap_or_default();
    Some((*code.first()?, String::from_utf8_lossy(words).into_owned()))
}

/// What stands in the next part, if it has this tag, and what follows it.
fn part(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (short, rest) = rest.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = if *short < 0x80 {
        (usize::from(*short), rest)
    } else {
        let count = usize::from(short & 0x7f);
        let (bytes, rest) = rest.split_at_checked(count).filter(|_| count <= 4)?;
        let length = bytes
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte));
        (length, rest)
    };
    rest.split_at_checked(length)
}
