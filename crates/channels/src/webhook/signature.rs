//! How a receiver can know that a request is ours and fresh.

use std::borrow::Cow;
use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::Ed25519KeyPair;
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::http::Header;

/// The styles of signature (wire/webhook.md sections 1 and 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// None.
    Nothing,
    /// Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
    StandardWebhooks,
    /// The same under Svix' names.
    Svix,
    /// `X-Hub-Signature-256`.
    GitHub,
    /// `X-Grafana-Alerting-Signature`, over the body, or over `timestamp:body` when a timestamp header is named.
    Grafana,
}

/// The words in the configuration.
pub(super) const STYLES: &[&str] = &["none", "standard_webhooks", "svix", "github", "grafana"];

impl Style {
    /// From the configuration's word.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "none" => Self::Nothing,
            "standard_webhooks" => Self::StandardWebhooks,
            "svix" => Self::Svix,
            "github" => Self::GitHub,
            "grafana" => Self::Grafana,
            _ => return None,
        })
    }
}

/// What Standard Webhooks' keys begin with: shared secrets, and private keys of their asymmetric signature.
const SHARED: &str = "whsec_";
const PRIVATE: &str = "whsk_";

/// A style with its keys and header names.
pub(super) struct Signer {
    /// The style.
    pub(super) style: Style,
    /// The first is the one in use; Standard Webhooks signs with all, so that a receiver can change over.
    pub(super) keys: Vec<Key>,
    /// Where the signature goes, for the styles that let one choose; empty for the style's own.
    pub(super) header: String,
    /// Where the time goes, for Grafana's style; empty for none.
    pub(super) timestamp_header: String,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signer").field(&self.style).finish()
    }
}

impl Signer {
    /// The headers for this body on this try.
    pub(super) fn headers(&self, id: &str, now: Time, body: &str) -> Vec<Header> {
        let Some(first) = self.keys.first() else {
            return Vec::new();
        };
        match self.style {
            Style::Nothing => Vec::new(),
            Style::StandardWebhooks => self.standard(&STANDARD_NAMES, id, now, body),
            Style::Svix => self.standard(&SVIX_NAMES, id, now, body),
            Style::GitHub => {
                let signature = format!("sha256={}", hex::encode(first.sign(body.as_bytes())));
                vec![(self.header_or("x-hub-signature-256"), signature)]
            }
            Style::Grafana => self.grafana(first, now, body),
        }
    }

    fn header_or(&self, own: &'static str) -> Cow<'static, str> {
        if self.header.is_empty() {
            Cow::Borrowed(own)
        } else {
            Cow::Owned(self.header.clone())
        }
    }

    fn standard(&self, names: &[&'static str; 3], id: &str, now: Time, body: &str) -> Vec<Header> {
        let seconds = now.secs();
        let signed = format!("{id}.{seconds}.{body}");
        let sign = |key: &Key| {
            format!(
                "{},{}",
                key.version(),
                STANDARD.encode(key.sign(signed.as_bytes()))
            )
        };
        let signatures: Vec<String> = self.keys.iter().map(sign).collect();
        let values = [id.to_owned(), seconds.to_string(), signatures.join(" ")];
        names.map(Cow::Borrowed).into_iter().zip(values).collect()
    }

    fn grafana(&self, key: &Key, now: Time, body: &str) -> Vec<Header> {
        let header = self.header_or("x-grafana-alerting-signature");
        if self.timestamp_header.is_empty() {
            return vec![(header, hex::encode(key.sign(body.as_bytes())))];
        }
        let seconds = now.secs().to_string();
        let signed = format!("{seconds}:{body}");
        vec![
            (header, hex::encode(key.sign(signed.as_bytes()))),
            (Cow::Owned(self.timestamp_header.clone()), seconds),
        ]
    }
}

const STANDARD_NAMES: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];
const SVIX_NAMES: [&str; 3] = ["svix-id", "svix-timestamp", "svix-signature"];

/// A key, read once.
pub(super) enum Key {
    /// Known to both sides: HMAC-SHA256.
    Shared(Box<hmac::Key>),
    /// Known to us alone; the receiver has its public half.
    Private(Box<Ed25519KeyPair>),
}

impl Key {
    /// A key as the style writes it: Standard Webhooks' are base64 behind their mark, all others the text itself.
    pub(super) fn read(style: Style, secret: &Secret) -> Result<Self, &'static str> {
        let text = secret.reveal();
        let standard = matches!(style, Style::StandardWebhooks | Style::Svix);
        if standard && let Some(encoded) = text.strip_prefix(PRIVATE) {
            let pair = STANDARD.decode(encoded).ok().and_then(|bytes| pair(&bytes));
            return pair
                .map(|pair| Self::Private(Box::new(pair)))
                .ok_or("is no whsk_ key");
        }
        let decoded = text
            .strip_prefix(SHARED)
            .filter(|_| standard)
            .and_then(|encoded| STANDARD.decode(encoded).ok());
        let bytes = decoded.as_deref().unwrap_or(text.as_bytes());
        let key = hmac::Key::new(hmac::HMAC_SHA256, bytes);
        Ok(Self::Shared(Box::new(key)))
    }

