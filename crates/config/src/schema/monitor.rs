//! `monitors`: what expires and is looked at.

use balefire_core::field::{Field, Kind};

static MONITOR: [Field; 13] = [
    Field::required(
        "kind",
        Kind::OneOf(&["certificate", "domain", "date"]),
        "What expires: the certificate of a server, a domain, or anything on a date that is known.",
    ),
    Field::optional(
        "host",
        Kind::Text,
        "For a certificate: host:port of a server; without a port 443, or the one that starttls usually has.",
    ),
    Field::optional(
        "server_name",
        Kind::Text,
        "For a certificate: the name that is asked for, where it is not the host.",
    ),
    Field::optional(
        "starttls",
        Kind::OneOf(&[
            "smtp", "imap", "pop3", "ldap", "postgres", "mysql", "ftp", "xmpp",
        ]),
        "For a certificate: the protocol by which TLS is asked for, where the server does not speak it at once.",
    ),
    Field::optional(
        "name",
        Kind::Text,
        "For a domain: its name, as example.com.",
    ),
    Field::optional(
        "rdap",
        Kind::Url,
        "For a domain: the RDAP service that is asked, where IANA's list names none.",
    ),
    Field::optional(
        "whois",
        Kind::Text,
        "For a domain: the whois service that is asked, as whois.cnnic.cn or host:port; where there is no RDAP, IANA's whois names one.",
    ),
    Field::optional(
        "expires",
        Kind::Text,
        "For a date: 2027-01-01 where its owner lives, or a time with a zone.",
    ),
    Field::optional(
        "advance_days",
        Kind::Integer(0, 3_650),
        "How many days ahead it is first told.",
    )
    .or("30"),
    Field::optional(
        "email",
        Kind::TextOrList,
        "Addresses that are told by mail.",
    ),
    Field::optional("receivers", Kind::TextOrList, "Receivers that are told."),
    Field::optional(
        "owner",
        Kind::Text,
        "The key of the person whose language, zone and hours count; the server's without it.",
    ),
    Field::optional(
        "description",
        Kind::Text,
        "What it is about, for whoever is told.",
    ),
];

/// One of `monitors`.
pub static MONITOR_KIND: Kind = Kind::Record(&MONITOR);
