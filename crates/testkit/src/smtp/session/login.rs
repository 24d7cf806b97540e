//! The log-in: AUTH and the mechanism's words.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Flow, MAX_AUTH, Session, say};
use crate::smtp::Stage;
use crate::smtp::auth::{self, Answer};
use crate::smtp::wire::{Line, Wire};

/// Failed log-ins on one connection.
const MAX_FAILURES: u32 = 3;

impl Session {
    pub(super) async fn auth(&mut self, wire: &mut Wire, rest: &str) -> io::Result<Flow> {
        if let Some(flow) = self.interfere(wire, Stage::Auth).await? {
            return Ok(flow);
        }
        if !self.secured {
            return say(wire, 538, "5.7.11 encryption required for authentication").await;
        }
        if self.hello.is_none()
            || !self.extended
            || self.user.is_some()
            || self.transaction.is_some()
        {
            return say(wire, 503, "5.5.1 AUTH is not possible now").await;
        }
        let (mechanism, initial) = match rest.split_once(' ') {
            Some((mechanism, word)) => (mechanism, Some(word.to_owned())),
            None => (rest, None),
        };
        let mechanism = mechanism.to_ascii_uppercase();
        if !self.server.mechanisms.contains(&mechanism) {
            return say(wire, 504, "5.5.4 mechanism not supported").await;
        }
        let token = self.server.oauth_token.lock().clone();
        let Some(answer) = exchange(wire, &mechanism, initial, &token).await? else {
            return say(wire, 501, "5.7.0 authentication cancelled").await;
        };
        match answer {
            Answer::User(user) => {
                self.user = Some(user);
                say(wire, 235, "2.7.0 ok").await
            }
            Answer::Malformed => say(wire, 501, "5.5.2 cannot decode").await,
            Answer::Wrong => {
                self.failures += 1;
                if self.failures == MAX_FAILURES {
                    wire.say(421, &["4.7.0 too many failed log-ins"]).await?;
                    return Ok(Flow::Close);
                }
                say(wire, 535, "5.7.8 authentication credentials invalid").await
            }
        }
    }
}

/// The words of a mechanism; `None` if the client gives up with `*`.
async fn exchange(
    wire: &mut Wire,
    mechanism: &str,
    initial: Option<String>,
    token: &str,
) -> io::Result<Option<Answer>> {
    let prompt = if mechanism == "LOGIN" {
        "VXNlcm5hbWU6"
    } else {
        ""
    };
    let first = match initial {
        Some(word) => word,
        None => match ask(wire, prompt).await? {
            Some(word) => word,
            None => return Ok(None),
        },
    };
    Ok(Some(match mechanism {
        "PLAIN" => auth::plain(&first),
        "LOGIN" => match ask(wire, "UGFzc3dvcmQ6").await? {
            Some(password) => auth::login(&first, &password),
            None => return Ok(None),
        },
        "OAUTHBEARER" => {
            let answer = auth::oauthbearer(&first, token);
            if answer == Answer::Wrong {
                let why = STANDARD.encode(r#"{"status":"invalid_token","scope":"mail"}"#);
                // The client must answer the reason with a lone ^A (RFC 7628 3.2.3).
                match ask(wire, &why).await? {
                    Some(word) if word == "AQ==" => {}
                    _ => return Ok(Some(Answer::Malformed)),
                }
            }
            answer
        }
        _ => {
            let answer = auth::xoauth2(&first, token);
            if answer == Answer::Wrong {
                let why = STANDARD.encode(r#"{"status":"400","schemes":"Bearer","scope":"mail"}"#);
                // The client answers the reason with an empty line and is then refused.
                match ask(wire, &why).await? {
                    Some(word) if word.is_empty() => {}
                    _ => return Ok(Some(Answer::Malformed)),
                }
            }
            answer
        }
    }))
}

async fn ask(wire: &mut Wire, prompt: &str) -> io::Result<Option<String>> {
    wire.say(334, &[prompt]).await?;
    match wire.line(MAX_AUTH).await? {
        Line::Whole(line) if line != b"*" => Ok(Some(String::from_utf8_lossy(&line).into_owned())),
        Line::Whole(_) | Line::BadEnding | Line::TooLong => Ok(None),
        Line::End => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
