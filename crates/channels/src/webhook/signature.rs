//! How a receiver can know that a request is ours and fresh.

use balefire_core::secret::Secret;
use balefire_core::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::sign::{hmac_sha256_base64, hmac_sha256_hex};

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

/// A style with its keys and header names.
#[derive(Clone, Debug)]
pub(super) struct Signer {
    /// The style.
    pub(super) style: Style,
    /// The first is the one in use; Standard Webhooks signs with all, so that a receiver can change over.
    pub(super) secrets: Vec<Secret>,
    /// Where the signature goes, for the styles that let one choose; empty for the style's own.
    pub(super) header: String,
    /// Where the time goes, for Grafana's style; empty for none.
    pub(super) timestamp_header: String,
}

impl Signer {
    /// The headers for this body on this try.
    pub(super) fn headers(&self, id: &str, now: Time, body: &str) -> Vec<(String, String)> {
        let Some(first) = self.secrets.first() else {
            return Vec::new();
        };
        match self.style {
            Style::Nothing => Vec::new(),
            Style::StandardWebhooks => self.standard("webhook", id, now, body),
            Style::Svix => self.standard("svix", id, now, body),
            Style::GitHub => {
                let hex = hmac_sha256_hex(first.reveal().as_bytes(), body.as_bytes());
                vec![(
                    self.header_or("x-hub-signature-256"),
                    format!("sha256={hex}"),
                )]
            }
            Style::Grafana => self.grafana(first, now, body),
        }
    }

    fn header_or(&self, own: &str) -> String {
        if self.header.is_empty() {
            own.to_owned()
        } else {
            self.header.clone()
        }
    }

    fn standard(&self, prefix: &str, id: &str, now: Time, body: &str) -> Vec<(String, String)> {
        let seconds = now.secs();
        let signed = format!("{id}.{seconds}.{body}");
        let signatures: Vec<String> = self
            .secrets
            .iter()
            .map(|secret| format!("v1,{}", hmac_sha256_base64(&key(secret), signed.as_bytes())))
            .collect();
        vec![
            (format!("{prefix}-id"), id.to_owned()),
            (format!("{prefix}-timestamp"), seconds.to_string()),
            (format!("{prefix}-signature"), signatures.join(" ")),
        ]
    }

    fn grafana(&self, secret: &Secret, now: Time, body: &str) -> Vec<(String, String)> {
        let header = self.header_or("x-grafana-alerting-signature");
        let key = secret.reveal().as_bytes();
        if self.timestamp_header.is_empty() {
            return vec![(header, hmac_sha256_hex(key, body.as_bytes()))];
        }
        let seconds = now.secs().to_string();
        let signed = format!("{seconds}:{body}");
        vec![
            (header, hmac_sha256_hex(key, signed.as_bytes())),
            (self.timestamp_header.clone(), seconds),
        ]
    }
}

/// The bytes of a Standard Webhooks secret: `whsec_` and base64, else the text as it is.
fn key(secret: &Secret) -> Vec<u8> {
    let text = secret.reveal();
    text.strip_prefix("whsec_")
        .and_then(|encoded| STANDARD.decode(encoded).ok())
        .unwrap_or_else(|| text.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(style: Style, secret: &str) -> Signer {
        Signer {
            style,
            secrets: vec![Secret::new(secret)],
            header: String::new(),
            timestamp_header: String::new(),
        }
    }

    const NOW: Time = Time::from_secs(1_767_225_600);

    #[test]
    fn standard_webhooks_vector() {
        let body = r#"{"type":"alert.firing","timestamp":"2026-01-01T00:00:00Z","data":{"group":"g-42","severity":"critical"}}"#;
        let mut signer = signer(
            Style::StandardWebhooks,
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        );
        let headers = signer.headers("msg_2b7e151628aed2a6abf71588", NOW, body);
        let expected = "v1,AHGPxlprLc8rEl6xQsbXgdz76k8CgwzheUcRZifhmkQ=";
        assert_eq!(headers[0].1, "msg_2b7e151628aed2a6abf71588");
        assert_eq!(
            headers[1],
            ("webhook-timestamp".to_owned(), "1767225600".to_owned())
        );
        assert_eq!(
            headers[2],
            ("webhook-signature".to_owned(), expected.to_owned())
        );
        signer.secrets.push(Secret::new("the old one"));
        signer.style = Style::Svix;
        let both = signer.headers("msg_2b7e151628aed2a6abf71588", NOW, body);
        assert_eq!(both[2].0, "svix-signature");
        assert_eq!(both[2].1.split(' ').count(), 2);
        assert!(both[2].1.starts_with(expected));
    }

    #[test]
    fn github_and_grafana_vectors() {
        let github =
            signer(Style::GitHub, "gh-secret-1").headers("id", NOW, r#"{"zen":"Keep it simple."}"#);
        assert_eq!(
            github[0].1,
            "sha256=2375c0b73f5813add2186c6419bacd068f741dc5695a2567d8b7ed29b068b3ec"
        );
        let mut grafana = signer(Style::Grafana, "graf-secret");
        let body = r#"{"status":"firing"}"#;
        assert_eq!(
            grafana.headers("id", NOW, body),
            [(
                "x-grafana-alerting-signature".to_owned(),
                "0c2108a6b89c8ad1388537b3df63574ac8a70c59a4929272382a98e7bc417071".to_owned()
            )]
        );
        grafana.timestamp_header = "x-time".to_owned();
        let timed = grafana.headers("id", NOW, body);
        assert_eq!(
            timed[0].1,
            "3cc4f9c4402cfe15294879a9353e39aa132fe8e1fad6c714ab941d3af421aae1"
        );
        assert_eq!(timed[1], ("x-time".to_owned(), "1767225600".to_owned()));
    }
}
