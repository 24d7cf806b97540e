//! Alibaba Cloud's request signatures: V3 (`ACS3-HMAC-SHA256`) and the older V1 of RPC calls (`HMAC-SHA1`), by
//! <https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature> and
//! <https://help.aliyun.com/zh/sdk/product-overview/rpc-mechanism>.

use std::fmt::Write as _;

use crate::percent::encoded;
use crate::sign::{hmac_sha1_base64, hmac_sha256_hex, sha256_hex};

/// Pairs sorted by name, encoded and joined: the query, and the body of a form.
pub(super) fn joined(pairs: &[(&str, String)]) -> String {
    let mut sorted: Vec<&(&str, String)> = pairs.iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    let pairs = sorted
        .into_iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// What V3 signs of a request.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    /// As [`joined`] gives it.
    pub(super) query: &'a str,
    /// In lower case; `host`, `content-type` where there is a body, and every `x-acs-…`.
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a str,
}

/// The value of `Authorization`.
pub(super) fn v3(request: &Request<'_>, key_id: &str, secret: &str) -> String {
    let mut headers = request.headers.to_vec();
    headers.sort_unstable();
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let mut canonical = format!("{}\n{}\n{}\n", request.method, request.path, request.query);
    for (name, value) in headers {
        // Writing to a String cannot fail.
        let _ = writeln!(canonical, "{name}:{}", value.trim());
    }
    let hash = sha256_hex(request.body.as_bytes());
    let _ = write!(canonical, "\n{names}\n{hash}");
    let text = format!("ACS3-HMAC-SHA256\n{}", sha256_hex(canonical.as_bytes()));
    let signature = hmac_sha256_hex(secret.as_bytes(), text.as_bytes());
    format!("ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}")
}

/// The value of `Signature` for all other parameters of a V1 call.
pub(super) fn v1(method: &str, parameters: &[(&str, String)], secret: &str) -> String {
    let text = format!("{method}&%2F&{}", encoded(&joined(parameters)));
    hmac_sha1_base64(format!("{secret}&").as_bytes(), text.as_bytes())
}

#[cfg(test)]
mod tests;