    /// Standard Webhooks' name for the kind of signature.
    const fn version(&self) -> &'static str {
        match self {
            Self::Shared(_) => "v1",
            Self::Private(_) => "v1a",
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Shared(key) => hmac::sign(key, message).as_ref().to_vec(),
            Self::Private(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }
}

/// An Ed25519 key: its seed, or seed and public key, as libraries differ in what they write.
fn pair(bytes: &[u8]) -> Option<Ed25519KeyPair> {
    match bytes.len() {
        32 => Ed25519KeyPair::from_seed_unchecked(bytes).ok(),
        64 => Ed25519KeyPair::from_seed_and_public_key(&bytes[..32], &bytes[32..]).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(style: Style, secrets: &[&str]) -> Signer {
        let read = |text: &&str| Key::read(style, &Secret::new(*text)).expect("a key");
        Signer {
            style,
            keys: secrets.iter().map(read).collect(),
            header: String::new(),
            timestamp_header: String::new(),
        }
    }

    const NOW: Time = Time::from_secs(1_767_225_600);
    const ID: &str = "msg_2b7e151628aed2a6abf71588";
    const BODY: &str = r#"{"type":"alert.firing","timestamp":"2026-01-01T00:00:00Z","data":{"group":"g-42","severity":"critical"}}"#;
    const SEED: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const V1: &str = "v1,AHGPxlprLc8rEl6xQsbXgdz76k8CgwzheUcRZifhmkQ=";
    const V1A: &str = "v1a,PlUFhT1jj3Sz5QJEXSCfTtUIEmRtG0Fe313+YafPrQNzj/M6xraif44HvCc6aew6FuseLODLaKHYSZbo+lJEAA==";

    #[test]
    fn standard_webhooks_vectors() {
        let (shared, private) = (format!("whsec_{SEED}"), format!("whsk_{SEED}"));
        let headers = signer(Style::StandardWebhooks, &[&shared]).headers(ID, NOW, BODY);
        let expected = [
            ("webhook-id", ID),
            ("webhook-timestamp", "1767225600"),
            ("webhook-signature", V1),
        ];
        assert_eq!(headers, expected.map(|(n, v)| (n.into(), v.to_owned())));
        let both = signer(Style::Svix, &[&private, &shared]).headers(ID, NOW, BODY);
        assert_eq!(both[2], ("svix-signature".into(), format!("{V1A} {V1}")));
    }

    #[test]
    fn a_private_key_is_a_seed_with_or_without_its_public_half() {
        let mut bytes = STANDARD.decode(SEED).expect("base64");
        let public = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
        bytes.extend(STANDARD.decode(public).expect("base64"));
        let whole = format!("whsk_{}", STANDARD.encode(&bytes));
        let headers = signer(Style::StandardWebhooks, &[&whole]).headers(ID, NOW, BODY);
        assert_eq!(headers[2].1, V1A);
        bytes[63] ^= 1;
        for wrong in [STANDARD.encode(&bytes), "AAEC".to_owned(), "%".to_owned()] {
            let secret = Secret::new(format!("whsk_{wrong}"));
            assert!(Key::read(Style::Svix, &secret).is_err(), "{wrong}");
            assert!(
                Key::read(Style::GitHub, &secret).is_ok(),
                "a text like any other"
            );
        }
    }

    #[test]
    fn github_and_grafana_vectors() {
        let body = r#"{"zen":"Keep it simple."}"#;
        let github = signer(Style::GitHub, &["gh-secret-1"]).headers("id", NOW, body);
        assert_eq!(
            github[0].1,
            "sha256=2375c0b73f5813add2186c6419bacd068f741dc5695a2567d8b7ed29b068b3ec"
        );
        let mut grafana = signer(Style::Grafana, &["graf-secret"]);
        let body = r#"{"status":"firing"}"#;
        assert_eq!(
            grafana.headers("id", NOW, body),
            [(
                "x-grafana-alerting-signature".into(),
                "0c2108a6b89c8ad1388537b3df63574ac8a70c59a4929272382a98e7bc417071".to_owned()
            )]
        );
        grafana.timestamp_header = "x-time".to_owned();
        let timed = grafana.headers("id", NOW, body);
        assert_eq!(
            timed[0].1,
            "3cc4f9c4402cfe15294879a9353e39aa132fe8e1fad6c714ab941d3af421aae1"
        );
        assert_eq!(timed[1], ("x-time".into(), "1767225600".to_owned()));
    }
}
