//! `http_config` and `tls_config`: how an account's requests leave the house. The keys are those of
//! Prometheus' common HTTP client, so that a document moves over unchanged.

use balefire_core::field::{Field, Kind};

/// Versions of TLS that may be asked for; older ones are not spoken.
const TLS_VERSIONS: Kind = Kind::OneOf(&["TLS12", "TLS13"]);

/// `tls_config`.
pub static TLS: [Field; 9] = [
    Field::optional(
        "ca",
        Kind::Text,
        "PEM of the authorities that are trusted, instead of the system's.",
    ),
    Field::optional("ca_file", Kind::Text, "A file with the same."),
    Field::optional(
        "cert",
        Kind::Text,
        "PEM of our certificate, for servers that ask for one.",
    ),
    Field::optional("cert_file", Kind::Text, "A file with the same."),
    Field::optional("key", Kind::Secret, "PEM of the certificate's key."),
    Field::optional("key_file", Kind::Text, "A file with the same."),
    Field::optional(
        "server_name",
        Kind::Text,
        "The name the server's certificate must bear, when it is not the URL's.",
    ),
    Field::optional(
        "insecure_skip_verify",
        Kind::Bool,
        "Takes any certificate; for a laboratory only.",
    )
    .or("false"),
    Field::optional(
        "min_version",
        TLS_VERSIONS,
        "The oldest TLS version that is spoken.",
    )
    .or("TLS12"),
];

/// `basic_auth`.
pub static BASIC_AUTH: [Field; 4] = [
    Field::optional("username", Kind::Text, "The name."),
    Field::optional("username_file", Kind::Text, "A file with the name."),
    Field::optional("password", Kind::Secret, "The password."),
    Field::optional("password_file", Kind::Text, "A file with the password."),
];

/// `authorization`.
pub static AUTHORIZATION: [Field; 3] = [
    Field::optional(
        "type",
        Kind::Text,
        "The scheme in the Authorization header.",
    )
    .or("Bearer"),
    Field::optional("credentials", Kind::Secret, "What follows the scheme."),
    Field::optional("credentials_file", Kind::Text, "A file with the same."),
];

/// One of `http_headers`.
static HEADER: [Field; 3] = [
    Field::optional(
        "values",
        Kind::List(&Kind::Text),
        "Values that may be shown.",
    ),
    Field::optional("secrets", Kind::List(&Kind::Secret), "Values that may not."),
    Field::optional("files", Kind::List(&Kind::Text), "Files with values."),
];

static HEADER_KIND: Kind = Kind::Record(&HEADER);

/// `http_config`.
pub static HTTP: [Field; 12] = [
    Field::optional(
        "basic_auth",
        Kind::Record(&BASIC_AUTH),
        "Name and password with every request.",
    ),
    Field::optional(
        "authorization",
        Kind::Record(&AUTHORIZATION),
        "An Authorization header with every request.",
    ),
    Field::optional(
        "bearer_token",
        Kind::Secret,
        "Short for authorization with credentials.",
    ),
    Field::optional(
        "bearer_token_file",
        Kind::Text,
        "A file with the bearer token.",
    ),
    Field::optional(
        "proxy_url",
        Kind::Secret,
        "The proxy: http, https, socks5 or socks5h.",
    ),
    Field::optional(
        "no_proxy",
        Kind::TextOrList,
        "Names, suffixes and networks that are reached without the proxy.",
    ),
    Field::optional(
        "proxy_from_environment",
        Kind::Bool,
        "Takes the proxy from the first of HTTPS_PROXY, HTTP_PROXY and ALL_PROXY that is set, for all calls, and no_proxy from NO_PROXY.",
    )
    .or("false"),
    Field::optional(
        "proxy_connect_header",
        Kind::Map(&Kind::List(&Kind::Secret)),
        "Headers for the proxy itself, a list of values for each name.",
    ),
    Field::optional(
        "http_headers",
        Kind::Map(&HEADER_KIND),
        "Headers with every request.",
    ),
    Field::optional(
        "follow_redirects",
        Kind::Bool,
        "Accepted as in Alertmanager; redirects are never followed.",
    )
    .or("false"),
    Field::optional("enable_http2", Kind::Bool, "Whether HTTP/2 is spoken where a server offers it.").or("true"),
    Field::optional(
        "tls_config",
        Kind::Record(&TLS),
        "Authorities, our certificate, the server's name.",
    ),
];
