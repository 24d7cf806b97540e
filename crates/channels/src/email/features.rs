//! What a server says it can do: its answer to EHLO (RFC 5321 section 4.1.1.1).
//!
//! The library keeps three mechanisms and three extensions of it; the size and the names of all
//! mechanisms are read here.

/// A server's abilities.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Features {
    /// The mechanisms of AUTH in capitals, in the server's order.
    mechanisms: Vec<String>,
    /// Whether MAIL FROM may say how large the mail is (RFC 1870).
    pub(super) size: bool,
}

impl Features {
    /// From all that was heard up to the end of the answer to EHLO.
    pub(super) fn read(heard: &[u8]) -> Self {
        let mut features = Self::default();
        let text = String::from_utf8_lossy(heard);
        // The greeting has 220, so that lines with 250 are the answer's.
        for line in text.lines().filter(|line| line.starts_with("250")) {
            let line = line.get(4..).unwrap_or_default().to_ascii_uppercase();
            // Old servers write AUTH=LOGIN, as a draft of the extension had it.
            let mut words = line.split(|c: char| c.is_ascii_whitespace() || c == '=');
            match words.next() {
                Some("AUTH") => words.for_each(|word| features.learn(word)),
                Some("SIZE") => features.size = true,
                _ => {}
            }
        }
        features
    }

    fn learn(&mut self, mechanism: &str) {
        if !mechanism.is_empty() && !self.offers(mechanism) {
            self.mechanisms.push(mechanism.to_owned());
        }
    }

    /// Whether AUTH takes this mechanism.
    pub(super) fn offers(&self, mechanism: &str) -> bool {
        self.mechanisms.iter().any(|offered| offered == mechanism)
    }

    /// The mechanisms for a person to read.
    pub(super) fn mechanisms(&self) -> String {
        match self.mechanisms.as_slice() {
            [] => "no AUTH".to_owned(),
            some => format!("AUTH {}", some.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mechanisms_and_size_are_read_in_every_form() {
        let heard = b"220-mx.example ESMTP\r\n220 AUTH here is no offer\r\n250-mx.example\r\n250-SIZE 52428800\r\n\
            250-auth Login plain\r\n250-AUTH=LOGIN NTLM\r\n250 8BITMIME\r\n";
        let features = Features::read(heard);
        assert_eq!(features.mechanisms(), "AUTH LOGIN, PLAIN, NTLM");
        assert!(features.size && features.offers("NTLM") && !features.offers("XOAUTH2"));
        let none = Features::read(b"220 x\r\n250 x\r\n");
        assert_eq!(none, Features::default());
        assert_eq!(none.mechanisms(), "no AUTH");
    }
}
