//! Which mail server, how the way there is protected, and who we are to it.

use std::path::PathBuf;

use balefire_core::secret::Secret;
use serde_json::Value;

use super::token::{Token, is_token};
use crate::http::{ClientCertificate, TlsSettings};
use crate::options::Options;

/// How the connection is protected. There is no "if offered": a downgrade would be silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protection {
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// STARTTLS, or nothing is sent (RFC 3207).
    StartTls,
    /// No TLS, to private addresses only and without log-in beyond loopback: Alertmanager's `require_tls: false`.
    PlainPrivate,
    /// No TLS, to this machine only.
    PlainLoopback,
}

/// The words in the configuration.
pub(super) const PROTECTIONS: &[&str] = &["implicit", "starttls", "none_loopback"];

/// A log-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Login {
    /// The user, as a rule the whole address.
    pub(super) user: String,
    /// What shows that it is them.
    pub(super) proof: Proof,
    /// Whom to act for (PLAIN's first part); empty as a rule.
    pub(super) identity: String,
}

/// What a log-in is proven with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// The password or authorization code.
    Password(Secret),
    /// An OAuth access token.
    Token(Token),
}

/// A mail server as it is reached; what is equal may share connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    /// Host name or address.
    pub(super) host: String,
    /// Port.
    pub(super) port: u16,
    /// TLS mode.
    pub(super) protection: Protection,
    /// Trust and our certificate.
    pub(super) tls: TlsSettings,
    /// Log-in; none for a relay that knows us by address.
    pub(super) login: Option<Login>,
    /// The name in EHLO; `None` for this machine's.
    pub(super) hello: Option<String>,
}

/// A provider's server and port with implicit TLS, else STARTTLS (wire/smtp.md section 7).
pub(super) const PRESETS: &[(&str, &str, u16, Protection)] = &[
    ("qq", "smtp.qq.com", 465, Protection::Implicit),
    ("exmail", "smtp.exmail.qq.com", 465, Protection::Implicit),
    ("163", "smtp.163.com", 465, Protection::Implicit),
    ("126", "smtp.126.com", 465, Protection::Implicit),
    ("aliyun", "smtp.qiye.aliyun.com", 465, Protection::Implicit),
    ("aliyun_dm", "smtpdm.aliyun.com", 465, Protection::Implicit),
    ("gmail", "smtp.gmail.com", 465, Protection::Implicit),
    (
        "gmail_relay",
        "smtp-relay.gmail.com",
        465,
        Protection::Implicit,
    ),
    ("outlook", "smtp.office365.com", 587, Protection::StartTls),
    (
        "outlook_com",
        "smtp-mail.outlook.com",
        587,
        Protection::StartTls,
    ),
    ("sendgrid", "smtp.sendgrid.net", 465, Protection::Implicit),
];

/// The names of [`PRESETS`].
pub(super) const PRESET_NAMES: &[&str] = &[
    "qq",
    "exmail",
    "163",
    "126",
    "aliyun",
    "aliyun_dm",
    "gmail",
    "gmail_relay",
    "outlook",
    "outlook_com",
    "sendgrid",
];

impl Server {
    /// From the options; problems are noted there. `tls` are the account's own settings.
    pub(super) fn read(options: &mut Options<'_>, tls: &TlsSettings) -> Option<Self> {
        let preset = options
            .text("preset")
            .and_then(|name| PRESETS.iter().find(|(preset, ..)| *preset == name));
        let (host, port) = place(options, preset.map(|(_, host, port, _)| (*host, *port)))?;
        Some(Self {
            protection: protection(options, port, preset.map(|(.., protection)| *protection)),
            tls: own_tls(options).unwrap_or_else(|| tls.clone()),
            login: login(options),
            // Alertmanager's default names nobody, and servers mark mail down for it.
            hello: options
                .text("hello")
                .filter(|name| *name != "localhost")
                .map(ToOwned::to_owned),
            host,
            port,
        })
    }

    /// What to do when the log-in is refused.
    pub(super) fn login_advice(&self) -> &'static str {
        if let Some(Proof::Token(_)) = self.login.as_ref().map(|login| &login.proof) {
            return "the token is over, is for another mailbox, or lacks the right to send by SMTP: renew it \
                    (an access token lives for about an hour, so let oauth_token_path name a file that is \
                    renewed), and check its scope";
        }
        let at = |domain: &str| self.host == domain || self.host.ends_with(&format!(".{domain}"));
        if at("qq.com") && !at("exmail.qq.com") || at("163.com") || at("126.com") {
            "this provider wants an authorization code (授权码), not the mailbox password: switch SMTP on in \
             the mailbox's settings, create a code there and use it as password; changing the mailbox \
             password revokes it"
        } else if at("exmail.qq.com") {
            "use a client-specific password (客户端专用密码) when secure log-in is on, and the whole address as \
             user"
        } else if at("gmail.com") {
            "switch 2-step verification on and use an app password, not the account's password"
        } else if at("office365.com") || at("outlook.com") {
            "Microsoft is switching passwords off for SMTP: give oauth_token_path with a file that holds an \
             access token, allow authenticated SMTP for the mailbox, or send through a relay"
        } else {
            "check user and password; many providers want a separate password or code for SMTP"
        }
    }
}

