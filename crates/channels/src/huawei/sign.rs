//! The two ways in which Huawei Cloud's calls are signed: WSSE with the application's secret, and `SDK-HMAC-SHA256`
//! with AK and SK, by <https://support.huaweicloud.com/api-msgsms/sms_05_0046.html>.

use balefire_core::secret::Secret;
use balefire_core::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::FORM;
use crate::error::{ErrorKind, SendError};
use crate::sign::{hmac_sha256_hex, sha256_hex};

/// The words of `auth`.
pub(super) const AUTHS: &[&str] = &["wsse", "ak_sk"];

/// A key, and how it signs.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) id: Secret,
    pub(super) secret: Secret,
    /// Whether it is AK and SK.
    pub(super) with_ak: bool,
}

impl Key {
    /// The headers that sign a call of this body.
    pub(super) fn headers(
        &self,
        url: &str,
        body: &str,
        now: Time,
    ) -> Result<Vec<(&'static str, String)>, SendError> {
        if self.with_ak {
            let date = now.timestamp().strftime("%Y%m%dT%H%M%SZ").to_string();
            let authorization = sdk_hmac(self, url, body, &date).ok_or_else(|| {
                SendError::new(ErrorKind::Misconfigured, "the address has no host")
                    .fix("write a full https:// URL into api_url")
            })?;
            return Ok(vec![("x-sdk-date", date), ("authorization", authorization)]);
        }
        let created = now.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let nonce = nonce()?;
        let digest = wsse(&nonce, &created, self.secret.reveal());
        let wsse = format!(
            "UsernameToken Username=\"{}\",PasswordDigest=\"{digest}\",Nonce=\"{nonce}\",Created=\"{created}\"",
            self.id.reveal()
        );
        let scheme = "WSSE realm=\"SDP\",profile=\"UsernameToken\",type=\"Appkey\"";
        Ok(vec![("authorization", scheme.to_owned()), ("x-wsse", wsse)])
    }
}

/// Base64 of the hash's hex text, not of the hash.
fn wsse(nonce: &str, created: &str, secret: &str) -> String {
    let hash = sha256_hex(format!("{nonce}{created}{secret}").as_bytes());
    STANDARD.encode(hash)
}

/// The value of `Authorization`; the path is signed with a slash at its end, which the call does not have, and the
/// host with its port where the address names one.
fn sdk_hmac(key: &Key, url: &str, body: &str, date: &str) -> Option<String> {
    let read = url::Url::parse(url).ok()?;
    let host = read.host_str()?;
    // The parser drops a scheme's usual port, which the connection leaves out as well.
    let host = match read.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    Some(signed(key, &host, read.path(), body, date))
}

fn signed(key: &Key, host: &str, path: &str, body: &str, date: &str) -> String {
    const NAMES: &str = "content-type;host;x-sdk-date";
    let hash = sha256_hex(body.as_bytes());
    let canonical = format!(
        "POST\n{path}/\n\ncontent-type:{FORM}\nhost:{host}\nx-sdk-date:{date}\n\n{NAMES}\n{hash}"
    );
    let text = format!(
        "SDK-HMAC-SHA256\n{date}\n{}",
        sha256_hex(canonical.as_bytes())
    );
    let signature = hmac_sha256_hex(key.secret.reveal().as_bytes(), text.as_bytes());
    let id = key.id.reveal();
    format!("SDK-HMAC-SHA256 Access={id}, SignedHeaders={NAMES}, Signature={signature}")
}

/// A word that is used once.
fn nonce() -> Result<String, SendError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| SendError::new(ErrorKind::Transient, "the system gives no random numbers"))?;
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::sdk::{cases, text};

    // Vectors of wire/vectors.json (huawei).

    #[test]
    fn the_wsse_digest_is_base64_of_hex() {
        let digest = wsse(
            "0123456789abcdef0123456789abcdef",
            "2026-11-21T08:30:00Z",
            "huawei-secret-0001",
        );
        assert_eq!(
            digest,
            "NWI5ZjA5MDI3ODUxNWRjYTFhMWE4MzY3MmI4ZDJiYWViNzdmNjIwNWU1ODU2MDhlZmNlNThjZmZlYzIyZGUxMA=="
        );
    }

    #[test]
    fn the_signature_with_ak_and_sk() {
        let key = Key {
            id: Secret::new("HWAKTEST0001"),
            secret: Secret::new("HWSKTESTSECRET0001"),
            with_ak: true,
        };
        let body = "from=csms12345678&to=%2B8613800138000&templateId=tpl0001&templateParas=%5B%22db-1%22%2C%22P1%22%5D&signature=%E6%B5%8B%E8%AF%95%E7%AD%BE%E5%90%8D";
        let host = "smsapi.cn-north-4.myhuaweicloud.com:443";
        let path = "/sms/batchSendSms/v1";
        assert_eq!(
            signed(&key, host, path, body, "20261121T083000Z"),
            "SDK-HMAC-SHA256 Access=HWAKTEST0001, SignedHeaders=content-type;host;x-sdk-date, \
             Signature=f9c2faaa3c0685dd36d0dadb11d7a609349f3dcb8f4b35f92e91cb7aacd9e28d"
        );
    }

    #[test]
    fn the_host_is_signed_as_it_is_sent() {
        let key = Key {
            id: Secret::new("a"),
            secret: Secret::new("b"),
            with_ak: true,
        };
        let by = |url: &str| sdk_hmac(&key, url, "", "d").expect("a host");
        assert_eq!(
            by("https://h.example:443/x"),
            signed(&key, "h.example", "/x", "", "d")
        );
        assert_eq!(
            by("http://h.example:8080/x"),
            signed(&key, "h.example:8080", "/x", "", "d")
        );
        assert_eq!(sdk_hmac(&key, "x", "", "d"), None);
    }

    #[test]
    fn huaweis_own_library_signs_random_requests_the_same() {
        for case in cases("huawei") {
            let key = Key {
                id: Secret::new(text(&case, "id")),
                secret: Secret::new(text(&case, "secret")),
                with_ak: true,
            };
            let (host, path) = (text(&case, "host"), text(&case, "path"));
            let signed = signed(&key, host, path, text(&case, "body"), text(&case, "date"));
            assert_eq!(signed, text(&case, "authorization"), "{case}");
        }
    }
}
