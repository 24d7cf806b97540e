//! `server`, `access`, `meta` and `retention`: the node itself and who may call it.

use balefire_core::field::{Field, Kind};

/// What a token or user may do.
pub const SCOPES: &[&str] = &["ingest", "read", "write", "admin"];

static SCOPE: Kind = Kind::OneOf(SCOPES);

static LISTENER_TLS: [Field; 3] = [
    Field::required(
        "cert_file",
        Kind::Text,
        "PEM file with our certificate and its chain.",
    ),
    Field::required("key_file", Kind::Text, "PEM file with its key."),
    Field::optional(
        "client_ca_file",
        Kind::Text,
        "PEM file with the authorities whose clients are let in; without it no certificate is asked for.",
    ),
];

static SMTP: [Field; 4] = [
    Field::required(
        "listen",
        Kind::Text,
        "Address and port to take mails at, as in 0.0.0.0:25.",
    ),
    Field::optional(
        "networks",
        Kind::List(&Kind::Text),
        "Networks whose mails are taken: addresses, networks, loopback, private.",
    )
    .or("[loopback, private]"),
    Field::optional(
        "tls",
        Kind::OneOf(&["offered", "required"]),
        "Whether mails are taken without STARTTLS, which is offered when server.tls has a certificate; required where its clients must show one.",
    ),
    Field::optional(
        "reply_domain",
        Kind::Text,
        "The domain, as in alerts.example.com, at which this listener takes answers: our mails then ask to be answered to ack+TOKEN@ it, and an answer acknowledges.",
    ),
];

/// `server`.
pub static SERVER: [Field; 11] = [
    Field::optional("listen", Kind::Text, "Address and port to listen at.").or("127.0.0.1:9119"),
    Field::optional(
        "external_url",
        Kind::Url,
        "How others reach us; the links in messages begin with it.",
    ),
    Field::optional("data", Kind::Text, "Folder of the embedded store.").or("./balefire-data"),
    Field::optional(
        "store",
        Kind::Secret,
        "postgres://… or mysql://…: a database instead of the embedded store; one node at a time may use it.",
    ),
    Field::optional("route_prefix", Kind::Text, "What all our paths begin with.").or("/"),
    Field::optional(
        "tls",
        Kind::Record(&LISTENER_TLS),
        "Certificate of our listener; plain HTTP without it.",
    ),
    Field::optional(
        "smtp",
        Kind::Record(&SMTP),
        "Where mails for sources of kind mail are taken; nowhere without it.",
    ),
    Field::optional(
        "locale",
        Kind::OneOf(LOCALES),
        "Language where nobody says otherwise.",
    )
    .or("en"),
    Field::optional(
        "timezone",
        Kind::TimeZone,
        "Zone where nobody says otherwise.",
    )
    .or("UTC"),
    Field::optional(
        "ingest_bytes",
        Kind::Integer(1 << 20, 16 << 30),
        "Bytes of request bodies in flight at once; above it senders are told to wait.",
    )
    .or("268435456"),
    Field::optional(
        "commands",
        Kind::List(&Kind::Text),
        "Files that accounts of the kind command may run, with their whole paths; none unless they stand here.",
    ),
];

/// The languages.
pub const LOCALES: &[&str] = &["en", "zh-CN"];

static TOKEN: [Field; 2] = [
    Field::required(
        "token",
        Kind::Secret,
        "The token's text, at least 16 characters.",
    ),
    Field::optional("scopes", Kind::List(&SCOPE), "What it may do.").or("[ingest]"),
];

static TOKEN_KIND: Kind = Kind::Record(&TOKEN);

static USER: [Field; 2] = [
    Field::required(
        "password",
        Kind::Secret,
        "The password, at least 8 characters, or its hash: of argon2 (balefire hash-password) or bcrypt.",
    ),
    Field::optional("scopes", Kind::List(&SCOPE), "What the user may do.").or("[read, write]"),
];

static USER_KIND: Kind = Kind::Record(&USER);

static RULE: [Field; 3] = [
    Field::required("path", Kind::Text, "The paths that begin so."),
    Field::optional(
        "networks",
        Kind::List(&Kind::Text),
        "Networks that may call; any without it.",
    ),
    Field::optional("token", Kind::Bool, "Whether a token is asked for.").or("true"),
];

static RULE_KIND: Kind = Kind::Record(&RULE);

static EGRESS: [Field; 2] = [
    Field::optional(
        "strict",
        Kind::Bool,
        "Whether calls of this document's own (accounts, receivers, mail servers, the heartbeat) reach public addresses and those of allow only; else they reach all but cloud metadata.",
    )
    .or("false"),
    Field::optional(
        "allow",
        Kind::List(&Kind::Text),
        "What strict leaves open besides public addresses: networks, addresses, loopback, private, names (hook.corp, *.corp).",
    ),
];

/// `access`.
pub static ACCESS: [Field; 5] = [
    Field::optional("tokens", Kind::Map(&TOKEN_KIND), "Bearer tokens by name."),
    Field::optional(
        "users",
        Kind::Map(&USER_KIND),
        "Users for basic authentication by log-in name.",
    ),
    Field::optional(
        "rules",
        Kind::List(&RULE_KIND),
        "Who may call which paths; the first that fits decides.",
    ),
    Field::optional(
        "egress",
        Kind::Record(&EGRESS),
        "Where our own calls may go.",
    ),
    Field::optional(
        "trusted_proxies",
        Kind::List(&Kind::Text),
        "Networks of proxies whose forwarding headers are believed.",
    ),
];

/// `meta`.
pub static META: [Field; 3] = [
    Field::optional(
        "receiver",
        Kind::Text,
        "Who is told of Balefire's own alarms: dead letters, broken templates, a full disk.",
    ),
    Field::optional(
        "heartbeat_url",
        Kind::SecretUrl,
        "A URL that is called while all is well.",
    ),
    Field::optional("heartbeat_every", Kind::Duration, "How often it is called.").or("1m"),
];

/// `files`.
pub static FILES: [Field; 3] = [
    Field::optional(
        "upload_bytes",
        Kind::Integer(1, 64 << 30),
        "Most bytes of one file.",
    )
    .or("104857600"),
    Field::optional(
        "count",
        Kind::Integer(0, 1_000_000),
        "Most files in all; one more is refused until some are deleted.",
    )
    .or("10000"),
    Field::optional(
        "bytes",
        Kind::Integer(0, i64::MAX),
        "Most bytes of all files together; they do not count as the store's own in retention.",
    )
    .or("10737418240"),
];

/// `retention`.
pub static RETENTION: [Field; 3] = [
    Field::optional(
        "age",
        Kind::Duration,
        "How long events, decisions and deliveries are kept.",
    )
    .or("30d"),
    Field::optional(
        "bytes",
        Kind::Integer(16 << 20, i64::MAX),
        "Most bytes of the store; the oldest go first.",
    )
    .or("10737418240"),
    Field::optional(
        "silences",
        Kind::Duration,
        "How long expired silences are kept.",
    )
    .or("120h"),
];
