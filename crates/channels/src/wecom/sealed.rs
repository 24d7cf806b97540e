//! What WeCom seals and signs when it calls us: 16 random bytes, the text's length, the text, and for whom it is.

use base64::Engine as _;
use base64::alphabet::STANDARD as LETTERS;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use crate::envelope::{self, BLOCK};
use crate::sign::sha1_hex;

/// Letters of a key; an `=` is left out at its end.
pub(super) const KEY_LETTERS: usize = 43;
/// The padding fills blocks of so many bytes.
const PADDED: usize = 32;
/// Random bytes before the length.
const RANDOM: usize = 16;

/// A key's last letter may carry bits that belong to no byte.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &LETTERS,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// What was sealed.
pub(super) struct Sealed {
    /// The text.
    pub(super) text: Vec<u8>,
    /// For whom it is: the company's id.
    pub(super) receiver: Vec<u8>,
}

impl Sealed {
    /// Opens it with an `EncodingAESKey`.
    pub(super) fn open(key: &str, sealed: &str) -> Option<Self> {
        let key: [u8; 32] = aes_key(key)?;
        let vector = key.first_chunk::<BLOCK>()?;
        let bytes = STANDARD.decode(sealed).ok()?;
        let bytes = envelope::open(&key, *vector, &bytes, PADDED)?;
        let (_, rest) = bytes.split_at_checked(RANDOM)?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (text, receiver) = rest.split_at_checked(length)?;
        Some(Self {
            text: text.to_vec(),
            receiver: receiver.to_vec(),
        })
    }
}

/// The key's 32 bytes; `None` for what is no key.
pub(super) fn aes_key(key: &str) -> Option<[u8; 32]> {
    let whole = (key.len() == KEY_LETTERS).then(|| format!("{key}="))?;
    LENIENT.decode(whole).ok()?.try_into().ok()
}

/// SHA-1 of the four texts in the order of their letters.
pub(super) fn signature(token: &str, stamp: &str, nonce: &str, sealed: &str) -> String {
    let mut parts = [token, stamp, nonce, sealed];
    parts.sort_unstable();
    sha1_hex(parts.concat().as_bytes())
}

/// The text of the first element of this name, in CDATA or not. WeCom's documents are flat, with every element once, and
/// what is read of them is verified or checked.
pub(super) fn element<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let from = xml.find(&open)? + open.len();
    let inner = &xml[from..];
    let inner = inner[..inner.find(&close)?].trim();
    let data = inner.strip_prefix("<![CDATA[");
    Some(data.map_or(inner, |data| data.strip_suffix("]]>").unwrap_or(data)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::sdk::{cases, text};

    const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    const ECHO: &str =
        "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==";

    #[test]
    fn wecoms_own_vector_is_signed_and_opened() {
        let sign = signature("QDG6eK", "1409659589", "263014780", ECHO);
        assert_eq!(sign, "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3");
        let opened = Sealed::open(KEY, ECHO).expect("opened");
        assert_eq!(opened.text, b"1616140317555161061");
        assert_eq!(opened.receiver, b"wx5823bf96d3bd56c7");
    }

    /// The example of a text that somebody wrote, by the same page.
    const WRITTEN: &str = concat!(
        "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg",
        "3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+k",
        "DZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6ti",
        "WSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p",
        "8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==",
    );

    #[test]
    fn the_text_in_wecoms_own_vector_is_signed_and_opened() {
        let sign = signature("QDG6eK", "1409659813", "1372623149", WRITTEN);
        assert_eq!(sign, "477715d11cdb4164915debcba66cb864d751f3e6");
        let opened = Sealed::open(KEY, WRITTEN).expect("opened");
        let xml = String::from_utf8(opened.text).expect("a text");
        assert_eq!(element(&xml, "Content"), Some("hello"));
        assert_eq!(element(&xml, "FromUserName"), Some("mycreate"));
        assert_eq!(opened.receiver, b"wx5823bf96d3bd56c7");
    }

    /// DingTalk's events are sealed the same way.
    #[test]
    fn dingtalks_vector_is_signed_and_opened() {
        let sealed = "YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==";
        let sign = signature("123456", "1614767836", "A7Co0cJLMzIDtMMI", sealed);
        assert_eq!(sign, "9a95a004dd16f5c307e849b994173f76aa26e5eb");
        let opened = Sealed::open("1234567890123456789012345678901234567890123", sealed);
        let opened = opened.expect("opened");
        assert_eq!(
            (&*opened.text, &*opened.receiver),
            (&b"success"[..], &b"dingsnotzck6pm5veliw"[..])
        );
    }

    #[test]
    fn what_is_damaged_is_not_opened_and_nothing_panics() {
        for at in 0..ECHO.len() {
            let mut damaged = ECHO.as_bytes().to_vec();
            damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(damaged).expect("letters");
            // The first block's damage stays in the random bytes; no other gives the same text for the same company.
            let same = Sealed::open(KEY, &damaged).is_some_and(|opened| {
                opened.text == b"1616140317555161061" && opened.receiver == b"wx5823bf96d3bd56c7"
            });
            assert!(!same || at < 22, "{at}");
        }
        for short in ["", "AAAA", &ECHO[..44], "no base64!"] {
            assert!(Sealed::open(KEY, short).is_none(), "{short}");
        }
        for key in [
            "",
            &KEY[..42],
            "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2!",
        ] {
            assert!(Sealed::open(key, ECHO).is_none(), "{key}");
        }
    }

    #[test]
    fn elements_are_read_with_and_without_cdata() {
        let xml = "<xml><A><![CDATA[x<y]]></A><B> 7 </B><C/><D></xml>";
        assert_eq!(element(xml, "A"), Some("x<y"));
        assert_eq!(element(xml, "B"), Some("7"));
        assert_eq!(element(xml, "C"), None);
        assert_eq!(element(xml, "D"), None);
    }

    #[test]
    fn what_wechatpy_seals_is_opened_and_signed_the_same() {
        for case in cases("wecom") {
            let sealed = text(&case, "sealed");
            let sign = signature(
                text(&case, "token"),
                text(&case, "at"),
                text(&case, "nonce"),
                sealed,
            );
            assert_eq!(sign, text(&case, "signature"), "{case}");
            let opened = Sealed::open(text(&case, "key"), sealed).expect("opened");
            assert_eq!(opened.text, text(&case, "text").as_bytes(), "{case}");
            assert_eq!(opened.receiver, text(&case, "corp").as_bytes(), "{case}");
        }
    }
}
