//! The key that links are signed with.

use std::fmt;

use aws_lc_rs::{constant_time, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_encoding::BASE32_NOPAD;

use super::claim::Claim;

/// Bytes of a key.
const KEY: usize = 32;
/// Bytes of a signature, of HMAC-SHA256's 32 (RFC 2104, section 5): 2¹²⁸ guesses, and a link that fits a text message.
const SIGNATURE: usize = 16;
/// What a token begins with; another form of claims would be another number.
const FORM: u8 = 1;
/// Longest token that is looked at, in characters; a person's key is the only part that has no length of its own.
const LONGEST: usize = 1_024;

/// The key of a deployment.
#[derive(PartialEq, Eq)]
pub(super) struct Key([u8; KEY]);

impl Key {
    /// A new one; `None` without randomness from the system.
    pub(super) fn made() -> Option<Self> {
        let mut bytes = [0; KEY];
        rand::fill(&mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// Reads what [`Self::text`] wrote.
    pub(super) fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// As it is kept.
    pub(super) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The token of a claim.
    pub(super) fn sign(&self, claim: &Claim) -> String {
        URL_SAFE_NO_PAD.encode(self.sealed(claim))
    }

    /// The same in letters that no mail program changes and that fit the name of a mailbox (64, RFC 5321).
    pub(super) fn sign_for_mail(&self, claim: &Claim) -> String {
        BASE32_NOPAD
            .encode(&self.sealed(claim))
            .to_ascii_lowercase()
    }

    fn sealed(&self, claim: &Claim) -> Vec<u8> {
        let mut bytes = vec![FORM];
        // Every part serialises without a failure of its own.
        bytes.extend(postcard::to_allocvec(claim).unwrap_or_default());
        let signature = self.signature(&bytes);
        bytes.extend(signature);
        bytes
    }

    /// The claim of a token, if it was signed with this key.
    pub(super) fn open(&self, token: &str) -> Option<Claim> {
        if token.len() > LONGEST {
            return None;
        }
        self.opened(&URL_SAFE_NO_PAD.decode(token).ok()?)
    }

    /// The same of a token for a mail.
    pub(super) fn open_from_mail(&self, token: &str) -> Option<Claim> {
        if token.len() > LONGEST {
            return None;
        }
        let capitals = token.to_ascii_uppercase();
        self.opened(&BASE32_NOPAD.decode(capitals.as_bytes()).ok()?)
    }

    fn opened(&self, bytes: &[u8]) -> Option<Claim> {
        let (said, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE)?)?;
        constant_time::verify_slices_are_equal(signature, &self.signature(said)).ok()?;
        let (form, claim) = said.split_first()?;
        if *form != FORM {
            return None;
        }
        postcard::from_bytes(claim).ok()
    }

    fn signature(&self, said: &[u8]) -> [u8; SIGNATURE] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let whole = hmac::sign(&key, said);
        std::array::from_fn(|at| whole.as_ref().get(at).copied().unwrap_or_default())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}
