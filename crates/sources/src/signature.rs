//! Senders that sign: HMAC-SHA256 over the raw body, compared in full and in constant time.

use aws_lc_rs::{constant_time, hmac};
use balefire_core::time::Time;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::parsed::Refusal;
use crate::spec::Inbound;

/// How far a signed timestamp may be from now, in seconds: Standard Webhooks' usual five minutes.
const TOLERANCE_SECS: i64 = 300;

/// Checks Grafana's signature when the source has a `secret`: hexadecimal HMAC over the body, or
/// over `<timestamp>:<body>` when `timestamp_header` is set.
/// Source: Grafana's webhook notifier, "HMAC Signature".
pub(crate) fn grafana(inbound: &Inbound<'_>) -> Result<(), Refusal> {
    let Some(secret) = option(inbound, "secret") else {
        return Ok(());
    };
    let header = option(inbound, "hmac_header").map_or_else(
        || "x-grafana-alerting-signature".to_owned(),
        str::to_lowercase,
    );
    let given = required(inbound, &header)?;
    let timestamp = match option(inbound, "timestamp_header").map(str::to_lowercase) {
        None => None,
        Some(name) => {
            let timestamp = required(inbound, &name)?;
            fresh(timestamp, inbound.now)?;
            Some(timestamp)
        }
    };
    let mut context = context(secret.as_bytes());
    if let Some(timestamp) = timestamp {
        context.update(timestamp.as_bytes());
        context.update(b":");
    }
    context.update(inbound.body);
    let given = hex::decode(given.trim()).unwrap_or_default();
    if equal(&context.sign(), &given) {
        Ok(())
    } else {
        Err(mismatch(&header))
    }
}

/// Checks a Standard Webhooks signature when the source has a `secret`: HMAC over
/// `<id>.<timestamp>.<body>`, at most five minutes old; Svix' header names count too.
/// Source: standard-webhooks/spec 1.0.0.
pub(crate) fn standard(inbound: &Inbound<'_>) -> Result<(), Refusal> {
    let Some(secret) = option(inbound, "secret") else {
        return Ok(());
    };
    let key = match secret.strip_prefix("whsec_") {
        None => secret.as_bytes().to_vec(),
        Some(encoded) => STANDARD
            .decode(encoded)
            .map_err(|_| Refusal::Unauthorized("the configured secret is not base64".to_owned()))?,
    };
    let prefix = if inbound.header("webhook-signature").is_some() {
        "webhook"
    } else {
        "svix"
    };
    let header = |name: &str| {
        inbound
            .header(&format!("{prefix}-{name}"))
            .ok_or_else(|| Refusal::Unauthorized(format!("header webhook-{name} is missing")))
    };
    let (signatures, id, timestamp) = (header("signature")?, header("id")?, header("timestamp")?);
    fresh(timestamp, inbound.now)?;
    let mut context = context(&key);
    for part in [
        id.as_bytes(),
        b".",
        timestamp.as_bytes(),
        b".",
        inbound.body,
    ] {
        context.update(part);
    }
    let tag = context.sign();
    let matches = signatures
        .split_ascii_whitespace()
        .filter_map(|signature| signature.strip_prefix("v1,"))
        .filter_map(|encoded| STANDARD.decode(encoded).ok())
        .any(|given| equal(&tag, &given));
    if matches {
        Ok(())
    } else {
        Err(mismatch("webhook-signature"))
    }
}

/// Checks a hexadecimal HMAC over the body in a header, after `prefix`, when the source has a `secret`: as Sentry
/// (`sentry-hook-signature`) and GitHub (`x-hub-signature-256: sha256=…`) sign.
pub(crate) fn of_body(inbound: &Inbound<'_>, header: &str, prefix: &str) -> Result<(), Refusal> {
    let Some(secret) = option(inbound, "secret") else {
        return Ok(());
    };
    let given = required(inbound, header)?.trim();
    let given = hex::decode(given.strip_prefix(prefix).unwrap_or_default()).unwrap_or_default();
    let mut context = context(secret.as_bytes());
    context.update(inbound.body);
    if equal(&context.sign(), &given) {
        Ok(())
    } else {
        Err(mismatch(header))
    }
}

/// A text option of the source that is not empty.
pub(crate) fn option<'a>(inbound: &Inbound<'a>, name: &str) -> Option<&'a str> {
    inbound
        .options
        .get(name)?
        .as_str()
        .filter(|text| !text.is_empty())
}

fn required<'a>(inbound: &Inbound<'a>, header: &str) -> Result<&'a str, Refusal> {
    inbound
        .header(header)
        .ok_or_else(|| Refusal::Unauthorized(format!("header {header} is missing")))
}

fn mismatch(header: &str) -> Refusal {
    Refusal::Unauthorized(format!(
        "{header} is not the signature of this body under our secret"
    ))
}

fn fresh(timestamp: &str, now: Time) -> Result<(), Refusal> {
    let signed: Option<i64> = timestamp.trim().parse().ok();
    match signed
        .and_then(|secs| secs.checked_sub(now.secs()))
        .map(i64::saturating_abs)
    {
        Some(apart) if apart <= TOLERANCE_SECS => Ok(()),
        _ => Err(Refusal::Unauthorized(format!(
            "the signed time {timestamp:?} is more than {TOLERANCE_SECS} s from ours"
        ))),
    }
}

