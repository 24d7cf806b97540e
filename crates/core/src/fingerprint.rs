//! The identity of an alert: a 64-bit FNV-1a hash over its labels.
//!
//! Source: Prometheus' `LabelSet.Fingerprint`; vectors in the tests are upstream's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::label::Labels;

const OFFSET: u64 = 14_695_981_039_346_656_037;
const PRIME: u64 = 1_099_511_628_211;

/// FNV-1a 64 over the labels sorted by name, each as `name 0xFF value 0xFF`; printed as 16 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// The fingerprint of a label set.
    pub fn of(labels: &Labels) -> Self {
        // The packed form is `name NUL value NUL …` in name order, and no label holds a NUL, so
        // reading NUL as 0xFF gives exactly the bytes Prometheus hashes.
        Self(fnv(labels
            .packed()
            .bytes()
            .map(|byte| if byte == 0 { 0xFF } else { byte })))
    }

    /// The hash of a text that is to be known by a short name.
    pub fn of_text(text: &str) -> Self {
        Self(fnv(text.bytes()))
    }
}

/// FNV-1a, 64 bits.
fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(OFFSET, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    })
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Not 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is 16 hexadecimal digits, not {0:?}")]
pub struct NotAFingerprint(pub String);

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 16 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotAFingerprint(text.to_owned()));
        }
        u64::from_str_radix(text, 16)
            .map(Self)
            .map_err(|_| NotAFingerprint(text.to_owned()))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(&self.0.to_be_bytes())
        }
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?
                .parse()
                .map_err(de::Error::custom)
        } else {
            let bytes = <&[u8]>::deserialize(deserializer)?;
            let bytes: [u8; 8] = bytes
                .try_into()
                .map_err(|_| de::Error::custom("a fingerprint is 8 bytes"))?;
            Ok(Self(u64::from_be_bytes(bytes)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> String {
        Fingerprint::of(&Labels::from_pairs(pairs.iter().copied()).expect("labels")).to_string()
    }

    #[test]
    fn fingerprints_equal_prometheus_own_values() {
        assert_eq!(of(&[]), "cbf29ce484222325");
        assert_eq!(of(&[("alertname", "a")]), "d258efc389808447");
        assert_eq!(
            of(&[("alertname", "X"), ("severity", "warning")]),
            "2cdd4f0d0379464b"
        );
        assert_eq!(
            of(&[("severity", "critical"), ("team", "db"), ("alertname", "X")]),
            "c952f265d5000995"
        );
        assert_eq!(of(&[("a", "x"), ("e", "")]), "d2c7718192a8a294");
        assert_eq!(
            of(&[("name", "garland, briggs"), ("fear", "love is not enough")]),
            "507a62d79ee76c9a"
        );
    }

    #[test]
    fn only_sixteen_hex_digits_parse() {
        assert_eq!(
            "d2c7718192a8a294".parse::<Fingerprint>().map(|f| f.0),
            Ok(0xd2c7_7181_92a8_a294)
        );
        for bad in ["", "d2c7", "d2c7718192a8a29g", "+2c7718192a8a294"] {
            assert!(bad.parse::<Fingerprint>().is_err(), "{bad}");
        }
    }
}
