//! The keys of mail accounts and of `email_configs`.

use balefire_core::field::{Field, Kind};

use super::server::{PRESET_NAMES, PROTECTIONS};

/// Keys of an account.
pub(super) static ACCOUNT: [Field; 11] = [
    Field::optional(
        "preset",
        Kind::OneOf(PRESET_NAMES),
        "The provider; fills in host, port and tls.",
    ),
    Field::optional(
        "host",
        Kind::Text,
        "The mail server's name or address; required without preset.",
    ),
    Field::optional("port", Kind::Integer(1, 65_535), "Its port.").or("465"),
    Field::optional(
        "tls",
        Kind::OneOf(PROTECTIONS),
        "implicit: TLS at once; starttls: TLS after STARTTLS, else nothing is sent; none_loopback: none, for a relay on this machine only. By the port: 465 is implicit, all others starttls.",
    ),
    Field::optional(
        "user",
        Kind::Text,
        "Log-in name, as a rule the whole address; none for a relay that knows us by address.",
    ),
    Field::optional(
        "password",
        Kind::Secret,
        "Password; for QQ, 163 and 126 the authorization code (授权码), for Gmail an app password.",
    ),
    Field::optional("password_file", Kind::Text, "A file with the password."),
    Field::optional(
        "oauth_token",
        Kind::Secret,
        "An OAuth access token instead of a password (XOAUTH2, else OAUTHBEARER).",
    ),
    Field::optional(
        "oauth_token_path",
        Kind::Text,
        "A file with the token, by its whole path; read again at every log-in, so that another program can renew it.",
    ),
    Field::optional(
        "from",
        Kind::Text,
        "Sender, as address or Name <address>; most providers want the log-in's own. Default: user.",
    ),
    Field::optional(
        "hello",
        Kind::Text,
        "Our name in EHLO. Default: this machine's.",
    ),
];

static TLS: [Field; 9] = [
    Field::optional(
        "ca",
        Kind::Text,
        "PEM of authorities trusted besides the system's.",
    ),
    Field::optional("ca_file", Kind::Text, "A file with the same."),
    Field::optional("cert", Kind::Text, "PEM of our certificate."),
    Field::optional("cert_file", Kind::Text, "A file with the same."),
    Field::optional("key", Kind::Secret, "PEM of its key."),
    Field::optional("key_file", Kind::Text, "A file with the same."),
    Field::optional(
        "server_name",
        Kind::Text,
        "The name the server's certificate must bear, when it is not the host's.",
    ),
    Field::optional(
        "insecure_skip_verify",
        Kind::Bool,
        "Takes any certificate; for a laboratory only.",
    )
    .or("false"),
    Field::optional(
        "min_version",
        Kind::OneOf(&["TLS12", "TLS13"]),
        "The oldest TLS version that is spoken.",
    )
    .or("TLS12"),
];

static THREADING: [Field; 2] = [
    Field::optional(
        "enabled",
        Kind::Bool,
        "Accepted as in Alertmanager; mails of a group are always one thread.",
    ),
    Field::optional(
        "thread_by_date",
        Kind::Text,
        "Accepted as in Alertmanager; no effect.",
    ),
];

/// Keys of an entry: Alertmanager's own.
pub(super) static RECEIVER: [Field; 18] = [
    crate::picture::IMAGES,
    Field::required("to", Kind::TextOrList, "Recipients: addresses or Name <address>, in one text with commas or in a list."),
    Field::optional("from", Kind::GoTemplate, "Sender; goes before the account's."),
    Field::optional("smarthost", Kind::Text, "The mail server as host:port; goes before the account's."),
    Field::optional("hello", Kind::Text, "Our name in EHLO."),
    Field::optional("auth_username", Kind::Text, "Log-in name."),
    Field::optional("auth_password", Kind::Secret, "Password."),
    Field::optional("auth_password_file", Kind::Text, "A file with the password."),
    Field::optional("auth_secret", Kind::Secret, "Secret for CRAM-MD5, which is not spoken."),
    Field::optional("auth_secret_file", Kind::Text, "A file with the same."),
    Field::optional("auth_identity", Kind::Text, "Whom to act for, as PLAIN's identity."),
    Field::optional("require_tls", Kind::Bool, "false sends in clear text, to private addresses only and without log-in beyond this machine.").or("true"),
    Field::optional("force_implicit_tls", Kind::Bool, "TLS at once, whatever the port."),
    Field::optional("tls_config", Kind::Record(&TLS), "Authorities, our certificate, the server's name."),
    Field::optional("headers", Kind::Map(&Kind::GoTemplate), "More headers, Go templates among them."),
    Field::optional("html", Kind::GoTemplate, "A Go template is the HTML part, its values escaped; an empty text sends the plain part only; any other keeps our own page."),
    Field::optional("text", Kind::GoTemplate, "A Go template is the plain part; any other keeps our own."),
    Field::optional("threading", Kind::Record(&THREADING), "Accepted as in Alertmanager."),
];
