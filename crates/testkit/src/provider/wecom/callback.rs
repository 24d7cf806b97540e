//! What WeCom posts to an application's callback: sealed, signed XML.

use aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
use base64::Engine as _;
use base64::alphabet::STANDARD as LETTERS;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use crate::provider::sealed::{hash, seal};

/// An application's 接收消息 page.
#[derive(Clone, Debug)]
pub struct Receiving {
    /// Token.
    pub token: String,
    /// `EncodingAESKey`, 43 letters.
    pub key: String,
    /// The company's id.
    pub corp_id: String,
}

impl Receiving {
    /// The query and the sealed text of a plain one, at this time (Unix seconds, as written).
    ///
    /// # Panics
    ///
    /// When the key is no `EncodingAESKey`.
    pub fn seal(&self, plain: &str, stamp: &str, nonce: &str) -> (String, String) {
        let lenient = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
        let decoded = GeneralPurpose::new(&LETTERS, lenient).decode(format!("{}=", self.key));
        let key: [u8; 32] = decoded
            .ok()
            .and_then(|key| key.try_into().ok())
            .unwrap_or_else(|| panic!("no EncodingAESKey: {}", self.key));
        let mut vector = [0; 16];
        vector.copy_from_slice(&key[..16]);
        let length = u32::try_from(plain.len()).unwrap_or(u32::MAX).to_be_bytes();
        let mut bytes = b"0123456789abcdef".to_vec();
        bytes.extend(length);
        bytes.extend(plain.bytes());
        bytes.extend(self.corp_id.bytes());
        let sealed = STANDARD.encode(seal(&key, vector, &bytes, 32));
        let mut parts = [self.token.as_str(), stamp, nonce, &sealed];
        parts.sort_unstable();
        let parts = parts.map(str::as_bytes);
        let signature = hash(&SHA1_FOR_LEGACY_USE_ONLY, &parts);
        let query = format!("msg_signature={signature}&timestamp={stamp}&nonce={nonce}");
        (query, sealed)
    }

    /// The query and the body of a post.
    pub fn post(&self, plain: &str, stamp: &str, nonce: &str) -> (String, String) {
        let (query, sealed) = self.seal(plain, stamp, nonce);
        let body = format!(
            "<xml><ToUserName><![CDATA[{}]]></ToUserName><AgentID><![CDATA[1000002]]></AgentID><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>",
            self.corp_id
        );
        (query, body)
    }
}

/// The event of a button that `user` pressed, in plain.
pub fn card_event(corp_id: &str, user: &str, key: &str, task: &str, code: &str, at: i64) -> String {
    format!(
        "<xml><ToUserName><![CDATA[{corp_id}]]></ToUserName><FromUserName><![CDATA[{user}]]></FromUserName><CreateTime>{at}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[template_card_event]]></Event><EventKey><![CDATA[{key}]]></EventKey><TaskId><![CDATA[{task}]]></TaskId><CardType><![CDATA[button_interaction]]></CardType><ResponseCode><![CDATA[{code}]]></ResponseCode><AgentID>1000002</AgentID></xml>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// wire/vectors.json, `wecom_callback.template_card_event`, made with two other implementations.
    #[test]
    fn an_event_is_sealed_and_signed_as_elsewhere() {
        let page = Receiving {
            token: "QDG6eK".to_owned(),
            key: "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".to_owned(),
            corp_id: "wwtestcorp000001".to_owned(),
        };
        let event = card_event(
            "wwtestcorp000001",
            "zhangsan",
            "ack",
            "alert-42",
            "RC1",
            1_795_249_800,
        );
        let (query, sealed) = page.seal(&event, "1795249800", "nonce-1");
        assert!(
            query.starts_with("msg_signature=8beb4a2f957ec0687433cf24119908775b1da9b1&"),
            "{query}"
        );
        assert!(
            sealed.starts_with("sKqRbbiSUnDhFHOvPjtUMcCDo4Sk5htr"),
            "{sealed}"
        );
        assert!(sealed.ends_with("DpBElRhjoYDIbb+"), "{sealed}");
    }
}