fn place(options: &mut Options<'_>, preset: Option<(&str, u16)>) -> Option<(String, u16)> {
    if let Some(smarthost) = options.text("smarthost") {
        let split = smarthost
            .rsplit_once(':')
            .and_then(|(host, port)| Some((host, port.parse().ok()?)));
        return match split {
            Some((host, port)) if !host.is_empty() => Some((bare(host), port)),
            _ => {
                options.problem(
                    "smarthost",
                    format!("{smarthost:?} is not host:port"),
                    "write mail.example.com:587",
                );
                None
            }
        };
    }
    let port = options
        .integer("port")
        .and_then(|port| u16::try_from(port).ok());
    match (options.text("host"), preset) {
        (Some(host), preset) => Some((
            bare(host),
            port.or(preset.map(|(_, port)| port)).unwrap_or(465),
        )),
        (None, Some((host, default))) => Some((host.to_owned(), port.unwrap_or(default))),
        (None, None) => {
            options.problem(
                "host",
                "is missing",
                "name the mail server: host, preset, or smarthost in the receiver",
            );
            None
        }
    }
}

/// `[::1]` as Go writes it, without its brackets.
fn bare(host: &str) -> String {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned()
}

fn protection(options: &Options<'_>, port: u16, preset: Option<Protection>) -> Protection {
    let by_port = if port == 465 || port == 994 || port == 2465 {
        Protection::Implicit
    } else {
        Protection::StartTls
    };
    if options.boolean("force_implicit_tls") == Some(true) {
        return Protection::Implicit;
    }
    match options.text("tls") {
        Some("implicit") => Protection::Implicit,
        Some("starttls") => Protection::StartTls,
        Some("none_loopback") => Protection::PlainLoopback,
        // Alertmanager takes 465 for implicit TLS whatever `require_tls` says.
        _ if by_port == Protection::Implicit => by_port,
        _ if options.boolean("require_tls") == Some(false) => Protection::PlainPrivate,
        _ if options.integer("port").is_none() => preset.unwrap_or(by_port),
        _ => by_port,
    }
}

fn login(options: &mut Options<'_>) -> Option<Login> {
    let user = options
        .text("auth_username")
        .or_else(|| options.text("user"));
    let password = options
        .secret("auth_password")
        .or_else(|| options.secret("password"));
    if password.is_none() && options.text("auth_secret").is_some() {
        options.problem(
            "auth_secret",
            "CRAM-MD5 is not spoken",
            "give auth_password, which goes over TLS",
        );
    }
    let proof = token(options)
        .map(Proof::Token)
        .or(password.map(Proof::Password));
    match (user, proof) {
        (Some(user), Some(proof)) => Some(Login {
            user: user.to_owned(),
            proof,
            identity: options.text("auth_identity").unwrap_or_default().to_owned(),
        }),
        (Some(_), None) if options.text("user").is_some() => {
            options.problem(
                "password",
                "is missing, but user is set",
                "give the password or authorization code, or oauth_token or oauth_token_path",
            );
            None
        }
        (None, Some(Proof::Token(_))) => {
            options.problem(
                "user",
                "is missing, but a token is given",
                "name the mailbox that the token is for",
            );
            None
        }
        _ => None,
    }
}

/// The bearer token; it goes before a password.
fn token(options: &mut Options<'_>) -> Option<Token> {
    match (
        options.text("oauth_token"),
        options.text("oauth_token_path"),
    ) {
        (None, None) => None,
        (Some(token), None) => {
            if !is_token(token) {
                options.problem(
                    "oauth_token",
                    "is not a token: it holds blanks or hidden characters, or is longer than 8 KB",
                    "give the access token alone, without Bearer before it",
                );
            }
            Some(Token::Fixed(Secret::new(token)))
        }
        (None, Some(path)) => {
            let path = PathBuf::from(path);
            if !path.is_absolute() {
                let problem = format!("{} is not a whole path", path.display());
                let fix = "begin with /: it is read at every log-in, long after the document";
                options.problem("oauth_token_path", problem, fix);
            }
            Some(Token::File(path))
        }
        (Some(token), Some(_)) => {
            let problem = "oauth_token is given as well";
            options.problem("oauth_token_path", problem, "keep one of the two");
            Some(Token::Fixed(Secret::new(token)))
        }
    }
}

/// The receiver's own `tls_config`.
fn own_tls(options: &Options<'_>) -> Option<TlsSettings> {
    let given = options.value("tls_config")?;
    let text = |key: &str| {
        given
            .get(key)
            .and_then(Value::as_str)
            .map(ToOwned::to_owned)
    };
    let client = text("cert")
        .zip(text("key"))
        .map(|(chain_pem, key)| ClientCertificate {
            chain_pem,
            key_pem: Secret::new(key),
        });
    Some(TlsSettings {
        ca_pem: text("ca"),
        client,
        server_name: text("server_name"),
        insecure_skip_verify: given.get("insecure_skip_verify").and_then(Value::as_bool)
            == Some(true),
        tls13_only: text("min_version").as_deref() == Some("TLS13"),
    })
}
