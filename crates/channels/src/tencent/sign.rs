//! Tencent Cloud's request signature `TC3-HMAC-SHA256`, by <https://cloud.tencent.com/document/api/213/30654>.

use balefire_core::time::Time;

use crate::sign::{hmac_sha256, hmac_sha256_hex, sha256_hex};

/// What is signed of a request: always a POST to `/` without a query.
#[derive(Debug)]
pub(super) struct Request<'a> {
    /// `sms` or `vms`.
    pub(super) service: &'a str,
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    pub(super) content_type: &'a str,
    pub(super) body: &'a str,
    /// Of `X-TC-Timestamp`.
    pub(super) now: Time,
}

/// The value of `Authorization`.
pub(super) fn tc3(request: &Request<'_>, secret_id: &str, secret_key: &str) -> String {
    const NAMES: &str = "content-type;host";
    let canonical = format!(
        "POST\n{}\n\ncontent-type:{}\nhost:{}\n\n{NAMES}\n{}",
        request.path,
        request.content_type,
        request.host,
        sha256_hex(request.body.as_bytes())
    );
    let date = request.now.timestamp().strftime("%Y-%m-%d").to_string();
    let scope = format!("{date}/{}/tc3_request", request.service);
    let text = format!(
        "TC3-HMAC-SHA256\n{}\n{scope}\n{}",
        request.now.secs(),
        sha256_hex(canonical.as_bytes())
    );
    let key = hmac_sha256(format!("TC3{secret_key}").as_bytes(), date.as_bytes());
    let key = hmac_sha256(&key, request.service.as_bytes());
    let key = hmac_sha256(&key, b"tc3_request");
    let signature = hmac_sha256_hex(&key, text.as_bytes());
    format!(
        "TC3-HMAC-SHA256 Credential={secret_id}/{scope}, SignedHeaders={NAMES}, Signature={signature}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::sdk::{cases, text};

    // Vectors of wire/vectors.json (`tencent_tc3`): two requests of the vendor's own client, one published example.

    #[test]
    fn requests_of_the_vendors_client() {
        for (service, body, signature) in [
            (
                "sms",
                r#"{"PhoneNumberSet": ["+8613800138000"], "SmsSdkAppId": "1400000001", "TemplateId": "1110", "SignName": "\u6d4b\u8bd5\u7b7e\u540d", "TemplateParamSet": ["\u78c1\u76d8\u544a\u8b66", "P1"], "SessionContext": "alert-42"}"#,
                "5b7deb30bec6c0bf2ce6ddf27b7bf59d0b7997e775334e4a41ee206a8c3fc2c5",
            ),
            (
                "vms",
                r#"{"TemplateId": "2001", "CalledNumber": "+8613800138000", "VoiceSdkAppid": "1400000002", "TemplateParamSet": ["db-1"], "PlayTimes": 2, "SessionContext": "alert-42"}"#,
                "736881b1b546d230fa58d3d5c0b8a73f8cc08d373ea4f951ea6db11b36e19c59",
            ),
        ] {
            let request = Request {
                service,
                host: &format!("{service}.tencentcloudapi.com"),
                path: "/",
                content_type: "application/json",
                body,
                now: Time::from_secs(1_795_249_800),
            };
            let key = "SECRETtestSECRETtest000000001";
            assert_eq!(
                tc3(&request, "AKIDTESTtestTESTtest0001", key),
                format!(
                    "TC3-HMAC-SHA256 Credential=AKIDTESTtestTESTtest0001/2026-11-21/{service}/tc3_request, SignedHeaders=content-type;host, Signature={signature}"
                )
            );
        }
    }

    #[test]
    fn the_vendors_published_example() {
        let request = Request {
            service: "cvm",
            host: "cvm.tencentcloudapi.com",
            path: "/",
            content_type: "application/json; charset=utf-8",
            body: r#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#,
            now: Time::from_secs(1_551_113_065),
        };
        let signed = tc3(
            &request,
            "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
            "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
        );
        assert!(
            signed.ends_with("=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168")
        );
    }

    #[test]
    fn tencents_own_library_signs_random_requests_the_same() {
        for case in cases("tencent") {
            let request = Request {
                service: text(&case, "service"),
                host: text(&case, "host"),
                path: "/",
                content_type: "application/json",
                body: text(&case, "body"),
                now: Time::from_secs(case["at"].as_i64().expect("a time")),
            };
            let signed = tc3(&request, "id", text(&case, "secret"));
            let signature = format!("Signature={}", text(&case, "signature"));
            assert!(signed.ends_with(&signature), "{signed} {case}");
        }
    }
}