fn context(key: &[u8]) -> hmac::Context {
    hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key))
}

/// In full and in constant time: a shorter signature never passes (CVE-2024-21491).
fn equal(tag: &hmac::Tag, given: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(tag.as_ref(), given).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const BODY: &[u8] = br#"{"type":"alert.firing","timestamp":"2026-01-01T00:00:00Z","data":{"group":"g-42","severity":"critical"}}"#;

    fn inbound<'a>(
        headers: &'a [(&'a str, &'a str)],
        options: &'a Value,
        body: &'a [u8],
        now: i64,
    ) -> Inbound<'a> {
        Inbound {
            method: "POST",
            path: "",
            query: "",
            headers,
            body,
            options,
            timezone: "UTC",
            now: Time::from_secs(now),
            certificate: None,
        }
    }

    #[test]
    fn standard_webhooks_vector_passes_and_nothing_shorter_or_older_does() {
        let options = json!({"secret": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="});
        let good = "v1a,xyz v1,AHGPxlprLc8rEl6xQsbXgdz76k8CgwzheUcRZifhmkQ=";
        let check = |signature, now| {
            let headers = [
                ("webhook-id", "msg_2b7e151628aed2a6abf71588"),
                ("webhook-timestamp", "1767225600"),
                ("webhook-signature", signature),
            ];
            standard(&inbound(&headers, &options, BODY, now)).is_ok()
        };
        assert!(check(good, 1_767_225_600) && check(good, 1_767_225_900));
        assert!(!check(good, 1_767_225_901) && !check(good, 1_767_225_299));
        for bad in [
            "v1,",
            "v1,AHGPxlprLc8rEl6xQsbXgdz76k8CgwzheUcRZifhmk",
            "",
            "v2,AHGP",
            "v1,AHGP",
        ] {
            assert!(!check(bad, 1_767_225_600), "{bad}");
        }
    }

    #[test]
    fn a_hexadecimal_signature_over_the_body_passes_in_full_and_with_its_prefix() {
        // The example of GitHub's documentation, "Validating webhook deliveries".
        let options = json!({"secret": "It's a Secret to Everybody"});
        let signed = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let check = |value: &str, prefix| {
            let headers = [("x-hub-signature-256", value)];
            let inbound = inbound(&headers, &options, b"Hello, World!", 0);
            of_body(&inbound, "x-hub-signature-256", prefix).is_ok()
        };
        assert!(check(&format!("sha256={signed}"), "sha256="));
        assert!(check(signed, "") && !check(signed, "sha256="));
        assert!(!check(&signed[..62], "") && !check("", ""));
    }

    /// Vectors of wire/vectors_intl.json.
    #[test]
    fn sentrys_and_githubs_vectors_pass() {
        for (secret, body, header, signed, prefix) in [
            (
                "sentry-client-secret",
                r#"{"action":"resolved"}"#,
                "sentry-hook-signature",
                "93f9fbfd45371dd147c246271fdf035251751c254da02f1a0508b9566d396e69",
                "",
            ),
            (
                "gh-secret-1",
                r#"{"zen":"Keep it simple."}"#,
                "x-hub-signature-256",
                "sha256=2375c0b73f5813add2186c6419bacd068f741dc5695a2567d8b7ed29b068b3ec",
                "sha256=",
            ),
        ] {
            let (options, headers) = (json!({"secret": secret}), [(header, signed)]);
            let check = |body: &str| {
                let inbound = inbound(&headers, &options, body.as_bytes(), 0);
                of_body(&inbound, header, prefix).is_ok()
            };
            assert!(check(body) && !check("{}"), "{header}");
        }
    }

    #[test]
    fn grafana_vectors_pass_with_and_without_a_timestamp() {
        let body = br#"{"status":"firing"}"#;
        let plain = json!({"secret": "graf-secret"});
        let signed = "0c2108a6b89c8ad1388537b3df63574ac8a70c59a4929272382a98e7bc417071";
        let check = |headers: &[(&str, &str)], options: &Value| {
            grafana(&inbound(headers, options, body, 1_767_225_600)).is_ok()
        };
        assert!(check(&[("x-grafana-alerting-signature", signed)], &plain));
        assert!(!check(
            &[("x-grafana-alerting-signature", &signed[..62])],
            &plain
        ));
        assert!(!check(&[], &plain));
        assert!(
            check(&[], &json!({})),
            "without a secret nothing is checked"
        );
        let timed =
            json!({"secret": "graf-secret", "hmac_header": "X-Sig", "timestamp_header": "X-Ts"});
        let signed = "3cc4f9c4402cfe15294879a9353e39aa132fe8e1fad6c714ab941d3af421aae1";
        assert!(check(&[("x-sig", signed), ("x-ts", "1767225600")], &timed));
        assert!(!check(&[("x-sig", signed)], &timed));
    }
}
