//! A user's password as the document has it: in clear text, or as a hash of argon2 or bcrypt.

use std::str::FromStr;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, Params};
use aws_lc_rs::{constant_time, digest};
use balefire_core::secret::Secret;

/// Shortest password in clear text, in characters.
const SHORTEST: usize = 8;
/// Longest password that is looked at, in bytes.
const LONGEST: usize = 1024;
/// Most memory that one check of an argon2 hash may take, in KiB.
const MOST_MEMORY: u32 = 256 * 1024;
/// Most passes over that memory.
const MOST_PASSES: u32 = 16;
/// Highest cost of bcrypt: some seconds for one check.
const MOST_COST: u32 = 15;

/// What a user's password is compared with. `Debug` does not show it.
#[derive(Clone, Debug)]
pub struct Password {
    form: Form,
    text: Secret,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Plain,
    Argon2,
    Bcrypt,
}

/// Why a text cannot serve as a password. The text is not in the words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Shorter than eight characters.
    #[error("the password is shorter than {SHORTEST} characters")]
    Short,
    /// Longer than a kilobyte.
    #[error("the password is longer than {LONGEST} bytes")]
    Long,
    /// It begins as a hash does and cannot be read.
    #[error("this begins like a hash of {0} and is none: {1}")]
    Broken(&'static str, String),
    /// It looks like a hash that is not understood.
    #[error("this looks like a hash of a kind that is not understood")]
    Unknown,
    /// A check of it would take too much time or memory.
    #[error("a check of this hash would take too much: {0}")]
    Costly(String),
    /// The system gave no random bytes.
    #[error("no hash could be made: {0}")]
    Failed(String),
}

impl Password {
    /// Reads what stands in the document: `$argon2id$…`, `$2y$…` (as htpasswd and Prometheus' web.yml have
    /// it), else clear text.
    ///
    /// # Errors
    ///
    /// When it is too short or too long, a hash that cannot be read, or one that would be too costly to check.
    pub fn read(text: &str) -> Result<Self, PasswordError> {
        if text.len() > LONGEST {
            return Err(PasswordError::Long);
        }
        let form = if text.starts_with("$argon2") {
            check_argon2(text)?;
            Form::Argon2
        } else if ["$2a$", "$2b$", "$2x$", "$2y$"]
            .iter()
            .any(|mark| text.starts_with(mark))
        {
            check_bcrypt(text)?;
            Form::Bcrypt
        } else if is_some_hash(text) {
            return Err(PasswordError::Unknown);
        } else if text.chars().count() < SHORTEST {
            return Err(PasswordError::Short);
        } else {
            Form::Plain
        };
        let text = Secret::new(text);
        Ok(Self { form, text })
    }

    /// An argon2id hash for the document, with a salt of its own; takes some 20 ms and 19 MiB.
    ///
    /// # Errors
    ///
    /// As [`Password::read`] for clear text.
    pub fn hash(plain: &str) -> Result<String, PasswordError> {
        if plain.len() > LONGEST {
            return Err(PasswordError::Long);
        }
        if plain.chars().count() < SHORTEST {
            return Err(PasswordError::Short);
        }
        let hash = Argon2::default().hash_password(plain.as_bytes());
        hash.map(|hash| hash.to_string())
            .map_err(|error| PasswordError::Failed(error.to_string()))
    }

    /// Whether a check takes milliseconds and megabytes: then it does not belong on the async runtime.
    pub fn is_hash(&self) -> bool {
        self.form != Form::Plain
    }

    /// What it was read from: the same text, the same password.
    pub const fn text(&self) -> &Secret {
        &self.text
    }

    /// Whether this is the password. The time does not depend on where two differ; with a hash it takes
    /// the time that the hash asks for.
    pub fn matches(&self, shown: &str) -> bool {
        if shown.len() > LONGEST {
            return false;
        }
        let text = self.text.reveal();
        match self.form {
            Form::Plain => same(text, shown),
            Form::Argon2 => PasswordHash::new(text).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(shown.as_bytes(), &hash)
                    .is_ok()
            }),
            Form::Bcrypt => bcrypt::verify(shown, text).unwrap_or(false),
        }
    }
}

fn same(a: &str, b: &str) -> bool {
    let digest = |text: &str| digest::digest(&digest::SHA256, text.as_bytes());
    constant_time::verify_slices_are_equal(digest(a).as_ref(), digest(b).as_ref()).is_ok()
}

