//! The keys.

use balefire_core::field::{Field, Kind};

use crate::dial;

pub(super) static ACCOUNT: [Field; 12] = [
    Field::required("host", Kind::Text, "The SMSC's name or address."),
    Field::optional(
        "port",
        Kind::Integer(1, 65_535),
        "Its port: 3550 when absent with TLS, 2775 without.",
    ),
    Field::optional(
        "tls",
        Kind::OneOf(&["required", "private", "none"]),
        "Whether the way there is encrypted: required; private for no TLS, to private addresses alone; none where a tunnel protects the way.",
    )
    .or("required"),
    Field::required("system_id", Kind::Text, "Who we are to the SMSC, up to 15 bytes."),
    Field::optional("password", Kind::Secret, "The password, up to 8 bytes."),
    Field::optional("password_file", Kind::Text, "A file with the password."),
    Field::optional("system_type", Kind::Text, "The kind of system, where the SMSC wants one."),
    SERVICE,
    FROM,
    ALPHABET,
    LONG,
    MAX_CHARS,
];

pub(super) static RECEIVER: [Field; 7] = [
    Field::required(
        "phones",
        Kind::TextOrList,
        "Numbers with their country (+442079460958); without one, of China's mainland.",
    ),
    SERVICE,
    FROM,
    ALPHABET,
    LONG,
    MAX_CHARS,
    dial::FIELD,
];

const SERVICE: Field = Field::optional(
    "service_type",
    Kind::Text,
    "The service, where the SMSC wants one.",
);
const FROM: Field = Field::optional(
    "from",
    Kind::Text,
    "The number with its country, the short code, or the name of up to 11 letters and digits that it comes from.",
);
const ALPHABET: Field = Field::optional(
    "alphabet",
    Kind::OneOf(&["gsm", "latin1", "ucs2"]),
    "How texts are written as far as the alphabet has their letters; what it has not goes as UCS-2.",
)
.or("gsm");
const LONG: Field = Field::optional(
    "long_messages",
    Kind::OneOf(&["udh", "sar", "payload"]),
    "How long texts go: in parts with heads that phones put together, in parts that the SMSC gives heads, or whole.",
)
.or("udh");
const MAX_CHARS: Field = Field::optional(
    "max_chars",
    Kind::Integer(40, 1_000),
    "Characters of one message; each part of it is paid for.",
)
.or("480");
