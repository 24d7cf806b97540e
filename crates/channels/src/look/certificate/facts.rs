//! What a chain of certificates says, and whether it would be trusted.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use balefire_core::monitor::{Certificate, Trust};
use balefire_core::time::Time;
use rustls::client::verify_server_name;
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use x509_parser::prelude::{FromDer as _, GeneralName, ParsedExtension, X509Certificate};

use super::super::{LookError, Seen, shown};
use crate::http::{TlsSettings, tls};

/// Names that are kept of a certificate; some have thousands.
const NAMES: usize = 100;

/// Reads the leaf of a chain, and judges all of it.
pub(super) fn read(
    chain: &[CertificateDer<'_>],
    name: &ServerName<'_>,
    settings: &TlsSettings,
    now: Time,
) -> Result<Seen, LookError> {
    let unreadable = || LookError::Unreadable("the certificate cannot be read".to_owned());
    let (der, others) = chain.split_first().ok_or_else(unreadable)?;
    let (_, leaf) = X509Certificate::from_der(der).map_err(|_| unreadable())?;
    let time = |at: i64| Time::from_secs(at);
    let certificate = Certificate {
        subject: shown(&leaf.subject().to_string()),
        names: names(&leaf),
        covers: covers(der, name),
        valid_from: time(leaf.validity().not_before.timestamp()),
        shown: chain.len(),
        trust: trust(der, others, name, settings, now),
    };
    Ok(Seen {
        detail: shown(&leaf.issuer().to_string()),
        certificate: Some(certificate),
        ..Seen::at(time(leaf.validity().not_after.timestamp()))
    })
}

/// The names and addresses that it is for (RFC 5280, 4.2.1.6).
fn names(leaf: &X509Certificate<'_>) -> Vec<String> {
    let extensions = leaf.extensions().iter();
    let alternatives = extensions.filter_map(|extension| match extension.parsed_extension() {
        ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names),
        _ => None,
    });
    let named = alternatives.flatten().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(shown(name)),
        GeneralName::IPAddress(bytes) => address(bytes),
        _ => None,
    });
    named.take(NAMES).collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(four).to_string());
    }
    let six = <[u8; 16]>::try_from(bytes).ok()?;
    Some(Ipv6Addr::from(six).to_string())
}

fn covers(der: &CertificateDer<'_>, name: &ServerName<'_>) -> bool {
    let parsed = ParsedCertificate::try_from(der);
    parsed.is_ok_and(|parsed| verify_server_name(&parsed, name).is_ok())
}

/// Whether it would be trusted, apart from its name.
fn trust(
    der: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    name: &ServerName<'_>,
    settings: &TlsSettings,
    now: Time,
) -> Trust {
    let Ok(judge) = tls::judge(settings) else {
        return Trust::Refused;
    };
    let secs = u64::try_from(now.secs()).unwrap_or_default();
    let now = UnixTime::since_unix_epoch(Duration::from_secs(secs));
    match judge.verify_server_cert(der, others, name, &[], now) {
        Ok(_) => Trust::Trusted,
        Err(Error::InvalidCertificate(error)) => match error {
            // The chain is judged before the name.
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Trust::Trusted
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Trust::NotNow,
            // Another authority of the same name signed it.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                unknown(der, others)
            }
            // A leaf that is an authority of its own, too.
            _ if vouches_for_itself(der) => Trust::SelfSigned,
            _ => Trust::Refused,
        },
        Err(_) => Trust::Refused,
    }
}

/// Why nobody vouches for it.
fn unknown(der: &CertificateDer<'_>, others: &[CertificateDer<'_>]) -> Trust {
    if vouches_for_itself(der) {
        return Trust::SelfSigned;
    }
    match others.last() {
        Some(last) if vouches_for_itself(last) => Trust::UnknownAuthority,
        _ => Trust::Incomplete,
    }
}

fn vouches_for_itself(der: &CertificateDer<'_>) -> bool {
    let parsed = X509Certificate::from_der(der);
    parsed.is_ok_and(|(_, one)| one.subject() == one.issuer())
}