fn check_argon2(text: &str) -> Result<(), PasswordError> {
    let broken = |why: String| PasswordError::Broken("argon2", why);
    let hash = PasswordHash::new(text).map_err(|error| broken(error.to_string()))?;
    argon2::Algorithm::from_str(hash.algorithm.as_str())
        .map_err(|error| broken(error.to_string()))?;
    let params = Params::try_from(&hash).map_err(|error| broken(error.to_string()))?;
    if hash.salt.is_none() || hash.hash.is_none() {
        return Err(broken("it ends before the hash itself".to_owned()));
    }
    if params.m_cost() > MOST_MEMORY || params.t_cost() > MOST_PASSES {
        let why = format!("at most m={MOST_MEMORY} and t={MOST_PASSES} are taken");
        return Err(PasswordError::Costly(why));
    }
    Ok(())
}

fn check_bcrypt(text: &str) -> Result<(), PasswordError> {
    let parts = bcrypt::HashParts::from_str(text)
        .map_err(|error| PasswordError::Broken("bcrypt", error.to_string()))?;
    if parts.get_cost() > MOST_COST {
        let why = format!("at most cost {MOST_COST} is taken");
        return Err(PasswordError::Costly(why));
    }
    Ok(())
}

/// Whether somebody has pasted what another program calls a password hash: crypt's `$6$…`, `$apr1$…`,
/// LDAP's `{SSHA}…`.
fn is_some_hash(text: &str) -> bool {
    let crypt = text
        .strip_prefix('$')
        .and_then(|rest| rest.split_once('$'))
        .is_some_and(|(name, rest)| {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
            !name.is_empty() && name.len() <= 16 && name.chars().all(plain) && rest.len() >= 16
        });
    crypt || text.starts_with("{SHA}") || text.starts_with("{SSHA}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `correct-horse`, as Python's bcrypt and htpasswd -B write it (cost 4, so that the test is quick).
    fn bcrypt_of(plain: &str, version: bcrypt::Version) -> String {
        let parts = bcrypt::hash_with_result(plain, 4).expect("a hash");
        parts.format_for_version(version)
    }

    #[test]
    fn a_password_matches_itself_in_every_form_and_nothing_else_does() {
        let texts = [
            "correct-horse".to_owned(),
            Password::hash("correct-horse").expect("a hash"),
            bcrypt_of("correct-horse", bcrypt::Version::TwoY),
            bcrypt_of("correct-horse", bcrypt::Version::TwoB),
        ];
        for (index, text) in texts.iter().enumerate() {
            let password = Password::read(text).expect("a password");
            assert_eq!(password.is_hash(), index > 0, "{text}");
            assert!(password.matches("correct-horse"), "{text}");
            for wrong in ["", "correct-horsf", "Correct-horse", "correct-horse ", text] {
                assert!(
                    !password.matches(wrong) || wrong == "correct-horse",
                    "{text}: {wrong}"
                );
            }
            assert!(!password.matches(&"x".repeat(LONGEST + 1)));
            assert!(!format!("{password:?}").contains("horse"));
        }
    }

    #[test]
    fn hashes_of_other_programs_are_understood() {
        for (hash, plain) in [
            // The example of Prometheus' documentation of web.yml.
            (
                "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay",
                "test",
            ),
            // The argon2 reference implementation's own test.
            (
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "password",
            ),
        ] {
            let password = Password::read(hash).expect("a hash");
            assert!(password.matches(plain), "{hash}");
            assert!(!password.matches("another"), "{hash}");
        }
    }

    #[test]
    fn two_hashes_of_one_password_differ() {
        let hash = || Password::hash("correct-horse").expect("a hash");
        assert_ne!(hash(), hash());
        assert_eq!(Password::hash("short"), Err(PasswordError::Short));
    }

    #[test]
    fn what_would_let_nobody_in_or_anybody_is_refused() {
        use PasswordError::{Broken, Costly, Long, Short, Unknown};
        let long = "x".repeat(LONGEST + 1);
        let costly = "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        let bcrypt = "$2y$31$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay";
        for (text, expected) in [
            ("", "short"),
            ("1234567", "short"),
            (long.as_str(), "long"),
            ("$argon2id$v=19$m=256", "broken"),
            ("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ", "broken"),
            (
                "$argon2x$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR",
                "broken",
            ),
            ("$2y$10$tooshort", "broken"),
            (
                "$6$salt1234$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2",
                "unknown",
            ),
            ("$apr1$salt1234$8bWQYqOA3yV2T4iZ5M0n1/", "unknown"),
            ("{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3", "unknown"),
            (costly, "costly"),
            (bcrypt, "costly"),
        ] {
            let found = match Password::read(text) {
                Ok(_) => "good",
                Err(Short) => "short",
                Err(Long) => "long",
                Err(Broken(..)) => "broken",
                Err(Unknown) => "unknown",
                Err(Costly(_)) => "costly",
                Err(PasswordError::Failed(_)) => "failed",
            };
            assert_eq!(found, expected, "{text}");
        }
        assert!(Password::read("$dollar$ in a password").is_ok());
    }
}
