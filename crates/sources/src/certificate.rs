//! As much of an X.509 certificate as it takes to check a signature: its RSA key, and when it holds.
//!
//! Whose it is, is known by the address it was fetched from, over TLS; the chain above it says nothing more.

use aws_lc_rs::signature::{self, UnparsedPublicKey};
use balefire_core::time::Time;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::when;

/// A certificate, read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// The key as PKCS #1 writes it.
    key: Vec<u8>,
    from: Time,
    until: Time,
}

/// With which hash a signature was made (RSA, PKCS #1 v1.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    /// SHA-1, as the older signature version of SNS has it.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Certificate {
    /// Reads the first certificate of a PEM file.
    pub(crate) fn read(pem: &[u8]) -> Option<Self> {
        let text = str::from_utf8(pem).ok()?;
        let (_, text) = text.split_once("-----BEGIN CERTIFICATE-----")?;
        let (text, _) = text.split_once("-----END CERTIFICATE-----")?;
        let encoded: String = text.split_ascii_whitespace().collect();
        Self::of_der(&STANDARD.decode(encoded).ok()?)
    }

    /// RFC 5280, 4.1: version, serial number, algorithm, issuer, validity, subject, key.
    fn of_der(der: &[u8]) -> Option<Self> {
        let (whole, _) = element(der, SEQUENCE)?;
        let (body, _) = element(whole, SEQUENCE)?;
        let rest = element(body, VERSION).map_or(body, |(_, rest)| rest);
        let (_, rest) = element(rest, INTEGER)?;
        let (_, rest) = element(rest, SEQUENCE)?;
        let (_, rest) = element(rest, SEQUENCE)?;
        let (validity, rest) = element(rest, SEQUENCE)?;
        let (_, rest) = element(rest, SEQUENCE)?;
        let (info, _) = element(rest, SEQUENCE)?;
        let (_, bits) = element(info, SEQUENCE)?;
        let (bits, _) = element(bits, BIT_STRING)?;
        let (from, rest) = time(validity)?;
        let (until, _) = time(rest)?;
        // The first byte says how many bits of the last are not meant; of a key all are.
        let key = bits.strip_prefix(&[0])?.to_vec();
        Some(Self { key, from, until })
    }

    /// Whether it holds at a time.
    pub(crate) fn holds_at(&self, now: Time) -> bool {
        self.from <= now && now <= self.until
    }

    /// Whether a text was signed with its key.
    pub(crate) fn signed(&self, hash: Hash, text: &[u8], signature: &[u8]) -> bool {
        let algorithm = match hash {
            Hash::Sha1 => &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        };
        UnparsedPublicKey::new(algorithm, &self.key)
            .verify(text, signature)
            .is_ok()
    }
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// The version, which the first kind of certificate leaves out.
const VERSION: u8 = 0xa0;

/// The content of the element of this kind that the input begins with, and what follows it.
fn element(input: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let [first, length, rest @ ..] = input else {
        return None;
    };
    if *first != kind {
        return None;
    }
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        // How many bytes the length has; a certificate needs no more than three.
        0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let length = bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (length, rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// A time, and what follows it. Two digits of a year are those of 1950 to 2049.
fn time(input: &[u8]) -> Option<(Time, &[u8])> {
    let (century, (digits, rest)) = match element(input, UTC_TIME) {
        Some((digits, rest)) => (
            if *digits.first()? < b'5' { "20" } else { "19" },
            (digits, rest),
        ),
        None => ("", element(input, GENERALIZED_TIME)?),
    };
    let digits = str::from_utf8(digits.strip_suffix(b"Z")?).ok()?;
    let time = when::read(&format!("{century}{digits}"), "UTC").ok()??;
    Some((time, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &[u8] = include_bytes!("../tests/certificates/aws_sns.pem");

    #[test]
    fn a_certificate_says_its_key_and_when_it_holds() {
        let certificate = Certificate::read(PEM).expect("readable");
        assert!(certificate.holds_at(Time::from_secs(1_772_590_500)));
        assert!(!certificate.holds_at(Time::from_secs(1_500_000_000)));
        assert!(!certificate.holds_at(Time::from_secs(2_500_000_000)));
        assert_eq!(certificate.key.len(), 270, "2048 bits and their frame");
    }

    #[test]
    fn no_damage_makes_reading_panic() {
        let text = str::from_utf8(PEM).expect("PEM").lines();
        let encoded: String = text.filter(|line| !line.starts_with('-')).collect();
        let der = STANDARD.decode(encoded).expect("base64");
        assert!(Certificate::of_der(&der).is_some());
        for index in 0..der.len() {
            let _ = Certificate::of_der(&der[..index]);
            for value in [0, 0x30, 0x7f, 0x80, 0x83, 0x84, 0xff] {
                let mut damaged = der.clone();
                damaged[index] = value;
                if let Some(certificate) = Certificate::of_der(&damaged) {
                    assert!(!certificate.signed(Hash::Sha256, b"x", &[0; 256]));
                }
            }
        }
        assert_eq!(
            Certificate::read(b"-----BEGIN CERTIFICATE-----\n%%\n"),
            None
        );
    }
}
