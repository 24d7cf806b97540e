//! The log-in: which mechanism, and its words.
//!
//! PLAIN where it is offered, else LOGIN, answered by order and not by the prompts' words, which differ from
//! server to server. With a token XOAUTH2 (Google's and Microsoft's), else OAUTHBEARER (RFC 7628).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::transport::smtp::client::AsyncSmtpConnection;

use super::features::Features;
use super::reply::{Step, failed};
use super::server::{Login, Proof, Server};
use crate::error::{ErrorKind, SendError};
use crate::http::excerpt;

/// A line of the dialogue as it goes out; never shown.
struct Raw(String);

impl std::fmt::Display for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\r\n", self.0)
    }
}

/// Logs in by the best mechanism that both sides have.
pub(super) async fn log_in(
    smtp: &mut AsyncSmtpConnection,
    features: &Features,
    login: &Login,
    server: &Server,
) -> Result<(), SendError> {
    match &login.proof {
        Proof::Password(password) => {
            let lines = password_lines(features, login, password.reveal())?;
            for line in lines {
                smtp.command(Raw(line))
                    .await
                    .map_err(|e| failed(Step::LogIn, &e, server.login_advice()))?;
            }
            Ok(())
        }
        Proof::Token(token) => {
            let secret = token.read().await?;
            let words = bearer_words(features, &login.user, secret.reveal(), server)?;
            let mut refused = present(smtp, words, server.login_advice()).await;
            // A renewed token may be there already; the delivery tries again at once, and reads anew.
            if let Err(error) = &mut refused
                && error.kind == ErrorKind::Misconfigured
                && token.is_renewed()
            {
                error.kind = ErrorKind::StaleCredential;
            }
            refused
        }
    }
}

fn password_lines(
    features: &Features,
    login: &Login,
    password: &str,
) -> Result<Vec<String>, SendError> {
    if features.offers("PLAIN") {
        let parts = format!("{}\0{}\0{password}", login.identity, login.user);
        return Ok(vec![format!("AUTH PLAIN {}", STANDARD.encode(parts))]);
    }
    if features.offers("LOGIN") {
        return Ok(vec![
            "AUTH LOGIN".to_owned(),
            STANDARD.encode(&login.user),
            STANDARD.encode(password),
        ]);
    }
    let wants_token = features.offers("XOAUTH2") || features.offers("OAUTHBEARER");
    Err(no_mechanism(features, "a password goes with PLAIN and LOGIN").fix(if wants_token {
        "this server wants an OAuth token: give oauth_token or oauth_token_path instead of the password"
    } else {
        "have the server offer PLAIN or LOGIN over TLS (CRAM-MD5 and the like are not spoken), or leave the \
         log-in out where the server knows us by address"
    }))
}

/// A mechanism's command, and what is said to the server's reason for a refusal.
struct Bearer {
    command: String,
    to_reason: &'static str,
}

fn bearer_words(
    features: &Features,
    user: &str,
    token: &str,
    server: &Server,
) -> Result<Bearer, SendError> {
    if features.offers("XOAUTH2") {
        let words = format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}");
        return Ok(Bearer {
            command: format!("AUTH XOAUTH2 {}", STANDARD.encode(words)),
            to_reason: "",
        });
    }
    if features.offers("OAUTHBEARER") {
        // A saslname (RFC 5801 section 4) holds neither of the two.
        let user = user.replace('=', "=3D").replace(',', "=2C");
        let (host, port) = (&server.host, server.port);
        let words = format!(
            "n,a={user},\u{1}host={host}\u{1}port={port}\u{1}auth=Bearer {token}\u{1}\u{1}"
        );
        return Ok(Bearer {
            command: format!("AUTH OAUTHBEARER {}", STANDARD.encode(words)),
            // A lone ^A.
            to_reason: "AQ==",
        });
    }
    Err(
        no_mechanism(features, "a token goes with XOAUTH2 and OAUTHBEARER")
            .fix("give user and password, or another server: this one takes no OAuth tokens"),
    )
}

/// A refused token is answered in two steps: a reason that the client acknowledges, then the refusal.
async fn present(
    smtp: &mut AsyncSmtpConnection,
    words: Bearer,
    advice: &'static str,
) -> Result<(), SendError> {
    let refused = |e| failed(Step::LogIn, &e, advice);
    let answer = smtp.command(Raw(words.command)).await.map_err(refused)?;
    if !answer.has_code(334) {
        return Ok(());
    }
    let to_reason = Raw(words.to_reason.to_owned());
    let after = smtp.command(to_reason).await.map_err(refused)?;
    let detail = excerpt(&format!("AUTH: {} after a refused token", after.code()));
    Err(SendError::new(ErrorKind::Misconfigured, detail).fix(advice))
}

fn no_mechanism(features: &Features, ours: &str) -> SendError {
    let detail = format!("the server offers {}; {ours}", features.mechanisms());
    SendError::new(ErrorKind::Misconfigured, excerpt(&detail))
}
